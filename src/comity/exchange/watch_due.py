"""Acts on deadlines when they pass: a tailer over whatever has any. Live nodes and exercises.

A deadline is a moment that a desk reads from the store, and what it does then. Nothing is written
while none has passed. Called by the pacer.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from comity.hotline.message import next_message_due_us, warn_unanswered_messages
from comity.hotline.prompts import next_unclosed_us, warn_unclosed
from comity.hotline.release import expire_held, next_expiry_us
from comity.hotline.request import next_request_due_us, warn_unanswered
from comity.intake.lapse import next_lapse_us, settle_lapsed
from comity.intake.overdue import next_overdue_us, warn_overdue
from comity.journal.pen import Pen
from comity.journal.scribe import Scribe
from comity.storage.store import Reading, Store, Transaction

__all__ = ["DEADLINES", "Deadline", "DueWatcher"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """When the next of a kind passes (None: there is none), and what is done about all that have.

    `act` must leave none behind that has passed, or the watcher would not come to rest.
    """

    next_us: Callable[[Reading], int | None]
    act: Callable[[Transaction, Pen], None]


DEADLINES = (
    Deadline(next_us=next_request_due_us, act=warn_unanswered),
    Deadline(next_us=next_message_due_us, act=warn_unanswered_messages),
    Deadline(next_us=next_lapse_us, act=settle_lapsed),
    Deadline(next_us=next_overdue_us, act=warn_overdue),
    Deadline(next_us=next_unclosed_us, act=warn_unclosed),
    Deadline(next_us=next_expiry_us, act=expire_held),
)


class DueWatcher:
    """See the module docstring."""

    def __init__(
        self, store: Store, scribe: Scribe, deadlines: Sequence[Deadline] = DEADLINES
    ) -> None:
        """Take the deadlines; nothing is read yet."""
        self._store = store
        self._scribe = scribe
        self._deadlines = tuple(deadlines)

    async def tick(self, now_us: int) -> int:
        """Act on what has passed; how many kinds that were."""
        passed = [
            deadline
            for deadline in self._deadlines
            if (next_us := self._store.read(deadline.next_us)) is not None and next_us <= now_us
        ]
        if not passed:
            return 0

        def work(tx: Transaction, pen: Pen) -> None:
            for deadline in passed:
                deadline.act(tx, pen)

        await asyncio.wrap_future(self._scribe.submit(work, now_us))
        return len(passed)

    def next_due(self, now_us: int) -> int | None:
        """The earliest deadline."""
        del now_us
        found = (self._store.read(deadline.next_us) for deadline in self._deadlines)
        return min((next_us for next_us in found if next_us is not None), default=None)
