"""Which cells of S2's level 13 does a footprint touch? The grid of the standards' coarse question.

A cell is (face, row, column): one of six faces of a cube and one of 8,192 x 8,192 squares on it,
some 1.1 km wide, as S2 numbers them before it makes an id of them. A covering keeps the touched
cells row by row, as spans, not as a union of cells of mixed levels: it holds the same cells, a row
takes eight bytes however long it is, and two coverings share a cell exactly when spans overlap.

Complete: whatever the footprint, its uncertainty included, touches, sides and corners of cells
included, is in the covering. Without a margin no other cell is (but for 6 um); with one, the way
around is drawn outward, by at most a fortieth of the margin.
Called by `coarse`.
"""

from dataclasses import dataclass
from math import ceil, cos, pi, radians, sin, sqrt, tan
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from comity.airspace.earth import (
    RADIUS_MAX_M,
    RADIUS_MEAN_M,
    SEMI_MAJOR_M,
    SEMI_MINOR_M,
    Floats,
    latlon,
)
from comity.airspace.gnomonic import Gnomonic, gnomonic
from comity.airspace.outline import Outline, outline_of
from comity.airspace.sheets import Ints
from comity.model.fault import Malformed
from comity.model.volume import Footprint

__all__ = ["CELL_MM", "EXCESS", "REACH_MAX_MM", "SIDE", "Covering", "covering", "share", "united"]

SIDE: Final = 8_192  # cells along a face: two to the level
REACH_MAX_RAD: Final = radians(3.0)  # from a footprint's middle, 330 km: some 350,000 cells
REACH_MAX_MM: Final = ceil(REACH_MAX_RAD * RADIUS_MAX_M * 1_000)
CELL_MM: Final = 1_910_000  # no cell is wider: S2's kMaxDiag, 2.4387 / SIDE, times RADIUS_MAX_M
# The margin is drawn wider by the plane (0.3 % at 3 degrees), by the ellipsoid's radii (0.7 %), by
# arcs of few edges (0.1 %), and by GEOS, which fills in what is concave (up to 1 %).
EXCESS: Final = 0.025
_PIECES_MAX: Final = 1_000_000  # of edges within rows: bounds time at about a second

_ROUNDING: Final = 1e-12  # of a face's half width, 6 um; floats err by a thousandth of it
_ARC_STEPS: Final = 16  # edges in a quarter of a rim
_OUTWARD: Final = 1 / cos(pi / 4 / _ARC_STEPS)
_SLACK_RAD: Final = 1e-12
_SQUARED_ECCENTRICITY: Final = 1 - (SEMI_MINOR_M / SEMI_MAJOR_M) ** 2

_FACE_RAD: Final = radians(54.8)  # from the middle of a face to its corner
# u, v and the axis of each face: u = (axes[0] . p) / (axes[2] . p), v alike (S2's s2coords.h).
_FACES: Final[Floats] = np.array(
    [
        [[0, 1, 0], [0, 0, 1], [1, 0, 0]],
        [[-1, 0, 0], [0, 0, 1], [0, 1, 0]],
        [[-1, 0, 0], [0, -1, 0], [0, 0, 1]],
        [[0, 0, -1], [0, -1, 0], [-1, 0, 0]],
        [[0, 0, -1], [1, 0, 0], [0, -1, 0]],
        [[0, 1, 0], [1, 0, 0], [0, 0, -1]],
    ],
    dtype=np.float64,
)


def _lines() -> Floats:
    """Where the lines between cells lie on a face: s to u by S2's quadratic projection."""
    s = np.arange(SIDE + 1) / SIDE
    outer = (1 - 4 * (1 - s) * (1 - s)) / 3
    return np.asarray(np.where(2 * s >= 1, (4 * s * s - 1) / 3, outer))


_LINES: Final = _lines()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Covering:
    """Cells as spans of places, `first` to `last`, both inside them, shapes (n,), ascending, apart.

    The place of a cell is (face * SIDE + row) * SIDE + column; rows count along v, columns along u.
    """

    first: NDArray[np.int32]
    last: NDArray[np.int32]

    def __len__(self) -> int:
        """How many cells."""
        return int((self.last - self.first).sum()) + len(self.first)

    def places(self) -> Ints:
        """The places of all cells, ascending, shape (n,)."""
        length = self.last.astype(np.int64) - self.first + 1
        ends = np.cumsum(length)
        return np.asarray(np.arange(len(self)) + np.repeat(self.first - (ends - length), length))


