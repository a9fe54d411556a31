"""The WGS84 ellipsoid as vectors: normals, surface points, caps.

A position is handled as its *normal*: the unit vector (cos lat cos lon, cos lat sin lon, sin lat)
of geodetic latitude and longitude. Normals form the sphere on which edges are great circles.
`surface` takes a normal to its point in space; the map is linear up to length, so a great circle of
normals is a plane section of the ellipsoid through its centre. Measures nothing along the ground:
that is `geodesic` and `nearest`. Called by the whole room except `brute`, which must not share it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import asin, atan2, degrees, hypot, pi, sin
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from comity.model.fault import Malformed
from comity.model.quantity import LAT_E7_MAX, LON_E7_MAX, Position, e7_from_degrees

__all__ = [
    "AXES_M",
    "RADIUS_MAX_M",
    "RADIUS_MEAN_M",
    "RADIUS_MIN_M",
    "SEMI_MAJOR_M",
    "SEMI_MINOR_M",
    "Cap",
    "Floats",
    "angle_between",
    "around",
    "cap_of",
    "latlon",
    "normal_of",
    "normals_of",
    "position_of",
    "same_place",
    "surface",
]

Floats: TypeAlias = NDArray[np.float64]

# NIMA TR8350.2 (WGS84): semi-major axis and flattening.
SEMI_MAJOR_M: Final = 6_378_137.0
SEMI_MINOR_M: Final = SEMI_MAJOR_M * (1 - 1 / 298.257223563)
AXES_M: Final[Floats] = np.array([SEMI_MAJOR_M, SEMI_MAJOR_M, SEMI_MINOR_M])
# Radii of curvature lie between a(1-e^2) = 6,335,439 m and a^2/b = 6,399,594 m; widened.
RADIUS_MIN_M: Final = 6_335_000.0
RADIUS_MAX_M: Final = 6_400_000.0
RADIUS_MEAN_M: Final = 6_371_009.0

_ROUNDING_RAD = 1e-12  # far above the rounding of an angle, far below a millimetre on the ground


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cap:
    """All normals within `radius_rad` of the unit vector `centre`."""

    centre: Floats
    radius_rad: float

    def gap_rad(self, other: "Cap") -> float:
        """Angle between the two caps, never above the truth; 0 or less when they may touch."""
        apart = angle_between(self.centre, other.centre)
        return apart - self.radius_rad - other.radius_rad - _ROUNDING_RAD


def _canonical(position: Position) -> tuple[int, int]:
    """One name for each place: 180 for -180 degrees of longitude, longitude 0 at the poles."""
    if abs(position.lat_e7) == LAT_E7_MAX:
        return position.lat_e7, 0
    lon_e7 = LON_E7_MAX if position.lon_e7 == -LON_E7_MAX else position.lon_e7
    return position.lat_e7, lon_e7


def same_place(one: Position, other: Position) -> bool:
    """Whether two positions name the same point, also across the antimeridian and at a pole."""
    return _canonical(one) == _canonical(other)


def normals_of(positions: Sequence[Position]) -> Floats:
    """Unit normals, shape (n, 3); equal places give equal rows."""
    angles = np.radians(np.array([_canonical(p) for p in positions], dtype=np.float64) / 1e7)
    lat, lon = angles[:, 0], angles[:, 1]
    flat = np.cos(lat)
    return np.column_stack((flat * np.cos(lon), flat * np.sin(lon), np.sin(lat)))


def surface(normals: Floats) -> Floats:
    """Points of the ellipsoid (metres, earth-centred) with these unit normals, same shape."""
    scaled = normals * AXES_M
    return np.asarray(AXES_M * scaled / np.linalg.norm(scaled, axis=-1, keepdims=True))


def normal_of(point_m: Floats) -> Floats:
    """The unit normal at a point of the ellipsoid, shape (3,): the inverse of `surface`."""
    normal = point_m / AXES_M**2
    return np.asarray(normal / np.linalg.norm(normal), dtype=np.float64)


def latlon(normal: Floats) -> tuple[float, float]:
    """Geodetic latitude and longitude in degrees of one unit normal."""
    x, y, z = (float(component) for component in normal)
    return degrees(atan2(z, hypot(x, y))), degrees(atan2(y, x))


def position_of(normal: Floats) -> Position:
    """The position nearest to a unit normal, on the grid of 1e-7 degree."""
    lat, lon = latlon(normal)
    return Position(lat_e7=e7_from_degrees(lat), lon_e7=e7_from_degrees(lon))


def angle_between(one: Floats, other: Floats) -> float:
    """Angle between two unit vectors in radians, accurate also when it is small."""
    return 2 * asin(min(1.0, float(np.linalg.norm(one - other)) / 2))


def cap_of(normals: Floats) -> Cap:
    """A cap that holds all the normals, shape (n, 3), and so every great-circle edge between them.

    Its centre points to the middle of their box in space. Normals pairwise within a chord c of each
    other lie within c*sqrt(3)/2 of that middle, hence within asin(c*sqrt(3)/2) of the cap's centre:
    41.8 degrees for a footprint of 5,000 km. Raises Malformed(`too_wide`) when the normals span
    about the whole sphere.
    """
    if len(normals) == 1:
        return Cap(centre=normals[0], radius_rad=0.0)
    middle = (normals.min(axis=0) + normals.max(axis=0)) / 2
    length = float(np.linalg.norm(middle))
    if length < 1e-3:  # noqa: PLR2004 - no direction is the middle one
        raise Malformed("a footprint spans about half the globe", code="too_wide")
    centre = middle / length
    farthest = float(np.linalg.norm(normals - centre, axis=1).max())
    return Cap(centre=centre, radius_rad=2 * asin(min(1.0, farthest / 2)) + _ROUNDING_RAD)


def around(one: Cap, other: Cap) -> Cap:
    """The smallest cap that holds both, up to rounding; up to half the sphere."""
    apart = angle_between(one.centre, other.centre)
    if apart + other.radius_rad <= one.radius_rad:
        return one
    if apart + one.radius_rad <= other.radius_rad:
        return other
    radius = (apart + one.radius_rad + other.radius_rad) / 2
    away = radius - one.radius_rad  # from one's centre toward the other's
    if apart >= pi - 1e-6 or radius >= pi / 2:
        raise Malformed("two footprints span half the globe", code="too_wide")
    centre = (sin(apart - away) * one.centre + sin(away) * other.centre) / sin(apart)
    centre /= np.linalg.norm(centre)
    return Cap(centre=centre, radius_rad=radius + _ROUNDING_RAD)
