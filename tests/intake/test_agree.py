"""Agreements of two and more: signed by all, amended only by all, suspended by one, floor kept."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.agreement.standing import Consent
from comity.hotline.answer import key_fields
from comity.hotline.attest import NamedUnit
from comity.intake.agree import change_standing, note_of, sign
from comity.intake.order import MoveOrder
from comity.intake.permit import may_declare
from comity.intake.terms import agreed
from comity.journal.pen import Pen
from comity.model.answer import Answer, Reason, UnitState
from comity.model.answer import Step as AnswerStep
from comity.model.clause import Agreement, Party, PartyRole
from comity.model.fault import Fault, Malformed, Refused
from comity.model.notice import Code, Declaration
from comity.storage.store import Transaction
from comity.wire.agreement_v1 import StandingChange, agreement_hash, agreement_text, fields_of_note
from comity.wire.entry_v1 import EntryType
from tests.agreement.samples import ALPHA, BRAVO, FROM_US, HOST, UN, agreement, clause, principal
from tests.intake.table import Party as Seat
from tests.intake.table import Table
from tests.model.samples import INSTANT_US_MIN, MINUTE_US, declaration, declarations, volume

BOTH = agreement(clause("lead", lead_short_notice_us=90 * MINUTE_US))


@pytest.fixture
def seats(table: Table) -> tuple[Seat, Seat, Seat]:
    alpha, bravo, host = (table.seat(name) for name in ("alpha", "bravo", "host"))
    for one, other in ((alpha, bravo), (alpha, host), (bravo, host)):
        table.join(one, other)
    return alpha, bravo, host


def signs(seat: Seat, found: Agreement) -> bytes:
    hash_ = seat.do(lambda tx, pen: sign(tx, pen, agreement_text(found)))
    seat.table.hand_over()
    return hash_


def refused(seat: Seat, found: Agreement) -> str:
    with pytest.raises(Fault) as caught:
        signs(seat, found)
    return caught.value.code


def changes(seat: Seat, of: bytes, change: StandingChange, reason: str = "so it is") -> None:
    seat.do(lambda tx, pen: change_standing(tx, pen, of, change, reason))
    seat.table.hand_over()


def states(seat: Seat) -> dict[int, str]:
    found = seat.read(lambda r: agreed(r, seat.origin, seat.table.now_us))
    return {each.known.agreement.version: each.state.value for each in found.standings}


def short_notice(seat: Seat, other: Seat) -> tuple[int, str]:
    found = seat.read(lambda r: agreed(r, seat.origin, seat.table.now_us))
    ruling = found.with_party(other.origin).ruling("lead_short_notice_us")
    return ruling.value // MINUTE_US, ruling.agreement


def last_verdict(table: Table, sender: Seat, to: Seat) -> str:
    return table.verdicts(sender, to)[-1][1]


def test_it_counts_when_the_last_principal_has_signed(
    seats: tuple[Seat, Seat, Seat],
) -> None:
    alpha, bravo, _ = seats
    signs(alpha, BOTH)
    assert states(alpha) == states(bravo) == {1: "proposed"}
    assert short_notice(alpha, bravo) == short_notice(bravo, alpha) == (10, "terms")
    assert "agreement_proposed" in [row.kind for row in bravo.warnings()]
    signs(bravo, BOTH)
    assert bravo.warnings() == []
    assert states(alpha) == states(bravo) == {1: "in-force"}
    assert short_notice(alpha, bravo) == short_notice(bravo, alpha) == (90, "flight-safety")
    one, other = (
        seat.read(lambda r: [note_of(r, row) for row in r.accords.accords()]) for seat in seats[:2]
    )
    assert one == other  # the same bytes, both signatures under them


def test_a_moment_that_has_not_come_is_waited_for(seats: tuple[Seat, Seat, Seat]) -> None:
    alpha, bravo, _ = seats
    later = agreement(from_us=alpha.table.now_us + 5, until_us=alpha.table.now_us + 10)
    signs(alpha, later)
    signs(bravo, later)
    for passed, state in ((0, "waiting"), (4, "waiting"), (5, "in-force"), (9, "in-force")):
        found = bravo.read(
            lambda r, t=passed: agreed(r, bravo.origin, bravo.table.now_us + t)  # type: ignore[misc]
        )
        assert found.standings[0].state == state
    bravo.table.now_us += 10
    assert states(bravo) == {1: "over"}


def test_three_sign_or_nothing_is_in_force(seats: tuple[Seat, Seat, Seat]) -> None:
    three = agreement(parties=(principal(ALPHA), principal(BRAVO), principal(HOST)))
    for seat, state in zip(seats, ("proposed", "proposed", "in-force"), strict=True):
        signs(seat, three)
        assert {tuple(states(each).values()) for each in seats} == {(state,)}


def test_who_has_signed_is_not_asked_again(seats: tuple[Seat, Seat, Seat]) -> None:
    """Two sign at the same time: the note of each comes to the other without its signature."""
    alpha, bravo, host = seats
    three = agreement(parties=(principal(ALPHA), principal(BRAVO), principal(HOST)))
    signs(alpha, three)
    for seat in (bravo, host):
        seat.do(lambda tx, pen: sign(tx, pen, agreement_text(three)))
    alpha.table.hand_over()
    assert [seat.warnings() for seat in seats] == [[], [], []]
    assert {tuple(states(each).values()) for each in seats} == {("in-force",)}


def test_a_bound_party_is_bound_without_signing_and_may_not_sign(
    seats: tuple[Seat, Seat, Seat],
) -> None:
    alpha, bravo, host = seats
    parties = (
        principal(ALPHA),
        principal(BRAVO),
        Party(origin=HOST, role=PartyRole.BOUND, bound_by=BRAVO),
    )
    bound = agreement(clause("lead", lead_short_notice_us=90 * MINUTE_US), parties=parties)
    assert refused(host, bound) == "not_a_principal"
    signs(alpha, bound)
    signs(bravo, bound)
    assert short_notice(host, alpha) == short_notice(alpha, host) == (90, "flight-safety")


def test_a_mediator_reads_it_and_is_not_bound(seats: tuple[Seat, Seat, Seat]) -> None:
    alpha, bravo, host = seats
    parties = (principal(ALPHA), principal(BRAVO), Party(origin=HOST, role=PartyRole.MEDIATOR))
    mediated = agreement(clause("lead", lead_short_notice_us=90 * MINUTE_US), parties=parties)
    assert refused(host, mediated) == "not_a_principal"
    signs(alpha, mediated)
    signs(bravo, mediated)
    assert states(host) == {1: "in-force"}
    assert short_notice(host, alpha) == (10, "terms")


def test_an_amendment_needs_all_and_takes_the_place_of_what_it_amends(
    seats: tuple[Seat, Seat, Seat],
) -> None:
    alpha, bravo, _ = seats
    first = signs(alpha, BOTH)
    second = agreement(
        clause("lead", lead_short_notice_us=30 * MINUTE_US), version=2, previous=first
    )
    assert refused(alpha, second) == "unknown_version"  # bravo has not signed what it amends
    signs(bravo, BOTH)
    signs(alpha, second)
    assert short_notice(alpha, bravo) == (90, "flight-safety")
    signs(bravo, second)
    assert short_notice(alpha, bravo) == short_notice(bravo, alpha) == (30, "flight-safety")
    assert states(alpha) == {1: "superseded", 2: "in-force"}


def test_nobody_is_left_out_of_an_amendment(seats: tuple[Seat, Seat, Seat]) -> None:
    three = agreement(parties=(principal(ALPHA), principal(BRAVO), principal(HOST)))
    first, *_ = [signs(seat, three) for seat in seats]
    two = agreement(version=2, previous=first)
    assert refused(seats[0], two) == "not_amended_by_all"


def test_another_text_in_the_same_place_is_refused(seats: tuple[Seat, Seat, Seat]) -> None:
    alpha, bravo, host = seats
    first = signs(alpha, BOTH)
    signs(bravo, BOTH)
    other = agreement(clause("lead", lead_short_notice_us=1))
    assert refused(alpha, other) == "version_taken"
    second = agreement(version=2, previous=first)
    signs(alpha, second)
    signs(bravo, second)
    rival = agreement(clause("x", margin_us=1), version=2, previous=first)
    assert refused(bravo, rival) == "version_taken"
    signs(host, agreement(parties=(principal(ALPHA), principal(HOST))))  # others may use the name
    assert last_verdict(alpha.table, host, alpha) == "accepted"


def test_what_is_unsound_or_over_is_not_signed(seats: tuple[Seat, Seat, Seat]) -> None:
    alpha = seats[0]
    assert refused(alpha, agreement(clause("x", heartbeat_us=301_000_000))) == "weaker_than_floor"
    contradiction = agreement(clause("x", margin_us=1), clause("y", margin_us=2))
    assert refused(alpha, contradiction) == "contradiction"
    assert refused(alpha, agreement(until_us=FROM_US + 1)) == "agreement_expired"
    stranger = agreement(parties=(principal(ALPHA), principal(UN)))
    assert refused(alpha, stranger) == "unknown_party"


def give(sender: Seat, to: Seat, note: str) -> str:
    """Hand a note over without the desk that would have checked it."""

    def work(_: Transaction, pen: Pen) -> None:
        pen.write_content(EntryType.AGREEMENT, to.origin, pen.seal(fields_of_note(note)))

    sender.do(work)
    sender.table.hand_over()
    return last_verdict(sender.table, sender, to)


def line_of(seat: Seat, text: str) -> str:
    return seat.do(lambda _, pen: pen.sign(text).line())


def test_signatures_are_the_principals_and_true(seats: tuple[Seat, Seat, Seat]) -> None:
    alpha, bravo, host = seats
    text = agreement_text(BOTH)
    ours, theirs = line_of(alpha, text), line_of(bravo, text)
    strange = line_of(host, text)
    other = line_of(alpha, agreement_text(replace(BOTH, name="other")))
    assert give(alpha, bravo, f"{text}\n{theirs}") == "signature_missing"
    assert give(alpha, bravo, f"{text}\n{ours}{strange}") == "signature_surplus"
    assert give(alpha, bravo, f"{text}\n{other}") == "bad_signature"
    assert give(alpha, bravo, f"{text}\n{ours}{ours}") == "duplicate_signature"
    assert give(host, bravo, f"{text}\n{ours}") == "not_a_party"
    weak = agreement_text(agreement(clause("x", heartbeat_us=301_000_000)))
    assert give(alpha, bravo, f"{weak}\n{line_of(alpha, weak)}") == "weaker_than_floor"
    assert states(bravo) == {}


def test_one_suspends_and_hazards_and_ends_pass_all_the_same(
    seats: tuple[Seat, Seat, Seat],
) -> None:
    alpha, bravo, _ = seats
    of = signs(alpha, BOTH)
    signs(bravo, BOTH)
    given = alpha.declare(declaration(), bravo)
    changes(bravo, of, StandingChange.SUSPEND, "the line was misused")
    for seat, other in ((alpha, bravo), (bravo, alpha)):
        with pytest.raises(Refused) as caught:
            seat.declare(declaration(volume()), other)
        assert caught.value.code == "agreement_suspended"
        assert "bravo suspended flight-safety" in caught.value.reason
        assert "the line was misused" in caught.value.reason
    alpha.declare(declaration(code=Code.HAZARD), bravo)
    alpha.move(MoveOrder(subject=given.subject, code=Code.END, at_us=alpha.table.now_us))
    assert bravo.subject(given.subject).state == "ended"
    assert {verdict for _, verdict in alpha.table.verdicts(alpha, bravo)} == {"accepted"}
    with pytest.raises(Refused):  # only who suspended resumes
        changes(alpha, of, StandingChange.RESUME)
    changes(bravo, of, StandingChange.RESUME)
    alpha.declare(declaration(volume()), bravo)
    assert last_verdict(alpha.table, alpha, bravo) == "accepted"


def test_a_suspension_is_a_warning_until_it_is_taken_back(seats: tuple[Seat, Seat, Seat]) -> None:
    alpha, bravo, _ = seats
    of = signs(alpha, BOTH)
    signs(bravo, BOTH)
    for reason in ("first", "again"):
        changes(bravo, of, StandingChange.SUSPEND, reason)
        [row] = alpha.warnings()
        assert (row.kind, row.party) == ("agreement_suspended", BRAVO)
        assert row.text == f"bravo suspended flight-safety, version 1: {reason}"
        changes(bravo, of, StandingChange.RESUME)
        assert alpha.warnings() == []


def test_two_suspensions_take_two_resumptions(seats: tuple[Seat, Seat, Seat]) -> None:
    alpha, bravo, _ = seats
    of = signs(alpha, BOTH)
    signs(bravo, BOTH)
    changes(alpha, of, StandingChange.SUSPEND)
    changes(bravo, of, StandingChange.SUSPEND)
    changes(alpha, of, StandingChange.RESUME)
    assert states(alpha) == states(bravo) == {1: "suspended"}
    changes(bravo, of, StandingChange.RESUME)
    assert states(alpha) == states(bravo) == {1: "in-force"}


def test_the_parameter_block_can_be_suspended_too(seats: tuple[Seat, Seat, Seat]) -> None:
    alpha, bravo, _ = seats
    row = alpha.read(lambda r: r.post.agreement(BRAVO))
    assert row is not None
    changes(alpha, agreement_hash(row.ours), StandingChange.SUSPEND)
    for seat, other in ((alpha, bravo), (bravo, alpha)):
        with pytest.raises(Refused) as caught:
            seat.declare(declaration(), other)
        assert caught.value.code == "agreement_suspended"


def test_a_stranger_suspends_nothing(seats: tuple[Seat, Seat, Seat]) -> None:
    alpha, bravo, host = seats
    of = signs(alpha, BOTH)
    with pytest.raises(Refused):  # not even a principal, before all have signed
        changes(alpha, of, StandingChange.SUSPEND)
    signs(bravo, BOTH)
    with pytest.raises(Refused):
        changes(host, of, StandingChange.SUSPEND)
    with pytest.raises(Malformed):
        changes(alpha, of, StandingChange.SUSPEND, "")


@given(declarations().filter(lambda notice: notice.code is Code.HAZARD), st.booleans())
def test_no_suspension_stops_a_hazard(notice: Declaration, suspended: bool) -> None:  # noqa: FBT001
    """Whatever the agreement's state, the floor is not asked for it."""
    code = "agreement_suspended" if suspended else "agreement_expired"
    consents = {BRAVO: Consent(code=code, reason="so it is")}
    found = may_declare(notice, (BRAVO,), consents, None, INSTANT_US_MIN)
    assert found is None or found.code == "area_too_small"


