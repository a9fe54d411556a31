"""Normals, surface points and caps."""

from math import pi

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.random import default_rng

from comity.airspace.earth import (
    AXES_M,
    angle_between,
    around,
    cap_of,
    latlon,
    normal_of,
    normals_of,
    position_of,
    same_place,
    surface,
)
from comity.airspace.geodesic import distance_m
from comity.model.fault import Malformed
from comity.model.quantity import LAT_E7_MAX, LON_E7_MAX, Position
from tests.airspace.samples import at

positions = st.builds(
    Position,
    lat_e7=st.integers(-LAT_E7_MAX, LAT_E7_MAX),
    lon_e7=st.integers(-LON_E7_MAX, LON_E7_MAX),
)


@given(positions)
def test_a_normal_gives_its_position_back(position: Position) -> None:
    assert same_place(position_of(normals_of([position])[0]), position)


@given(positions)
def test_a_surface_point_gives_its_normal_back(position: Position) -> None:
    normals = normals_of([position])
    assert angle_between(normal_of(surface(normals)[0]), normals[0]) < 1e-15


def test_surface_points_lie_on_the_ellipsoid_where_geodesy_puts_them() -> None:
    # NIMA TR8350.2: X = (N+h) cos(lat) cos(lon); worked at 45 N 90 E, N = a/sqrt(1-e^2/2).
    point = surface(normals_of([at(45, 90)]))[0]
    assert point == pytest.approx([0.0, 4_517_590.8788, 4_487_348.4088], abs=1e-3)
    assert np.sum((point / AXES_M) ** 2) == pytest.approx(1.0, abs=1e-15)


def test_equal_places_have_equal_normals() -> None:
    west, east = Position(lat_e7=1, lon_e7=-LON_E7_MAX), Position(lat_e7=1, lon_e7=LON_E7_MAX)
    assert same_place(west, east)
    assert same_place(at(90, 5), at(90, -70))
    assert not same_place(at(90, 5), at(-90, 5))
    assert not same_place(at(1, 5), at(1, -5))
    assert np.array_equal(normals_of([west])[0], normals_of([east])[0])
    assert np.array_equal(normals_of([at(-90, 5)])[0], normals_of([at(-90, 80)])[0])


def test_a_great_circle_of_normals_is_a_plane_section() -> None:
    start, end = normals_of([at(10, 20), at(55, 60)])
    share = np.linspace(0, 1, 9)[:, None]
    between = (1 - share) * start + share * end
    points = surface(between / np.linalg.norm(between, axis=1, keepdims=True))
    assert np.linalg.matrix_rank(points, tol=1e-6) == 2


northern = st.builds(
    Position,
    lat_e7=st.integers(1, LAT_E7_MAX),
    lon_e7=st.integers(-LON_E7_MAX, LON_E7_MAX),
)


@given(st.lists(northern, min_size=1, max_size=8))
def test_a_cap_holds_its_normals(places: list[Position]) -> None:
    normals = normals_of(places)
    assume(float(np.linalg.norm(normals.max(axis=0) + normals.min(axis=0))) > 0.01)
    cap = cap_of(normals)
    assert all(angle_between(cap.centre, normal) <= cap.radius_rad for normal in normals)


def test_a_cap_around_two_holds_both_and_is_no_wider_than_needed() -> None:
    rng = default_rng(3)
    for _ in range(200):
        spread = 10 ** rng.uniform(-6, -0.5)
        caps = []
        for _ in range(2):
            places = rng.normal(size=3) * spread + rng.normal(size=(3, 3)) * spread + [1.0, 0, 0]
            caps.append(cap_of(places / np.linalg.norm(places, axis=1, keepdims=True)))
        both = around(*caps)
        for cap in caps:
            inner = angle_between(both.centre, cap.centre) + cap.radius_rad
            assert inner <= both.radius_rad + 1e-9
        span = angle_between(caps[0].centre, caps[1].centre) + sum(c.radius_rad for c in caps)
        widest = max(span / 2, *(cap.radius_rad for cap in caps))
        assert both.radius_rad <= widest + 1e-9


def test_caps_that_span_half_the_globe_are_refused() -> None:
    with pytest.raises(Malformed) as caught:
        cap_of(normals_of([at(0, 0), at(0, 180)]))
    assert caught.value.code == "too_wide"
    one, other = cap_of(normals_of([at(0, 0)])), cap_of(normals_of([at(0, 180)]))
    with pytest.raises(Malformed) as caught:
        around(one, other)
    assert caught.value.code == "too_wide"
    assert one.gap_rad(other) == pytest.approx(pi)


def test_no_way_on_the_ellipsoid_is_shorter_than_its_angle_of_normals_allows() -> None:
    rng = default_rng(5)
    for _ in range(300):
        one, other = rng.normal(size=(2, 3))
        one /= np.linalg.norm(one)
        other = one + other * 10 ** rng.uniform(-7, 0)
        other /= np.linalg.norm(other)
        ratio = distance_m(latlon(one), latlon(other)) / angle_between(one, other)
        assert 6_335_000 < ratio < 6_400_000
