"""Ways of others to answer what the index answers: who comes within nothing of a candidate?

shapely's STRtree with filters for time and height, SQLite's R*-tree of four dimensions, and a look
at every box with numpy. Each ends with the same exact test, so that all answer one question and
what differs is the search. None of them knows poles or the antimeridian: the volumes of this bench
keep away from both. Called by airspace.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

import apsw
import numpy as np
import shapely

from comity.airspace.boxes import touching_one
from comity.airspace.sheets import Ints
from comity.airspace.sides import (
    END,
    LOWER,
    NORTH,
    SIDES,
    SOUTH,
    START,
    UPPER,
    WEST,
    WIDTH,
    Sides,
    sides_of,
)
from comity.airspace.sketch import sketch_of, within
from comity.model.volume import Volume4D

__all__ = ["EveryBox", "Searching", "SortTileTree", "SqliteTree", "sides_array"]

_E7 = _MM = 2.0**21
_HOUR_US = 2.0**32


class Searching(Protocol):
    """Volumes by number, in the order in which they were added."""

    def add(self, volumes: Sequence[Volume4D]) -> None:
        """Add volumes; their boxes are computed here, too."""
        ...

    def near(self, candidate: Volume4D) -> list[int]:
        """The numbers of all that meet the candidate, ascending."""
        ...


def sides_array(volumes: Iterable[Volume4D]) -> Ints:
    """The boxes of volumes, (n, 8)."""
    return np.array([sides_of(volume) for volume in volumes], dtype=np.int64).reshape(-1, SIDES)


class EveryBox:
    """A look at every box, vectorised."""

    def __init__(self) -> None:
        """Start empty."""
        self._volumes: list[Volume4D] = []
        self._sides = np.zeros((0, SIDES), dtype=np.int64)

    def add(self, volumes: Sequence[Volume4D]) -> None:
        """Append."""
        self._volumes += volumes
        self._sides = np.concatenate((self._sides, sides_array(volumes)))

    def near(self, candidate: Volume4D) -> list[int]:
        """Compare all eight sides of all."""
        found = np.flatnonzero(touching_one(self._sides, sides_of(candidate)))
        return _exactly(candidate, found.tolist(), self._volumes)


class SortTileTree:
    """shapely.STRtree over latitude and longitude; built anew with each addition."""

    def __init__(self) -> None:
        """Start empty."""
        self._volumes: list[Volume4D] = []
        self._sides = np.zeros((0, SIDES), dtype=np.int64)
        self._tree = shapely.STRtree([])

    def add(self, volumes: Sequence[Volume4D]) -> None:
        """Build a tree of all."""
        self._volumes += volumes
        self._sides = np.concatenate((self._sides, sides_array(volumes)))
        self._tree = shapely.STRtree(_flat(self._sides))

    def near(self, candidate: Volume4D) -> list[int]:
        """Ask the tree for places, then filter by time and height."""
        asked = sides_of(candidate)
        rows = self._tree.query(_flat(np.array([asked]))[0])
        each = self._sides[rows]
        held = rows[
            (each[:, START] <= asked[END])
            & (each[:, END] >= asked[START])
            & (each[:, LOWER] <= asked[UPPER])
            & (each[:, UPPER] >= asked[LOWER])
        ]
        return _exactly(candidate, sorted(held.tolist()), self._volumes)


def _flat(sides: Ints) -> list[shapely.Polygon]:
    west, south = sides[:, WEST], sides[:, SOUTH]
    return list(shapely.box(west, south, west + sides[:, WIDTH], sides[:, NORTH]))


class SqliteTree:
    """SQLite's R*-tree in a file, axes scaled, each addition one durable commit."""

    def __init__(self, path: Path) -> None:
        """Create the file."""
        self._volumes: list[Volume4D] = []
        self._db = apsw.Connection(str(path))
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("CREATE VIRTUAL TABLE sky USING rtree(id, a, b, c, d, e, f, g, h)")

    def add(self, volumes: Sequence[Volume4D]) -> None:
        """Insert in one transaction."""
        first = len(self._volumes)
        self._volumes += volumes
        rows = ((first + n, *_scaled(sides_of(volume))) for n, volume in enumerate(volumes))
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany("INSERT INTO sky VALUES (?,?,?,?,?,?,?,?,?)", rows)
        self._db.execute("COMMIT")

    def near(self, candidate: Volume4D) -> list[int]:
        """Ask the tree; its 32-bit sides err outward, so compare what it found."""
        asked = sides_of(candidate)
        south, north, west, east, lower, upper, start, end = _scaled(asked)
        rows = self._db.execute(
            "SELECT id FROM sky WHERE g<=? AND h>=? AND e<=? AND f>=? "
            "AND a<=? AND b>=? AND c<=? AND d>=?",
            (end, start, upper, lower, north, south, east, west),
        )
        held = sorted(int(str(row[0])) for row in rows)
        each = sides_array(self._volumes[number] for number in held)
        exact = touching_one(each, asked).tolist()
        kept = [number for number, met in zip(held, exact, strict=True) if met]
        return _exactly(candidate, kept, self._volumes)

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def _scaled(sides: Sides) -> tuple[float, ...]:
    south, north, west, width, lower, upper, start, end = sides
    place = (south / _E7, north / _E7, west / _E7, (west + width) / _E7)
    epoch = 1_800_000_000_000_000
    when = ((start - epoch) / _HOUR_US, (end - epoch) / _HOUR_US)
    return (*place, lower / _MM, upper / _MM, *when)


def _exactly(candidate: Volume4D, numbers: list[int], volumes: Sequence[Volume4D]) -> list[int]:
    """Those whose footprints meet the candidate's, as the index decides it."""
    if not numbers:
        return []
    one = sketch_of(candidate)
    others = [sketch_of(volumes[number], one.sheet) for number in numbers]
    held = within(one, others, [0] * len(others))
    return [number for number, met in zip(numbers, held, strict=True) if met]
