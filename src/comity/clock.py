"""The only readers of time: the system's clock, and the exercise's virtual one.

`now_us` is microseconds of UTC. Real deadlines on network and disk use monotonic time and are not
here. Called by assembly, the web gate (once a request) and the pacer.
"""

import time
from typing import Protocol

from comity.model.fault import Refusal, Refused

__all__ = ["Clock", "SystemClock", "VirtualClock"]

_WAITED_OUT_US = 5_000_000


class Clock(Protocol):
    """Something that says what time it is."""

    def now_us(self) -> int:
        """Microseconds of UTC."""
        ...

    def elapsed_us(self) -> int:
        """Microseconds since some moment, by a clock that nobody sets."""
        ...


class SystemClock:
    """The machine's clock; it does not go back by less than five seconds.

    A small step back is waited out. A large one is followed: to stand still for as long as a clock
    was wrong would be worse, and what was written meanwhile says so (`exchange.clock_watch`).
    """

    def __init__(self) -> None:
        """Start from the present."""
        self._newest = 0

    def now_us(self) -> int:
        """The machine's time, or the newest time given if that is less than 5 s later."""
        found = time.time_ns() // 1_000
        if not found < self._newest < found + _WAITED_OUT_US:
            self._newest = found
        return self._newest

    def elapsed_us(self) -> int:
        """The time since the machine was started, its sleep included."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000


class VirtualClock:
    """An exercise's clock: stands still until it is set, and never goes back."""

    def __init__(self, start_us: int) -> None:
        """Start at a given time."""
        self._now_us = start_us

    def now_us(self) -> int:
        """The time that was set last."""
        return self._now_us

    def elapsed_us(self) -> int:
        """The same: nothing else passes in an exercise."""
        return self._now_us

    def set(self, now_us: int) -> None:
        """Move forward; Refused (`clock_backwards`) otherwise."""
        if now_us < self._now_us:
            raise Refused(
                Refusal(
                    code="clock_backwards",
                    reason="an exercise's clock only goes forward",
                    what_to_do="advance to a later time",
                )
            )
        self._now_us = now_us
