"""Puts each change of a line's state on record when it happens. A tailer.

The end of a gap is written with the contact that ends it; what time alone brings, a suspension, or
a party's conduct is found here, after the commit that brought it. Nothing is written while nothing
has changed, and after a commit that can have changed no line not every line is looked at. A clock
that is set back makes no line that is silent look heard. Called by the pacer.
"""

import asyncio
from collections.abc import Callable

from comity.exchange.contact_age import ContactAges
from comity.hotline.line import is_stale, settle_line, silent_after_us
from comity.hotline.line_check import next_check_us, settle_check
from comity.intake.terms import agreed
from comity.journal.pen import Pen
from comity.journal.scribe import Scribe
from comity.storage.rows import PeerRow
from comity.storage.store import Reading, Store, Transaction

__all__ = ["LineWatcher"]

# What a state hangs on beside the time: a contact only puts off what was due.
_Seen = tuple[object, ...]


class LineWatcher:
    """See the module docstring."""

    def __init__(
        self, store: Store, scribe: Scribe, own: str, elapsed_us: Callable[[], int]
    ) -> None:
        """Watch all lines of `own`, those that are enrolled later too.

        `elapsed_us` is a clock that nobody sets.
        """
        self._store = store
        self._scribe = scribe
        self._own = own
        self._seen: _Seen | None = None
        self._due_us: int | None = None
        self._elapsed_us = elapsed_us
        self._looked_us = 0  # by that clock
        self._wait_us = 0  # from then on
        self._ages = ContactAges(elapsed_us)

    async def tick(self, now_us: int) -> int:
        """Put on record what has changed; how many lines that were."""
        seen = self._store.read(_seen)
        if seen == self._seen and not self._is_due(now_us):
            return 0
        changed = self._store.read(lambda reading: self._changed(reading, now_us))
        if not changed:
            self._seen = seen
            self._due_us = self._store.read(lambda reading: self._next(reading, now_us))
            self._looked_us = self._elapsed_us()
            self._wait_us = 0 if self._due_us is None else self._due_us - now_us
            return 0

        def work(tx: Transaction, pen: Pen) -> None:
            found = agreed(tx, pen.origin, pen.now_us)
            for peer in (tx.post.peer(origin) for origin in changed):
                if peer is not None:
                    between = found.toward(peer.origin)
                    at_us = self._ages.now_us(peer.origin, peer.contact_us, pen.now_us)
                    settle_line(tx, pen, peer, between, at_us)
                    settle_check(tx, pen, peer, between)

        await asyncio.wrap_future(self._scribe.submit(work, now_us))
        return len(changed)

    def next_due(self, now_us: int) -> int | None:
        """When the next line becomes silent, or its next check is due; perhaps too early."""
        if self._seen is None:
            return self._store.read(lambda reading: self._next(reading, now_us))
        if self._due_us is None:
            return None
        left_us = max(0, self._looked_us + self._wait_us - self._elapsed_us())
        return min(self._due_us, now_us + left_us)

    def _is_due(self, now_us: int) -> bool:
        due_us = self.next_due(now_us)
        return due_us is not None and due_us <= now_us

    def _changed(self, reading: Reading, now_us: int) -> tuple[str, ...]:
        found = agreed(reading, self._own, now_us)

        def is_due(peer: PeerRow) -> bool:
            check_us = next_check_us(reading, peer)
            if check_us is not None and check_us <= now_us:
                return True
            between, asleep = found.toward(peer.origin), self._scribe.asleep
            at_us = self._ages.now_us(peer.origin, peer.contact_us, now_us)
            return is_stale(reading, peer, between, at_us, asleep)

        return tuple(peer.origin for peer in reading.post.peers() if is_due(peer))

    def _next(self, reading: Reading, now_us: int) -> int | None:
        found = agreed(reading, self._own, now_us)
        dues: list[int] = []
        for peer in reading.post.peers():
            check_us = next_check_us(reading, peer)
            if check_us is not None:
                dues.append(check_us)
            if peer.contact_us is not None:
                silent_us = peer.contact_us + silent_after_us(found.toward(peer.origin)) + 1
                at_us = self._ages.now_us(peer.origin, peer.contact_us, now_us)
                dues += [now_us + silent_us - at_us] if silent_us > at_us else []
        return min(dues, default=None)


def _seen(reading: Reading) -> _Seen:
    """Warnings that came or went, suspensions that stand, and what is on record of each line."""
    rows = reading.lines.lines()
    known = tuple((row.peer, row.state, row.check_next_us, row.check_late_us) for row in rows)
    return reading.lines.newest_change(), reading.accords.open_suspensions(), known
