"""Volumes as columns of numbers: some 400 bytes for an octagon, where the objects take 2,000.

A *row* is a slot; a removed one is used again. Kept are the exact integers, from which the same
`Volume4D` is built again, the sides of the box, and the core as drawn on its own sheet. Finds
nothing by itself. Called by `index`, which alone changes it.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate, chain
from math import isnan
from typing import Final, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from comity.airspace.earth import Floats
from comity.airspace.narrow import lateral
from comity.airspace.outline import volume_outline
from comity.airspace.sheets import SHEETS, Ints, project, sheets_at, squashes
from comity.airspace.sides import LOWER, SIDES, Facts, facts_of, places_of, sides_of_many
from comity.airspace.sketch import Drawing, Shapes, certain, drawn, ring_drawn, sketch_of
from comity.model.quantity import Position
from comity.model.volume import (
    Circle,
    Corridor,
    Footprint,
    HeightBand,
    Polygon,
    Uncertainty,
    Volume4D,
    Window,
    holes_of,
    rings_of,
)

__all__ = ["Columns"]

_GROWTH: Final = 1.25  # what is allocated ahead counts as memory too
_POINT_BYTES: Final = 16  # two doubles
_FEW: Final = 64  # rows: below it, plain Python sorts faster
_VERTICES_FIRST: Final = 1_024  # below it, gaps are not worth closing
_HEAD: Final = np.dtype(
    [("first", "i8"), ("squash", "f8"), ("margin_mm", "i8"), ("count", "i4"), ("sheet", "i4")]
)
_KEPT: Final = (Facts.LATERAL, Facts.VERTICAL, Facts.TIME, Facts.RADIUS)  # the rest is in `sides`


class Columns:
    """Rows of volumes; `sides` (rows, 8) and `margin_max_mm` may be read, nothing be written."""

    def __init__(self) -> None:
        """Start empty."""
        self.sides: Ints = np.zeros((0, SIDES), dtype=np.int64)
        self._facts: Ints = np.zeros((0, len(_KEPT)), dtype=np.int64)
        self._heads = np.zeros(0, dtype=_HEAD)
        self._serial: Ints = np.zeros(0, dtype=np.int64)
        self._places = np.zeros((0, 2), dtype=np.int32)
        self._drawn: Floats = np.zeros((1, 2))
        self._drawn_bytes = _bytes_of(self._drawn)
        # Of rows that are no plain ring: vertices of each ring, the outer first; of a line none.
        self._rings: dict[int, tuple[int, ...]] = {}
        self._free: list[int] = []
        self._rows = self._vertices = self._dropped = self._added = 0
        self.margin_max_mm = 0  # the widest that ever was
        self._again = False  # whether a row was used again: until then, rows are in order of age
        self._name_heads()

    def __len__(self) -> int:
        """How many volumes there are."""
        return self._rows - len(self._free)

    @property
    def nbytes(self) -> int:
        """Bytes of all columns."""
        kept = (self.sides, self._facts, self._heads, self._serial, self._places, self._drawn)
        return sum(column.nbytes for column in kept)

    def add(self, volumes: Sequence[Volume4D]) -> Ints:
        """Keep volumes; their rows, in the same order.

        Raises:
            Malformed: `too_wide`, as `outline.outline_of`; nothing is kept.
        """
        many = list(volumes)
        if not many:
            return np.zeros(0, dtype=np.int64)
        cores = [places_of(volume) for volume in many]
        counts = np.array([len(lat) for lat, _ in cores], dtype=np.int64)
        lat, lon = (_flat(core[axis] for core in cores) for axis in (0, 1))
        starts = np.cumsum(counts) - counts
        facts = facts_of(many)
        sides = sides_of_many(many, facts, lat, lon, starts)
        sheets = sheets_at(lat[starts], lon[starts])
        points = project(lat, lon, np.repeat(sheets, counts))
        rows = self._slots(len(many))
        first = self._room(len(lat))
        vertices = slice(first, first + len(lat))
        self._places[vertices, 0], self._places[vertices, 1] = lat, lon
        self._drawn[vertices] = points
        self.sides[rows] = sides
        self._sheet[rows], self._squash[rows] = sheets, squashes(points, starts)
        self._facts[rows] = facts[:, : len(_KEPT)]
        margins_mm = facts[:, Facts.LATERAL] + facts[:, Facts.RADIUS]
        self._margin_mm[rows] = margins_mm
        self.margin_max_mm = max(self.margin_max_mm, int(margins_mm.max()))
        self._first[rows], self._count[rows] = first + starts, counts
        for row, volume in zip(rows.tolist(), many, strict=True):
            place = volume.footprint
            if isinstance(place, Corridor):
                self._rings[row] = ()
            elif holes_of(place):
                self._rings[row] = rings_of(place)
        self._serial[rows] = np.arange(self._added, self._added + len(many))
        self._added += len(many)
        return rows

    def drop(self, row: int) -> None:
        """Let a row be used again."""
        self._free.append(row)
        self._rings.pop(row, None)
        self._count[row], count = 0, int(self._count[row])
        self._dropped += count
        if self._dropped > self._vertices // 2 and self._vertices > _VERTICES_FIRST:
            self._pack()

    def in_order(self, rows: list[int]) -> list[int]:
        """Rows in the order in which they were added, each once."""
        if len(rows) <= 1:
            return rows
        if not self._again:
            return sorted(set(rows))
        if len(rows) <= _FEW:
            return sorted(set(rows), key=self._serial.__getitem__)
        found = np.unique(np.array(rows, dtype=np.int64))
        return list(map(int, found[np.argsort(self._serial[found])].tolist()))

    def older_first(self, one: Ints, other: Ints) -> tuple[Ints, Ints]:
        """Of pairs of rows (n,) those whose first was added before the second, each pair once."""
        older = self._serial[one] < self._serial[other]
        pairs = np.unique(np.column_stack((one[older], other[older])), axis=0)
        order = np.lexsort((self._serial[pairs[:, 0]], self._serial[pairs[:, 1]]))
        return pairs[order, 0], pairs[order, 1]

    def near(self, one: Ints, other: Ints, limit_mm: int) -> NDArray[np.bool_]:
        """Whether the footprints of two rows each are within the limit, shape (n,): `lateral`'s."""
        if len(one) == 0:
            return np.zeros(0, dtype=np.bool_)
        sheets = self._sheet[one].astype(np.int64)
        here, here_squash = self.shapes(one, sheets)
        there, there_squash = self.shapes(other, sheets)
        reach_mm = self.margins_mm(one) + self.margins_mm(other) + limit_mm
        yes, unsure = certain(here, there, np.minimum(here_squash, there_squash), reach_mm)
        for at in unsure.tolist():
            a, b = (volume_outline(self.volume(int(rows[at]))) for rows in (one, other))
            yes[at] = lateral(a, b, limit_mm=limit_mm) is not None
        return yes

    def volume(self, row: int) -> Volume4D:
        """The very volume that was added."""
        first, count = int(self._first[row]), int(self._count[row])
        places = tuple(
            Position(lat_e7=lat, lon_e7=lon)
            for lat, lon in self._places[first : first + count].tolist()
        )
        lateral_mm, vertical_mm, time_us, radius_mm = self._facts[row].tolist()
        lower_mm, upper_mm, start_us, end_us = self.sides[row, LOWER:].tolist()
        return Volume4D(
            footprint=_footprint(places, self._rings.get(row, (count,)), radius_mm),
            heights=HeightBand(lower_mm=lower_mm + vertical_mm, upper_mm=upper_mm - vertical_mm),
            window=Window(start_us=start_us + time_us, end_us=end_us - time_us),
            uncertainty=Uncertainty(
                lateral_mm=lateral_mm, vertical_mm=vertical_mm, time_us=time_us
            ),
        )

    def margins_mm(self, rows: Ints) -> Ints:
        """Radius and lateral uncertainty together, shape as `rows`."""
        return np.asarray(self._margin_mm[rows])

    def drawings(self, rows: Iterable[int], sheet: int) -> list[Drawing]:
        """Some rows as drawn on one sheet, for `sketch.within_drawings`."""
        found: list[Drawing] = []
        head, points, shapes = self._heads.item, self._drawn_bytes, self._rings
        for row in rows:
            first, squash, margin_mm, count, own = head(row)
            if own != sheet or squash != squash:  # noqa: PLR0124 - NaN, without a call
                moved = sketch_of(self.volume(row), sheet)
                found.append((moved.drawing, moved.squash, moved.margin_mm))
                continue
            corners = points[first * _POINT_BYTES : (first + count) * _POINT_BYTES]
            if count > 1 and row not in shapes:
                found.append((ring_drawn(corners, count), squash, margin_mm))
                continue
            rings = shapes.get(row, (count,))
            found.append((drawn(corners, rings, is_open=not rings), squash, margin_mm))
        return found

    def shapes(self, rows: Ints, sheets: Ints) -> tuple[Shapes, Floats]:
        """Many rows, each drawn on the sheet beside it: shapes (n,) and squashes (n,), NaN if not.

        Rows may come more than once; a row is drawn once on each sheet.
        """
        pairs, back = np.unique(rows * SHEETS + sheets, return_inverse=True)
        row, sheet = pairs // SHEETS, pairs % SHEETS
        counts = self._count[row].astype(np.int64)
        ends = np.cumsum(counts)
        starts = ends - counts
        at = np.arange(int(ends[-1])) + np.repeat(self._first[row] - starts, counts)
        points = self._drawn[at]
        squash = self._squash[row]
        away = np.flatnonzero(self._sheet[row] != sheet)
        if len(away):
            moved = np.flatnonzero(np.repeat(self._sheet[row] != sheet, counts))
            places = self._places[at[moved]].astype(np.int64)
            on = np.repeat(sheet, counts)[moved]
            points[moved] = project(places[:, 0], places[:, 1], on)
            squash = squashes(points, starts)
        points[np.repeat(np.isnan(squash), counts)] = 0.0
        is_open = self._facts[row, Facts.RADIUS] > 0
        found = _built(points, starts, counts, is_open)
        if self._rings:
            for place, each in enumerate(row.tolist()):
                if (rings := self._rings.get(each)) and not isnan(squash[place]):
                    found[place] = _holed(points[starts[place] : ends[place]], rings)
        return found[back], squash[back]

    def _slots(self, count: int) -> Ints:
        """Free rows, used ones first."""
        used = min(count, len(self._free))
        again = [self._free.pop() for _ in range(used)]
        self._again = self._again or used > 0
        fresh = range(self._rows, self._rows + count - used)
        self._rows += count - used
        self.sides = _grown(self.sides, self._rows)
        self._facts, self._heads = _grown(self._facts, self._rows), _grown(self._heads, self._rows)
        self._serial = _grown(self._serial, self._rows)
        self._name_heads()
        return np.array([*again, *fresh], dtype=np.int64)

    def _name_heads(self) -> None:
        """Views of the columns that lie beside each other in memory, to be fetched at once."""
        names = ("first", "squash", "margin_mm", "count", "sheet")
        self._first, self._squash, self._margin_mm, self._count, self._sheet = (
            self._heads[name] for name in names
        )

    def _room(self, count: int) -> int:
        """Where so many new vertices start."""
        first = self._vertices
        self._vertices += count
        self._places = _grown(self._places, self._vertices)
        self._drawn = _grown(self._drawn, self._vertices)
        self._drawn_bytes = _bytes_of(self._drawn)
        return first

    def _pack(self) -> None:
        """Close the gaps that dropped rows left among the vertices."""
        live = np.flatnonzero(self._count[: self._rows])
        counts = self._count[live].astype(np.int64)
        starts = np.cumsum(counts) - counts
        self._vertices, self._dropped = int(counts.sum()), 0
        at = np.arange(self._vertices) + np.repeat(self._first[live] - starts, counts)
        self._places, self._drawn = self._places[at], self._drawn[at]
        self._drawn_bytes = _bytes_of(self._drawn)
        self._first[live] = starts


