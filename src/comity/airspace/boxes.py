"""Two ways to keep boxes and ask which of them a box touches: an R*-tree, and columns by time.

Both answer alike, closed and exactly: sides are integers below 2^53, and axes are scaled by powers
of two, so that nothing is rounded. `TreeBoxes` is rstar's tree, scaled so that a common volume
(20 km, an hour, 2 km of height) is about one unit each way; `SortedBoxes` needs numpy alone and
stands in where there is no wheel for the tree. Called by `index`, which checks what comes in.
"""

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from comity.airspace.broad import TURN_E7
from comity.airspace.earth import Floats
from comity.airspace.sheets import Ints
from comity.airspace.sides import END, LOWER, NORTH, SIDES, SOUTH, START, UPPER, WEST, WIDTH, Sides
from comity.model.fault import must
from comity.model.quantity import LON_E7_MAX

try:
    import rstar_python
except ImportError:  # no wheel for this machine: SortedBoxes answers as well
    HAS_TREE = False
else:
    HAS_TREE = True

__all__ = ["HAS_TREE", "Boxes", "SortedBoxes", "TreeBoxes", "best_boxes", "touching_one"]

_SCALES: Final = (2.0**-21, 2.0**-21, 2.0**-21, 2.0**-32)  # 0.21 degrees, 2.1 km, 1.2 hours
_PENDING_SHARE: Final = 16  # unsorted rows: at most a sixteenth of the sorted, ...
_PENDING_MIN: Final = 1_024  # ... or this many


class Boxes(Protocol):
    """Rows by their boxes; sides as in `sides`, closed on every side."""

    def add(self, rows: Ints, sides: Ints) -> None:
        """Keep rows (n,) with their sides (n, 8)."""
        ...

    def load(self, rows: Ints, sides: Ints) -> None:
        """Keep these rows (n,) with their sides (n, 8), one at least, and forget all others."""
        ...

    def drop(self, row: int, sides: Sides) -> None:
        """Forget a row that was added with these sides."""
        ...

    def touching(self, sides: Sides) -> list[int]:
        """Every row whose box shares a point with this one; some may come twice."""
        ...

    def touching_many(self, sides: Ints) -> tuple[Ints, Ints]:
        """For boxes (n, 8): pairs of the number of a box and a row; some may come twice."""
        ...


def best_boxes() -> Boxes:
    """The tree where it is installed, else the columns."""
    return TreeBoxes() if HAS_TREE else SortedBoxes()


def _pieces(sides: Sides) -> list[tuple[list[float], list[float]]]:
    """A box as one or two boxes of the plane within -180 and 180 degrees, least corners first.

    A box that ends on the antimeridian also has a piece without width on its other side.
    """
    south, north, west, width, lower, upper, start, end = sides
    lat, lon, up, when = _SCALES
    least = [south * lat, west * lon, lower * up, start * when]
    most = [north * lat, (west + width) * lon, upper * up, end * when]
    if west + width < LON_E7_MAX:
        return [(least, most)]
    over = min(west + width - TURN_E7, LON_E7_MAX)
    most[1] = LON_E7_MAX * lon
    return [
        (least, most),
        ([least[0], -LON_E7_MAX * lon, *least[2:]], [most[0], over * lon, *most[2:]]),
    ]


def _pieces_of_many(sides: Ints) -> tuple[Floats, Floats, Ints]:
    """The pieces of boxes (n, 8): corners (m, 4), and the number of the box of each, (m,)."""
    east = sides[:, WEST] + sides[:, WIDTH]
    over = np.flatnonzero(east >= LON_E7_MAX)
    number = np.concatenate((np.arange(len(sides)), over))
    west = np.concatenate((sides[:, WEST], np.full(len(over), -LON_E7_MAX)))
    end = np.minimum(np.concatenate((east, east[over] - TURN_E7)), LON_E7_MAX)
    of = sides[number]
    least = np.column_stack((of[:, SOUTH], west, of[:, LOWER], of[:, START])) * _SCALES
    most = np.column_stack((of[:, NORTH], end, of[:, UPPER], of[:, END])) * _SCALES
    return least, most, number


