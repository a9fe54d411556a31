"""Every comparison and every outward rounding counts: bend one, and some answer becomes wrong.

Each `<`, `<=`, `>`, `>=` of the functions below is made strict where it was not, and the reverse;
the bent function has to disagree somewhere with what is plainly true. Bounds that are not exact by
nature (the drawing's) are bent in `test_sketch`.
"""

import ast
import inspect
from collections.abc import Callable
from functools import cache
from itertools import product
from textwrap import dedent
from types import ModuleType
from typing import TypeAlias

import numpy as np
import pytest

from comity.airspace import boxes, broad, brute, clearance, coarse, narrow, sides
from comity.airspace.broad import Box4D
from comity.airspace.clearance import Clearance
from comity.airspace.outline import volume_outline
from comity.airspace.sides import Sides, sides_of
from comity.model.volume import Volume4D
from tests.airspace.samples import beyond, circle, volume

BENDS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
Touching: TypeAlias = Callable[[Sides, Sides], bool]


def bent(function: Callable[..., object], number: int) -> Callable[..., object] | None:
    """The function with its n-th ordering comparison bent; None when it has no such one."""
    tree = ast.parse(dedent(inspect.getsource(function)))
    places = [
        (node, at)
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        for at, op in enumerate(node.ops)
        if type(op) in BENDS
    ]
    if number >= len(places):
        return None
    node, at = places[number]
    node.ops[at] = BENDS[type(node.ops[at])]()
    scope = dict(vars(inspect.getmodule(function)))
    exec(compile(ast.fix_missing_locations(tree), "<bent>", "exec"), scope)  # noqa: S102
    found: Callable[..., object] = scope[function.__name__]
    return found


def all_bent(function: Callable[..., object], expected: int) -> list[Callable[..., object]]:
    """One bent function for each comparison; there are as many as we think."""
    found = [each for number in range(expected + 1) if (each := bent(function, number)) is not None]
    assert len(found) == expected
    return found


@cache
def _few_boxes() -> tuple[tuple[Sides, ...], tuple[tuple[bool, ...], ...]]:
    """Small boxes on a grid, and which of them share a point: counted, not compared."""
    spans = [(0, 1), (1, 2), (2, 3), (3, 3), (0, 3)]
    made: list[Sides] = []
    for axis in range(4):
        for span in spans:
            axes = [(0, 3)] * 4
            axes[axis] = span
            south, lon, up, when = axes
            made.append((*south, lon[0], lon[1] - lon[0], *up, *when))
    points = [
        set(
            product(
                range(s, n + 1), range(w, w + wide + 1), range(lo, hi + 1), range(start, end + 1)
            )
        )
        for s, n, w, wide, lo, hi, start, end in made
    ]
    met = tuple(tuple(bool(one & other) for other in points) for one in points)
    return tuple(made), met


def _is_right(touching: Touching) -> bool:
    made, met = _few_boxes()
    said = tuple(tuple(bool(touching(one, other)) for other in made) for one in made)
    return said == met


def _box(each: Sides) -> Box4D:
    return Box4D(**dict(zip(Box4D.__slots__, each, strict=True)))


def _one(function: Callable[..., object]) -> Touching:
    return lambda one, other: bool(function(one, other))


def _boxed(function: Callable[..., object]) -> Touching:
    return lambda one, other: bool(function(_box(one), _box(other)))


def _many(function: Callable[..., object]) -> Touching:
    return lambda one, other: bool(np.asarray(function(np.array([one]), other))[0])


@pytest.mark.parametrize(
    ("function", "comparisons", "asked"),
    [
        (sides.touch, 8, _one),
        (broad.boxes_meet, 8, _boxed),
        (boxes.touching_one, 8, _many),
    ],
)
def test_each_side_of_a_box_is_closed(
    function: Callable[..., object],
    comparisons: int,
    asked: Callable[[Callable[..., object]], Touching],
) -> None:
    assert _is_right(asked(function))
    wrong = [_is_right(asked(each)) for each in all_bent(function, comparisons)]
    assert wrong == [False] * comparisons


def _volumes() -> list[Volume4D]:
    """Circles on one meridian, in bands and windows that touch, overlap or part by one."""
    spots = [(0.0, 10.0), beyond((0.0, 10.0), 0.0, 100.0), beyond((0.0, 10.0), 0.0, 100.02)]
    return [
        volume(circle(*spot, 50), heights_mm=band, window_us=window)
        for spot in spots
        for band in ((0, 5), (5, 9), (6, 9))
        for window in ((0, 10), (10, 20), (11, 20))
    ]


def _meets_right(function: Callable[..., object]) -> bool:
    tried = [(a, b) for a in _volumes() for b in _volumes()]
    return all(bool(function(a, b)) == brute.meets(a, b) for a, b in tried)


