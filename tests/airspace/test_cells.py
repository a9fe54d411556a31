"""Coverings against S2's own, cell by cell, and against the oracle where there is a margin."""

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np
import pytest
from numpy.random import Generator, default_rng
from s2geometry import (  # type: ignore[import-untyped]
    S2Cell,
    S2CellId,
    S2LatLng,
    S2Loop,
    S2Polygon,
    S2RegionCoverer,
)

from comity.airspace import brute, cells
from comity.airspace.cells import EXCESS, SIDE, Covering, covering, share, united
from comity.airspace.footprint import check
from comity.model.fault import Malformed
from comity.model.quantity import degrees
from comity.model.volume import Footprint, Polygon, margin_mm_of
from tests.airspace.many import centre, pair, star
from tests.airspace.samples import ODD_PLACES, beyond, blob, circle, corridor, polygon, sliver

LEVEL = 13
LEAF_BITS = 30 - LEVEL
CORNER = 35.264389682754654  # latitude of the corners of S2's cube, at longitudes 45, 135, ...


def cell_at(place: int) -> S2CellId:
    """S2's id of a place of ours."""
    row, column = divmod(place, SIDE)
    face, row = divmod(row, SIDE)
    return S2CellId.FromFaceIJ(face, column << LEAF_BITS, row << LEAF_BITS).parent(LEVEL)


def ids_of(found: Covering) -> set[int]:
    """The cells of a covering as S2's ids."""
    return {cell_at(place).id() for place in found.places().tolist()}


def s2_ids(ring: Polygon) -> set[int]:
    """The cells of level 13 that S2 says a ring may touch."""
    loop = S2Loop()
    corners = [(degrees(v.lat_e7), degrees(v.lon_e7)) for v in ring.vertices]
    loop.Init([S2LatLng.FromDegrees(*corner).ToPoint() for corner in corners])
    loop.Normalize()
    coverer = S2RegionCoverer()
    coverer.set_fixed_level(LEVEL)
    coverer.set_max_cells(10**9)
    return {each.id() for each in coverer.GetCovering(S2Polygon(loop))}


