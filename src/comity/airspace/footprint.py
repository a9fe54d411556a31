"""Is a footprint a footprint? The geometric half of its validation.

Refuses rings that cross or touch themselves, have no area, repeat a vertex or are wider than 5,000
km; of a line only what has no direction, no width or is too wide: it may cross itself. Does not
repair anything and does not ask what the footprint is for. Called where foreign volumes enter
(intake, faces); every other file of this room assumes that `check` has passed.
"""

import re
from collections.abc import Iterable
from math import asin, cos
from typing import Final

import numpy as np
import shapely

from comity.airspace.earth import RADIUS_MAX_M, Floats, latlon, normals_of, same_place
from comity.airspace.geodesic import distance_m
from comity.airspace.gnomonic import DOMAIN_RAD, Gnomonic, gnomonic
from comity.airspace.outline import after_of, outline_of
from comity.model.fault import Malformed
from comity.model.quantity import Position
from comity.model.volume import Circle, Corridor, Footprint, Polygon, margin_mm_of

__all__ = ["WIDTH_MAX_M", "check"]

WIDTH_MAX_M: Final = 5_000_000.0
_THICKNESS_MIN_M = 0.01  # a grid step is 1.1 cm: what is thinner is a line with rounding noise
_ANTIPODAL_CHORD = 0.01  # within ~0.6 degrees of 180, where the edge's direction is noise
_SAME_TURN_RAD = 1e-3
_ROWS = 512  # of the distance matrix at a time, to bound memory at 40 MB


def check(footprint: Footprint) -> None:
    """Raise when a footprint cannot be tested; return nothing when it can.

    Edges are great circles on the sphere of geodetic coordinates; either turn is allowed; the
    antimeridian and the poles are ordinary places. The reason names the vertex to blame, counted
    from 0.

    Raises:
        Malformed: `duplicate_vertex` (consecutive, the last and the first included),
        `antipodal_edge`,
            `too_wide` (more than 5,000 km of geodesic between two vertices and a corridor's width),
            `zero_area` (nowhere 1 cm thick), `self_crossing` (a ring crosses or touches itself),
            `bad_hole` (a hole that is not inside, or meets the ring or another hole in more than
            single points, or parts the area).
    """
    is_open = isinstance(footprint, Corridor)
    if not isinstance(footprint, Polygon) and _is_thin(margin_mm_of(footprint)):
        kind = "corridor" if is_open else "circle"
        raise Malformed(f"a {kind} is less than 1 cm across", code="zero_area")
    if isinstance(footprint, Circle):
        return
    _check_edges(footprint.vertices, is_open=is_open)
    filled = Polygon(vertices=footprint.vertices) if isinstance(footprint, Polygon) else footprint
    outline = outline_of(filled)
    plane = gnomonic(outline.cap.centre)
    flat = plane.project(outline.normals)
    _check_width(outline.normals, flat, 2 * outline.margin_mm / 1_000)
    if isinstance(footprint, Polygon):
        _check_ring(shapely.Polygon(flat))
        if footprint.holes:
            _check_holes(footprint, flat, plane)


def _is_thin(margin_mm: int) -> bool:
    return 2 * margin_mm < _THICKNESS_MIN_M * 1_000


def _check_edges(vertices: tuple[Position, ...], hole: int | None = None, *, is_open: bool) -> None:
    """Every vertex differs from the one before it, and no edge joins opposite points of the globe.

    A line may end where it begins.
    """
    before = None if is_open else vertices[-1]
    for number, vertex in enumerate(vertices):
        if before is not None and same_place(before, vertex):
            whose = f"hole {hole}" if hole is not None else "a line" if is_open else "a ring"
            text = f"vertex {number} of {whose} repeats the one before it"
            raise Malformed(text, code="duplicate_vertex")
        before = vertex
    normals = normals_of(vertices)
    after = after_of(len(vertices), is_open=is_open)
    opposite = np.linalg.norm(normals + normals[after], axis=1)
    if float(opposite.min()) < _ANTIPODAL_CHORD:
        at = f"vertex {int(opposite.argmin())}" + ("" if hole is None else f" of hole {hole}")
        text = f"the edge from {at} spans 180 degrees: it has no direction"
        raise Malformed(text, code="antipodal_edge")


