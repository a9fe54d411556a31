"""Mirrors a peer's leaf hashes up to the head that we follow, in the background. A tailer.

Asks for a bounded range at a time, after what is due on the line, and stores nothing that does not
hash to the signed head. A head costs its signer nothing, however large: so a peer's leaves are
fetched at a bounded pace, and all peers' together; what is beyond it is fetched later. Also asks
about heads that did not fit: what the peer serves under the head that it offered convicts it, or
shows that only a proof was spoilt. Entries are never asked for. Called by the pacer.
"""

import asyncio
import logging
from functools import partial

from comity.exchange.accuse import accuse, fork_between, keep_proven
from comity.exchange.line import LEAVES_PATH, Line
from comity.exchange.messages import Leaves, Want, hashes_from
from comity.exchange.rate import Bucket
from comity.intake.renew import lives_of
from comity.journal.checkpoint import parse_checkpoint
from comity.journal.merkle import root, verify_consistency
from comity.journal.mirror import Tiles, added, node_of, split_hashes
from comity.journal.pen import Pen
from comity.model.fault import Corrupt, Fault, Malformed, Untrusted
from comity.storage.rows import Head
from comity.storage.store import Reading, Transaction
from comity.trust.note import parse_note
from comity.trust.roster import Peer
from comity.wire.canonical import HASH_BYTES, hash32, unb64
from comity.wire.limits import (
    LEAVES_MAX,
    MIRROR_LEAVES_AT_ONCE,
    MIRROR_LEAVES_PER_S,
    MIRROR_STEP_LEAVES,
    RETRY_US_FIRST,
    RETRY_US_MAX,
)

__all__ = ["Copyist", "step_of_all"]

_LOG = logging.getLogger("comity.exchange")
_PAUSE_US = 100_000  # between two requests of one catch-up: notices go first
_REST_US = 300_000_000  # a few new leaves can wait: they come with every heartbeat
_MANY = 256  # leaves, a tile: these do not wait
_ASKED_MAX = 8  # times that a peer is asked about one head that did not fit


def step_of_all() -> Bucket:
    """What the mirrors of one node may ask for in a second, of all peers together."""
    return Bucket(MIRROR_STEP_LEAVES, MIRROR_STEP_LEAVES)


