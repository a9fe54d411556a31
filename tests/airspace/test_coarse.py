"""The coarse question against plain sets of S2's cell ids and plain ranges."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.random import default_rng

from comity.airspace.boxes import Boxes, SortedBoxes, TreeBoxes
from comity.airspace.cells import covering
from comity.airspace.coarse import Whole, asked_of, coarsely_meet, whole_of
from comity.airspace.earth import Floats
from comity.airspace.index import Index
from comity.airspace.sides import sides_of, touch
from comity.model.fault import Malformed
from comity.model.volume import Polygon, Volume4D
from tests.airspace.many import crowd
from tests.airspace.samples import HOUR_US, circle, polygon, volume
from tests.airspace.test_cells import ids_of, s2_ids

KINDS: list[Callable[[], Boxes]] = [TreeBoxes, SortedBoxes]
PLACES: list[Floats] = [
    np.array([0.0, 0.0, 1.0]),
    np.array([-1.0, 0.0, 0.0]),
    np.array([0.6, 0.0, 0.8]),
    np.array([1.0, 1.0, 1.0]) / np.sqrt(3),  # where three faces of S2's cube meet
]


def _activities(seed: int, count: int, around: Floats) -> dict[str, list[Volume4D]]:
    """Of one to four volumes each, near one place: parts at other times, heights and places."""
    rng = default_rng(seed)
    volumes = iter(crowd(seed, 4 * count, around=around))
    return {
        f"{seed}/{number}": [next(volumes) for _ in range(int(rng.integers(1, 5)))]
        for number in range(count)
    }


def _cells(parts: list[Volume4D]) -> set[int]:
    """S2's own ids where S2 can say; with margins our own, which `test_cells` judges."""
    return {
        id_
        for each in parts
        for id_ in (
            s2_ids(each.footprint)
            if isinstance(each.footprint, Polygon) and each.uncertainty.lateral_mm == 0
            else ids_of(covering(each.footprint, each.uncertainty.lateral_mm))
        )
    }


def _ranges(parts: list[Volume4D]) -> tuple[int, int, int, int]:
    return (
        min(p.heights.lower_mm - p.uncertainty.vertical_mm for p in parts),
        max(p.heights.upper_mm + p.uncertainty.vertical_mm for p in parts),
        min(p.window.start_us - p.uncertainty.time_us for p in parts),
        max(p.window.end_us + p.uncertainty.time_us for p in parts),
    )


def _overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    apart = (one[0] > other[1], one[1] < other[0], one[2] > other[3], one[3] < other[2])
    return not any(apart)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("around", range(len(PLACES)))
def test_an_index_finds_what_sets_of_cells_say(make: Callable[[], Boxes], around: int) -> None:
    kept = _activities(around, 120, PLACES[around])
    index = Index[tuple[str, int]](
        (((name, at), part) for name, parts in kept.items() for at, part in enumerate(parts)),
        boxes=make(),
    )
    wholes = {name: whole_of(parts) for name, parts in kept.items()}
    cells = {name: (_cells(parts), _ranges(parts)) for name, parts in kept.items()}
    found = 0
    for parts in _activities(40 + around, 25, PLACES[around]).values():
        ids, ranges = _cells(parts), _ranges(parts)
        expected = {n for n, (c, r) in cells.items() if _overlap(ranges, r) and c & ids}
        said = index.sharing_cell(parts, lambda key: key[0], wholes.__getitem__)
        assert len(said) == len(set(said))
        assert set(said) == expected
        found += len(expected)
    assert found > 50


def test_every_whole_that_shares_a_cell_touches_a_box_that_is_asked() -> None:
    """For whoever keeps the boxes of wholes elsewhere, and knows nothing of their margins."""
    shared = 0
    for around in PLACES:
        one, other = (list(_activities(n, 60, around).values()) for n in (7, 8))
        wholes = [whole_of(parts) for parts in other]
        for asking in one:
            boxes, asked = asked_of(asking), whole_of(asking)
            for parts, whole in zip(other, wholes, strict=True):
                if not coarsely_meet(asked, whole):
                    continue
                lower, upper, start, end = _ranges(parts)
                sides = [(*sides_of(each)[:4], lower, upper, start, end) for each in parts]
                assert any(touch(box, each) for box in boxes for each in sides)
                shared += 1
    assert shared > 50


def test_it_is_the_whole_that_counts() -> None:
    """Parts that are here early and there late coarsely meet what is here late."""
    here, there = circle(48, 9, 500), circle(49, 9, 500)
    early, late = (0, HOUR_US), (5 * HOUR_US, 6 * HOUR_US)
    moving = [volume(here, window_us=early), volume(there, window_us=late)]
    index = Index[int](enumerate(moving))
    wholes = {"moving": whole_of(moving)}

    def asked(candidate: Volume4D) -> tuple[str, ...]:
        return index.sharing_cell([candidate], lambda _: "moving", wholes.__getitem__)

    assert asked(volume(here, window_us=late)) == ("moving",)
    assert asked(volume(there, window_us=early)) == ("moving",)
    assert index.near(volume(here, window_us=late)) == ()
    assert asked(volume(circle(48.5, 9, 500), window_us=late)) == ()
    beside = [volume(circle(48.005 + step / 1_000, 9, 1), window_us=early) for step in range(15)]
    said = [asked(each) for each in beside]  # from 50 m off to 1.6 km: at first in the same cells
    assert [index.near(each) for each in beside] == [()] * len(beside)
    assert said[0] == ("moving",)
    assert said[-1] == ()
    assert index.sharing_cell([volume(here, window_us=(-9, -8))], lambda _: 0, _never) == ()


def _never(_: int) -> Whole:
    return whole_of([volume(circle(0, 0, 1))])


def test_ranges_are_closed() -> None:
    place = polygon((48, 9), (48, 9.01), (48.01, 9))
    one = whole_of([volume(place, heights_mm=(0, 10), window_us=(0, 10))])
    for heights_mm, window_us, met in (
        ((10, 20), (10, 20), True),
        ((-5, 0), (-5, 0), True),
        ((11, 20), (0, 10), False),
        ((-5, -1), (0, 10), False),
        ((0, 10), (11, 20), False),
        ((0, 10), (-5, -1), False),
    ):
        other = volume(place, heights_mm=heights_mm, window_us=window_us)
        assert coarsely_meet(one, whole_of([other])) is met
        assert coarsely_meet(whole_of([other]), one) is met
        nearly = replace(other, uncertainty=replace(other.uncertainty, vertical_mm=1, time_us=1))
        assert coarsely_meet(one, whole_of([nearly]))


def test_an_activity_has_a_volume_and_fits() -> None:
    index = Index[int]([(1, volume(circle(48, 9, 5)))])
    wide = volume(circle(48, 9, 400_000))
    for volumes, code in (([], "no_area"), ([wide], "too_many_cells")):
        with pytest.raises(Malformed) as caught:
            index.sharing_cell(volumes, lambda key: key, _never)
        assert caught.value.code == code
