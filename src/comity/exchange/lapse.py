"""Lets go of register entries when they expire, and says which ones our keys do not open. A tailer.

An entry counts and is shown until its last microsecond by every reading; this clears up after it.
Writes only when there is something to clear up, or to say. Called by the pacer.
"""

import asyncio

from comity.intake.guard import lapse, unopenable
from comity.intake.sealed import Keys
from comity.journal.pen import Pen
from comity.journal.scribe import Scribe
from comity.journal.warn import raise_warning
from comity.model.party import party_name
from comity.storage.store import Reading, Store, Transaction
from comity.trust.identity import Identity

__all__ = ["Lapser"]

_UNOPENABLE = "register_unopenable"


class Lapser:
    """See the module docstring."""

    def __init__(self, store: Store, scribe: Scribe, identity: Identity) -> None:
        """At the first tick, and when our keys have changed, everything is looked at."""
        self._store = store
        self._scribe = scribe
        self._identity = identity
        self._looked_with: Keys = ()

    async def tick(self, now_us: int) -> int:
        """How many entries it let go of, and warnings it raised."""
        done = 0
        due_us = self._store.read(lambda r: r.register.next_expiry_us())
        if due_us is not None and due_us <= now_us:
            done += (await asyncio.wrap_future(self._scribe.submit(lapse, now_us))).value
        keys = self._identity.entry_keys
        if keys != self._looked_with:
            done += await self._look(keys, now_us)
            self._looked_with = keys
        return done

    def next_due(self, now_us: int) -> int | None:
        """The first expiry."""
        expiry_us = self._store.read(lambda r: r.register.next_expiry_us())
        return None if expiry_us is None else max(expiry_us, now_us)

    async def _look(self, keys: Keys, now_us: int) -> int:
        if not self._store.read(lambda r: _unsaid(r, keys, now_us)):
            return 0

        def say(tx: Transaction, pen: Pen) -> int:
            rows = unopenable(tx, pen.entry_keys, pen.now_us)
            for row in rows:
                name = party_name(row.owner)
                text = f"an entry of {name} does not open and counts nowhere: ask for its renewal"
                raise_warning(tx, pen, _UNOPENABLE, row.id, text=text, party=row.owner)
            return len(rows)

        return (await asyncio.wrap_future(self._scribe.submit(say, now_us))).value


def _unsaid(reading: Reading, keys: Keys, now_us: int) -> bool:
    """Whether an entry does not open of which no warning says so."""
    return any(
        all(warning.kind != _UNOPENABLE for warning in reading.sky.open_warnings(row.id))
        for row in unopenable(reading, keys, now_us)
    )