def _rings(seed: int) -> Iterator[Polygon]:
    """From 10 m to 100 km, all over the globe; slivers; blobs of many corners; odd places."""
    rng = default_rng(seed)
    for number in range(180):
        found: Footprint = pair(rng)[number % 2]
        if number % 5 == 0:
            spot = [*ODD_PLACES, (CORNER, 45.0), (-CORNER, -135.0), (0.0, 45.0)][number // 5 % 8]
            kind = number % 3
            if kind == 0:
                found = sliver(rng, spot, 10 ** rng.uniform(1, 4.5))
            else:
                found = blob(rng, spot, 10 ** rng.uniform(2, 5), 4 + 60 * (kind - 1))
        if isinstance(found, Polygon) and not found.holes:
            yield found


@pytest.mark.parametrize("seed", range(4))
def test_a_ring_covers_what_s2_covers(seed: int) -> None:
    compared = 0
    for ring in _rings(seed):
        try:
            check(ring)
        except Malformed:
            continue
        assert ids_of(covering(ring)) == s2_ids(ring)
        compared += 1
    assert compared > 80


@pytest.mark.parametrize(
    "ring",
    [
        polygon((CORNER - 1, 44), (CORNER - 1, 46), (CORNER + 1, 45)),  # three faces
        polygon((-1, 44), (-1, 46), (1, 46), (1, 44)),  # two faces
        polygon((89, 0), (89, 90), (89, 180), (89, -90)),  # a pole
        polygon((-1, 179), (-1, -179), (1, -179), (1, 179)),  # the antimeridian
        polygon((44, 10), (44, 12), (46, 12), (46, 10), (45, 11)),  # two faces, and a notch
        polygon((0.0005, 0.0005), (0.0005, 0.001), (0.001, 0.001)),  # within one cell
    ],
)
def test_rings_over_seams_cover_what_s2_covers(ring: Polygon) -> None:
    found = covering(ring)
    assert ids_of(found) == s2_ids(ring)
    assert len(found) == len(found.places()) == len(ids_of(found))


def _ring_of(place: int) -> Polygon:
    """A cell as a ring; its sides are great circles."""
    corners = [S2LatLng(S2Cell(cell_at(place)).GetVertex(number)) for number in range(4)]
    return polygon(*((c.lat().degrees(), c.lng().degrees()) for c in corners))


def _around(found: Covering) -> set[int]:
    """The cells of a covering on one face, and all beside them."""
    places = np.unique(found.places())
    steps = [row * SIDE + column for row, column in product((-1, 0, 1), repeat=2)]
    return {int(place) + step for place in places.tolist() for step in steps}


def _widened(rng: Generator) -> tuple[Footprint, int]:
    here = centre(rng)
    place = star(rng, here, float(10 ** rng.uniform(1, 3.6)))
    return place, int(10 ** rng.uniform(1, 6.6))


def _judged(place: Footprint, lateral_mm: int, found: Covering) -> tuple[int, int]:
    """Cells that are missing, and cells that are too far off."""
    kept = set(found.places().tolist())
    margin_m = lateral_mm / 1_000
    whole_m = margin_m + margin_mm_of(place) / 1_000
    missing = surplus = 0
    for cell in _around(found):
        ring = _ring_of(cell)  # to the grid of positions: 1 cm
        if cell in kept:
            limit_m = margin_m + whole_m * EXCESS + 0.05
            surplus += brute.apart_m(place, ring, asked_m=limit_m) > limit_m
        else:
            missing += brute.apart_m(place, ring, asked_m=margin_m - 0.05) <= margin_m - 0.05
    return missing, surplus


@pytest.mark.parametrize("seed", range(4))
def test_with_a_margin_no_cell_is_missed_and_few_are_added(seed: int) -> None:
    rng = default_rng(seed + 70)
    tried = 0
    while tried < 12:  # bounded by chance: few places are at a seam of the cube
        place, lateral_mm = _widened(rng)
        found = covering(place, lateral_mm)
        columns = found.places() % SIDE
        rows = found.places() // SIDE % SIDE
        if min(columns.min(), rows.min()) == 0 or max(columns.max(), rows.max()) == SIDE - 1:
            continue
        assert _judged(place, lateral_mm, found) == (0, 0)
        tried += 1


def _square(half: float) -> Polygon:
    south, north, west, east = 48 - half, 48 + half, 9 - half, 9 + half
    return polygon((south, west), (south, east), (north, east), (north, west))


def test_cells_within_a_hole_are_not_touched() -> None:
    """Whether a cell touches a ring with holes is the oracle's to say; corridors have margins."""
    for half in (0.012, 0.05, 0.11):
        outer, hole = (_square(half * share_) for share_ in (1.0, 0.7))
        place = Polygon(vertices=outer.vertices, holes=(hole.vertices,))
        check(place)
        assert _judged(place, 0, covering(place)) == (0, 0)
        free = len(covering(outer)) - len(covering(place))
        assert free > 0 or half < 0.02  # a cell is a hundredth of a degree wide
    line = corridor(2_000.0, (48, 9), (48.05, 9.1), (48.0, 9.2), (48.02, 9.0))
    assert _judged(line, 0, covering(line)) == (0, 0)


def test_the_judge_sees_a_margin_that_is_too_small_or_too_wide() -> None:
    place, lateral_mm = polygon((48, 9), (48, 9.05), (48.05, 9)), 4_000_000
    assert _judged(place, lateral_mm, covering(place, lateral_mm)) == (0, 0)
    assert _judged(place, lateral_mm, covering(place, lateral_mm - 500_000))[0] > 0
    assert _judged(place, lateral_mm, covering(place, lateral_mm + 500_000))[1] > 0


@pytest.mark.parametrize("spot", [*ODD_PLACES, (CORNER, 45.0), (48.0, 9.0), (0.0, 45.0)])
@pytest.mark.parametrize("radius_m", [1.0, 900.0, 20_000.0, 80_000.0])
def test_a_circle_covers_its_rim_and_inside(spot: tuple[float, float], radius_m: float) -> None:
    found = ids_of(covering(circle(*spot, radius_m)))
    for azimuth in range(0, 360, 4):
        for share_ in (0.2, 0.7, 0.999, 1.0):
            lat, lon = beyond(spot, azimuth, radius_m * share_)
            inside = S2CellId(S2LatLng.FromDegrees(lat, lon)).parent(LEVEL)
            assert inside.id() in found


def test_a_corner_that_touches_a_corner_covers_all_four_cells() -> None:
    ring = polygon((0, 0), (0.001, 0.0003), (0.0003, 0.001))
    middle = (SIDE // 2 * SIDE) + SIDE // 2  # north-east of the middle of face 0
    assert covering(ring).places().tolist() == [
        *(middle - SIDE - 1, middle - SIDE),
        *(middle - 1, middle),
    ]
    along = polygon((0, 0.001), (0, 0.002), (0.001, 0.0015))  # an edge on the equator
    assert covering(along).places().tolist() == [middle - SIDE, middle]


def _set(found: Covering) -> set[int]:
    return set(found.places().tolist())


def test_sharing_is_what_sets_of_cells_say() -> None:
    rng = default_rng(9)
    shared = 0
    for _ in range(400):
        one, other = (covering(each) for each in pair(rng))
        expected = bool(_set(one) & _set(other))
        assert share(one, other) == share(other, one) == expected
        assert _set(united([one, other])) == _set(one) | _set(other)
        shared += expected
    assert 100 < shared < 400


def test_spans_neither_overlap_nor_adjoin() -> None:
    rng = default_rng(10)
    for _ in range(100):
        found = united([covering(each) for each in pair(rng)])
        assert (found.first <= found.last).all()
        assert (found.first[1:] > found.last[:-1] + 1).all()


def _zigzag() -> Polygon:
    """Ten thousand corners, each edge over 300 km."""
    east = np.linspace(0, 3, 5_000)
    return polygon(
        *((1.5 if n % 2 else -1.2, lon) for n, lon in enumerate(east.tolist())),
        *((-1.3 if n % 2 else -1.6, lon) for n, lon in enumerate(east[::-1].tolist())),
    )


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: circle(48, 9, 340_000), "too_many_cells"),
        (lambda: polygon((0, 0), (0, 7), (1, 7), (1, 0)), "too_many_cells"),
        (_zigzag, "too_many_cells"),
        (lambda: polygon((0, 0), (0, 120), (80, 60)), "too_wide"),
    ],
)
def test_what_is_too_much_is_refused_by_name(make: Callable[[], Footprint], code: str) -> None:
    with pytest.raises(Malformed) as caught:
        covering(make())
    assert caught.value.code == code


def test_the_widest_is_covered() -> None:
    found = covering(circle(48, 9, 330_000))
    assert 200_000 < len(found) < 400_000
    assert len(found.first) < 1_000


def test_a_forgotten_rounding_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    ring = polygon((0, 0), (0.001, 0.0003), (0.0003, 0.001))
    monkeypatch.setattr(cells, "_ROUNDING", 0.0)
    assert len(covering(ring)) < 4


def test_no_cell_is_wider_than_said() -> None:
    rng = default_rng(3)
    for _ in range(200):
        face, row, column = (int(rng.integers(most)) for most in (6, SIDE, SIDE))
        ring = _ring_of((face * SIDE + row) * SIDE + column)
        one, two, three, four = (
            circle(degrees(v.lat_e7), degrees(v.lon_e7), 0.01) for v in ring.vertices
        )
        assert brute.apart_m(one, three) < cells.CELL_MM / 1_000
        assert brute.apart_m(two, four) < cells.CELL_MM / 1_000
