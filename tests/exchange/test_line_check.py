"""Twice a day persons check the line: prompted at the agreed hours, settled by an answer alone."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.agreement.between import Between
from comity.agreement.resolve import Rules
from comity.exchange.watch_line import LineWatcher
from comity.hotline.line_check import next_after_us
from comity.hotline.message import answer_message, send_message
from comity.intake.agree import change_standing
from comity.intake.terms import agreed
from comity.model.agreement import Parameters
from comity.model.message import Message, MessageAnswer
from comity.model.quantity import instant_us
from comity.storage.lines import CheckRow
from comity.web.node import Node
from comity.wire.agreement_v1 import StandingChange
from comity.wire.canonical import sha256
from tests.exchange.net import Net, run
from tests.exchange.test_line_states import NAMES, start, stop

HOUR_US, DAY_US = 3_600_000_000, 86_400_000_000
BEAT_US = 300_000_000


async def joined(net: Net, **changes: int) -> tuple[Node, Node]:
    """With few beats: a peer may not ask too often, and hours pass in a second here."""
    nodes = [net.add(name) for name in NAMES]
    await net.join(*NAMES, Parameters(heartbeat_us=BEAT_US, **changes))
    await net.advance(5)
    return nodes[0], nodes[1]


async def until(net: Net, hour: str) -> None:
    await net.advance((instant_us(f"2026-11-22T{hour}Z") - net.now()) / 1_000_000)


def prompts(node: Node) -> list[str]:
    rows = node.read(lambda r: r.sky.warnings())
    return sorted(row.kind for row in rows if row.cleared_us is None)


async def asks(net: Net, here: Node, there: Node) -> bytes:
    message = Message(code="L1", role="duty officer")
    done = await here.commit(
        lambda tx, pen: send_message(
            tx, pen, message, agreed(tx, pen.origin, pen.now_us).toward(there.origin)
        ),
        net.now(),
    )
    await net.advance(4)
    return done.value.id


async def answers(net: Net, node: Node, of: bytes) -> None:
    answer = MessageAnswer(code="RC", of=of, role="watch officer")
    await node.commit(lambda tx, pen: answer_message(tx, pen, answer), net.now())
    await net.advance(1)


def last(node: Node, peer: Node) -> CheckRow:
    found = node.read(lambda r: r.lines.newest_check(peer.origin))
    assert found is not None
    return found


@pytest.mark.parametrize("asker", [0, 1])
def test_both_sides_are_prompted_until_a_person_answers(tmp_path: Path, asker: int) -> None:
    async def story(net: Net) -> None:
        nodes = await joined(net)
        await until(net, "12:29:59")
        assert [prompts(node) for node in nodes] == [[], []]
        await until(net, "12:30:01")
        assert [prompts(node) for node in nodes] == [["line_check_due"]] * 2
        await until(net, "13:00:01")
        assert [prompts(node) for node in nodes] == [["line_check_due", "line_check_overdue"]] * 2
        here, there = nodes[asker], nodes[1 - asker]
        of = await asks(net, here, there)
        assert "line_check_due" in prompts(here)  # asking is not being answered
        await answers(net, there, of)
        assert [prompts(node) for node in nodes] == [[], []]
        mine, theirs = last(here, there), last(there, here)
        assert mine.of == theirs.of == of
        assert (mine.asker_role, mine.answerer_role) == ("duty officer", "watch officer")
        assert 4_000_000 <= mine.answered_us - mine.asked_us <= 5_000_000
        assert mine.there_from_us is not None
        assert mine.there_until_us is not None
        assert mine.asked_us <= mine.there_from_us < mine.there_until_us <= mine.answered_us
        assert theirs.there_from_us is None
        await until(net, "13:20:00")
        assert [prompts(node) for node in nodes] == [[], []]

    run(tmp_path, story)


def test_a_check_in_the_hour_before_stands_for_it(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        alpha, bravo = await joined(net)
        await answers(net, bravo, await asks(net, alpha, bravo))
        await until(net, "12:40:00")
        assert [prompts(alpha), prompts(bravo)] == [[], []]

    run(tmp_path, story)


def test_a_check_that_nobody_answers_settles_nothing(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        alpha, bravo = await joined(net)
        await until(net, "12:31:00")
        await asks(net, alpha, bravo)
        await until(net, "13:01:00")
        assert not {"line_check_due", "line_check_overdue"} - set(prompts(alpha))
        assert alpha.read(lambda r: r.lines.newest_check(bravo.origin)) is None

    run(tmp_path, story)


def test_an_hour_that_passed_while_the_node_was_down_is_not_forgotten(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        alpha, _ = await joined(net)
        await net.advance(5)
        stop(net, "alpha")
        await until(net, "12:45:00")
        again = start(net, "alpha", "bravo", alpha)
        await net.advance(5)
        assert prompts(again) == ["line_check_due"]
        await until(net, "13:00:05")
        assert prompts(again) == ["line_check_due", "line_check_overdue"]

    run(tmp_path, story)


def test_the_hours_are_those_that_were_agreed(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        alpha, _ = await joined(net, line_check_first_us=HOUR_US, line_check_second_us=13 * HOUR_US)
        await until(net, "12:59:59")
        assert prompts(alpha) == []
        await until(net, "13:00:01")
        assert prompts(alpha) == ["line_check_due"]

    run(tmp_path, story)


def test_a_check_passes_on_a_suspended_line(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        alpha, bravo = await joined(net)
        block = alpha.read(lambda r: r.post.agreement(bravo.origin))
        assert block is not None
        of = sha256(block.ours.encode())
        await alpha.commit(
            lambda tx, pen: change_standing(tx, pen, of, StandingChange.SUSPEND, "a quarrel"),
            net.now(),
        )
        await net.advance(1)
        await until(net, "12:30:01")
        await answers(net, bravo, await asks(net, alpha, bravo))
        for node in (alpha, bravo):
            assert not {"line_check_due"} & set(prompts(node))

    run(tmp_path, story)


def test_the_watcher_rests_between_the_hours(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        alpha, bravo = await joined(net)
        watcher = LineWatcher(alpha.store, alpha.scribe, alpha.origin, net.clock.elapsed_us)
        assert await watcher.tick(net.now()) == 0
        due_us = watcher.next_due(net.now())
        contact = alpha.read(lambda r: r.post.peer(bravo.origin))
        assert contact is not None
        assert due_us == (contact.contact_us or 0) + 3 * BEAT_US + 1

    run(tmp_path, story)


@given(
    st.integers(0, 3 * DAY_US),
    st.integers(0, 3 * DAY_US - 1),
    st.integers(0, 365 * DAY_US),
)
def test_the_next_hour_is_the_first_that_comes(first: int, second: int, now_us: int) -> None:
    block = {"line_check_first_us": first, "line_check_second_us": second}
    between = Between(party="b", rules=Rules(books=(), block=block), consent=None)
    found = next_after_us(between, now_us)
    hours = {first % DAY_US, second % DAY_US}
    assert found > now_us
    assert found % DAY_US in hours
    assert found - now_us <= DAY_US
    for hour in hours:
        assert not any(now_us < day * DAY_US + hour < found for day in range(367))
