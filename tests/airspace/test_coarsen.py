"""A caution is coarser outward: whatever meets the true volume meets the coarse one."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng

from comity.airspace.coarsen import HEIGHT_STEP_MM, coarsened
from comity.airspace.footprint import check
from comity.airspace.narrow import meets
from comity.model.fault import Malformed
from comity.model.volume import (
    HEIGHT_MM_MIN,
    WINDOW_US_MAX,
    Circle,
    HeightBand,
    Polygon,
    Uncertainty,
    Volume4D,
    Window,
)
from tests.airspace.samples import at, beyond, circle, footprints, polygon, volume

CELL, HOUR_US = 10_000_000, 3_600_000_000
seeds = st.integers(0, 2**32 - 1)
uncertain = st.builds(
    Uncertainty,
    lateral_mm=st.integers(0, 50_000_000),
    vertical_mm=st.integers(0, 2_000_000),
    time_us=st.integers(0, 2 * HOUR_US),
)


def coarse(fine: Volume4D, cell_e7: int = CELL) -> Volume4D:
    return coarsened(fine, cell_e7=cell_e7, window_us=HOUR_US)


@given(seeds, uncertain, st.sampled_from((1_000_000, CELL, 30_000_000)))
def test_no_conflict_is_lost(seed: int, uncertainty: Uncertainty, cell_e7: int) -> None:
    """A volume and a neighbour that touches it: made near a pole, the antimeridian, anywhere."""
    one, other = footprints(default_rng(seed))
    fine = replace(volume(one), uncertainty=uncertainty)
    try:
        wide = coarse(fine, cell_e7)
    except Malformed as no:
        if no.code != "cannot_coarsen":
            raise
        return
    check(wide.footprint)
    assert wide.uncertainty == Uncertainty()
    assert meets(fine, wide)
    neighbour = volume(other)
    if meets(fine, neighbour):
        assert meets(wide, neighbour)


@pytest.mark.parametrize("lat", [-74.9, -35.2, 0.0, 35.5, 60.1, 74.2, 88.0, -90.0])
@pytest.mark.parametrize("lon", [-180.0, -0.1, 35.7, 179.95])
def test_every_point_of_the_rim_is_inside(lat: float, lon: float) -> None:
    fine = volume(circle(lat, lon, 60_000))
    wide = coarse(fine)
    check(wide.footprint)
    for azimuth in range(0, 360, 10):
        rim = Circle(centre=at(*beyond((lat, lon), azimuth, 60_000)), radius_mm=10)
        assert meets(volume(rim), wide)


def test_an_area_within_one_cell_tells_the_cell_and_nothing_more() -> None:
    """Two activities anywhere in the same cell look the same."""
    one, other = (coarse(volume(circle(lat, 35.4, 9_000))) for lat in (35.3, 35.7))
    assert one == other
    assert isinstance(one.footprint, Polygon)
    assert {(v.lat_e7, v.lon_e7) for v in one.footprint.vertices} == {
        (350_000_000, 350_000_000),
        (350_000_000, 360_000_000),
        (360_000_000, 350_000_000),
        (360_000_000, 360_000_000),
    }


def test_heights_and_times_become_whole_steps_outward() -> None:
    fine = replace(
        volume(circle(35.5, 35.5, 1_000)),
        heights=HeightBand(lower_mm=-1, upper_mm=3_000_001),
        window=Window(start_us=HOUR_US * 500_000 + 1, end_us=HOUR_US * 500_001 + 1),
    )
    wide = coarse(fine)
    assert wide.heights == HeightBand(lower_mm=-HEIGHT_STEP_MM, upper_mm=2 * HEIGHT_STEP_MM)
    assert wide.window == Window(start_us=HOUR_US * 500_000, end_us=HOUR_US * 500_002)
    deep = replace(fine, heights=HeightBand(lower_mm=HEIGHT_MM_MIN, upper_mm=0))
    assert coarse(deep).heights.lower_mm == HEIGHT_MM_MIN


def test_what_is_already_whole_is_not_made_wider() -> None:
    wide = coarse(volume(circle(35.5, 35.5, 1_000)))
    again = coarse(wide)
    assert again.heights == wide.heights
    assert again.window == wide.window


def test_what_has_no_coarser_form_is_refused() -> None:
    year = Window(start_us=HOUR_US * 500_000 + 1, end_us=HOUR_US * 500_000 + 1 + WINDOW_US_MAX)
    with pytest.raises(Malformed) as caught:
        coarse(replace(volume(circle(0, 0, 1_000)), window=year))
    assert caught.value.code == "cannot_coarsen"
    with pytest.raises(Malformed) as caught:
        coarse(volume(circle(0, 0, 2_500_000)))
    assert caught.value.code == "cannot_coarsen"


def test_a_coarse_box_has_few_corners() -> None:
    wide = coarse(volume(polygon((30.0, 20.0), (30.0, 45.0), (40.0, 30.0))))
    assert isinstance(wide.footprint, Polygon)
    assert len(wide.footprint.vertices) < 70
