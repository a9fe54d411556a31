"""The drawn overlap, held against the oracle: nothing outside either volume, nothing left out."""

from collections.abc import Callable, Iterator
from math import cos, radians, sin
from time import perf_counter
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from shapely.geometry.base import BaseGeometry

from comity.airspace import brute, footprint, lonlat, region
from comity.airspace.clearance import Approach, Clearance, assess
from comity.airspace.overlap import footprint_geometry, overlap_feature
from comity.model.fault import Malformed
from comity.model.quantity import instant_text
from comity.model.volume import Footprint, Volume4D
from tests.airspace.samples import (
    HOUR_US,
    NOON_US,
    Case,
    beyond,
    cases,
    circle,
    corridor,
    footprints,
    in_holes,
    lattice,
    place_on_earth,
    polygon,
    shape,
    touches,
    volume,
)

VERTEX_M = 0.01  # each vertex lies in both to this
DRAWN_M = (
    1.0  # each point of the map's drawing does to this; and what lies so deep in both is drawn
)
WIDE = Clearance(lateral_mm=1_000_000_000)
POINTS = 8
PAIRS = 20
Spot = tuple[float, float]
Draw = Callable[[np.random.Generator], tuple[Footprint, Footprint]]


def vector(place: Spot) -> brute.Vector:
    lat, lon = (radians(each) for each in place)
    return cos(lat) * cos(lon), cos(lat) * sin(lon), sin(lat)


def outside_m(place: Spot, one: Volume4D) -> float:
    """How far a place is from a volume, by the oracle; 0 or less within it."""
    margin_m = brute._radius_m(one.footprint) + one.uncertainty.lateral_mm / 1_000
    if brute._covers(one.footprint, vector(place)):
        return -margin_m
    return brute._to_edges_m([[vector(place)]], brute._traces(one.footprint)) - margin_m


def lies_deep(place: Spot, one: Volume4D) -> bool:
    """Whether a place lies about DRAWN_M deep in a volume, by the oracle."""
    out_m = outside_m(place, one)
    if brute._radius_m(one.footprint) or one.uncertainty.lateral_mm:
        return out_m < -DRAWN_M
    near = [beyond(place, 45.0 * turn, 1.1 * DRAWN_M) for turn in range(8)]
    return out_m <= 0 and all(brute._covers(one.footprint, vector(each)) for each in near)


def positions(geometry: Any) -> Iterator[Spot]:  # noqa: ANN401 - coordinates of any depth
    """Every position of a geometry, latitude first."""
    if isinstance(geometry, dict):
        yield from positions(geometry["coordinates"])
    elif isinstance(geometry[0], list):
        for each in geometry:
            yield from positions(each)
    else:
        lon, lat = geometry
        yield lat, lon


def drawn(a: Volume4D, b: Volume4D) -> tuple[dict[str, Any], Approach] | None:
    approach = assess(a, b, WIDE)
    if approach is None:
        return None
    feature = overlap_feature(a, b, approach)
    geometry: Any = feature["geometry"]
    return geometry, approach


def spread(geometry: Any, rng: np.random.Generator) -> list[Spot]:  # noqa: ANN401
    """Places in the drawing: its vertices by twos and threes, mixed, as far as they lie in it."""
    shape = shapely.geometry.shape(geometry)
    found = []
    for part in shapely.get_parts(shape):
        corners = shapely.get_coordinates(part)
        for _ in range(3 * POINTS):
            three = corners[rng.integers(len(corners), size=3)]
            lon, lat = rng.dirichlet([1, 1, 1]) @ three
            if part.contains(shapely.Point(lon, lat)):
                found.append((float(lat), float(lon)))
    return found[:POINTS]


def well_formed(geometry: dict[str, Any]) -> None:
    """RFC 7946: closed rings, the outer counterclockwise, within the map, valid."""
    shape = shapely.geometry.shape(geometry)
    assert shape.is_valid, shapely.is_valid_reason(shape)
    west, south, east, north = shape.bounds
    assert -180 <= west <= east <= 180
    assert -90 <= south <= north <= 90
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon":
            assert part.exterior.is_ccw
            assert not any(hole.is_ccw for hole in part.interiors)


def nothing_is_left_out(
    case: Case, places: list[Spot], shape: BaseGeometry, rng: np.random.Generator
) -> None:
    """Beside the rim, half-way between vertices, where a piece would be missing."""
    for _ in range(2 * POINTS):
        number = int(rng.integers(len(places) - 1))
        start, end = places[number : number + 2]
        edge = Geodesic.WGS84.Inverse(*start, *end)
        aside_m = float(10 ** rng.uniform(0, max(0.5, np.log10(edge["s12"] + 1))))
        middle = beyond(start, edge["azi1"], edge["s12"] / 2)
        near = beyond(middle, float(rng.uniform(0, 360)), aside_m)
        if lies_deep(near, case.a) and lies_deep(near, case.b):
            assert shape.covers(shapely.Point(near[1], near[0])), near


