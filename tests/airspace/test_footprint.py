"""What is refused as a footprint, and what is not."""

import pytest
from numpy.random import default_rng

from comity.airspace.footprint import check
from comity.model.fault import Malformed
from comity.model.quantity import Position
from comity.model.volume import Circle, Footprint, Polygon
from tests.airspace.samples import at, beyond, blob, circle, polygon

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
        (polygon((0, 1), (0, 2), (0, 0)), "it turns back at vertex 1"),
        (polygon((1, 0), (0, 0), (2, 0)), "it turns back at vertex 1"),
        (polygon((0, 0), (0, 1), (E7_STEP / 2, 0.5)), "it turns back at vertex 0"),
        (polygon((0, 0.5), (0, 0.8), (0, 1), (E7_STEP / 2, 0.9)), "it turns back at vertex 0"),
    ],
)
def test_the_vertex_to_blame_is_named(place: Polygon, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        check(place)


def test_the_vertex_that_is_too_many_is_named() -> None:
    with pytest.raises(Malformed, match="vertex 10000 is too many") as caught:
        Polygon(vertices=(at(0, 0), at(0, 1)) * 5_001)
    assert caught.value.code == "too_many_vertices"
