"""Volumes: each limit at n and n + 1, and nothing but integers."""

from collections.abc import Callable

import pytest

from comity.model.fault import Malformed
from comity.model.quantity import Position
from comity.model.volume import (
    HEIGHT_MM_MAX,
    HEIGHT_MM_MIN,
    RADIUS_MM_MAX,
    UNCERTAINTY_MM_MAX,
    UNCERTAINTY_US_MAX,
    VERTICES_MAX,
    WINDOW_US_MAX,
    Circle,
    Corridor,
    HeightBand,
    Polygon,
    Uncertainty,
    Window,
)
from tests.model.samples import INSTANT_US_MAX, INSTANT_US_MIN, NOON_US
from tests.model.saying_no import says_no

HERE = Position(lat_e7=0, lon_e7=0)

Build = Callable[[int], object]

LIMITS: list[tuple[str, Build, int, int, str]] = [
    ("vertices, least", lambda n: Polygon(vertices=(HERE,) * n), 3, 2, "bad_polygon"),
    (
        "vertices, most",
        lambda n: Polygon(vertices=(HERE,) * n),
        VERTICES_MAX,
        VERTICES_MAX + 1,
        "too_many_vertices",
    ),
    ("radius, least", lambda n: Circle(centre=HERE, radius_mm=n), 1, 0, "bad_radius"),
    (
        "radius, most",
        lambda n: Circle(centre=HERE, radius_mm=n),
        RADIUS_MM_MAX,
        RADIUS_MM_MAX + 1,
        "bad_radius",
    ),
    (
        "line, least",
        lambda n: Corridor(vertices=(HERE,) * n, half_width_mm=1),
        2,
        1,
        "bad_line",
    ),
    (
        "line, most",
        lambda n: Corridor(vertices=(HERE,) * n, half_width_mm=1),
        VERTICES_MAX,
        VERTICES_MAX + 1,
        "too_many_vertices",
    ),
    (
        "half-width, least",
        lambda n: Corridor(vertices=(HERE, HERE), half_width_mm=n),
        1,
        0,
        "bad_radius",
    ),
    (
        "half-width, most",
        lambda n: Corridor(vertices=(HERE, HERE), half_width_mm=n),
        RADIUS_MM_MAX,
        RADIUS_MM_MAX + 1,
        "bad_radius",
    ),
    (
        "depth",
        lambda n: HeightBand(lower_mm=n, upper_mm=0),
        HEIGHT_MM_MIN,
        HEIGHT_MM_MIN - 1,
        "bad_height",
    ),
    (
        "height",
        lambda n: HeightBand(lower_mm=0, upper_mm=n),
        HEIGHT_MM_MAX,
        HEIGHT_MM_MAX + 1,
        "bad_height",
    ),
    ("band", lambda n: HeightBand(lower_mm=n, upper_mm=5), 5, 6, "inverted_band"),
    (
        "earliest start",
        lambda n: Window(start_us=n, end_us=INSTANT_US_MIN + 9),
        INSTANT_US_MIN,
        INSTANT_US_MIN - 1,
        "bad_time",
    ),
    (
        "latest end",
        lambda n: Window(start_us=INSTANT_US_MAX - 9, end_us=n),
        INSTANT_US_MAX,
        INSTANT_US_MAX + 1,
        "bad_time",
    ),
    (
        "window",
        lambda n: Window(start_us=NOON_US, end_us=n),
        NOON_US,
        NOON_US - 1,
        "inverted_window",
    ),
    (
        "window, longest",
        lambda n: Window(start_us=NOON_US, end_us=NOON_US + n),
        WINDOW_US_MAX,
        WINDOW_US_MAX + 1,
        "window_too_long",
    ),
    (
        "lateral uncertainty",
        lambda n: Uncertainty(lateral_mm=n),
        UNCERTAINTY_MM_MAX,
        UNCERTAINTY_MM_MAX + 1,
        "bad_uncertainty",
    ),
    (
        "vertical uncertainty",
        lambda n: Uncertainty(vertical_mm=n),
        UNCERTAINTY_MM_MAX,
        UNCERTAINTY_MM_MAX + 1,
        "bad_uncertainty",
    ),
    (
        "uncertainty of time",
        lambda n: Uncertainty(time_us=n),
        UNCERTAINTY_US_MAX,
        UNCERTAINTY_US_MAX + 1,
        "bad_uncertainty",
    ),
    ("uncertainty", lambda n: Uncertainty(lateral_mm=n), 0, -1, "bad_uncertainty"),
]


@pytest.mark.parametrize(
    ("build", "good", "bad", "code"),
    [case[1:] for case in LIMITS],
    ids=[case[0] for case in LIMITS],
)
def test_each_limit_holds_on_both_sides(build: Build, good: int, bad: int, code: str) -> None:
    build(good)
    with says_no(code):
        build(bad)


@pytest.mark.parametrize(
    "build",
    [
        lambda n: Circle(centre=HERE, radius_mm=n),
        lambda n: HeightBand(lower_mm=n, upper_mm=n),
        lambda n: Window(start_us=n, end_us=n),
        lambda n: Uncertainty(time_us=n),
    ],
)
@pytest.mark.parametrize("number", [float(NOON_US), True, None])
def test_only_integers_are_hashed(build: Build, number: int) -> None:
    with pytest.raises((Malformed, TypeError)) as caught:
        build(number)
    assert isinstance(caught.value, Malformed)