def _check_width(normals: Floats, flat: Floats, around_m: float) -> None:
    """The two vertices farthest apart (as seen on the sphere of normals) are within 5,000 km.

    `around_m` is what a corridor's width adds.
    """
    most_m = WIDTH_MAX_M - around_m
    angle_safe = most_m / RADIUS_MAX_M  # an angle that no geodesic stretches beyond the limit
    extent = float(np.linalg.norm(np.ptp(normals, axis=0)))
    if 2 * asin(min(1.0, extent / 2)) <= angle_safe:
        return
    hull = shapely.MultiPoint(flat).convex_hull
    corners = set(map(tuple, shapely.get_coordinates(hull).tolist()))
    outer = normals[[tuple(point) in corners for point in flat.tolist()]]
    one, other = _farthest(outer)
    if distance_m(latlon(one), latlon(other)) > most_m:
        ends = [int(np.flatnonzero((normals == each).all(axis=1))[0]) for each in (one, other)]
        text = f"a footprint is wider than 5,000 km, between vertices {min(ends)} and {max(ends)}"
        raise Malformed(text, code="too_wide")


def _farthest(normals: Floats) -> tuple[Floats, Floats]:
    """The two normals with the largest angle between them."""
    smallest, pair = 2.0, (0, 0)
    for start in range(0, len(normals), _ROWS):
        cosines = normals[start : start + _ROWS] @ normals.T
        row, column = np.unravel_index(int(np.argmin(cosines)), cosines.shape)
        if cosines[row, column] < smallest:
            smallest, pair = float(cosines[row, column]), (start + int(row), int(column))
    return normals[pair[0]], normals[pair[1]]


def _check_ring(ring: shapely.Polygon, whose: str = "a ring") -> None:
    """The ring is simple, and somewhere at least 1 cm thick."""
    hull = ring.convex_hull
    if hull.area < _THICKNESS_MIN_M * hull.length / 2:
        text = f"{whose} is less than 1 cm wide: it turns back at vertex {_turned(ring)}"
        raise Malformed(text, code="zero_area")
    if not ring.is_valid:
        _, vertex = _blamed(ring, [ring.exterior])
        text = f"{whose} crosses or touches itself at the edge from vertex {vertex}"
        raise Malformed(text, code="self_crossing")
    if ring.buffer(-_THICKNESS_MIN_M / 2).is_empty:
        text = f"{whose} is nowhere 1 cm wide: it turns back at vertex {_turned(ring)}"
        raise Malformed(text, code="zero_area")


def _turned(ring: shapely.Polygon) -> int:
    """The first vertex with the sharpest turn, to a thousandth of a radian."""
    corners = shapely.get_coordinates(ring)[:-1]
    steps = np.roll(corners, -1, axis=0) - corners
    heading = np.arctan2(steps[:, 1], steps[:, 0])
    turns = np.abs((heading - np.roll(heading, 1) + np.pi) % (2 * np.pi) - np.pi)
    return int(np.flatnonzero(turns >= turns.max() - _SAME_TURN_RAD)[0])


def _check_holes(polygon: Polygon, outer: Floats, plane: Gnomonic) -> None:
    """Each hole is a ring; together they lie inside, and leave an area in one piece."""
    holes: list[Floats] = []
    for number, hole in enumerate(polygon.holes):
        _check_edges(hole, number, is_open=False)
        normals = normals_of(hole)
        heights = normals @ plane.centre
        if float(heights.min()) <= cos(DOMAIN_RAD):
            raise _bad_hole(number, int(heights.argmin()))
        holes.append(plane.project(normals))
        _check_ring(shapely.Polygon(holes[-1]), f"hole {number}")
    whole = shapely.Polygon(outer, holes)
    if not whole.is_valid:
        raise _bad_hole(*_blamed(whole, whole.interiors))
    if whole.buffer(-_THICKNESS_MIN_M / 2).is_empty:
        text = "what its holes leave of a ring is nowhere 1 cm wide"
        raise Malformed(text, code="zero_area")


def _bad_hole(number: int, vertex: int) -> Malformed:
    text = f"hole {number} is not inside its ring, or meets it or another hole, at vertex {vertex}"
    return Malformed(text, code="bad_hole")


def _blamed(area: shapely.Polygon, rings: Iterable[shapely.LinearRing]) -> tuple[int, int]:
    """The first of the rings and of its vertices whose edge passes where GEOS faults the area."""
    place = re.search(r"\[(\S+) (\S+)\]", shapely.is_valid_reason(area))
    if place is None:  # GEOS names no place: the first vertex will do
        return 0, 0
    spot = shapely.Point(float(place[1]), float(place[2]))
    found = []
    for ring in rings:
        corners = shapely.get_coordinates(ring)
        edges = shapely.linestrings(np.stack((corners[:-1], corners[1:]), axis=1))
        found.append(shapely.distance(edges, spot))
    nearest_m = min(float(apart_m.min()) for apart_m in found) + _THICKNESS_MIN_M
    number = next(n for n, apart_m in enumerate(found) if apart_m.min() <= nearest_m)
    return number, int(np.flatnonzero(found[number] <= nearest_m)[0])
