"""A footprint as the other files measure it: a core of normals and a margin around it.

A polygon is its ring with margin 0, a circle is its centre with its radius as margin, a corridor is
its line with its half-width as margin. A lateral uncertainty only widens the margin. Since the
earth's surface is a complete length space, two widened footprints meet exactly when their cores are
no farther apart than the two margins together: no circle and no buffer is ever approximated. Called
by every file here that measures.
"""

from dataclasses import dataclass
from math import radians
from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity.airspace.earth import Cap, Floats, cap_of, normals_of
from comity.model.fault import Malformed
from comity.model.quantity import Position
from comity.model.volume import Corridor, Footprint, Volume4D, margin_mm_of, places_of, rings_of

__all__ = ["Outline", "after_of", "outline_of", "volume_outline"]

CORE_RADIUS_MAX_RAD: Final = radians(42.0)  # earth.cap_of: a core 5,000 km wide stays below 41.8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outline:
    """A core, `normals` of shape (n, 3) within `cap`, and all ground within `margin_mm` of it.

    One normal is a point. More are a line if the core `is_open`, else a ring with its inside, and
    then those of its holes: `rings` says how many vertices each has. The edge of vertex i ends at
    vertex `after[i]`: at itself where a line ends.
    """

    core: tuple[Position, ...]
    normals: Floats
    cap: Cap
    margin_mm: int
    is_open: bool
    rings: tuple[int, ...]
    after: NDArray[np.int64]


def outline_of(footprint: Footprint, lateral_mm: int = 0) -> Outline:
    """The outline of a footprint, widened by `lateral_mm` millimetres.

    Raises:
        Malformed: `too_wide`, for a ring that is certainly wider than 5,000 km. Other faults are
            `footprint.check`'s to find; every footprint from outside passes it first.
    """
    core, rings = places_of(footprint), rings_of(footprint)
    is_open = isinstance(footprint, Corridor)
    normals = normals_of(core)
    cap = cap_of(normals)
    if cap.radius_rad > CORE_RADIUS_MAX_RAD:
        raise Malformed("a footprint is wider than 5,000 km", code="too_wide")
    return Outline(
        core=core,
        normals=normals,
        cap=cap,
        margin_mm=margin_mm_of(footprint) + lateral_mm,
        is_open=is_open,
        rings=rings,
        after=after_of(*rings, is_open=is_open),
    )


def after_of(*rings: int, is_open: bool) -> NDArray[np.int64]:
    """The vertex at which each vertex's edge ends, shape (n,): the next one, around each ring."""
    after = np.arange(1, sum(rings) + 1)
    ends = np.cumsum(rings) - 1
    after[ends] = ends if is_open else ends + 1 - rings
    return after


def volume_outline(volume: Volume4D) -> Outline:
    """The outline of a volume's footprint with its lateral uncertainty added."""
    return outline_of(volume.footprint, volume.uncertainty.lateral_mm)