@pytest.mark.parametrize("by", ["alpha", "bravo", "both"])
def test_the_floor_passes_whoever_suspends(seats: tuple[Seat, Seat, Seat], by: str) -> None:
    """Hazards, ends, cancels, releases, answers and attestations: all of it, both ways."""
    alpha, bravo, _ = seats
    of = signs(alpha, BOTH)
    signs(bravo, BOTH)
    presence = alpha.declare(declaration(code=Code.PROTECT), bravo)
    running = alpha.declare(declaration(), bravo)
    planned = alpha.declare(declaration(volume(lat=34.0)), bravo)
    for seat in {"alpha": (alpha,), "bravo": (bravo,), "both": (alpha, bravo)}[by]:
        changes(seat, of, StandingChange.SUSPEND)
    now = alpha.table.now_us
    hazard = alpha.declare(declaration(code=Code.HAZARD), bravo)
    for subject, code in (
        (presence, Code.RELEASE),
        (running, Code.END),
        (planned, Code.CANCEL),
        (hazard, Code.END),
    ):
        alpha.move(MoveOrder(subject=subject.subject, code=code, at_us=now))
    heard = key_fields(declaration(code=Code.HAZARD).volumes)
    for step, read_back, reason in (
        (AnswerStep.SEEN, None, None),
        (AnswerStep.READ_BACK, heard, None),
        (AnswerStep.UNABLE, None, Reason.LOW_FUEL),
    ):
        bravo.answer(
            Answer(of=hazard.notice, step=step, role="duty", read_back=read_back, reason=reason)
        )
    bravo.attest(hazard.notice, NamedUnit(name="tower", state=UnitState.TOLD, at_us=now))
    for sender, to in ((alpha, bravo), (bravo, alpha)):
        assert {verdict for _, verdict in alpha.table.verdicts(sender, to)} == {"accepted"}
    states_ = [bravo.subject(each.subject).state for each in (presence, running, planned, hazard)]
    assert states_ == ["ended", "ended", "cancelled", "ended"]
