"""How wrong our clock may be, from what others' clocks said: bounds, their median, what follows.

Each source bounds `its clock - ours`. Of three or more the median counts, so that one liar moves
nothing; of two what both agree on; with one the error is between two clocks, and the words say so.
An error is certain when the whole interval lies beyond a limit. Microseconds. Pure. Called by
`exchange.clock_watch`, which keeps the bounds, and by the pen, which obeys the standing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "SURE",
    "UNSURE_US",
    "UNTRUSTED_US",
    "ClockBound",
    "ClockState",
    "Standing",
    "standing_of",
]

UNSURE_US = 2_000_000  # beyond this, entries carry the mark
UNTRUSTED_US = 5_000_000  # beyond this, nothing is signed but the safety floor
_SECOND_US = 1_000_000
_ENOUGH = 3  # sources of which one may lie


class ClockState(StrEnum):
    """What may be signed: all, all with the mark, or the safety floor alone."""

    SURE = "sure"
    UNSURE = "unsure"
    UNTRUSTED = "untrusted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockBound:
    """`by`'s clock minus ours lies between `low_us` and `high_us`."""

    by: str
    low_us: int
    high_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How our clock stands; `low_us` and `high_us` bound the others' time minus ours, or None."""

    state: ClockState
    low_us: int | None
    high_us: int | None
    sources: tuple[ClockBound, ...]
    text: str

    @property
    def correction_us(self) -> int:
        """What to add to our clock for what only serves the line; 0 unless it is surely wrong."""
        if self.state is ClockState.SURE or self.low_us is None or self.high_us is None:
            return 0
        return (self.low_us + self.high_us) // 2

    @property
    def cosigning_correction_us(self) -> int:
        """The same for cosignatures: nobody alone, nor two, may set the time that we cosign."""
        return self.correction_us if len(self.sources) >= _ENOUGH else 0


def standing_of(bounds: Sequence[ClockBound]) -> Standing:
    """Judge our clock by these sources, each named once."""
    if not bounds:
        text = "nobody's clock was compared with ours lately"
        return Standing(state=ClockState.SURE, low_us=None, high_us=None, sources=(), text=text)
    count = len(bounds)
    low = sorted(bound.low_us for bound in bounds)[(count - 1) // 2]
    high = sorted(bound.high_us for bound in bounds)[count // 2]
    state = _state(low, high)
    return Standing(
        state=state,
        low_us=low,
        high_us=high,
        sources=tuple(bounds),
        text=_text(state, low, high, bounds),
    )


def _state(low: int, high: int) -> ClockState:
    least = max(low, -high, 0)  # the error is at least this, whichever end is true
    if least > UNTRUSTED_US:
        return ClockState.UNTRUSTED
    return ClockState.UNSURE if least > UNSURE_US else ClockState.SURE


def _text(state: ClockState, low: int, high: int, bounds: Sequence[ClockBound]) -> str:
    if state is ClockState.SURE:
        span = f"{low / _SECOND_US:+.3f} and {high / _SECOND_US:+.3f} s"
        return f"the time of {_who(bounds)} less ours is between {span}"
    word = "behind" if low > 0 else "ahead of"
    least, most = (low, high) if low > 0 else (-high, -low)
    ends = (f"{least / _SECOND_US:.1f}", f"{most / _SECOND_US:.1f}")
    size = f"{' to '.join(dict.fromkeys(ends))} s"
    if len(bounds) == 1:
        return (
            f"our clock is {size} {word} that of {bounds[0].by}; which of the two is wrong, "
            "two clocks cannot show"
        )
    return f"our clock is {size} {word} those of {_who(bounds)}"


def _who(bounds: Sequence[ClockBound]) -> str:
    return ", ".join(bound.by for bound in bounds)


SURE = standing_of(())
