"""Fixed gnomonic planes that tile the globe: a ring is projected once, whatever it is tested with.

Great circles are straight lines on a gnomonic plane about *any* centre, so two rings need not be
projected about themselves: a plane nearby will do. Each place belongs to one of some four hundred
*sheets*, whose centre is at most 7.1 degrees away (10 degrees at a pole). A sheet draws what lies
up to 60 degrees from its centre; what lies farther is not drawn, and the caller asks `narrow`.

On a sheet in metres (the sphere of normals times RADIUS_MEAN_M) an angle is drawn at least as wide
as it is, and at most 1/cos^2 as wide, where cos belongs to the farthest point from the centre: that
square is a drawing's *squash*. Called by `sketch` and `columns`.
"""

from collections.abc import Sequence
from math import ceil, cos, radians, sin
from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity.airspace.broad import TURN_E7
from comity.airspace.earth import RADIUS_MEAN_M, Floats
from comity.model.quantity import DEGREE_E7, LAT_E7_MAX, LON_E7_MAX, Position

__all__ = ["SHEETS", "Ints", "project", "project_few", "sheet_at", "sheets_at", "squashes"]

Ints = NDArray[np.int64]

_BAND_E7: Final = 10 * DEGREE_E7
_BANDS: Final = 18
_RADIANS_PER_E7: Final = radians(1 / DEGREE_E7)
_DRAWN_COS: Final = 0.5  # 60 degrees from the centre
_CHUNK: Final = 65_536  # vertices projected at a time: some 10 MB


def _columns(band: int) -> int:
    """Sheets side by side in a band: 10 degrees wide where the band is widest, one at a pole."""
    if band in {0, _BANDS - 1}:
        return 1
    nearest = min(abs(10 * band - 90), abs(10 * band - 80))
    return ceil(36 * cos(radians(nearest)))


def _axes(lat: float, lon: float) -> tuple[float, ...]:
    """East, north and centre, three unit vectors in a row."""
    s, c, sl, cl = sin(radians(lat)), cos(radians(lat)), sin(radians(lon)), cos(radians(lon))
    return (-sl, cl, 0.0, -s * cl, -s * sl, c, c * cl, c * sl, s)


_COUNT: Final = tuple(_columns(band) for band in range(_BANDS))
_FIRST: Final = tuple(sum(_COUNT[:band]) for band in range(_BANDS))
_AXES: Final = tuple(
    _axes(
        {0: -90.0, _BANDS - 1: 90.0}.get(band, 10.0 * band - 85.0),
        (column + 0.5) * 360 / _COUNT[band] - 180,
    )
    for band in range(_BANDS)
    for column in range(_COUNT[band])
)
SHEETS: Final = len(_AXES)
_AXES_ARRAY: Final[Floats] = np.array(_AXES).reshape(-1, 3, 3)
_COUNT_ARRAY: Final[Ints] = np.array(_COUNT, dtype=np.int64)
_FIRST_ARRAY: Final[Ints] = np.array(_FIRST, dtype=np.int64)


def sheet_at(lat_e7: int, lon_e7: int) -> int:
    """The number of the sheet that a place (1e-7 degree) belongs to."""
    band = min((lat_e7 + LAT_E7_MAX) // _BAND_E7, _BANDS - 1)
    count = _COUNT[band]
    return _FIRST[band] + (lon_e7 + LON_E7_MAX) * count // TURN_E7 % count


def sheets_at(lat_e7: Ints, lon_e7: Ints) -> Ints:
    """The same for many places, arrays of one shape."""
    band = np.minimum((lat_e7 + LAT_E7_MAX) // _BAND_E7, _BANDS - 1)
    count = _COUNT_ARRAY[band]
    return np.asarray(_FIRST_ARRAY[band] + (lon_e7 + LON_E7_MAX) * count // TURN_E7 % count)


def project(lat_e7: Ints, lon_e7: Ints, sheets: Ints) -> Floats:
    """Places (n,) to metres on their sheets (n,): shape (n, 2); NaN beyond 60 degrees."""
    found = np.empty((len(lat_e7), 2))
    for first in range(0, len(lat_e7), _CHUNK):
        rows = slice(first, first + _CHUNK)
        lat, lon = lat_e7[rows] * _RADIANS_PER_E7, lon_e7[rows] * _RADIANS_PER_E7
        flat = np.cos(lat)
        normals = np.column_stack((flat * np.cos(lon), flat * np.sin(lon), np.sin(lat)))
        drawn = np.einsum("nij,nj->ni", _AXES_ARRAY[sheets[rows]], normals)
        height = np.where(drawn[:, 2] > _DRAWN_COS, drawn[:, 2], np.nan)
        found[rows] = drawn[:, :2] * (RADIUS_MEAN_M / height)[:, None]
    return found


def squashes(xy_m: Floats, starts: Ints) -> Floats:
    """The squash of each drawing, from the points (n, 2) of all and where each one starts; or NaN.

    The farthest point of a ring is a vertex: a cap is convex, and its edges stay inside.
    """
    farthest = np.maximum.reduceat(np.sum(xy_m * xy_m, axis=1), starts)
    return np.asarray(1 / (1 + farthest / RADIUS_MEAN_M**2))


def project_few(places: Sequence[Position], sheet: int) -> tuple[list[float], float]:
    """Some places on one sheet, x, y, x, y, ... in metres, and the squash.

    The same as `project`, to rounding, without the cost of starting arrays. Empty with squash 0
    when one of the places lies beyond 60 degrees.
    """
    a, b, _, d, e, f, g, h, i = _AXES[sheet]
    found: list[float] = []
    heights: list[float] = []
    for place in places:
        lat, lon = place.lat_e7 * _RADIANS_PER_E7, place.lon_e7 * _RADIANS_PER_E7
        flat, z = cos(lat), sin(lat)
        x, y = flat * cos(lon), flat * sin(lon)
        height = g * x + h * y + i * z
        if height <= _DRAWN_COS:
            return [], 0.0
        stretch = RADIUS_MEAN_M / height
        found.append((a * x + b * y) * stretch)
        found.append((d * x + e * y + f * z) * stretch)
        heights.append(height)
    return found, min(heights) ** 2  # the height of a unit normal is the cosine of its angle
