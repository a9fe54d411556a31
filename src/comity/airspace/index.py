"""An index of volumes in memory: what does a candidate meet, among a million, at once?

`search` compares boxes and never misses; `near` decides each pair as `narrow` and `clearance` do;
`find` says how close, as `find.find`; `pairs` finds all conflicts inside the set. Nothing is
ranked, sorted out or cut off. The index is one process's memory: a desk asks its store, whose index
changes with the rows in one transaction. Not safe for threads that change it at the same time.
Called by the bench, and by whoever asks without a node.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import compress
from typing import Final, Generic, TypeVar, cast

import numpy as np
import shapely
from numpy.typing import NDArray

from comity.airspace.boxes import Boxes, best_boxes
from comity.airspace.clearance import NO_CLEARANCE, Clearance, assess
from comity.airspace.coarse import Whole, asked_of, coarsely_meet, whole_of
from comity.airspace.columns import Columns
from comity.airspace.find import Found
from comity.airspace.narrow import lateral
from comity.airspace.outline import volume_outline
from comity.airspace.sheets import Ints
from comity.airspace.sides import Sides, sides_of, widened
from comity.airspace.sketch import Sketch, certain, sketch_of, within_drawings
from comity.model.fault import Malformed
from comity.model.volume import Volume4D

__all__ = ["Index"]

Key = TypeVar("Key", bound=Hashable)
Activity = TypeVar("Activity", bound=Hashable)

_BATCH: Final = 8_192  # volumes added, or pairs decided, at a time: bounds memory, not the answer
_FEW: Final = 16  # up to here neighbours are decided one at a time

_ANYWHEN: Final = (-(2**52), 2**52, -(2**52), 2**52)  # all heights and times
_UNPACKED_SHARE: Final = 4  # packed anew when a quarter came since: some 3 us for each volume
_UNPACKED_MIN: Final = 256


class Index(Generic[Key]):
    """Volumes by key. Footprints have passed `footprint.check`."""

    def __init__(
        self, volumes: Iterable[tuple[Key, Volume4D]] = (), *, boxes: Boxes | None = None
    ) -> None:
        """Hold these volumes; `boxes` is how they are kept, the fastest that is installed if None.

        Raises:
            Malformed: as `insert_many`.
        """
        self._boxes = best_boxes() if boxes is None else boxes
        self._columns = Columns()
        self._rows: dict[Key, int] = {}
        self._keys: list[Key | None] = []
        self._unpacked = 0  # boxes added since all were packed
        self.insert_many(volumes)

    def __len__(self) -> int:
        """How many volumes."""
        return len(self._rows)

    def __contains__(self, key: Key) -> bool:
        """Whether the key is held."""
        return key in self._rows

    def volume(self, key: Key) -> Volume4D:
        """The volume of a key; Malformed (`unknown_key`) if there is none."""
        return self._columns.volume(self._row(key))

    def insert(self, key: Key, volume: Volume4D) -> None:
        """Add one volume; see `insert_many`."""
        self.insert_many(((key, volume),))

    def insert_many(self, volumes: Iterable[tuple[Key, Volume4D]]) -> None:
        """Add volumes, all or none.

        Raises:
            Malformed: `duplicate_key`, for a key that is held or comes twice; `too_wide`, for a
                footprint that `footprint.check` would have refused as such.
        """
        new = dict[Key, Volume4D]()
        for key, volume in volumes:
            if key in self._rows or key in new:
                raise Malformed(f"the key {key!r} is there already", code="duplicate_key")
            new[key] = volume
        rows = self._columns.add(list(new.values()))
        if not new:
            return
        self._keys += [None] * (max(rows.tolist()) + 1 - len(self._keys))
        for key, row in zip(new, rows.tolist(), strict=True):
            self._rows[key] = row
            self._keys[row] = key
        self._unpacked += len(rows)
        if self._unpacked > max(_UNPACKED_MIN, len(self) // _UNPACKED_SHARE):
            rows = np.fromiter(self._rows.values(), dtype=np.int64)
            self._boxes.load(rows, self._columns.sides[rows])
            self._unpacked = 0
        else:
            self._boxes.add(rows, self._columns.sides[rows])

    def remove(self, key: Key) -> None:
        """Take a volume out; Malformed (`unknown_key`) if there is none."""
        row = self._row(key)
        self._boxes.drop(row, tuple(self._columns.sides[row].tolist()))
        self._columns.drop(row)
        del self._rows[key]
        self._keys[row] = None

    def search(self, candidate: Volume4D, clearance: Clearance = NO_CLEARANCE) -> tuple[Key, ...]:
        """Every key whose box touches the candidate's, widened by a clearance; oldest first.

        Exact in time and height, outward in place: whatever comes within the clearance is among
        them. Raises Malformed (`too_wide`) as `insert_many`.
        """
        return self._named(self._touching(sides_of(candidate, clearance)))

    def near(self, candidate: Volume4D, clearance: Clearance = NO_CLEARANCE) -> tuple[Key, ...]:
        """Every key that comes within the clearance: where `clearance.assess` is not None.

        Oldest first. Raises Malformed (`too_wide`) as `insert_many`.
        """
        rows = self._touching(sides_of(candidate, clearance))
        return self._named(self._near(candidate, rows, clearance.lateral_mm))

    def find(
        self,
        candidate: Volume4D,
        clearance_for: Callable[[Key], Clearance],
        *,
        widest: Clearance,
    ) -> tuple[Found[Key], ...]:
        """What `find.find` says of the candidate and all volumes held, oldest first.

        Args:
            candidate: the volume in question.
            clearance_for: the agreed clearance toward one key; asked once for each box that
                touches.
            widest: no clearance exceeds it, in any of its three numbers.

        Raises:
            Malformed: `bad_clearance`, for a clearance beyond `widest`; `too_wide` as
                `insert_many`.
        """
        found: list[Found[Key]] = []
        drawing = sketch_of(candidate)
        rows = self._touching(sides_of(candidate, widest))
        for first in range(0, len(rows), _FEW):
            some = rows[first : first + _FEW]
            keys = [self._key(row) for row in some]
            clearances = [clearance_for(key) for key in keys]
            if any(_exceeds(clearance, widest) for clearance in clearances):
                raise Malformed("a clearance is wider than the widest", code="bad_clearance")
            near = self._within(drawing, some, [each.lateral_mm for each in clearances])
            for key, clearance, row in compress(zip(keys, clearances, some, strict=True), near):
                approach = assess(candidate, self._columns.volume(row), clearance)
                if approach is not None:
                    found.append(Found(key=key, approach=approach))
        return tuple(found)

    def sharing_cell(
        self,
        volumes: Sequence[Volume4D],
        part_of: Callable[[Key], Activity],
        whole_for: Callable[[Activity], Whole],
    ) -> tuple[Activity, ...]:
        """Every activity that as a whole shares a cell, a height and an instant with these volumes.

        That is `coarse.coarsely_meet`, and never truncated. In the order of their oldest volumes
        near the candidate's.

        Args:
            volumes: all volumes of the candidate.
            part_of: the activity that a key's volume belongs to; all its volumes are held here.
            whole_for: an activity as a whole; asked once for each that has a volume nearby.

        Raises:
            Malformed: as `coarse.whole_of`, for the candidate.
        """
        asked = whole_of(volumes)
        rows: list[int] = []
        for south, north, west, width, *_ in asked_of(volumes, self._columns.margin_max_mm):
            rows += self._boxes.touching((south, north, west, width, *_ANYWHEN))
        near = dict.fromkeys(map(part_of, self._named(self._columns.in_order(rows))))
        return tuple(each for each in near if coarsely_meet(asked, whole_for(each)))

    def pairs(self, clearance: Clearance = NO_CLEARANCE) -> tuple[tuple[Key, Key], ...]:
        """All pairs of held volumes within the clearance of each other, the older one first."""
        rows = np.fromiter(self._rows.values(), dtype=np.int64)
        found: list[tuple[Key, Key]] = []
        for first in range(0, len(rows), _BATCH):
            mine = rows[first : first + _BATCH]
            number, other = self._boxes.touching_many(widened(self._columns.sides[mine], clearance))
            older, newer = self._columns.older_first(other, mine[number])
            near = self._near_pairs(older, newer, clearance.lateral_mm)
            found += zip(self._named(older[near]), self._named(newer[near]), strict=True)
        return tuple(found)

    def _touching(self, sides: Sides) -> list[int]:
        return self._columns.in_order(self._boxes.touching(sides))

    def _near(self, candidate: Volume4D, rows: list[int], limit_mm: int) -> list[int]:
        """Those of the rows whose footprints are within the limit of the candidate's."""
        if not rows:
            return []
        drawing = sketch_of(candidate)
        found: list[int] = []
        if len(rows) <= _FEW:
            return list(compress(rows, self._within(drawing, rows, [limit_mm] * len(rows))))
        for first in range(0, len(rows), _BATCH):
            some = np.array(rows[first : first + _BATCH], dtype=np.int64)
            found += some[self._near_many(drawing, some, limit_mm)].tolist()
        return found

    def _within(self, drawing: Sketch, rows: list[int], limits_mm: list[int]) -> list[bool]:
        """Which of a few rows are within the limit beside them."""
        others = self._columns.drawings(rows, drawing.sheet)
        return within_drawings(
            drawing, others, limits_mm, lambda at: self._columns.volume(rows[at])
        )

    def _near_many(self, drawing: Sketch, rows: Ints, limit_mm: int) -> NDArray[np.bool_]:
        """The same for many rows at once."""
        sheets = np.full(len(rows), drawing.sheet, dtype=np.int64)
        shapes, squash = self._columns.shapes(rows, sheets)
        reach_mm = self._columns.margins_mm(rows) + drawing.margin_mm + limit_mm
        ours = np.full(len(rows), shapely.from_wkb(drawing.drawing), dtype=np.object_)
        least = np.minimum(squash, drawing.squash if drawing.squash > 0 else np.nan)
        yes, unsure = certain(ours, shapes, least, reach_mm)
        here = volume_outline(drawing.volume()) if len(unsure) else None
        for at in unsure.tolist():
            there = volume_outline(self._columns.volume(int(rows[at])))
            yes[at] = here is not None and lateral(here, there, limit_mm=limit_mm) is not None
        return yes

    def _near_pairs(self, one: Ints, other: Ints, limit_mm: int) -> NDArray[np.bool_]:
        """Whether the footprints of two rows each are within the limit: many pairs, shape (n,)."""
        parts = [np.zeros(0, dtype=np.bool_)]
        for first in range(0, len(one), _BATCH):
            part = slice(first, first + _BATCH)
            parts.append(self._columns.near(one[part], other[part], limit_mm))
        return np.concatenate(parts)

    def _row(self, key: Key) -> int:
        row = self._rows.get(key)
        if row is None:
            raise Malformed(f"there is no volume of the key {key!r}", code="unknown_key")
        return row

    def _key(self, row: int) -> Key:
        return cast("Key", self._keys[row])  # every row that is kept has its key

    def _named(self, rows: Iterable[int]) -> tuple[Key, ...]:
        keys = cast("list[Key]", self._keys)  # every row that is kept has its key
        return tuple([keys[row] for row in rows])


def _exceeds(one: Clearance, widest: Clearance) -> bool:
    return (
        one.lateral_mm > widest.lateral_mm
        or one.vertical_mm > widest.vertical_mm
        or one.time_us > widest.time_us
    )
