"""Who asks about what is protected, counted in memory: how often in vain, how often with an answer.

Of one caller and one code at most one record of a refusal is due an hour; it says how often there
was a no in between. A check of a plan leaves no record, so that its answers are numbered: who asks
without end finds the edge of what it may not see. Writes nothing itself. Called by the register's
routes.
"""

from collections import deque
from dataclasses import dataclass

__all__ = ["CHECKS_AN_HOUR_MAX", "Checks", "Refusals"]

CHECKS_AN_HOUR_MAX = 100  # answers of one caller that speak of sealed entries: a bit or so each

_HOUR_US = 3_600_000_000
_KEPT_MAX = 512  # callers and codes; of more the oldest is forgotten, and recorded anew


@dataclass(slots=True)
class _Count:
    recorded_us: int
    since: int = 0


class Refusals:
    """See the module docstring."""

    def __init__(self) -> None:
        """Nobody has asked yet."""
        self._counts: dict[tuple[str, str], _Count] = {}

    def due(self, who: str, code: str, now_us: int) -> int | None:
        """Count one no; how many to record now, None if the last record is not an hour old."""
        known = self._counts.get((who, code))
        if known is not None and 0 <= now_us - known.recorded_us < _HOUR_US:
            known.since += 1
            return None
        if known is None and len(self._counts) >= _KEPT_MAX:
            del self._counts[next(iter(self._counts))]
        self._counts[who, code] = _Count(recorded_us=now_us)
        return 1 if known is None else known.since + 1


class Checks:
    """How many answers each caller got in the last hour that spoke of sealed entries."""

    def __init__(self) -> None:
        """Nobody has asked yet."""
        self._given: dict[bytes, deque[int]] = {}

    def admit(self, caller: bytes, now_us: int) -> bool:
        """Whether one more may be given; if so it is counted."""
        if caller not in self._given and len(self._given) >= _KEPT_MAX:
            del self._given[next(iter(self._given))]
        given = self._given.setdefault(caller, deque())
        while given and not now_us - _HOUR_US < given[0] <= now_us:  # bounded by what is in it
            given.popleft()
        if len(given) >= CHECKS_AN_HOUR_MAX:
            return False
        given.append(now_us)
        return True
