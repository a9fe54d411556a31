"""Who comes on duty first is alerted of what came while nobody was; once."""

from comity.hotline.watch_open import anybody_present, watch_open
from comity.intake.terms import agreed_with
from comity.model.duty import RosterAct
from comity.model.message import WILCO, Message
from tests.hotline.duty import (
    ALTERNATE,
    OFFICER,
    alerted,
    all_alerts,
    chain,
    change,
    gives,
    kinds,
    later,
    takes,
)
from tests.hotline.talking import STOP, Pair, answers, reply, says
from tests.hotline.test_answer import seen
from tests.hotline.test_request import asks
from tests.intake.table import Party
from tests.model.samples import declaration

X = Message(code="X", role="duty", values=STOP)


def comes_on_duty(party: Party) -> None:
    """As the door does it."""
    chain(party)
    takes(party, OFFICER)
    takes(party, ALTERNATE)
    party.do(lambda tx, pen: watch_open(tx, pen, agreed_with(tx, pen)))


def test_what_was_open_is_alerted_from_now_on(pair: Pair) -> None:
    alpha, bravo = pair
    notice, stop = gives(alpha, declaration(), bravo), says(alpha, bravo, X)
    request = asks(alpha, bravo, notice)
    later(bravo, 3_600)
    assert alerted(bravo) == []
    comes_on_duty(bravo)
    for about in (notice, stop, request):
        (row,) = all_alerts(bravo, about)
        assert (row.level, row.step, row.role) == (0, "seen", OFFICER)
    assert "nobody_answers" not in kinds(alpha)  # an hour has passed, and nobody was asked
    later(bravo, 60)
    assert {level for level, *_ in alerted(bravo)} == {0, 1}
    answers(bravo, reply(stop, WILCO, STOP))
    assert all(row.cleared_us is not None for row in all_alerts(bravo, stop))


def test_what_is_watched_or_done_is_not_alerted_again(pair: Pair) -> None:
    alpha, bravo = pair
    done = says(alpha, bravo, X)
    answers(bravo, reply(done, WILCO, STOP))
    comes_on_duty(bravo)
    notice = gives(alpha, declaration(), bravo)
    before = len(all_alerts(bravo, notice))
    bravo.do(lambda tx, pen: watch_open(tx, pen, agreed_with(tx, pen)))
    assert (len(all_alerts(bravo, notice)), all_alerts(bravo, done)) == (before, ())
    bravo.answer(seen(notice))
    assert [step for _, step, _ in alerted(bravo)] == ["read-back"]


def test_a_roster_taken_away_and_set_again_forgets_no_stop(pair: Pair) -> None:
    alpha, bravo = pair
    comes_on_duty(bravo)
    stop = says(alpha, bravo, X)
    change(bravo, RosterAct.CLEAR)
    assert alerted(bravo) == []
    comes_on_duty(bravo)
    assert alerted(bravo) == [(0, "seen", OFFICER)]
    assert all_alerts(bravo, stop)[-1].cleared_us is None


def test_nobody_is_present_while_all_are_away(pair: Pair) -> None:
    _, bravo = pair

    def there() -> bool:
        return bravo.read(lambda r: anybody_present(r, bravo.table.now_us))

    assert not there()
    chain(bravo)
    takes(bravo, OFFICER)
    assert there()
    change(bravo, RosterAct.AWAY, person="A. Levi")
    assert not there()
