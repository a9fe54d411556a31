"""Takes what is in the outbox to one peer, in order, and keeps the line's heartbeat. A tailer.

GIVE, then TAKE (verified and committed with our record of the peer's head), then ACK. At least
once: every step may be repeated after a crash, since the peer knows an entry by its leaf hash.
Backs off from one second to one minute. Of two parties the one whose origin comes first sends the
beats. While our disk is full only the safety floor is given, and no beat: none could be recorded.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from comity.exchange.line import Line, PeerKnows, PeerShows
from comity.exchange.send import acknowledge, beat, deliver, of_floor, warn_not_recorded
from comity.exchange.standing import keep_fork
from comity.journal.heads import Forked, OtherSize
from comity.journal.pen import Pen
from comity.model.fault import Corrupt, Fault, Untrusted
from comity.storage.rows import OutboxRow
from comity.storage.store import Reading, Transaction
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
        self._rest_until_us = 0

    async def tick(self, now_us: int) -> int:
        """Deliver at most one entry, or beat; 1 if something was done."""
        row = self._oldest()
        if row is not None and max(row.due_us, self._rest_until_us) <= now_us:
            return await self._try_deliver(row, now_us)
        if self._beats() and self._beat_due_us <= now_us:
            self._beat_due_us = now_us + self._heartbeat_us
            await self._repeat(self._beat)
            return 1
        return 0

    def next_due(self, now_us: int) -> int | None:
        """The oldest entry's time or the next beat's, whichever comes first."""
        row = self._oldest()
        dues = [] if row is None else [max(row.due_us, self._rest_until_us, now_us)]
        if self._beats():
            dues.append(max(self._beat_due_us, now_us))
        return min(dues, default=None)

    def _beats(self) -> bool:
        return self._sends_beats and not self._line.scribe.floor_only

    def _oldest(self) -> OutboxRow | None:
        def query(reading: Reading) -> OutboxRow | None:
            rows = reading.post.outbox(self._line.peer.origin, 1)
            if not rows or not self._line.scribe.floor_only:
                return rows[0] if rows else None
            entry = reading.journal.entry(rows[0].index)
            return rows[0] if entry is not None and of_floor(entry) else None

        return self._line.store.read(query)

    async def _try_deliver(self, row: OutboxRow, now_us: int) -> int:
        async def once() -> None:
            bound = await deliver(self._line, self._roster.now, row.index)
            if bound is None:
                return  # taken unbound: there is nothing that it would follow
            try:
                await acknowledge(self._line, bound)
            except Fault as fault:  # the receipt is ours already; the next beat binds our side too
                _LOG.info("ack to %s: %s", self._line.peer.origin, fault.reason)

        try:
            await self._repeat(once)
        except Corrupt:
            raise
        except PeerShows as shows:
            await self._shown(row, shows)
            await self._defer(row, now_us)
            return 0
        except Fault as fault:
            _LOG.info("entry %d to %s: %s", row.index, self._line.peer.origin, fault.reason)
            await self._defer(row, now_us)
            return 0
        return 1

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
        wait = min(RETRY_US_MAX, RETRY_US_FIRST << min(row.attempts, 10))
        later = replace(row, due_us=now_us + wait, attempts=row.attempts + 1)

        def work(tx: Transaction, pen: Pen) -> None:
            if row.floor:
                pen.claim_floor()
            tx.post.put_out(later)

        try:
            await self._line.commit(work)
        except Corrupt:
            raise
        except Fault:  # no room to write it down: remember it
            self._rest_until_us = now_us + wait
