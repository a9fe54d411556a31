"""The gnomonic projection of the sphere of normals: great circles become straight lines.

So planar predicates (GEOS) answer spherical questions exactly, up to float rounding. Domain:
normals less than 85 degrees from the centre; beyond, the projection is refused, not stretched. The
plane is in metres and true to scale at its centre only: angle a at distance d from the centre is
drawn between a and a/cos(d)^2 wide, so lengths of the plane are never reported. Rounding on the
ground is at most ~1e-7 m over the whole domain. Called by `footprint`, `narrow` and `region`.
"""

from dataclasses import dataclass
from math import cos, radians
from typing import Final

import numpy as np

from comity.airspace.earth import RADIUS_MEAN_M, Floats
from comity.model.fault import Malformed

__all__ = ["DOMAIN_RAD", "Gnomonic", "gnomonic"]

DOMAIN_RAD: Final = radians(85.0)  # as two touching footprints may need: earth.cap_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gnomonic:
    """A plane that touches the unit sphere at `centre`; `axes` is (3, 2), two columns."""

    centre: Floats
    axes: Floats

    def project(self, normals: Floats) -> Floats:
        """Unit normals (n, 3) to metres in the plane (n, 2).

        Raises:
            Malformed: `too_wide`, when a normal is 85 degrees or more from the centre.
        """
        heights = normals @ self.centre
        if not float(heights.min()) > cos(DOMAIN_RAD):
            raise Malformed("a footprint reaches beyond the projection", code="too_wide")
        return np.asarray((normals @ self.axes) / heights[:, None] * RADIUS_MEAN_M)

    def lift(self, x_m: float, y_m: float) -> Floats:
        """A point of the plane back to its unit normal, shape (3,)."""
        offset = self.axes @ np.array([x_m, y_m]) / RADIUS_MEAN_M
        normal = self.centre + offset
        return np.asarray(normal / np.linalg.norm(normal))

    def lift_all(self, points: Floats) -> Floats:
        """Points of the plane (n, 2) back to their unit normals (n, 3)."""
        normals = self.centre + points @ self.axes.T / RADIUS_MEAN_M
        return np.asarray(normals / np.linalg.norm(normals, axis=1, keepdims=True))


def gnomonic(centre: Floats) -> Gnomonic:
    """The projection about a unit vector, shape (3,)."""
    smallest = int(np.argmin(np.abs(centre)))
    first = np.cross(centre, np.eye(3)[smallest])
    first /= np.linalg.norm(first)
    second = np.cross(centre, first)
    return Gnomonic(centre=centre, axes=np.column_stack((first, second)))
