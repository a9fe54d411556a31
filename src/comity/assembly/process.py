"""One process: its signals, its socket, its clock socket, its exit codes.

Called by `node` and `witness`.
"""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from starlette.applications import Starlette

from comity.clock import VirtualClock
from comity.exchange.pace import Pacer
from comity.model.party import parse_address
from comity.web.clock_socket import serve_clock
from comity.web.server import serve

__all__ = [
    "EXIT_FATAL",
    "EXIT_OK",
    "cancelled",
    "open_clock_socket",
    "serve_app",
    "stop_on_signals",
]

_LOG = logging.getLogger("comity")
EXIT_OK, EXIT_FATAL, _EXIT_FORCED = 0, 70, 130


def stop_on_signals(stopping: Callable[[], None] = lambda: None) -> asyncio.Event:
    """Set at the first signal; a second one ends the process at once, as a power cut would."""
    stop = asyncio.Event()

    def heard() -> None:
        if stop.is_set():
            _LOG.warning("a second signal: ended at once, without waiting for answers")
            os._exit(_EXIT_FORCED)
        stop.set()
        stopping()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, heard)
    return stop


async def serve_app(
    app: Starlette,
    address: str,
    tls: tuple[str, str] | None,
    ready: Callable[[], None],
    stop: asyncio.Event,
) -> None:
    """Serve on an address until `stop` is set; `ready` is called when it answers."""
    at = parse_address(address)
    await serve(app, host=at.host, port=at.port, tls=tls, ready=ready, stop=stop)


async def open_clock_socket(
    folder: Path, clock: VirtualClock, pacer: Pacer, stack: AsyncExitStack
) -> None:
    """The socket by which an exercise's referee sets the clock and lets tailers run."""

    async def advance(to_us: int) -> int:
        return await pacer.advance(clock, to_us)

    path = folder / "clock.sock"
    path.unlink(missing_ok=True)
    server = await serve_clock(path, clock, pacer.next_due, advance)
    stack.callback(server.close)
    stack.callback(path.unlink, missing_ok=True)


async def cancelled(task: asyncio.Task[None]) -> None:
    """End a task, and wait until it has ended."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
