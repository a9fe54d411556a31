"""A volume on a grid, made wider by what the grid takes away: the true one lies wholly inside.

Unlike `coarsen` it keeps the shape: a circle stays a circle, corners move to the nearest point of
the grid, and so do the vertices of a corridor's line; holes are filled. The widening is the most
that any point can move, not what these points moved, so that the result says in which cell a point
lay and no more. No conflict of the true volume is one that the snapped volume misses. Pure. Called
by intake.
"""

from math import ceil, radians, sqrt
from typing import Final

from comity.airspace.earth import RADIUS_MAX_M, latlon, same_place
from comity.airspace.footprint import check
from comity.airspace.outline import Outline, outline_of
from comity.model.fault import Malformed
from comity.model.quantity import DEGREE_E7, LAT_E7_MAX, LON_E7_MAX, Position, degrees
from comity.model.volume import (
    HEIGHT_MM_MAX,
    HEIGHT_MM_MIN,
    RADIUS_MM_MAX,
    Circle,
    Corridor,
    Footprint,
    HeightBand,
    Polygon,
    Uncertainty,
    Volume4D,
    Window,
    places_of,
)

__all__ = ["STEP_MM", "is_on_grid", "snapped"]

STEP_MM: Final = 100_000  # radii, margins and heights become whole steps of 100 m, outward
# Corners that move by an angle move the edge between them by at most that over the cosine of half
# the edge, and an angle of normals is up to 1.0103 times as long on the ground in one place as in
# another: with edges up to 20 degrees a factor of 1.026 in all.
_EDGE_RAD_MAX: Final = radians(20.0)
_EDGE_FACTOR: Final = 1.03


def is_on_grid(volume: Volume4D, grid_e7: int) -> bool:
    """Whether every coordinate is a multiple of `grid_e7`; the ends of the globe are."""
    return all(
        _nearest(point.lat_e7, grid_e7, LAT_E7_MAX) == point.lat_e7
        and _nearest(point.lon_e7, grid_e7, LON_E7_MAX) == point.lon_e7
        for point in places_of(volume.footprint)
    )


def snapped(volume: Volume4D, grid_e7: int) -> Volume4D:
    """The volume on the grid, outward; of its uncertainty only a polygon's margin is left to state.

    Raises:
        Malformed: `cannot_coarsen`, for what has no such form within the limits of a volume.
    """
    footprint, margin_mm = _footprint(volume, grid_e7)
    spread = volume.uncertainty
    return Volume4D(
        footprint=footprint,
        heights=HeightBand(
            lower_mm=max(HEIGHT_MM_MIN, _down(volume.heights.lower_mm - spread.vertical_mm)),
            upper_mm=min(HEIGHT_MM_MAX, _up(volume.heights.upper_mm + spread.vertical_mm)),
        ),
        window=Window(
            start_us=volume.window.start_us - spread.time_us,
            end_us=volume.window.end_us + spread.time_us,
        ),
        uncertainty=Uncertainty(lateral_mm=margin_mm),
    )


def _footprint(volume: Volume4D, grid_e7: int) -> tuple[Footprint, int]:
    """The footprint, and the margin that it needs."""
    footprint, spread_mm = volume.footprint, volume.uncertainty.lateral_mm
    moved_mm = _farthest_mm(grid_e7)
    if isinstance(footprint, Circle):
        radius_mm = footprint.radius_mm + spread_mm + moved_mm
        return _circle(_snapped(footprint.centre, grid_e7), radius_mm), 0
    outline = outline_of(footprint, spread_mm)
    margin_mm = _up(outline.margin_mm + ceil(moved_mm * _EDGE_FACTOR))
    shape = _shape(footprint, outline, grid_e7, margin_mm)
    if shape is not None:
        return shape, 0 if isinstance(shape, Corridor) else margin_mm
    lat, lon = latlon(outline.cap.centre)
    middle = Position(lat_e7=round(lat * DEGREE_E7), lon_e7=round(lon * DEGREE_E7))
    reach_mm = ceil(outline.cap.radius_rad * RADIUS_MAX_M * 1_000) + 1
    return _circle(_snapped(middle, grid_e7), reach_mm + outline.margin_mm + moved_mm), 0


def _circle(centre: Position, radius_mm: int) -> Circle:
    if _up(radius_mm) > RADIUS_MM_MAX:
        raise Malformed("the area is too wide for a coarser one", code="cannot_coarsen")
    return Circle(centre=centre, radius_mm=_up(radius_mm))


def _shape(
    footprint: Polygon | Corridor, outline: Outline, grid_e7: int, margin_mm: int
) -> Polygon | Corridor | None:
    """The ring or line of the snapped corners; None where there is none, or edges are too long."""
    if outline.cap.radius_rad > _EDGE_RAD_MAX / 2:
        return None
    kept: list[Position] = []
    for vertex in footprint.vertices:
        corner = _snapped(vertex, grid_e7)
        if not kept or not same_place(kept[-1], corner):
            kept.append(corner)
    if not outline.is_open and len(kept) > 1 and same_place(kept[0], kept[-1]):
        kept.pop()
    shape: Polygon | Corridor
    try:
        if outline.is_open:
            shape = Corridor(vertices=tuple(kept), half_width_mm=margin_mm)
        else:
            shape = Polygon(vertices=tuple(kept))
        check(shape)
    except Malformed:
        return None
    return shape


def _farthest_mm(grid_e7: int) -> int:
    """The longest way from any place to the nearest point of the grid: half a cell's diagonal.

    No degree of latitude or longitude is longer than RADIUS_MAX_M makes it.
    """
    return ceil(radians(degrees(grid_e7)) / sqrt(2) * RADIUS_MAX_M * 1_000) + 1


def _snapped(point: Position, grid_e7: int) -> Position:
    return Position(
        lat_e7=_nearest(point.lat_e7, grid_e7, LAT_E7_MAX),
        lon_e7=_nearest(point.lon_e7, grid_e7, LON_E7_MAX),
    )


def _nearest(value: int, step: int, end: int) -> int:
    """The nearest multiple of a step, or end of the globe."""
    below = value // step * step
    around = (max(below, -end), min(below + step, end))
    return min(around, key=lambda each: abs(each - value))


def _down(value: int) -> int:
    return value // STEP_MM * STEP_MM


def _up(value: int) -> int:
    return -(-value // STEP_MM) * STEP_MM
