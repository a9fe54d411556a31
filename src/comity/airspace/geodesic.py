"""Geodesics on the WGS84 ellipsoid, in metres and degrees: a typed face on geographiclib.

Karney, "Algorithms for geodesics" (2013): good to 15 nm. Knows nothing of footprints.
Called by whatever measures or draws.
"""

from typing import TypeAlias

from geographiclib.geodesic import Geodesic

__all__ = ["LatLon", "along", "around", "distance_m", "line", "toward"]

LatLon: TypeAlias = tuple[float, float]

_WGS84 = Geodesic.WGS84


def line(start: LatLon, end: LatLon) -> tuple[float, float]:
    """Length in metres of the shortest geodesic, and its azimuth in degrees at the start."""
    found = _WGS84.Inverse(*start, *end, Geodesic.DISTANCE | Geodesic.AZIMUTH)
    return float(found["s12"]), float(found["azi1"])


def distance_m(start: LatLon, end: LatLon) -> float:
    """Length in metres of the shortest geodesic."""
    return float(_WGS84.Inverse(*start, *end, Geodesic.DISTANCE)["s12"])


def along(start: LatLon, end: LatLon, length_m: float) -> LatLon:
    """The place `length_m` metres from the start on the geodesic toward the end."""
    return toward(start, line(start, end)[1], length_m)


def toward(start: LatLon, azimuth: float, length_m: float) -> LatLon:
    """The place `length_m` metres from the start on the geodesic that sets out that way."""
    found = _WGS84.Direct(*start, azimuth, length_m, Geodesic.LATITUDE | Geodesic.LONGITUDE)
    return float(found["lat2"]), float(found["lon2"])


def around(centre: LatLon, radius_m: float, count: int) -> list[LatLon]:
    """`count` places at a distance from a centre, counterclockwise from the north."""
    found = (
        _WGS84.Direct(
            *centre, -360.0 * step / count, radius_m, Geodesic.LATITUDE | Geodesic.LONGITUDE
        )
        for step in range(count)
    )
    return [(float(each["lat2"]), float(each["lon2"])) for each in found]
