"""Reads forward over what was committed and puts in line what each outlet is to be told. A tailer.

How far it has read is kept in the transaction that puts things in line, and a dispatch's id comes
from outlet and thing: over a crash nothing is left out and nothing stands there twice. Without
outlets it keeps no place, so that the first one hears of nothing from before it. Sends nothing.
Called by the pacer.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence

from comity.journal.pen import Pen
from comity.journal.scribe import Scribe
from comity.model.outlet import DispatchState, Outlet, wanted
from comity.model.quantity import SECOND_US
from comity.outlets.finish import NOT_DISPATCHED, Try, finish, warning_about
from comity.outlets.thing import Found, Source, Thing
from comity.storage.dispatches import DispatchRow
from comity.storage.store import Reading, Store, Transaction
from comity.wire.canonical import sha256

__all__ = ["Teller", "dispatch_id"]

Work = Callable[[Transaction, Pen], None]

_KEPT_US = 90 * 86_400 * SECOND_US  # rows of what is over; the journal has it for good
_BEHIND_MAX = 512  # read without finding anything, before the place is kept: less to read again
_LINE_MAX = 1_024  # warnings in a line that nobody reads
_LOOK_US = 60 * SECOND_US  # how often it is looked at


def dispatch_id(outlet: str, source: str, of: bytes) -> bytes:
    """One for each outlet and thing."""
    return sha256(f"comity/dispatch/v1\0{outlet}\0{source}\0".encode() + of)


class Teller:
    """See the module docstring."""

    def __init__(
        self, store: Store, scribe: Scribe, outlets: Sequence[Outlet], sources: Sequence[Source]
    ) -> None:
        """Nothing is read yet; outlets do not change while a node runs."""
        self._store = store
        self._scribe = scribe
        self._outlets = tuple(outlets)
        self._sources = tuple(sources)
        self._begun = False
        self._looked_us = 0
        self._places: dict[str, int] = {}
        self._kept: dict[str, int] = {}

    async def tick(self, now_us: int) -> int:
        """Put in line what is new; how many steps that took."""
        if not self._begun:
            await self._begin(now_us)
            self._begun = True
        if not self._outlets:
            return await self._clear(now_us)
        done = 0
        for source in self._sources:
            done += await self._read(source, now_us)
        return done

    def next_due(self, now_us: int) -> int | None:
        """Only a commit gives it something to do."""
        del now_us
        return None

    async def _begin(self, now_us: int) -> None:
        """Places for the first time, or none; what waits for an outlet that is gone is over."""
        if self._store.read(self._is_unsettled):
            await asyncio.wrap_future(self._scribe.submit(self._settle, now_us))
        for source in self._sources if self._outlets else ():
            self._places[source.name] = self._kept[source.name] = self._kept_place(source)

    def _kept_place(self, source: Source) -> int:
        return self._store.read(lambda r: r.dispatches.place(source.name)) or 0

    def _is_unsettled(self, reading: Reading) -> bool:
        """Whether a place is missing, or kept in vain, or somebody waits in vain."""
        there = [reading.dispatches.place(source.name) is not None for source in self._sources]
        wrong = not all(there) if self._outlets else any(there)
        return wrong or bool(self._left(reading))

    def _left(self, reading: Reading) -> tuple[DispatchRow, ...]:
        return reading.dispatches.waiting_elsewhere([outlet.name for outlet in self._outlets])

    def _settle(self, tx: Transaction, pen: Pen) -> None:
        pen.claim_floor()
        for row in self._left(tx):
            finish(tx, pen, _gone(row), None, attempted=False)
        if not self._outlets:
            tx.dispatches.drop_places()
            return
        for source in self._sources:
            if tx.dispatches.place(source.name) is None:
                tx.dispatches.save_place(source.name, source.end(tx))

    async def _clear(self, now_us: int) -> int:
        """Nobody is told anything: the line of warnings does not grow without end."""
        if self._looked_us <= now_us < self._looked_us + _LOOK_US:
            return 0
        self._looked_us = now_us
        if self._store.read(lambda r: r.dispatches.raised_count()) <= _LINE_MAX:
            return 0

        def work(tx: Transaction, pen: Pen) -> None:
            pen.claim_floor()  # it gives room back
            tx.dispatches.drop_raised(tx.dispatches.newest_raised())

        await asyncio.wrap_future(self._scribe.submit(work, now_us))
        return 1

    async def _read(self, source: Source, now_us: int) -> int:
        place = self._places[source.name]
        found = self._store.read(lambda r: source.after(r, place))
        rows = tuple(self._rows(source, found, now_us))
        if rows or found.place - self._kept[source.name] >= _BEHIND_MAX:
            await asyncio.wrap_future(self._scribe.submit(_put(source, rows, found.place), now_us))
            self._kept[source.name] = found.place
        self._places[source.name] = found.place
        return len(rows) + int(found.more)

    def _rows(self, source: Source, found: Found, now_us: int) -> Iterator[DispatchRow]:
        for thing in found.things:
            for outlet in self._outlets:
                if _goes(outlet, thing):
                    yield DispatchRow(
                        id=dispatch_id(outlet.name, source.name, thing.of),
                        outlet=outlet.name,
                        source=source.name,
                        kind=thing.kind,
                        of=thing.of,
                        about=thing.about,
                        party=thing.party,
                        floor=thing.floor,
                        at_us=thing.at_us,
                        made_us=now_us,
                        state=DispatchState.WAITING,
                        attempts=0,
                        due_us=now_us,
                        answer="",
                        done_us=None,
                    )


def _put(source: Source, rows: tuple[DispatchRow, ...], place: int) -> Work:
    def work(tx: Transaction, pen: Pen) -> None:
        pen.claim_floor()  # some bytes a row: on a full disk the floor's wait for no others
        for row in rows:
            if tx.dispatches.dispatch(row.id) is None:
                tx.dispatches.save_dispatch(row)
        tx.dispatches.save_place(source.name, place)
        source.told(tx, place)
        tx.dispatches.drop_done(pen.now_us - _KEPT_US)

    return work


def _goes(outlet: Outlet, thing: Thing) -> bool:
    """An outlet that takes nothing is not told by itself that it takes nothing."""
    itself = thing.kind == NOT_DISPATCHED and thing.about == warning_about(outlet.name)
    fits = wanted(outlet, thing.kind, thing.group, thing.role, floor=thing.floor)
    return fits and not itself


def _gone(row: DispatchRow) -> Try:
    return Try(
        id=row.id,
        state=DispatchState.GIVEN_UP,
        due_us=None,
        answer="this node has no outlet of that name any more",
        sent=None,
        quiet=True,
    )
