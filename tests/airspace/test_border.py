"""Borders: open lines, from which a distance is measured either side."""

import pytest

from comity.airspace.border import distance_to_border_mm
from comity.airspace.geodesic import distance_m
from comity.model.volume import Circle
from tests.airspace.samples import at, circle, volume

BORDER = (at(35.0, 35.0), at(35.0, 36.0), at(36.0, 37.0))
FAR_MM = 500_000_000


@pytest.mark.parametrize("lat", [34.9, 35.1])
def test_either_side_is_as_near(lat: float) -> None:
    near = distance_to_border_mm(volume(circle(lat, 35.5, 1_000)), BORDER, limit_mm=FAR_MM)
    assert near is not None
    assert 9_000_000 < near < 11_200_000


def test_what_crosses_it_is_at_no_distance() -> None:
    assert distance_to_border_mm(volume(circle(35.0, 35.5, 9_000)), BORDER, limit_mm=0) == 0


def test_it_ends_at_its_ends_and_has_no_inside() -> None:
    beyond = volume(circle(35.0, 34.0, 1_000))
    found = distance_to_border_mm(beyond, BORDER, limit_mm=FAR_MM)
    true_m = distance_m((35.0, 34.0), (35.0, 35.0)) - 1_000
    assert found is not None
    assert true_m * 1_000 - 4 <= found <= true_m * 1_000 + 1
    inside_the_bend = volume(circle(35.4, 35.6, 1_000))
    assert (distance_to_border_mm(inside_the_bend, BORDER, limit_mm=FAR_MM) or 0) > 30_000_000


def test_beyond_the_limit_there_is_no_answer() -> None:
    assert distance_to_border_mm(volume(circle(34.0, 35.5, 1)), BORDER, limit_mm=50_000_000) is None


def test_a_circle_reaches_with_its_radius() -> None:
    place = Circle(centre=at(34.5, 35.5), radius_mm=60_000_000)
    assert distance_to_border_mm(volume(place), BORDER, limit_mm=0) == 0
