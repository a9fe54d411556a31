"""A parcel that is packed between a commit and its signature holds only what its head proves."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from comity.assembly import desks_of
from comity.exchange.line import Line
from comity.exchange.parcel import finish, pack, unpack
from comity.journal.checkpoint import Checkpoint
from comity.journal.heads import OtherSize
from comity.journal.parcel import Parcel, parse_parcel_text
from comity.journal.pen import Pen
from comity.journal.scribe import Scribe, SignedHead
from comity.storage.store import Transaction
from comity.web.node import Node
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import text_field
from tests.exchange.net import Net, run

WAIT_S = 10
Packed = tuple[Parcel, tuple[bytes, ...]]
Work = Callable[[Transaction, Pen], object]


async def _packed(line: Line) -> Packed:
    manifest, pieces = await pack(line)
    return parse_parcel_text(manifest.text), pieces


def _works(node: Node, line: Line, packed: Packed) -> list[tuple[str, Work]]:
    """The work for each piece, in order."""
    parcel, pieces = packed
    desks = desks_of(node.handle_secret)
    return [
        (piece.kind, unpack(line, line.roster.now, desks, parcel, piece.kind, data))
        for piece, data in zip(parcel.pieces, pieces, strict=True)
    ]


async def _take_in(node: Node, line: Line, packed: Packed, kinds: Sequence[str]) -> None:
    for kind, work in _works(node, line, packed):
        if kind in kinds:
            with suppress(OtherSize):  # of several beats one starts where we are
                await line.commit(work)


async def _finished(line: Line, packed: Packed) -> None:
    await line.commit(lambda tx, pen: finish(tx, pen, packed[0]))


def _write(to: Node, words: str) -> Work:
    content = (text_field("words", words),)
    return lambda _, pen: pen.write_content(EntryType.ANSWER, to.origin, pen.seal(content))


ALL = ("beat", "ack", "take", "give")


def test_what_the_head_does_not_hold_waits_for_the_next_parcel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_sign, sign, published = threading.Event(), Scribe._sign, Scribe.published
    may_sign.set()

    def waits(scribe: Scribe, checkpoint: Checkpoint) -> SignedHead:
        assert may_sign.wait(WAIT_S)
        return sign(scribe, checkpoint)

    async def story(net: Net) -> None:
        alpha, bravo = net.add("alpha"), net.add("bravo")
        await net.join("alpha", "bravo")
        to_bravo, to_alpha = net.senders["alpha", "bravo"], net.senders["bravo", "alpha"]

        async def carry(node: Node, line: Line, packed: Packed) -> None:
            await _take_in(node, line, packed, ALL)
            await _finished(line, packed)

        for _ in range(2):  # each learns the other's head, and what the other has
            await carry(bravo, to_alpha, await _packed(to_bravo))
            await carry(alpha, to_bravo, await _packed(to_alpha))
        await to_alpha.commit(_write(alpha, "wants a receipt"))
        await carry(alpha, to_bravo, await _packed(to_alpha))
        await to_bravo.commit(_write(bravo, "is given"))
        brought = await _packed(to_bravo)
        await _take_in(bravo, to_alpha, brought, ["beat"])
        await _finished(to_alpha, brought)
        late = [work for kind, work in _works(bravo, to_alpha, brought) if kind != "beat"]
        late.append(_write(alpha, "given in between"))
        waiting = []

        def commits_without_a_signature(
            scribe: Scribe, head: SignedHead, now_us: int
        ) -> SignedHead:
            monkeypatch.setattr(Scribe, "published", published)
            monkeypatch.setattr(Scribe, "_sign", waits)
            may_sign.clear()
            size = bravo.read(lambda r: r.journal.size())
            waiting.append(scribe.submit(lambda tx, pen: [work(tx, pen) for work in late], now_us))
            while bravo.read(lambda r: r.journal.size()) == size:
                assert not waiting[0].done()
            return published(scribe, head, now_us)

        monkeypatch.setattr(Scribe, "published", commits_without_a_signature)
        try:
            between = await _packed(to_alpha)
        finally:
            may_sign.set()
        waiting[0].result(WAIT_S)
        assert _kinds(between).isdisjoint({"take", "give"})
        assert {"take", "give"} <= _kinds(await _packed(to_alpha))

    run(tmp_path, story)


def _kinds(packed: Packed) -> set[str]:
    return {piece.kind for piece in packed[0].pieces}
