"""Sends what waits for one outlet, the safety floor first, and records what came of it. A tailer.

One at a time. What is not taken now is tried again after a pause that doubles, with chance in it,
and given up after so many tries; meanwhile the outlet rests (`rest`). What has waited too long is
not sent any more. Sent and then recorded: killed in between, it goes out a second time under the
same identity, and is never lost. Called by the pacer.
"""

import asyncio
from collections.abc import Callable, Mapping

from comity.clock import Clock
from comity.journal.pen import Pen
from comity.journal.scribe import Scribe
from comity.model.fault import Corrupt, Fault
from comity.model.outlet import DispatchState, Outlet
from comity.model.quantity import SECOND_US
from comity.outlets.finish import Try, finish
from comity.outlets.letter import Letter, letter_of
from comity.outlets.outcome import Outcome, Took, Transport
from comity.outlets.rest import PAUSE_US_MAX, Rest, pause_us
from comity.outlets.thing import Source
from comity.storage.dispatches import DispatchRow
from comity.storage.store import Reading, Store, Transaction

__all__ = ["AGE_US_MAX", "TRIES_MAX", "Sender"]

TRIES_MAX = 32
AGE_US_MAX = 6 * 3_600 * SECOND_US  # what is older is history: a person reads it at the node
_AGAIN_US = 10 * SECOND_US  # a result that could not be written
_UNWRITTEN_MAX = 64  # results of the floor that wait for the disk; more are not sent meanwhile
_ENDS = {
    Took.ACCEPTED: DispatchState.ACCEPTED,
    Took.REFUSED: DispatchState.REFUSED,
    Took.NOT_NOW: DispatchState.WAITING,
}


class Sender:
    """See the module docstring."""

    def __init__(
        self,
        *,
        outlet: Outlet,
        transport: Transport,
        sources: Mapping[str, Source],
        store: Store,
        scribe: Scribe,
        clock: Clock,
        origin: str,
        chance: Callable[[], float],
    ) -> None:
        """Nothing is sent yet."""
        self._outlet = outlet
        self._transport = transport
        self._sources = sources
        self._store = store
        self._scribe = scribe
        self._clock = clock
        self._origin = origin
        self._chance = chance
        self._rest = Rest()
        self._unwritten: dict[bytes, Try] = {}

    async def tick(self, now_us: int) -> int:
        """Send the next that is due; 1 if one was tried."""
        for done in tuple(self._unwritten.values()):
            if not await self._write(done):
                break
        if len(self._unwritten) >= _UNWRITTEN_MAX:
            return 0
        row = self._next(now_us)
        if row is None:
            return 0
        await self._write(await self._tried(row, now_us))
        return 1

    def next_due(self, now_us: int) -> int | None:
        """When the next is due, and the rest over or open to one."""
        due_us = self._store.read(lambda r: r.dispatches.next_dispatch_due(self._outlet.name))
        if self._unwritten:
            return now_us + _AGAIN_US
        if due_us is None:
            return None
        if due_us > now_us + PAUSE_US_MAX:  # put off under another clock
            due_us = now_us
        if self._rest.is_on(now_us):
            return now_us if self._next(now_us) is not None else max(due_us, self._rest.until_us)
        return max(due_us, now_us)

    def _next(self, now_us: int) -> DispatchRow | None:
        """While a result waits for the disk, the safety floor's alone; and none a second time."""
        rows = self._store.read(lambda r: self._due(r, now_us, len(self._unwritten)))
        return next((row for row in rows if row.id not in self._unwritten), None)

    def _due(self, reading: Reading, now_us: int, kept: int) -> tuple[DispatchRow, ...]:
        name, dispatches = self._outlet.name, reading.dispatches
        if not self._rest.is_on(now_us):
            beyond_us = now_us + PAUSE_US_MAX
            return dispatches.due_dispatches(name, now_us, beyond_us, kept + 1, floor_only=kept > 0)
        lets = self._rest.lets()
        if lets is None:
            return ()
        floor_only = lets.floor_only or kept > 0
        return dispatches.least_tried(name, now_us, lets.tries, kept + 1, floor_only=floor_only)

    async def _tried(self, row: DispatchRow, now_us: int) -> Try:
        letter = self._letter(row)
        if letter is None:
            return _unsent(row, "what it tells of is not held here any more", quiet=True)
        if now_us - row.made_us >= AGE_US_MAX:
            return _unsent(row, f"too old to be sent{'; ' if row.answer else ''}{row.answer}")
        passing = self._rest.is_on(now_us)
        if passing:
            self._rest.passes(floor=row.floor)
        outcome = await self._transport.send(letter, now_us)
        return self._judged(row, letter, outcome, passing=passing)

    def _letter(self, row: DispatchRow) -> Letter | None:
        source = self._sources.get(row.source)
        thing = None if source is None else self._store.read(lambda r: source.thing(r, row.of))
        if thing is None:
            return None
        return letter_of(self._outlet, thing, row.id, origin=self._origin, made_us=row.made_us)

    def _judged(self, row: DispatchRow, letter: Letter, outcome: Outcome, *, passing: bool) -> Try:
        state, due_us = _ENDS[outcome.took], None
        if outcome.took is Took.NOT_NOW:
            now_us, attempts = self._clock.now_us(), row.attempts + 1
            chance = self._chance()
            due_us = now_us + pause_us(attempts, chance)
            if not passing:
                self._rest.begin(now_us, attempts, chance)
            elif attempts == 1:  # at the end of the rest the floor is first, if it passed or not
                due_us = min(due_us, self._rest.until_us)
            if attempts >= TRIES_MAX or now_us - row.made_us >= AGE_US_MAX:
                state, due_us = DispatchState.GIVEN_UP, None
        else:
            self._rest.over()
        return Try(id=row.id, state=state, due_us=due_us, answer=outcome.words, sent=letter.digest)

    async def _write(self, done: Try) -> bool:
        """Record it; what cannot be written now is kept, and not sent again meanwhile."""

        def work(tx: Transaction, pen: Pen) -> None:
            finish(tx, pen, done, self._outlet, attempted=done.sent is not None)

        try:
            await asyncio.wrap_future(self._scribe.submit(work, self._clock.now_us()))
        except Corrupt:
            raise
        except Fault:
            self._unwritten[done.id] = done
            return False
        self._unwritten.pop(done.id, None)
        return True


def _unsent(row: DispatchRow, answer: str, *, quiet: bool = False) -> Try:
    """It is over, and is not sent any more."""
    return Try(
        id=row.id,
        state=DispatchState.GIVEN_UP,
        due_us=None,
        answer=answer,
        sent=None,
        quiet=quiet,
    )
