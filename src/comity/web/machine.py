"""What a node says of its machine: room on the disk, and figures for `/metrics`.

Also keeps the warning of a full disk, and looks after the ballast. Called by assembly.
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from comity.journal.pen import Pen
from comity.journal.warn import clear_warnings, raise_warning
from comity.model.fault import Unavailable
from comity.storage.ballast import Ballast
from comity.storage.store import Transaction
from comity.web.health import DISK_FULL
from comity.web.node import Condition, Gauge, Node
from comity.wire.canonical import sha256

__all__ = ["disk_conditions", "keep_room", "machine_gauges", "tell_of_room"]

_LOG = logging.getLogger("comity")
_LOOK_S = 2.0  # a person hears of a full disk, and of room, within 5 s
_DISK_LOW_BYTES = 256 * 2**20  # a year of a busy line is less; below it a person should look


def tell_of_room(node: Node, ballast: Ballast) -> None:
    """Keep one open warning while the disk is full; also what was so before this start."""
    about = sha256(b"comity/disk/v1")

    def told(held: bool) -> None:  # noqa: FBT001 - what `held` became
        def work(tx: Transaction, pen: Pen) -> None:
            pen.claim_floor()
            if held:
                clear_warnings(tx, pen, "no_room", about)
            else:
                raise_warning(tx, pen, "no_room", about, text=DISK_FULL)

        _LOG.warning("the disk has room again" if held else "the disk is full")
        with contextlib.suppress(Unavailable):  # the condition itself is shown in any case
            node.scribe.submit(work, node.clock.now_us())

    ballast.on_change = told
    if ballast.held == bool(node.read(lambda r: r.sky.open_warnings(about))):
        told(ballast.held)


async def keep_room(ballast: Ballast, stop: asyncio.Event) -> None:
    """Look after the ballast, in real time: a disk is full or not whatever the clock is told."""
    while not stop.is_set():
        await asyncio.to_thread(ballast.look)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _LOOK_S)


def disk_conditions(folder: Path) -> Iterator[Condition]:
    """What is not well with the disk under the journal's folder."""
    free = _disk_free(folder)
    if free < _DISK_LOW_BYTES:
        yield Condition(code="disk_low", text=f"{free // 2**20} MiB are free where the journal is")


def machine_gauges(folder: Path, clock_error_s: Callable[[], float]) -> tuple[Gauge, ...]:
    """Figures of the disk, and by how much the clock is surely wrong."""
    journal = folder / "journal.db"
    return (
        Gauge(
            name="disk_free_bytes",
            about="Bytes that are free where the journal is",
            read=lambda: _disk_free(folder),
        ),
        Gauge(
            name="database_bytes",
            about="Bytes of the journal's file, without its log",
            read=lambda: journal.stat().st_size,
        ),
        Gauge(
            name="clock_error_seconds",
            about="Others' time less this node's; 0 unless its clock is surely wrong",
            read=clock_error_s,
        ),
    )


def _disk_free(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize
