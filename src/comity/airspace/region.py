"""A footprint as an area of a plane: its core, and the ground within its margin, drawn from inside.

For pictures and overlaps; whether two meet is `narrow`'s, which draws no margin. A margin is made
of a strip along each edge and a fan at each corner, from geodesics. Their rims are chords of the
true rim: never more than a millimetre outside it, at most half a metre inside. An open line is a
loop that comes back on itself; a hole's margin lies within it. Called by `overlap`.
"""

from collections.abc import Iterator
from math import ceil, degrees, radians, sqrt
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from comity.airspace.arcs import Arcs, arcs_of
from comity.airspace.earth import (
    AXES_M,
    RADIUS_MEAN_M,
    RADIUS_MIN_M,
    Cap,
    Floats,
    around,
    latlon,
)
from comity.airspace.geodesic import LatLon, toward
from comity.airspace.gnomonic import Gnomonic, gnomonic
from comity.airspace.outline import Outline, after_of
from comity.model.fault import Malformed

__all__ = ["plane_of", "region"]

_ARC_M: Final = 0.5  # how far a chord may lie inside a round rim
_STRIP_M: Final = 0.001  # how far one may lie outside the rim of a strip
_TURN_DEG: Final = 360.0
_ROUNDING_DEG: Final = 1e-6
_POINTS_MAX: Final = 20_000  # of all rims: a second of geodesics
_ARC_POINTS_MIN: Final = 8  # of a whole turn, however small


def plane_of(one: Outline, *others: Outline) -> Gnomonic:
    """A plane about them all, margins included; `too_wide` for what spans half the globe."""
    cap = _widened(one)
    for other in others:
        cap = around(cap, _widened(other))
    return gnomonic(cap.centre)


def region(outline: Outline, plane: Gnomonic) -> BaseGeometry:
    """The area of an outline on the plane.

    Raises:
        Malformed: `too_wide`, where it reaches beyond the plane (`gnomonic`); `too_intricate`, for
            a margin that would take seconds to draw.
    """
    flat, margin_m = plane.project(outline.normals), outline.margin_mm / 1_000
    if len(flat) == 1:
        rim = _arc(latlon(outline.normals[0]), 0.0, _TURN_DEG, margin_m)[:-1]
        return _area(rim, plane)
    rings = np.split(flat, np.cumsum(outline.rings)[:-1])
    core: BaseGeometry = (
        shapely.LineString(flat) if outline.is_open else shapely.Polygon(rings[0], rings[1:])
    )
    if not core.is_valid:  # a ring that touches itself on this plane, by rounding
        core = shapely.make_valid(core)
    if margin_m == 0:
        return core
    rims = [rim for loop in _loops(outline, rings) for rim in _margin(loop, margin_m)]
    return shapely.union_all([core, *(_area(rim, plane) for rim in rims)])


def _loops(outline: Outline, rings: list[Floats]) -> Iterator[Floats]:
    """The rims of a core as loops of normals with what is outside to their right."""
    if outline.is_open:
        yield np.concatenate((outline.normals, outline.normals[-2:0:-1]))
        return
    loops = np.split(outline.normals, np.cumsum(outline.rings)[:-1])
    for number, (loop, ring) in enumerate(zip(loops, rings, strict=True)):
        is_hole = number > 0
        yield loop[::-1] if shapely.is_ccw(shapely.LinearRing(ring)) == is_hole else loop


def _widened(outline: Outline) -> Cap:
    wider = outline.margin_mm / 1_000 / RADIUS_MIN_M
    return Cap(centre=outline.cap.centre, radius_rad=outline.cap.radius_rad + wider)


def _area(rim: list[LatLon], plane: Gnomonic) -> BaseGeometry:
    return shapely.Polygon(plane.project(_normals(rim)))


def _normals(places: list[LatLon]) -> Floats:
    angles = np.radians(np.array(places))
    lat, lon = angles[:, 0], angles[:, 1]
    flat = np.cos(lat)
    return np.column_stack((flat * np.cos(lon), flat * np.sin(lon), np.sin(lat)))


def _margin(loop: Floats, margin_m: float) -> Iterator[list[LatLon]]:
    """What lies within the margin to the right of a loop: strips and, where it turns left, fans."""
    arcs = arcs_of(loop, after_of(len(loop), is_open=False))
    count = len(loop)
    pieces = [_pieces(float(sweep), margin_m) for sweep in arcs.sweep]
    if sum(pieces) + count > _POINTS_MAX:
        raise Malformed("a margin around so long a rim is not drawn", code="too_intricate")
    ends = [
        (_headed(arcs, edge, 0.0), _headed(arcs, edge, float(arcs.sweep[edge])))
        for edge in range(count)
    ]
    for edge in range(count):
        yield _strip(arcs, edge, pieces[edge], margin_m)
        (corner, before), (_, after) = ends[edge - 1][1], ends[edge][0]
        left = (before - after) % _TURN_DEG
        if left <= _TURN_DEG / 2 + _ROUNDING_DEG:
            yield [corner, *_arc(corner, before + 90.0, left, margin_m)]


def _pieces(sweep_rad: float, margin_m: float) -> int:
    """How many chords the rim along an edge needs.

    One of length s at distance d lies s^2 d / 8 R^2 outside the rim.
    """
    longest_m = RADIUS_MIN_M * sqrt(8 * _STRIP_M / margin_m)
    return ceil(sweep_rad * RADIUS_MEAN_M / longest_m)


def _strip(arcs: Arcs, edge: int, pieces: int, margin_m: float) -> list[LatLon]:
    """Along an edge, to its right: there along the edge, back along the rim."""
    sweep = float(arcs.sweep[edge])
    seen = [_headed(arcs, edge, sweep * step / pieces) for step in range(pieces + 1)]
    rim = [toward(place, heading + 90.0, margin_m) for place, heading in seen]
    return [seen[0][0], seen[-1][0], *reversed(rim)]


def _arc(centre: LatLon, first_deg: float, turn_deg: float, radius_m: float) -> list[LatLon]:
    """Counterclockwise about a centre, from an azimuth through a turn, both ends included."""
    step_deg = degrees(2 * sqrt(2 * _ARC_M / radius_m)) if radius_m > 2 * _ARC_M else _TURN_DEG
    pieces = ceil(turn_deg / min(step_deg, _TURN_DEG / _ARC_POINTS_MIN)) or 1
    return [
        toward(centre, first_deg - turn_deg * step / pieces, radius_m) for step in range(pieces + 1)
    ]


def _headed(arcs: Arcs, edge: int, at: float) -> tuple[LatLon, float]:
    """The place at t on an edge, and the edge's direction there in degrees from true north."""
    start, side = arcs.start[edge], arcs.side[edge]
    point, motion = start * np.cos(at) + side * np.sin(at), side * np.cos(at) - start * np.sin(at)
    normal = point / AXES_M**2
    normal /= np.linalg.norm(normal)
    place = latlon(normal)
    lat, lon = radians(place[0]), radians(place[1])
    east = np.array((-np.sin(lon), np.cos(lon), 0.0))
    north = np.array((-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)))
    return place, degrees(float(np.arctan2(motion @ east, motion @ north))) % _TURN_DEG
