"""How close two volumes come: against the oracle, and at the edges of a clearance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng

from comity.airspace import brute
from comity.airspace.clearance import (
    CLEARANCE_LATERAL_MM_MAX,
    NO_CLEARANCE,
    Approach,
    Clearance,
    assess,
)
from comity.airspace.narrow import meets
from comity.model.fault import Malformed
from comity.model.volume import WINDOW_US_MAX, Window
from tests.airspace.samples import (
    HOUR_US,
    NOON_US,
    circle,
    footprints,
    polygon,
    volume,
)

FAR = Clearance(lateral_mm=CLEARANCE_LATERAL_MM_MAX)
DAY_US = 24 * HOUR_US
seeds = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize("seed", range(3))
def test_the_distance_is_the_oracles_and_never_more(seed: int) -> None:
    rng = default_rng(seed + 50)
    seen = 0
    for _ in range(60):
        one, other = footprints(rng)
        true_m = brute.apart_m(one, other)
        margin_mm = int(rng.integers(0, 10_000))
        found = assess(volume(one, spread=(margin_mm, 0, 0)), volume(other), FAR)
        true_mm = max(0.0, true_m * 1_000 - margin_mm)
        if found is None:
            assert true_mm > CLEARANCE_LATERAL_MM_MAX
            continue
        seen += 1
        assert -0.001 <= true_mm - found.closest_mm <= 3
        assert found.meets == (found.closest_mm == 0)
    assert seen > 45


@given(seeds)
def test_assess_and_meets_never_disagree(seed: int) -> None:
    rng = default_rng(seed)
    one, other = footprints(rng)
    spread = (int(rng.integers(0, 10**7)), 0, 0)
    a, b = volume(one, spread=spread), volume(other)
    found = assess(a, b, FAR)
    assert meets(a, b) == (found is not None and found.meets)
    assert (assess(a, b) is not None) == meets(a, b)
    assert assess(b, a, FAR) == found


def test_each_dimension_must_be_within_its_clearance() -> None:
    here = volume(circle(35, 36, 1_000), heights_mm=(0, 1_000), window_us=(0, 1_000))
    away = volume(circle(35, 36.1, 1_000), heights_mm=(1_500, 2_000), window_us=(1_800, 3_000))
    exact = assess(here, away, Clearance(lateral_mm=10**8, vertical_mm=10**6, time_us=10**6))
    assert exact is not None
    assert not exact.meets
    assert (exact.vertical_gap_mm, exact.time_gap_us) == (500, 800)
    assert exact.overlap_window is None
    apart_mm = exact.closest_mm
    assert apart_mm == pytest.approx((brute.apart_m(here.footprint, away.footprint)) * 1_000, abs=3)
    enough = Clearance(lateral_mm=apart_mm, vertical_mm=500, time_us=800)
    assert assess(here, away, enough) == exact
    for lateral_mm, vertical_mm, time_us in (
        (apart_mm - 1, 500, 800),
        (apart_mm, 499, 800),
        (apart_mm, 500, 799),
    ):
        less = Clearance(lateral_mm=lateral_mm, vertical_mm=vertical_mm, time_us=time_us)
        assert assess(here, away, less) is None


def test_meeting_in_plan_only_is_no_meeting_but_may_be_too_close() -> None:
    square = polygon((0, 0), (0, 1), (1, 1), (1, 0))
    low, high = volume(square), volume(square, heights_mm=(1_000_001, 2_000_000))
    assert assess(low, high) is None
    found = assess(low, high, Clearance(vertical_mm=1))
    assert found is not None
    assert (found.meets, found.closest_mm, found.vertical_gap_mm) == (False, 0, 1)
    assert found.overlap_window == low.window


def _overlap(a_us: tuple[int, int], b_us: tuple[int, int], spread_us: int = 0) -> Window | None:
    place = circle(0, 0, 10)
    found = assess(
        volume(place, window_us=a_us, spread=(0, 0, spread_us)),
        volume(place, window_us=b_us, spread=(0, 0, spread_us)),
    )
    assert found is not None
    return found.overlap_window


@pytest.mark.parametrize(
    ("a_us", "b_us", "spread_us", "common_us"),
    [
        ((0, 10), (5, 20), 0, (5, 10)),
        ((0, 10), (10, 20), 0, (10, 10)),
        ((0, 10), (5, 20), 2, (3, 12)),
        ((0, 10), (12, 20), 1, (11, 11)),
        ((0, 10), (0, 10), 5, (0, 10)),
        ((0, 0), (9, 9), 9, (0, 9)),
    ],
)
def test_the_common_window_is_that_of_the_widened_windows_within_the_stated_ones(
    a_us: tuple[int, int], b_us: tuple[int, int], spread_us: int, common_us: tuple[int, int]
) -> None:
    start_us, end_us = common_us
    common = Window(start_us=NOON_US + start_us, end_us=NOON_US + end_us)
    assert _overlap(a_us, b_us, spread_us) == common
    assert _overlap(b_us, a_us, spread_us) == common


def test_the_longest_windows_still_have_a_common_one() -> None:
    common = _overlap((0, WINDOW_US_MAX), (DAY_US, WINDOW_US_MAX + DAY_US), DAY_US)
    assert common == Window(start_us=NOON_US, end_us=NOON_US + WINDOW_US_MAX)


@pytest.mark.parametrize(
    ("lateral_mm", "vertical_mm", "time_us"),
    [(-1, 0, 0), (0, -1, 0), (0, 0, -1), (CLEARANCE_LATERAL_MM_MAX + 1, 0, 0), (0, 10**9, 0)],
)
def test_absurd_clearances_are_refused(lateral_mm: int, vertical_mm: int, time_us: int) -> None:
    with pytest.raises(Malformed) as caught:
        Clearance(lateral_mm=lateral_mm, vertical_mm=vertical_mm, time_us=time_us)
    assert caught.value.code == "bad_clearance"


def test_no_clearance_means_meeting_only() -> None:
    assert Clearance() == NO_CLEARANCE
    found = assess(volume(circle(90, 0, 5_000)), volume(circle(89.95, 77, 600)))
    assert isinstance(found, Approach)
    assert found.meets
    assert assess(volume(circle(90, 0, 5_000)), volume(circle(89.95, 77, 500))) is None
