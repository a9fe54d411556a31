"""A snapped volume holds the true one: what meets it meets the snapped one, which tells no more."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng

from comity.airspace.footprint import check
from comity.airspace.narrow import meets
from comity.airspace.snap import STEP_MM, is_on_grid, snapped
from comity.model.fault import Malformed
from comity.model.quantity import LAT_E7_MAX, LON_E7_MAX
from comity.model.volume import (
    Circle,
    Footprint,
    HeightBand,
    Polygon,
    Uncertainty,
    Volume4D,
    Window,
    margin_mm_of,
    places_of,
)
from tests.airspace.samples import (
    NOON_US,
    at,
    beyond,
    circle,
    corridor,
    footprints,
    holed,
    polygon,
    volume,
)

GRID = 100_000
GRIDS = st.sampled_from((10_000, GRID, 333_333, 1_000_000, 7_000_000, 10_000_000))
seeds = st.integers(0, 2**32 - 1)
uncertain = st.builds(
    Uncertainty,
    lateral_mm=st.integers(0, 50_000_000),
    vertical_mm=st.integers(0, 2_000_000),
    time_us=st.integers(0, 7_200_000_000),
)


@given(seeds, uncertain, GRIDS)
def test_no_conflict_is_lost(seed: int, uncertainty: Uncertainty, grid_e7: int) -> None:
    """A volume and a neighbour that touches it: made near a pole, the antimeridian, anywhere."""
    one, other = footprints(default_rng(seed))
    fine = replace(volume(one), uncertainty=uncertainty)
    try:
        wide = snapped(fine, grid_e7)
    except Malformed as no:
        if no.code != "cannot_coarsen":
            raise
        return
    check(wide.footprint)
    assert is_on_grid(wide, grid_e7)
    assert meets(fine, wide)
    neighbour = volume(other)
    if meets(fine, neighbour):
        assert meets(wide, neighbour)


@given(seeds, GRIDS)
def test_every_corner_and_edge_is_inside(seed: int, grid_e7: int) -> None:
    """Pins on the rim of the true shape, each 2 cm wide, meet the snapped one."""
    fine, _ = footprints(default_rng(seed), 200_000.0)
    wide = snapped(volume(fine), grid_e7)
    for spot in rim(fine):
        assert meets(volume(Circle(centre=at(*spot), radius_mm=10)), wide)


def rim(shape: Footprint) -> list[tuple[float, float]]:
    spots = [(v.lat_e7 / 1e7, v.lon_e7 / 1e7) for v in places_of(shape)]
    if isinstance(shape, Polygon):
        return spots
    reach_m = margin_mm_of(shape) / 1e3
    return [beyond(spot, azimuth, reach_m) for spot in spots for azimuth in range(0, 360, 30)]


@given(
    st.floats(-0.49, 0.49, allow_subnormal=False),
    st.floats(-0.49, 0.49, allow_subnormal=False),
    st.sampled_from([(35.5, 35.7), (-60.0, 179.99), (0.0, 0.0)]),
)
def test_it_tells_the_cell_and_nothing_more(
    north: float, east: float, place: tuple[float, float]
) -> None:
    """Two hospitals anywhere in one cell look the same, and so do two routes."""
    moved = (place[0] + north / 100, place[1] + east / 100)
    one, other = (snapped(volume(circle(*spot, 300)), GRID) for spot in (place, moved))
    assert one == other
    corners = [(place[0] + a, place[1] + b) for a, b in ((0, 0), (0, 0.2), (0.3, 0.1))]
    shifted = [(lat + north / 100, lon + east / 100) for lat, lon in corners]
    both = [snapped(volume(polygon(*ring)), GRID) for ring in (corners, shifted)]
    assert both[0] == both[1]


def test_a_circle_stays_one_and_its_radius_is_whole_steps() -> None:
    wide = snapped(volume(circle(35.5012, 35.7049, 200), spread=(50_000, 0, 0)), GRID)
    assert wide.footprint == circle(35.5, 35.7, 1_100)  # 200 + 50 + 790 m, upward
    assert wide.uncertainty == Uncertainty()


def test_a_route_keeps_its_shape_and_states_a_margin() -> None:
    route = polygon((35.501, 35.701), (35.899, 36.101), (35.911, 36.098), (35.513, 35.698))
    wide = snapped(volume(route), GRID)
    assert wide.footprint == polygon((35.5, 35.7), (35.9, 36.1), (35.91, 36.1), (35.51, 35.7))
    assert wide.uncertainty == Uncertainty(lateral_mm=900_000)  # 814 m, upward


def test_a_hole_is_filled() -> None:
    ring, hole = (
        polygon(
            (35.5 - r, 35.5 - r), (35.5 - r, 35.5 + r), (35.5 + r, 35.5 + r), (35.5 + r, 35.5 - r)
        )
        for r in (0.2, 0.1)
    )
    assert snapped(volume(holed(ring, hole)), GRID) == snapped(volume(ring), GRID)
    fine = polygon((35.5, 35.5), (35.501, 35.5), (35.5, 35.51))
    assert is_on_grid(volume(holed(ring, hole)), GRID)
    assert not is_on_grid(volume(holed(ring, fine)), GRID)


def test_a_corridor_keeps_its_line_and_takes_all_into_its_half_width() -> None:
    line = corridor(2_000, (35.501, 35.701), (35.502, 35.702), (35.899, 36.101), (35.501, 35.701))
    wide = snapped(volume(line, spread=(50_000, 0, 0)), GRID)
    # 2,000 + 50 + 814 m, upward; two vertices in one cell become one, and the line still returns.
    assert wide.footprint == corridor(2_900, (35.5, 35.7), (35.9, 36.1), (35.5, 35.7))
    assert wide.uncertainty == Uncertainty()


@pytest.mark.parametrize(
    "shape",
    [
        corridor(5, (35.501, 35.701), (35.502, 35.701)),  # one point of the grid
        corridor(100_000, (0, 0), (0, 30)),  # an edge of 30 degrees
        polygon((35.501, 35.701), (35.502, 35.701), (35.502, 35.702)),  # one point of the grid
        polygon((35.501, 35.701), (35.501, 35.801), (35.504, 35.801)),  # one line of it
        polygon((0, 0), (0, 30), (20, 15)),  # edges of 30 degrees
    ],
)
def test_what_would_be_no_ring_or_line_becomes_a_circle_around_it(shape: Footprint) -> None:
    wide = snapped(volume(shape), GRID)
    assert isinstance(wide.footprint, Circle)
    assert is_on_grid(wide, GRID)
    for spot in rim(shape):
        assert meets(volume(circle(*spot, 0.01)), wide)


def test_heights_and_times_are_made_wider_by_what_was_uncertain() -> None:
    fine = volume(circle(35.5, 35.5, 2_000), heights_mm=(-1, 1), spread=(0, 99_999, 5))
    wide = snapped(fine, GRID)
    assert wide.heights == HeightBand(lower_mm=-STEP_MM, upper_mm=STEP_MM)
    assert wide.window == Window(start_us=fine.window.start_us - 5, end_us=fine.window.end_us + 5)
    assert fine.window.start_us == NOON_US


@pytest.mark.parametrize(
    ("lat", "lon", "where"),
    [
        (35.5, 35.7, "on"),
        (35.51, -179.99, "on"),
        (35.505, 35.7, "off"),
        (35.5, 35.7000001, "off"),
        (90.0, 180.0, "on"),
        (-90.0, -180.0, "on"),
    ],
)
def test_what_is_finer_than_the_grid_is_known(lat: float, lon: float, where: str) -> None:
    on = where == "on"
    assert is_on_grid(volume(circle(lat, lon, 2_000)), GRID) is on
    assert is_on_grid(volume(polygon((35, 35), (35, 36), (lat, lon))), GRID) is on


def test_the_ends_of_the_globe_are_of_every_grid() -> None:
    """7,000,000 divides neither 90 nor 180 degrees."""
    wide = snapped(volume(circle(89.9, 179.9, 2_000)), 7_000_000)
    assert isinstance(wide.footprint, Circle)
    assert wide.footprint.centre.lat_e7 in {LAT_E7_MAX, 896_000_000}
    assert wide.footprint.centre.lon_e7 in {LON_E7_MAX, 1_799_000_000}


def test_what_would_be_too_wide_is_refused() -> None:
    with pytest.raises(Malformed) as caught:
        snapped(volume(circle(0, 0, 2_500_000)), GRID)
    assert caught.value.code == "cannot_coarsen"


def test_a_window_that_uncertainty_makes_too_long_is_refused() -> None:
    long = Volume4D(
        footprint=circle(35.5, 35.5, 2_000),
        heights=HeightBand(lower_mm=0, upper_mm=1),
        window=Window(start_us=NOON_US, end_us=NOON_US + 400 * 86_400_000_000),
        uncertainty=Uncertainty(time_us=1),
    )
    with pytest.raises(Malformed) as caught:
        snapped(long, GRID)
    assert caught.value.code == "window_too_long"
