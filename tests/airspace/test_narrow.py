"""The exact test against the oracle, its properties, and engines that are wrong on purpose."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng
from s2geometry import S2LatLng, S2Loop, S2Polygon  # type: ignore[import-untyped]

from comity.airspace import brute
from comity.airspace.earth import RADIUS_MEAN_M, angle_between
from comity.airspace.footprint import check
from comity.airspace.narrow import lateral, meets, time_gap_us, vertical_gap_mm
from comity.airspace.outline import Outline, outline_of
from comity.model.fault import Malformed
from comity.model.quantity import Position, degrees
from comity.model.volume import (
    Circle,
    Corridor,
    Footprint,
    Polygon,
    Volume4D,
    Window,
    margin_mm_of,
    places_of,
)
from tests.airspace.samples import (
    HOUR_US,
    TOUCH_M,
    Case,
    bends,
    cases,
    circle,
    discs,
    footprints,
    in_holes,
    judge,
    lattice,
    polygon,
    touches,
    volume,
    widened,
)

PAIRS = 80  # random pairs a seed; about 2.3 cases each
SLACK_M = 0.003
seeds = st.integers(0, 2**32 - 1)


@cache
def pool() -> tuple[Case, ...]:
    """One shared set of cases for the engines that are wrong on purpose."""
    return (
        *touches(),
        *cases(7, 50),
        *cases(8, 80, discs),
        *cases(6, 40, bends),
        *cases(5, 40, in_holes),
    )


def test_the_touching_footprints_touch_says_the_oracle() -> None:
    for case in touches():
        assert abs(brute.apart_m(case.a.footprint, case.b.footprint)) < TOUCH_M
        check(case.a.footprint)
        check(case.b.footprint)


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_missed_and_false_alarms_are_within_3_mm(seed: int) -> None:
    found = judge(meets, cases(seed, PAIRS))
    assert found.misses == ()
    assert found.alarms == ()
    assert found.widest_m <= SLACK_M


def test_rings_on_one_grid_touch_in_every_way() -> None:
    tried = tuple(cases(10, 80, lattice))
    found = judge(meets, tried)
    assert found.misses == ()
    assert found.alarms == ()
    assert sum(abs(case.gap_m) < TOUCH_M for case in tried) > 20


def test_circles_are_geodesic_discs() -> None:
    found = judge(meets, cases(9, 150, discs))
    assert found.misses == ()
    assert found.widest_m <= SLACK_M


def test_distances_are_those_of_geographiclib() -> None:
    """Asked of the library itself, between places up to 1,000 km apart all over the globe."""
    rng = default_rng(51)
    apart_m = []
    for _ in range(2_000):
        one, other = discs(rng)
        assert isinstance(one, Circle)
        assert isinstance(other, Circle)
        ends = [(degrees(c.lat_e7), degrees(c.lon_e7)) for c in (one.centre, other.centre)]
        true_m = Geodesic.WGS84.Inverse(*ends[0], *ends[1])["s12"] - 7  # both radii
        found = lateral(outline_of(one), outline_of(other), limit_mm=10**9)
        assert found is not None
        assert true_m - SLACK_M <= found.closest_mm / 1_000 <= max(true_m, 0)
        apart_m.append(true_m)
    assert max(apart_m) > 300_000


def test_corridors_cover_what_is_near_their_line_and_nothing_else() -> None:
    tried = tuple(cases(11, 60, bends))
    found = judge(meets, tried)
    assert found.misses == ()
    assert found.alarms == ()
    assert sum(case.gap_m > 1 for case in tried) > 20


def test_what_is_in_a_hole_is_outside_and_its_rim_is_not() -> None:
    tried = tuple(cases(12, 90, in_holes))
    found = judge(meets, tried)
    assert found.misses == ()
    assert found.alarms == ()
    assert found.widest_m <= SLACK_M
    assert sum(case.gap_m > 1 for case in tried) > 15
    assert sum(case.gap_m < 0 for case in tried) > 15


def test_a_ring_that_touches_itself_by_rounding_still_has_an_answer() -> None:
    bow_tie = polygon((0, 0), (2, 2), (2, 0), (0, 1))  # worse than `check` lets pass
    for place in (bow_tie, polygon((0.5, -1), (0.6, -1), (0.6, 3), (0.5, 3)), circle(1, 1, 50)):
        found = lateral(outline_of(bow_tie), outline_of(place), limit_mm=0)
        assert found is not None


def test_touching_is_meeting() -> None:
    found = judge(meets, touches())
    assert found.misses == ()
    assert found.alarms == ()


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(1_000, 1_020))
def test_nothing_is_missed_in_many_more_pairs(seed: int) -> None:
    tried = (*cases(seed, 400), *cases(seed, 400, lattice), *cases(seed, 100, discs))
    tried += (*cases(seed, 200, bends), *cases(seed, 200, in_holes))
    found = judge(meets, tried)
    assert found.misses == ()
    assert found.alarms == ()


def _open_intervals(a: Volume4D, b: Volume4D) -> bool:
    """Wrong: touching in time is not meeting."""
    return meets(a, b) and max(a.window.start_us, b.window.start_us) < min(
        a.window.end_us, b.window.end_us
    )


def _open_rims(a: Volume4D, b: Volume4D) -> bool:
    """Wrong: rims that only touch are said to be apart, by taking a centimetre off."""
    found = lateral(outline_of(a.footprint), outline_of(b.footprint), limit_mm=10**9)
    margins_mm = a.uncertainty.lateral_mm + b.uncertainty.lateral_mm
    return found is not None and found.closest_mm <= max(margins_mm - 10, -1)


def _planar(a: Volume4D, b: Volume4D) -> bool:
    """Wrong: degrees as if the earth were flat."""
    shapes: list[shapely.Geometry] = []
    reach = 0.0
    for one in (a, b):
        place, wide = one.footprint, one.uncertainty.lateral_mm + margin_mm_of(one.footprint)
        spots = _degrees(places_of(place))
        if isinstance(place, Polygon):
            outer = spots[: len(place.vertices)]
            shapes.append(shapely.Polygon(outer).buffer(0))
        else:
            shapes.append(shapely.Point(*spots) if len(spots) == 1 else shapely.LineString(spots))
        reach += wide / 111_195_000
    return bool(shapely.dwithin(shapes[0], shapes[1], reach))


def _forgetful(a: Volume4D, b: Volume4D) -> bool:
    """Wrong: one of the two uncertainties is forgotten."""
    return meets(widened(a, 0), b)


def _spherical(a: Volume4D, b: Volume4D) -> bool:
    """Wrong: distances on a sphere."""
    if not all(isinstance(one.footprint, Circle) for one in (a, b)):
        return meets(a, b)
    one, other = (outline_of(v.footprint, v.uncertainty.lateral_mm) for v in (a, b))
    apart_m = angle_between(one.normals[0], other.normals[0]) * RADIUS_MEAN_M
    return apart_m * 1_000 <= one.margin_mm + other.margin_mm


def _changed(one: Volume4D, change: Callable[[Corridor], Footprint]) -> Volume4D:
    place = one.footprint
    return replace(one, footprint=change(place)) if isinstance(place, Corridor) else one


def _closing(a: Volume4D, b: Volume4D) -> bool:
    """Wrong: a corridor's line has an edge from its end to its start."""

    def closed(place: Corridor) -> Footprint:
        ends = (place.vertices[-1], place.vertices[0])
        whole = place.vertices if ends[0] == ends[1] else (*place.vertices, ends[1])
        return replace(place, vertices=whole)

    return meets(_changed(a, closed), _changed(b, closed))


