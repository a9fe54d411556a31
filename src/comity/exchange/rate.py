"""How much a peer may ask of us: a token bucket for each, and a small one beside it for safety.

`Rates` runs on the loop's real time: an exercise's clock stands still while requests come. In
memory; a start fills every bucket. Called by the server; `Bucket` also by the mirror.
"""

from collections.abc import Callable
from math import ceil

from comity.model.fault import Refusal, Refused

__all__ = ["Bucket", "Rates"]

_PER_S, _BURST = 50.0, 200.0  # an honest peer in full catch-up sends some ten a second
_SAFETY_PER_S, _SAFETY_BURST = 5.0, 20.0


_SECOND_US = 1_000_000


class Bucket:
    """Holds up to `burst` tokens and gains `per_s` a second. A clock set back costs nothing."""

    def __init__(self, per_s: float, burst: float) -> None:
        """Full."""
        self._per_s = per_s
        self._burst = burst
        self._tokens = burst
        self._at_us = 0

    def ready_us(self, count: int, now_us: int) -> int:
        """When `count` tokens are there, at most as many as it can hold; `now_us` if they are."""
        missing = min(count, self._burst) - self._filled(now_us)
        return now_us + max(0, ceil(missing * _SECOND_US / self._per_s))

    def take(self, now_us: int, count: int = 1) -> bool:
        """Take all of `count` tokens, or none."""
        if self._filled(now_us) < count:
            return False
        self._tokens -= count
        return True

    def _filled(self, now_us: int) -> float:
        gained = max(0, now_us - self._at_us) * self._per_s / _SECOND_US
        self._tokens = min(self._burst, self._tokens + gained)
        self._at_us = now_us
        return self._tokens


class Rates:
    """See the module docstring; `now_s` is a monotonic clock."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        """Every peer starts with a full bucket."""
        self._now_s = now_s
        self._buckets: dict[str, tuple[Bucket, Bucket]] = {}

    def admit(self, peer: str, *, is_safety: Callable[[], bool]) -> None:
        """Count a request; Refused (`too_many`) beyond the rate, `is_safety` asked only then."""
        made = (Bucket(_PER_S, _BURST), Bucket(_SAFETY_PER_S, _SAFETY_BURST))
        usual, safety = self._buckets.setdefault(peer, made)
        now_us = round(self._now_s() * _SECOND_US)
        if usual.take(now_us) or (is_safety() and safety.take(now_us)):
            return
        raise Refused(
            Refusal(
                code="too_many",
                reason=f"more than {_PER_S:.0f} requests a second",
                what_to_do="wait a second; send what is due in batches",
            )
        )
