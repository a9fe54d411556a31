"""Acts on deadlines when they pass: a tailer over whatever has any. Live nodes and exercises.

A deadline is a moment that a desk reads from the store, and what it does then. Nothing is written
while none has passed. What people are alerted of must not wait because a clock was set back: then
what is watched counts as having come that much earlier, also after a restart. Called by the pacer.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from comity.hotline.attest import settle_over
from comity.hotline.message import next_message_due_us, warn_unanswered_messages
from comity.hotline.prompts import next_unclosed_us, warn_unclosed
from comity.hotline.relay import miss_overdue, next_over_us, next_relay_due_us
from comity.hotline.release import expire_held, next_expiry_us, shift_held
from comity.hotline.request import next_request_due_us, warn_unanswered
from comity.hotline.watch import escalate_due, next_watch_us, shift_watches, watch_end
from comity.intake.lapse import next_lapse_us, settle_lapsed
from comity.intake.overdue import next_overdue_us, warn_overdue
from comity.intake.terms import agreed_with
from comity.journal.pen import Pen
from comity.journal.scribe import Scribe
from comity.model.duty import WatchKind
from comity.model.fault import Corrupt, Fault
from comity.storage.store import Reading, Store, Transaction

__all__ = ["DEADLINES", "LOOK_S", "Deadline", "DueWatcher"]

LOOK_S = 0.5  # real time: an alert is at most this late when the clock is set forward
_STEP_US = 100_000  # of less a clock may be slewed; it adds up


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """When the next of a kind passes (None: there is none), and what is done about all that have.

    `act` must leave none behind that has passed, or the watcher would not come to rest.
    """

    next_us: Callable[[Reading], int | None]
    act: Callable[[Transaction, Pen], None]


def _overdue(tx: Transaction, pen: Pen) -> None:
    """Warn, and ask our own people to close what is ours."""
    rows = tx.sky.overdue(pen.now_us)
    warn_overdue(tx, pen)
    rules_of = agreed_with(tx, pen)
    for row in rows:
        watch_end(tx, pen, row, map(rules_of, row.recipients.split()))


DEADLINES = (
    Deadline(next_us=next_request_due_us, act=warn_unanswered),
    Deadline(next_us=next_message_due_us, act=warn_unanswered_messages),
    Deadline(next_us=next_relay_due_us, act=miss_overdue),
    Deadline(next_us=next_over_us, act=settle_over),
    Deadline(next_us=next_lapse_us, act=settle_lapsed),
    Deadline(next_us=next_overdue_us, act=_overdue),
    Deadline(next_us=next_watch_us, act=escalate_due),
    Deadline(next_us=next_unclosed_us, act=warn_unclosed),
    Deadline(next_us=next_expiry_us, act=expire_held),
)


class DueWatcher:
    """See the module docstring."""

    def __init__(
        self,
        store: Store,
        scribe: Scribe,
        deadlines: Sequence[Deadline] = DEADLINES,
        elapsed_us: Callable[[], int] | None = None,
    ) -> None:
        """Take the deadlines; nothing is read yet.

        `elapsed_us` is a clock that nobody sets; without it no step back is seen while running.
        """
        self._store = store
        self._scribe = scribe
        self._deadlines = tuple(deadlines)
        self._elapsed_us = elapsed_us
        self._offset_us: int | None = None

    async def tick(self, now_us: int) -> int:
        """Act on what has passed; how many kinds that were."""
        await self._shift(now_us)
        passed = [
            deadline
            for deadline in self._deadlines
            if (next_us := self._store.read(deadline.next_us)) is not None and next_us <= now_us
        ]
        if not passed:
            return 0

        refused: Fault | None = None
        for deadline in passed:  # each by itself: what has no room holds back nothing else
            try:
                await asyncio.wrap_future(self._scribe.submit(deadline.act, now_us))
            except Corrupt:
                raise
            except Fault as fault:
                refused = fault
        if refused is not None:
            raise refused
        return len(passed)

    async def _shift(self, now_us: int) -> None:
        """Count what was set back, and remember it only once what is kept has been moved."""
        offset_us = now_us - (now_us if self._elapsed_us is None else self._elapsed_us())
        first, before_us = self._offset_us is None, self._offset_us
        back_us = 0 if before_us is None else before_us - offset_us
        if not first and 0 < back_us < _STEP_US:
            return  # slewed; it adds up
        shift_us = self._ahead_us(now_us) if first else back_us
        if shift_us > 0:

            def work(tx: Transaction, pen: Pen) -> None:
                shift_watches(tx, pen, shift_us)
                shift_held(tx, pen, shift_us)

            await asyncio.wrap_future(self._scribe.submit(work, now_us))
        self._offset_us = offset_us

    def _ahead_us(self, now_us: int) -> int:
        """How far our clock was set back while the node was down, as far as rows can tell."""
        rows = self._store.read(lambda r: r.duty.open_watches())
        ahead = (row.from_us - now_us for row in rows if row.kind != WatchKind.END)
        held = self._store.read(lambda r: r.releases.waiting())
        return max((0, *ahead, *(row.at_us - now_us for row in held)))

    def next_due(self, now_us: int) -> int | None:
        """The earliest deadline."""
        del now_us
        found = (self._store.read(deadline.next_us) for deadline in self._deadlines)
        return min((next_us for next_us in found if next_us is not None), default=None)
