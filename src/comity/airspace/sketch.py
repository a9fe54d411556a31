"""Footprints drawn on a sheet, and what the drawing alone can say for certain: near, far or unsure.

Two drawings p metres apart on one sheet belong to footprints whose geodesic distance is at least
p * squash * RADIUS_MIN / RADIUS_MEAN and at most p * RADIUS_MAX / RADIUS_MEAN. Where both bounds
lie on one side of the limit the answer is certain and costs microseconds; in between, and for what
a sheet cannot draw, `narrow.lateral` measures the geodesic. So the answer is always `lateral`'s.

Why the bounds hold: the shortest way on the plane lifts to a way on the sphere that is no longer,
since the plane widens everything; and the shortest way on the sphere is an arc that stays in the
cap of both drawings, where the plane widens at most 1/squash times. An element of a way of normals
is multiplied on the ellipsoid by a radius of curvature, between RADIUS_MIN_M and RADIUS_MAX_M.
"""

import sys
from collections.abc import Callable, Sequence
from functools import cache
from struct import pack
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from comity.airspace.earth import RADIUS_MAX_M, RADIUS_MEAN_M, RADIUS_MIN_M, Floats
from comity.airspace.narrow import lateral
from comity.airspace.outline import volume_outline
from comity.airspace.sheets import Ints, project_few, sheet_at
from comity.model.volume import Corridor, Volume4D, margin_mm_of, places_of, rings_of

__all__ = [
    "NOT_DRAWN",
    "Drawing",
    "Shapes",
    "Sketch",
    "certain",
    "drawn",
    "ring_drawn",
    "sketch_of",
    "within",
    "within_drawings",
]

Shapes = NDArray[np.object_]
Drawing: TypeAlias = tuple[bytes, float, int]  # of a sketch: drawing, squash, margin_mm

# `lateral` says yes up to 2 mm beyond the limit, less its own search's 0.1 mm. What is surely
# nearer than the first is a yes of `lateral`'s too, what is surely farther than the second a no.
_SURE_YES_MM: Final = 1.5
_SURE_NO_MM: Final = 2.2
_POINT_BYTES: Final = 16
_POINT_HEAD: Final = pack("=BI", sys.byteorder == "little", 1)  # OGC 06-103r4, clause 8
_LINE_HEAD: Final = pack("=BI", sys.byteorder == "little", 2)
_RING_HEAD: Final = pack("=BII", sys.byteorder == "little", 3, 1)
_RINGS_HEAD: Final = pack("=BI", sys.byteorder == "little", 3)
_RAISE: Final = np.uint8(shapely.io.DecodingErrorOptions["raise"].value)
NOT_DRAWN: Final = _POINT_HEAD + bytes(_POINT_BYTES)
_NEAR_M: Final = RADIUS_MEAN_M / RADIUS_MAX_M / 1_000  # on the sheet, of a millimetre of ground
_FAR_M: Final = RADIUS_MEAN_M / RADIUS_MIN_M / 1_000


class Sketch(NamedTuple):
    """A volume with its core drawn on a sheet: metres, as well-known binary, the quickest to read.

    What the sheet cannot draw has squash 0, and a point for a drawing. `volume` gives the volume
    itself, which is built only when the drawing does not suffice. A tuple, since a search makes one
    for each neighbour and a dataclass takes three times as long.
    """

    volume: Callable[[], Volume4D]
    sheet: int
    drawing: bytes
    squash: float
    margin_mm: int


def sketch_of(volume: Volume4D, sheet: int | None = None) -> Sketch:
    """Draw a volume on a sheet, on its own if none is named."""
    place = volume.footprint
    core = places_of(place)
    if sheet is None:
        sheet = sheet_at(core[0].lat_e7, core[0].lon_e7)
    points, squash = project_few(core, sheet)
    corners, is_open = pack(f"={len(points)}d", *points), isinstance(place, Corridor)
    rings = rings_of(place)
    return Sketch(
        volume=lambda: volume,
        sheet=sheet,
        drawing=drawn(corners, rings, is_open=is_open) if points else NOT_DRAWN,
        squash=squash,
        margin_mm=margin_mm_of(place) + volume.uncertainty.lateral_mm,
    )