def _bytes_of(points: Floats) -> memoryview:
    """Points (n, 2) as bytes, of which a slice costs a tenth of the array's."""
    return points.data.cast("B") if len(points) else memoryview(b"")


Kept = TypeVar("Kept", np.void, np.int32, np.int64, np.float64)


def _grown(column: NDArray[Kept], rows: int) -> NDArray[Kept]:
    """A column that has room for so many rows; what is there stays."""
    if rows <= len(column):
        return column
    found = np.zeros((max(rows, int(len(column) * _GROWTH)), *column.shape[1:]), column.dtype)
    found[: len(column)] = column
    return found


def _flat(lists: Iterable[list[int]]) -> Ints:
    return np.fromiter(chain.from_iterable(lists), dtype=np.int64)


def _footprint(places: tuple[Position, ...], rings: tuple[int, ...], radius_mm: int) -> Footprint:
    """A polygon has no radius, and only a circle's is about one place."""
    if radius_mm == 0:
        ends = list(accumulate(rings))
        outer, *holes = (places[end - count : end] for end, count in zip(ends, rings, strict=True))
        return Polygon(vertices=outer, holes=tuple(holes))
    if len(places) == 1:
        return Circle(centre=places[0], radius_mm=radius_mm)
    return Corridor(vertices=places, half_width_mm=radius_mm)


def _built(points: Floats, starts: Ints, counts: Ints, is_open: NDArray[np.bool_]) -> Shapes:
    """Points for cores of one place; for the others lines if they are open, else polygons."""
    found = np.empty(len(counts), dtype=np.object_)
    single = counts == 1
    found[single] = shapely.points(points[starts[single]])
    for chosen, build in ((~single & is_open, _lines), (~single & ~is_open, _polygons)):
        rows = np.flatnonzero(chosen)
        if len(rows):
            number = np.repeat(np.arange(len(rows)), counts[rows])
            found[rows] = build(points[np.repeat(chosen, counts)], number)
    return found


def _holed(points: Floats, rings: tuple[int, ...]) -> shapely.Polygon:
    outer, *holes = np.split(points, np.cumsum(rings)[:-1])
    return shapely.Polygon(outer, holes)


def _lines(points: Floats, number: Ints) -> Shapes:
    return np.asarray(shapely.linestrings(points, indices=number), dtype=np.object_)


def _polygons(points: Floats, number: Ints) -> Shapes:
    rings = shapely.linearrings(points, indices=number)
    return np.asarray(shapely.polygons(rings), dtype=np.object_)
