"""The drawing's answers are the exact test's, pair by pair and by the thousand; S2 agrees."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeAlias

import numpy as np
import pytest
from numpy.random import default_rng
from s2geometry import S2LatLng, S2Loop, S2Polygon  # type: ignore[import-untyped]

from comity.airspace import sketch
from comity.airspace.columns import Columns
from comity.airspace.footprint import check
from comity.airspace.narrow import lateral
from comity.airspace.outline import volume_outline
from comity.airspace.sketch import sketch_of, within
from comity.model.quantity import degrees
from comity.model.volume import Circle, Corridor, Footprint, Polygon, Volume4D
from tests.airspace.many import pair
from tests.airspace.samples import (
    bends,
    cases,
    circle,
    discs,
    footprints,
    in_holes,
    lattice,
    polygon,
    touches,
    volume,
)

pytestmark = pytest.mark.timeout(120)  # seconds: the slow oracle makes the hard pairs
Pairs: TypeAlias = Sequence[tuple[Volume4D, Volume4D]]


def _exact(a: Volume4D, b: Volume4D, limit_mm: int) -> bool:
    return lateral(volume_outline(a), volume_outline(b), limit_mm=limit_mm) is not None


def _one_by_one(tried: Pairs, limit_mm: int) -> list[bool]:
    return [within(sketch_of(a), [sketch_of(b)], [limit_mm])[0] for a, b in tried]


def _together(tried: Pairs, limit_mm: int) -> list[bool]:
    columns = Columns()
    rows = columns.add([each for couple in tried for each in couple])
    return [bool(said) for said in columns.near(rows[::2], rows[1::2], limit_mm)]


def _random_pairs(seed: int, count: int) -> Pairs:
    rng = default_rng(seed)
    drawn = [pair(rng) for _ in range(count)]
    spread = (0, 0, 0), (0, 0, 0), (700, 0, 0)
    return [(volume(a), volume(b, spread=spread[at % 3])) for at, (a, b) in enumerate(drawn)]


@pytest.mark.parametrize("seed", range(10))
def test_fifty_thousand_pairs_have_the_exact_answer(seed: int) -> None:
    tried = _random_pairs(seed, 5_000)
    limit_mm = (0, 0, 0, 5, 20_000_000)[seed % 5]
    expected = [_exact(a, b, limit_mm) for a, b in tried]
    assert _together(tried, limit_mm) == expected
    some = slice(0, 1_000)
    assert _one_by_one(tried[some], limit_mm) == expected[some]
    assert 500 < sum(expected) < 4_900  # both answers were tried


@pytest.mark.long
@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("seed", range(100, 150))
def test_five_million_pairs_have_the_exact_answer(seed: int) -> None:
    tried = _random_pairs(seed, 100_000)
    limit_mm = (0, 0, 0, 5, 20_000_000)[seed % 5]
    assert _together(tried, limit_mm) == [_exact(a, b, limit_mm) for a, b in tried]


@cache
def _hard() -> tuple[tuple[Volume4D, Volume4D], ...]:
    """Touches of every kind, slivers, discs, pairs just made to touch and 12 mm short of it."""
    found = [*touches(), *cases(21, 120), *cases(22, 60, discs), *cases(23, 80, lattice)]
    found += [*cases(24, 40, bends), *cases(25, 40, in_holes)]
    return tuple((case.a, case.b) for case in found)


def test_hard_pairs_have_the_exact_answer() -> None:
    tried = _hard()
    expected = [_exact(a, b, 0) for a, b in tried]
    assert _one_by_one(tried, 0) == expected
    assert _together(tried, 0) == expected
    turned = [(b, a) for a, b in tried]
    assert _one_by_one(turned, 0) == _together(turned, 0) == expected


def _bend(monkeypatch: pytest.MonkeyPatch, name: str, value: float) -> None:
    monkeypatch.setattr(sketch, name, value)


@pytest.mark.parametrize("ask", [_one_by_one, _together])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("_SURE_NO_MM", -3.0),  # rounded inward: what touches by rounding is called apart
        ("_SURE_YES_MM", 20.0),  # two centimetres too careful
        ("_FAR_M", sketch._FAR_M * 0.9),  # the least radius forgotten, and more
        ("_NEAR_M", sketch._NEAR_M * 1.01),  # the greatest radius forgotten
    ],
)
def test_the_comparison_sees_bounds_that_are_not_certain(
    monkeypatch: pytest.MonkeyPatch,
    ask: Callable[[Pairs, int], list[bool]],
    name: str,
    value: float,
) -> None:
    tried = _hard()
    expected = [_exact(a, b, 0) for a, b in tried]
    _bend(monkeypatch, name, value)
    assert ask(tried, 0) != expected


def test_a_forgotten_squash_is_seen() -> None:
    """Far from a sheet's centre the plane stretches: without the squash, near pairs are missed."""
    a, b = volume(circle(0.0, 50.0, 1.0)), volume(circle(0.0, 50.02, 1.0))
    one, other = (sketch_of(each, sketch_of(volume(circle(5, 5, 1))).sheet) for each in (a, b))
    limit_mm = 2_300_000
    assert _exact(a, b, limit_mm)
    assert within(one, [other], [limit_mm]) == [True]
    wrong = (each._replace(squash=1.0) for each in (one, other))
    assert within(next(wrong), [next(wrong)], [limit_mm]) == [False]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (polygon((0, 0), (0, 40), (20, 20)), polygon((1, 39), (0, 79), (-20, 59))),
        (polygon((0, 0), (0, 40), (20, 20)), circle(0, 80, 1_000)),
        (circle(0, 0, 2_400_000), circle(0, 100, 2_400_000)),
        (polygon((80, 0), (80, 120), (80, -120)), circle(60, 10, 2_000_000)),
        (circle(10, 10, 5), circle(-10, -170, 5)),  # opposite each other
    ],
)
def test_what_no_sheet_draws_is_measured(one: Footprint, other: Footprint) -> None:
    for a, b in ((volume(one), volume(other)), (volume(other), volume(one))):
        expected = [_exact(a, b, 0)]
        assert _one_by_one([(a, b)], 0) == expected
        assert _together([(a, b)], 0) == expected


