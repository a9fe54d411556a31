"""The figures of a line are equal at both its ends, whatever the line did; and say where not."""

import random
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import apsw
import httpx
import msgspec
import pytest
from starlette.applications import Starlette

from comity.assembly import desks_of
from comity.cli.hotline_metrics_text import metrics_differences
from comity.exchange.server import exchange_routes
from comity.hotline.answer import give_answer, key_fields
from comity.hotline.attest import NamedUnit, attest
from comity.hotline.message import answer_message, send_message
from comity.hotline.request import ask, reply_to
from comity.intake.move import move
from comity.intake.order import DeclareOrder, MoveOrder
from comity.intake.receive import declare
from comity.intake.subject import volumes_of
from comity.intake.terms import agreed
from comity.journal.pen import Pen
from comity.model.answer import Answer, Reason, Step, UnitState
from comity.model.fault import Refused
from comity.model.lifecycle import LifeState, is_live
from comity.model.message import MessageAnswer, ReadBack, needs_read_back
from comity.model.notice import Code
from comity.model.phrasebook import Values
from comity.model.quantity import instant_text
from comity.model.request import Decision, DeclineReason, Reply, Request, Wanted
from comity.model.volume import Window
from comity.storage.store import Transaction
from comity.web.api.hotline_metrics import listed
from comity.web.api.shapes import Page
from comity.web.api.shapes_hotline_metrics import HotlineMetricsView, WayView
from comity.web.gate import Admitted
from comity.web.node import Node
from comity.web.problem import BadField
from comity.wire.fields import parse_fields
from comity.wire.message_v1 import message_from
from tests.exchange.net import NOON, Net, run
from tests.exchange.test_escalation import gives, says_stop, watched_pair
from tests.exchange.test_exchange import HOUR, give, joined, notice
from tests.hotline.talking import BOOK, SHORTEST, short
from tests.model.saying_no import says_no

MINUTE = 60_000_000
SECOND = 1_000_000
ENDS = ("alpha", "bravo")
VALUES: dict[str, Values] = {
    "S": (("minutes", 5),),
    "U": (("reason", "low-fuel"),),
    "D": (("reason", "traffic"),),
    "I": (("fact", "delayed"),),
}


async def figures(net: Net, name: str, **query: str) -> HotlineMetricsView:
    """What the node's own interface answers about its one line."""
    call = Admitted(
        node=net.nodes[name],
        caller=None,
        path=MappingProxyType({}),
        query=MappingProxyType(query),
        body=b"",
        now_us=net.now(),
        idempotency=None,
    )
    page = msgspec.json.decode((await listed(call)).body, type=Page[HotlineMetricsView])
    (view,) = page.items
    return view


async def differ(net: Net, **query: str) -> tuple[str, ...]:
    alpha, bravo = [await figures(net, name, **query) for name in ENDS]
    return metrics_differences(alpha, bravo)


def way(view: HotlineMetricsView, giver: str) -> WayView:
    (found,) = [each for each in view.ways if each.giver.startswith(giver)]
    return found


