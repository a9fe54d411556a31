"""Do two volumes meet? The exact test in four dimensions, closed, uncertainties outward.

Time and height are integer comparisons. Lateral: cores that overlap (GEOS on the gnomonic plane),
or whose geodesic distance is within both margins (`outline`). The answer errs one way only: volumes
up to 3 mm apart may be said to meet, none that meet are missed. Knows no agreement's clearance:
that is `clearance`, the other caller of `lateral`.
"""

from dataclasses import dataclass
from math import floor

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from comity.airspace.arcs import arcs_of
from comity.airspace.earth import RADIUS_MIN_M, Floats, around, latlon
from comity.airspace.geodesic import LatLon, along
from comity.airspace.gnomonic import gnomonic
from comity.airspace.nearest import Nearest, nearest
from comity.airspace.outline import Outline, volume_outline
from comity.model.quantity import Position, e7_from_degrees
from comity.model.volume import Volume4D

__all__ = ["Lateral", "lateral", "meets", "time_gap_us", "vertical_gap_mm"]

# Taken off every lateral distance: far above float rounding, ~1e-7 m. With the rounding down to
# whole millimetres, what counts as within a limit may be up to 2 mm beyond it.
_SLACK_MM = 1.0
_BEYOND_MM = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateral:
    """Millimetres between two widened footprints, never above the truth, and where."""

    closest_mm: int
    point: Position


def meets(a: Volume4D, b: Volume4D) -> bool:
    """Whether two volumes share a point of space and time; touching is meeting (F3548-21).

    Both uncertainties count outward in every dimension. Exact in time and height; lateral exact or
    outward by at most 3 mm. Both footprints must have passed `footprint.check`.

    Raises:
        Malformed: `too_wide`, for a footprint that `footprint.check` would have refused as such.
    """
    if time_gap_us(a, b) > 0 or vertical_gap_mm(a, b) > 0:
        return False
    return lateral(volume_outline(a), volume_outline(b), limit_mm=0) is not None


def time_gap_us(a: Volume4D, b: Volume4D) -> int:
    """Microseconds between the two windows with their uncertainties; 0 if they share an instant."""
    apart = max(a.window.start_us - b.window.end_us, b.window.start_us - a.window.end_us)
    return max(0, apart - a.uncertainty.time_us - b.uncertainty.time_us)


def vertical_gap_mm(a: Volume4D, b: Volume4D) -> int:
    """Millimetres between the two height bands with their uncertainties; 0 if they touch."""
    apart = max(a.heights.lower_mm - b.heights.upper_mm, b.heights.lower_mm - a.heights.upper_mm)
    return max(0, apart - a.uncertainty.vertical_mm - b.uncertainty.vertical_mm)


def lateral(a: Outline, b: Outline, *, limit_mm: int) -> Lateral | None:
    """How far apart two widened footprints are; None when that is more than the limit.

    The same for (a, b) and (b, a), to the last bit. The distance is at most 3 mm below the WGS84
    geodesic one.
    """
    if _order(b) < _order(a):
        a, b = b, a
    margins_mm = a.margin_mm + b.margin_mm
    reach_mm = margins_mm + limit_mm + _BEYOND_MM
    gap_rad = a.cap.gap_rad(b.cap)
    # No way on the ellipsoid is shorter than its angle of normals times the least radius.
    if gap_rad * RADIUS_MIN_M * 1_000 > reach_mm:
        return None
    if gap_rad <= 0 and (shared := _shared_point(a, b)) is not None:
        return Lateral(closest_mm=0, point=_position(latlon(shared)))
    here, there = (arcs_of(outline.normals, outline.after) for outline in (a, b))
    found = nearest(here, there, reach_mm / 1_000)
    if found is None:
        return None
    closest_mm = max(0, floor(found.lower_m * 1_000 - _SLACK_MM) - margins_mm)
    if closest_mm > limit_mm:
        return None
    return Lateral(closest_mm=closest_mm, point=_between(found, a.margin_mm, b.margin_mm))


def _shared_point(a: Outline, b: Outline) -> Floats | None:
    """A normal in both cores, or None when they have no point in common; their caps touch."""
    plane = gnomonic(around(a.cap, b.cap).centre)
    one, other = (_drawn(outline, plane.project(outline.normals)) for outline in (a, b))
    if not _meet(one, other):
        return None
    x_m, y_m = shapely.get_coordinates(_common(one, other).representative_point())[0].tolist()
    return plane.lift(x_m, y_m)


def _meet(one: BaseGeometry, other: BaseGeometry) -> bool:
    """Whether two shapes have a point in common.

    Of lines by their distance: a predicate of GEOS may look for all crossings, of which two
    scribbles have millions.
    """
    if _is_line(one) or _is_line(other):
        return one.distance(other) <= 0
    try:
        return bool(one.intersects(other))
    except shapely.GEOSException:  # as in `_common`
        return one.distance(other) <= 0


def _is_line(shape: BaseGeometry) -> bool:
    return isinstance(shape, shapely.LineString)


def _common(one: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    """What two shapes that meet have in common; a touch at rounding, as the line it leaves."""
    if _is_line(one) or _is_line(other):
        return shapely.shortest_line(one, other)  # one point of many
    try:
        common = one.intersection(other)
    except shapely.GEOSException:  # a ring that touches itself in this projection, by rounding
        common = shapely.Point()
    return shapely.shortest_line(one, other) if common.is_empty else common


def _order(outline: Outline) -> tuple[tuple[Position, ...], bool, tuple[int, ...], int]:
    """What tells two outlines apart, so that no answer depends on which is asked first."""
    return outline.core, outline.is_open, outline.rings, outline.margin_mm


def _drawn(outline: Outline, flat: Floats) -> BaseGeometry:
    """A core, its vertices projected (n, 2), as a shape of the plane."""
    if len(flat) == 1:
        return shapely.Point(flat[0])
    if outline.is_open:
        return shapely.LineString(flat)
    outer, *holes = np.split(flat, np.cumsum(outline.rings)[:-1])
    return shapely.Polygon(outer, holes)


def _between(found: Nearest, here_mm: int, there_mm: int) -> Position:
    """The middle, on the shortest line, of the margins' overlap or of the gap between them."""
    length_m = found.distance_m
    near_m = min(length_m, here_mm / 1_000)
    far_m = max(0.0, length_m - there_mm / 1_000)
    return _position(along(found.here, found.there, (near_m + far_m) / 2))


def _position(place: LatLon) -> Position:
    """Degrees to the grid of 1e-7 degree."""
    return Position(lat_e7=e7_from_degrees(place[0]), lon_e7=e7_from_degrees(place[1]))
