"""The azimuthal equidistant plane about a place: ways through the centre are true, others too long.

Positions go to metres east and north at their geodesic distance and azimuth, and back. The plane
draws every way at least as long as it is, since the earth is convex. Called by `depth`, which
relies on that, and by `rim`, which only draws.
"""

from itertools import pairwise
from math import atan2, cos, degrees, hypot, radians, sin
from typing import Final

import numpy as np

from comity.airspace.earth import SEMI_MINOR_M, Floats, latlon
from comity.airspace.geodesic import LatLon, line, toward

__all__ = ["dense", "flat", "lifted"]

_STEP_RAD: Final = 10_000.0 / SEMI_MINOR_M  # edges are drawn in steps of 10 km


def flat(normals: Floats, centre: LatLon) -> list[tuple[float, float]]:
    """Unit normals (n, 3) as metres east and north of the centre."""
    return [_flat(latlon(normal), centre) for normal in normals]


def _flat(place: LatLon, centre: LatLon) -> tuple[float, float]:
    length_m, azimuth = line(centre, place)
    angle = radians(azimuth)
    return length_m * sin(angle), length_m * cos(angle)


def lifted(x_m: float, y_m: float, centre: LatLon) -> LatLon:
    """The place that is drawn there, in degrees."""
    return toward(centre, degrees(atan2(x_m, y_m)), hypot(x_m, y_m))


def dense(normals: Floats, *, is_open: bool) -> Floats:
    """A ring, its first normal again at the end, or a line; no step is longer than 10 km."""
    pieces = []
    ends = normals if is_open else np.concatenate((normals, normals[:1]))
    for start, end in pairwise(ends):
        sweep = 2 * np.arcsin(np.linalg.norm(end - start) / 2)
        share = np.linspace(0.0, 1.0, max(2, int(sweep / _STEP_RAD) + 2))[:-1, None]
        piece = np.sin((1 - share) * sweep) * start + np.sin(share * sweep) * end
        pieces.append(piece / np.linalg.norm(piece, axis=1, keepdims=True))
    return np.concatenate([*pieces, ends[-1:]])
