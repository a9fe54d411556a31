"""Both ways to keep boxes answer as a comparison with every box does, whatever came and went."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.random import Generator, default_rng

from comity.airspace.boxes import HAS_TREE, Boxes, SortedBoxes, TreeBoxes, best_boxes
from comity.airspace.broad import TURN_E7, Box4D, boxes_meet
from comity.airspace.sides import Sides
from comity.model.fault import Fault

KINDS: list[Callable[[], Boxes]] = [TreeBoxes, SortedBoxes]
DEGREE = 10_000_000
HALF = TURN_E7 // 2


def _box(sides: Sides) -> Box4D:
    return Box4D(**dict(zip(Box4D.__slots__, sides, strict=True)))


def _random(rng: Generator) -> Sides:
    """On a coarse grid, so that sides often coincide; near the antimeridian; some all around."""
    south, lower, start = (int(rng.integers(0, 8)) for _ in range(3))
    west = int(rng.choice([-180, -179, -1, 0, 1, 178, 179])) * DEGREE
    width = int(rng.choice([0, 1, 2, 360])) * DEGREE
    tall, high, long = (int(rng.integers(0, 3)) for _ in range(3))
    west = -HALF if width == TURN_E7 else west
    origin_us = 1_800_000_000_000_000
    return (
        *(south * DEGREE, (south + tall) * DEGREE, west, width),
        *(lower, lower + high, origin_us + start, origin_us + start + long),
    )


def _expected(kept: dict[int, Box4D], asked: Box4D) -> set[int]:
    return {row for row, each in kept.items() if boxes_meet(each, asked)}


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("seed", range(4))
def test_every_search_is_complete_and_exact(make: Callable[[], Boxes], seed: int) -> None:
    rng = default_rng(seed)
    boxes, kept = make(), dict[int, Sides]()
    compared = dict[int, Box4D]()
    sizes = (0, 400, 1, 2_000, 30, 1_200)
    for size in sizes:
        rows = len(kept) + 10_000 * len(sizes) + np.arange(size)
        fresh = {int(row): _random(rng) for row in rows if int(row) not in kept}
        boxes.add(
            np.array(list(fresh), dtype=np.int64),
            np.array(list(fresh.values()), dtype=np.int64).reshape(-1, 8),
        )
        kept |= fresh
        compared |= {row: _box(sides) for row, sides in fresh.items()}
        for row in [row for row in kept if rng.random() < 0.2]:
            boxes.drop(row, kept.pop(row))
            del compared[row]
        if size == 30:
            boxes.load(np.array(list(kept)), np.array(list(kept.values())))
        asked = [_random(rng) for _ in range(25)]
        expected = [_expected(compared, _box(each)) for each in asked]
        assert [set(boxes.touching(each)) for each in asked] == expected
        number, rows = boxes.touching_many(np.array(asked))
        assert [set(rows[number == at].tolist()) for at in range(len(asked))] == expected
    assert len(kept) > 1_000


@pytest.mark.parametrize("make", KINDS)
def test_boxes_are_closed_on_every_side(make: Callable[[], Boxes]) -> None:
    boxes = make()
    boxes.add(np.array([7]), np.array([(0, 10, 0, 10, 0, 10, 0, 10)]))
    for low, met in ((10, True), (11, False), (-5, True), (-6, False)):
        high = low + 5
        assert (boxes.touching((low, high, 0, 5, 0, 5, 0, 5)) == [7]) is met
        assert (boxes.touching((0, 5, low, 5, 0, 5, 0, 5)) == [7]) is met
        assert (boxes.touching((0, 5, 0, 5, low, high, 0, 5)) == [7]) is met
        assert (boxes.touching((0, 5, 0, 5, 0, 5, low, high)) == [7]) is met


@pytest.mark.parametrize("make", KINDS)
def test_what_ends_on_the_antimeridian_touches_what_begins_there(
    make: Callable[[], Boxes],
) -> None:
    west, east, over = (0, 1, HALF - 5, 5), (0, 1, -HALF, 5), (0, 1, HALF - 5, 10)
    for one in (west, east, over):
        boxes = make()
        boxes.add(np.array([1]), np.array([(*one, 0, 1, 0, 1)]))
        for south, north, lon, width in (west, east, over):
            assert set(boxes.touching((south, north, lon, width, 0, 1, 0, 1))) == {1}
        assert boxes.touching((0, 1, 0, 5, 0, 1, 0, 1)) == []


@pytest.mark.parametrize("make", KINDS)
def test_what_was_never_kept_cannot_be_dropped(make: Callable[[], Boxes]) -> None:
    with pytest.raises(Fault):
        make().drop(1, (0, 1, 0, 1, 0, 1, 0, 1))


def test_the_best_that_is_installed_is_used() -> None:
    assert isinstance(best_boxes(), TreeBoxes if HAS_TREE else SortedBoxes)


@pytest.mark.parametrize("make", KINDS)
def test_what_comes_after_packing_is_taken(make: Callable[[], Boxes]) -> None:
    """Sizes at which rstar packs branches of different depth, and panics on later insertions."""
    rng = default_rng(12)
    for size in (25, 47, 300, 5_000):
        boxes, rows = make(), np.arange(size + 600)
        places = rng.integers(-(10**8), 10**8, len(rows))
        sides = np.zeros((len(rows), 8), dtype=np.int64)
        sides[:, 0] = sides[:, 1] = places
        sides[:, 6] = sides[:, 7] = rows  # in the order of their windows, as declarations come
        boxes.load(rows[:size], sides[:size])
        for first in range(size, len(rows), 100):
            boxes.add(rows[first : first + 100], sides[first : first + 100])
        everywhere = (-(10**8), 10**8, -HALF, TURN_E7, 0, 0, 0, len(rows))
        assert set(boxes.touching(everywhere)) == set(rows.tolist())
        for row in rows.tolist()[::2]:
            south, north, west, width, lower, upper, start, end = sides[row].tolist()
            boxes.drop(row, (south, north, west, width, lower, upper, start, end))
        assert set(boxes.touching(everywhere)) == set(rows.tolist()[1::2])
