"""Declaring: what is written for whom, what is kept at home, and what a peer may hand over."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings

from comity.airspace.heights import with_heights
from comity.intake.receive import check_areas
from comity.intake.subject import declaration_of
from comity.model.fault import Refused
from comity.model.given import GivenHeights, HeightDatum, HeightLimit, Qnh
from comity.model.notice import Amendment, Code, Craft, Declaration, Domain, Notice, Onward, Purpose
from comity.model.quantity import SECOND_US
from comity.model.volume import HeightBand, Polygon, Uncertainty, Volume4D
from comity.trust.envelope import seal_own
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import parse_fields, serialise_fields
from comity.wire.notice_v1 import fields_of
from tests.airspace.samples import at
from tests.intake.table import MORNING_US, Party, Table
from tests.model.samples import MINUTE_US, NOON_US, declaration, notices, volume
from tests.model.saying_no import says_no

pytestmark = pytest.mark.timeout(120)  # seconds: the long profile draws 2,000 examples


@pytest.fixture
def three(table: Table) -> tuple[Party, Party, Party]:
    """Alpha, bravo and host, all agreed with bravo; alpha and host do not know each other."""
    alpha, bravo, host = (table.seat(name) for name in ("alpha", "bravo", "host"))
    table.join(alpha, bravo)
    table.join(bravo, host)
    return alpha, bravo, host


Three = tuple[Party, Party, Party]


def test_a_declaration_is_one_id_and_an_entry_for_each(three: Three) -> None:
    alpha, bravo, host = three
    outcome = bravo.declare(declaration(name="night"), alpha, host)
    assert [w.entry.audience for w in outcome.written] == [alpha.origin, host.origin]
    assert len({w.leaf for w in outcome.written}) == 2
    assert outcome.notice == outcome.subject
    for party in three:
        row = party.subject(outcome.subject)
        assert row.owner == bravo.origin
        assert row.ours is (party is bravo)
        assert declaration_of(row) == declaration(name="night")
        assert row.delivered_us == (None if party is bravo else MORNING_US)
    assert bravo.subject(outcome.subject).recipients.split() == [alpha.origin, host.origin]
    assert alpha.subject(outcome.subject).recipients == ""  # who else was told is not told


def test_without_recipients_it_stays_at_home(three: Three, table: Table) -> None:
    _, bravo, _ = three
    outcome = bravo.declare(declaration())
    [written] = outcome.written
    assert written.entry.audience == bravo.origin
    assert bravo.read(lambda r: [r.post.outbox_count(p.origin) for p in three]) == [0, 0, 0]
    assert all(kind is EntryType.AGREEMENT for kind, _ in table.verdicts(bravo, three[0]))


def test_a_convoy_on_short_notice_is_taken_and_flagged_on_both_sides(three: Three) -> None:
    alpha, bravo, _ = three
    legs = (volume(), volume(start_us=NOON_US + 50 * MINUTE_US))
    convoy = replace(
        declaration(*legs, code=Code.PROTECT),
        purpose=Purpose.HUMANITARIAN,
        domain=Domain.GROUND,
    )
    outcome = bravo.declare(convoy, alpha)
    assert outcome.flags == ("below_foreseeable_lead", "below_humanitarian_lead")
    for party in (alpha, bravo):
        row = party.subject(outcome.subject)
        assert sorted(row.grounds.split("\n")) == [
            "by clause block of terms, version 1, lead_foreseeable_us is 2 d; it had 1 h",
            "by clause block of terms, version 1, lead_humanitarian_us is 1 d; it had 1 h",
        ]
        assert party.warnings() == []


def test_a_refused_declaration_leaves_nothing(three: Three) -> None:
    alpha, bravo, host = three
    size = bravo.read(lambda r: r.journal.size())
    with says_no("unknown_party", Refused):
        alpha.declare(declaration(), bravo, host)
    with says_no("area_too_small", Refused):
        bravo.declare(declaration(volume(radius_m=999), code=Code.PROTECT), alpha)
    with says_no("expired", Refused):
        bravo.declare(declaration(volume(start_us=NOON_US - 999 * MINUTE_US)), alpha)
    assert bravo.read(lambda r: (r.journal.size(), r.sky.live_counts())) == (size, {})
    assert bravo.read(lambda r: r.post.outbox_count(alpha.origin)) == 0


@pytest.mark.parametrize(
    ("corners", "code"),
    [
        (((0, 0), (0, 1), (0, 0.5)), "zero_area"),
        (((0, 0), (1, 1), (0, 1), (1, 0)), "self_crossing"),
        (((0, 0), (0, 0), (1, 1), (0, 1)), "duplicate_vertex"),
        (((0, 0), (60, 0), (0, 60)), "too_wide"),
    ],
)
def test_what_is_no_area_is_refused_on_both_sides(
    three: Three, corners: tuple[tuple[float, float], ...], code: str
) -> None:
    alpha, bravo, _ = three
    ring = Polygon(vertices=tuple(at(*corner) for corner in corners))
    notice = declaration(replace(volume(), footprint=ring))
    with says_no(code):
        check_areas(notice.volumes, MORNING_US)
    with says_no(code):
        alpha.declare(notice, bravo)


def test_a_peers_geometry_is_not_believed_unseen(three: Three, table: Table) -> None:
    alpha, bravo, _ = three
    ring = Polygon(vertices=(at(0, 0), at(1, 1), at(0, 1), at(1, 0)))
    notice = declaration(replace(volume(), footprint=ring))
    write_unchecked(alpha, bravo, serialise_fields(fields_of(notice)))
    table.hand_over()
    assert table.verdicts(alpha, bravo)[-1] == (EntryType.NOTICE, "self_crossing")
    assert bravo.read(lambda r: r.sky.live_counts()) == {}


LEVELS = GivenHeights(
    lower=HeightLimit(datum=HeightDatum.MSL, height_mm=0),
    upper=HeightLimit(datum=HeightDatum.FLIGHT_LEVEL, height_mm=5_943_600),
    qnh=Qnh(pressure_pa=100_800, at_us=MORNING_US),
)


def leveled(given: GivenHeights = LEVELS) -> Volume4D:
    plain = volume()
    return with_heights(plain.footprint, given, plain.window, Uncertainty())


def test_given_heights_reach_the_other_side_as_they_were_given(three: Three) -> None:
    alpha, bravo, _ = three
    notice = declaration(leveled())
    outcome = alpha.declare(notice, bravo)
    for party in (alpha, bravo):
        assert declaration_of(party.subject(outcome.subject)) == notice


@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        (replace(leveled(), uncertainty=Uncertainty()), "heights_disagree"),
        (replace(leveled(), heights=volume().heights, given=LEVELS), "accepted"),
        (
            replace(leveled(), heights=HeightBand(lower_mm=2_000_000, upper_mm=9_000_000)),
            "heights_disagree",
        ),
        (
            leveled(
                replace(LEVELS, qnh=Qnh(pressure_pa=100_800, at_us=MORNING_US + 301 * SECOND_US))
            ),
            "qnh_from_future",
        ),
        (
            leveled(
                replace(LEVELS, qnh=Qnh(pressure_pa=100_800, at_us=MORNING_US + 300 * SECOND_US))
            ),
            "accepted",
        ),
        (
            replace(leveled(), window=replace(volume().window, end_us=NOON_US + 1_500 * MINUTE_US)),
            "qnh_too_old",
        ),
    ],
)
def test_given_heights_are_converted_again_on_both_sides(
    three: Three, table: Table, spoilt: Volume4D, code: str
) -> None:
    alpha, bravo, _ = three
    notice = declaration(spoilt)
    if code != "accepted":
        with says_no(code):
            alpha.declare(notice, bravo)
    write_unchecked(alpha, bravo, serialise_fields(fields_of(notice)))
    table.hand_over()
    assert table.verdicts(alpha, bravo)[-1] == (EntryType.NOTICE, code)


def test_an_amendment_is_converted_again(three: Three, table: Table) -> None:
    alpha, bravo, _ = three
    outcome = alpha.declare(declaration(), bravo)
    amended = Amendment(of=outcome.notice, volumes=(replace(leveled(), uncertainty=Uncertainty()),))
    write_unchecked(alpha, bravo, serialise_fields(fields_of(amended)))
    table.hand_over()
    assert table.verdicts(alpha, bravo)[-1] == (EntryType.NOTICE, "heights_disagree")


def write_unchecked(sender: Party, to: Party, content: bytes) -> None:
    """What a dishonest node would write: past its own desk."""
    fields = parse_fields(content)
    sender.do(lambda _, pen: pen.write_content(EntryType.NOTICE, to.origin, pen.seal(fields)))


def test_the_same_content_is_declared_once(three: Three) -> None:
    alpha, bravo, _ = three
    outcome = alpha.declare(declaration(), bravo)
    entry = outcome.written[0]

    def again(party: Party) -> None:
        note = alpha.read(lambda r: r.journal.entry(entry.index))
        opening = alpha.read(lambda r: r.journal.opening(entry.leaf))
        assert note is not None
        assert opening is not None
        assert party.take(note.body, opening).verdict == "already_declared"

    again(bravo)
    assert bravo.read(lambda r: r.sky.live_counts()) == {"operation": 1}


def test_flags_are_both_sides_and_the_warning_is_the_receivers(three: Three, table: Table) -> None:
    alpha, bravo, _ = three
    table.now_us = NOON_US - 9 * MINUTE_US
    outcome = alpha.declare(declaration(), bravo)
    assert outcome.flags == ("below_agreed_lead", "short_notice")
    assert set(bravo.subject(outcome.subject).flags.split()) == set(outcome.flags)
    assert [row.kind for row in bravo.warnings()] == ["short_notice"]
    assert alpha.warnings() == []


def test_what_prompted_a_notice_is_the_peers_and_known(three: Three) -> None:
    alpha, bravo, host = three
    own = bravo.declare(declaration(volume(lat=31)))
    for unknown in (bytes(32), own.notice):
        with says_no("not_found", Refused):
            bravo.declare(declaration(), host, prompted_by=unknown)
    said = alpha.declare(declaration(onward=Onward.FULL), bravo)
    answer = bravo.declare(declaration(onward=Onward.NONE), host, prompted_by=said.notice)
    assert bravo.subject(answer.subject).prompted_by == said.notice
    assert host.subject(answer.subject).prompted_by is None


def test_what_prompted_a_notice_never_leaves(three: Three, table: Table) -> None:
    alpha, bravo, host = three
    said = alpha.declare(declaration(name="night", onward=Onward.DERIVED), bravo)
    hold = volume(lat=35.1, radius_m=20_000, start_us=NOON_US + MINUTE_US)
    bravo.declare(declaration(hold, code=Code.PROTECT), host, prompted_by=said.notice)
    given = b"".join(handed.data for handed in table.between(bravo, host))
    assert table.verdicts(bravo, host)[-1] == (EntryType.NOTICE, "accepted")
    leaf = alpha.read(lambda r: r.journal.entry(said.written[0].index))
    assert leaf is not None
    for secret in (said.notice, said.notice.hex().encode(), leaf.leaf, b"night", b"alpha"):
        assert secret not in given
    assert bravo.subject(said.subject).content in b"".join(  # the check looks at the right bytes
        handed.data for handed in table.between(alpha, bravo)
    )


def test_without_an_agreement_only_a_hazard_is_heard(table: Table) -> None:
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    table.enrol(alpha, bravo)
    table.enrol(bravo, alpha)
    write_unchecked(alpha, bravo, serialise_fields(fields_of(declaration())))
    write_unchecked(alpha, bravo, serialise_fields(fields_of(declaration(code=Code.HAZARD))))
    rows = alpha.read(lambda r: r.post.outbox(bravo.origin, 9))
    assert len(rows) == 3  # the terms first: they must not be heard before the notices
    alpha.do(lambda tx, _: tx.post.drop_out(bravo.origin, rows[0].index))
    table.hand_over()
    notices = [v for v in table.verdicts(alpha, bravo) if v[0] is EntryType.NOTICE]
    assert [verdict for _, verdict in notices] == ["no_agreement", "accepted"]


def test_a_desk_takes_only_what_is_proven(three: Three) -> None:
    _, bravo, _ = three
    with pytest.raises(TypeError):
        type(seal_own(declaration(), bravo.origin))(object(), declaration(), bravo.origin)


def test_whatever_a_peer_says_gets_a_verdict(table: Table) -> None:
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    table.join(alpha, bravo)
    for lat, lon in ((35.5, 35.8), (89.9, 0.0), (0.0, 179.99), (-45.0, -120.0)):
        bravo.declare(declaration(volume(lat=lat, lon=lon), craft=Craft.UNARMED))

    @settings(max_examples=60)
    @given(notices)
    def hears(notice: Notice) -> None:
        said = Declaration if isinstance(notice, Declaration) else None
        table.now_us = MORNING_US
        write_unchecked(alpha, bravo, serialise_fields(fields_of(notice)))
        table.hand_over()
        verdict = table.verdicts(alpha, bravo)[-1][1]
        assert re.fullmatch(r"[a-z0-9_]{1,64}", verdict)
        heard.add((said, verdict))

    heard: set[tuple[object, str]] = set()
    hears()
    assert len(heard) > 2  # not one answer to everything
    assert bravo.broken == []
