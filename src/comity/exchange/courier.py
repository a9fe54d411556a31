"""Takes what is in the outbox to one peer, in order, and keeps the line's heartbeat. A tailer.

GIVE of a batch, then TAKE (verified and committed with our record of the peer's head), then ACK.
At least once: every step may be repeated after a crash, since the peer knows an entry by its leaf
hash. Never reads more of the outbox than a batch. On a broken line a small batch is tried every
second, so that what is due after a partition is there within five. Of two parties the one whose
origin comes first sends the beats. While our disk is full only the safety floor is given, and no
beat: none could be recorded.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from itertools import takewhile

from comity.exchange.accuse import keep_fork
from comity.exchange.beat import acknowledge, beat
from comity.exchange.conduct import Conduct
from comity.exchange.line import Line, PeerKnows, PeerShows
from comity.exchange.send import (
    Bound,
    deliver,
    is_about_keys,
    of_floor,
    warn_not_recorded,
)
from comity.journal.heads import Forked, OtherSize
from comity.journal.pen import Pen
from comity.model.fault import Corrupt, Fault, Untrusted
from comity.storage.rows import OutboxRow
from comity.storage.store import Reading, Transaction
from comity.wire.limits import BATCH_ENTRIES_MAX, BATCH_S_MAX, LINE_RETRY_US_MAX, RETRY_US_FIRST

__all__ = ["Courier"]

_LOG = logging.getLogger("comity.exchange")
_KEYS_WAITING_MAX = 256  # of statements about our keys that one peer has not taken
_SAFETY_WAITING_MAX = 1_024  # on a line whose other end's history we do not follow
_SIZE_RETRIES = 4  # both sides send at once: each correction of a size is one more round trip


class Courier:
    """See the module docstring."""

    def __init__(self, line: Line, heartbeat_us: int) -> None:
        """Serve one line; the first beat is due at once."""
        self._line = line
        self._heartbeat_us = heartbeat_us
        self._sends_beats = line.identity.origin < line.peer.origin
        self._beat_due_us = 0
        self._batch = BATCH_ENTRIES_MAX
        self._ordinary_first = False
        self._rest_until_us = 0
        self._conduct = Conduct(line)
        self._unproven: set[int] = set()

    async def tick(self, now_us: int) -> int:
        """Deliver at most one batch, or beat; 1 if something was done."""
        rows = self._next(self._batch)
        if rows and self._row_due_us(rows[0], now_us) <= now_us:
            return await self._try_deliver(rows, now_us)
        if self._beats() and _due_us(self._beat_due_us, now_us, self._heartbeat_us) <= now_us:
            self._beat_due_us = now_us + self._heartbeat_us
            await self._try_beat(now_us)
            return 1
        return 0

    async def _try_beat(self, now_us: int) -> None:
        try:
            await self._repeat(self._beat)
        except Corrupt:
            raise
        except Fault as fault:
            await self._conduct.failed(fault)
            raise
        await self._conduct.worked(now_us)

    def next_due(self, now_us: int) -> int | None:
        """The oldest entry's time or the next beat's, whichever comes first."""
        dues = [self._row_due_us(row, now_us) for row in self._next(1)]
        if self._beats():
            dues.append(_due_us(self._beat_due_us, now_us, self._heartbeat_us))
        return min(dues, default=None)

    def _row_due_us(self, row: OutboxRow, now_us: int) -> int:
        rest_us = _due_us(self._rest_until_us, now_us, LINE_RETRY_US_MAX)
        return max(_due_us(row.due_us, now_us, LINE_RETRY_US_MAX), rest_us)

    def _beats(self) -> bool:
        return self._sends_beats and not self._line.scribe.floor_only

    def _next(self, limit: int) -> tuple[OutboxRow, ...]:
        """What goes next, of one lane only: safety waits for nothing but what is under way.

        A commit can be read before its head is signed; what no head holds yet has no proof, and
        goes when the pen wakes us.
        """
        peer, besides = self._line.peer.origin, self._ordinary_first
        signed = self._line.scribe.head.checkpoint.size

        def query(reading: Reading) -> tuple[OutboxRow, ...]:
            ordinary = reading.post.outbox(peer, limit, besides_floor=True) if besides else ()
            rows = ordinary or _first(reading, peer, limit, self._unproven)
            if not self._line.scribe.floor_only:
                return rows
            entries = ((row, reading.journal.entry(row.index)) for row in rows)
            fit = takewhile(lambda each: each[1] is not None and of_floor(each[1]), entries)
            return tuple(row for row, _ in fit)

        rows = tuple(row for row in self._line.store.read(query) if row.index < signed)
        return tuple(row for row in rows if row.floor == rows[0].floor)

    async def _try_deliver(self, rows: Sequence[OutboxRow], now_us: int) -> int:
        indices = [row.index for row in rows]

        async def once() -> None:
            delivered = await deliver(self._line, self._line.roster.now, indices)
            self._ordinary_first = False
            self._unproven.difference_update(indices)
            if delivered.stopped is not None:
                _LOG.info("a batch to %s ended: %s", self._line.peer.origin, delivered.stopped)
            if delivered.bound is not None:  # else nothing that the peer would follow
                await self._acknowledge(delivered.bound)

        began = asyncio.get_running_loop().time()
        try:
            await self._repeat(once)
        except Corrupt:
            raise
        except PeerShows as shows:
            await self._shown(rows[0], shows)
            await self._defer(rows[0], now_us)
            return 0
        except Fault as fault:
            return await self._not_delivered(rows, fault, now_us)
        await self._conduct.worked(now_us)
        self._pace(asyncio.get_running_loop().time() - began)
        return 1

    async def _not_delivered(self, rows: Sequence[OutboxRow], fault: Fault, now_us: int) -> int:
        self._batch = max(1, len(rows) // 2)
        _LOG.info("entry %d to %s: %s", rows[0].index, self._line.peer.origin, fault.reason)
        if await self._turn_back(fault, now_us):
            return 1
        for row in self._left_unproven(fault, rows):
            await self._defer(row, now_us)
        await self._conduct.failed(fault)
        return 0

    def _left_unproven(self, fault: Fault, rows: Sequence[OutboxRow]) -> Sequence[OutboxRow]:
        """Which rows wait: all, if the peer may have them and its history is none that we follow.

        It answers under a head that does not fit the one we know, so its receipts prove nothing
        here. What comes after them must not wait for that: it may be a STOP.
        """
        if not isinstance(fault, Forked) or not rows[0].floor:
            return rows[:1]
        self._unproven.update(row.index for row in rows)
        return rows

    async def _acknowledge(self, bound: Bound) -> None:
        try:
            await acknowledge(self._line, bound)
        except Fault as fault:  # the receipt is ours already; the next beat binds our side too
            _LOG.info("ack to %s: %s", self._line.peer.origin, fault.reason)

    def _pace(self, spent_s: float) -> None:
        """Batches as large as both sides do in the time that safety may have to wait."""
        if spent_s > BATCH_S_MAX:
            self._batch = max(1, self._batch // 2)
        elif spent_s < BATCH_S_MAX / 4:
            self._batch = min(BATCH_ENTRIES_MAX, self._batch * 2)

    async def _turn_back(self, fault: Fault, now_us: int) -> int:
        """Receipts come in one chain for both lanes.

        If an answer to ordinary entries was lost and a safety entry overtook them, its receipt
        follows theirs: they are given again first, at once, and bring their receipts.
        """
        self._ordinary_first = not self._ordinary_first and fault.code == "out_of_order"
        if not self._ordinary_first:
            return 0
        behind = self._next(self._batch)
        if not behind or behind[0].floor:
            return 0
        return await self._try_deliver(behind, now_us)

    async def _shown(self, row: OutboxRow, shows: PeerShows) -> None:
        """Its people have seen it, and no journal there holds it: ours are told so."""
        try:
            await warn_not_recorded(self._line, row.index, shows.statement)
        except Corrupt:
            raise
        except Fault as fault:
            _LOG.info("%s: %s", self._line.peer.origin, fault.reason)

    async def _beat(self) -> None:
        await beat(self._line)

    async def _repeat(self, step: Callable[[], Awaitable[None]]) -> None:
        """Run a step again at once if only a size was out of date."""
        for _ in range(_SIZE_RETRIES):
            try:
                return await step()
            except PeerKnows as knows:
                await self._learn_size(knows.size)
            except OtherSize:
                continue  # its journal grew by another way meanwhile: ask again from there
            except Forked as fork:
                await self._line.commit(partial(keep_fork, peer=self._line.peer, fork=fork))
                raise
        return await step()

    async def _learn_size(self, size: int) -> None:
        """The peer knows our journal up to `size`; believe it only within what we have."""
        if size > self._line.scribe.head.checkpoint.size:
            raise Untrusted(
                f"{self._line.peer.origin} claims a head of ours of size {size}: either it lies, "
                "or our journal was rolled back",
                code="peer_ahead",
            )

        def work(tx: Transaction, pen: Pen) -> None:
            pen.claim_floor()  # one row that is there already, and nothing is given without it
            row = tx.post.peer(self._line.peer.origin)
            if row is not None:
                tx.post.save_peer(replace(row, acked_size=size))

        await self._line.commit(work)

    async def _defer(self, row: OutboxRow, now_us: int) -> None:
        wait = min(LINE_RETRY_US_MAX, RETRY_US_FIRST << min(row.attempts, 10))
        later = replace(row, due_us=now_us + wait, attempts=row.attempts + 1)

        def work(tx: Transaction, pen: Pen) -> None:
            if row.floor:
                pen.claim_floor()
            if tx.post.taken(row.index) is None:  # its receipt may have come by hand meanwhile
                tx.post.put_out(later)

        try:
            await self._line.commit(work)
        except Corrupt:
            raise
        except Fault:  # no room to write it down: remember it
            self._rest_until_us = now_us + wait


def _first(
    reading: Reading, peer: str, limit: int, unproven: Collection[int]
) -> tuple[OutboxRow, ...]:
    """In order, but some things hold back no safety behind them.

    What the peer may have and cannot prove to us goes behind all that was not given yet; and so
    does a statement about keys that was not taken. On a forked line the peer takes safety alone, by
    itself; each GIVE says what it needs of our keys (`Give.statements`). What is due first goes
    first, so that neither waits for ever.
    """
    rows = reading.post.outbox(peer, limit)
    if rows and rows[0].index in unproven:
        return _behind_unproven(reading, peer, limit, unproven)
    if not rows or not rows[0].floor or not rows[0].attempts or not _is_keys(reading, rows[0]):
        return rows
    waiting = reading.post.outbox(peer, _KEYS_WAITING_MAX + limit)
    safety = [row for row in waiting if row.floor and not _is_keys(reading, row)]
    return tuple(safety[:limit]) if safety and safety[0].due_us <= rows[0].due_us else rows


def _behind_unproven(
    reading: Reading, peer: str, limit: int, unproven: Collection[int]
) -> tuple[OutboxRow, ...]:
    """Safety that was not given yet; if there is none, what is due first of the rest, by itself."""
    waiting = reading.post.outbox(peer, _SAFETY_WAITING_MAX + limit)
    safety = [row for row in waiting if row.floor]
    fresh = [row for row in safety if row.index not in unproven]
    return tuple(fresh[:limit] or sorted(safety, key=lambda row: row.due_us)[:1])


def _is_keys(reading: Reading, row: OutboxRow) -> bool:
    entry = reading.journal.entry(row.index)
    return entry is not None and is_about_keys(entry)


def _due_us(due_us: int, now_us: int, wait_us_max: int) -> int:
    """When something is due; a time further away than any wait was set under another clock."""
    return now_us if due_us > now_us + wait_us_max else max(due_us, now_us)
