"""How near does a volume come to a border? A border is an open line of great-circle edges.

It has no inside: which side is whose is not asked, since a volume that crosses it comes as near as
0. Called by intake for the buffers that agreements measure from a border.
"""

from collections.abc import Sequence
from itertools import pairwise

from comity.airspace.earth import cap_of, normals_of
from comity.airspace.narrow import Lateral, lateral
from comity.airspace.outline import Outline, after_of, volume_outline
from comity.model.quantity import Position
from comity.model.volume import Volume4D

__all__ = ["distance_to_border_mm", "nearest_to_border"]


def distance_to_border_mm(
    volume: Volume4D, border: Sequence[Position], *, limit_mm: int
) -> int | None:
    """Millimetres from a volume, uncertainty included, to a border of two or more points.

    None beyond `limit_mm`. As in `narrow.lateral` at most 3 mm below the WGS84 geodesic distance.
    """
    found = nearest_to_border(volume, border, limit_mm=limit_mm)
    return None if found is None else found.closest_mm


def nearest_to_border(
    volume: Volume4D, border: Sequence[Position], *, limit_mm: int
) -> Lateral | None:
    """That distance, and a point where it is so near; None beyond `limit_mm`."""
    outline = volume_outline(volume)
    found = [lateral(outline, _edge(ends), limit_mm=limit_mm) for ends in pairwise(border)]
    near = (each for each in found if each is not None)
    return min(near, key=lambda each: each.closest_mm, default=None)


def _edge(ends: tuple[Position, Position]) -> Outline:
    normals = normals_of(ends)
    return Outline(
        core=ends,
        normals=normals,
        cap=cap_of(normals),
        margin_mm=0,
        is_open=True,
        rings=(len(ends),),
        after=after_of(len(ends), is_open=True),
    )
