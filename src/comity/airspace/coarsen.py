"""A volume made coarser outward: what a caution shows of it. The true volume lies wholly inside.

The area becomes a box of whole grid cells, its heights and its window whole steps; the stated
uncertainty is added first, and none is left to state. Near a pole and for very wide areas the box
becomes a circle about a grid point. Holes are filled. No conflict of the true volume is one that
the coarse volume misses. Pure. Called by intake.
"""

from math import ceil, sqrt

from comity.airspace.broad import Box4D, box
from comity.airspace.earth import RADIUS_MAX_M, latlon
from comity.airspace.geodesic import distance_m
from comity.airspace.outline import Outline, volume_outline
from comity.model.fault import Malformed
from comity.model.quantity import DEGREE_E7, LON_E7_MAX, Position, degrees
from comity.model.volume import (
    HEIGHT_MM_MAX,
    HEIGHT_MM_MIN,
    RADIUS_MM_MAX,
    WINDOW_US_MAX,
    Circle,
    Footprint,
    HeightBand,
    Polygon,
    Volume4D,
    Window,
)

__all__ = ["HEIGHT_STEP_MM", "coarsened"]

HEIGHT_STEP_MM = 3_000_000  # 3 km, some FL100: a band says little of what flies in it
_BOX_LAT_E7_MAX = 75 * DEGREE_E7  # beyond it cells are slivers
_BOX_WIDTH_E7_MAX = 30 * DEGREE_E7
_EDGE_E7 = DEGREE_E7  # vertices along a parallel, so that its great circles stay near it
# How far a great circle between two points of one parallel, 1 degree apart, leaves it: at most
# (1 degree)^2 / 16, 19 millionths of a radian. Twice that.
_BULGE_E7 = 22_000
_CELL_M_PER_E7 = 0.01112  # a little above a 1e-7 degree of latitude


def coarsened(volume: Volume4D, *, cell_e7: int, window_us: int) -> Volume4D:
    """The volume on a grid of `cell_e7` (1e-7 degree), HEIGHT_STEP_MM and `window_us`, outward.

    Raises:
        Malformed: `cannot_coarsen`, for what has no coarser form within the limits of a volume.
    """
    around = box(volume)
    return Volume4D(
        footprint=_footprint(volume, around, cell_e7),
        heights=_heights(around),
        window=_window(around, window_us),
    )


def _footprint(volume: Volume4D, around: Box4D, cell_e7: int) -> Footprint:
    south_e7 = _down(around.south_e7 - _BULGE_E7, cell_e7)
    north_e7 = _up(around.north_e7 + _BULGE_E7, cell_e7)
    west_e7 = _down(around.west_e7, cell_e7)
    width_e7 = _up(around.west_e7 + around.width_e7, cell_e7) - west_e7
    if max(-south_e7, north_e7) > _BOX_LAT_E7_MAX or width_e7 > _BOX_WIDTH_E7_MAX:
        return _circle(volume_outline(volume), cell_e7)
    if north_e7 - south_e7 > _BOX_WIDTH_E7_MAX:
        return _circle(volume_outline(volume), cell_e7)
    steps = ceil(width_e7 / _EDGE_E7)
    eastward = [west_e7 + width_e7 * step // steps for step in range(steps + 1)]
    lower = [_position(south_e7, lon_e7) for lon_e7 in eastward]
    upper = [_position(north_e7, lon_e7) for lon_e7 in reversed(eastward)]
    return Polygon(vertices=(*lower, *upper))


def _circle(outline: Outline, cell_e7: int) -> Circle:
    """About the grid point next to the middle, wide enough by whole cells."""
    lat, lon = latlon(outline.cap.centre)
    near = _position(
        max(-90 * DEGREE_E7, min(90 * DEGREE_E7, _nearest(lat, cell_e7))), _nearest(lon, cell_e7)
    )
    apart_m = distance_m((lat, lon), (degrees(near.lat_e7), degrees(near.lon_e7)))
    reach_m = apart_m + outline.cap.radius_rad * RADIUS_MAX_M + outline.margin_mm / 1_000
    cell_m = cell_e7 * _CELL_M_PER_E7 / sqrt(2)
    radius_mm = ceil(ceil((reach_m + 1) / cell_m) * cell_m * 1_000)
    if radius_mm > RADIUS_MM_MAX:
        raise Malformed("the area is too wide for a coarser one", code="cannot_coarsen")
    return Circle(centre=near, radius_mm=radius_mm)


def _heights(around: Box4D) -> HeightBand:
    return HeightBand(
        lower_mm=max(HEIGHT_MM_MIN, _down(around.lower_mm, HEIGHT_STEP_MM)),
        upper_mm=min(HEIGHT_MM_MAX, _up(around.upper_mm, HEIGHT_STEP_MM)),
    )


def _window(around: Box4D, window_us: int) -> Window:
    start_us, end_us = _down(around.start_us, window_us), _up(around.end_us, window_us)
    if end_us - start_us > WINDOW_US_MAX:
        raise Malformed("the window is too long for a coarser one", code="cannot_coarsen")
    return Window(start_us=start_us, end_us=end_us)


def _position(lat_e7: int, lon_e7: int) -> Position:
    """A point of the grid, its longitude brought back to -180 <= lon < 180 degrees."""
    turn = 2 * LON_E7_MAX
    return Position(lat_e7=lat_e7, lon_e7=(lon_e7 + LON_E7_MAX) % turn - LON_E7_MAX)


def _nearest(angle: float, cell_e7: int) -> int:
    return round(angle * DEGREE_E7 / cell_e7) * cell_e7


def _down(value: int, step: int) -> int:
    return value // step * step


def _up(value: int, step: int) -> int:
    return -(-value // step) * step