class Traffic:
    """What two people on duty might do, at random; refusals are part of it."""

    def __init__(self, net: Net, seed: int) -> None:
        self.net = net
        self.chance = random.Random(seed)
        self.done = 0

    async def act(self) -> None:
        here, there = self.chance.sample(ENDS, 2)
        node, to = self.net.nodes[here], self.net.nodes[there].origin
        deed = self.chance.choice(
            (self.declares, self.moves, self.answers, self.attests, self.says, self.replies)
        )
        try:
            await node.commit(lambda tx, pen: deed(tx, pen, node, to), self.net.now())
            self.done += 1
        except Refused:
            pass

    def declares(self, tx: Transaction, pen: Pen, node: Node, to: str) -> None:
        del node
        start_us = self.net.now() + self.chance.randrange(-30, 120) * MINUTE + 7
        end_us = start_us + self.chance.randrange(1, 40) * MINUTE
        said = notice(lat=self.chance.uniform(30, 40))
        volume = replace(said.volumes[0], window=Window(start_us=start_us, end_us=end_us))
        declare(tx, pen, DeclareOrder(notice=replace(said, volumes=(volume,)), to=(to,)))

    def moves(self, tx: Transaction, pen: Pen, node: Node, to: str) -> None:
        del node, to
        live = [
            row for row in tx.sky.subjects(None, True, b"", 500) if is_live(LifeState(row.state))
        ]
        if not live:
            return
        row, code = self.chance.choice(live), self.chance.choice((*"AASSEC",))
        now_us = self.net.now()
        if code == "A":
            volume = volumes_of(row)[0]
            later = Window(start_us=volume.window.start_us, end_us=volume.window.end_us + MINUTE)
            order = MoveOrder(
                subject=row.id,
                code=Code.AMEND,
                volumes=(replace(volume, window=later),),
                at_us=now_us,
            )
        else:
            codes = {"S": Code.START, "E": Code.END, "C": Code.CANCEL}
            order = MoveOrder(subject=row.id, code=codes[code], at_us=now_us)
        move(tx, pen, order)

    def answers(self, tx: Transaction, pen: Pen, node: Node, to: str) -> None:
        del node, to
        rows = tx.sky.subjects(None, False, b"", 500)
        if not rows:
            return
        row, step = self.chance.choice(rows), self.chance.choice((*Step,))
        read_back = key_fields(volumes_of(row)) if step is Step.READ_BACK else None
        reason = Reason.LOW_FUEL if step is Step.UNABLE else None
        of = row.notice if step is not Step.READ_BACK else row.id
        give_answer(
            tx, pen, Answer(of=of, step=step, role="duty", reason=reason, read_back=read_back)
        )

    def attests(self, tx: Transaction, pen: Pen, node: Node, to: str) -> None:
        del to
        rows = tx.sky.subjects(None, False, b"", 500)
        if rows:
            units = tuple(
                NamedUnit(
                    name=f"unit {number}",
                    state=self.chance.choice((*UnitState,)),
                    at_us=self.net.now(),
                )
                for number in range(self.chance.randrange(1, 4))
            )
            attest(tx, pen, node.handle_secret, self.chance.choice(rows).id, units)

    def says(self, tx: Transaction, pen: Pen, node: Node, to: str) -> None:
        del node
        found = agreed(tx, pen.origin, pen.now_us).toward(to)
        about = [row.id for row in tx.sky.subjects(None, None, b"", 500)]
        if about and self.chance.random() < 0.3:
            by_us = self.net.now() + HOUR
            ask(
                tx,
                pen,
                Request(of=self.chance.choice(about), wanted=Wanted.CLOSE, by_us=by_us),
                found,
            )
            return
        send_message(tx, pen, short(self.chance.choice((*SHORTEST,))), found)

    def replies(self, tx: Transaction, pen: Pen, node: Node, to: str) -> None:
        del to
        asked = [r for r in tx.requests.requests() if r.asked == node.origin and r.due_us]
        if asked and self.chance.random() < 0.3:
            decision = self.chance.choice((Decision.GRANTED, Decision.DECLINED))
            reason = DeclineReason.TRAFFIC if decision is Decision.DECLINED else None
            reply_to(
                tx,
                pen,
                Reply(of=asked[0].id, decision=decision, role="duty", reason=reason),
            )
            return
        heard = [m for m in tx.messages.open_messages(500) if m.receiver == node.origin]
        if not heard:
            return
        row = self.chance.choice(heard)
        asked_phrase = BOOK.phrase(row.code)
        code = self.chance.choice(asked_phrase.answers)
        values = VALUES.get(code, ())
        read_back = None
        if needs_read_back(asked_phrase, code):
            said = message_from(parse_fields(row.content)).values
            read_back = ReadBack(id=row.id, values=said[1:] if self.chance.random() < 0.2 else said)
        answer = MessageAnswer(
            code=code, of=row.id, role="duty", values=values, read_back=read_back
        )
        answer_message(tx, pen, answer)


