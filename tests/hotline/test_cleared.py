"""What a warning of the hotline is about ends it: a newer word, an amendment, an end, an answer."""

import asyncio
from pathlib import Path

import pytest

from comity.exchange.watch_due import DueWatcher
from comity.hotline.answer import key_fields
from comity.intake.order import MoveOrder
from comity.intake.purge import purge
from comity.model.answer import Answer, Reason, Step
from comity.model.duty import ChainStep, Unanswered
from comity.model.fault import Malformed, Refused
from comity.model.message import WILCO, Message
from comity.model.notice import Code
from comity.wire.duty_v1 import fields_of_unanswered
from comity.wire.entry_v1 import EntryType
from tests.hotline.duty import (
    OFFICER,
    SECOND_US,
    alerted,
    fill_disk,
    gives,
    kinds,
    later,
    moves,
    on_duty,
)
from tests.hotline.talking import STOP, Pair, answers, reply, says, short
from tests.hotline.test_answer import read_back
from tests.hotline.test_message_purge import order_of
from tests.intake.table import Party, Table
from tests.model.samples import MINUTE_US, NOON_US, declaration, volume
from tests.model.saying_no import says_no

HOUR_US = 60 * MINUTE_US
X = Message(code="X", role="duty", values=STOP)


def unable(party: Party, of: bytes) -> None:
    party.answer(Answer(of=of, step=Step.UNABLE, role=OFFICER, reason=Reason.LOW_FUEL))


def amend(party: Party, of: bytes, *, start_us: int = NOON_US) -> None:
    volumes = (volume(lat=34.0, start_us=start_us),)
    moves(party, MoveOrder(subject=of, code=Code.AMEND, at_us=party.table.now_us, volumes=volumes))


@pytest.mark.parametrize("way", ["wilco", "amend", "cancel"])
def test_unable_ends_with_wilco_an_amendment_or_the_notice(pair: Pair, way: str) -> None:
    alpha, bravo = pair
    notice = gives(alpha, declaration(), bravo)
    unable(bravo, notice)
    bravo.answer(read_back(notice, key_fields((volume(lat=30.0),))))
    assert {"unable", "read_back_differs"} <= set(kinds(alpha)) & set(kinds(bravo))
    match way:
        case "wilco":
            bravo.answer(Answer(of=notice, step=Step.WILCO, role=OFFICER))
        case "amend":
            amend(alpha, notice)
        case _:
            moves(alpha, MoveOrder(subject=notice, code=Code.CANCEL, at_us=alpha.table.now_us))
    left = {"read_back_differs"} if way == "wilco" else set()
    assert (set(kinds(alpha)) | set(kinds(bravo))) & {"unable", "read_back_differs"} == left


def test_that_nobody_answers_is_no_news_after_the_answer(pair: Pair, table: Table) -> None:
    """The word was on its way, on a line that was down, while the answer or the end was."""
    alpha, bravo = pair
    check = says(alpha, bravo, short("L1"))
    answers(bravo, reply(check, "RC"))
    over = gives(alpha, declaration(), bravo)
    moves(alpha, MoveOrder(subject=over, code=Code.CANCEL, at_us=table.now_us))
    for of in (check, over):
        said = Unanswered(of=of, step=ChainStep.SEEN, due_us=table.now_us, at_us=table.now_us)
        content = fields_of_unanswered(said)
        bravo.do(
            lambda _, pen, c=content: pen.write_content(  # type: ignore[misc]
                EntryType.ANSWER, alpha.origin, pen.seal(c), floor=True
            )
        )
        table.hand_over()
        assert table.verdicts(bravo, alpha)[-1] == (EntryType.ANSWER, "accepted")
    assert "nobody_answers" not in kinds(alpha)


def test_a_later_window_ends_the_alert_that_an_end_is_overdue(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    on_duty(alpha)
    notice = gives(alpha, declaration(), bravo)
    table.now_us = NOON_US
    moves(alpha, MoveOrder(subject=notice, code=Code.START, at_us=NOON_US))
    table.now_us = alpha.subject(notice).box.end_us + 1
    later(alpha, 200)
    assert (3, "ended", "witness") in alerted(alpha)
    amend(alpha, notice, start_us=table.now_us)
    assert [each for each in alerted(alpha) if each[1] == "ended"] == []
    assert "overdue_end" not in kinds(alpha)


def test_a_purge_leaves_a_stop_that_may_still_be_answered(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    notice = gives(alpha, declaration(), bravo)
    stop = says(bravo, alpha, Message(code="X", role="duty", about=notice))
    moves(alpha, MoveOrder(subject=notice, code=Code.CANCEL, at_us=table.now_us))
    with says_no("still_unanswered", Refused):
        alpha.do(lambda tx, pen: purge(tx, pen, order_of(table, notice), ("a", "b")))
    table.now_us += 25 * HOUR_US
    alpha.do(lambda tx, pen: purge(tx, pen, order_of(table, notice), ("a", "b")))
    assert alpha.read(lambda r: r.messages.message(stop)) is None


@pytest.mark.parametrize(
    "heard", [{"radius": 2**62}, {"where": 5}, {"danger-to": "x\n" * 9}, {"note": "y" * 200}]
)
def test_what_no_field_can_hold_is_not_read_back(pair: Pair, heard: dict[str, object]) -> None:
    alpha, bravo = pair
    stop = says(alpha, bravo, X)
    values = tuple(sorted({**dict(STOP), **heard}.items()))
    with pytest.raises(Malformed):
        answers(bravo, reply(stop, WILCO, values))  # type: ignore[arg-type]


def test_on_a_full_disk_an_unanswered_stop_is_named(pair: Pair, tmp_path: Path) -> None:
    """Where no roster is set, this is the only word on it."""
    alpha, bravo = pair
    says(alpha, bravo, X)
    says(alpha, bravo, short("Q"))
    fill_disk(alpha, tmp_path)
    later(alpha, 600)
    assert "message_unanswered" in kinds(alpha)


def test_on_a_full_disk_alerts_do_not_wait_for_a_clock_that_was_set_back(
    pair: Pair, table: Table, tmp_path: Path
) -> None:
    alpha, bravo = pair
    on_duty(bravo)
    passed_us = [0]
    watcher = DueWatcher(bravo.store, bravo.scribe, elapsed_us=lambda: passed_us[0])
    says(alpha, bravo, X)
    asyncio.run(watcher.tick(table.now_us))
    fill_disk(bravo, tmp_path)
    table.now_us -= HOUR_US
    for _ in range(3):
        passed_us[0] += 60 * SECOND_US
        table.now_us += 60 * SECOND_US
        asyncio.run(watcher.tick(table.now_us))
    assert [level for level, *_ in alerted(bravo)] == [0, 1, 2, 3]
