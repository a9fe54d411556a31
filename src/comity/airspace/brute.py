"""The slow second opinion: do two volumes meet, and how far apart are they?

Shares no code with the fast path: no projection, no planar library, no numpy. Crossings are signs
of determinants, rational where floats could err; insides are winding angles on the sphere;
distances are geodesics minimised edge by edge, unless angles on the sphere decide already. For
tests and slow verification. Expects checked footprints.
"""

from fractions import Fraction
from itertools import pairwise
from math import asin, atan2, cos, degrees, dist, hypot, pi, radians, sin, sqrt
from typing import TypeAlias

from geographiclib.geodesic import Geodesic

from comity.model.quantity import Position
from comity.model.volume import Circle, Corridor, Footprint, Polygon, Volume4D

__all__ = ["apart_m", "meets"]

Vector: TypeAlias = tuple[float, float, float]

_TOUCH_M = 1e-6  # float noise of a touch; the positions themselves step by 1e-2 m
_LEAST_M, _MOST_M = 6_335_000.0, 6_400_000.0  # ground per radian of normals, at least and at most
_GOLDEN = (sqrt(5) - 1) / 2
_CERTAIN = 1e-13  # a determinant of unit vectors errs by at most 1e-14 in floats


def meets(a: Volume4D, b: Volume4D) -> bool:
    """Whether two volumes share a point, uncertainties outward, touching included."""
    for one, other in ((a, b), (b, a)):
        time_us = one.uncertainty.time_us + other.uncertainty.time_us
        height_mm = one.uncertainty.vertical_mm + other.uncertainty.vertical_mm
        later = one.window.start_us > other.window.end_us + time_us
        if later or one.heights.lower_mm > other.heights.upper_mm + height_mm:
            return False
    margin_m = (a.uncertainty.lateral_mm + b.uncertainty.lateral_mm) / 1_000 + _TOUCH_M
    return apart_m(a.footprint, b.footprint, asked_m=margin_m) <= margin_m


def apart_m(a: Footprint, b: Footprint, *, asked_m: float | None = None) -> float:
    """Metres between two footprints, along geodesics; 0 or less when they overlap.

    Where only the side of `asked_m` matters, a bound on that side may stand for the distance.
    """
    one, other = _traces(a), _traces(b)
    radii_m = _radius_m(a) + _radius_m(b)
    if _covers(a, other[0][0]) or _covers(b, one[0][0]) or _any_crossing(one, other):
        return -radii_m
    if asked_m is not None:
        angle = min(_least_angle(one, other), _least_angle(other, one))
        if angle * _MOST_M - radii_m <= asked_m:
            return angle * _MOST_M - radii_m
        if angle * _LEAST_M - radii_m > asked_m:
            return angle * _LEAST_M - radii_m
    return min(_to_edges_m(one, other), _to_edges_m(other, one)) - radii_m


def _radius_m(footprint: Footprint) -> float:
    """How far it reaches from its trace."""
    if isinstance(footprint, Corridor):
        return footprint.half_width_mm / 1_000
    return footprint.radius_mm / 1_000 if isinstance(footprint, Circle) else 0.0


def _traces(footprint: Footprint) -> list[list[Vector]]:
    """Unit vectors, an edge from each to the next: rings closed, or a line, or a centre twice."""
    if isinstance(footprint, Corridor):
        return [_vectors(footprint.vertices)]
    if isinstance(footprint, Circle):
        return [_vectors((footprint.centre, footprint.centre))]
    return [_vectors((*ring, ring[0])) for ring in (footprint.vertices, *footprint.holes)]


def _vectors(places: tuple[Position, ...]) -> list[Vector]:
    angles = [(radians(p.lat_e7 / 1e7), radians(p.lon_e7 / 1e7)) for p in places]
    return [(cos(lat) * cos(lon), cos(lat) * sin(lon), sin(lat)) for lat, lon in angles]


def _covers(footprint: Footprint, p: Vector) -> bool:
    """Whether p lies inside a polygon and in none of its holes; nothing else has an inside."""
    if not isinstance(footprint, Polygon):
        return False
    outer, *holes = _traces(footprint)
    return _inside(p, outer) and not any(_inside(p, hole) for hole in holes)


