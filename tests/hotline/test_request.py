"""Requests: to whom, when they pass, what is said to them, and silence named at both sides."""

import asyncio
from dataclasses import replace

import pytest

from comity.exchange.watch_due import DueWatcher
from comity.hotline.request import ask, decision_on, reply_to
from comity.intake.agree import change_standing, sign
from comity.intake.order import MoveOrder
from comity.intake.purge import purge
from comity.intake.terms import agreed
from comity.model.clause import Scope
from comity.model.fault import Refused
from comity.model.notice import Code, Declaration, Purpose, SubjectKind
from comity.model.request import Decision, DeclineReason, Reply, Request, Wanted
from comity.storage.requests import RequestRow
from comity.storage.rows import PurgeRow
from comity.wire.agreement_v1 import StandingChange, agreement_text
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import EntryType
from comity.wire.limits import REQUESTS_OPEN_MAX
from comity.wire.request_v1 import fields_of_reply, fields_of_request
from tests.agreement.samples import agreement, clause
from tests.intake.table import MORNING_US, Party, Table
from tests.model.samples import MINUTE_US, NOON_US, declaration, volume
from tests.model.saying_no import says_no

HAZARD = declaration(code=Code.HAZARD)
ROLE = "supervisor"
Pair = tuple[Party, Party]


@pytest.fixture
def pair(table: Table) -> Pair:
    """Alpha, and a tower, agreed."""
    alpha, tower = table.seat("alpha"), table.seat("tower")
    table.join(alpha, tower)
    return alpha, tower


def asks(here: Party, there: Party, of: bytes, *, by_us: int = NOON_US, words: str = "") -> bytes:
    said = Request(of=of, wanted=Wanted.CLOSE, by_us=by_us, words=words)

    row = here.do(
        lambda tx, pen: ask(tx, pen, said, agreed(tx, pen.origin, pen.now_us).toward(there.origin))
    )
    here.table.hand_over()
    return row.id


def says(here: Party, of: bytes, decision: Decision, **more: object) -> None:
    reply = Reply(of=of, decision=decision, role=ROLE, **more)  # type: ignore[arg-type]
    here.do(lambda tx, pen: reply_to(tx, pen, reply))
    here.table.hand_over()


def row(party: Party, of: bytes) -> RequestRow:
    found = party.read(lambda r: r.requests.request(of))
    assert found is not None
    return found


def decisions(*parties: Party, of: bytes) -> list[Decision | None]:
    return [p.read(lambda r: decision_on(r, r.requests.request(of))) for p in parties]  # type: ignore[arg-type]


def suspend(party: Party, other: Party) -> None:
    block = party.read(lambda r: r.post.agreement(other.origin))
    assert block is not None
    of = sha256(block.ours.encode())
    party.do(lambda tx, pen: change_standing(tx, pen, of, StandingChange.SUSPEND, "a quarrel"))
    party.table.hand_over()


def watch(party: Party, now_us: int) -> int:
    """What the pacer does: look when the earliest deadline has come; how often something was."""
    watcher, done = DueWatcher(party.store, party.scribe), 0
    for _ in range(9):
        due_us = watcher.next_due(now_us)
        if due_us is None or due_us > now_us:
            return done
        done += asyncio.run(watcher.tick(now_us))
    raise AssertionError("a watcher that does not come to rest")


# --- to and fro ----------------------------------------------------------------------------------


def test_a_request_and_the_reply_to_it_are_entries_both_ways(pair: Pair, table: Table) -> None:
    alpha, tower = pair
    hazard = alpha.declare(HAZARD, tower).subject
    of = asks(alpha, tower, hazard, words="north of the airway")
    assert table.verdicts(alpha, tower)[-1] == (EntryType.REQUEST, "accepted")
    assert row(alpha, of) == row(tower, of)
    assert (row(tower, of).asker, row(tower, of).asked) == (alpha.origin, tower.origin)
    assert decisions(alpha, tower, of=of) == [None, None]
    says(tower, of, Decision.GRANTED)
    assert table.verdicts(tower, alpha)[-1] == (EntryType.REPLY, "accepted")
    assert decisions(alpha, tower, of=of) == [Decision.GRANTED] * 2
    assert row(alpha, of).due_us is row(tower, of).due_us is None
    assert [len(p.read(lambda r: r.requests.replies(of))) for p in pair] == [1, 1]


