"""How much a peer may ask of us, and make us store: buckets for each, small ones for safety.

`Rates` runs on the loop's real time: an exercise's clock stands still while requests come. In
memory; a start fills every bucket. Called by the server; `Bucket` also by the mirror.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import ceil

from comity.model.fault import Refusal, Refused
from comity.wire.limits import (
    SAFETY_STORED_BYTES_AT_ONCE,
    SAFETY_STORED_BYTES_PER_S,
    STORED_BYTES_AT_ONCE,
    STORED_BYTES_PER_S,
)

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

    def spend(self, now_us: int, count: int) -> None:
        """Take `count` tokens that are gone already, there or not."""
        self._filled(now_us)
        self._tokens -= count

    def _filled(self, now_us: int) -> float:
        gained = max(0, now_us - self._at_us) * self._per_s / _SECOND_US
        self._tokens = min(self._burst, self._tokens + gained)
        self._at_us = now_us
        return self._tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class _Share:
    """What is left of requests, and of bytes to be stored."""

    requests: Bucket
    stored: Bucket

    def admits(self, now_us: int, *, writes: bool) -> bool:
        return (not writes or not self.is_full(now_us)) and self.requests.take(now_us)

    def is_full(self, now_us: int) -> bool:
        return self.stored.ready_us(1, now_us) > now_us


def _usual() -> _Share:
    stored = Bucket(STORED_BYTES_PER_S, STORED_BYTES_AT_ONCE)
    return _Share(requests=Bucket(_PER_S, _BURST), stored=stored)


def _for_safety() -> _Share:
    stored = Bucket(SAFETY_STORED_BYTES_PER_S, SAFETY_STORED_BYTES_AT_ONCE)
    return _Share(requests=Bucket(_SAFETY_PER_S, _SAFETY_BURST), stored=stored)


class Rates:
    """See the module docstring; `now_s` is a monotonic clock."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        """Every peer starts with full buckets."""
        self._now_s = now_s
        self._shares: dict[str, tuple[_Share, _Share]] = {}

    def admit(
        self, peer: str, *, is_safety: Callable[[], bool], writes: bool = False
    ) -> Callable[[int], None]:
        """Count a request; `is_safety` is asked only beyond the usual share.

        What the request makes us store, in bytes, is counted by the function that is returned.

        Raises:
            Refused: `too_many`, requests or, if it `writes`, bytes.
        """
        usual, safety = self._shares.setdefault(peer, (_usual(), _for_safety()))
        now_us = round(self._now_s() * _SECOND_US)
        for share in (usual, safety):
            may_use = share is usual or is_safety()
            if may_use and share.admits(now_us, writes=writes):
                return partial(share.stored.spend, now_us)
        if writes and usual.is_full(now_us):
            raise _too_many("as much as one party may make us store", "wait; it goes on by itself")
        reason = f"more than {_PER_S:.0f} requests a second"
        raise _too_many(reason, "wait a second; send what is due in batches")


def _too_many(reason: str, what_to_do: str) -> Refused:
    return Refused(Refusal(code="too_many", reason=reason, what_to_do=what_to_do))
