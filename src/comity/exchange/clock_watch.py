"""Keeps what others' clocks said of ours, and notices when ours jumps. Signs and sends nothing.

A source is heard by when we asked and when the answer was there, by our clock, and the time that it
signed between. What is older than ten minutes is forgotten. A step of our clock against the
monotonic one moves every bound by as much, at once. Read from the pen's thread; made in assembly.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from comity.model.clock_error import ClockBound, Standing, standing_of

__all__ = ["ClockWatch"]

_SECOND_US = 1_000_000
_STALE_US = 600 * _SECOND_US  # twenty heartbeats: a clock drifts by milliseconds meanwhile
_STEP_US = 250_000  # what a clock that is steered gently does not do between two readings
_SOURCES_MAX = 128  # peers, witnesses and authorities of one node
_OWN_PAST = "this machine before its clock was set"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    low_us: int
    high_us: int
    at_us: int  # monotonic


class ClockWatch:
    """See the module docstring; `now_us` is the node's clock, `elapsed_us` a monotonic one."""

    def __init__(self, now_us: Callable[[], int], elapsed_us: Callable[[], int]) -> None:
        """Begin with nobody heard."""
        self._now_us = now_us
        self._elapsed_us = elapsed_us
        self._mutex = threading.Lock()
        self._heard: dict[str, _Heard] = {}
        self._apart_us = now_us() - elapsed_us()

    def heard(self, by: str, said_us: int, asked_us: int, answered_us: int) -> None:
        """`by` signed the time `said_us` after `asked_us` and before `answered_us` of our clock."""
        self._keep(by, said_us - answered_us, said_us - asked_us)

    def heard_second(self, by: str, said_s: int, asked_us: int, answered_us: int) -> None:
        """The same for a time that is given in whole seconds, rounded down."""
        said_us = said_s * _SECOND_US
        self.heard_between(by, (said_us, said_us + _SECOND_US), asked_us, answered_us)

    def heard_between(
        self, by: str, said_us: tuple[int, int], asked_us: int, answered_us: int
    ) -> None:
        """The same for a time that is known to lie between two."""
        self._keep(by, said_us[0] - answered_us, said_us[1] - asked_us)

    def _keep(self, by: str, low_us: int, high_us: int) -> None:
        with self._mutex:
            stepped = self._look()
            if stepped or low_us > high_us:
                return  # the clock was set between the question and the answer
            if by in self._heard or len(self._heard) < _SOURCES_MAX:
                found = _Heard(low_us=low_us, high_us=high_us, at_us=self._elapsed_us())
                self._heard[by] = found
                self._heard.pop(_OWN_PAST, None)

    def standing(self) -> Standing:
        """How our clock stands now."""
        with self._mutex:
            self._look()
            bounds = [
                ClockBound(by=by, low_us=heard.low_us, high_us=heard.high_us)
                for by, heard in sorted(self._heard.items())
            ]
        return standing_of(bounds)

    def _look(self) -> bool:
        """Forget what is stale; if our clock was set since, move what is known by as much.

        Whether it was set.
        """
        elapsed_us = self._elapsed_us()
        apart_us = self._now_us() - elapsed_us
        step_us, self._apart_us = apart_us - self._apart_us, apart_us
        fresh = {by: h for by, h in self._heard.items() if elapsed_us - h.at_us <= _STALE_US}
        stepped = abs(step_us) > _STEP_US
        if stepped:
            own = _Heard(low_us=0, high_us=0, at_us=elapsed_us)
            fresh = {
                by: _Heard(low_us=h.low_us - step_us, high_us=h.high_us - step_us, at_us=h.at_us)
                for by, h in (fresh or {_OWN_PAST: own}).items()
            }
        self._heard = fresh
        return stepped