def test_what_is_decided_stays_decided(pair: Pair, table: Table) -> None:
    alpha, tower = pair
    of = asks(alpha, tower, alpha.declare(HAZARD, tower).subject)
    says(tower, of, Decision.DECLINED, reason=DeclineReason.TRAFFIC)
    with says_no("already_decided", Refused):
        says(tower, of, Decision.GRANTED)
    late = fields_of_reply(Reply(of=of, decision=Decision.GRANTED, role=ROLE))
    tower.do(lambda _, pen: pen.write_content(EntryType.REPLY, alpha.origin, pen.seal(late)))
    table.hand_over()
    assert table.verdicts(tower, alpha)[-1] == (EntryType.REPLY, "already_decided")
    assert decisions(alpha, tower, of=of) == [Decision.DECLINED] * 2


def test_standby_moves_the_deadline_and_decides_nothing(pair: Pair, table: Table) -> None:
    alpha, tower = pair
    of = asks(alpha, tower, alpha.declare(HAZARD, tower).subject)
    assert row(alpha, of).due_us == MORNING_US + 5 * MINUTE_US
    table.now_us += 4 * MINUTE_US
    says(tower, of, Decision.STANDBY, standby_us=10 * MINUTE_US)
    assert row(alpha, of).due_us == row(tower, of).due_us == MORNING_US + 14 * MINUTE_US
    says(tower, of, Decision.GRANTED)  # at the same instant: the newest counts all the same
    assert decisions(alpha, tower, of=of) == [Decision.GRANTED] * 2


def test_one_may_ask_the_owner_of_a_notice_too(pair: Pair) -> None:
    alpha, tower = pair
    operation = alpha.declare(declaration(), tower).subject
    of = asks(tower, alpha, operation)
    says(alpha, of, Decision.PARTLY, words="from 12:30")
    assert decisions(alpha, tower, of=of) == [Decision.PARTLY] * 2


def test_reopening_is_asked_for_when_the_hazard_is_over(pair: Pair, table: Table) -> None:
    alpha, tower = pair
    hazard = alpha.declare(HAZARD, tower).subject
    alpha.move(MoveOrder(subject=hazard, code=Code.END, at_us=table.now_us))
    of = asks(alpha, tower, hazard)
    assert decisions(alpha, tower, of=of) == [None, None]


# --- whom one may ask ----------------------------------------------------------------------------


def test_only_who_holds_the_notice_is_asked(pair: Pair, table: Table) -> None:
    alpha, tower = pair
    host = table.seat("host")
    table.join(alpha, host)
    secret = alpha.declare(HAZARD, tower).subject
    for of in (secret, bytes(32)):
        with says_no("not_known_there", Refused):
            asks(alpha, host, of)
        fields = fields_of_request(Request(of=of, wanted=Wanted.CLOSE, by_us=NOON_US))
        host.do(
            lambda _, pen, f=fields: pen.write_content(  # type: ignore[misc]
                EntryType.REQUEST, alpha.origin, pen.seal(f)
            )
        )
    table.hand_over()
    assert table.verdicts(host, alpha)[-2:] == [(EntryType.REQUEST, "not_found")] * 2
    assert alpha.read(lambda r: r.requests.requests()) == ()


def test_nobody_replies_for_another(pair: Pair, table: Table) -> None:
    alpha, tower = pair
    host = table.seat("host")
    table.join(alpha, host)
    of = asks(alpha, tower, alpha.declare(HAZARD, tower, host).subject)
    with says_no("not_found", Refused):
        says(alpha, of, Decision.GRANTED)
    fields = fields_of_reply(Reply(of=of, decision=Decision.GRANTED, role=ROLE))
    host.do(lambda _, pen: pen.write_content(EntryType.REPLY, alpha.origin, pen.seal(fields)))
    table.hand_over()
    assert table.verdicts(host, alpha)[-1] == (EntryType.REPLY, "not_found")
    assert decisions(alpha, of=of) == [None]


