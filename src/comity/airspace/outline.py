"""A footprint as the other files measure it: a core of normals and a margin around it.

A polygon is its ring with margin 0, a circle is its centre with its radius as margin. A lateral
uncertainty only widens the margin. Since the earth's surface is a complete length space, two
widened footprints meet exactly when their cores are no farther apart than the two margins together:
no circle and no buffer is ever approximated. Called by every file here that measures.
"""

from dataclasses import dataclass
from math import radians
from typing import Final

from comity.airspace.earth import Cap, Floats, cap_of, normals_of
from comity.model.fault import Malformed
from comity.model.quantity import Position
from comity.model.volume import Circle, Footprint, Volume4D

__all__ = ["Outline", "outline_of", "volume_outline"]

CORE_RADIUS_MAX_RAD: Final = radians(42.0)  # earth.cap_of: a core 5,000 km wide stays below 41.8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outline:
    """A core, `normals` of shape (n, 3) within `cap`, and all ground within `margin_mm` of it.

    One normal is a point, two are an edge of a border; three or more are a ring with its inside.
    """

    core: tuple[Position, ...]
    normals: Floats
    cap: Cap
    margin_mm: int


def outline_of(footprint: Footprint, lateral_mm: int = 0) -> Outline:
    """The outline of a footprint, widened by `lateral_mm` millimetres.

    Raises:
        Malformed: `too_wide`, for a ring that is certainly wider than 5,000 km. Other faults are
            `footprint.check`'s to find; every footprint from outside passes it first.
    """
    core: tuple[Position, ...]
    if isinstance(footprint, Circle):
        core, margin_mm = (footprint.centre,), footprint.radius_mm + lateral_mm
    else:
        core, margin_mm = footprint.vertices, lateral_mm
    normals = normals_of(core)
    cap = cap_of(normals)
    if cap.radius_rad > CORE_RADIUS_MAX_RAD:
        raise Malformed("a footprint is wider than 5,000 km", code="too_wide")
    return Outline(core=core, normals=normals, cap=cap, margin_mm=margin_mm)


def volume_outline(volume: Volume4D) -> Outline:
    """The outline of a volume's footprint with its lateral uncertainty added."""
    return outline_of(volume.footprint, volume.uncertainty.lateral_mm)
