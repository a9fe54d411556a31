"""A request that nobody replies to goes up as a notice does, and its asker learns of it."""

from dataclasses import replace

import pytest

from comity.hotline.chain import Chain, chains_of
from comity.hotline.request import reply_to
from comity.intake.order import MoveOrder
from comity.intake.purge import purge
from comity.intake.terms import agreed_with
from comity.model.duty import ChainStep, Unanswered, WatchKind
from comity.model.fault import Refused
from comity.model.notice import Code
from comity.model.request import Decision, Reply
from comity.wire.duty_v1 import fields_of_unanswered
from comity.wire.entry_v1 import EntryType
from tests.hotline.duty import (
    ALTERNATE,
    CHIEF,
    OFFICER,
    SECOND_US,
    alerted,
    all_alerts,
    kinds,
    later,
    on_duty,
    takes,
)
from tests.hotline.test_message_purge import order_of
from tests.hotline.test_request import asks
from tests.intake.table import Party, Table
from tests.model.samples import MINUTE_US, declaration
from tests.model.saying_no import says_no

Trio = tuple[Party, Party, bytes]


@pytest.fixture
def asked(table: Table) -> Trio:
    """Alpha asks a tower about a notice of alpha's; both have people on duty."""
    alpha, tower = table.seat("alpha"), table.seat("tower")
    table.join(alpha, tower)
    notice = alpha.declare(declaration(), tower).subject  # before the rosters: itself not watched
    on_duty(alpha)
    on_duty(tower)
    return alpha, tower, asks(alpha, tower, notice)


def says(
    here: Party, of: bytes, decision: Decision, *, role: str = OFFICER, minutes: int = 0
) -> None:
    standby_us = minutes * MINUTE_US or None
    said = Reply(of=of, decision=decision, role=role, standby_us=standby_us)
    here.do(lambda tx, pen: reply_to(tx, pen, said))
    here.table.hand_over()


def chain(party: Party, of: bytes) -> Chain:
    def query(tx: object, pen: object) -> tuple[Chain, ...]:
        return chains_of(tx, of, party.origin, agreed_with(tx, pen))  # type: ignore[arg-type]

    [found] = party.do(query)
    return found


def done(found: Chain) -> dict[ChainStep, bool]:
    return {link.step: link.done for link in found.links}


def test_silence_goes_up_and_back_to_the_asker(asked: Trio, table: Table) -> None:
    alpha, tower, request = asked
    asked_us = table.now_us
    assert alerted(tower) == [(0, "seen", OFFICER)]
    for level, (at_s, role) in enumerate(((60, ALTERNATE), (120, CHIEF), (180, "witness")), 1):
        table.now_us = asked_us
        later(tower, at_s - 0.000001)
        assert len(alerted(tower)) == level
        later(tower, 0.000001)
        assert alerted(tower)[-1] == (level, "seen", role)
    later(alpha, 0)
    assert {"nobody_answers", "receipt_overdue"} <= set(kinds(alpha))
    assert table.verdicts(tower, alpha)[-1] == (EntryType.ANSWER, "accepted")
    says(tower, request, Decision.GRANTED)
    assert alerted(tower) == []
    assert {"nobody_answers", "receipt_overdue", "escalated"}.isdisjoint(
        kinds(alpha) + kinds(tower)
    )
    assert all(row.cleared_us is not None for row in all_alerts(tower, request))


def test_standby_moves_the_alert_to_its_end(asked: Trio) -> None:
    _, tower, request = asked
    later(tower, 30)
    says(tower, request, Decision.STANDBY, minutes=10)
    assert alerted(tower) == [(0, "answered", OFFICER)]
    later(tower, 599)
    assert alerted(tower) == [(0, "answered", OFFICER)]
    later(tower, 1)
    assert alerted(tower)[-1] == (1, "answered", ALTERNATE)
    later(tower, 120)
    assert alerted(tower)[-1] == (3, "answered", "witness")