def share(one: Covering, other: Covering) -> bool:
    """Whether two coverings have a cell in common."""
    if len(one.first) > len(other.first):
        one, other = other, one
    after = np.searchsorted(other.first, one.last, side="right")  # spans that begin by its end
    return bool(np.any((after > 0) & (other.last[after - 1] >= one.first)))


def united(coverings: list[Covering]) -> Covering:
    """All cells of one or more coverings."""
    return _joined(
        np.concatenate([each.first for each in coverings]).astype(np.int64),
        np.concatenate([each.last for each in coverings]).astype(np.int64),
    )


def covering(footprint: Footprint, lateral_mm: int = 0) -> Covering:
    """The cells that a footprint touches, widened by `lateral_mm` millimetres of uncertainty.

    Raises:
        Malformed: `too_many_cells`, for a footprint that reaches more than 3 degrees (330 km)
            from its middle, or whose edges pass a million rows of cells; `too_wide` as
            `outline.outline_of`.
    """
    outline = outline_of(footprint, lateral_mm)
    plane = gnomonic(outline.cap.centre)
    shape = _spread(_core(outline, plane.project(outline.normals)), outline)
    near = np.flatnonzero(_FACES[:, 2] @ plane.centre >= cos(_FACE_RAD + REACH_MAX_RAD))
    spans = [
        _spans(face, piece)
        for face in near.tolist()
        if (piece := _on_face(shape, plane, _FACES[face])) is not None
    ]
    first, last = (np.concatenate(ends) for ends in zip(*spans, strict=True))
    return _joined(first, last)


def _core(outline: Outline, flat_m: Floats) -> BaseGeometry:
    """The core on the plane, in units of the sphere's radius."""
    flat = flat_m / RADIUS_MEAN_M
    if len(flat) == 1:
        return shapely.Point(flat[0])
    if outline.is_open:
        return shapely.LineString(flat)
    rings = np.split(flat, np.cumsum(outline.rings)[:-1])
    return shapely.Polygon(rings[0], rings[1:])


def _spread(core: BaseGeometry, outline: Outline) -> BaseGeometry:
    """The core and all within the margin, outward.

    A way of some length on the ground is, as an angle of normals, at most that length over the
    least radius of curvature that it meets: along the meridian, nearest to the equator. The plane
    draws angles at most 1/cos^2 as wide, where cos belongs to the farthest point from its centre.
    """
    south, north = _latitudes(outline)
    nearest = 0.0 if south <= 0 <= north else min(abs(south), abs(north))
    flattened = 1 - _SQUARED_ECCENTRICITY * sin(nearest) ** 2
    least_m = SEMI_MAJOR_M * (1 - _SQUARED_ECCENTRICITY) / (flattened * sqrt(flattened))
    margin = outline.margin_mm / 1_000 / least_m
    reach = outline.cap.radius_rad + margin
    if reach > REACH_MAX_RAD:
        text = "a footprint reaches more than 3 degrees from its middle: too wide for cells"
        raise Malformed(text, code="too_many_cells")
    if margin == 0:
        return core
    drawn = tan(margin) if len(outline.normals) == 1 else margin / cos(reach) ** 2
    return core.buffer(drawn * _OUTWARD + _SLACK_RAD, quad_segs=_ARC_STEPS)


def _latitudes(outline: Outline) -> tuple[float, float]:
    """South and north of all that the outline may reach (radians), generously."""
    middle = radians(latlon(outline.cap.centre)[0])
    around = outline.cap.radius_rad + outline.margin_mm / 1_000 / (SEMI_MINOR_M * 0.99)
    return middle - around, middle + around


def _on_face(shape: BaseGeometry, plane: Gnomonic, face: Floats) -> BaseGeometry | None:
    """What of the shape lies on a face, in its coordinates u and v; None if nothing does.

    The four sides of a face are planes through the centre of the earth: lines on any plane.
    """
    west, south, east, north = shape.bounds
    frame = np.array([[west, south], [east, south], [east, north], [west, north]], dtype=np.float64)
    whole = True
    for axis, sign in ((0, 1), (0, -1), (1, 1), (1, -1)):
        side = face[2] + sign * face[axis]
        height = side @ plane.centre + frame @ (side @ plane.axes) + _ROUNDING
        if height.min() >= 0:
            continue
        whole, frame = False, _cut(frame, height)
        if len(frame) == 0:
            return None
    if not whole:
        shape = shape.intersection(shapely.Polygon(frame))
        if shape.is_empty:
            return None

    def turned(flat: Floats) -> Floats:
        u, v, w = face @ (plane.centre + flat @ plane.axes.T).T
        return np.column_stack((u / w, v / w))

    found: BaseGeometry = shapely.transform(shape, turned)
    return found


