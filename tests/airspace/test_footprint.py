"""What is refused as a footprint, and what is not."""

import pytest
from numpy.random import default_rng

from comity.airspace.footprint import check
from comity.model.fault import Malformed
from comity.model.quantity import Position
from comity.model.volume import Circle, Corridor, Footprint, Polygon
from tests.airspace.samples import at, beyond, blob, circle, corridor, polygon

E7_STEP = 1e-7

GOOD = {
    "square": polygon((35, 35), (35, 36), (36, 36), (36, 35)),
    "the other turn": polygon((36, 35), (36, 36), (35, 36), (35, 35)),
    "over the antimeridian": polygon((-1, 179), (-1, -179), (1, -179), (1, 179)),
    "around the north pole": polygon((80, 0), (80, 90), (80, 180), (80, -90)),
    "around the south pole": polygon((-70, 10), (-75, 130), (-70, -110)),
    "a pole as a vertex": polygon((90, 0), (80, 0), (80, 90)),
    "an edge over the pole": polygon((85, 0), (85, 180), (80, 90)),
    "a notch": polygon((0, 0), (0, 4), (4, 4), (0.5, 2), (4, 0)),
    "5 cm wide, 100 km long": polygon((0, 0), (0, 1), (5 * E7_STEP, 1), (5 * E7_STEP, 0)),
    "4,900 km wide": polygon((0, 0), (0, 44), (3, 44), (3, 0)),
    "4,990 km across": Circle(centre=at(10, 10), radius_mm=2_495_000_000),
    "a circle over the pole": circle(89, 0, 500_000),
    "a circle of 1 cm": circle(0, 0, 0.005),
    "a corridor of 1 cm": corridor(0.005, (0, 0), (0, 1)),
    "a holding pattern": corridor(5_000, (0, 0), (0, 1), (1, 1), (1, 0), (0, 0)),
    "a figure of eight": corridor(5_000, (0, 0), (1, 1), (1, 0), (0, 1), (0, 0)),
    "there and back": corridor(5_000, (0, 0), (1, 1), (0, 0)),
    "a line over the pole": corridor(5_000, (80, 0), (80, 180)),
    "a line over the antimeridian": corridor(5_000, (0, 179), (0, -179)),
    "a corridor of 4,980 km": corridor(50_000, (-10, 0), beyond((-10, 0), 45, 4_880_000)),
}

BAD = {
    "bow tie": ("self_crossing", polygon((0, 0), (1, 1), (1, 0), (0, 1))),
    "uneven bow tie": ("self_crossing", polygon((0, 0), (2, 2), (2, 0), (0, 1))),
    "bow tie over the antimeridian": (
        "self_crossing",
        polygon((0, 179.5), (1, -179.5), (1, 179.5), (0, -179.5)),
    ),
    "a vertex visited twice": (
        "self_crossing",
        polygon((0, 0), (1, 1), (0, 2), (0, 3), (1, 1), (1, 0)),
    ),
    "out and back": ("zero_area", polygon((0, 0), (1, 0), (2, 0))),
    "out and back on a slant": ("zero_area", polygon((0, 0), (1, 1), (2, 2.0009147))),
    "a hair": ("zero_area", polygon((0, 0), (0, 1), (E7_STEP / 2, 0.5))),
    "a grid cell": ("zero_area", polygon((0, 0), (0, E7_STEP), (E7_STEP, 0))),
    "a spike of no width": ("self_crossing", polygon((0, 0), (0, 2), (0, 1), (1, 1))),
    "a vertex repeated": ("duplicate_vertex", polygon((0, 0), (0, 1), (0, 1), (1, 1))),
    "closed by hand": ("duplicate_vertex", polygon((0, 0), (0, 1), (1, 1), (0, 0))),
    "a pole named twice": ("duplicate_vertex", polygon((90, 0), (90, 90), (80, 0), (80, 90))),
    "the antimeridian named twice": (
        "duplicate_vertex",
        Polygon(
            vertices=(
                Position(lat_e7=0, lon_e7=18 * 10**8),
                Position(lat_e7=0, lon_e7=-18 * 10**8),
                at(1, 179),
            )
        ),
    ),
    "5,100 km wide": ("too_wide", polygon((0, 0), (0, 46), (3, 46), (3, 0))),
    "wide on the diagonal only": ("too_wide", polygon((0, 0), (0, 35), (35, 35), (35, 0))),
    "a third of the globe": ("too_wide", polygon((0, 0), (0, 120), (80, 60))),
    "a belt": ("too_wide", polygon((0, 0), (0, 90), (0, 179), (0, -90))),
    "an edge of 180 degrees": ("antipodal_edge", polygon((0, 0), (0, 180), (45, 90))),
    "nearly 180 degrees": ("antipodal_edge", polygon((0, 0), (0.1, 179.9), (45, 90))),
    "a circle of 9 mm": ("zero_area", circle(0, 0, 0.004)),
    "a corridor of 9 mm": ("zero_area", corridor(0.004, (0, 0), (0, 1))),
    "a line that stands still": ("duplicate_vertex", corridor(5, (0, 0), (0, 1), (0, 1), (1, 1))),
    "a line of one place": ("duplicate_vertex", corridor(5, (90, 0), (90, 50))),
    "a line of 180 degrees": ("antipodal_edge", corridor(5, (0, 0), (0, 180))),
    "a line of 5,100 km": ("too_wide", corridor(5, (-10, 0), beyond((-10, 0), 45, 5_100_000))),
    "5,020 km with its width": (
        "too_wide",
        corridor(70_000, (-10, 0), beyond((-10, 0), 45, 4_880_000)),
    ),
}


