"""The standards' coarse question: do two activities share a cell, whatever their parts do?

All volumes of one activity count as one *whole*: every cell that any of them touches, and the span
of all their heights and of all their times. So an activity that climbs, or goes on elsewhere later,
coarsely meets what its parts never meet: the standards find each other this way, and decide by
`find`. Ranges are closed, uncertainties count outward. Called by `index` and by whoever keeps boxes
of whole activities; cells by `cells`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from comity.airspace.cells import CELL_MM, EXCESS, REACH_MAX_MM, Covering, covering, share, united
from comity.airspace.clearance import Clearance
from comity.airspace.outline import volume_outline
from comity.airspace.sides import END, LOWER, START, UPPER, Sides, sides_of
from comity.model.fault import Malformed
from comity.model.volume import Volume4D

__all__ = ["Whole", "asked_of", "coarsely_meet", "whole_of"]

_SLACK_MM: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Whole:
    """All volumes of one activity as the coarse question sees them.

    Millimetres above WGS84 and microseconds of UTC, both ends inside, uncertainties included.
    """

    cells: Covering
    lower_mm: int
    upper_mm: int
    start_us: int
    end_us: int


def whole_of(volumes: Sequence[Volume4D]) -> Whole:
    """One or more volumes as a whole.

    Raises:
        Malformed: `no_area` without a volume; `too_many_cells` and `too_wide` as `cells.covering`.
    """
    if not volumes:
        raise Malformed("an activity without a volume has no place", code="no_area")
    sides = [sides_of(each) for each in volumes]
    return Whole(
        cells=united([covering(each.footprint, each.uncertainty.lateral_mm) for each in volumes]),
        lower_mm=min(each[LOWER] for each in sides),
        upper_mm=max(each[UPPER] for each in sides),
        start_us=min(each[START] for each in sides),
        end_us=max(each[END] for each in sides),
    )


def coarsely_meet(one: Whole, other: Whole) -> bool:
    """Whether two wholes share a cell, a height and an instant; touching is sharing."""
    return (
        one.start_us <= other.end_us
        and other.start_us <= one.end_us
        and one.lower_mm <= other.upper_mm
        and other.lower_mm <= one.upper_mm
        and share(one.cells, other.cells)
    )


def asked_of(volumes: Sequence[Volume4D], margin_mm: int = REACH_MAX_MM) -> tuple[Sides, ...]:
    """A box for each volume: what may share a cell with one of them touches one of these boxes.

    The heights and times are the whole's, to ask boxes of wholes. `margin_mm` is the widest margin
    (radius and lateral uncertainty) among those that are asked about, if it is known.
    """
    whole = whole_of(volumes)
    ranges = (whole.lower_mm, whole.upper_mm, whole.start_us, whole.end_us)
    found: list[Sides] = []
    for volume in volumes:
        margins_mm = volume_outline(volume).margin_mm + min(margin_mm, REACH_MAX_MM)
        around = Clearance(lateral_mm=CELL_MM + ceil(EXCESS * margins_mm) + _SLACK_MM)
        south, north, west, width, *_ = sides_of(volume, around)
        found.append((south, north, west, width, *ranges))
    return tuple(found)
