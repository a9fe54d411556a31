"""Great-circle edges as curves in space, and the points on them nearest to other points, by chord.

A great circle of normals is a plane section of the ellipsoid, hence exactly an ellipse in space:
x(t) = start*cos t + side*sin t. Chords bound geodesics: `at_least_m` and `at_most_m`. This is the
fast, vectorised half of `nearest`, the only caller; it knows nothing of insides, margins or
volumes.

Why the bounds hold: a geodesic is a curve in space whose curvature lies between 1/RADIUS_MAX_M and
1/RADIUS_MIN_M. Schur's comparison gives chord >= 2*Rmin*sin(d/2Rmin). The other side, chord <=
2*Rmax*sin(d/2Rmax), is exact for plane curves; torsion could add at most ~1e-6 of the gap between
the two, and the radii are widened.
"""

from dataclasses import dataclass
from math import asin, pi, sin
from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity.airspace.earth import (
    AXES_M,
    RADIUS_MAX_M,
    RADIUS_MIN_M,
    SEMI_MINOR_M,
    Floats,
    surface,
)

__all__ = ["Arcs", "arcs_of", "at_least_m", "at_most_m", "chord_m", "feet"]

_NEWTON_STEPS = 3  # from an error of f*d the first step already leaves ~f^2*d; three reach rounding
_BEND_MIN: Final = 0.2 * SEMI_MINOR_M**2  # the true second derivative is larger within ~75 degrees


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arcs:
    """n edges, the i-th x(t) = start[i] cos t + side[i] sin t for 0 <= t <= sweep[i], in metres.

    `start`, `end` and `side` have shape (n, 3), `sweep` (n,). A point is an edge with side and
    sweep 0. Every vertex is the start of an edge: the end of a line is one, as a point.
    """

    start: Floats
    end: Floats
    side: Floats
    sweep: Floats

    def take(self, first: int, count: int) -> "Arcs":
        """Some consecutive edges."""
        rows = slice(first, first + count)
        return Arcs(
            start=self.start[rows],
            end=self.end[rows],
            side=self.side[rows],
            sweep=self.sweep[rows],
        )


def arcs_of(normals: Floats, after: NDArray[np.int64]) -> Arcs:
    """The edges from each of the unit normals (n, 3) to the one at `after` (n,), or to itself."""
    start = surface(normals)
    unit = start / AXES_M  # on the unit sphere of the scaled space: still a great circle
    step = unit[after] - unit
    tangent = step - np.sum(step * unit, axis=1, keepdims=True) * unit
    length = np.linalg.norm(tangent, axis=1, keepdims=True)
    tangent = np.divide(tangent, length, out=np.zeros_like(tangent), where=length > 0)
    sweep = 2 * np.arcsin(np.minimum(1.0, np.linalg.norm(step, axis=1) / 2))
    return Arcs(start=start, end=start[after], side=AXES_M * tangent, sweep=sweep)


def feet(points: Floats, arcs: Arcs) -> tuple[Floats, Floats]:
    """The least chord in metres and its parameter t, both (k, n), of k points (k, 3) and n edges.

    Newton's method on half the squared chord, whose first guess is the foot on the scaled sphere.
    All differences are taken before they are squared, so small chords are good to ~1e-8 m.
    """
    scaled = points / AXES_M
    at = np.arctan2(scaled @ (arcs.side / AXES_M).T, scaled @ (arcs.start / AXES_M).T)
    at = np.clip(at, 0.0, arcs.sweep)
    toward = points[:, None, :] - arcs.start
    for _ in range(_NEWTON_STEPS):
        offset = _offset(arcs, at)
        rest = toward - offset
        slope = arcs.side * np.cos(at)[..., None] - arcs.start * np.sin(at)[..., None]
        descent = np.sum(rest * slope, axis=-1)
        bend = np.sum(slope * slope, axis=-1) + np.sum(rest * (arcs.start + offset), axis=-1)
        at = np.clip(at + descent / np.maximum(bend, _BEND_MIN), 0.0, arcs.sweep)
    chord = np.linalg.norm(toward - _offset(arcs, at), axis=-1)
    return chord, at


def _offset(arcs: Arcs, at: Floats) -> Floats:
    """x(t) - x(0) for t of shape (k, n): (k, n, 3), without cancellation."""
    half = np.sin(at / 2)[..., None]
    return np.asarray(arcs.side * np.sin(at)[..., None] - 2 * arcs.start * half * half)


def at_least_m(chord: float) -> float:
    """The least geodesic distance that two points of the ellipsoid with this chord can have."""
    return 2 * RADIUS_MAX_M * asin(min(1.0, chord / (2 * RADIUS_MAX_M)))


def at_most_m(chord: float) -> float:
    """The largest one, for points less than a quarter of the earth apart."""
    return 2 * RADIUS_MIN_M * asin(min(1.0, chord / (2 * RADIUS_MIN_M)))


def chord_m(distance_m: float) -> float:
    """The largest chord of points within this geodesic distance: the inverse of `at_least_m`."""
    return 2 * RADIUS_MAX_M * sin(min(distance_m / (2 * RADIUS_MAX_M), pi / 2))