def test_its_chain_shows_both_clocks_at_both_ends(asked: Trio, table: Table) -> None:
    alpha, tower, request = asked
    for party, kind in ((alpha, WatchKind.ASKED), (tower, WatchKind.REQUEST)):
        found = chain(party, request)
        assert (found.kind, found.watched) == (kind, True)
        assert list(done(found)) == [
            *(ChainStep.SENT, ChainStep.DELIVERED, ChainStep.SEEN, ChainStep.ANSWERED),
        ]
        answered = found.links[-1]
        assert answered.due_us == table.now_us + 300 * SECOND_US
        assert "request_answer_us is 5 min" in answered.ground
    later(tower, 10)
    says(tower, request, Decision.STANDBY, minutes=1)
    assert done(chain(alpha, request))[ChainStep.SEEN]
    assert not done(chain(alpha, request))[ChainStep.ANSWERED]
    later(tower, 10)
    says(tower, request, Decision.PARTLY)
    for party in (alpha, tower):
        seen, answered = chain(party, request).links[-2:]
        assert (seen.by, answered.by) == (tower.origin, tower.origin)
        assert seen.done
        assert answered.done
        assert answered.leaf is not None


def test_who_does_not_hold_the_role_replies_nothing(asked: Trio) -> None:
    _, tower, request = asked
    with says_no("not_on_duty", Refused):
        says(tower, request, Decision.GRANTED, role="supervisor")
    granted = Reply(of=request, decision=Decision.GRANTED, role=CHIEF)
    with says_no("not_on_duty", Refused):
        tower.do(lambda tx, pen: reply_to(tx, pen, granted, "A. Levi"))
    assert tower.read(lambda r: r.requests.replies(request)) == ()
    takes(tower, "supervisor", "D. Peretz")
    supervisor = replace(granted, role="supervisor")
    tower.do(lambda tx, pen: reply_to(tx, pen, supervisor, "D. Peretz"))


def test_a_request_about_a_hazard_goes_up_on_the_floor(table: Table) -> None:
    alpha, tower = table.seat("alpha"), table.seat("tower")
    table.join(alpha, tower)
    danger = alpha.declare(declaration(code=Code.HAZARD), tower).subject
    on_duty(alpha)
    on_duty(tower)
    request = asks(alpha, tower, danger)
    later(tower, 180)
    assert {row.floor for row in all_alerts(tower, request)} == {True}
    assert "nobody_answers" in kinds(alpha)


def test_only_the_asked_party_may_say_that_nobody_answers_it(asked: Trio, table: Table) -> None:
    alpha, tower, request = asked
    host = table.seat("host")
    table.join(alpha, host)
    later(tower, 180)
    [said] = [each for each in all_alerts(tower, request) if each.role == "witness"]
    assert said.about == request
    word = Unanswered(of=request, step=ChainStep.SEEN, due_us=table.now_us, at_us=table.now_us)
    content = fields_of_unanswered(word)
    host.do(lambda _, pen: pen.write_content(EntryType.ANSWER, alpha.origin, pen.seal(content)))
    table.hand_over()
    assert table.verdicts(host, alpha)[-1] == (EntryType.ANSWER, "not_found")


def test_without_a_roster_requests_are_as_they_were(table: Table) -> None:
    alpha, tower = table.seat("alpha"), table.seat("tower")
    table.join(alpha, tower)
    request = asks(alpha, tower, alpha.declare(declaration(), tower).subject)
    for party in (alpha, tower):
        later(party, 400)
        assert party.read(lambda r: r.duty.watches(request)) == ()
        assert kinds(party) == ["request_unanswered"]
        assert not chain(party, request).watched


def test_a_purge_takes_what_was_watched_of_it(asked: Trio, table: Table) -> None:
    alpha, tower, request = asked
    later(tower, 60)
    assert all_alerts(tower, request)
    says(tower, request, Decision.GRANTED)
    notice = tower.read(lambda r: r.requests.request(request)).subject  # type: ignore[union-attr]
    alpha.move(MoveOrder(subject=notice, code=Code.CANCEL, at_us=table.now_us))
    table.hand_over()
    tower.do(lambda tx, pen: purge(tx, pen, order_of(table, notice), ("a", "b")))
    assert all_alerts(tower, request) == ()
    assert tower.read(lambda r: r.duty.watches(request)) == ()
    assert tower.read(lambda r: r.duty.arrival(request)) is None
