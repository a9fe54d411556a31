"""Escalation between two nodes: lines, receipts and clocks are real, and it survives a restart."""

import asyncio
from pathlib import Path

import pytest

from comity.clock import SystemClock
from comity.exchange.pace import Pacer
from comity.exchange.watch_due import LOOK_S, DueWatcher
from comity.hotline.answer import give_answer
from comity.hotline.message import answer_message, send_message
from comity.hotline.roster import change_roster
from comity.hotline.watch import alerts, watch_gifts
from comity.intake.order import DeclareOrder
from comity.intake.receive import declare
from comity.intake.terms import agreed, agreed_with
from comity.journal.pen import Pen
from comity.model.agreement import Parameters
from comity.model.answer import Answer, Step
from comity.model.duty import RosterAct, RosterChange
from comity.model.message import WILCO, Message, MessageAnswer, ReadBack
from comity.storage.duty import EscalationRow
from comity.storage.store import Transaction
from comity.web.node import Node
from comity.wire.entry_v1 import ContentBody
from tests.exchange.net import NOON, Net, OffClock, run
from tests.hotline.duty import on_duty
from tests.hotline.talking import STOP, says
from tests.intake.table import Table, in_memory
from tests.model.samples import declaration, volume

SECOND_US = 1_000_000
HOUR_US = 3_600 * SECOND_US
CHAIN = ("duty officer", "alternate", "chief")


async def watched_pair(net: Net) -> None:
    """Alpha and bravo, both with somebody in each role."""
    for name in ("alpha", "bravo"):
        node = net.add(name)
        net.pacers[name].add(DueWatcher(node.store, node.scribe, elapsed_us=net.clock.elapsed_us))
    await net.join("alpha", "bravo")
    for name in ("alpha", "bravo"):
        await roster(net, name, RosterAct.CHAIN, roles=CHAIN)
        for role in CHAIN:
            await roster(net, name, RosterAct.TAKE, roles=(role,), person=f"{role} of {name}")
    await net.advance(0)


async def roster(net: Net, name: str, act: RosterAct, **more: object) -> None:
    change = RosterChange(act=act, by="test", **more)  # type: ignore[arg-type]
    await net.nodes[name].commit(lambda tx, pen: change_roster(tx, pen, change), net.now())


async def gives(net: Net) -> bytes:
    """As the door does it."""
    alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
    notice = declaration(volume(start_us=NOON + 3_600 * SECOND_US))
    order = DeclareOrder(notice=notice, to=(bravo.origin,))

    def work(tx: Transaction, pen: Pen) -> bytes:
        outcome = declare(tx, pen, order)
        given = [
            (each.entry.audience, each.entry.body.root)
            for each in outcome.written
            if isinstance(each.entry.body, ContentBody)
        ]
        watch_gifts(tx, pen, outcome.subject, given, agreed_with(tx, pen), opens=True)
        return outcome.subject

    return (await alpha.commit(work, net.now())).value


async def says_stop(net: Net) -> bytes:
    message = Message(code="X", role="duty officer", values=STOP)
    to = net.nodes["bravo"].origin

    def work(tx: Transaction, pen: Pen) -> bytes:
        between = agreed(tx, pen.origin, pen.now_us).toward(to)
        return send_message(tx, pen, message, between).id

    return (await net.nodes["alpha"].commit(work, net.now())).value


