"""Reports on hazards: side by side by arrival, none deciding, as far onward as the hazard may."""

from dataclasses import replace

import pytest

from comity.intake.file_report import file_report
from comity.intake.order import DeclareOrder, MoveOrder
from comity.intake.purge import purge
from comity.intake.receive import declare
from comity.model.agreement import DEFAULT
from comity.model.fault import Malformed, Refused
from comity.model.lifecycle import LifeState
from comity.model.notice import Code, Confidence, Onward
from comity.model.report import HazardReport, Stance
from comity.model.volume import Volume4D
from comity.storage.rows import PurgeRow
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import parse_fields
from comity.wire.limits import REPORTS_MAX, REPORTS_STRAY_MAX
from comity.wire.report_v1 import fields_of_report, report_from
from tests.intake.table import Party, Table
from tests.model.samples import NOON_US, declaration, volume
from tests.model.saying_no import says_no

Three = tuple[Party, Party, Party]
FULL = declaration(code=Code.HAZARD, onward=Onward.FULL)


@pytest.fixture
def three(table: Table) -> Three:
    """Alpha, bravo and host: each knows each."""
    alpha, bravo, host = (table.seat(name) for name in ("alpha", "bravo", "host"))
    for one, other in ((alpha, bravo), (alpha, host), (bravo, host)):
        table.join(one, other)
    return alpha, bravo, host


def said(of: bytes, stance: Stance = Stance.CONTRADICTS, *volumes: Volume4D) -> HazardReport:
    return HazardReport(
        of=of,
        stance=stance,
        source=f"own post, {stance}",
        confidence=Confidence.PROBABLE,
        volumes=volumes,
    )


def reports(here: Party, report: HazardReport, *to: Party) -> bytes:
    origins = tuple(party.origin for party in to)
    row = here.do(lambda tx, pen: file_report(tx, pen, report, origins))
    here.table.hand_over()
    return row.id


def listed(party: Party, of: bytes) -> list[tuple[str, Stance]]:
    rows = party.read(lambda r: r.reports.reports_of(of))
    assert [row.number for row in rows] == [*range(len(rows))]
    return [(row.by.split(".")[0], report_from(parse_fields(row.content)).stance) for row in rows]


def kinds(party: Party) -> list[tuple[str, str | None]]:
    return [(row.kind, row.party) for row in party.warnings()]


def test_reports_that_contradict_each_other_stand_side_by_side(three: Three, table: Table) -> None:
    alpha, bravo, host = three
    of = alpha.declare(FULL, bravo, host).subject
    reports(bravo, said(of), alpha, host)
    reports(host, said(of, Stance.SUPPORTS), alpha, bravo)
    reports(bravo, said(of, Stance.NARROWS, volume(lat=35.6, radius_m=5_000)), alpha, host)
    assert table.verdicts(bravo, alpha)[-1] == (EntryType.REPORT, "accepted")
    in_order = [
        ("bravo", Stance.CONTRADICTS),
        ("host", Stance.SUPPORTS),
        ("bravo", Stance.NARROWS),
    ]
    assert [listed(party, of) for party in three] == [in_order] * 3


def test_a_contradicted_hazard_stays_in_force_and_people_are_told(three: Three) -> None:
    alpha, bravo, host = three
    of = alpha.declare(FULL, bravo, host).subject
    bravo.declare(declaration(code=Code.PROTECT), alpha)
    reports(bravo, said(of), alpha, host)
    assert alpha.subject(of).state == LifeState.DECLARED
    assert len(alpha.read(lambda r: r.sky.conflicts_of(of))) == 1  # it goes on counting
    for party in (alpha, host):
        assert ("hazard_contradicted", bravo.origin) in kinds(party)
    assert all(kind != "hazard_contradicted" for kind, _ in kinds(bravo))  # it knows what it said
    [text] = [row.text for row in host.warnings() if row.kind == "hazard_contradicted"]
    assert text == (
        f"bravo contradicts hazard {of.hex()[:8]} of alpha (probable); it stays in force"
    )
    alpha.move(MoveOrder(subject=of, code=Code.END, at_us=NOON_US))
    for party in (alpha, host):
        assert all(kind != "hazard_contradicted" for kind, _ in kinds(party))
    assert listed(alpha, of) == [("bravo", Stance.CONTRADICTS)]  # what was said was said


def test_a_report_that_comes_before_its_hazard_is_shown_with_it(three: Three, table: Table) -> None:
    alpha, bravo, host = three
    order = DeclareOrder(notice=FULL, to=(bravo.origin, host.origin))
    of = alpha.do(lambda tx, pen: declare(tx, pen, order)).subject
    table._carry(alpha, bravo.origin)  # host's line is down
    bravo.do(lambda tx, pen: file_report(tx, pen, said(of), (host.origin,)))
    table._carry(bravo, host.origin)
    assert table.verdicts(bravo, host)[-1] == (EntryType.REPORT, "accepted")
    assert kinds(host) == []
    table.hand_over()
    assert listed(host, of) == [("bravo", Stance.CONTRADICTS)]
    assert ("hazard_contradicted", bravo.origin) in kinds(host)


def test_a_report_of_ones_own_may_be_kept_at_home(three: Three, table: Table) -> None:
    alpha, bravo, _ = three
    of = alpha.declare(FULL, bravo).subject
    before = len(table.between(alpha, bravo))
    reports(alpha, said(of, Stance.SUPPORTS))
    assert len(table.between(alpha, bravo)) == before
    assert listed(alpha, of) == [("alpha", Stance.SUPPORTS)]
    assert listed(bravo, of) == []


