"""Virtual time: the clock sockets of all nodes, driven in lockstep.

The next instant is the earliest at which any node has something to do. All nodes are set to it,
then each does what is due, again and again until none has anything left; so a run is the same
each time. What goes by hand between nodes is carried when all are idle. The other end of the
socket: `web.clock_socket`. Called by fleet and play.
"""

import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

from comity.model.fault import Unavailable
from comity.wire.canonical import Json, dumps, loads

__all__ = ["ClockLine", "Lockstep"]

_ANSWER_DEADLINE_S = 60.0  # an advance that delivers to a slow peer takes 5 s at most, in real time
_ANSWER_BYTES_MAX = 4_096
_ROUNDS_MAX = 200  # rounds in which nodes still answer each other at one instant
_CARRIES_MAX = 20  # trips by hand at one instant: as many parties pass one thing on
_TICKS_MAX = 100_000  # instants in one run: 24 h of heartbeats every second


class ClockLine:
    """The clock socket of one node; instants are microseconds of UTC, the exercise's time."""

    def __init__(self, name: str, home: Path) -> None:
        """Connect; Unavailable if nobody listens."""
        self.name = name
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(_ANSWER_DEADLINE_S)
        try:
            _connect(self._socket, home)
        except OSError as error:
            self._socket.close()
            raise Unavailable(f"{name} has no clock socket: {error.strerror}") from error
        self._lines = self._socket.makefile("rb")

    def now(self) -> int:
        """The time to which the node was moved."""
        return self._instant("now", {"do": "now"}) or 0

    def next(self) -> int | None:
        """When the node's next timer is due, or None."""
        return self._instant("next", {"do": "next"})

    def hold(self, to_us: int) -> None:
        """Set the clock without doing anything; Unavailable if something was due before."""
        self._ask({"do": "hold", "to": to_us})

    def advance(self, to_us: int) -> int:
        """Do everything that is due up to `to_us`; how much was done."""
        did = self._ask({"do": "advance", "to": to_us}).get("did")
        if not isinstance(did, int):
            raise Unavailable(f"the clock of {self.name} does not say what it did")
        return did

    def be_off(self, by_us: int) -> None:
        """Let the node's clock say a time that is ahead of the exercise's by so much."""
        self._ask({"do": "off", "by": by_us})

    def close(self) -> None:
        """Hang up."""
        self._lines.close()
        self._socket.close()

    def _instant(self, key: str, request: dict[str, Json]) -> int | None:
        value = self._ask(request).get(key)
        if value is not None and not isinstance(value, int):
            raise Unavailable(f"the clock of {self.name} gives no whole microseconds")
        return value

    def _ask(self, request: dict[str, Json]) -> dict[str, Json]:
        try:
            self._socket.sendall(dumps(request) + b"\n")
            line = self._lines.readline(_ANSWER_BYTES_MAX)
        except OSError as error:
            raise Unavailable(f"the clock of {self.name} does not answer") from error
        if not line:
            raise Unavailable(f"{self.name} has ended")
        answer = loads(line, bytes_max=_ANSWER_BYTES_MAX)
        if not isinstance(answer, dict) or "error" in answer:
            raise Unavailable(f"the clock of {self.name} refuses {request}: {answer}")
        return answer


class Lockstep:
    """All clocks of one exercise, moved together; `on_tick` is told each instant that is over."""

    def __init__(
        self,
        clocks: Mapping[str, ClockLine],
        on_tick: Callable[[int], None],
        carry: Callable[[], int] = lambda: 0,
    ) -> None:
        """Take the clocks in their order, which is the order in which nodes act at one instant.

        `carry` takes from node to node what waits to go by hand, and says how much it was.
        """
        self._clocks = tuple(clocks.values())
        self._on_tick = on_tick
        self._carry = carry
        self.now_us = 0

    def begin(self, at_us: int) -> None:
        """Set all clocks to the first instant; what a start leaves to be done is done before."""
        for clock in self._clocks:
            clock.advance(clock.now())
            clock.hold(at_us)
        self.now_us = at_us

    def settle(self) -> None:
        """Let everything due now happen, until no node has anything left to do."""
        carries = 0
        for _ in range(_ROUNDS_MAX):
            if sum(clock.advance(self.now_us) for clock in self._clocks):
                continue
            if not self._carry():
                self._on_tick(self.now_us)
                return
            carries += 1
            if carries > _CARRIES_MAX:
                raise Unavailable(f"{_CARRIES_MAX} trips by hand confirmed not all that waits")
        raise Unavailable(f"nodes still answer each other after {_ROUNDS_MAX} rounds")

    def run_to(self, target_us: int) -> None:
        """Move to `target_us`, instant by instant, and let everything due on the way happen."""
        for _ in range(_TICKS_MAX):
            due = [at_us for clock in self._clocks if (at_us := clock.next()) is not None]
            at_us = min([target_us, *due])
            if at_us > self.now_us:
                for clock in self._clocks:
                    clock.hold(at_us)
                self.now_us = at_us
            self.settle()
            if self.now_us >= target_us:
                return
        raise Unavailable(f"more than {_TICKS_MAX} instants on the way")


def _connect(line: socket.socket, home: Path) -> None:
    """Connect through the folder's descriptor: a socket's address has only 107 bytes."""
    folder = os.open(home, os.O_PATH | os.O_DIRECTORY)
    try:
        line.connect(f"/proc/self/fd/{folder}/clock.sock")
    finally:
        os.close(folder)
