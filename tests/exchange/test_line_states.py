"""Each change of a line's state is one entry of our own, with its true bounds, whatever happened.

Two nodes with real doors, stores and pens; the line is cut, nodes stop and start again.
"""

import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from comity.assembly import desks_of
from comity.exchange.accuse import absolve, accuse
from comity.exchange.server import exchange_routes
from comity.exchange.watch_line import LineWatcher
from comity.hotline.line import line_now
from comity.intake.agree import change_standing
from comity.intake.terms import agreed
from comity.model.line import LineFact, LineState, Span
from comity.storage.lines import GapRow
from comity.storage.rows import ForkRow
from comity.trust.note import parse_note
from comity.web.node import Node
from comity.wire.agreement_v1 import StandingChange
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import EntryType, PeerCheckpointBody, parse_entry
from comity.wire.fields import parse_fields
from comity.wire.line_v1 import LINE_PATH, line_from
from tests.exchange.net import Net, run

BEAT_US = 30_000_000
MINUTE_S = 60
NAMES = ("alpha", "bravo")


def facts(node: Node) -> dict[int, LineFact]:
    """What the node's own journal says of its line, by entry: signed, opened, parsed."""

    def found() -> Iterator[tuple[int, LineFact]]:
        for row in node.read(lambda r: r.journal.entries(0, r.journal.size())):
            entry = parse_entry(parse_note(row.body).text)
            opening = node.read(lambda r, row=row: r.journal.opening(row.leaf))  # type: ignore[misc]
            if entry.type is EntryType.PARTY and opening is not None:
                fields = parse_fields(opening.fields)
                if fields[0].path == LINE_PATH:
                    assert entry.audience == node.origin
                    yield row.index, line_from(fields)

    return dict(found())


def states(node: Node) -> list[str]:
    return [fact.state for fact in facts(node).values()]


def gaps(node: Node) -> tuple[GapRow, ...]:
    return node.read(lambda r: r.lines.gaps(None, None, 99))


def cut(net: Net, *, is_cut: bool) -> None:
    for transport in net.lines.values():
        transport.cut = is_cut


async def joined(net: Net) -> tuple[Node, Node]:
    nodes = [net.nodes.get(name) or net.add(name) for name in NAMES]
    await net.join(*NAMES)
    await net.advance(65)
    return nodes[0], nodes[1]


def stop(net: Net, name: str) -> None:
    node = net.nodes.pop(name)
    node.scribe.close()
    node.store.close()
    del net.pacers[name]
    for (_, there), transport in net.lines.items():
        transport.cut |= there == name


def start(net: Net, name: str, other: str, node: Node) -> Node:
    again = net.add(name, node.identity)
    app = Starlette(routes=exchange_routes(again, desks_of(again.handle_secret), net.shown[name]))
    net.connect(name, other)
    back = net.lines[other, name]
    back.inner, back.cut = httpx.ASGITransport(app), False
    return again