def test_what_was_told_coarsely_is_asked_about_by_the_id_that_was_told(
    pair: Pair, table: Table
) -> None:
    alpha, tower = pair
    text = agreement_text(
        agreement(
            clause(
                "disclosure",
                scope=Scope(kinds=frozenset({SubjectKind.OPERATION})),
                disclosure_step=1,
            ),
            parties=tuple(
                replace(each, origin=party.origin)
                for each, party in zip(agreement().parties, pair, strict=True)
            ),
        )
    )
    for party in pair:
        party.do(lambda tx, pen: sign(tx, pen, text))
        table.hand_over()
    subject = alpha.declare(declaration(name="heron"), tower).subject
    assert tower.read(lambda r: r.sky.subject(subject)) is None  # it knows a caution
    of = asks(alpha, tower, subject)
    assert table.verdicts(alpha, tower)[-1] == (EntryType.REQUEST, "accepted")
    assert row(tower, of).subject != row(alpha, of).subject == subject
    assert row(tower, of).content == row(alpha, of).content
    says(tower, of, Decision.GRANTED)
    assert decisions(alpha, tower, of=of) == [Decision.GRANTED] * 2


def test_a_time_that_has_passed_is_not_asked_for(pair: Pair) -> None:
    alpha, tower = pair
    hazard = alpha.declare(HAZARD, tower).subject
    with says_no("too_late_to_ask", Refused):
        asks(alpha, tower, hazard, by_us=MORNING_US)


def test_requests_that_nobody_decides_are_so_many_and_no_more(pair: Pair, table: Table) -> None:
    alpha, tower = pair
    hazard = alpha.declare(HAZARD, tower).subject
    found = [asks(alpha, tower, hazard) for _ in range(REQUESTS_OPEN_MAX)]
    with says_no("too_many_requests", Refused):
        asks(alpha, tower, hazard)
    fields = fields_of_request(Request(of=hazard, wanted=Wanted.CLOSE, by_us=NOON_US))
    alpha.do(lambda _, pen: pen.write_content(EntryType.REQUEST, tower.origin, pen.seal(fields)))
    table.hand_over()
    assert table.verdicts(alpha, tower)[-1] == (EntryType.REQUEST, "too_many_requests")
    says(tower, found[0], Decision.GRANTED)
    asks(alpha, tower, hazard)


# --- while an agreement is suspended -------------------------------------------------------------


@pytest.mark.parametrize(
    ("notice", "passes"),
    [
        (HAZARD, True),
        (declaration(code=Code.PROTECT), True),
        (replace(declaration(), purpose=Purpose.DANGER_AREA), True),
        (replace(declaration(), purpose=Purpose.AIR_DEFENCE_ACTIVE), True),
        (declaration(), False),
        (replace(declaration(), purpose=Purpose.TRANSPORT), False),
    ],
)
def test_civil_safety_passes_while_an_agreement_is_suspended(
    pair: Pair,
    table: Table,
    notice: Declaration,
    passes: bool,  # noqa: FBT001 - a case
) -> None:
    alpha, tower = pair
    subject = alpha.declare(notice, tower).subject
    suspend(alpha, tower)
    if passes:
        of = asks(alpha, tower, subject)
        says(tower, of, Decision.GRANTED)
        assert decisions(alpha, tower, of=of) == [Decision.GRANTED] * 2
        return
    with says_no("agreement_suspended", Refused):
        asks(alpha, tower, subject)
    fields = fields_of_request(Request(of=subject, wanted=Wanted.CLOSE, by_us=NOON_US))
    alpha.do(lambda _, pen: pen.write_content(EntryType.REQUEST, tower.origin, pen.seal(fields)))
    table.hand_over()
    assert table.verdicts(alpha, tower)[-1] == (EntryType.REQUEST, "agreement_suspended")


# --- silence -------------------------------------------------------------------------------------


