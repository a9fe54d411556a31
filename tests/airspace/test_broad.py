"""Boxes hold what they must, over poles and antimeridian, and never reject what meets."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng

from comity.airspace.broad import TURN_E7, Box4D, box, boxes_meet
from comity.airspace.clearance import Clearance, assess
from comity.airspace.earth import normals_of, position_of
from comity.model.quantity import LAT_E7_MAX, Position
from comity.model.volume import Circle, Footprint, Volume4D, margin_mm_of
from tests.airspace.samples import at, beyond, circle, edges, footprints, polygon, touches, volume

DEGREE = 10_000_000
seeds = st.integers(0, 2**32 - 1)


def _holds(one: Box4D, place: Position) -> bool:
    within = (place.lon_e7 - one.west_e7) % TURN_E7 <= one.width_e7
    return one.south_e7 <= place.lat_e7 <= one.north_e7 and within


def _samples(place: Footprint, reach_m: float) -> list[Position]:
    """Points of a footprint's rim, and points `reach_m` away from it."""
    if isinstance(place, Circle):
        centre = (place.centre.lat_e7 / DEGREE, place.centre.lon_e7 / DEGREE)
        out_m = place.radius_mm / 1_000 + reach_m
        return [at(*beyond(centre, azimuth, out_m)) for azimuth in range(0, 360, 5)]
    reach_m += margin_mm_of(place) / 1_000
    found = []
    for start, end in map(normals_of, edges(place)):
        for share in np.linspace(0, 1, 9):
            spot = (1 - share) * start + share * end
            position = position_of(spot / np.linalg.norm(spot))
            found.append(position)
            here = (position.lat_e7 / DEGREE, position.lon_e7 / DEGREE)
            found += [at(*beyond(here, azimuth, reach_m)) for azimuth in (0, 90, 180, 270, 45)]
    return found


def _narrower(one: Box4D) -> Box4D:
    """A box without the bulge of edges and the reach, as a careless one would be."""
    return replace(
        one, north_e7=one.north_e7 - (one.north_e7 - one.south_e7) // 50 - 2, width_e7=one.width_e7
    )


def _escapes(change: Callable[[Box4D], Box4D]) -> int:
    """How many sampled points of 60 random volumes lie outside their boxes."""
    rng = default_rng(61)
    outside = 0
    for _ in range(60):
        place, _ = footprints(rng)
        reach_m = float(rng.choice([0.0, 10.0, 50_000.0, 900_000.0]))
        whole = change(box(volume(place), Clearance(lateral_mm=round(reach_m * 1_000))))
        # The samples themselves are rounded to the grid: a step of leeway.
        leeway = replace(
            whole,
            south_e7=whole.south_e7 - 1,
            north_e7=whole.north_e7 + 1,
            west_e7=whole.west_e7 - 1,
            width_e7=whole.width_e7 + 2,
        )
        outside += sum(not _holds(leeway, spot) for spot in _samples(place, reach_m))
    return outside


def test_a_box_holds_its_volume_and_all_within_the_clearance() -> None:
    assert _escapes(lambda whole: whole) == 0


def test_the_check_sees_a_box_that_is_too_small() -> None:
    assert _escapes(_narrower) > 100


@given(seeds)
def test_boxes_never_reject_what_meets_or_comes_too_close(seed: int) -> None:
    rng = default_rng(seed)
    one, other = footprints(rng)
    clearance = Clearance(
        lateral_mm=int(rng.choice([0, 1, 10**6, 10**9])), vertical_mm=5, time_us=5
    )
    a = volume(one, spread=(int(rng.integers(0, 10**6)), 2, 2))
    b = volume(other, heights_mm=(1_000_007, 2_000_000), window_us=(3_600_000_006, 3_700_000_000))
    if assess(a, b, clearance) is not None:
        assert boxes_meet(box(a, clearance), box(b))
        assert boxes_meet(box(b), box(a, clearance))
        assert boxes_meet(box(a), box(b, clearance))


def test_boxes_of_touching_volumes_meet() -> None:
    for case in touches():
        assert boxes_meet(box(case.a), box(case.b))