def lies_in_both(places: list[Spot], case: Case, within_m: float) -> None:
    for place in places:
        for one in (case.a, case.b):
            assert outside_m(place, one) <= within_m, place


def check_overlap(case: Case, seed: int) -> str:
    """All that is promised of one drawing; its type."""
    rng = np.random.default_rng(seed)
    result = drawn(case.a, case.b)
    if result is None:
        return "none"
    geometry, approach = result
    well_formed(geometry)
    places = list(positions(geometry))
    if approach.closest_mm:
        assert geometry["type"] in {"LineString", "MultiLineString", "Point"}
        return str(geometry["type"])
    lies_in_both(places[:: max(1, len(places) // POINTS)], case, VERTEX_M)
    if "Polygon" not in geometry["type"]:
        return str(geometry["type"])
    lies_in_both(spread(geometry, rng), case, DRAWN_M)
    shape = shapely.geometry.shape(geometry)
    nothing_is_left_out(case, places, shape, rng)
    return str(geometry["type"])


def across(rng: np.random.Generator) -> tuple[Footprint, Footprint]:
    """A corridor that bends, crosses itself or goes back, and something over one of its turns."""
    here, size_m = place_on_earth(rng), 10 ** rng.uniform(2, 5.5)
    spots = [
        beyond(here, rng.uniform(0, 360), size_m * rng.uniform(0, 1))
        for _ in range(int(rng.integers(2, 6)))
    ]
    return corridor(size_m * 10 ** rng.uniform(-2, -0.5), *spots), shape(rng, spots[-1], size_m / 4)


@pytest.mark.parametrize("seed", range(3))
def test_drawings_against_the_oracle(seed: int) -> None:
    kinds = [check_overlap(case, seed) for case in cases(seed, PAIRS)]
    assert sum("Polygon" in kind for kind in kinds) > PAIRS / 5
    assert kinds.count("LineString") > 0


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("draw", [footprints, lattice, across, in_holes])
def test_many_drawings_against_the_oracle(draw: Draw) -> None:
    kinds = [check_overlap(case, seed) for seed in range(50, 75) for case in cases(seed, 20, draw)]
    assert kinds.count("Polygon") > 100


def test_drawings_on_a_lattice_against_the_oracle() -> None:
    kinds = [check_overlap(case, 7) for case in cases(7, PAIRS // 2, lattice)]
    assert kinds.count("Polygon") > 1


@pytest.mark.parametrize("draw", [across, in_holes])
def test_drawings_of_corridors_and_holes_against_the_oracle(draw: Draw) -> None:
    kinds = [check_overlap(case, 9) for case in cases(9, PAIRS, draw)]
    assert sum("Polygon" in kind for kind in kinds) > PAIRS / 5


@pytest.mark.parametrize("case", touches())
def test_what_touches_is_drawn_as_it_is(case: Case) -> None:
    assert check_overlap(case, 1) in {"Point", "Polygon", "MultiPolygon"}


@pytest.mark.parametrize(
    ("radius_m", "module", "name", "wrong"),
    [
        (300_000, lonlat, "_STRAIGHT_M", 1e9),  # edges left as they are
        (300_000, lonlat, "_SLIVER", 1e9),  # nothing drawn
        (200_000, region, "_ARC_M", 5_000.0),  # circles of few corners
        (200_000, lonlat, "_cut", lambda shape: shape),  # over the antimeridian
    ],
)
def test_a_wrong_drawing_is_seen(
    monkeypatch: pytest.MonkeyPatch, radius_m: float, module: ModuleType, name: str, wrong: object
) -> None:
    case = Case(
        a=volume(circle(70, 179, radius_m)),
        b=volume(polygon((68, 175), (68, -178), (72, -178), (72, 175))),
        gap_m=-1.0,
    )
    assert check_overlap(case, 1) == "MultiPolygon"
    monkeypatch.setattr(module, name, wrong)
    if name == "_STRAIGHT_M":
        monkeypatch.setattr(module, "_STEP_RAD", 9.0)
    with pytest.raises(AssertionError):
        assert all(check_overlap(case, seed) == "MultiPolygon" for seed in range(8))


def test_a_line_joins_the_two_nearest_points() -> None:
    a = volume(circle(35.5, 35.5, 10_000), spread=(1_000_000, 0, 0))
    b = volume(polygon((35.4, 35.9), (35.6, 35.9), (35.5, 36.2)), heights_mm=(2_000_000, 3_000_000))
    asked = Clearance(lateral_mm=30_000_000, vertical_mm=2_000_000)
    approach = assess(a, b, asked)
    assert approach is not None
    feature: Any = overlap_feature(a, b, approach)
    assert feature["geometry"]["type"] == "LineString"
    places = list(positions(feature["geometry"]))
    length = Geodesic.WGS84.Inverse(*places[0], *places[-1])["s12"]
    assert length * 1_000 == pytest.approx(approach.closest_mm, abs=25)
    assert abs(outside_m(places[0], a)) < 0.02
    assert abs(outside_m(places[-1], b)) < 0.02
    said = feature["properties"]
    assert said["role"] == "gap"
    assert (said["sideways"], said["heights"], said["times"]) == ("apart", "apart", "shared")
    assert (said["lower_m"], said["upper_m"]) == (1_000, 2_000)
    assert said["vertical_gap_m"] == 1_000
    assert said["closest_m"] == approach.closest_mm / 1_000


def test_the_overlap_says_heights_and_times_with_their_uncertainty() -> None:
    a = volume(circle(35.5, 35.5, 10_000), spread=(0, 10_000, 60_000_000))
    b = volume(
        circle(35.5, 35.55, 10_000),
        heights_mm=(500_000, 2_000_000),
        window_us=(HOUR_US, 2 * HOUR_US),
    )
    approach = assess(a, b)
    assert approach is not None
    said: Any = overlap_feature(a, b, approach)["properties"]
    assert (said["role"], said["sideways"], said["heights"]) == ("overlap", "shared", "shared")
    assert (said["lower_m"], said["upper_m"]) == (500, 1_010)
    assert said["start"] == instant_text(NOON_US + HOUR_US)
    assert said["end"] == instant_text(NOON_US + HOUR_US + 60_000_000)


@pytest.mark.parametrize(
    "place",
    [
        circle(90, 0, 500_000),
        circle(-89.99, 10, 200_000),
        polygon((80, 0), (80, 90), (80, 180), (80, -90)),
        polygon((90, 7), (80, 0), (80, 20)),
        polygon((-85, 0), (-85, 120), (-85, -120)),
    ],
)
def test_a_pole_is_drawn_along_the_rim_of_the_map(place: Footprint) -> None:
    geometry: Any = footprint_geometry(place)
    well_formed(geometry)
    case = Case(a=volume(place), b=volume(place), gap_m=0)
    assert "Polygon" in check_overlap(case, 3)
    shape = shapely.geometry.shape(geometry)
    pole = 90 if shape.bounds[3] == 90 else -90
    lons = (
        (0, 100, -170)
        if outside_m((pole - np.sign(pole) * 1e-4, -170.0), volume(place)) <= 0
        else (10,)
    )
    for lon in lons:
        assert shape.covers(shapely.Point(lon, pole))
        assert shape.covers(shapely.Point(lon, pole - np.sign(pole)))


def comb(teeth: int, spread_mm: int) -> Volume4D:
    """A ring with long teeth, checked as intake would."""
    step = 20.0 / teeth
    corners = [(20.0, 0.0)]
    for tooth in range(teeth):
        corners += [
            (20.5, tooth * step),
            (40.0, (tooth + 0.3) * step),
            (20.5, (tooth + 0.6) * step),
        ]
    ring = polygon(*corners, (20.0, 20.0))
    footprint.check(ring)
    return volume(ring, spread=(spread_mm, 0, 0))


@pytest.mark.parametrize("spread_mm", [100_000_000, 0])
def test_what_would_take_too_long_is_refused(
    monkeypatch: pytest.MonkeyPatch, spread_mm: int
) -> None:
    if spread_mm == 0:  # a comb of so many teeth takes longer to check than a test has
        monkeypatch.setattr(lonlat, "_VERTICES_MAX", 2_000)
    one, other = comb(150, spread_mm), volume(circle(30, 10, 2_000_000))
    approach = assess(one, other)
    assert approach is not None
    start = perf_counter()
    with pytest.raises(Malformed) as caught:
        overlap_feature(one, other, approach)
    assert caught.value.code == "too_intricate"
    assert perf_counter() - start < 10


@pytest.mark.parametrize("lon", [179.5, -179.5])
def test_a_line_that_ends_at_the_antimeridian_is_one_line(lon: float) -> None:
    border = polygon((-1, 180), (-1, -179), (1, -179), (1, 180))
    if lon < 0:
        border = polygon((-1, 180), (-1, 179), (1, 179), (1, 180))
    a, b = volume(circle(0.3, lon, 10_000)), volume(border)
    geometry, approach = drawn(a, b) or ({}, None)
    assert approach is not None
    assert approach.closest_mm > 40_000_000
    assert geometry["type"] == "LineString"
    assert len(list(positions(geometry))) > 1
    assert shapely.geometry.shape(geometry).is_valid
