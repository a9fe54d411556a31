"""How high is mean sea level above the ellipsoid here? EGM96, from a grid that ships with us.

`undulation_m` is the geoid's height at a point (bilinear), `range_mm` its least and greatest over a
box. The grid is read at first use and kept. Source: the EGM96 model of NGA and NASA (public
domain; NASA/TP-1998-206861) on 15', made into `egm96_15.zlib` by tools/geoid.py. Tide-free, like
the published files. Errors: `docs/explanation/heights.md`. Called by `heights`.
"""

import functools
import importlib.resources
import zlib
from math import ceil, floor
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from comity.airspace.broad import Box4D
from comity.airspace.earth import Floats
from comity.model.fault import Corrupt, Malformed
from comity.model.quantity import DEGREE_E7

__all__ = ["INTERPOLATION_MM", "MODEL_MM", "MODEL_POLAR_MM", "model_mm", "range_mm", "undulation_m"]

Grid: TypeAlias = NDArray[np.int32]
Nodes: TypeAlias = NDArray[np.int64]

# Bilinear interpolation of 15' nodes against the harmonic sum itself: at most 1.152 m, 40 mm r.m.s.
# (C. Karney, GeographicLib, GeoidEval(1)); 5 mm for whole centimetres; rounded up.
INTERPOLATION_MM: Final = 1_200
# "Accurate to better than one meter (with the exception of areas void of dense and accurate surface
# gravity data)": NASA/TP-1998-206861. Doubled, as that is no bound. South of 60 degrees, where such
# data were missing, five times that: our own caution.
MODEL_MM: Final = 2_000
MODEL_POLAR_MM: Final = 10_000
_POLAR_E7: Final = -60 * DEGREE_E7

_ROWS, _COLUMNS = 721, 1440  # from 90 S to 90 N, from 180 W eastward
_NODES_PER_DEGREE = 4
_NODE_E7 = DEGREE_E7 // _NODES_PER_DEGREE
_CELLS = _ROWS * _COLUMNS
_CM_MM = 10
_LAT_DEG_MAX, _LON_DEG_MAX = 90.0, 360.0


def undulation_m(lat: float, lon: float) -> float:
    """Height of the EGM96 geoid above the WGS84 ellipsoid at a point, metres, bilinear.

    `lat` -90 to 90 and `lon` -360 to 360 degrees; at a pole every longitude gives the same. The
    geoid itself lies within INTERPOLATION_MM and `model_mm` of it.

    Raises:
        Malformed: `off_the_globe`, for NaN too.
    """
    if not (abs(lat) <= _LAT_DEG_MAX and abs(lon) <= _LON_DEG_MAX):  # false for NaN
        raise Malformed("no place on the globe", code="off_the_globe")
    south, north_share = _split((lat + _LAT_DEG_MAX) * _NODES_PER_DEGREE, _ROWS - 2)
    west, east_share = _split(((lon + 180.0) % 360.0) * _NODES_PER_DEGREE, _COLUMNS - 1)
    rows = _grid()[south : south + 2, [west, (west + 1) % _COLUMNS]]
    at_west, at_east = rows[0] + north_share * (rows[1] - rows[0])
    return float(at_west + east_share * (at_east - at_west)) / 100


def range_mm(box: Box4D) -> tuple[int, int]:
    """The least and the greatest value of `undulation_m` over a box, millimetres, outward.

    A bilinear surface has its extremes at corners: those of the box, of the cells inside, and where
    the lines between cells leave the box.
    """
    up = _lines(box.south_e7 + 90 * DEGREE_E7, box.north_e7 + 90 * DEGREE_E7)
    start_e7 = box.west_e7 + 180 * DEGREE_E7
    along = _lines(start_e7, start_e7 + box.width_e7)
    south = np.minimum(up.astype(np.int64), _ROWS - 2)
    west = along.astype(np.int64)
    at_west, at_east = (_between(south, up - south, west + step) for step in (0, 1))
    values = at_west + (along - west) * (at_east - at_west)
    return floor(float(values.min()) * _CM_MM), ceil(float(values.max()) * _CM_MM)


def _lines(first_e7: int, last_e7: int) -> Floats:
    """Both ends, and the nodes between them, counted in cells."""
    nodes = range(-(-first_e7 // _NODE_E7), last_e7 // _NODE_E7 + 1)
    return np.array([first_e7 / _NODE_E7, *nodes, last_e7 / _NODE_E7])


def _between(south: Nodes, share: Floats, columns: Nodes) -> Floats:
    """Values at columns, `share` of a cell north of each southern row, in centimetres."""
    columns = columns % _COLUMNS
    below, above = _grid()[np.ix_(south, columns)], _grid()[np.ix_(south + 1, columns)]
    return np.asarray(below + share[:, np.newaxis] * (above - below), dtype=np.float64)


def model_mm(box: Box4D) -> int:
    """How far EGM96 may be from mean sea level's true surface anywhere in a box, millimetres."""
    return MODEL_POLAR_MM if box.south_e7 < _POLAR_E7 else MODEL_MM


def _split(place: float, last: int) -> tuple[int, float]:
    """The node before a place, and how far after it in cells."""
    node = min(floor(place), last)
    return node, place - node


@functools.cache
def _grid() -> Grid:
    """The nodes in centimetres, rows from the south, columns from 180 W.

    Layout: second differences along rows, then first ones between rows; the sign in the lowest bit;
    all low bytes, then all high bytes; deflated.
    """
    folder = importlib.resources.files("comity.airspace")
    data = zlib.decompress((folder / "egm96_15.zlib").read_bytes())
    if len(data) != 2 * _CELLS:
        raise Corrupt("the geoid grid of this installation is damaged", code="damaged_grid")
    planes = np.frombuffer(data, np.uint8).reshape(2, _ROWS, _COLUMNS).astype(np.int32)
    folded = planes[0] | planes[1] << 8
    grid: Grid = (folded >> 1) ^ -(folded & 1)
    for axis in (0, 1, 1):
        np.cumsum(grid, axis=axis, dtype=np.int32, out=grid)
    grid.setflags(write=False)
    return grid