def _plain(place: Footprint, lateral_mm: int = 0) -> Box4D:
    return box(volume(place), Clearance(lateral_mm=lateral_mm))


def test_an_edge_bulges_toward_the_pole() -> None:
    north = _plain(polygon((60, 0), (60, 30), (50, 15)))
    assert north.north_e7 > 608_000_000  # the great circle's apex is at 60.86 degrees
    assert north.north_e7 < 630_000_000
    south = _plain(polygon((-60, 0), (-60, 30), (-50, 15)))
    assert (south.south_e7, south.north_e7) == (-north.north_e7, -north.south_e7)


def test_small_boxes_are_tight() -> None:
    square = _plain(polygon((35, 36), (35, 36.1), (35.1, 36.1), (35.1, 36)))
    assert -200 < square.south_e7 - 35 * DEGREE <= 0
    assert 0 <= square.north_e7 - 351_000_000 < 700  # the bulge of 10 km is 4 m
    assert -200 < square.west_e7 - 36 * DEGREE <= 0
    assert 0 <= square.width_e7 - 1_000_000 < 400


@pytest.mark.parametrize("lon", [179.9, -179.9, 0.0])
def test_the_antimeridian_is_an_ordinary_place(lon: float) -> None:
    whole = _plain(polygon((0, lon - 0.5), (0, lon + 0.5), (1, lon)))
    assert whole.width_e7 < 1.01 * DEGREE
    assert -180 * DEGREE <= whole.west_e7 < 180 * DEGREE
    assert _holds(whole, at(0.5, lon))
    assert not _holds(whole, at(0.5, lon + 0.6))
    assert boxes_meet(whole, _plain(circle(0.5, lon + 0.4, 10)))
    assert boxes_meet(_plain(circle(0.5, lon + 0.4, 10)), whole)
    assert not boxes_meet(whole, _plain(circle(0.5, lon + 0.6, 10)))
    assert not boxes_meet(_plain(circle(0.5, lon + 0.6, 10)), whole)


@pytest.mark.parametrize(
    "place",
    [
        polygon((80, 0), (80, 90), (80, 180), (80, -90)),  # around the pole
        polygon((80, 0), (80, -90), (80, 180), (80, 90)),  # the other turn
        polygon((90, 0), (80, 0), (80, 10)),  # a vertex on it
        polygon((85, 0), (85, 180), (80, 90)),  # an edge over it
        circle(89.9, 50, 12_000),  # a circle over it
    ],
)
def test_what_holds_a_pole_spans_all_longitudes(place: Footprint) -> None:
    north = _plain(place)
    assert (north.north_e7, north.width_e7) == (LAT_E7_MAX, TURN_E7)
    assert north.south_e7 > 79 * DEGREE
    assert boxes_meet(north, _plain(circle(89.99, -123, 10)))


def test_the_south_pole_is_held_as_well() -> None:
    south = _plain(polygon((-80, 0), (-80, 90), (-80, 180), (-80, -90)))
    assert (south.south_e7, south.width_e7) == (-LAT_E7_MAX, TURN_E7)
    assert south.north_e7 < -79 * DEGREE


def test_a_clearance_that_reaches_a_pole_spans_all_longitudes() -> None:
    near = circle(89.5, 50, 1_000)
    assert _plain(near).width_e7 < 10 * DEGREE
    assert _plain(near, 60_000_000).width_e7 == TURN_E7


def test_heights_and_times_are_widened_and_closed() -> None:
    a = volume(circle(0, 0, 10), heights_mm=(0, 10), window_us=(0, 10), spread=(0, 1, 2))

    def other(height_mm: int, time_us: int) -> Volume4D:
        heights_mm, window_us = (height_mm, height_mm), (time_us, time_us)
        return volume(circle(0, 0, 10), heights_mm=heights_mm, window_us=window_us)

    whole = box(a, Clearance(vertical_mm=4, time_us=5))
    for height_mm, time_us, met in (
        (15, 17, True),
        (16, 17, False),
        (15, 18, False),
        (-5, -7, True),
        (-6, -7, False),
        (-5, -8, False),
    ):
        assert boxes_meet(whole, box(other(height_mm, time_us))) is met
        assert boxes_meet(box(other(height_mm, time_us)), whole) is met