def _dot(u: Vector, v: Vector) -> float:
    return u[0] * v[0] + u[1] * v[1] + u[2] * v[2]


def _cross(u: Vector, v: Vector) -> Vector:
    return (u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0])


def _between(u: Vector, v: Vector) -> float:
    """The angle between two unit vectors."""
    return 2 * asin(min(1.0, dist(u, v) / 2))


def _turn(u: Vector, v: Vector, w: Vector) -> int:
    """The sign of the determinant, exact for the given floats."""
    about = _dot(u, _cross(v, w))
    if abs(about) > _CERTAIN:
        return 1 if about > 0 else -1
    (a, b, c), (d, e, f), (g, h, i) = ([Fraction(x) for x in vector] for vector in (u, v, w))
    exact = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return (exact > 0) - (exact < 0)


def _edges(traces: list[list[Vector]]) -> list[tuple[Vector, Vector]]:
    return [edge for trace in traces for edge in pairwise(trace)]


def _any_crossing(one: list[list[Vector]], other: list[list[Vector]]) -> bool:
    """Whether an edge of one properly crosses an edge of the other."""
    return any(
        _turn(u, v, p) * _turn(u, v, q) < 0 and _turn(p, q, u) * _turn(p, q, v) < 0
        for u, v in _edges(one)
        for p, q in _edges(other)
        if _between(u, p) <= _between(u, v) + _between(p, q)  # else they are too far apart
    )


def _inside(p: Vector, ring: list[Vector]) -> bool:
    """Whether the ring winds around p, on p's side of the globe."""
    seen = [_cross(p, corner) for corner in ring]
    winding = sum(atan2(_dot(p, _cross(m, n)), _dot(m, n)) for m, n in pairwise(seen))
    return _dot(p, ring[0]) > 0 and abs(winding) > pi


def _to_edges_m(one: list[list[Vector]], other: list[list[Vector]]) -> float:
    """The shortest geodesic from a corner of the first to an edge of the second."""
    points = [point for trace in one for point in trace]
    edges = [(_angle(p, u, v) * _LEAST_M, p, u, v) for p in points for u, v in _edges(other)]
    reach_m = min(edges)[0] * _MOST_M / _LEAST_M + 1  # short edges have noisy planes
    return min(_least_m(*edge) for at_least_m, *edge in edges if at_least_m <= reach_m)


def _least_angle(one: list[list[Vector]], other: list[list[Vector]]) -> float:
    return min(_angle(p, u, v) for trace in one for p in trace for u, v in _edges(other))


def _angle(p: Vector, u: Vector, v: Vector) -> float:
    """The angle from p to the great-circle arc from u to v."""
    normal = _cross(u, v)
    if _dot(_cross(normal, u), p) > 0 > _dot(_cross(normal, v), p):
        return abs(asin(max(-1.0, min(1.0, _dot(normal, p) / hypot(*normal)))))
    return min(_between(p, u), _between(p, v))


def _least_m(p: Vector, u: Vector, v: Vector) -> float:
    """The least geodesic from p to the arc, by golden section: one minimum in a quarter globe."""
    low, high, enough = 0.0, 1.0, 1e-13 + 3e-6 * _angle(p, u, v)  # its square counts across
    while (high - low) * _between(u, v) > enough:
        one, other = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        shorter = _share_m(p, u, v, one) <= _share_m(p, u, v, other)
        low, high = (low, other) if shorter else (one, high)
    return min(_share_m(p, u, v, share) for share in (0.0, (low + high) / 2, 1.0))


def _share_m(p: Vector, u: Vector, v: Vector, share: float) -> float:
    """The geodesic from p to the point of the arc above this share of its chord."""
    q = [(1 - share) * a + share * b for a, b in zip(u, v, strict=True)]
    ends = [degrees(angle) for x, y, z in (p, q) for angle in (atan2(z, hypot(x, y)), atan2(y, x))]
    return float(Geodesic.WGS84.Inverse(*ends, Geodesic.DISTANCE)["s12"])
