"""What is refused as a footprint, and what is not."""

import pytest
from numpy.random import default_rng

from comity.airspace import footprint
from comity.airspace.footprint import check
from comity.model.fault import Malformed
from comity.model.quantity import Position
from comity.model.volume import Circle, Corridor, Footprint, Polygon
from tests.airspace.samples import at, beyond, blob, circle, corridor, holed, polygon

E7_STEP = 1e-7

SQUARE = polygon((35, 35), (35, 36), (36, 36), (36, 35))
HOLE = polygon((35.1, 35.1), (35.1, 35.3), (35.3, 35.3), (35.3, 35.1))

GOOD = {
    "square": SQUARE,
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
    "a hole": holed(SQUARE, HOLE),
    "a hole of the other turn": holed(SQUARE, Polygon(vertices=HOLE.vertices[::-1])),
    "two holes": holed(SQUARE, HOLE, polygon((35.5, 35.5), (35.5, 35.7), (35.7, 35.6))),
    "a hole that touches the ring in one point": holed(
        SQUARE, polygon((35, 35), (35.2, 35.3), (35.3, 35.2))
    ),
    "holes that touch in one point": holed(
        SQUARE, HOLE, polygon((35.3, 35.3), (35.3, 35.5), (35.5, 35.3))
    ),
    "a hole over the pole": holed(
        polygon((70, 0), (70, 90), (70, 180), (70, -90)),
        polygon((80, 0), (80, 90), (80, 180), (80, -90)),
    ),
    "a hole over the antimeridian": holed(
        polygon((-1, 179), (-1, -179), (1, -179), (1, 179)),
        polygon((-0.5, 179.5), (-0.5, -179.5), (0.5, 180)),
    ),
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
    "a hole outside": ("bad_hole", holed(SQUARE, polygon((37, 37), (37, 38), (38, 37)))),
    "a hole on the far side": (
        "bad_hole",
        holed(SQUARE, polygon((-35, 215), (-35, 216), (-36, 215))),
    ),
    "a hole around the ring": (
        "bad_hole",
        holed(SQUARE, polygon((34, 34), (34, 37), (37, 37), (37, 34))),
    ),
    "a hole that is the ring": ("bad_hole", holed(SQUARE, SQUARE)),
    "a hole over the rim": (
        "bad_hole",
        holed(SQUARE, polygon((35.5, 35.5), (35.6, 36.5), (35.4, 36.5))),
    ),
    "a hole along the rim": (
        "bad_hole",
        holed(SQUARE, polygon((35.2, 35), (35.8, 35), (35.5, 35.5))),
    ),
    "a hole from rim to rim": (
        "bad_hole",
        holed(SQUARE, polygon((35.5, 35), (35.6, 35.5), (35.5, 36), (35.4, 35.5))),
    ),
    "a hole in a hole": (
        "bad_hole",
        holed(SQUARE, HOLE, polygon((35.15, 35.15), (35.15, 35.2), (35.2, 35.15))),
    ),
    "the same hole twice": ("bad_hole", holed(SQUARE, HOLE, HOLE)),
    "holes that cross": (
        "bad_hole",
        holed(SQUARE, HOLE, polygon((35.2, 35.2), (35.2, 35.6), (35.6, 35.2))),
    ),
    "a hole that crosses itself": (
        "self_crossing",
        holed(SQUARE, polygon((35.1, 35.1), (35.3, 35.3), (35.3, 35.1), (35.1, 35.3))),
    ),
    "a hole that is a line": (
        "zero_area",
        holed(SQUARE, polygon((35.1, 35.1), (35.2, 35.1), (35.3, 35.1))),
    ),
    "a hole that repeats a vertex": (
        "duplicate_vertex",
        holed(SQUARE, polygon((35.1, 35.1), (35.1, 35.1), (35.2, 35.3))),
    ),
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


def test_what_holes_leave_has_a_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a least width of 1 m, since positions are too coarse to leave less than 1 cm."""
    step = 1e-6  # 11 cm
    thin = holed(
        polygon((0, 0), (0, 100 * step), (100 * step, 100 * step), (100 * step, 0)),
        polygon((step, step), (step, 99 * step), (99 * step, 99 * step), (99 * step, step)),
    )
    check(thin)
    monkeypatch.setattr(footprint, "_THICKNESS_MIN_M", 1.0)
    with pytest.raises(Malformed, match="what its holes leave") as caught:
        check(thin)
    assert caught.value.code == "zero_area"


def test_holes_are_rings_and_count() -> None:
    with pytest.raises(Malformed, match="hole 1 needs at least 3") as caught:
        Polygon(vertices=SQUARE.vertices, holes=(HOLE.vertices, HOLE.vertices[:2]))
    assert caught.value.code == "bad_polygon"
    ring = tuple(at(0, 0) for _ in range(4_999))
    Polygon(vertices=ring, holes=(ring,))
    with pytest.raises(Malformed) as caught:
        Polygon(vertices=ring, holes=(ring, HOLE.vertices))
    assert caught.value.code == "too_many_vertices"


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
        (
            holed(SQUARE, HOLE, polygon((35.5, 35.5), (35.6, 36.5), (35.4, 36.5))),
            "hole 1 is not inside its ring, or meets it or another hole, at vertex [02]",
        ),
        (
            holed(SQUARE, HOLE, polygon((35.5, 35.5), (35.7, 35.6), (37, 37))),
            "hole 1 is not inside its ring, or meets it or another hole, at vertex [12]",
        ),
        (
            holed(SQUARE, polygon((35.1, 35.1), (35.1, 35.2), (35.1, 35.2), (35.2, 35.3))),
            "vertex 2 of hole 0 repeats",
        ),
        (
            holed(SQUARE, polygon((35.1, 35.1), (35.3, 35.3), (35.3, 35.1), (35.1, 35.3))),
            "hole 0 crosses or touches itself at the edge from vertex 0",
        ),
        (
            holed(polygon((70, 0), (70, 120), (70, -120)), polygon((80, 9), (-80, 9), (80, 30))),
            "hole 0 is not inside its ring, or meets it or another hole, at vertex 1",
        ),
        (corridor(5, (0, 0), (0, 1), (0, 1), (1, 1)), "vertex 2 of a line repeats"),
        (corridor(5, (0, 0), (0, 20), (0, 50), (9, 20)), "between vertices 0 and 2"),
    ],
)
def test_the_vertex_to_blame_is_named(place: Footprint, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        check(place)


def test_the_vertex_that_is_too_many_is_named() -> None:
    with pytest.raises(Malformed, match="vertex 10000 is too many") as caught:
        Polygon(vertices=(at(0, 0), at(0, 1)) * 5_001)
    assert caught.value.code == "too_many_vertices"
