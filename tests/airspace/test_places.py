"""The gazetteer: what ships, and whether the nearest place is the nearest."""

import hashlib
import lzma
import unicodedata
from importlib.resources import files
from math import asin, cos, radians, sin, sqrt
from time import perf_counter

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st

from comity.airspace.places import Place, _gazetteer, nearest_place
from comity.model.quantity import LAT_E7_MAX, LON_E7_MAX, Position
from tests.airspace.samples import at, beyond

UNPACKED_SHA256 = "a0290f458e4f6e54be090a9a75755c3ea234a5b2f5fe9c0938d15772aba3a1d8"
PACKED_BYTES_MAX = 300_000
COUNT = 35_075

anywhere = st.builds(
    Position,
    lat_e7=st.integers(-LAT_E7_MAX, LAT_E7_MAX),
    lon_e7=st.integers(-LON_E7_MAX, LON_E7_MAX),
)


def haversine_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """On a sphere: wrong by 0.6 % at most, which is enough to leave places out."""
    up, across = radians(other_lat - lat), radians(other_lon - lon)
    half = sin(up / 2) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(across / 2) ** 2
    return 2 * 6_371_000 * asin(min(1.0, sqrt(half)))


def by_brute(position: Position) -> float:
    """The least geodesic to any place that a sphere does not rule out, in metres."""
    lat, lon = position.lat_e7 / 1e7, position.lon_e7 / 1e7
    spots = (_gazetteer().spots / 1e3).tolist()
    rough = [haversine_m(lat, lon, *spot) for spot in spots]
    near = min(rough) * 1.02 + 100
    return min(
        float(Geodesic.WGS84.Inverse(lat, lon, *spot)["s12"])
        for spot, length in zip(spots, rough, strict=True)
        if length <= near
    )


@given(position=anywhere)
def test_it_leads_from_the_place_to_the_position(position: Position) -> None:
    place = nearest_place(position)
    start = (place.position.lat_e7 / 1e7, place.position.lon_e7 / 1e7)
    there = beyond(start, place.bearing_deg, place.distance_mm / 1_000)
    apart = Geodesic.WGS84.Inverse(*there, position.lat_e7 / 1e7, position.lon_e7 / 1e7)["s12"]
    assert apart < 0.01
    assert 0 <= place.bearing_deg < 360


@pytest.mark.parametrize("seed", range(10))
def test_it_is_the_nearest_of_all(seed: int) -> None:
    rng = np.random.default_rng(seed)
    # Half anywhere, half between two neighbouring places, where the choice is close.
    spots = _gazetteer().spots
    one = int(rng.integers(len(spots) - 1))
    lat, lon = (float(each) / 1e3 for each in spots[one])
    between = at(lat + float(rng.uniform(-0.2, 0.2)), lon + float(rng.uniform(-0.2, 0.2)))
    far = at(float(rng.uniform(-90, 90)), float(rng.uniform(-180, 180)))
    for position in (between, far):
        found = nearest_place(position)
        assert found.distance_mm / 1_000 == pytest.approx(by_brute(position), abs=0.001)


@pytest.mark.parametrize(
    ("lat", "lon", "name"),
    [
        (35.40, 35.95, "Latakia"),
        (35.53, 35.70, "Latakia"),
        (34.90, 35.60, "Ţarţūs"),
        (34.45, 35.80, "Tripoli"),
        (32.80, 34.80, "Haifa"),
        (34.80, 33.70, "Larnaca"),
        (35.18, 35.65, "Bāniyās"),
        (90.0, 0.0, "Longyearbyen"),
        (-90.0, 0.0, "Puerto Williams"),
    ],
)
def test_the_places_of_the_eastern_mediterranean_and_the_poles(
    lat: float, lon: float, name: str
) -> None:
    assert nearest_place(at(lat, lon)).name == name


def test_the_antimeridian_is_no_border() -> None:
    west, east = nearest_place(at(-16.8, 179.999)), nearest_place(at(-16.8, -179.999))
    assert west.name == east.name
    assert abs(west.distance_mm - east.distance_mm) < 300_000


def test_a_place_is_at_no_distance_from_itself() -> None:
    first = nearest_place(_gazetteer().position(7))
    assert first == Place(
        name=_gazetteer().names[7],
        position=_gazetteer().position(7),
        distance_mm=0,
        bearing_deg=first.bearing_deg,
    )


def test_what_ships_is_what_the_script_made() -> None:
    packed = files("comity.airspace").joinpath("gazetteer.xz").read_bytes()
    assert len(packed) <= PACKED_BYTES_MAX
    assert hashlib.sha256(lzma.decompress(packed)).hexdigest() == UNPACKED_SHA256
    known = _gazetteer()
    assert len(known.names) == len(known.spots) == len(known.normals) == COUNT


def test_names_are_plain_text() -> None:
    for name in _gazetteer().names:
        assert 0 < len(name) <= 40
        assert all(
            char in " -'\u2019\u2018." or "LATIN" in unicodedata.name(char) for char in name
        ), name


def test_a_look_up_is_quick() -> None:
    nearest_place(at(0.0, 0.0))
    nearest_place.cache_clear()
    times = []
    for step in range(50):
        start = perf_counter()
        nearest_place(at(-80.0 + 3 * step, 7.0 * step))
        times.append(perf_counter() - start)
    assert sorted(times)[25] < 0.001
