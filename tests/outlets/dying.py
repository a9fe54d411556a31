"""A node with one mailbox whose process ends at a chosen point: `python -m tests.outlets.dying`.

`recording` dies when a mail was sent and its result is to be recorded; `sending` only sends, and is
killed from outside; `boasting` has a planted bug: it records that a mail was taken and then sends.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from comity.clock import SystemClock
from comity.journal.pen import Pen
from comity.journal.scribe import Scribe
from comity.journal.warn import raise_warning
from comity.model.outlet import DispatchState
from comity.outlets.finish import Try, finish
from comity.outlets.lines import SOURCES, transport_of
from comity.outlets.sender import Sender
from comity.outlets.teller import Teller
from comity.storage.sqlite.store import SqliteStore
from comity.storage.store import Transaction
from comity.wire.canonical import sha256
from tests.intake.table import identity_of
from tests.outlets.samples import ORIGIN, night

CLOCK = SystemClock()


@contextmanager
def opened(folder: Path) -> Iterator[tuple[SqliteStore, Scribe]]:
    """The node's store and pen."""
    store = SqliteStore(folder)
    scribe = Scribe(
        store=store,
        identity=identity_of(ORIGIN),
        seeds=lambda: os.urandom(32),
        witnesses=(),
        on_commit=lambda: None,
        on_fatal=lambda fault: print(fault, file=sys.stderr),
    )
    yield store, scribe
    scribe.close()
    store.close()


def begin(folder: Path, port: int) -> None:
    """One warning stands in line for the mailbox."""
    with opened(folder) as (store, scribe):

        def work(tx: Transaction, pen: Pen) -> None:
            raise_warning(tx, pen, "unit_not_reached", sha256(b"unit"), text="not reached")

        async def tell() -> None:
            teller = Teller(store, scribe, (night(port),), SOURCES)
            await teller.tick(CLOCK.now_us())
            scribe.submit(work, CLOCK.now_us()).result(10)
            assert await teller.tick(CLOCK.now_us()) == 1

        asyncio.run(tell())


def send(folder: Path, port: int, how: str = "sending") -> int:
    """Send what waits; how many dispatches wait after that."""
    with opened(folder) as (store, scribe):
        outlet = night(port)
        sender = Sender(
            outlet=outlet,
            transport=transport_of(folder, outlet),
            sources={source.name: source for source in SOURCES},
            store=store,
            scribe=scribe,
            clock=CLOCK,
            origin=ORIGIN,
            chance=lambda: 0.5,
        )
        if how == "recording":
            scribe.submit = die  # type: ignore[method-assign, assignment]
        if how == "boasting":
            (row,) = store.read(lambda r: r.dispatches.dispatches(None, 9))
            done = Try(id=row.id, state=DispatchState.ACCEPTED, due_us=None, answer="", sent=None)
            work = scribe.submit(lambda tx, pen: finish(tx, pen, done, outlet), CLOCK.now_us())
            work.result(10)
            die()

        async def until_idle() -> None:
            while await sender.tick(CLOCK.now_us()):
                pass

        asyncio.run(until_idle())
        found = store.read(lambda r: r.dispatches.dispatches(None, 9))
        return sum(row.due_us is not None for row in found)


def die(*_: object) -> None:
    """As a power cut ends a process."""
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    print(send(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
