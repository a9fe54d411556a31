"""Is a notice early enough? The time that a craft needs to get clear, and the verdict.

T = delivery + human + relay + decision + turn + distance/speed + margin: the chain from a notice to
an aircraft that has left. It answers for one's own presences only, from stated speeds and
distances; it predicts no track and draws no hazard. Defaults are an agreement's business: every
delay is passed in. Called by intake for each notice received.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from comity.airspace.depth import deepest_m
from comity.airspace.narrow import lateral
from comity.airspace.outline import outline_of
from comity.model.fault import Malformed
from comity.model.quantity import SECOND_US
from comity.model.verdict import VerdictWord
from comity.model.volume import Circle, Footprint

__all__ = [
    "TURN_RATE_DEG_S",
    "Delays",
    "TimeToClear",
    "Unable",
    "UnableReason",
    "Verdict",
    "distance_to_clear",
    "time_to_clear",
    "verdict",
]

TURN_RATE_DEG_S = 3  # a standard-rate turn: 180 degrees in 60 s
_TURN_DEG_MAX = 360
_BUFFER_MM_MAX = 10**9  # 1,000 km: a wider buffer is a unit error
_EVERYWHERE_MM = 2 * 10**10  # above the longest geodesic, 20,004 km


class UnableReason(StrEnum):
    """Why a craft cannot leave, whatever the lead."""

    FINAL_APPROACH = "final_approach"
    LOW_FUEL = "low_fuel"
    EMERGENCY = "emergency"
    NO_SPEED = "no_speed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """From a notice's delivery to a crew that acts: line, duty officer, relay, crew's decision."""

    delivery_us: int
    human_us: int
    relay_us: int
    decision_us: int

    def __post_init__(self) -> None:
        """Refuse what is negative."""
        for value in (self.delivery_us, self.human_us, self.relay_us, self.decision_us):
            _not_negative("a delay", value)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeToClear:
    """The time to get clear, term by term, in microseconds."""

    delivery_us: int
    human_us: int
    relay_us: int
    decision_us: int
    turn_us: int
    distance_us: int
    margin_us: int

    @property
    def total_us(self) -> int:
        """The sum of all terms."""
        return (
            self.delivery_us
            + self.human_us
            + self.relay_us
            + self.decision_us
            + self.turn_us
            + self.distance_us
            + self.margin_us
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unable:
    """Stands where a time would: no lead is long enough, and the craft's answer is UNABLE."""

    reason: UnableReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A word and the code of its reason."""

    word: VerdictWord
    reason: str


def time_to_clear(
    *,
    distance_mm: int,
    speed_mm_s: int,
    delays: Delays,
    margin_us: int,
    turn_deg: int = 180,
    unable: UnableReason | None = None,
) -> TimeToClear | Unable:
    """The time from a notice's delivery until a craft has gained a distance, each term rounded up.

    Args:
        distance_mm: the way to fly, for example from `distance_to_clear`.
        speed_mm_s: ground speed; 0 gives Unable(`no_speed`).
        delays: the agreed or measured delays before the crew acts.
        margin_us: safety margin on top.
        turn_deg: heading change before distance is gained, 0 to 360, at 3 degrees a second.
        unable: why this craft cannot leave at all, if so; it comes before everything else.

    Raises:
        Malformed: `bad_reach`, for a negative or absurd argument.
    """
    _not_negative("a distance", distance_mm)
    _not_negative("a speed", speed_mm_s)
    _not_negative("a margin", margin_us)
    if not 0 <= turn_deg <= _TURN_DEG_MAX:
        raise Malformed("a turn is 0 to 360 degrees", code="bad_reach")
    if unable is not None:
        return Unable(reason=unable)
    if speed_mm_s == 0:
        return Unable(reason=UnableReason.NO_SPEED)
    return TimeToClear(
        delivery_us=delays.delivery_us,
        human_us=delays.human_us,
        relay_us=delays.relay_us,
        decision_us=delays.decision_us,
        turn_us=-(-turn_deg * SECOND_US // TURN_RATE_DEG_S),
        distance_us=-(-distance_mm * SECOND_US // speed_mm_s),
        margin_us=margin_us,
    )


def distance_to_clear(presence: Footprint, hazard: Footprint, buffer_mm: int) -> int:
    """Millimetres to fly, at most, from anywhere in the presence out of the hazard and buffer.

    The largest depth: over all points of the presence, the geodesic distance to the nearest point
    outside the hazard widened by the buffer. Never less than the truth; 0 if the two do not meet.
    For a round hazard exact to 5 mm; else too large by at most 50 m or 1 % of depth, buffer and
    corridors' half-widths together while presence, depth and buffer reach no farther than 1,000 km
    from the presence's centre; by 4 % at 2,500 km. Both have passed `footprint.check`.

    Raises:
        Malformed: `bad_reach` for a buffer below 0 or above 1,000 km, `too_wide` as
            `outline.outline_of`, `too_intricate` for a hazard that would take seconds.
    """
    _not_negative("a buffer", buffer_mm)
    if buffer_mm > _BUFFER_MM_MAX:
        raise Malformed("a buffer is at most 1,000 km", code="bad_reach")
    craft, danger = outline_of(presence), outline_of(hazard, buffer_mm)
    if lateral(craft, danger, limit_mm=0) is None:
        return 0
    if not isinstance(hazard, Circle):
        return ceil(deepest_m(presence, hazard, buffer_mm / 1_000) * 1_000)
    # The deepest point of a disc is the presence's nearest to its centre: R + b - max(0, d - r).
    centre = outline_of(Circle(centre=hazard.centre, radius_mm=1))
    to_centre = lateral(craft, centre, limit_mm=_EVERYWHERE_MM)
    closest_mm = 0 if to_centre is None else to_centre.closest_mm
    return max(0, danger.margin_mm - closest_mm)


def verdict(
    *,
    lead_us: int | None,
    needed: TimeToClear | Unable | None,
    has_area: bool | None,
    cleartext_min_us: int | None,
    published_us: int | None = None,
) -> Verdict:
    """Whether a notice came early enough, in one word with a reason.

    Args:
        lead_us: activity start minus delivery; None when not stated.
        needed: the longest time to clear of one's own presences inside; None when none is inside.
        has_area: whether the notice has geometry; None when that is not known.
        cleartext_min_us: the agreed least lead of an open notice; None when nothing was agreed.
        published_us: the clearing time that the owner of a presence inside has published
            (`clear_needs_s`), the longest; None when none has.

    Returns:
        insufficient: `no_area` (before all else), `unable_<why>`, `lead_below_time_to_clear`,
        `lead_below_clear_needs`; unknown: `lead_unknown`, `area_unknown`, `lead_and_area_unknown`;
        short: `lead_below_agreed`; sufficient: `time_to_clear_met`, `clear_needs_met` when a
        published number is all there is, or `nothing_inside` when nothing needs to leave.
    """
    if has_area is False:
        return Verdict(word=VerdictWord.INSUFFICIENT, reason="no_area")
    if lead_us is None or has_area is None:
        return Verdict(word=VerdictWord.UNKNOWN, reason=_not_stated(lead_us, has_area=has_area))
    lacks = _insufficient(lead_us, needed, published_us)
    if lacks is not None:
        return Verdict(word=VerdictWord.INSUFFICIENT, reason=lacks)
    if cleartext_min_us is not None and lead_us < cleartext_min_us:
        return Verdict(word=VerdictWord.SHORT, reason="lead_below_agreed")
    alone = "nothing_inside" if published_us is None else "clear_needs_met"
    reason = alone if needed is None else "time_to_clear_met"
    return Verdict(word=VerdictWord.SUFFICIENT, reason=reason)


def _insufficient(
    lead_us: int, needed: TimeToClear | Unable | None, published_us: int | None
) -> str | None:
    """Why a lead is not enough for who is inside; None if it is."""
    if isinstance(needed, Unable):
        return f"unable_{needed.reason}"
    if needed is not None and lead_us < needed.total_us:
        return "lead_below_time_to_clear"
    if published_us is not None and lead_us < published_us:
        return "lead_below_clear_needs"
    return None


def _not_stated(lead_us: int | None, *, has_area: bool | None) -> str:
    """Which of the two was not stated."""
    if lead_us is None and has_area is None:
        return "lead_and_area_unknown"
    return "lead_unknown" if lead_us is None else "area_unknown"


def _not_negative(name: str, value: int) -> None:
    if type(value) is not int or value < 0:
        raise Malformed(f"{name} is an integer, 0 or more", code="bad_reach")