def _cut(frame: Floats, height: Floats) -> Floats:
    """The part of a convex polygon (n, 2) whose corners are not below 0, with new corners at 0."""
    kept: list[Floats] = []
    for at, (corner, high) in enumerate(zip(frame, height.tolist(), strict=True)):
        before, below = frame[at - 1], float(height[at - 1])
        if (high < 0) != (below < 0):
            kept.append(before + (corner - before) * (below / (below - high)))
        if high >= 0:
            kept.append(corner)
    return np.array(kept).reshape(-1, 2)


def _spans(face: int, piece: BaseGeometry) -> tuple[Ints, Ints]:
    """The cells of one face that a shape of its plane touches: first and last places, shape (n,).

    In each row these are the cells along the edges, and all between where the row's middle line
    goes in and where it comes out: a cell that no edge touches lies wholly inside or outside.
    """
    start, end = _edges(piece)
    low, high = np.minimum(start[:, 1], end[:, 1]), np.maximum(start[:, 1], end[:, 1])
    bottom, top = _number(low - _ROUNDING), _number(high + _ROUNDING)
    count = top - bottom + 1
    if int(count.sum()) > _PIECES_MAX:
        raise Malformed("a rim passes too many rows of cells", code="too_many_cells")
    edge = np.repeat(np.arange(len(count)), count)
    row = np.arange(len(edge)) + np.repeat(bottom - (np.cumsum(count) - count), count)
    u0, v0, u1, v1 = start[edge, 0], start[edge, 1], end[edge, 0], end[edge, 1]
    rise = np.where(v0 == v1, 1.0, v1 - v0)
    shares = [(_LINES[row + up] + way * _ROUNDING - v0) / rise for up, way in ((0, -1), (1, 1))]
    one, other = (
        u0 + np.clip(np.where(v0 == v1, at, share), 0, 1) * (u1 - u0)
        for at, share in enumerate(shares)
    )
    left, right = np.minimum(one, other), np.maximum(one, other)
    middle = (_LINES[row] + _LINES[row + 1]) / 2
    crossing = (v0 <= middle) != (v1 <= middle)
    inside = (u0 + (middle - v0) / rise * (u1 - u0))[crossing]
    order = np.lexsort((inside, row[crossing]))
    inside, inside_row = inside[order], row[crossing][order]
    rows = np.concatenate((row, inside_row[::2]))
    left = np.concatenate((left, inside[::2]))
    right = np.concatenate((right, inside[1::2]))
    of_row = (face * SIDE + rows) * SIDE
    return of_row + _number(left - _ROUNDING), of_row + _number(right + _ROUNDING)


def _edges(shape: BaseGeometry) -> tuple[Floats, Floats]:
    """Starts and ends of all edges of a shape, shapes (n, 2); a point is one without length."""
    lines = shapely.get_parts(shapely.get_parts([shape]))
    areas = shapely.get_type_id(lines) == shapely.GeometryType.POLYGON
    lines = np.concatenate((lines[~areas], shapely.get_rings(lines[areas])))
    spots, number = shapely.get_coordinates(lines, return_index=True)
    same = np.flatnonzero(number[:-1] == number[1:])
    alone = np.flatnonzero(np.bincount(number)[number] == 1)
    return (
        np.concatenate((spots[same], spots[alone])),
        np.concatenate((spots[same + 1], spots[alone])),
    )


def _number(u: Floats) -> Ints:
    """The row or column that a coordinate of a face lies in."""
    away = 0.5 * np.sqrt(1 + 3 * np.abs(u))
    s = np.where(u >= 0, away, 1 - away)
    return np.asarray(np.clip(np.floor(s * SIDE), 0, SIDE - 1), dtype=np.int64)


def _joined(first: Ints, last: Ints) -> Covering:
    """Spans in any order as spans that neither overlap nor adjoin."""
    order = np.argsort(first, kind="stable")
    first, last = first[order], np.maximum.accumulate(last[order])
    opens = np.flatnonzero(np.concatenate(([True], first[1:] > last[:-1] + 1)))
    closes = np.concatenate((opens[1:] - 1, [len(first) - 1]))
    return Covering(first=first[opens].astype(np.int32), last=last[closes].astype(np.int32))
