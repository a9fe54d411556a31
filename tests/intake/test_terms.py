"""Clearances: the wider of two agreements counts, and who has none gets the default."""

from dataclasses import replace

from comity.airspace.clearance import Clearance
from comity.intake.terms import clearance_between, clearance_of, parameters_with
from comity.model.agreement import DEFAULT, Parameters
from tests.intake.table import Table, origin_of

WIDE = replace(DEFAULT, clearance_lateral_mm=20_000_000)
HIGH = replace(DEFAULT, clearance_vertical_mm=2_000_000, clearance_time_us=600_000_000)


def test_a_clause_becomes_a_clearance() -> None:
    numbers = Parameters(clearance_lateral_mm=1, clearance_vertical_mm=2, clearance_time_us=3)
    assert clearance_of(numbers) == Clearance(lateral_mm=1, vertical_mm=2, time_us=3)


def test_the_wider_counts(table: Table) -> None:
    host = table.seat("host")
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    table.join(host, alpha, WIDE)
    table.join(host, bravo, HIGH)
    own = host.origin

    def between(owners: tuple[str, str] | None) -> Clearance:
        return host.read(lambda r: clearance_between(r, own, owners))

    both = Clearance(lateral_mm=20_000_000, vertical_mm=2_000_000, time_us=600_000_000)
    assert between((own, alpha.origin)) == between((alpha.origin, own)) == clearance_of(WIDE)
    assert between((own, bravo.origin)) == clearance_of(HIGH)
    assert between((alpha.origin, bravo.origin)) == between(None) == both


def test_who_has_no_terms_gets_the_default(table: Table) -> None:
    host = table.seat("host")
    stranger = origin_of("stranger")
    assert host.read(lambda r: parameters_with(r, stranger)) is None
    found = host.read(lambda r: clearance_between(r, host.origin, (host.origin, stranger)))
    nobody = host.read(lambda r: clearance_between(r, host.origin, None))
    assert found == nobody == clearance_of(DEFAULT)
