"""The only readers of time: the system's clock, and the exercise's virtual one.

`now_us` is microseconds of UTC. Real deadlines on network and disk use monotonic time and are not
here. Called by assembly, the web gate (once a request) and the pacer.
"""

import time
from typing import Protocol

from comity.model.fault import Refusal, Refused

__all__ = ["Clock", "SystemClock", "VirtualClock"]

_WAITED_OUT_US = 5_000_000
_DOUBTED_US = 60_000_000


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
    """An exercise's clock: stands still until it is moved, and never goes back.

    What it says may be wrong, as a machine's clock may, by what the referee has it wrong.
    """

    def __init__(self, start_us: int) -> None:
        """Start at a given time."""
        self._right_us = start_us
        self._off_us = 0
        self._doubted_until_us = start_us

    def now_us(self) -> int:
        """What it says."""
        return self._right_us + self._off_us

    def elapsed_us(self) -> int:
        """The exercise's time: nothing else passes."""
        return self._right_us

    @property
    def off_us(self) -> int:
        """By how much it is ahead of the exercise's time."""
        return self._off_us

    @property
    def doubted(self) -> bool:
        """Whether it is wrong, or was a minute ago."""
        return self._off_us != 0 or self._right_us < self._doubted_until_us

    def be_off(self, off_us: int) -> None:
        """Say another time from now on, ahead of the exercise's by so much; 0 is right again."""
        self._off_us = off_us
        self._doubted_until_us = self._right_us + _DOUBTED_US

    def set(self, now_us: int) -> None:
        """Move forward, in the time that it says; Refused (`clock_backwards`) otherwise."""
        if now_us < self.now_us():
            raise Refused(
                Refusal(
                    code="clock_backwards",
                    reason="an exercise's clock only goes forward",
                    what_to_do="advance to a later time",
                )
            )
        self._right_us = now_us - self._off_us