def restart(net: Net, name: str) -> None:
    """The node is ended and comes back from what lies on its disk."""
    old = net.nodes[name]
    old.scribe.close()
    old.store.close()
    node = net.add(name, old.identity)
    net.nodes[name] = replace(node, handle_secret=old.handle_secret)
    (other,) = set(ENDS) - {name}
    net.connect(name, other)
    app = Starlette(routes=exchange_routes(net.nodes[name], desks_of(old.handle_secret)))
    net.lines[other, name].inner = httpx.ASGITransport(app)


async def troubled(net: Net, seed: int) -> Traffic:
    """An evening with lost answers, partitions and a restart; at its end the line is up."""
    await joined(net)
    traffic = Traffic(net, seed)
    for step in range(60):
        await traffic.act()
        match traffic.chance.randrange(12):
            case 0:
                net.lines[tuple(traffic.chance.sample(ENDS, 2))].lose = 2  # type: ignore[index]
            case 1:
                cut = traffic.chance.random() < 0.5
                for line in net.lines.values():
                    line.cut = cut
            case 2 | 3:
                await net.advance(traffic.chance.randrange(1, 100))
        if step == 30:
            restart(net, traffic.chance.choice(ENDS))
    for line in net.lines.values():
        line.cut, line.lose = False, 0
    await net.advance(200)
    return traffic


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 9))]
)
def test_both_ends_compute_the_same(tmp_path: Path, seed: int) -> None:
    async def story(net: Net) -> None:
        traffic = await troubled(net, seed)
        assert traffic.done > 20
        alpha, bravo = [await figures(net, name) for name in ENDS]
        assert metrics_differences(alpha, bravo) == ()
        assert alpha.ways == bravo.ways
        assert all(each.entries > 5 and not each.missing for each in alpha.ways)
        middle = NOON + (net.now() - NOON) // 3
        assert await differ(net, since=instant_text(middle)) == ()
        assert await differ(net, until=instant_text(middle)) == ()

    run(tmp_path, story)


def test_that_nobody_answered_is_no_answer_and_can_be_measured(tmp_path: Path) -> None:
    """The word that nobody there has seen it goes as an answer, or with the safety floor."""

    async def story(net: Net) -> None:
        await watched_pair(net)
        await says_stop(net)
        await gives(net)
        await net.advance(400)
        assert await differ(net) == ()
        ways = (await figures(net, "alpha")).ways
        assert {each.missing for each in ways} == {0}

    run(tmp_path, story)