def _filling(a: Volume4D, b: Volume4D) -> bool:
    """Wrong: what a corridor goes around is inside."""
    one, other = (_filled(outline_of(v.footprint, v.uncertainty.lateral_mm)) for v in (a, b))
    return lateral(one, other, limit_mm=0) is not None


def _filled(outline: Outline) -> Outline:
    if not outline.is_open or len(outline.core) < 4:
        return outline
    return replace(outline, is_open=False)


def _butting(a: Volume4D, b: Volume4D) -> bool:
    """Wrong: a corridor ends flat, at its last vertex but one."""
    return meets(_changed(a, _shorter), _changed(b, _shorter))


def _shorter(place: Corridor) -> Footprint:
    return replace(place, vertices=place.vertices[: max(2, len(place.vertices) - 1)])


def _narrowing(a: Volume4D, b: Volume4D) -> bool:
    """Wrong: the width is taken for the half-width."""
    return meets(*(_changed(one, _half) for one in (a, b)))


def _half(place: Corridor) -> Footprint:
    return replace(place, half_width_mm=place.half_width_mm // 2 + 1)


def _hole_changed(one: Volume4D, change: Callable[[Polygon], Footprint]) -> Volume4D:
    place = one.footprint
    return replace(one, footprint=change(place)) if isinstance(place, Polygon) else one


def _filling_holes(a: Volume4D, b: Volume4D) -> bool:
    """Wrong: holes are forgotten."""
    return meets(*(_hole_changed(one, lambda p: replace(p, holes=())) for one in (a, b)))


def _forgetting_one(a: Volume4D, b: Volume4D) -> bool:
    """Wrong: the last hole is forgotten."""
    return meets(*(_hole_changed(one, lambda p: replace(p, holes=p.holes[:-1])) for one in (a, b)))


def _without_hole_rims(a: Volume4D, b: Volume4D) -> bool:
    """Wrong: what is in a hole is measured to the outer rim alone."""
    cores = (outline_of(one.footprint) for one in (a, b))
    if lateral(*cores, limit_mm=0) is not None:
        return True
    limit_mm = a.uncertainty.lateral_mm + b.uncertainty.lateral_mm
    return lateral(*(_outer_rim(one.footprint) for one in (a, b)), limit_mm=limit_mm) is not None


def _outer_rim(place: Footprint) -> Outline:
    if not isinstance(place, Polygon):
        return outline_of(place)
    around = Corridor(vertices=(*place.vertices, place.vertices[0]), half_width_mm=1)
    return replace(outline_of(around), margin_mm=0)


def _open_holes(a: Volume4D, b: Volume4D) -> bool:
    """Wrong: the rim of a hole is outside; what fills a hole does not meet."""
    for one, other in ((a, b), (b, a)):
        holes = one.footprint.holes if isinstance(one.footprint, Polygon) else ()
        inner = shapely.MultiPoint(_degrees(places_of(other.footprint))).convex_hull
        uncertain = one.uncertainty.lateral_mm + other.uncertainty.lateral_mm > 0
        if not uncertain and any(shapely.Polygon(_degrees(h)).covers(inner) for h in holes):
            return False
    return meets(a, b)


def _degrees(places: tuple[Position, ...]) -> list[tuple[float, float]]:
    return [(degrees(place.lon_e7), degrees(place.lat_e7)) for place in places]


def _cautious(a: Volume4D, b: Volume4D) -> bool:
    """Wrong: two centimetres too careful."""
    return meets(widened(a, a.uncertainty.lateral_mm + 20), b)


@pytest.mark.parametrize(
    "engine",
    [
        _open_rims,
        _planar,
        _forgetful,
        _spherical,
        _butting,
        _narrowing,
        _without_hole_rims,
        _open_holes,
    ],
)
def test_the_judge_sees_an_engine_that_misses(
    engine: Callable[[Volume4D, Volume4D], bool],
) -> None:
    assert judge(engine, pool()).misses


@pytest.mark.parametrize(
    "engine", [_cautious, _planar, _spherical, _closing, _filling, _filling_holes, _forgetting_one]
)
def test_the_judge_sees_an_engine_that_cries_wolf(
    engine: Callable[[Volume4D, Volume4D], bool],
) -> None:
    assert judge(engine, pool()).alarms


def _in_time_and_height(
    engine: Callable[[Volume4D, Volume4D], bool],
) -> list[tuple[Volume4D, Volume4D]]:
    """Pairs of one small circle in many windows and bands where engine and oracle differ."""
    place = circle(35, 36, 1_000)
    windows, bands = [(0, 0), (0, 10), (10, 20), (11, 11), (12, 30)], [(0, 5), (5, 5), (6, 9)]
    spreads = [(0, 0, 0), (0, 1, 0), (0, 0, 1), (0, 2, 5)]
    fixed = volume(place, heights_mm=(0, 5), window_us=(0, 10), spread=(0, 0, 1))
    tried = [
        volume(place, heights_mm=heights_mm, window_us=window_us, spread=spread)
        for heights_mm in bands
        for window_us in windows
        for spread in spreads
    ]
    return [(fixed, one) for one in tried if engine(fixed, one) != brute.meets(fixed, one)]


def test_time_and_height_agree_with_the_oracle() -> None:
    assert _in_time_and_height(meets) == []
    assert _in_time_and_height(_open_intervals) != []


def test_gaps_in_time_and_height_are_exact() -> None:
    place = circle(0, 0, 1)
    here = volume(place, spread=(0, 3, 7))
    later = volume(place, window_us=(HOUR_US + 107, HOUR_US + 200), heights_mm=(-80, -50))
    assert time_gap_us(here, later) == time_gap_us(later, here) == 100
    assert vertical_gap_mm(here, later) == vertical_gap_mm(later, here) == 47
    assert time_gap_us(here, here) == vertical_gap_mm(here, here) == 0


@given(seeds)
def test_meeting_is_symmetric_to_the_last_bit(seed: int) -> None:
    one, other = (outline_of(place) for place in footprints(default_rng(seed)))
    assert lateral(one, other, limit_mm=10**9) == lateral(other, one, limit_mm=10**9)


@given(seeds, st.integers(0, 10**8), st.integers(0, 10**8))
def test_more_uncertainty_never_loses_a_conflict(seed: int, less_mm: int, more_mm: int) -> None:
    one, other = footprints(default_rng(seed), largest_m=100_000.0)
    less_mm, more_mm = sorted((less_mm, more_mm))
    if meets(volume(one, spread=(less_mm, 0, 0)), volume(other)):
        assert meets(volume(one, spread=(more_mm, 0, 0)), volume(other))
        assert meets(volume(one, spread=(more_mm, 9, 9)), volume(other, spread=(1, 1, 1)))


@given(seeds, st.integers(1, 10**8), st.integers(1, 10**8))
def test_a_wider_corridor_never_loses_a_conflict(seed: int, one_mm: int, other_mm: int) -> None:
    line, other = bends(default_rng(seed))
    assert isinstance(line, Corridor)
    narrow, wide = (replace(line, half_width_mm=mm) for mm in sorted((one_mm, other_mm)))
    if meets(volume(narrow), volume(other)):
        assert meets(volume(wide), volume(other))


@given(seeds)
def test_a_corridor_is_the_same_from_both_ends(seed: int) -> None:
    rng = default_rng(seed)
    line, other = bends(rng)
    assert isinstance(line, Corridor)
    there = outline_of(other)
    for count in (2, len(line.vertices)):
        line = replace(line, vertices=line.vertices[:count])
        back = replace(line, vertices=line.vertices[::-1])
        one, turned = (lateral(outline_of(v), there, limit_mm=10**9) for v in (line, back))
        assert one is not None
        assert turned is not None
        assert abs(one.closest_mm - turned.closest_mm) <= 1
        assert meets(volume(line), volume(other)) == meets(volume(back), volume(other))


@given(seeds, st.integers(-(10**15) // 2, 10**15), st.integers(-2, 2))
def test_only_differences_of_time_count(seed: int, moved_us: int, late_us: int) -> None:
    one, other = footprints(default_rng(seed), largest_m=1_000.0)
    a = volume(one)
    b = volume(other, window_us=(HOUR_US + late_us, HOUR_US + 10))

    def later(each: Volume4D) -> Volume4D:
        window = Window(
            start_us=each.window.start_us + moved_us, end_us=each.window.end_us + moved_us
        )
        return replace(each, window=window)

    assert meets(a, b) == meets(later(a), later(b))
    assert not (late_us > 0 and meets(a, b))


@given(seeds)
def test_a_footprint_meets_itself_and_its_vertices(seed: int) -> None:
    one, _ = footprints(default_rng(seed))
    here = volume(one, heights_mm=(5, 5), window_us=(1, 1))
    assert meets(here, here)
    for place in places_of(one):
        assert meets(here, volume(Circle(centre=place, radius_mm=1)))


def _s2(place: Polygon) -> S2Polygon:
    """Its rings as loops; S2 nests them, so that a hole is one."""
    found = S2Polygon()
    found.InitNested([_loop(ring) for ring in (place.vertices, *place.holes)])
    return found


def _loop(ring: tuple[Position, ...]) -> S2Loop:
    loop = S2Loop()
    corners = [(degrees(v.lat_e7), degrees(v.lon_e7)) for v in ring]
    loop.Init([S2LatLng.FromDegrees(*corner).ToPoint() for corner in corners])
    loop.Normalize()
    return loop


def test_s2_agrees_on_polygons() -> None:
    """S2 (Google's C++ spherical geometry) as a third opinion on overlap, edges as ours."""
    rng = default_rng(31)
    compared = met = 0
    while compared < 700:  # bounded by the random pairs: about half are two polygons
        one, other = footprints(rng)
        if not (isinstance(one, Polygon) and isinstance(other, Polygon)):
            continue
        found = lateral(outline_of(one), outline_of(other), limit_mm=0) is not None
        if found != bool(_s2(one).Intersects(_s2(other))):  # by chance less than 3 mm apart
            assert found
            assert 0 < brute.apart_m(one, other) <= SLACK_M
        compared, met = compared + 1, met + found
    assert 150 < met < 550  # both answers were tried


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (polygon((0, 0), (0, 44), (20, 22)), polygon((0, 44), (0, 88), (-20, 66))),
        (polygon((60, 0), (60, 90), (75, 45)), polygon((60, 90), (60, 180), (75, 135))),
    ],
)
def test_the_widest_footprints_are_still_projected(one: Footprint, other: Footprint) -> None:
    check(one)
    check(other)
    assert meets(volume(one), volume(other))


def test_too_wide_footprints_are_refused_and_not_stretched() -> None:
    wide = volume(polygon((0, 0), (0, 120), (80, 60)))
    with pytest.raises(Malformed) as caught:
        meets(wide, volume(circle(0, 0, 1)))
    assert caught.value.code == "too_wide"


def test_the_point_lies_in_both_footprints_or_between_them() -> None:
    rng = default_rng(41)
    for _ in range(90):
        one, other = footprints(rng)
        found = lateral(outline_of(one), outline_of(other), limit_mm=10**9)
        if found is None:
            continue
        spot = Circle(centre=found.point, radius_mm=1)
        away_m = [max(0.0, brute.apart_m(spot, place)) for place in (one, other)]
        # Half-way: as far from each, and no detour; the grid of positions is 1.1 cm.
        assert away_m == pytest.approx([found.closest_mm / 2_000] * 2, abs=0.02)


def test_every_random_footprint_is_one_that_check_accepts() -> None:
    rng = default_rng(43)
    kinds = set()
    for _ in range(100):
        for place in footprints(rng):
            check(place)
            kinds.add(type(place))
    assert kinds == {Circle, Corridor, Polygon}


def test_the_pool_holds_both_answers_and_near_misses() -> None:
    gaps = np.array([case.gap_m for case in pool()])
    assert (gaps < 0).sum() > 20
    assert (gaps > 1).sum() > 20
    assert ((gaps > 0.01) & (gaps < 0.013)).sum() > 20
    assert ((gaps > -0.001) & (gaps <= TOUCH_M)).sum() > 20
