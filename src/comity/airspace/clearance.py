"""How close do two volumes come, and is that closer than agreed? One question, one answer.

`assess` adds an agreement's clearance to `narrow`'s exact distances. It does not know where a
clearance comes from: callers pick it by agreement and aircraft class. Called by `find` and by
anyone who has just two volumes.
"""

from dataclasses import dataclass
from typing import Final

from comity.airspace.narrow import lateral, time_gap_us, vertical_gap_mm
from comity.airspace.outline import volume_outline
from comity.airspace.shared import window_between
from comity.model.fault import Malformed
from comity.model.quantity import Position
from comity.model.volume import HEIGHT_MM_MAX, HEIGHT_MM_MIN, WINDOW_US_MAX, Volume4D, Window

__all__ = ["CLEARANCE_LATERAL_MM_MAX", "NO_CLEARANCE", "Approach", "Clearance", "assess"]

CLEARANCE_LATERAL_MM_MAX: Final = 1_000_000_000  # 1,000 km: a wider buffer is a unit error


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """How near two volumes may come before it counts: millimetres, millimetres, microseconds.

    All three must be undercut or reached for a conflict; all zero means that only meeting counts.
    """

    lateral_mm: int = 0
    vertical_mm: int = 0
    time_us: int = 0

    def __post_init__(self) -> None:
        """Refuse negative or absurd values."""
        limits = (CLEARANCE_LATERAL_MM_MAX, HEIGHT_MM_MAX - HEIGHT_MM_MIN, WINDOW_US_MAX)
        values = (self.lateral_mm, self.vertical_mm, self.time_us)
        pairs = zip(values, limits, strict=True)
        if any(type(value) is not int or not 0 <= value <= top for value, top in pairs):
            raise Malformed(
                "a clearance is 0 to 1,000 km, 0 to 112 km of height, 0 to 400 days",
                code="bad_clearance",
            )


NO_CLEARANCE: Final = Clearance()


@dataclass(frozen=True, slots=True, kw_only=True)
class Approach:
    """Two volumes, uncertainties included, within a clearance of each other.

    `closest_mm` is a WGS84 geodesic, never above the truth and at most 3 mm below it; the other
    gaps are exact. `point` lies in the lateral overlap, or half-way across the gap, to the grid of
    1e-7 degree. `overlap_window` holds the instants in both widened windows (none outside the
    stated ones, at most 400 days).
    """

    meets: bool
    closest_mm: int
    vertical_gap_mm: int
    time_gap_us: int
    point: Position
    overlap_window: Window | None


def assess(a: Volume4D, b: Volume4D, clearance: Clearance = NO_CLEARANCE) -> Approach | None:
    """How two volumes approach each other; None when any dimension is farther than the clearance.

    Both footprints must have passed `footprint.check`. The same for (a, b) and (b, a).

    Raises:
        Malformed: `too_wide`, for a footprint that `footprint.check` would have refused as such.
    """
    time_us, vertical_mm = time_gap_us(a, b), vertical_gap_mm(a, b)
    if time_us > clearance.time_us or vertical_mm > clearance.vertical_mm:
        return None
    found = lateral(volume_outline(a), volume_outline(b), limit_mm=clearance.lateral_mm)
    if found is None:
        return None
    return Approach(
        meets=found.closest_mm == vertical_mm == time_us == 0,
        closest_mm=found.closest_mm,
        vertical_gap_mm=vertical_mm,
        time_gap_us=time_us,
        point=found.point,
        overlap_window=window_between(a, b) if time_us == 0 else None,
    )
