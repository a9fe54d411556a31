"""A node whose clock is wrong: what it still signs, what it marks, what others make of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from comity.exchange.watch_time import TimeWarner
from comity.intake.move import move
from comity.intake.order import DeclareOrder, MoveOrder
from comity.intake.receive import declare
from comity.journal.pen import Written
from comity.journal.quorum import Quorum
from comity.model.clock_error import ClockState
from comity.model.fault import Refused
from comity.model.notice import Code, Confidence, HazardBasis, Onward, Purpose
from comity.storage.rows import WarningRow
from comity.trust.note import parse_note
from comity.wire.entry_v1 import Entry, EntryType, parse_entry
from tests.exchange.net import NOON, Net, run
from tests.exchange.test_exchange import HOUR, give, notice

SECOND = 1_000_000


async def trio(net: Net, off_us: int) -> None:
    """Alpha, whose clock is wrong, bravo, carol, and a witness."""
    net.add("alpha", off_us=0)
    net.add("bravo", off_us=0)
    net.add("carol", off_us=0)
    net.add_witness()
    for other in ("bravo", "carol"):
        await net.join("alpha", other)
    await net.advance(1)
    net.clocks["alpha"].off_us = off_us
    await net.advance(30)


def entries(net: Net, name: str) -> list[Entry]:
    node = net.nodes[name]
    rows = node.read(lambda r: r.journal.entries(0, node.head.checkpoint.size))
    return [parse_entry(parse_note(row.body).text) for row in rows]


async def hazard(net: Net, here: str, *there: str) -> Written:
    said = replace(
        notice(lat=34.0),
        code=Code.HAZARD,
        purpose=Purpose.AIR_DEFENCE_ACTIVE,
        basis=HazardBasis(
            source="own radar", confidence=Confidence.CONFIRMED, expires_us=NOON + 2 * HOUR
        ),
        onward=Onward.NONE,
    )
    order = DeclareOrder(notice=said, to=tuple(net.nodes[name].origin for name in there))
    done = await net.nodes[here].commit(
        lambda tx, pen: declare(tx, pen, order), net.nodes[here].clock.now_us()
    )
    return done.value.written[0]


def verdict(net: Net, here: str, written: Written) -> str | None:
    taken = net.nodes[here].read(lambda r: r.post.taken(written.index))
    return None if taken is None else taken.verdict


def open_warnings(net: Net, name: str) -> list[WarningRow]:
    rows = net.nodes[name].read(lambda r: r.sky.warnings())
    return [row for row in rows if row.cleared_us is None]


@pytest.mark.parametrize("off", [60, -3600, -5.2])
def test_beyond_five_seconds_only_the_safety_floor_is_signed(tmp_path: Path, off: float) -> None:
    async def story(net: Net) -> None:
        await trio(net, round(off * SECOND))
        alpha = net.nodes["alpha"]
        assert net.watches["alpha"].standing().state is ClockState.UNTRUSTED
        size = alpha.head.checkpoint.size
        with pytest.raises(Refused) as refused:
            await give(net, "alpha", "bravo")
        assert refused.value.code == "clock_untrusted"
        assert "bravo" in refused.value.reason
        assert f"{abs(off):.1f}" in refused.value.reason
        written = await hazard(net, "alpha", "bravo", "carol")
        assert written.entry.clock_unsure
        assert alpha.head.checkpoint.size > size
        await net.advance(62)  # a retry at the latest
        assert verdict(net, "alpha", written) == "accepted"

    run(tmp_path, story)


@pytest.mark.parametrize("off", [-3600])
def test_the_receipts_of_a_wrong_clock_still_bind(tmp_path: Path, off: float) -> None:
    async def story(net: Net) -> None:
        await trio(net, round(off * SECOND))
        written = await give(net, "bravo", "alpha")
        await net.advance(62)  # a retry at the latest
        assert net.watches["bravo"].standing().state is ClockState.SURE
        assert verdict(net, "bravo", written) == "accepted"

    run(tmp_path, story)


@pytest.mark.parametrize("off", [60])
def test_between_two_neither_is_believed_and_the_floor_passes(tmp_path: Path, off: float) -> None:
    async def story(net: Net) -> None:
        net.add("alpha", off_us=0)
        net.add("bravo", off_us=0)
        await net.join("alpha", "bravo")
        await net.advance(5)
        net.clocks["alpha"].off_us = round(off * SECOND)
        await net.advance(31)
        for name in ("alpha", "bravo"):
            assert net.watches[name].standing().state is ClockState.UNTRUSTED
        for here, there in (("alpha", "bravo"), ("bravo", "alpha")):
            with pytest.raises(Refused) as refused:
                await give(net, here, there)
            assert "two clocks cannot show" in refused.value.reason
            written = await hazard(net, here, there)
            await net.advance(62)  # a retry at the latest
            assert verdict(net, here, written) == "accepted"

    run(tmp_path, story)


def test_what_was_given_can_be_ended_by_any_clock(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await trio(net, 0)
        given = await give(net, "alpha", "bravo")
        await net.advance(5)
        net.clocks["alpha"].off_us = 60 * SECOND
        await net.advance(31)
        alpha = net.nodes["alpha"]
        body = given.entry.body
        order = MoveOrder(subject=body.root, code=Code.CANCEL, at_us=NOON)  # type: ignore[union-attr]
        done = await alpha.commit(lambda tx, pen: move(tx, pen, order), alpha.clock.now_us())
        await net.advance(62)  # a retry at the latest
        assert verdict(net, "alpha", done.value.written[0]) == "accepted"

    run(tmp_path, story)


@pytest.mark.parametrize("off", [2.2, -4.8])
def test_between_two_and_five_seconds_entries_carry_the_mark(tmp_path: Path, off: float) -> None:
    async def story(net: Net) -> None:
        await trio(net, round(off * SECOND))
        written = await give(net, "alpha", "bravo")
        assert written.entry.clock_unsure
        await net.advance(62)  # a retry at the latest
        assert verdict(net, "alpha", written) == "accepted"
        assert not any(entry.clock_unsure for entry in entries(net, "bravo"))

    run(tmp_path, story)


@pytest.mark.parametrize("off", [-0.5])
def test_a_good_clock_marks_nothing(tmp_path: Path, off: float) -> None:
    async def story(net: Net) -> None:
        await trio(net, round(off * SECOND))
        written = await give(net, "alpha", "bravo")
        assert not written.entry.clock_unsure
        assert {entry.type for entry in entries(net, "alpha")} >= {EntryType.KEYS, EntryType.NOTICE}
        assert not any(entry.clock_unsure for entry in entries(net, "alpha"))

    run(tmp_path, story)


def test_the_clock_warnings_come_in_pairs(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await trio(net, 0)
        alpha = net.nodes["alpha"]
        warner = TimeWarner(
            store=alpha.store,
            scribe=alpha.scribe,
            quorum=Quorum(root=None),
            watch=net.watches["alpha"],
            heartbeat_us=30 * SECOND,
            now_us=net.now(),
        )
        net.pacers["alpha"].add(warner)
        kinds = []
        for off in (0, 3, 10, 3, 0):
            net.clocks["alpha"].off_us = off * SECOND
            await net.advance(31)
            kinds.append([row.kind for row in open_warnings(net, "alpha")])
        assert kinds == [[], ["clock_unsure"], ["clock_untrusted"], ["clock_unsure"], []]

    run(tmp_path, story)


def test_a_lone_liar_among_three_stops_nobody(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await trio(net, 0)
        net.clocks["bravo"].off_us = 3_600 * SECOND
        await net.advance(35)
        standing = net.watches["alpha"].standing()
        assert len(standing.sources) == 3  # two peers and the witness
        assert standing.state is ClockState.SURE
        await give(net, "alpha", "carol")

    run(tmp_path, story)
