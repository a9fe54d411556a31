"""Tells a process manager how a node is: systemd's notify protocol (sd_notify(3)), by hand.

One datagram a message to the socket that `NOTIFY_SOCKET` names; without one nothing is sent. A
message that cannot be delivered is dropped: a node does not stop because nobody listens. The
watchdog is fed only while the pen stands ready. Called by assembly.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Mapping

__all__ = ["Notifier"]

_US_PER_S = 1_000_000


class Notifier:
    """See the module docstring; `environ` is the process's."""

    def __init__(self, environ: Mapping[str, str], pid: int) -> None:
        """Find the socket and the watchdog's interval; sends nothing."""
        address = environ.get("NOTIFY_SOCKET", "")
        # An abstract socket is written with @ and addressed with a NUL.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self.watchdog_s = _watchdog_s(environ, pid) if self._address else None

    def ready(self) -> None:
        """The node answers."""
        self._send("READY=1")

    def status(self, text: str) -> None:
        """A line for `systemctl status`."""
        self._send(f"STATUS={text}")

    def stopping(self) -> None:
        """The node finishes what was begun."""
        self._send("STOPPING=1")

    async def feed(self, is_well: Callable[[], bool]) -> None:
        """Feed the watchdog twice in its interval while `is_well`, until cancelled."""
        if self.watchdog_s is None:
            return
        pause = asyncio.Event()
        while True:  # bounded by whoever cancels the task
            if is_well():
                self._send("WATCHDOG=1")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(pause.wait(), self.watchdog_s / 2)

    def _send(self, message: str) -> None:
        if not self._address:
            return
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line,
        ):
            line.sendto(message.encode(), self._address)


def _watchdog_s(environ: Mapping[str, str], pid: int) -> float | None:
    """The interval within which the manager wants to hear of this very process."""
    if environ.get("WATCHDOG_PID", str(pid)) != str(pid):
        return None
    text = environ.get("WATCHDOG_USEC", "")
    return int(text) / _US_PER_S if text.isascii() and text.isdigit() and int(text) else None