@pytest.mark.parametrize(
    ("onward", "area", "code"),
    [
        (Onward.NONE, (), "onward_none"),
        (Onward.NONE, (volume(lat=35.6, radius_m=5_000),), "onward_none"),
        (Onward.DERIVED, (), None),
        (Onward.DERIVED, (volume(),), "taken_from_notice"),
        (Onward.DERIVED, (volume(lat=35.6, radius_m=5_000, start_us=NOON_US + 7),), None),
        (Onward.FULL, (volume(),), None),
    ],
)
def test_a_report_goes_to_others_as_far_as_the_hazard_may(
    three: Three, onward: Onward, area: tuple[Volume4D, ...], code: str | None
) -> None:
    alpha, bravo, host = three
    of = alpha.declare(declaration(code=Code.HAZARD, onward=onward), bravo).subject
    report = said(of, Stance.CONTRADICTS, *area)
    if code is None:
        reports(bravo, report, alpha, host)
        assert listed(host, of) == [("bravo", Stance.CONTRADICTS)]
        return
    with says_no(code, Refused):
        reports(bravo, report, alpha, host)
    assert listed(bravo, of) == listed(host, of) == []
    reports(bravo, report, alpha)  # its owner knows it anyway
    assert listed(alpha, of) == [("bravo", Stance.CONTRADICTS)]


def test_only_hazards_are_reported_on(three: Three, table: Table) -> None:
    alpha, bravo, _ = three
    operation = alpha.declare(declaration(), bravo).subject
    for of in (operation, bytes(32)):
        with says_no("not_found", Refused):
            reports(bravo, said(of), alpha)
    fields = fields_of_report(said(operation))
    bravo.do(lambda _, pen: pen.write_content(EntryType.REPORT, alpha.origin, pen.seal(fields)))
    table.hand_over()
    assert table.verdicts(bravo, alpha)[-1] == (EntryType.REPORT, "not_found")


def test_an_area_of_a_report_is_no_position(three: Three) -> None:
    alpha, bravo, _ = three
    of = alpha.declare(FULL, bravo).subject
    with says_no("area_too_small", Refused):
        reports(bravo, said(of, Stance.NARROWS, volume(radius_m=999)), alpha)
    with says_no("no_area", Malformed):
        said(of, Stance.NARROWS)


def test_a_report_passes_without_an_agreement(table: Table) -> None:
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    table.enrol(alpha, bravo)
    table.enrol(bravo, alpha, replace(DEFAULT, heartbeat_us=DEFAULT.heartbeat_us * 2))
    table.hand_over()
    of = alpha.declare(FULL, bravo).subject
    reports(bravo, said(of), alpha)
    assert listed(alpha, of) == [("bravo", Stance.CONTRADICTS)]


def test_a_party_reports_so_often_and_no_more(three: Three, table: Table) -> None:
    alpha, bravo, _ = three
    of = alpha.declare(FULL, bravo).subject
    for _ in range(REPORTS_MAX):
        reports(bravo, said(of), alpha)
    with says_no("too_many_reports", Refused):
        reports(bravo, said(of), alpha)
    fields = fields_of_report(said(of))
    bravo.do(lambda _, pen: pen.write_content(EntryType.REPORT, alpha.origin, pen.seal(fields)))
    table.hand_over()
    assert table.verdicts(bravo, alpha)[-1] == (EntryType.REPORT, "too_many_reports")


def test_reports_of_hazards_that_are_unknown_are_so_many_and_no_more(
    three: Three, table: Table
) -> None:
    alpha, bravo, _ = three
    for number in range(REPORTS_STRAY_MAX + 1):
        fields = fields_of_report(said(number.to_bytes(32, "big")))
        bravo.do(
            lambda _, pen, f=fields: pen.write_content(  # type: ignore[misc]
                EntryType.REPORT, alpha.origin, pen.seal(f)
            )
        )
    table.hand_over()
    verdicts = [verdict for _, verdict in table.verdicts(bravo, alpha)]
    assert verdicts.count("too_many_reports") == 1
    assert alpha.read(lambda r: r.reports.strays(bravo.origin)) == REPORTS_STRAY_MAX
    order = PurgeRow(
        id=bytes(32),
        before_us=table.now_us + 1,
        notice=None,
        proposed_by=bytes(32),
        proposed_us=table.now_us,
        confirmed_by=None,
        done_us=None,
    )
    alpha.do(lambda tx, pen: purge(tx, pen, order, ("a", "b")))
    assert alpha.read(lambda r: r.reports.strays(bravo.origin)) == 0


def test_a_purge_takes_the_reports_on_a_hazard(three: Three, table: Table) -> None:
    alpha, bravo, _ = three
    of = alpha.declare(FULL, bravo).subject
    reports(bravo, replace(said(of), source="heron"), alpha)
    alpha.move(MoveOrder(subject=of, code=Code.END, at_us=table.now_us))
    order = PurgeRow(
        id=bytes(32),
        before_us=None,
        notice=of,
        proposed_by=bytes(32),
        proposed_us=table.now_us,
        confirmed_by=None,
        done_us=None,
    )
    for party in (alpha, bravo):
        party.do(lambda tx, pen: purge(tx, pen, order, ("a", "b")))
        left = b"".join(each.fields for each in party.read(lambda r: [*r.journal.openings()]))
        assert b"heron" not in left
        assert listed(party, of) == []
        assert party.read(lambda r: r.reports.next_lapse()) is None