def test_while_answers_are_lost_the_lower_cut_is_the_same(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        await give(net, "alpha", "bravo")
        await net.advance(2)
        net.lines["alpha", "bravo"].lose = 100
        await give(net, "alpha", "bravo", lat=36)
        await net.advance(1)
        alpha, bravo = [await figures(net, name) for name in ENDS]
        here, there = way(alpha, "alpha"), way(bravo, "alpha")
        assert there.receipts == here.receipts + 1
        assert metrics_differences(alpha, bravo)
        cut = await figures(net, "bravo", party="alpha", taken=str(here.receipts))
        assert way(cut, "alpha") == here
        with says_no("cut_not_reached", Refused):
            await figures(net, "alpha", party="bravo", given=str(there.receipts))

    run(tmp_path, story)


def test_a_side_that_lost_something_is_told_where(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        written = [await give(net, "alpha", "bravo", lat=30 + at) for at in range(5)]
        await net.advance(5)
        assert await differ(net) == ()
        bravo = net.nodes["bravo"]
        lost = written[2].leaf
        await bravo.commit(lambda tx, _: tx.journal.drop_opening(lost), net.now())
        found = await differ(net)
        assert "the records part at receipt 3" in found[0]
        assert any("missing is 0 here and 1 there" in text for text in found)
        assert any("declared is" in text for text in found)

    run(tmp_path, story)


def test_a_side_that_lost_a_receipt_says_that_its_record_is_broken(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        for at in range(4):
            await give(net, "alpha", "bravo", lat=30 + at)
            await net.advance(2)
        receipt = net.nodes["alpha"].read(lambda r: r.post.taken(r.journal.size() - 2))
        assert receipt is not None
        with apsw.Connection(str(tmp_path / "alpha" / "journal.db")) as database:
            database.execute("DELETE FROM received WHERE body=?", (receipt.receipt,))
        view = await figures(net, "alpha")
        assert way(view, "alpha").broken
        assert any("broken is True here" in text for text in await differ(net))

    run(tmp_path, story)


def test_the_figures_are_those_of_the_definitions(tmp_path: Path) -> None:
    """One evening by hand: every figure that it has."""

    async def story(net: Net) -> None:
        await joined(net)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        window = Window(start_us=net.now() + 600 * SECOND, end_us=net.now() + 1_200 * SECOND)
        said = notice()
        soon = replace(said, volumes=(replace(said.volumes[0], window=window),))
        order = DeclareOrder(notice=soon, to=(bravo.origin,))
        done = await alpha.commit(lambda tx, pen: declare(tx, pen, order), net.now())
        id_ = done.value.notice
        await net.advance(30)
        for step in (Step.SEEN, Step.READ_BACK):
            row = bravo.read(lambda r: r.sky.subject(id_))
            assert row is not None
            read_back = key_fields(volumes_of(row)) if step is Step.READ_BACK else None
            answer = Answer(of=id_, step=step, role="duty", read_back=read_back)
            await bravo.commit(lambda tx, pen, a=answer: give_answer(tx, pen, a), net.now())  # type: ignore[misc]
            await net.advance(100)
        units = tuple(
            NamedUnit(name=name, state=state, at_us=net.now())
            for name, state in (("north", UnitState.TOLD), ("south", UnitState.NOT_REACHED))
        )
        await bravo.commit(
            lambda tx, pen: attest(tx, pen, bravo.handle_secret, id_, units), net.now()
        )
        start = MoveOrder(subject=id_, code=Code.START, at_us=net.now())
        await alpha.commit(lambda tx, pen: move(tx, pen, start), net.now())
        await net.advance(990)
        question = short("Q")
        await bravo.commit(
            lambda tx, pen: send_message(
                tx, pen, question, agreed(tx, pen.origin, pen.now_us).toward(alpha.origin)
            ),
            net.now(),
        )
        await net.advance(1)
        end = MoveOrder(subject=id_, code=Code.END, at_us=net.now())
        await alpha.commit(lambda tx, pen: move(tx, pen, end), net.now())
        await net.advance(1)
        assert await differ(net) == ()
        _as_defined(await figures(net, "alpha"))

    run(tmp_path, story)


def _as_defined(view: HotlineMetricsView) -> None:
    forth, back = [way(view, name) for name in ENDS]
    assert forth.declared == {"operation": 1}
    assert forth.moved == {"end": 1, "start": 1}
    assert forth.lead.p50_us == 600 * SECOND
    assert (forth.lead.in_time, forth.short_notice) == (0, 0)
    assert (forth.seen.p50_us, forth.seen.in_time) == (30 * SECOND, 1)
    assert (forth.read_back.p50_us, forth.read_back.in_time) == (130 * SECOND, 0)
    assert (forth.relayed.p50_us, forth.relayed.of) == (230 * SECOND, 1)
    assert (forth.units, forth.units_not_reached) == (2, 1)
    assert (forth.started, forth.overdue, forth.unclosed) == (1, 1, 0)
    assert (back.messages, back.messages_of_floor) == (1, 0)
    assert (back.answered.of, back.answered.count, back.settled) == (1, 0, 0)
    assert back.declared == {}
    assert forth.delivered.of == forth.entries
    assert forth.delivered.most_us == 0


def test_what_is_to_come_is_not_measured(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        with says_no("bad_query", BadField):
            await figures(net, "alpha", until=instant_text(net.now() + 1))
        with says_no("bad_query", BadField):
            await figures(net, "alpha", given="1")

    run(tmp_path, story)