def test_most_pairs_are_certain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the drawing is worth nothing: without margins hardly a pair is measured."""
    measured = []

    def counted(*outlines: object, limit_mm: int) -> None:
        measured.append((outlines, limit_mm))

    monkeypatch.setattr(sketch, "lateral", counted)
    tried = [(a, b) for a, b in _random_pairs(77, 4_000) if _both_polygons(a, b)]
    _one_by_one(tried, 0)
    assert len(tried) > 500
    assert len(measured) < len(tried) / 50


def _both_polygons(a: Volume4D, b: Volume4D) -> bool:
    return all(
        isinstance(each.footprint, Polygon) and not each.uncertainty.lateral_mm for each in (a, b)
    )


def _s2(place: Footprint) -> S2Polygon:
    """Its rings as loops; S2 nests them, so that a hole is one."""
    assert isinstance(place, Polygon)
    loops = []
    for ring in (place.vertices, *place.holes):
        loop = S2Loop()
        corners = [(degrees(v.lat_e7), degrees(v.lon_e7)) for v in ring]
        loop.Init([S2LatLng.FromDegrees(*corner).ToPoint() for corner in corners])
        loop.Normalize()
        loops.append(loop)
    found = S2Polygon()
    found.InitNested(loops)
    return found


def test_s2_agrees_on_ten_thousand_pairs() -> None:
    rng = default_rng(32)
    tried: list[tuple[Volume4D, Volume4D]] = []
    while len(tried) < 10_000:  # bounded by chance: two of three random pairs are polygons
        one, other = pair(rng)
        if isinstance(one, Polygon) and isinstance(other, Polygon):
            tried.append((volume(one), volume(other)))
    found = np.array(_together(tried, 0))
    said = np.array([_s2(a.footprint).Intersects(_s2(b.footprint)) for a, b in tried])
    assert np.flatnonzero(found != said).tolist() == []
    assert 2_000 < found.sum() < 9_000


def test_the_pairs_are_footprints_that_check_accepts() -> None:
    rng = default_rng(33)
    kinds = []
    for _ in range(300):
        for place in pair(rng):
            check(place)
            kinds.append(type(place))
    assert min(kinds.count(kind) for kind in (Circle, Corridor, Polygon)) > 80


def test_wide_pairs_have_the_exact_answer() -> None:
    rng = default_rng(34)
    tried = [tuple(map(volume, footprints(rng, largest_m=2_000_000.0))) for _ in range(300)]
    pairs: Pairs = [(a, b) for a, b in tried]
    for limit_mm in (0, 1_000_000, 900_000_000):
        expected = [_exact(a, b, limit_mm) for a, b in pairs]
        assert _one_by_one(pairs, limit_mm) == expected
        assert _together(pairs, limit_mm) == expected
