"""The index finds what `find` finds among the same volumes, however it came to hold them."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.random import default_rng

from comity.airspace.boxes import Boxes, SortedBoxes, TreeBoxes
from comity.airspace.clearance import NO_CLEARANCE, Clearance, assess
from comity.airspace.find import find
from comity.airspace.index import Index
from comity.model.fault import Malformed
from comity.model.volume import Footprint, Volume4D
from tests.airspace.many import crowd
from tests.airspace.samples import HOUR_US, circle, polygon, volume

KINDS: list[Callable[[], Boxes]] = [TreeBoxes, SortedBoxes]
WIDE = Clearance(lateral_mm=5_556_000, vertical_mm=914_400, time_us=180_000_000)
ODD = [None, np.array([0.0, 0.0, 1.0]), np.array([-1.0, 0.0, 0.0]), np.array([0.6, 0.0, 0.8])]


def _agreed(key: int) -> Clearance:
    return WIDE if key % 2 else NO_CLEARANCE


def _held(make: Callable[[], Boxes], volumes: list[Volume4D]) -> Index[int]:
    """Inserted in lots and one by one, a third removed, some of those inserted again."""
    index = Index[int](boxes=make())
    lot = len(volumes) // 2
    index.insert_many(enumerate(volumes[:lot]))
    for key in range(0, lot, 3):
        index.remove(key)
    index.insert_many(list(enumerate(volumes))[lot:-5])
    for key in range(len(volumes) - 5, len(volumes)):
        index.insert(key, volumes[key])
    for key in range(0, lot, 6):
        index.insert(key, volumes[key])
    return index


def _oldest_first(index: Index[int], volumes: list[Volume4D]) -> list[tuple[int, Volume4D]]:
    lot = len(volumes) // 2
    order = [*(k for k in range(len(volumes)) if k >= lot or k % 3), *range(0, lot, 6)]
    assert sorted(order) == [key for key in range(len(volumes)) if key in index]
    return [(key, volumes[key]) for key in order]


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("around", range(len(ODD)))
def test_it_finds_what_a_look_at_every_volume_finds(make: Callable[[], Boxes], around: int) -> None:
    volumes = crowd(around, 600 if around else 1_500, around=ODD[around])
    index = _held(make, volumes)
    everything = _oldest_first(index, volumes)
    asked = crowd(50 + around, 12, around=ODD[around])
    found = 0
    for candidate in asked:
        expected = find(candidate, everything, _agreed)
        assert index.find(candidate, _agreed, widest=WIDE) == expected
        for clearance in (NO_CLEARANCE, WIDE):
            near = [k for k, v in everything if assess(candidate, v, clearance) is not None]
            assert list(index.near(candidate, clearance)) == near
            assert set(near) <= set(index.search(candidate, clearance))
        found += len(expected)
    assert found > 0 or around == 0


@pytest.mark.parametrize("make", KINDS)
def test_all_pairs_are_found_once(make: Callable[[], Boxes]) -> None:
    volumes = crowd(9, 250, around=ODD[2])
    index = _held(make, volumes)
    everything = _oldest_first(index, volumes)
    for clearance in (NO_CLEARANCE, WIDE):
        expected = {
            (a, b)
            for at, (b, later) in enumerate(everything)
            for a, earlier in everything[:at]
            if assess(earlier, later, clearance) is not None
        }
        pairs = index.pairs(clearance)
        assert len(pairs) == len(set(pairs))
        assert set(pairs) == expected
        assert len(expected) > 5


@pytest.mark.parametrize("make", KINDS)
def test_many_in_one_place_are_decided_together(make: Callable[[], Boxes]) -> None:
    rng = default_rng(1)
    place: list[Footprint] = [circle(35 + rng.uniform(0, 0.2), 36, 5_000) for _ in range(300)]
    place += [polygon((35, 36), (35, 36.1), (35 + 0.001 * k, 36.05)) for k in range(1, 100)]
    index = Index[int](enumerate(map(volume, place)), boxes=make())
    for candidate in (volume(circle(35.1, 36.05, 3_000)), volume(circle(35.1, 36, 2_400_000))):
        near = [k for k, p in enumerate(place) if assess(candidate, volume(p)) is not None]
        assert list(index.near(candidate)) == near
        assert len(near) > 100


@pytest.mark.parametrize("make", KINDS)
def test_it_keeps_the_very_volumes(make: Callable[[], Boxes]) -> None:
    volumes = [*crowd(4, 3_000), volume(circle(90, 0, 2_000_000), spread=(9, 8, 7))]
    index = Index[int](enumerate(volumes), boxes=make())
    for key in range(0, len(volumes), 2):
        index.remove(key)  # enough that the columns are packed
    index.insert_many((key, volumes[key]) for key in range(0, len(volumes), 4))
    kept = [key for key in range(len(volumes)) if key % 2 or key % 4 == 0]
    assert len(index) == len(kept)
    assert [index.volume(key) for key in kept] == [volumes[key] for key in kept]


def test_touching_is_found_in_every_dimension() -> None:
    index = Index[str]([("here", volume(circle(0, 0, 10)))])
    touching = volume(circle(0, 0, 10), heights_mm=(1_000_000, 2_000_000))
    later = volume(circle(0, 0, 10), window_us=(HOUR_US, HOUR_US))
    above = volume(circle(0, 0, 10), heights_mm=(1_000_001, 2_000_000))
    too_late = volume(circle(0, 0, 10), window_us=(HOUR_US + 1, 2 * HOUR_US))
    assert index.near(touching) == index.near(later) == ("here",)
    assert index.search(above) == index.search(too_late) == ()
    assert index.near(above, Clearance(vertical_mm=1)) == ("here",)
    assert index.near(too_late, Clearance(time_us=1)) == ("here",)


def test_what_it_cannot_do_is_refused_and_changes_nothing() -> None:
    one, wide = volume(circle(0, 0, 10)), volume(polygon((0, 0), (0, 120), (80, 60)))
    index = Index[int]([(1, one)])
    for refused, code in (
        (lambda: index.insert(1, one), "duplicate_key"),
        (lambda: index.insert_many([(2, one), (2, one)]), "duplicate_key"),
        (lambda: index.insert_many([(2, one), (3, wide)]), "too_wide"),
        (lambda: index.remove(2), "unknown_key"),
        (lambda: index.find(one, lambda _: WIDE, widest=NO_CLEARANCE), "bad_clearance"),
        (lambda: index.near(wide), "too_wide"),
    ):
        with pytest.raises(Malformed) as caught:
            refused()
        assert caught.value.code == code
        assert (len(index), index.near(one)) == (1, (1,))
    assert Index[int]().near(one) == ()
    assert Index[int]().pairs() == ()


def test_an_octagon_costs_less_than_a_kilobyte() -> None:
    """Counted in a process of its own: tree, columns, keys, all that the system gave for them."""
    script = """
import ctypes
import numpy as np
from dataclasses import replace
from comity.airspace import Index, Window
from tests.airspace.samples import polygon, volume
turns, rng = np.arange(8) * np.pi / 4, np.random.default_rng(1)
places = [(float(rng.uniform(-60, 60)), float(rng.uniform(-170, 170))) for _ in range(500)]
octagons = [
    volume(polygon(*((lat + 0.1 * np.sin(t), lon + 0.1 * np.cos(t)) for t in turns)))
    for lat, lon in places
]
def volumes(first, count):
    for key in range(first, first + count):
        start_us = 1_800_000_000_000_000 + key * 1_000_000
        window = Window(start_us=start_us, end_us=start_us + 3_600_000_000)
        yield key, replace(octagons[key % 500], window=window)
def resident():
    ctypes.CDLL(None).malloc_trim(0)  # what the allocator keeps for later is not the index's
    return int(open("/proc/self/statm").read().split()[1]) * 4096
index = Index(volumes(0, 5_000))
before = resident()
for first in range(5_000, 105_000, 1_000):
    index.insert_many(volumes(first, 1_000))
print((resident() - before) / 100_000)
"""
    run = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        cwd=Path(__file__).parents[2],
    )
    assert float(run.stdout) < 1_000
