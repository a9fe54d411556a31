"""Clearances: the wider of two agreements counts, and who has none gets the default."""

from dataclasses import replace

from comity.agreement.resolve import Case
from comity.airspace.clearance import Clearance
from comity.intake.terms import agreed, clearance_between, widest_clearance
from comity.model.agreement import DEFAULT, Parameters
from tests.intake.table import Party, Table, origin_of

WIDE = replace(DEFAULT, clearance_lateral_mm=20_000_000)
HIGH = replace(DEFAULT, clearance_vertical_mm=2_000_000, clearance_time_us=600_000_000)


def clearance_of(numbers: Parameters) -> Clearance:
    return Clearance(
        lateral_mm=numbers.clearance_lateral_mm,
        vertical_mm=numbers.clearance_vertical_mm,
        time_us=numbers.clearance_time_us,
    )


def between(party: Party, one: str, other: str) -> Clearance:
    found = party.read(lambda r: agreed(r, party.origin, party.table.now_us))
    clearance, rulings = clearance_between(found, (one, other), (Case(), Case()))
    assert [ruling.value for ruling in rulings] == [
        clearance.lateral_mm,
        clearance.vertical_mm,
        clearance.time_us,
    ]
    return clearance


def test_the_wider_counts(table: Table) -> None:
    host = table.seat("host")
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    table.join(host, alpha, WIDE)
    table.join(host, bravo, HIGH)
    own = host.origin
    both = Clearance(lateral_mm=20_000_000, vertical_mm=2_000_000, time_us=600_000_000)
    assert between(host, own, alpha.origin) == clearance_of(WIDE)
    assert between(host, alpha.origin, own) == clearance_of(WIDE)
    assert between(host, own, bravo.origin) == clearance_of(HIGH)
    assert between(host, alpha.origin, bravo.origin) == both
    found = host.read(lambda r: agreed(r, own, table.now_us))
    assert widest_clearance(found) == both


def test_who_has_no_terms_gets_the_default(table: Table) -> None:
    host = table.seat("host")
    assert between(host, host.origin, origin_of("stranger")) == clearance_of(DEFAULT)
    found = host.read(lambda r: agreed(r, host.origin, table.now_us))
    assert widest_clearance(found) == clearance_of(DEFAULT)