def drawn(points: bytes | memoryview, rings: Sequence[int], *, is_open: bool) -> bytes:
    """A point, a line, or rings with their inside, from doubles of its corners (x, y, x, y, ...).

    `rings` says how many corners each ring has, the outer one first.
    """
    if len(points) == _POINT_BYTES:
        return _POINT_HEAD + points
    corners = len(points) // _POINT_BYTES
    if is_open:
        return _LINE_HEAD + pack("=I", corners) + points
    if len(rings) == 1:
        return ring_drawn(points, corners)
    parts: list[bytes | memoryview] = [_RINGS_HEAD + pack("=I", len(rings))]
    first = 0
    for count in rings:
        ring = points[first : (first := first + count * _POINT_BYTES)]
        parts += (pack("=I", count + 1), ring, ring[:_POINT_BYTES])
    return b"".join(parts)


def ring_drawn(points: bytes | memoryview, corners: int) -> bytes:
    """The same of one ring with its inside, which most are."""
    return b"".join((_ring_head(corners + 1), points, points[:_POINT_BYTES]))


@cache
def _ring_head(corners: int) -> bytes:
    return _RING_HEAD + pack("=I", corners)


def within(one: Sketch, others: Sequence[Sketch], limits_mm: Sequence[int]) -> list[bool]:
    """Which of a few are within the limit beside them of the first one: `lateral`'s answers."""
    others = [each if each.sheet == one.sheet else _moved(each, one.sheet) for each in others]
    drawings = [(each.drawing, each.squash, each.margin_mm) for each in others]
    return within_drawings(one, drawings, limits_mm, lambda at: others[at].volume())


def within_drawings(
    one: Sketch,
    others: Sequence[Drawing],
    limits_mm: Sequence[int],
    volume: Callable[[int], Volume4D],
) -> list[bool]:
    """The same of drawings on the first one's sheet; `volume` gives the n-th, where one is unsure.

    No objects are made of them: a search would spend as much on those as on geometry.
    """
    shapes = _shapes_of([one.drawing, *[drawing for drawing, _, _ in others]])
    apart = shapely.distance(shapes[0], shapes[1:]).tolist()
    found: list[bool] = []
    pairs = zip(others, limits_mm, apart, strict=True)
    for at, ((_, its_squash, margin_mm), limit_mm, apart_m) in enumerate(pairs):
        squash = min(one.squash, its_squash)
        reach_mm = one.margin_mm + margin_mm + limit_mm
        if apart_m * squash > (reach_mm + _SURE_NO_MM) * _FAR_M:
            found.append(False)
        elif squash > 0 and apart_m <= (reach_mm + _SURE_YES_MM) * _NEAR_M:
            found.append(True)
        else:
            here, there = volume_outline(one.volume()), volume_outline(volume(at))
            found.append(lateral(here, there, limit_mm=limit_mm) is not None)
    return found


def _shapes_of(drawings: list[bytes]) -> Shapes:
    """`shapely.from_wkb`, without its look-up of what to do with bad bytes: a third of the call."""
    many = np.array(drawings, dtype=np.object_)
    return np.asarray(shapely.lib.from_wkb(many, _RAISE))


def _moved(sketch: Sketch, sheet: int) -> Sketch:
    return sketch_of(sketch.volume(), sheet)


def certain(
    one: Shapes, other: Shapes, squash: Floats, reach_mm: Ints
) -> tuple[NDArray[np.bool_], Ints]:
    """Many pairs on their sheets: which are within their reach for sure, and which are unsure.

    Args:
        one: shapes (n,), drawn on the same sheet as their partners.
        other: their partners (n,).
        squash: the lesser of the two squashes (n,); NaN where a sheet cannot draw: unsure.
        reach_mm: both margins and the limit (n,), millimetres.

    Returns:
        yes: bool (n,). unsure: the rows that `lateral` has to decide, ascending.
    """
    can_draw = ~np.isnan(squash)
    far_m = (reach_mm + _SURE_NO_MM) * _FAR_M / np.where(can_draw, squash, 1.0)
    perhaps = np.flatnonzero(can_draw & _dwithin(one, other, far_m))
    near_m = np.asarray((reach_mm[perhaps] + _SURE_YES_MM) * _NEAR_M, dtype=np.float64)
    sure = _dwithin(one[perhaps], other[perhaps], near_m)
    yes = np.zeros(len(one), dtype=np.bool_)
    yes[perhaps[sure]] = True
    unsure = np.concatenate((perhaps[~sure], np.flatnonzero(~can_draw)))
    return yes, np.sort(unsure)


def _dwithin(one: Shapes, other: Shapes, distance_m: Floats) -> NDArray[np.bool_]:
    """shapely's, whose published types forget that distances may differ from pair to pair."""
    found = shapely.dwithin(one, other, distance_m)  # type: ignore[call-overload]
    return np.asarray(found, dtype=np.bool_)