def test_touching_in_time_and_height_is_meeting() -> None:
    assert _meets_right(narrow.meets)
    assert not any(_meets_right(each) for each in all_bent(narrow.meets, 2))


def _gaps_right(function: Callable[..., object]) -> bool:
    """Whether what is exactly as far as the clearance is near, and what is one more is not."""
    here = volume(circle(0, 0, 50), heights_mm=(0, 5), window_us=(0, 10))
    there = volume(circle(0, 0.01, 50), heights_mm=(12, 20), window_us=(40, 50))
    found = clearance.assess(here, there, Clearance(lateral_mm=10**7, vertical_mm=7, time_us=30))
    assert found is not None
    exact = (found.closest_mm, 7, 30)
    less = [tuple(n - (at == axis) for at, n in enumerate(exact)) for axis in range(3)]
    asked = [exact, *less]
    said = [
        function(here, there, Clearance(lateral_mm=a, vertical_mm=b, time_us=c)) is not None
        for a, b, c in asked
    ]
    return said == [True, False, False, False]


def test_as_far_as_the_clearance_is_too_close() -> None:
    assert _gaps_right(clearance.assess)
    assert not any(_gaps_right(each) for each in all_bent(clearance.assess, 2))


def _coarse_right(function: Callable[..., object]) -> bool:
    """Whether wholes that touch in height or time meet, asked both ways."""
    place = circle(48, 9, 50)
    one, *others = (
        coarse.whole_of([volume(place, heights_mm=band, window_us=window)])
        for band, window in (((0, 5), (0, 9)), ((5, 8), (0, 9)), ((0, 5), (9, 12)))
    )
    return all(bool(function(a, b)) for each in others for a, b in ((one, each), (each, one)))


def test_wholes_that_touch_share() -> None:
    assert _coarse_right(coarse.coarsely_meet)
    assert not any(_coarse_right(each) for each in all_bent(coarse.coarsely_meet, 4))


def _lateral_right(function: Callable[..., object]) -> bool:
    a, b = (volume_outline(volume(circle(0, lon, 50))) for lon in (0.0, 0.01))
    found = narrow.lateral(a, b, limit_mm=10**7)
    assert found is not None
    limits = (found.closest_mm, found.closest_mm - 1)
    return [function(a, b, limit_mm=each) is not None for each in limits] == [True, False]


def test_the_limit_itself_is_near() -> None:
    assert _lateral_right(narrow.lateral)
    bends = [bent(narrow.lateral, number) for number in range(9)]
    wrong = [_lateral_right(each) for each in bends if each is not None].count(False)
    assert wrong == 1  # the others compare floats that are never equal, or which one goes first


def _rims() -> list[tuple[Volume4D, Volume4D]]:
    """Discs that just touch, all ways about a few places; the second's margin rounded up."""
    found = []
    for here in ((0.0, 10.0), (48.0, 9.0), (-69.0, 179.999), (89.9, 0.0)):
        for azimuth in range(0, 360, 30):
            for length_m in (150.0, 40_000.0):
                there = beyond(here, azimuth, length_m)
                one, other = circle(*here, 60), circle(*there, 1)
                gap_mm = int(brute.apart_m(one, other) * 1_000) + 1
                found.append((volume(one), volume(other, spread=(gap_mm, 0, 0))))
    return found


def _misses_none() -> bool:
    return all(narrow.meets(a, b) for a, b in _rims())


def _sides_miss_none() -> bool:
    return all(sides.touch(sides_of(a), sides_of(b)) for a, b in _rims())


def _boxes_miss_none() -> bool:
    return all(broad.boxes_meet(broad.box(a), broad.box(b)) for a, b in _rims())


@pytest.mark.parametrize(
    ("module", "names", "misses_none"),
    [
        (sides, {"_SLACK_MM": -100, "_SLACK_E7": 0}, _sides_miss_none),
        (sides, {"ceil": lambda angle: int(angle) - 10}, _sides_miss_none),
        (broad, {"_SLACK_MM": -100, "_SLACK_E7": 0}, _boxes_miss_none),
        (broad, {"ceil": lambda angle: int(angle) - 10}, _boxes_miss_none),
        (narrow, {"_SLACK_MM": -1.5}, _misses_none),
        (narrow, {"floor": lambda length: int(length) + 3}, _misses_none),
    ],
)
def test_rounding_is_outward(
    module: ModuleType,
    names: dict[str, object],
    misses_none: Callable[[], bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert all(brute.meets(a, b) for a, b in _rims())
    assert misses_none()
    for name, value in names.items():
        monkeypatch.setattr(module, name, value)
    assert not misses_none()