def test_silence_is_named_at_both_sides_once_and_ends_with_a_reply(
    pair: Pair, table: Table
) -> None:
    alpha, tower = pair
    of = asks(alpha, tower, alpha.declare(HAZARD, tower).subject)
    due_us = MORNING_US + 5 * MINUTE_US
    for party in pair:
        assert watch(party, due_us - 1) == 0
        assert watch(party, due_us) == 1
        assert watch(party, due_us + MINUTE_US) == 0
        [warning] = party.warnings()
        assert (warning.kind, warning.about, warning.party) == (
            *("request_unanswered", of, tower.origin),
        )
        assert warning.text == (
            "unanswered: alpha asked tower to close the airspace, and no decision came by "
            "2026-09-22T11:05:00Z"
        )
    table.now_us = due_us + MINUTE_US
    says(tower, of, Decision.STANDBY, standby_us=2 * MINUTE_US)
    assert alpha.warnings() == tower.warnings() == []
    for party in pair:
        assert watch(party, table.now_us + 2 * MINUTE_US) == 1  # standby ran out
    says(tower, of, Decision.DECLINED, reason=DeclineReason.TOO_LATE)
    assert alpha.warnings() == tower.warnings() == []
    assert [watch(party, table.now_us + 9 * MINUTE_US) for party in pair] == [0, 0]


def test_the_deadline_is_the_clauses_and_never_after_what_was_asked_for(
    pair: Pair, table: Table
) -> None:
    alpha, tower = pair
    parties = tuple(
        replace(each, origin=party.origin)
        for each, party in zip(agreement().parties, pair, strict=True)
    )
    text = agreement_text(
        agreement(clause("replies", request_answer_us=20 * MINUTE_US), parties=parties)
    )
    for party in pair:
        party.do(lambda tx, pen: sign(tx, pen, text))
        table.hand_over()
    hazard = alpha.declare(HAZARD, tower).subject
    for by_us, due_us in (
        (NOON_US, MORNING_US + 20 * MINUTE_US),
        (MORNING_US + MINUTE_US, MORNING_US + MINUTE_US),
    ):
        of = asks(alpha, tower, hazard, by_us=by_us)
        for party in pair:
            found = row(party, of)
            assert found.due_us == due_us
            assert found.ground == (
                "by clause replies of flight-safety, version 1, request_answer_us is 20 min"
            )


# --- purge ---------------------------------------------------------------------------------------


def test_a_purge_takes_what_was_asked_about_the_notice(pair: Pair, table: Table) -> None:
    alpha, tower = pair
    hazard = alpha.declare(HAZARD, tower).subject
    of = asks(alpha, tower, hazard, words="heron")
    says(tower, of, Decision.PARTLY, words="heron too")
    alpha.move(MoveOrder(subject=hazard, code=Code.END, at_us=table.now_us))
    order = PurgeRow(
        id=bytes(32),
        before_us=None,
        notice=hazard,
        proposed_by=bytes(32),
        proposed_us=table.now_us,
        confirmed_by=None,
        done_us=None,
    )
    for party in pair:
        assert b"heron" in b"".join(o.fields for o in party.read(lambda r: [*r.journal.openings()]))
        party.do(lambda tx, pen: purge(tx, pen, order, ("a", "b")))
        assert b"heron" not in b"".join(
            o.fields for o in party.read(lambda r: [*r.journal.openings()])
        )
        assert party.read(lambda r: (r.requests.requests(), r.requests.replies(of))) == ((), ())


def test_a_reply_that_waits_for_the_line_keeps_its_notice(pair: Pair, table: Table) -> None:
    alpha, tower = pair
    hazard = alpha.declare(HAZARD, tower).subject
    of = asks(alpha, tower, hazard)
    alpha.move(MoveOrder(subject=hazard, code=Code.END, at_us=table.now_us))
    reply = Reply(of=of, decision=Decision.GRANTED, role=ROLE)
    tower.do(lambda tx, pen: reply_to(tx, pen, reply))
    order = PurgeRow(
        id=bytes(32),
        before_us=None,
        notice=hazard,
        proposed_by=bytes(32),
        proposed_us=table.now_us,
        confirmed_by=None,
        done_us=None,
    )
    with says_no("still_waiting", Refused):
        tower.do(lambda tx, pen: purge(tx, pen, order, ("a", "b")))


def test_the_samples_are_what_they_are_called() -> None:
    assert HAZARD.kind is SubjectKind.HAZARD
    assert volume() in HAZARD.volumes
