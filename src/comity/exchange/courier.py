"""Takes what is in the outbox to one peer, in order, and keeps the line's heartbeat. A tailer.

GIVE, then TAKE (verified and committed with our record of the peer's head), then ACK. At least
once: every step may be repeated after a crash, since the peer knows an entry by its leaf hash.
Backs off from one second to one minute. Of two parties the one whose origin comes first sends the
beats.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from comity.exchange.line import Line, PeerKnows
from comity.exchange.send import acknowledge, beat, deliver
from comity.exchange.standing import keep_fork
from comity.journal.heads import Forked, OtherSize
from comity.journal.pen import Pen
from comity.model.fault import Corrupt, Fault, Untrusted
from comity.storage.rows import OutboxRow
from comity.storage.store import Transaction
from comity.web.node import RosterBox
from comity.wire.limits import RETRY_US_FIRST, RETRY_US_MAX

__all__ = ["Courier"]

_LOG = logging.getLogger("comity.exchange")
_SIZE_RETRIES = 4  # both sides send at once: each correction of a size is one more round trip


class Courier:
    """See the module docstring."""

    def __init__(self, line: Line, roster: RosterBox, heartbeat_us: int) -> None:
        """Serve one line; the first beat is due at once."""
        self._line = line
        self._roster = roster
        self._heartbeat_us = heartbeat_us
        self._sends_beats = line.identity.origin < line.peer.origin
        self._beat_due_us = 0

    async def tick(self, now_us: int) -> int:
        """Deliver at most one entry, or beat; 1 if something was done."""
        row = self._oldest()
        if row is not None and _due_us(row.due_us, now_us, RETRY_US_MAX) <= now_us:
            return await self._try_deliver(row, now_us)
        beat_due_us = _due_us(self._beat_due_us, now_us, self._heartbeat_us)
        if self._sends_beats and beat_due_us <= now_us:
            self._beat_due_us = now_us + self._heartbeat_us
            await self._repeat(self._beat)
            return 1
        return 0

    def next_due(self, now_us: int) -> int | None:
        """The oldest entry's time or the next beat's, whichever comes first."""
        row = self._oldest()
        dues = [] if row is None else [_due_us(row.due_us, now_us, RETRY_US_MAX)]
        if self._sends_beats:
            dues.append(_due_us(self._beat_due_us, now_us, self._heartbeat_us))
        return min(dues, default=None)

    def _oldest(self) -> OutboxRow | None:
        rows = self._line.store.read(lambda r: r.post.outbox(self._line.peer.origin, 1))
        return rows[0] if rows else None

    async def _try_deliver(self, row: OutboxRow, now_us: int) -> int:
        async def once() -> None:
            bound = await deliver(self._line, self._roster.now, row.index)
            try:
                await acknowledge(self._line, bound)
            except Fault as fault:  # the receipt is ours already; the next beat binds our side too
                _LOG.info("ack to %s: %s", self._line.peer.origin, fault.reason)

        try:
            await self._repeat(once)
        except Corrupt:
            raise
        except Fault as fault:
            _LOG.info("entry %d to %s: %s", row.index, self._line.peer.origin, fault.reason)
            await self._defer(row, now_us)
            return 0
        return 1

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

        def work(tx: Transaction, _: Pen) -> None:
            row = tx.post.peer(self._line.peer.origin)
            if row is not None:
                tx.post.save_peer(replace(row, acked_size=size))

        await self._line.commit(work)

    async def _defer(self, row: OutboxRow, now_us: int) -> None:
        wait = min(RETRY_US_MAX, RETRY_US_FIRST << min(row.attempts, 10))
        later = replace(row, due_us=now_us + wait, attempts=row.attempts + 1)
        await self._line.commit(lambda tx, _: tx.post.put_out(later))


def _due_us(due_us: int, now_us: int, wait_us_max: int) -> int:
    """When something is due; a time further away than any wait was set under another clock."""
    return now_us if due_us > now_us + wait_us_max else max(due_us, now_us)
