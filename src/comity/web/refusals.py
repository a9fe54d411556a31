"""Who asked in vain for what is protected: counted in memory, so that the record is not flooded.

Of one caller and one code at most one record is due an hour; it says how often there was a no in
between. Writes nothing itself. Called by `web.api.register_watch`.
"""

from dataclasses import dataclass

__all__ = ["Refusals"]

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
