"""The only readers of time: the system's clock, and the exercise's virtual one.

`now_us` is microseconds of UTC. Real deadlines on network and disk use monotonic time and are not
here. Called by assembly, the web gate (once a request) and the pacer.
"""

import time
from typing import Protocol

from comity.model.fault import Refusal, Refused

__all__ = ["Clock", "SystemClock", "VirtualClock"]


class Clock(Protocol):
    """Something that says what time it is."""

    def now_us(self) -> int:
        """Microseconds of UTC."""
        ...


class SystemClock:
    """The machine's clock, never going back within one process."""

    def __init__(self) -> None:
        """Start from the present."""
        self._newest = 0

    def now_us(self) -> int:
        """The later of the machine's time and the newest time given."""
        self._newest = max(self._newest, time.time_ns() // 1_000)
        return self._newest

    def behind_us(self) -> int:
        """How far the machine's time is behind the newest time given: it was set back."""
        return max(0, self._newest - time.time_ns() // 1_000)


class VirtualClock:
    """An exercise's clock: stands still until it is set, and never goes back."""

    def __init__(self, start_us: int) -> None:
        """Start at a given time."""
        self._now_us = start_us

    def now_us(self) -> int:
        """The time that was set last."""
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
