"""How much a peer may ask of us: a token bucket for each, and a small one beside it for safety.

In memory, on the loop's real time: an exercise's clock stands still while requests come. Called by
the server.
"""

from collections.abc import Callable

from comity.model.fault import Refusal, Refused

__all__ = ["Rates"]

_PER_S, _BURST = 50.0, 200.0  # an honest peer in full catch-up sends some ten a second
_SAFETY_PER_S, _SAFETY_BURST = 5.0, 20.0


class _Bucket:
    def __init__(self, per_s: float, burst: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._tokens = burst
        self._at_s = 0.0

    def take(self, now_s: float) -> bool:
        self._tokens = min(self._burst, self._tokens + (now_s - self._at_s) * self._per_s)
        self._at_s = now_s
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Rates:
    """See the module docstring; `now_s` is a monotonic clock."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        """Every peer starts with a full bucket."""
        self._now_s = now_s
        self._buckets: dict[str, tuple[_Bucket, _Bucket]] = {}

    def admit(self, peer: str, *, is_safety: Callable[[], bool]) -> None:
        """Count a request; Refused (`too_many`) beyond the rate, `is_safety` asked only then."""
        made = (_Bucket(_PER_S, _BURST), _Bucket(_SAFETY_PER_S, _SAFETY_BURST))
        usual, safety = self._buckets.setdefault(peer, made)
        now_s = self._now_s()
        if usual.take(now_s) or (is_safety() and safety.take(now_s)):
            return
        raise Refused(
            Refusal(
                code="too_many",
                reason=f"more than {_PER_S:.0f} requests a second",
                what_to_do="wait a second; send what is due in batches",
            )
        )
