"""Asks one peer for its signed time every heartbeat, and tells the clock watch. A tailer.

Writes nothing. The question goes out in an envelope whose own time the peer does not look at, so
that clocks can be compared however far they are apart. Live nodes only. Called by the pacer.
"""

import logging
from collections.abc import Callable

from comity.exchange.clock_watch import ClockWatch
from comity.exchange.line import Line
from comity.exchange.messages import AskClock, ClockTold
from comity.model.fault import Fault
from comity.trust.clock_note import open_clock_note
from comity.wire.canonical import b64

__all__ = ["CLOCK_PATH", "ClockAsker"]

CLOCK_PATH = "/exchange/v1/clock"
_LOG = logging.getLogger("comity.exchange")


class ClockAsker:
    """See the module docstring."""

    def __init__(
        self, line: Line, watch: ClockWatch, every_us: int, nonces: Callable[[], bytes]
    ) -> None:
        """Ask at once, then every `every_us`."""
        self._line = line
        self._watch = watch
        self._every_us = every_us
        self._nonces = nonces
        self._due_us = 0

    async def tick(self, now_us: int) -> int:
        """Ask if it is time; 0, since nothing is written that others would have to see."""
        if self.next_due(now_us) <= now_us:
            self._due_us = now_us + self._every_us
            try:
                await self._ask()
            except Fault as fault:
                _LOG.info("clock of %s: %s", self._line.peer.origin, fault.reason)
        return 0

    def next_due(self, now_us: int) -> int:
        """A time further away than the interval was set under another clock."""
        return now_us if self._due_us > now_us + self._every_us else max(self._due_us, now_us)

    async def _ask(self) -> None:
        line, nonce = self._line, self._nonces()
        asked_us = line.clock.now_us()
        told = await line.ask(CLOCK_PATH, AskClock(nonce=b64(nonce)), ClockTold)
        answered_us = line.clock.now_us()
        note = told.note.encode("utf-8", "surrogatepass")
        said_us = open_clock_note(note, line.peer, line.identity.origin, nonce)
        self._watch.heard(line.peer.origin, said_us, asked_us, answered_us)
