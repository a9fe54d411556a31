"""The nearest pair of places, against dense sampling and the oracle."""

from math import cos, radians

import numpy as np
import pytest
from numpy.random import default_rng

from comity.airspace import brute
from comity.airspace.arcs import Arcs, arcs_of
from comity.airspace.earth import Floats, latlon, normals_of
from comity.airspace.geodesic import distance_m
from comity.airspace.nearest import Nearest, nearest
from comity.airspace.outline import after_of
from comity.model.volume import Polygon
from tests.airspace.samples import at, beyond, blob, place_on_earth, polygon

EVERYWHERE_M = 1e7


def _arcs(normals: Floats, *, is_open: bool = False) -> Arcs:
    return arcs_of(normals, after_of(len(normals), is_open=is_open))


def _nearest(
    one: Floats, other: Floats, limit_m: float, *, is_open: bool = False
) -> Nearest | None:
    return nearest(_arcs(one, is_open=is_open), _arcs(other, is_open=is_open), limit_m)


def _along(edge: Floats, shares: Floats) -> list[tuple[float, float]]:
    """Places along the great circle between two normals."""
    spots = (1 - shares[:, None]) * edge[0] + shares[:, None] * edge[1]
    return [latlon(spot / np.linalg.norm(spot)) for spot in spots]


def test_no_two_points_of_two_edges_are_nearer_than_reported() -> None:
    """Also edge against edge: the claim that a vertex is always among the nearest."""
    rng = default_rng(21)
    shares = np.linspace(0, 1, 13)
    for _ in range(24):
        centre, size_m = place_on_earth(rng), 10 ** rng.uniform(2, 6.3)
        spots = [beyond(centre, rng.uniform(0, 360), size_m * rng.uniform(0, 1)) for _ in range(2)]
        other = beyond(centre, rng.uniform(0, 360), 2.2 * size_m)
        spots += [beyond(other, rng.uniform(0, 360), size_m * rng.uniform(0, 1)) for _ in range(2)]
        normals = normals_of([at(*spot) for spot in spots])
        found = _nearest(normals[:2], normals[2:], EVERYWHERE_M, is_open=True)
        assert found is not None
        # A ring of two normals is the same edge, there and back.
        ring = _nearest(normals[:2], normals[2:], EVERYWHERE_M)
        assert ring is not None
        assert ring.distance_m == pytest.approx(found.distance_m, abs=1e-6)
        tried = [
            distance_m(p, q)
            for p in _along(normals[:2], shares)
            for q in _along(normals[2:], shares)
        ]
        assert min(tried) >= found.lower_m - 1e-6
        assert found.distance_m == pytest.approx(distance_m(found.here, found.there), abs=1e-6)
        assert found.lower_m <= found.distance_m <= found.lower_m + 1.1e-4


@pytest.mark.parametrize("apart_m", [0.05, 10.0, 1_000.0, 100_000.0])
def test_parallel_edges_are_nearest_at_an_end(apart_m: float) -> None:
    """The delicate case: two edges of 1,000 km side by side, any way round."""
    for lat, azimuth in ((0.0, 90.0), (45.0, 90.0), (45.0, 30.0), (70.0, 0.0)):
        ends = [(lat, 0.0), beyond((lat, 0.0), azimuth, 1e6)]
        beside = [beyond(end, azimuth + 90, apart_m) for end in ends]
        one = normals_of([at(*end) for end in ends])
        other = normals_of([at(*end) for end in beside])
        found = _nearest(one, other, EVERYWHERE_M, is_open=True)
        assert found is not None
        shares = np.linspace(0, 1, 21)
        tried = [
            distance_m(p, q)
            for i, p in enumerate(_along(one, shares))
            for q in _along(other, shares[max(0, i - 1) : i + 2])
        ]
        assert min(tried) >= found.lower_m - 1e-6


def _shore(lat: float, jag: float, step: float) -> Polygon:
    """A strip of 400 vertices with a jagged long side."""
    teeth = [(lat + jag * (i % 7) / 7, i * step) for i in range(398)]
    return polygon(*teeth, (lat + 3 * jag, 397 * step), (lat + 3 * jag, 0))


def test_many_vertices_are_searched_in_blocks_without_loss() -> None:
    rng = default_rng(22)
    for _ in range(6):
        centre = place_on_earth(rng)
        one = blob(rng, centre, 50_000, 150)
        other = blob(rng, beyond(centre, rng.uniform(0, 360), 110_000), 50_000, 90)
        found = _nearest(normals_of(one.vertices), normals_of(other.vertices), EVERYWHERE_M)
        assert found is not None
        assert found.distance_m == pytest.approx(brute.apart_m(one, other), abs=2e-4)


def test_two_jagged_shores() -> None:
    north, south = _shore(35.0, 0.01, 0.003), _shore(34.9, -0.01, 0.0031)
    found = _nearest(normals_of(north.vertices), normals_of(south.vertices), EVERYWHERE_M)
    assert found is not None
    # Both have teeth on the base line: the gap is a meridian of 0.1 degrees, a little slanted.
    assert found.distance_m == pytest.approx(0.1 * 110_945.0, rel=1e-3)
    assert found.distance_m >= distance_m((34.9, 0), (35.0, 0)) - 1e-3


def test_points_are_measured_as_geodesics() -> None:
    one, other = normals_of([at(35.5, 35.8)]), normals_of([at(-10, 20)])
    found = _nearest(one, other, EVERYWHERE_M)
    assert found is not None
    assert found.distance_m == pytest.approx(distance_m((35.5, 35.8), (-10, 20)), abs=1e-6)
    assert _nearest(one, other, found.distance_m + 1) == found
    assert _nearest(one, other, found.distance_m - 1) is None


def test_both_places_are_named_in_the_order_asked() -> None:
    square = normals_of(polygon((0, 0), (0, 1), (1, 1), (1, 0)).vertices)
    spot = normals_of([at(0.5, 2)])
    one, other = _nearest(square, spot, EVERYWHERE_M), _nearest(spot, square, EVERYWHERE_M)
    assert one is not None
    assert other is not None
    assert one.here == other.there == pytest.approx((0.5, 1), abs=1e-4)
    assert one.there == other.here == pytest.approx((0.5, 2))
    assert one.distance_m == pytest.approx(111_320 * cos(radians(0.5)), rel=1e-4)


def test_an_open_line_has_no_edge_from_its_end_to_its_start() -> None:
    bay = normals_of([at(0, 0), at(0, 1), at(1, 1), at(1, 0)])
    spot = normals_of([at(0.5, 0)])
    line, ring = (_arcs(bay, is_open=is_open) for is_open in (True, False))
    point = _arcs(spot)
    open_, closed = nearest(line, point, EVERYWHERE_M), nearest(ring, point, EVERYWHERE_M)
    assert open_ is not None
    assert closed is not None
    assert closed.distance_m < 1e-3
    assert open_.distance_m == pytest.approx(55_287, abs=2)  # half a degree of a meridian


def test_the_last_vertex_of_a_long_line_counts() -> None:
    """Blocks of edges end somewhere: the end of a line is a vertex like any other."""
    for count in (2, 63, 64, 65, 66, 128, 129):
        line = normals_of([at(0, step * 0.01) for step in range(count)])
        end = (0.0, (count - 1) * 0.01)
        spot = beyond(end, 90, 1_000)
        found = nearest(_arcs(line, is_open=True), _arcs(normals_of([at(*spot)])), EVERYWHERE_M)
        assert found is not None
        assert found.distance_m == pytest.approx(1_000, abs=0.02)
