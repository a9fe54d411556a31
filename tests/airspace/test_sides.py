"""The quick boxes hold what the careful ones hold, and little more."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng

from comity.airspace.boxes import SortedBoxes
from comity.airspace.broad import TURN_E7, Box4D, box, boxes_meet
from comity.airspace.clearance import NO_CLEARANCE, Clearance, assess
from comity.airspace.sheets import Ints
from comity.airspace.sides import (
    NORTH,
    SOUTH,
    WEST,
    WIDTH,
    Sides,
    facts_of,
    places_of,
    sides_of,
    sides_of_many,
    widened,
)
from comity.model.quantity import LAT_E7_MAX, degrees
from comity.model.volume import Circle, Footprint, Polygon, Volume4D
from tests.airspace.many import crowd, pair
from tests.airspace.samples import NOON_US, at, beyond, circle, footprints, polygon, touches, volume

seeds = st.integers(0, 2**32 - 1)
ORDINARY = (
    polygon((35, 36), (35, 36.1), (35.1, 36.1), (35.1, 36)),
    polygon((-60, 0), (-60, 9), (-51, 5)),
    polygon((-3, -3), (2, -2), (-1, 4)),
    circle(69, -170, 400_000),
)
ODD = (
    polygon((0, 179.5), (0, -179.5), (1, 180)),
    polygon((80, 0), (80, 90), (80, 180), (80, -90)),
    circle(-89.9, 0, 50_000),
    circle(0, 0, 2_000_000),
    polygon((40, 0), (40, 30), (50, 15)),
)


def _many(volumes: list[Volume4D]) -> Ints:
    cores = [places_of(each) for each in volumes]
    lat, lon = (np.array([v for core in cores for v in core[axis]]) for axis in (0, 1))
    counts = np.array([len(core[0]) for core in cores])
    return sides_of_many(volumes, facts_of(volumes), lat, lon, np.cumsum(counts) - counts)


def _careful(one: Volume4D, clearance: Clearance = NO_CLEARANCE) -> Sides:
    whole = box(one, clearance)
    return (
        *(whole.south_e7, whole.north_e7, whole.west_e7, whole.width_e7),
        *(whole.lower_mm, whole.upper_mm, whole.start_us, whole.end_us),
    )


def _excess(sides: Sequence[int], careful: Sequence[int]) -> list[int]:
    """By how much the sides reach beyond the careful ones, south, north, west and east."""
    west = (careful[WEST] - sides[WEST] + TURN_E7 // 2) % TURN_E7 - TURN_E7 // 2
    if sides[WIDTH] >= TURN_E7:
        west = max(west, 0)
    east = sides[WIDTH] - careful[WIDTH] - west
    return [careful[SOUTH] - sides[SOUTH], sides[NORTH] - careful[NORTH], west, east]


@pytest.mark.parametrize("place", [*ORDINARY, *ODD])
@pytest.mark.parametrize("lateral_mm", [0, 10_000_000, 1_000_000_000])
def test_they_hold_the_careful_ones(place: Footprint, lateral_mm: int) -> None:
    one = volume(place, spread=(3_000_000, 5, 7))
    clearance = Clearance(lateral_mm=lateral_mm, vertical_mm=11, time_us=13)
    careful, quick = _careful(one, clearance), sides_of(one, clearance)
    spread: list[int] = widened(_many([one]), clearance)[0].tolist()
    assert min(_excess(quick, careful)) >= -3  # rounding, far within the slack of both
    assert quick[4:] == careful[4:] == tuple(spread[4:])
    assert abs(np.array(_many([one])[0]) - sides_of(one)).max() <= 2
    reach_m = (3_000_000 + lateral_mm) / 1_000
    whole = _box(spread)
    assert [spot for spot in _rim(place, reach_m) if not boxes_meet(whole, spot)] == []


def _rim(place: Footprint, reach_m: float) -> list[Box4D]:
    """Places that far away from a circle's rim or a ring's corners, as boxes of all heights."""
    core, out_m = (place.vertices, reach_m) if isinstance(place, Polygon) else ((), reach_m)
    if isinstance(place, Circle):
        core, out_m = (place.centre,), reach_m + place.radius_mm / 1_000
    found = []
    for corner in core:
        here = (degrees(corner.lat_e7), degrees(corner.lon_e7))
        for azimuth in range(0, 360, 3):
            spot = at(*beyond(here, azimuth, out_m))
            sides = (spot.lat_e7, spot.lat_e7, spot.lon_e7, 0, 0, 0, NOON_US, NOON_US)
            found.append(_box(sides))
    return found


def _box(sides: Sequence[int]) -> Box4D:
    return Box4D(**dict(zip(Box4D.__slots__, sides, strict=True)))


def test_ordinary_ones_are_tight() -> None:
    square = volume(ORDINARY[0])
    assert max(_excess(sides_of(square), _careful(square))) < 1_500  # 15 m of 10 km
    disc = volume(ORDINARY[3])
    assert max(_excess(sides_of(disc), _careful(disc))) < 10


def test_a_clearance_that_reaches_a_pole_spans_all_longitudes() -> None:
    near = _many([volume(circle(89.5, 50, 1_000))])
    around = widened(near, Clearance(lateral_mm=60_000_000))[0].tolist()
    assert (around[NORTH], around[WEST], around[WIDTH]) == (LAT_E7_MAX, -TURN_E7 // 2, TURN_E7)
    assert widened(near, Clearance(lateral_mm=1_000_000))[0, WIDTH] < TURN_E7 // 10


@given(seeds)
def test_no_pair_within_a_clearance_is_told_apart(seed: int) -> None:
    rng = default_rng(seed)
    one, other = footprints(rng) if rng.random() < 0.5 else pair(rng)
    clearance = Clearance(lateral_mm=int(rng.choice([0, 1, 10**6, 10**9])))
    a, b = volume(one, spread=(int(rng.integers(0, 10**6)), 2, 2)), volume(other)
    if assess(a, b, clearance) is None:
        return
    assert _touch(sides_of(a, clearance), b)
    assert _touch(sides_of(b, clearance), a)
    south, north, west, width, lower, upper, start, end = widened(_many([b]), clearance)[0].tolist()
    assert _touch((south, north, west, width, lower, upper, start, end), a)


def test_touching_volumes_touch() -> None:
    for case in touches():
        assert _touch(sides_of(case.a), case.b)


def _touch(asked: Sides, kept: Volume4D) -> bool:
    boxes = SortedBoxes()
    boxes.add(np.array([0]), _many([kept]))
    return boxes.touching(asked) == [0]


def test_many_are_as_one_by_one() -> None:
    volumes = crowd(5, 500)
    apart = np.abs(_many(volumes) - np.array([sides_of(each) for each in volumes]))
    assert apart.max() <= 2  # rounding of the last place, either way
