"""The oracle itself: known distances, independence, and the four dimensions it must respect."""

import ast
import inspect
from math import pi

import pytest

from comity.airspace import brute
from comity.model.volume import Footprint
from tests.airspace.samples import HOUR_US, circle, polygon, volume

SQUARE = polygon((0, 0), (0, 1), (1, 1), (1, 0))
INSIDE = [
    (SQUARE, circle(0.5, 0.5, 1)),
    (polygon((80, 0), (80, 90), (80, 180), (80, -90)), circle(90, 0, 1)),
    (polygon((-1, 179), (-1, -179), (1, -179), (1, 179)), circle(0, 180, 1)),
    (SQUARE, polygon((0.1, 0.5), (0.2, 0.4), (0.2, 0.6))),
    (SQUARE, polygon((0.5, -1), (0.6, -1), (0.6, 2), (0.5, 2))),  # crosses; no vertex inside
]


def test_it_shares_no_code_with_the_fast_path() -> None:
    tree = ast.parse(inspect.getsource(brute))
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    }
    allowed = {"fractions", "itertools", "math", "typing"}
    assert imported == {
        *allowed,
        "geographiclib.geodesic",
        "comity.model.quantity",
        "comity.model.volume",
    }


@pytest.mark.parametrize(("one", "other"), INSIDE)
def test_what_overlaps_has_no_distance(one: Footprint, other: Footprint) -> None:
    assert brute.apart_m(one, other) <= 0
    assert brute.apart_m(other, one) <= 0


def test_the_far_side_of_the_globe_is_not_inside() -> None:
    assert brute.apart_m(SQUARE, circle(-0.5, -179.5, 1)) > 19_000_000


def test_distances_are_geodesics() -> None:
    # A quarter meridian of WGS84 is 10,001,965.729 m, a degree of the equator a*pi/180.
    assert brute.apart_m(circle(0, 0, 1), circle(90, 0, 1)) == pytest.approx(
        10_001_963.729, abs=0.001
    )
    assert brute.apart_m(SQUARE, circle(0, 2, 1)) == pytest.approx(6_378_137 * pi / 180 - 1)
    # Across the antimeridian.
    assert brute.apart_m(circle(0, 179.5, 1), circle(0, -179.5, 1)) == pytest.approx(
        111_317.491, abs=1e-3
    )


def test_an_edge_is_a_great_circle_and_not_a_parallel() -> None:
    wide = polygon((60, 0), (60, 30), (59, 30), (59, 0))  # its north edge rises to 60.86 degrees
    assert brute.apart_m(wide, circle(60.8, 15, 1)) < 0
    assert brute.apart_m(wide, circle(60.9, 15, 1)) > 1_000


def test_every_dimension_counts_and_is_closed() -> None:
    here = volume(SQUARE)
    assert brute.meets(here, volume(SQUARE, window_us=(HOUR_US, HOUR_US)))
    assert not brute.meets(here, volume(SQUARE, window_us=(HOUR_US + 1, HOUR_US + 1)))
    assert brute.meets(here, volume(SQUARE, window_us=(HOUR_US + 1, HOUR_US + 1), spread=(0, 0, 1)))
    assert brute.meets(here, volume(SQUARE, heights_mm=(1_000_000, 1_000_000)))
    assert not brute.meets(here, volume(SQUARE, heights_mm=(1_000_001, 1_000_001)))
    assert brute.meets(here, volume(SQUARE, heights_mm=(-5, -1), spread=(0, 1, 0)))
    away = volume(circle(0, 2, 1))
    assert not brute.meets(here, away)
    near = volume(circle(0, 2, 1), spread=(60_000_000, 0, 0))
    assert brute.meets(volume(SQUARE, spread=(60_000_000, 0, 0)), near)
