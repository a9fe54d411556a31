"""The depth in polygon hazards: never less than the truth, and not much more."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from numpy.random import Generator, default_rng

from comity.airspace import brute, depth
from comity.airspace.depth import deepest_m
from comity.airspace.footprint import check
from comity.airspace.reach import distance_to_clear
from comity.model.fault import Malformed
from comity.model.volume import Polygon, margin_mm_of
from tests.airspace.samples import (
    bends,
    beyond,
    blob,
    circle,
    corridor,
    holed,
    path,
    pierced,
    place_on_earth,
    polygon,
)

LatLon = tuple[float, float]
SQUARE = polygon((0, 0), (0, 2), (2, 2), (2, 0))
KM_MM = 1_000_000


def _too_large(true_m: float, buffer_m: float = 0.0) -> float:
    """The most that a bound may be."""
    return true_m + max(50.0, (true_m + buffer_m) * 0.01)


def _depth_at_m(spot: LatLon, hazard: Polygon) -> float:
    """Distance from a point to the rim; 0 outside."""
    pin = brute._traces(circle(*spot, 1))
    inside = brute._covers(hazard, pin[0][0])
    return brute._to_edges_m(pin, brute._traces(hazard)) if inside else 0.0


def _convex_hazards(rng: Generator) -> Iterator[tuple[LatLon, float, Polygon]]:
    """Triangles and four-sided rings about a place, from 2 km to 1,000 km."""
    for corners in (3, 4, 3, 4, 3, 4, 3, 4):
        centre, size_m = place_on_earth(rng), 10 ** rng.uniform(3.3, 5.7)
        turned = rng.uniform(0, 360)
        azimuths = [turned + i * 360 / corners for i in range(corners)]
        yield centre, size_m, polygon(*(beyond(centre, az, size_m) for az in azimuths))


def test_a_point_is_as_deep_as_its_distance_to_the_rim_and_the_buffer() -> None:
    rng = default_rng(71)
    for centre, size_m, hazard in _convex_hazards(rng):
        check(hazard)
        for buffer_m in (0, round(size_m / 20)):
            spot = beyond(centre, rng.uniform(0, 360), size_m * rng.uniform(0, 0.45))
            true_m = _depth_at_m(spot, hazard) + buffer_m  # the rim of a convex ring moves out
            found_m = distance_to_clear(circle(*spot, 0.005), hazard, buffer_m * 1_000) / 1_000
            assert true_m <= found_m <= _too_large(true_m)


def _climbed_m(rng: Generator, presence: Polygon, hazard: Polygon, start: LatLon) -> float:
    """The depth of the deepest point that a random climb finds: a lower bound of the truth."""
    best_m, spot, step_m = _depth_at_m(start, hazard), start, 1e6
    while step_m > 10:
        for azimuth in rng.uniform(0, 360, 12):
            tried = beyond(spot, azimuth, step_m)
            if not brute._covers(presence, brute._traces(circle(*tried, 1))[0][0]):
                continue
            depth_m = _depth_at_m(tried, hazard)
            if depth_m > best_m:
                best_m, spot = depth_m, tried
                break
        else:
            step_m *= 0.7
    return best_m


def test_no_point_of_a_presence_is_deeper_and_one_is_nearly_as_deep() -> None:
    rng = default_rng(72)
    for centre, size_m, hazard in list(_convex_hazards(rng))[:4]:
        away = beyond(centre, rng.uniform(0, 360), size_m * 0.4)
        presence = polygon(*(beyond(away, az, size_m * 0.3) for az in (10, 130, 250)))
        check(presence)
        found_m = distance_to_clear(presence, hazard, 0) / 1_000
        climbed_m = _climbed_m(rng, presence, hazard, away)
        assert climbed_m <= found_m <= _too_large(climbed_m + 5)


def test_what_does_not_meet_has_no_depth() -> None:
    assert distance_to_clear(circle(3, 3, 10_000), SQUARE, 0) == 0
    assert distance_to_clear(circle(3, 1, 10_000), SQUARE, 100 * KM_MM) == 0
    assert distance_to_clear(circle(3, 1, 10_000), SQUARE, 110 * KM_MM) > 9 * KM_MM


def test_a_presence_over_the_whole_hazard_is_as_deep_as_its_middle() -> None:
    # Half of two degrees of longitude at 1 degree north; the meridian half is 110.57 km.
    found_m = distance_to_clear(circle(1, 1, 1_000_000), SQUARE, 0) / 1_000
    assert 110_550 <= found_m <= _too_large(110_600)
    assert distance_to_clear(SQUARE, SQUARE, 0) / 1_000 == pytest.approx(found_m, rel=0.01)


def test_a_bay_that_the_buffer_fills_is_no_way_out() -> None:
    # A square of 222 km with a slit of 2.2 km from the north to its middle.
    slit = polygon((0, 0), (2, 0), (2, 0.99), (1, 0.99), (1, 1.01), (2, 1.01), (2, 2), (0, 2))
    check(slit)
    beside = circle(1.3, 0.98, 10)
    free_m = distance_to_clear(beside, slit, 0) / 1_000
    assert free_m == pytest.approx(1_113, abs=70)  # one steps into the slit
    filled_m = distance_to_clear(beside, slit, 2 * KM_MM) / 1_000
    north_m = 0.7 * 110_600 + 2_000
    # The slit's mouth dents the buffer's rim by less than its width.
    assert north_m - 2_300 <= filled_m <= _too_large(north_m)


@pytest.mark.parametrize(
    ("hazard", "spot"),
    [
        (polygon((80, 0), (80, 90), (80, 180), (80, -90)), (89.0, 33.0)),
        (polygon((-1, 179), (-1, -179), (1, -179), (1, 179)), (0.2, -179.9)),
        (polygon((0, 0), (0, 40), (20, 38), (22, 2)), (10.0, 20.0)),
    ],
)
def test_poles_antimeridian_and_large_hazards(hazard: Polygon, spot: LatLon) -> None:
    check(hazard)
    true_m = _depth_at_m(spot, hazard)
    found_m = distance_to_clear(circle(*spot, 0.005), hazard, 0) / 1_000
    assert true_m <= found_m <= _too_large(true_m) + true_m * 0.02 * (true_m > 1_000_000)


def test_a_straight_corridor_is_left_across_it() -> None:
    """The half-width and the buffer, less the way from the line: exact for a straight line."""
    rng = default_rng(74)
    for _ in range(12):
        start, size_m = place_on_earth(rng), 10 ** rng.uniform(3, 5.7)
        half_m, buffer_m = round(size_m * rng.uniform(0.01, 0.3)), round(size_m * 0.02)
        line = corridor(half_m, start, beyond(start, rng.uniform(0, 360), size_m))
        spot = beyond(start, rng.uniform(0, 360), half_m * rng.uniform(0, 0.95))
        pin = circle(*spot, 0.005)
        true_m = buffer_m - brute.apart_m(pin, line)
        found_m = distance_to_clear(pin, line, buffer_m * 1_000) / 1_000
        assert true_m - 0.01 <= found_m <= _too_large(true_m, buffer_m + half_m)


def test_what_a_corridor_goes_around_is_no_way_out_once_it_is_covered() -> None:
    """In the middle of a loop that its own width covers, one is as deep as its outer rim."""
    ring = [beyond((35.0, 36.0), azimuth, 5_000) for azimuth in range(0, 361, 15)]
    middle = circle(35.0, 36.0, 1)
    assert distance_to_clear(middle, corridor(4_900, *ring), 0) == 0
    assert distance_to_clear(middle, corridor(4_900, *ring), 200_000) == pytest.approx(
        10_100_000, rel=0.02
    )
    found_m = distance_to_clear(middle, corridor(6_000, *ring), 0) / 1_000
    assert 11_000 <= found_m <= _too_large(11_000, 6_000)


def test_no_point_of_any_corridor_is_deeper_than_is_said() -> None:
    """Bent and crossing lines: the way out is never shorter than out of what is near one place."""
    rng = default_rng(75)
    for _ in range(10):
        line, _ = bends(rng)
        spot = line.vertices[int(rng.integers(len(line.vertices)))]  # type: ignore[union-attr]
        pin = circle(spot.lat_e7 / 1e7, spot.lon_e7 / 1e7, 0.005)
        found_m = distance_to_clear(pin, line, 0) / 1_000
        assert found_m >= margin_mm_of(line) / 1_000 - 0.01


def test_a_corridor_of_ones_own_is_as_deep_as_its_deepest_point() -> None:
    rng = default_rng(76)
    for centre, size_m, hazard in list(_convex_hazards(rng))[:5]:
        away = beyond(centre, rng.uniform(0, 360), size_m * 0.5)
        presence = path(rng, away, size_m * 0.3)
        half_m = presence.half_width_mm / 1_000
        places = [(v.lat_e7 / 1e7, v.lon_e7 / 1e7) for v in presence.vertices]
        tried = [beyond(spot, azimuth, half_m) for spot in places for azimuth in range(0, 360, 20)]
        deepest_m_ = max(_depth_at_m(spot, hazard) for spot in tried)
        found_m = distance_to_clear(presence, hazard, 0) / 1_000
        assert found_m >= deepest_m_
        # No point of it is farther from a vertex than half the longest edge and the half-width.
        longest_m = max(_apart_m(a, b) for a, b in pairwise(places))
        assert found_m <= _too_large(deepest_m_ + longest_m / 2, half_m)


def _apart_m(one: LatLon, other: LatLon) -> float:
    return brute.apart_m(circle(*one, 0.001), circle(*other, 0.001))


def test_a_hole_is_a_way_out_until_the_buffer_fills_it() -> None:
    # A square of 222 km with a hole of 44 km in its middle.
    hole = polygon((0.8, 0.8), (0.8, 1.2), (1.2, 1.2), (1.2, 0.8))
    hazard = holed(SQUARE, hole)
    check(hazard)
    beside = circle(1.0, 0.7, 10)
    true_m = 0.1 * 111_300  # a tenth of a degree of longitude, to the hole
    assert distance_to_clear(beside, hazard, 0) / 1_000 == pytest.approx(true_m, abs=120)
    narrowed_m = distance_to_clear(beside, hazard, 10 * KM_MM) / 1_000
    assert narrowed_m == pytest.approx(true_m + 10_000, rel=0.01)
    filled_m = distance_to_clear(beside, hazard, 25 * KM_MM) / 1_000
    assert filled_m == pytest.approx(0.7 * 111_300 + 25_000, rel=0.01)
    assert distance_to_clear(circle(1.0, 1.0, 10_000), hazard, 0) == 0


def test_no_point_of_a_pierced_area_is_deeper_than_is_said() -> None:
    rng = default_rng(77)
    tried = 0
    while tried < 12:  # bounded by chance
        centre, size_m = place_on_earth(rng), 10 ** rng.uniform(3.3, 5.7)
        hazard = pierced(rng, centre, size_m)
        spot = beyond(centre, rng.uniform(0, 360), size_m * rng.uniform(0, 0.8))
        try:
            check(hazard)
        except Malformed:
            continue
        if not (true_m := _depth_at_m(spot, hazard)):
            continue
        found_m = distance_to_clear(circle(*spot, 0.005), hazard, 0) / 1_000
        assert true_m <= found_m <= _too_large(true_m)
        tried += 1


def test_more_buffer_or_a_larger_presence_is_never_shallower() -> None:
    rng = default_rng(73)
    hazard = blob(rng, (35, 36), 60_000, 9)
    depths_m = [
        deepest_m(circle(35.1, 36.1, radius_m), hazard, buffer_m)
        for radius_m, buffer_m in ((100, 0), (100, 5_000), (20_000, 5_000), (20_000, 20_000))
    ]
    for less_m, more_m in pairwise(depths_m):
        assert more_m >= less_m * 0.99 - 50


def test_a_search_that_grows_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(depth, "_CELLS_MAX", 10)
    with pytest.raises(Malformed) as caught:
        distance_to_clear(SQUARE, SQUARE, 0)
    assert caught.value.code == "too_intricate"


def test_half_a_globe_is_not_drawn() -> None:
    with pytest.raises(Malformed) as caught:
        depth._stretch(1.1e7)
    assert caught.value.code == "too_wide"
