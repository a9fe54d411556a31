"""What time an entry says it was written: the clock's, but not before the entry before it.

A clock that went back by up to five seconds is waited out: entries then repeat the latest time. One
that went back further was wrong before or is wrong now; the entry says what the clock says, with
the mark `clock-unsure`. Order is never by time, only by place in the journal. Called by the pen.
"""

from comity.wire.limits import CLOCK_SKEW_US_MAX

__all__ = ["IssueTimes"]


class IssueTimes:
    """Remembers the latest time that was written."""

    def __init__(self, last_us: int) -> None:
        """Go on from the last entry of the journal; 0 for none."""
        self._last_us = last_us

    def next(self, now_us: int) -> tuple[int, bool]:
        """The time for an entry, and whether the clock was seen to go back."""
        back = self._last_us - now_us > CLOCK_SKEW_US_MAX
        self._last_us = now_us if back else max(now_us, self._last_us)
        return self._last_us, back
