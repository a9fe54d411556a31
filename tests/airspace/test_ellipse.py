"""The polygon holds the ellipse and is held by a slightly larger one, anywhere on earth."""

from math import atan2, cos, degrees, hypot, inf, nan, pi, sin

import pytest
from numpy.random import default_rng

from comity.airspace import brute
from comity.airspace.ellipse import ellipse
from comity.airspace.footprint import check
from comity.airspace.geodesic import line
from comity.model.fault import Malformed
from comity.model.volume import Circle
from tests.airspace.samples import at, beyond, place_on_earth


def on_rim(
    centre: tuple[float, float], axes_m: tuple[float, float], rotation: float, turn: float
) -> tuple[float, float]:
    """The point of the ellipse at a parameter, by a geodesic from its centre."""
    along_m, across_m = axes_m[0] * cos(turn), axes_m[1] * sin(turn)
    return beyond(centre, rotation + degrees(atan2(across_m, along_m)), hypot(along_m, across_m))


def share(
    centre: tuple[float, float],
    axes_m: tuple[float, float],
    rotation: float,
    spot: tuple[float, float],
) -> float:
    """How far out a place is: 1 on the ellipse of these axes."""
    length_m, azimuth = line(centre, spot)
    angle = (azimuth - rotation) * pi / 180
    return hypot(length_m * cos(angle) / axes_m[0], length_m * sin(angle) / axes_m[1])


def test_every_point_of_the_rim_is_inside_and_no_corner_is_far_out() -> None:
    rng = default_rng(91)
    for _ in range(40):
        place, rotation = place_on_earth(rng), float(rng.uniform(-720, 720))
        centre = (round(place[0], 7), round(place[1], 7))
        major_m = float(10 ** rng.uniform(0.5, 6))
        minor_m = float(max(1.0, major_m * 10 ** rng.uniform(-2, 0)))
        axes_m = (major_m, minor_m)
        found = ellipse(centre, major_m, minor_m, rotation)
        check(found)
        assert len(found.vertices) == 64
        for turn in rng.uniform(0, 2 * pi, 12).tolist():
            pin = Circle(centre=at(*on_rim(centre, axes_m, rotation, turn)), radius_mm=1)
            assert brute.apart_m(pin, found) <= 0
        pad_m = 0.04 + 1e-10 * (2 * pi * major_m / 64) ** 2
        most = 1.003 + pad_m / minor_m
        for vertex in found.vertices:
            spot = (vertex.lat_e7 / 1e7, vertex.lon_e7 / 1e7)
            assert 1 < share(centre, axes_m, rotation, spot) <= most


def test_a_rotation_is_clockwise_from_north_and_of_the_long_axis() -> None:
    eastward = ellipse((0.0, 0.0), 10_000, 100, 90)
    assert max(v.lon_e7 for v in eastward.vertices) > 890_000
    assert max(v.lat_e7 for v in eastward.vertices) < 10_000
    slanted = ellipse((0.0, 0.0), 10_000, 100, 45)
    farthest = max(slanted.vertices, key=lambda v: v.lat_e7)
    assert farthest.lon_e7 > 600_000  # to the north-east


@pytest.mark.parametrize(
    ("centre", "numbers", "code"),
    [
        ((35.0, 36.0), (100, 200, 0), "bad_ellipse"),
        ((35.0, 36.0), (100, 0.5, 0), "bad_ellipse"),
        ((35.0, 36.0), (1_000_001, 100, 0), "bad_ellipse"),
        ((35.0, 36.0), (100, nan, 0), "bad_ellipse"),
        ((35.0, 36.0), (100, 50, inf), "bad_ellipse"),
        ((95.0, 36.0), (100, 50, 0), "off_the_globe"),
    ],
)
def test_what_is_no_ellipse_is_refused(
    centre: tuple[float, float], numbers: tuple[float, float, float], code: str
) -> None:
    with pytest.raises(Malformed) as caught:
        ellipse(centre, *numbers)
    assert caught.value.code == code