class TreeBoxes:
    """Boxes in two R*-trees of four dimensions: one packed at once, one that takes what came since.

    Two, because rstar's packing leaves branches of different depth: searches and removals are right
    on such a tree, but a later insertion may panic (rstar pull request 239, open at 0.13).
    """

    def __init__(self) -> None:
        """Start empty."""
        self._packed = rstar_python.PyBBoxRTree(4)
        self._fresh = rstar_python.PyBBoxRTree(4)
        self._any_fresh = False  # to ask an empty tree takes as long as a page of a full one

    def add(self, rows: Ints, sides: Ints) -> None:
        """Insert one by one, into the tree that was never packed."""
        least, most, number = _pieces_of_many(sides)
        insert, ids = self._fresh.insert, rows[number].tolist()
        self._any_fresh = self._any_fresh or bool(ids)
        for corner, opposite, id_ in zip(least.tolist(), most.tolist(), ids, strict=True):
            insert(corner, opposite, id_)

    def load(self, rows: Ints, sides: Ints) -> None:
        """Pack all at once: ten times as fast, and the tree then answers in half the time."""
        least, most, number = _pieces_of_many(sides)
        self._packed, self._fresh = (rstar_python.PyBBoxRTree(4) for _ in range(2))  # free first
        self._packed.bulk_load(least, most, rows[number].tolist())
        self._any_fresh = False

    def drop(self, row: int, sides: Sides) -> None:
        """Remove each piece from the tree that has it."""
        for least, most in _pieces(sides):
            gone = self._fresh.remove_item(least, most, row)
            gone = gone or self._packed.remove_item(least, most, row)
            must(gone, "a box that is dropped was kept")

    def touching(self, sides: Sides) -> list[int]:
        """Search both for each piece."""
        found: list[int] = []
        for least, most in _pieces(sides):
            found += self._packed.intersection(least, most)
            if self._any_fresh:
                found += self._fresh.intersection(least, most)
        return found

    def touching_many(self, sides: Ints) -> tuple[Ints, Ints]:
        """All pieces in one call for each tree."""
        least, most, number = _pieces_of_many(sides)
        numbers, found = [], []
        for tree in (self._packed, self._fresh):
            rows, offsets = tree.intersection_batch(least, most)
            numbers.append(np.repeat(number, np.diff(offsets)))
            found.append(np.asarray(rows, dtype=np.int64))
        return np.concatenate(numbers), np.concatenate(found)


class SortedBoxes:
    """Boxes in columns sorted by their start, and a short unsorted rest; needs numpy alone.

    A search looks at all that start within the longest window before its end: fine for some ten
    thousand, slow for a million.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._rows: Ints = np.zeros(0, dtype=np.int64)
        self._sides: Ints = np.zeros((0, SIDES), dtype=np.int64)
        self._sorted = self._gone = 0
        self._longest_us = 0

    def add(self, rows: Ints, sides: Ints) -> None:
        """Append; sort again when the unsorted rest has grown too long."""
        self._rows = np.concatenate((self._rows, rows))
        self._sides = np.concatenate((self._sides, sides))
        pending = len(self._rows) - self._sorted + self._gone
        if pending > max(_PENDING_MIN, self._sorted // _PENDING_SHARE):
            self._sort()

    def load(self, rows: Ints, sides: Ints) -> None:
        """Start over and sort."""
        self._rows, self._sides = rows, sides
        self._sort()

    def drop(self, row: int, sides: Sides) -> None:
        """Mark it; it is left out when sorted next."""
        at = np.flatnonzero(self._rows == row)
        must(len(at) == 1 and tuple(self._sides[at[0]].tolist()) == sides, "a kept box is dropped")
        self._rows[at[0]] = -1
        self._gone += 1

    def touching(self, sides: Sides) -> list[int]:
        """Those that start late enough and early enough, then every other side."""
        sorted_starts = self._sides[: self._sorted, START]
        first = np.searchsorted(sorted_starts, sides[START] - self._longest_us, side="left")
        last = np.searchsorted(sorted_starts, sides[END], side="right")
        found: list[int] = []
        for part in (slice(first, last), slice(self._sorted, None)):
            rows, each = self._rows[part], self._sides[part]
            found += rows[(rows >= 0) & touching_one(each, sides)].tolist()
        return found

    def touching_many(self, sides: Ints) -> tuple[Ints, Ints]:
        """One after another."""
        numbers: list[int] = []
        rows: list[int] = []
        for number, each in enumerate(sides.tolist()):
            found = self.touching(tuple(each))
            rows += found
            numbers += [number] * len(found)
        return np.array(numbers, dtype=np.int64), np.array(rows, dtype=np.int64)

    def _sort(self) -> None:
        kept = np.flatnonzero(self._rows >= 0)
        order = kept[np.argsort(self._sides[kept, START], kind="stable")]
        self._rows, self._sides = self._rows[order], self._sides[order]
        self._sorted, self._gone = len(order), 0
        windows = self._sides[:, END] - self._sides[:, START]
        self._longest_us = int(windows.max(initial=0))


def touching_one(each: Ints, sides: Sides) -> NDArray[np.bool_]:
    """`sides.touch` of many boxes (n, 8) with one, shape (n,)."""
    south, north, west, width, lower, upper, start, end = sides
    return np.asarray(
        (each[:, START] <= end)
        & (each[:, END] >= start)
        & (each[:, SOUTH] <= north)
        & (each[:, NORTH] >= south)
        & (each[:, LOWER] <= upper)
        & (each[:, UPPER] >= lower)
        & (
            ((west - each[:, WEST]) % TURN_E7 <= each[:, WIDTH])
            | ((each[:, WEST] - west) % TURN_E7 <= width)
        )
    )
