"""What is drawn of a footprint lies on its rim."""

import pytest
from numpy.random import default_rng

from comity.airspace import brute
from comity.airspace.footprint import check
from comity.airspace.rim import rims_of
from comity.model.volume import Circle
from tests.airspace.samples import at, beyond, corridor, holed, path, place_on_earth, polygon


def test_a_polygon_is_its_corners_and_a_circle_64_places_on_its_rim() -> None:
    corners = [(35.0, 36.0), (35.0, 37.0), (36.0, 37.0)]
    assert rims_of(polygon(*corners)) == [corners]
    inner = [(35.1, 36.8), (35.2, 36.8), (35.2, 36.9)]
    assert rims_of(holed(polygon(*corners), polygon(*inner))) == [corners, inner]
    (rim,) = rims_of(Circle(centre=at(89.9, 10), radius_mm=50_000_000))
    assert len(rim) == 64
    for spot in rim:
        pin = Circle(centre=at(*spot), radius_mm=1)
        assert brute.apart_m(pin, Circle(centre=at(89.9, 10), radius_mm=1)) == pytest.approx(
            50_000, abs=0.05
        )


def test_the_rim_of_a_corridor_is_half_its_width_from_its_line() -> None:
    """Also at poles and over the antimeridian; turns are polygons inside the true arc."""
    rng = default_rng(81)
    for _ in range(8):
        line = path(rng, place_on_earth(rng), float(10 ** rng.uniform(3, 5.8)))
        check(line)
        half_m = line.half_width_mm / 1_000
        for rim in rims_of(line):
            for spot in rim[:: max(1, len(rim) // 15)]:
                away_m = brute.apart_m(Circle(centre=at(*spot), radius_mm=1), line)
                assert away_m == pytest.approx(0, abs=0.01 * half_m + 2)


def test_a_loop_has_a_hole() -> None:
    around = [beyond((0.0, 180.0), azimuth, 50_000) for azimuth in range(0, 361, 30)]
    outer, inner = rims_of(corridor(5_000, *around))
    assert len(outer) > 12
    assert len(inner) >= 12