@pytest.mark.parametrize("good", GOOD.values(), ids=GOOD.keys())
def test_good_footprints_pass(good: Footprint) -> None:
    check(good)


@pytest.mark.parametrize(("code", "bad"), BAD.values(), ids=BAD.keys())
def test_bad_footprints_are_refused_by_name(code: str, bad: Footprint) -> None:
    with pytest.raises(Malformed) as caught:
        check(bad)
    assert caught.value.code == code


def test_the_width_limit_is_a_geodesic_of_5000_km() -> None:
    for azimuth in (0.0, 45.0, 90.0):
        for length_m, fits in ((4_999_990, True), (5_000_010, False)):
            ends = [(-10.0, 0.0), beyond((-10, 0), azimuth, length_m)]
            bulge = beyond(beyond((-10, 0), azimuth, length_m / 2), azimuth + 90, 1_000)
            if fits:
                check(polygon(*ends, bulge))
                continue
            with pytest.raises(Malformed) as caught:
                check(polygon(*ends, bulge))
            assert caught.value.code == "too_wide"


def test_the_width_of_a_corridor_counts_both_halves() -> None:
    for half_m, fits in ((99_990, True), (100_010, False)):
        line = corridor(half_m, (-10, 0), beyond((-10, 0), 45, 4_800_000))
        if fits:
            check(line)
            continue
        with pytest.raises(Malformed) as caught:
            check(line)
        assert caught.value.code == "too_wide"


@pytest.mark.parametrize(
    ("vertices", "half_width_mm", "code"),
    [
        ((), 5, "bad_line"),
        ((at(0, 0),), 5, "bad_line"),
        ((at(0, 0), at(1, 1)), 0, "bad_radius"),
        ((at(0, 0), at(1, 1)), -5, "bad_radius"),
        ((at(0, 0), at(1, 1)), 2_500_000_001, "bad_radius"),
        ((at(0, 0), at(1, 1)) * 5_001, 5, "too_many_vertices"),
    ],
)
def test_what_is_no_corridor_is_refused(
    vertices: tuple[Position, ...], half_width_mm: int, code: str
) -> None:
    with pytest.raises(Malformed) as caught:
        Corridor(vertices=vertices, half_width_mm=half_width_mm)
    assert caught.value.code == code


def test_a_ring_of_10_000_vertices_passes() -> None:
    check(blob(default_rng(1), (35, 36), 100_000, 10_000))


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (polygon((0, 0), (0, 1), (0, 1), (1, 1)), "vertex 2 of a ring repeats"),
        (polygon((0, 0), (0, 1), (1, 1), (0, 0)), "vertex 0 of a ring repeats"),
        (polygon((0, 0), (0, 2), (1, 3), (2, 0), (2, 3)), "the edge from vertex 2"),
        (polygon((1, 1), (0, 2), (0, 0), (0, 180)), "the edge from vertex 2 spans 180 degrees"),
        (polygon((0, 0), (0, 20), (0, 50), (9, 20)), "between vertices 0 and 2"),
        (corridor(5, (0, 0), (0, 1), (0, 1), (1, 1)), "vertex 2 of a line repeats"),
        (corridor(5, (0, 0), (0, 20), (0, 50), (9, 20)), "between vertices 0 and 2"),
    ],
)
def test_the_vertex_to_blame_is_named(place: Footprint, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        check(place)
