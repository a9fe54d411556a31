"""How tangled is a line? What GEOS draws of one costs by its crossings, not by its vertices.

Two thousand vertices can make a million crossings, and minutes of work. `edges_of` leaves out what
a line flies twice, as holding patterns do. Called by `depth`, which refuses what is too tangled,
and by `rim`, which draws it simpler.
"""

from typing import Final

import numpy as np
import shapely

from comity.airspace.earth import Floats
from comity.airspace.gnomonic import gnomonic
from comity.airspace.outline import Outline

__all__ = ["edges_of", "is_tangled"]

_CROSSINGS_MAX: Final = 4_000  # a second's work, all told
_SPAN_RAD_MAX: Final = 8.0  # of all edges together, 51,000 km: `azimuthal.dense` has 10 km steps
_BATCH: Final = 64  # edges looked at together, so that a hopeless line is given up early


def edges_of(outline: Outline) -> list[Floats]:
    """The edges of a line, each (2, 3), once however often and whichever way it is flown."""
    found: dict[frozenset[object], Floats] = {}
    ends = zip(outline.core[:-1], outline.core[1:], strict=True)
    for start, pair in enumerate(ends):
        found.setdefault(frozenset(pair), outline.normals[start : start + 2])
    return list(found.values())


def is_tangled(outline: Outline) -> bool:
    """Whether a line crosses itself, or is long, beyond what can be drawn in a second."""
    edges = edges_of(outline)
    steps = np.array([np.linalg.norm(edge[1] - edge[0]) for edge in edges])
    if float(np.sum(2 * np.arcsin(np.minimum(1.0, steps / 2)))) > _SPAN_RAD_MAX:
        return True
    plane = gnomonic(outline.cap.centre)
    drawn = np.asarray(shapely.linestrings([plane.project(edge) for edge in edges]))
    tree, crossings = shapely.STRtree(drawn), 0
    for first in range(0, len(drawn), _BATCH):
        some = drawn[first : first + _BATCH]
        met, _ = tree.query(some, predicate="intersects")
        crossings += len(met) - len(some)  # each meets itself
        if crossings > 2 * (_CROSSINGS_MAX + len(drawn)):  # and its neighbours, and all twice
            return True
    return False
