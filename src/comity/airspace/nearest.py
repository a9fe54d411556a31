"""The nearest pair of places of two cores whose insides do not meet, as a WGS84 geodesic.

Candidates (a vertex of one, an edge of the other) come from chords in space, block by block; those
whose lower bound can still win are measured as true geodesics and polished. It looks at boundaries
only: whether one core lies inside the other is the question of `narrow`, the only caller.

Why a vertex suffices: two disjoint great-circle arcs have their least distance at an end of one of
them, since nearby geodesics draw together on a convex surface (d'' = -K d, K > 0). Edges are great
circles, not geodesics; that bends neighbours apart by at most ~f*d/R^2, a 1/300 of the K*d that
pulls them together.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import atan2, cos, degrees, inf, radians, sin, tan

import numpy as np

from comity.airspace.arcs import Arcs, at_least_m, at_most_m, chord_m, feet
from comity.airspace.earth import RADIUS_MEAN_M, Floats, latlon, normal_of
from comity.airspace.geodesic import LatLon, line

__all__ = ["Nearest", "nearest"]

_BLOCK = 64  # edges: a block pair is 4,096 chords, small enough for the cache
_GOOD_M = 1e-4  # stop when the lower bound is this close to a measured distance
_POLISH_STEPS = 8
_POLISHED_RAD = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """The nearest places, one on each boundary (degrees), and their distance in metres.

    `distance_m` is the geodesic between the two places; the truth lies between `lower_m` and it,
    and these differ by at most 0.1 mm.
    """

    distance_m: float
    lower_m: float
    here: LatLon
    there: LatLon


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A vertex, an edge of the other ring, the foot on it, their chord; who owns the vertex."""

    chord: float
    at: float
    point: Floats
    edge: Arcs
    vertex_is_here: bool


def nearest(here: Arcs, there: Arcs, limit_m: float) -> Nearest | None:
    """The nearest places of two rings, lines or points; None if beyond the limit.

    Expects boundaries that do not cross; of crossing ones it finds a place nearby at best.
    """
    candidates = sorted(_candidates(here, there, limit_m), key=lambda c: c.chord)
    best: Nearest | None = None
    lower_m = inf
    for candidate in candidates:
        lower_m = at_least_m(candidate.chord)
        if best is not None and lower_m >= best.distance_m - _GOOD_M:
            break
        measured = _measured(candidate)
        if best is None or measured.distance_m < best.distance_m:
            best = measured
        lower_m = best.distance_m
    if best is None or min(lower_m, best.distance_m) > limit_m:
        return None
    return Nearest(
        distance_m=best.distance_m,
        lower_m=min(lower_m, best.distance_m),
        here=best.here,
        there=best.there,
    )


def _candidates(here: Arcs, there: Arcs, limit_m: float) -> list[_Candidate]:
    """Every vertex-edge pair, both ways, that may hold the least geodesic within the limit."""
    found: list[_Candidate] = []
    reach = chord_m(limit_m)  # no chord above this can win any more
    for least, ours, theirs in _block_pairs(here, there):
        if least > reach:
            break
        for points, edges in ((ours.start, theirs), (theirs.start, ours)):
            chord, at = feet(points, edges)
            reach = min(reach, chord_m(at_most_m(float(chord.min()))) + _GOOD_M)
            for i, j in np.argwhere(chord <= reach).tolist():
                found.append(
                    _Candidate(
                        chord=float(chord[i, j]),
                        at=float(at[i, j]),
                        point=points[i],
                        edge=edges.take(j, 1),
                        vertex_is_here=edges is theirs,
                    )
                )
    return [candidate for candidate in found if candidate.chord <= reach]


def _block_pairs(here: Arcs, there: Arcs) -> Iterator[tuple[float, Arcs, Arcs]]:
    """Pairs of blocks of edges, nearest first, each with the least chord it can hold."""
    here_centres, here_radii = _balls(here)
    there_centres, there_radii = _balls(there)
    apart = np.linalg.norm(here_centres[:, None, :] - there_centres, axis=-1)
    least = apart - here_radii[:, None] - there_radii
    for flat in np.argsort(least, axis=None).tolist():
        row, column = divmod(flat, len(there_radii))
        yield (
            float(least[row, column]),
            here.take(row * _BLOCK, _BLOCK),
            there.take(column * _BLOCK, _BLOCK),
        )


def _balls(arcs: Arcs) -> tuple[Floats, Floats]:
    """Centres (b, 3) and radii (b,) of balls that hold the blocks of edges, bulge included.

    An edge of chord L bulges by L/2*tan(sweep/4) from it, below L/8 for sweeps up to 56 degrees.
    """
    length = np.linalg.norm(arcs.end - arcs.start, axis=1)
    centres, radii = [], []
    for first in range(0, len(arcs.start), _BLOCK):
        rows = slice(first, first + _BLOCK)
        ends = np.concatenate((arcs.start[rows], arcs.end[rows]))
        centre = (ends.min(axis=0) + ends.max(axis=0)) / 2
        centres.append(centre)
        widest = float(np.linalg.norm(ends - centre, axis=1).max())
        radii.append(widest + float(length[rows].max()) / 8 + _GOOD_M)
    return np.array(centres), np.array(radii)


def _measured(candidate: _Candidate) -> Nearest:
    """The candidate's geodesic, its foot moved to where the geodesic itself is shortest.

    Newton's method on the geodesic length; its slope comes from the azimuth at the foot (first
    variation), its bend from the sphere, so each step shrinks the error ~300 times.
    """
    point = latlon(normal_of(candidate.point))
    edge, at = candidate.edge, candidate.at
    sweep = float(edge.sweep[0])
    foot = latlon(normal_of(edge.start[0]))
    length = inf
    for _ in range(_POLISH_STEPS):
        place, heading, speed = _on_edge(edge, at)
        tried, azimuth = line(place, point)
        if tried < length:
            length, foot = tried, place
        if speed == 0.0 or tried < 1.0:
            break
        slope = -speed * cos(radians(azimuth - heading))
        across = speed * sin(radians(azimuth - heading))
        bend = max(across**2 / (RADIUS_MEAN_M * tan(min(tried / RADIUS_MEAN_M, 1.4))), 1.0)
        moved = min(max(at - slope / bend, 0.0), sweep)
        if abs(moved - at) < _POLISHED_RAD:
            break
        at = moved
    here, there = (point, foot) if candidate.vertex_is_here else (foot, point)
    return Nearest(distance_m=length, lower_m=length, here=here, there=there)


def _on_edge(edge: Arcs, at: float) -> tuple[LatLon, float, float]:
    """The place at t on a single edge, its heading (degrees) and speed (metres per radian)."""
    start, side = edge.start[0], edge.side[0]
    normal = normal_of(start * cos(at) + side * sin(at))
    motion = side * cos(at) - start * sin(at)
    x, y, z = (float(component) for component in normal)
    flat = float(np.hypot(x, y))
    if flat == 0.0:  # at a pole, where longitude 0 is the convention
        flat, x, y = 1e-300, 1e-300, 0.0
    east = float(motion[1] * x - motion[0] * y) / flat
    north = float(motion[2]) * flat - z * float(motion[0] * x + motion[1] * y) / flat
    place = latlon(normal)
    return place, degrees(atan2(east, north)), float(np.hypot(east, north))