def test_two_sides_agree_on_a_cut_within_a_heartbeat(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        nodes = await joined(net)
        assert [states(node) for node in nodes] == [["up"], ["up"]]
        before_us = net.now()
        cut(net, is_cut=True)
        await net.advance(10 * MINUTE_S)
        assert [states(node) for node in nodes] == [["up", "silent"]] * 2
        cut(net, is_cut=False)
        healed_us = net.now()
        await net.advance(2 * MINUTE_S)
        found = []
        for node in nodes:
            assert states(node) == ["up", "silent", "up"]
            (gap,) = gaps(node)
            assert gap.until_us is not None
            *_, silent, up = facts(node).values()
            assert up.gap == Span(from_us=gap.from_us, until_us=gap.until_us)
            assert (silent.since_us, silent.gap, up.since_us) == (gap.from_us, None, gap.until_us)
            assert before_us - BEAT_US <= gap.from_us <= before_us
            assert healed_us <= gap.until_us <= healed_us + BEAT_US
            found.append(gap)
        for one, other in zip(bounds(found[0]), bounds(found[1]), strict=True):
            assert abs(one - other) <= BEAT_US

    run(tmp_path, story)


def bounds(gap: GapRow) -> tuple[int, int]:
    assert gap.until_us is not None
    return gap.from_us, gap.until_us


def test_the_bounds_of_a_gap_are_heads_that_the_other_side_signed(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        alpha, bravo = await joined(net)
        cut(net, is_cut=True)
        await net.advance(5 * MINUTE_S)
        cut(net, is_cut=False)
        await net.advance(MINUTE_S)
        (gap,) = gaps(alpha)
        index, _ = list(facts(alpha).items())[-1]
        refs = entry_at(alpha, index).refs
        for number, (ref, at_us) in enumerate(zip(refs, bounds(gap), strict=True)):
            held = alpha.read(lambda r, ref=ref: r.journal.index_of(ref))  # type: ignore[misc]
            assert held == (gap.from_index, gap.until_index)[number]
            entry = entry_at(alpha, held or 0)
            assert isinstance(entry.body, PeerCheckpointBody)
            assert (entry.body.peer, entry.issued_us) == (bravo.origin, at_us)
        between = range((gap.from_index or 0) + 1, gap.until_index or 0)
        bodies = [entry_at(alpha, index).body for index in between]
        assert not any(isinstance(body, PeerCheckpointBody) for body in bodies)

    run(tmp_path, story)


def entry_at(node: Node, index: int):  # type: ignore[no-untyped-def] # noqa: ANN201
    row = node.read(lambda r: r.journal.entry(index))
    assert row is not None
    return parse_entry(parse_note(row.body).text)


@pytest.mark.parametrize(("name", "other"), [("alpha", "bravo"), ("bravo", "alpha")])
def test_a_gap_in_which_the_node_was_down_has_its_true_bounds(
    tmp_path: Path, name: str, other: str
) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        node = net.nodes[name]
        stopped_us = net.now()
        stop(net, name)
        await net.advance(20 * MINUTE_S)
        again, started_us = start(net, name, other, node), net.now()
        await net.advance(2 * MINUTE_S)
        assert states(again)[-1] == "up"
        (gap,) = gaps(again)
        assert gap.until_us is not None
        entries = again.read(lambda r: r.lines.gap_entries(gap.peer, gap.from_us))
        (down,) = [(e.down_from_us, e.down_until_us) for e in entries if e.down_from_us is not None]
        assert stopped_us - BEAT_US <= gap.from_us <= (down[0] or 0) <= stopped_us
        assert down[1] == started_us <= gap.until_us <= started_us + BEAT_US
        (theirs,) = gaps(net.nodes[other])
        for one, two in zip(bounds(gap), bounds(theirs), strict=True):
            assert abs(one - two) <= BEAT_US

    run(tmp_path, story)


def test_a_contact_before_the_first_look_hides_no_gap(tmp_path: Path) -> None:
    """The other side's beat is there before any tailer of the node that started has run."""

    async def story(net: Net) -> None:
        _, bravo = await joined(net)
        stop(net, "bravo")
        await net.advance(20 * MINUTE_S)
        again, started_us = start(net, "bravo", "alpha", bravo), net.now()
        idle = net.pacers.pop("bravo")
        await net.advance(MINUTE_S)
        (gap,) = gaps(again)
        assert gap.until_us is not None
        assert gap.until_us - gap.from_us >= 20 * MINUTE_S * 1_000_000
        *_, last = facts(again).values()
        assert (last.state, last.gap is not None) == (LineState.UP, True)
        assert last.down is not None
        assert last.down.until_us == started_us
        net.pacers["bravo"] = idle

    run(tmp_path, story)


def test_a_gap_with_many_starts_in_it_tells_of_each_once(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        alpha, _ = await joined(net)
        cut(net, is_cut=True)
        await net.advance(3 * MINUTE_S)
        starts, again = [], alpha
        for _ in range(3):
            stop(net, "alpha")
            await net.advance(5 * MINUTE_S)
            again = start(net, "alpha", "bravo", alpha)
            starts.append(net.now())
            cut(net, is_cut=True)
            await net.advance(5 * MINUTE_S)
        assert states(again) == ["up", "silent", "silent", "silent", "silent"]
        cut(net, is_cut=False)
        await net.advance(2 * MINUTE_S)
        assert states(again)[-2:] == ["silent", "up"]
        found = [fact.down.until_us for fact in facts(again).values() if fact.down is not None]
        assert found == starts
        (gap,) = gaps(again)
        assert gap.until_us is not None

    run(tmp_path, story)


def test_a_start_without_a_gap_says_nothing(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        alpha, _ = await joined(net)
        stop(net, "alpha")
        await net.advance(20)
        again = start(net, "alpha", "bravo", alpha)
        await net.advance(5 * MINUTE_S)
        assert states(again) == ["up"]
        assert gaps(again) == ()

    run(tmp_path, story)


def test_a_suspension_is_a_state_with_its_reason_and_since(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        nodes = await joined(net)
        alpha = nodes[0]
        block = alpha.read(lambda r: r.post.agreement(nodes[1].origin))
        assert block is not None
        of, since_us = sha256(block.ours.encode()), net.now()
        for word in (StandingChange.SUSPEND, StandingChange.RESUME):
            await alpha.commit(
                lambda tx, pen, word=word: change_standing(tx, pen, of, word, "a quarrel"),  # type: ignore[misc]
                net.now(),
            )
            await net.advance(MINUTE_S)
        for node in nodes:
            assert states(node) == ["up", "suspended", "up"]
            found = list(facts(node).values())[1]
            assert since_us <= found.since_us <= since_us + BEAT_US
            assert "a quarrel" in found.reason
            assert "alpha" in found.reason

    run(tmp_path, story)


def test_silence_is_not_hidden_by_what_else_is_wrong(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        alpha, bravo = await joined(net)
        peer = alpha.roster.now.peers[bravo.origin]
        await alpha.commit(lambda tx, pen: accuse(tx, pen, peer, "overgrown", "much"), net.now())
        await net.advance(10)
        assert states(alpha) == ["up", "degraded"]
        cut(net, is_cut=True)
        await net.advance(5 * MINUTE_S)
        cut(net, is_cut=False)
        await net.advance(35)
        assert states(alpha) == ["up", "degraded", "silent", "degraded"]
        (gap,) = gaps(alpha)
        assert gap.until_us is not None
        await alpha.commit(lambda tx, pen: absolve(tx, pen, peer, "overgrown"), net.now())
        await net.advance(10)
        assert states(alpha)[-1] == "up"

    run(tmp_path, story)


def test_a_forked_line_that_falls_silent_has_its_gap(tmp_path: Path) -> None:
    """It stays `forked`, which a person must settle; that it is silent too is on record."""

    async def story(net: Net) -> None:
        alpha, bravo = await joined(net)
        known = alpha.read(lambda r: r.post.head(bravo.origin))
        assert known is not None
        fork = ForkRow(origin=bravo.origin, known=known.note, offered=known.note, at_us=net.now())
        alpha.store.write(lambda tx: tx.post.save_fork(fork))
        await net.advance(60)
        cut(net, is_cut=True)
        await net.advance(10 * MINUTE_S)
        assert states(alpha)[-1] == "forked"
        (gap,) = gaps(alpha)
        assert gap.until_us is None
        entries = len(facts(alpha))
        await net.advance(10 * MINUTE_S)
        assert len(facts(alpha)) == entries  # said once
        cut(net, is_cut=False)
        await net.advance(60)
        (gap,) = gaps(alpha)
        assert gap.until_us is not None

    run(tmp_path, story)


@pytest.mark.parametrize("back_s", [0, 3_600])
def test_a_clock_that_is_set_back_hides_no_silence(tmp_path: Path, back_s: int) -> None:
    async def story(net: Net) -> None:
        alpha, bravo = net.add("alpha", off_us=0), net.add("bravo")
        await net.join("alpha", "bravo")
        pacer = net.pacers["alpha"]
        (watcher,) = (each for each in pacer._tailers if isinstance(each, LineWatcher))
        pacer._tailers.remove(watcher)  # the net ticks by its own clock, this one by alpha's

        async def passes(seconds: int) -> None:
            for _ in range(seconds):
                await net.advance(1)
                while await watcher.tick(alpha.clock.now_us()):
                    pass

        await passes(65)
        cut(net, is_cut=True)
        net.clocks["alpha"].off_us = -back_s * 1_000_000
        await passes(60)
        assert states(alpha) == ["up"]
        await passes(130)  # three heartbeats, and as many until the clock that is right was read
        assert states(alpha) == ["up", "silent"]
        now_us = alpha.clock.now_us()
        (peer,) = alpha.read(lambda r: r.post.peers())
        between = alpha.read(lambda r: agreed(r, alpha.origin, now_us)).toward(bravo.origin)
        assert alpha.read(lambda r: line_now(r, peer, between, now_us)).state == "silent"
        cut(net, is_cut=False)
        await passes(120)
        assert states(alpha) == ["up", "silent", "up"]
        (gap,) = gaps(alpha)
        assert gap.until_us is not None

    run(tmp_path, story)


@pytest.mark.parametrize("seed", range(2))
def test_no_cut_and_no_start_goes_missing(tmp_path: Path, seed: int) -> None:
    """Whatever happens in which order: the gaps are the times without proven contact, no others."""
    chance = random.Random(seed)

    async def story(net: Net) -> None:
        alpha, _ = await joined(net)
        expected = 0
        for _ in range(5):
            silent_s = chance.choice([20, 40, 200, 900])
            if chance.random() < 0.5:
                stop(net, "alpha")
                await net.advance(silent_s)
                start(net, "alpha", "bravo", alpha)
            else:
                cut(net, is_cut=True)
                await net.advance(silent_s)
                cut(net, is_cut=False)
            expected += silent_s > 3 * BEAT_US // 1_000_000
            await net.advance(chance.choice([31, 61, 120]))
        for node in net.nodes.values():
            found = gaps(node)
            assert len(found) == expected
            assert states(node).count("silent") <= 2 * expected
            proven = contacts(node)
            for gap in found:
                assert gap.until_us is not None
                assert {gap.from_us, gap.until_us} <= set(proven)
                assert not any(gap.from_us < at_us < gap.until_us for at_us in proven)
            apart = [later - at_us for at_us, later in pairwise(proven)]
            assert sum(span > 3 * BEAT_US for span in apart) == expected

    run(tmp_path, story)


def contacts(node: Node) -> list[int]:
    """When the other side's head was recorded: the contacts that the journal itself proves."""
    rows = node.read(lambda r: r.journal.entries(0, r.journal.size()))
    entries = [parse_entry(parse_note(row.body).text) for row in rows]
    return [each.issued_us for each in entries if each.type is EntryType.PEER_CHECKPOINT]
