"""Which neighbours does a candidate come too close to? The one entry of this room for desks.

Broad first (boxes), then what drawings say for certain, then exact distances and the agreement's
clearance. Every neighbour is looked at and every finding returned: nothing is sorted out, ranked or
cut off here. The neighbours may come from an index that already searched; asking again costs a box
comparison each.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from comity.airspace.clearance import Approach, Clearance, assess
from comity.airspace.sides import Sides, sides_of, touch
from comity.airspace.sketch import sketch_of, within
from comity.model.volume import Volume4D

__all__ = ["Found", "find"]

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[Key]):
    """A neighbour, by its key, that meets the candidate or comes within the clearance."""

    key: Key
    approach: Approach


def find(
    candidate: Volume4D,
    neighbours: Iterable[tuple[Key, Volume4D]],
    clearance_for: Callable[[Key], Clearance],
) -> tuple[Found[Key], ...]:
    """Every neighbour within its clearance of the candidate, in the order given, never truncated.

    Args:
        candidate: the volume in question; like all, its footprint has passed `footprint.check`.
        neighbours: the volumes to compare with; the caller leaves out those of the same owner.
        clearance_for: the agreed clearance toward one neighbour; asked once for each.

    Raises:
        Malformed: `too_wide`, for a footprint that `footprint.check` would have refused as such.
    """
    drawing = sketch_of(candidate)
    asked: dict[Clearance, Sides] = {}  # the candidate's box; there are few clearances
    found: list[Found[Key]] = []
    for key, volume in neighbours:
        clearance = clearance_for(key)
        if clearance not in asked:
            asked[clearance] = sides_of(candidate, clearance)
        if not touch(asked[clearance], sides_of(volume)):
            continue
        other = sketch_of(volume, drawing.sheet)
        if not within(drawing, (other,), (clearance.lateral_mm,))[0]:
            continue
        approach = assess(candidate, volume, clearance)
        if approach is not None:
            found.append(Found(key=key, approach=approach))
    return tuple(found)
