"""Escalation where little works: a full disk, a wrong clock; and a chain seen from both sides."""

from pathlib import Path

from comity.exchange.watch_due import DueWatcher
from comity.hotline.answer import give_answer
from comity.hotline.attest import NamedUnit, attest
from comity.hotline.chain import Chain, Link, chains_of
from comity.hotline.compare import key_fields
from comity.hotline.message import answer_message
from comity.intake.terms import agreed
from comity.journal.pen import Pen
from comity.model.answer import Answer, Step, UnitState
from comity.model.clock_error import ClockState
from comity.model.duty import ChainStep, RosterAct, WatchKind
from comity.model.fault import Refused
from comity.model.message import WILCO, MessageAnswer, ReadBack
from comity.storage.store import Transaction
from comity.wire.entry_v1 import EntryType
from tests.exchange.net import NOON, Net, run
from tests.exchange.test_escalation import (
    CHAIN,
    SECOND_US,
    fired,
    gives,
    open_kinds,
    roster,
    says_stop,
    watched_pair,
)
from tests.exchange.test_full_disk import floor_only
from tests.exchange.test_wrong_clock import entries, trio
from tests.hotline.talking import STOP
from tests.model.samples import volume
from tests.model.saying_no import says_no

KEY = key_fields((volume(start_us=NOON + 3_600 * SECOND_US),))


def chain(net: Net, name: str, of: bytes) -> Chain:
    node = net.nodes[name]
    [found] = node.read(
        lambda r: chains_of(r, of, node.origin, agreed(r, node.origin, net.now()).with_party)
    )
    return found


def links(found: Chain) -> dict[ChainStep, Link]:
    return {link.step: link for link in found.links}


def test_on_a_full_disk_a_stop_still_goes_up_and_a_role_is_still_taken(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await watched_pair(net)
        stop = await says_stop(net)
        await net.advance(1)
        floor_only(net, "bravo", tmp_path)
        await net.advance(200)
        bravo = net.nodes["bravo"]
        assert [level for level, _ in fired(bravo, stop)] == [0, 1, 2, 3]
        assert "nobody_answers" in open_kinds(net.nodes["alpha"])
        read_back = ReadBack(id=stop, values=STOP)
        answer = MessageAnswer(code=WILCO, of=stop, role="liaison", read_back=read_back)

        def work(tx: Transaction, pen: Pen) -> None:
            answer_message(tx, pen, answer)

        with says_no("not_on_duty", Refused):
            await bravo.commit(work, net.now())
        await roster(net, "bravo", RosterAct.TAKE, roles=("liaison",), person="D. Peretz")
        await bravo.commit(work, net.now())
        await net.advance(1)
        assert "nobody_answers" not in open_kinds(net.nodes["alpha"])

    run(tmp_path, story)


def test_by_a_clock_that_is_surely_wrong_people_are_alerted_all_the_same(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await trio(net, 0)
        await roster(net, "bravo", RosterAct.CHAIN, roles=CHAIN)
        bravo = net.nodes["bravo"]
        notice = await gives(net)
        await net.advance(1)
        net.clocks["bravo"].off_us = -20 * SECOND_US
        await net.advance(30)
        assert net.watches["bravo"].standing().state is ClockState.UNTRUSTED
        await roster(net, "bravo", RosterAct.TAKE, roles=("chief",), person="C. Katz")
        net.pacers["bravo"].add(DueWatcher(bravo.store, bravo.scribe))
        net.clock.set(net.now() + 200 * SECOND_US)
        await net.advance(1)
        rows = bravo.read(lambda r: r.duty.escalations(notice))
        assert [row.level for row in rows] == [0, 1, 2, 3]
        assert "nobody_answers" in open_kinds(net.nodes["alpha"])
        last = [each for each in entries(net, "bravo") if each.type is EntryType.ANSWER][-1]
        assert last.clock_unsure

    run(tmp_path, story)


def test_both_sides_see_the_same_chain_by_both_clocks(tmp_path: Path) -> None:
    """Bravo's clock is a second slow: each step has the time of either side."""

    async def story(net: Net) -> None:
        net.add("alpha")
        net.add("bravo", off_us=-SECOND_US)
        await net.join("alpha", "bravo")
        for name in ("alpha", "bravo"):
            await roster(net, name, RosterAct.CHAIN, roles=CHAIN)
        await roster(net, "bravo", RosterAct.TAKE, roles=("chief",), person="C. Katz")
        await net.advance(0)
        notice, began_us = await gives(net), net.now()
        await net.advance(10)
        bravo = net.nodes["bravo"]
        units = (NamedUnit(name="Falcon 1", state=UnitState.TOLD, at_us=net.now()),)
        for step, fields in ((Step.SEEN, None), (Step.READ_BACK, KEY)):
            answer = Answer(of=notice, step=step, role="chief", read_back=fields)
            await bravo.commit(
                lambda tx, pen, a=answer: give_answer(tx, pen, a),  # type: ignore[misc]
                bravo.clock.now_us(),
            )
            await net.advance(10)
        await bravo.commit(
            lambda tx, pen: attest(tx, pen, bytes(32), notice, units), bravo.clock.now_us()
        )
        await net.advance(10)
        here, there = chain(net, "alpha", notice), chain(net, "bravo", notice)
        assert (here.kind, there.kind) == (WatchKind.GIVEN, WatchKind.NOTICE)
        ours, theirs = links(here), links(there)
        assert list(ours) == list(theirs)
        for said in (ChainStep.SENT, ChainStep.SEEN, ChainStep.READ_BACK):
            assert ours[said].leaf == theirs[said].leaf is not None
            times = (theirs[said].at_us, theirs[said].other_us)
            assert (ours[said].at_us, ours[said].other_us) == times
        sent, seen = ours[ChainStep.SENT], ours[ChainStep.SEEN]
        assert (sent.at_us, sent.other_us) == (began_us, began_us - SECOND_US)
        assert seen.at_us == began_us + 9 * SECOND_US  # by bravo's slow clock
        assert seen.other_us == began_us + 10 * SECOND_US
        assert all(link.done for link in (*here.links, *there.links))
        due = [None if link.due_us is None else link.due_us - began_us for link in here.links]
        assert due == [None, *(each * SECOND_US for each in (5, 60, 120, 180))]
        due_there = [link.due_us for link in there.links[2:]]
        assert due_there == [began_us + (each - 1) * SECOND_US for each in (60, 120, 180)]

    run(tmp_path, story)


def test_the_chain_of_a_message_ends_with_what_settles_it(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await watched_pair(net)
        stop = await says_stop(net)
        await net.advance(30)
        assert [link.done for link in chain(net, "alpha", stop).links] == [True, True, False, False]
        bravo = net.nodes["bravo"]
        answer = MessageAnswer(
            code=WILCO, of=stop, role="chief", read_back=ReadBack(id=stop, values=STOP)
        )
        await bravo.commit(lambda tx, pen: answer_message(tx, pen, answer), net.now())
        await net.advance(1)
        for name in ("alpha", "bravo"):
            found = chain(net, name, stop)
            assert [link.step for link in found.links] == [
                *(ChainStep.SENT, ChainStep.DELIVERED, ChainStep.SEEN),
                *(ChainStep.READ_BACK, ChainStep.ANSWERED),
            ]
            assert all(link.done for link in found.links)
            times = [(link.at_us, link.other_us, link.leaf) for link in found.links]
            assert all(None not in each for each in (times[0], *times[2:]))
        with says_no("not_found", Refused):
            chain(net, "alpha", bytes(32))

    run(tmp_path, story)