class Copyist:
    """See the module docstring."""

    def __init__(self, line: Line, together: Bucket) -> None:
        """Serve one line; what is mirrored is in the store. `together` is shared by all lines."""
        self._line = line
        self._together = together
        self._own = Bucket(MIRROR_LEAVES_PER_S, MIRROR_LEAVES_AT_ONCE)
        self._next_us = 0
        self._rested_us = 0
        self._failures = 0
        self._asked: dict[bytes, int] = {}

    async def tick(self, now_us: int) -> int:
        """One request, if one is due; 1 if something was learned."""
        due = self.next_due(now_us)
        if due is None or due > now_us:
            return 0
        self._next_us = now_us + _PAUSE_US
        try:
            doubted = self._line.store.read(self._doubted)
            await (self._copy(now_us) if doubted is None else self._doubt(*doubted))
        except Corrupt:
            raise
        except Fault as fault:
            await self._failed(fault, now_us)
            return 0
        self._failures = 0
        self._rested_us = now_us + _REST_US
        return 1

    def next_due(self, now_us: int) -> int | None:
        """Now for much or for a doubt, later for little or beyond a bound, never for nothing."""
        doubted, behind = self._line.store.read(lambda r: (self._doubted(r), self._behind(r)))
        if doubted is not None:
            return max(self._next_us, now_us)
        if behind <= 0:
            return None
        count = min(behind, LEAVES_MAX)
        ready_us = max(bucket.ready_us(count, now_us) for bucket in (self._own, self._together))
        rested_us = 0 if behind >= _MANY else self._rested_us
        return max(rested_us, self._next_us, ready_us)

    def _behind(self, reading: Reading) -> int:
        head = reading.post.head(self._line.peer.origin)
        return 0 if head is None else head.size - reading.mirror.size(self._line.peer.origin)

    async def _failed(self, fault: Fault, now_us: int) -> None:
        _LOG.info("leaves of %s: %s", self._line.peer.origin, fault.reason)
        self._failures += 1
        wait = min(RETRY_US_MAX, RETRY_US_FIRST << min(self._failures, 10))
        self._next_us = now_us + wait
        if isinstance(fault, Untrusted) and fault.code == "false_leaves":
            text = f"its leaf hashes are not those of the head that it signed: {fault.reason}"
            await self._line.commit(
                lambda tx, pen: accuse(tx, pen, self._line.peer, "false_statement", text)
            )

    async def _copy(self, now_us: int) -> None:
        """Fetch the next leaves, and keep them if they hash to the head that we follow.

        Verified beside the loop, which is the line's. What was not kept counts only for all.
        """
        origin = self._line.peer.origin
        size, head = self._line.store.read(lambda r: (r.mirror.size(origin), r.post.head(origin)))
        if head is None or size >= head.size:
            return
        stop = min(head.size, size + LEAVES_MAX)
        count = stop - size
        if self._own.ready_us(count, now_us) > now_us or not self._together.take(now_us, count):
            return  # the head has grown meanwhile, or another line was first
        leaves = await self._ask(size, stop, head.size)
        checked = partial(self._checked, start=size, stop=stop, leaves=leaves, head=head)
        tiles = await asyncio.to_thread(self._line.store.read, checked)

        def work(tx: Transaction, _: Pen) -> None:
            if tx.mirror.size(origin) != size:
                return  # another request of ours was first
            for (level, index), hashes in tiles.items():
                tx.mirror.save_tile(origin, level, index, hashes)
            if stop == head.size:
                tx.mirror.save_head(head)

        await self._line.commit(work)
        self._own.take(now_us, count)

    async def _ask(self, start: int, stop: int, size: int) -> Leaves:
        return await self._line.ask(LEAVES_PATH, Want(start=start, stop=stop, size=size), Leaves)

    def _checked(
        self, reading: Reading, *, start: int, stop: int, leaves: Leaves, head: Head
    ) -> Tiles:
        data = unb64(leaves.hashes)
        if len(data) != (stop - start) * HASH_BYTES:
            raise Malformed("not as many leaf hashes as were asked for", code="bad_message")
        stored = partial(reading.mirror.tile, self._line.peer.origin)
        tiles = added(stored, start, split_hashes(data))

        def tile(level: int, index: int) -> bytes:
            return tiles.get((level, index)) or stored(level, index)

        found = root(stop, node_of(tile))
        proof = hashes_from(leaves.consistency)
        if not verify_consistency(stop, found, head.size, head.root, proof):
            raise Untrusted(f"entries {start} to {stop}", code="false_leaves")
        return tiles

    def _doubted(self, reading: Reading) -> tuple[Head, Head] | None:
        """The head known and one offered later that did not fit and is not proven against yet."""
        origin = self._line.peer.origin
        forks = reading.post.forks(origin)
        if not forks or reading.mirror.evidence(origin):
            return None
        for row in forks:
            known, offered = _head(row.known), _head(row.offered)
            asked = self._asked.get(row.offered, 0)
            if 0 < known.size < offered.size and asked < _ASKED_MAX:
                return known, offered
        return None

    def _peer(self, reading: Reading) -> Peer:
        """With the keys that it has now: some may have come while the line stood."""
        peer = self._line.peer
        lives = lives_of(reading, peer.origin)
        return peer.with_lives(lives) if lives else peer

    async def _doubt(self, known: Head, offered: Head) -> None:
        """Ask for the root at the size known, under the head offered."""
        self._asked[offered.note] = self._asked.get(offered.note, 0) + 1
        leaves = await self._ask(known.size, known.size, offered.size)
        found, proof = hash32(leaves.root), hashes_from(leaves.consistency)
        fork = fork_between(self._line.store.read(self._peer), known, offered, found, proof)
        if fork is not None:
            await self._line.commit(lambda tx, pen: keep_proven(tx, pen, self._line.peer, fork))
        elif verify_consistency(known.size, known.root, offered.size, offered.root, proof):
            self._asked[offered.note] = _ASKED_MAX  # they fit: only the proof was spoilt


def _head(note: bytes) -> Head:
    found = parse_checkpoint(parse_note(note).text)
    return Head(origin=found.origin, size=found.size, root=found.root, note=note)
