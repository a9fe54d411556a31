"""The one entry: everything is found, nothing is cut off, each neighbour has its own clearance."""

from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng

from comity.airspace.clearance import NO_CLEARANCE, Clearance, assess
from comity.airspace.find import find
from tests.airspace.samples import beyond, circle, footprints, shape, volume

NEAR = Clearance(lateral_mm=20_000_000)


def test_every_neighbour_that_meets_is_found_in_the_order_given() -> None:
    candidate = volume(circle(35, 36, 1_000))
    neighbours = [(key, volume(circle(35, 36 + key / 1e5, 1_000))) for key in range(1_000)]
    found = find(candidate, neighbours, lambda _: NO_CLEARANCE)
    assert [each.key for each in found] == list(range(1_000))
    assert all(each.approach.meets for each in found)


def test_each_neighbour_has_its_own_clearance() -> None:
    candidate = volume(circle(35, 36, 1_000))
    away = volume(circle(35, 36.1, 1_000))  # 7.1 km between the rims
    agreed = {"near": NEAR, "none": NO_CLEARANCE}
    asked = []

    def clearance_for(key: str) -> Clearance:
        asked.append(key)
        return agreed[key]

    found = find(candidate, [("none", away), ("near", away), ("none", candidate)], clearance_for)
    assert [each.key for each in found] == ["near", "none"]
    assert [each.approach.meets for each in found] == [False, True]
    assert asked == ["none", "near", "none"]


def test_no_neighbours_no_findings() -> None:
    assert find(volume(circle(0, 0, 1)), (), lambda _: NEAR) == ()


@settings(max_examples=50)
@given(st.integers(0, 2**32 - 1))
def test_find_is_assess_for_each(seed: int) -> None:
    rng = default_rng(seed)
    candidate = volume(footprints(rng, largest_m=100_000.0)[0])
    around = (float(rng.uniform(-90, 90)), float(rng.uniform(-180, 180)))
    spots = [beyond(around, rng.uniform(0, 360), rng.uniform(0, 60_000)) for _ in range(6)]
    neighbours = [(key, volume(shape(rng, spot, 20_000))) for key, spot in enumerate(spots)]
    neighbours += [(6, candidate), (7, neighbours[0][1])]
    _, first = neighbours[0]
    found = find(first, neighbours, lambda key: NEAR if key % 2 else NO_CLEARANCE)
    expected = [
        (key, approach)
        for key, other in neighbours
        for approach in [assess(first, other, NEAR if key % 2 else NO_CLEARANCE)]
        if approach is not None
    ]
    assert [(each.key, each.approach) for each in found] == expected
    assert {0, 7} <= {each.key for each in found}