def fired(node: Node, about: bytes) -> list[tuple[int, int]]:
    """Level, and seconds after noon."""
    rows = node.read(lambda r: r.duty.escalations(about))
    return [(row.level, (row.at_us - NOON) // SECOND_US) for row in rows]


def open_kinds(node: Node) -> set[str]:
    rows = node.read(lambda r: r.sky.warnings())
    return {row.kind for row in rows if row.cleared_us is None}


def open_alerts(node: Node) -> tuple[EscalationRow, ...]:
    return node.read(alerts)


def test_a_stop_that_nobody_hears_goes_up_and_back_to_the_caller(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await watched_pair(net)
        stop = await says_stop(net)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        await net.advance(59)
        assert fired(bravo, stop) == [(0, 0)]
        assert open_kinds(bravo) == open_kinds(alpha) == set()
        await net.advance(1)
        assert fired(bravo, stop) == [(0, 0), (1, 60)]
        assert "receipt_overdue" in open_kinds(alpha)  # at the same moment, by the same clause
        await net.advance(300)
        assert fired(bravo, stop) == [(0, 0), (1, 60), (2, 120), (3, 180)]
        assert "nobody_answers" in open_kinds(alpha)
        answer = MessageAnswer(
            code=WILCO,
            of=stop,
            role="chief",
            values=(),
            read_back=ReadBack(id=stop, values=STOP),
        )
        await bravo.commit(lambda tx, pen: answer_message(tx, pen, answer), net.now())
        await net.advance(1)
        for node in (alpha, bravo):
            assert open_kinds(node) == set()
            assert open_alerts(node) == ()

    run(tmp_path, story)


def test_a_cut_line_is_seen_by_the_giver_and_alerts_begin_with_the_arrival(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await watched_pair(net)
        net.lines["alpha", "bravo"].cut = True
        notice = await gives(net)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        await net.advance(5)
        [text] = [w.text for w in alpha.read(lambda r: r.sky.warnings())]
        assert text.startswith("not delivered to bravo by ")
        await net.advance(95)
        net.lines["alpha", "bravo"].cut = False
        await net.advance(60)
        came_s = fired(bravo, notice)[0][1]
        assert came_s >= 100
        warnings = alpha.read(lambda r: r.sky.warnings())
        assert [w.text.split(" 2026")[0] for w in warnings if w.cleared_us is None] == [
            "not seen by bravo by",
        ]
        await net.advance(300)
        assert fired(bravo, notice) == [
            (level, came_s + at_s) for level, at_s in enumerate((0, 60, 120, 180))
        ]

    run(tmp_path, story)


def test_alerts_go_on_after_a_restart(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await watched_pair(net)
        notice = await gives(net)
        await net.advance(70)
        bravo = net.nodes["bravo"]
        assert fired(bravo, notice) == [(0, 0), (1, 60)]
        for line in net.lines.values():
            line.cut = True
        bravo.scribe.close()
        bravo.store.close()
        net.clock.set(NOON + 119 * SECOND_US)  # it was down for 49 s
        again = net.add("bravo", bravo.identity)
        watcher = DueWatcher(again.store, again.scribe, elapsed_us=net.clock.elapsed_us)
        net.pacers["bravo"].add(watcher)
        await net.advance(1)
        assert fired(again, notice) == [(0, 0), (1, 60), (2, 120)]
        again.scribe.close()
        again.store.close()
        net.clock.set(NOON + 200 * SECOND_US)  # down when the last one was due
        third = net.add("bravo", bravo.identity)
        net.pacers["bravo"].add(DueWatcher(third.store, third.scribe))
        await net.advance(0)
        assert fired(third, notice) == [(0, 0), (1, 60), (2, 120), (3, 200)]
        await net.advance(30)
        assert len(fired(third, notice)) == 4

    run(tmp_path, story)


def test_who_answers_in_time_is_not_alerted_further(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await watched_pair(net)
        notice = await gives(net)
        await net.advance(30)
        bravo = net.nodes["bravo"]
        seen = Answer(of=notice, step=Step.SEEN, role="duty officer")
        await bravo.commit(lambda tx, pen: give_answer(tx, pen, seen), net.now())
        await net.advance(60)
        assert [row.step for row in open_alerts(bravo)] == ["read-back"]
        assert open_kinds(net.nodes["alpha"]) == set()
        await net.advance(30)
        assert [(row.step, row.level) for row in open_alerts(bravo)] == [
            ("read-back", 1),
            ("read-back", 0),
        ]

    run(tmp_path, story)


# --- clocks that are set -------------------------------------------------------------------------


class Hands:
    """One node's watcher, driven by hand on a clock that can be set, beside one that cannot."""

    def __init__(self, net: Net) -> None:
        self.net, self.node = net, net.nodes["bravo"]
        self.wall = OffClock(net.clock)
        self.watcher = self.made()

    def made(self) -> DueWatcher:
        """As after a start."""
        return DueWatcher(self.node.store, self.node.scribe, elapsed_us=self.net.clock.elapsed_us)

    async def wait(self, seconds: float) -> None:
        """Real time goes by; the pacer looks at least every half second."""
        until_us = self.net.now() + round(seconds * SECOND_US)
        while self.net.now() < until_us:
            step_us = min(round(LOOK_S * SECOND_US), until_us - self.net.now())
            self.net.clock.set(self.net.now() + step_us)
            await self.look()

    async def look(self) -> None:
        """Until nothing is done any more, as the pacer does it."""
        for _ in range(9):
            if not await self.watcher.tick(self.wall.now_us()):
                return
        raise AssertionError("never idle")


def levels(hands: Hands, about: bytes) -> int:
    return len(hands.node.read(lambda r: r.duty.escalations(about))) - 1


def test_a_clock_that_is_set_makes_no_alert_late(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await watched_pair(net)
        stop = await says_stop(net)
        await net.advance(0)
        hands = Hands(net)
        await hands.wait(30)
        hands.wall.off_us -= 3_600 * SECOND_US  # set back by an hour
        await hands.wait(29)
        assert levels(hands, stop) == 0
        await hands.wait(2)
        assert levels(hands, stop) == 1  # a minute after it came, and not an hour later
        hands.wall.off_us -= 40 * SECOND_US
        hands.watcher = hands.made()  # and a start right after, which knows of rows alone
        await hands.wait(59 + 40)
        assert levels(hands, stop) == 2
        hands.wall.off_us += 3_600 * SECOND_US  # set forward: what is due by the clock is due
        await hands.wait(LOOK_S)
        assert levels(hands, stop) == 3
        await hands.wait(600)
        assert levels(hands, stop) == 3

    run(tmp_path, story)


def test_what_lies_ahead_of_the_clock_at_a_start_counts_from_then(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await watched_pair(net)
        stop = await says_stop(net)
        await net.advance(0)
        hands = Hands(net)
        hands.wall.off_us -= 3_600 * SECOND_US
        await hands.wait(61)
        assert levels(hands, stop) == 1

    run(tmp_path, story)


def test_a_clock_that_runs_slow_is_followed(tmp_path: Path) -> None:
    """The negative control: slewing is no step, and what stands still by the clock is moved."""

    async def story(net: Net) -> None:
        await watched_pair(net)
        stop = await says_stop(net)
        await net.advance(0)
        hands = Hands(net)
        await hands.look()
        for _ in range(110):
            hands.wall.off_us -= 10_000  # 2 % slow
            await hands.wait(0.5)
        assert levels(hands, stop) == 0
        await hands.wait(6)
        assert levels(hands, stop) == 1

    run(tmp_path, story)


def test_without_a_clock_that_nobody_sets_a_step_back_is_not_seen(tmp_path: Path) -> None:
    """The test above sees something: without that clock the alert comes an hour late."""

    async def story(net: Net) -> None:
        await watched_pair(net)
        stop = await says_stop(net)
        await net.advance(0)
        hands = Hands(net)
        hands.watcher = DueWatcher(hands.node.store, hands.node.scribe)
        await hands.wait(30)
        hands.wall.off_us -= 3_600 * SECOND_US
        await hands.wait(60)
        assert levels(hands, stop) == 0

    run(tmp_path, story)


# --- in real time --------------------------------------------------------------------------------


class SetForward:
    """The machine's clock, which somebody sets forward meanwhile."""

    def __init__(self) -> None:
        self._system = SystemClock()
        self.off_us = 0

    def now_us(self) -> int:
        """By the wall."""
        return self._system.now_us() + self.off_us

    def elapsed_us(self) -> int:
        """By what nobody sets."""
        return self._system.elapsed_us()


@pytest.mark.serial
def test_an_alert_goes_out_within_a_second_of_its_time() -> None:
    """By the running pacer: at its own time, and when the clock is set past the next one."""
    clock = SetForward()
    with in_memory() as folder:
        table = Table(folder)
        table.now_us = clock.now_us()
        alpha, bravo = table.seat("alpha"), table.seat("bravo")
        quick = Parameters(escalate_alternates_us=SECOND_US, escalate_next_echelon_us=HOUR_US)
        table.join(alpha, bravo, quick)
        on_duty(bravo)
        table.now_us = clock.now_us()
        stop = says(alpha, bravo, Message(code="X", role="duty officer", values=STOP))

        def level(number: int) -> EscalationRow | None:
            rows = bravo.read(lambda r: r.duty.escalations(stop))
            return next((row for row in rows if row.level == number), None)

        async def live() -> None:
            pacer = Pacer(clock, lambda fault: pytest.fail(str(fault)))
            watcher = DueWatcher(bravo.store, bravo.scribe, elapsed_us=clock.elapsed_us)
            pacer.add(watcher, look_s=LOOK_S)
            pacer.start()
            await asyncio.sleep(1.9)
            first = level(1)
            assert first is not None
            assert 0 <= first.at_us - first.due_us < SECOND_US
            assert level(2) is None
            clock.off_us = 2 * HOUR_US
            await asyncio.sleep(0.95)
            assert level(2) is not None
            await pacer.stop()

        asyncio.run(live())
        table.close()
