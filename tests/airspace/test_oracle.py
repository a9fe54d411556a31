"""The whole way of a search, boxes and drawings, against the slow second opinion: no miss.

The engine is what an index asks: sides of boxes, then drawings, then geodesics. The oracle is
`brute`, which shares no code with it. Pairs lie over poles and the antimeridian, too, and windows,
heights and uncertainties often just touch.
"""

import sys
from math import ceil
from typing import TypeAlias

import numpy as np
import pytest
from numpy.random import Generator, default_rng

from comity.airspace import brute, narrow
from comity.airspace.columns import Columns
from comity.airspace.sides import sides_of, touch
from comity.model.volume import UNCERTAINTY_MM_MAX, Footprint, Volume4D
from tests.airspace.many import pair
from tests.airspace.samples import volume, widened

CHUNK = 5_000
ALARM_M = 0.003  # geometry.md: reported distances are 0 to 3 mm below the truth
Pairs: TypeAlias = list[tuple[Volume4D, Volume4D]]


def _pairs(seed: int, count: int) -> Pairs:
    rng = default_rng(seed)
    found = []
    for number in range(count):
        one, other = pair(rng)
        a, b = _filled(rng, one), _filled(rng, other)
        found.append((_just(rng, a, b), b) if number % 50 == 0 else (a, b))
    return found


def _just(rng: Generator, a: Volume4D, b: Volume4D) -> Volume4D:
    """The first, made to touch the second on the ground, or up to 2 cm less or more."""
    needed_mm = ceil(brute.apart_m(a.footprint, b.footprint) * 1_000) - b.uncertainty.lateral_mm
    wanted_mm = needed_mm + int(rng.choice([0, 0, 1, 20, -4, -20]))
    return widened(a, wanted_mm) if 0 <= wanted_mm <= UNCERTAINTY_MM_MAX else a


def _filled(rng: Generator, place: Footprint) -> Volume4D:
    """Windows and heights on a coarse grid: one pair in ten only touches, one in five is apart."""
    low, start = int(rng.choice([0, 0, 0, 2, 4])), int(rng.choice([0, 0, 0, 2, 4]))
    return volume(
        place,
        heights_mm=(low, low + int(rng.integers(1, 4))),
        window_us=(start, start + int(rng.integers(1, 4))),
        spread=(
            int(rng.choice([0, 0, 5, 700, 20_000])),
            int(rng.integers(0, 2)),
            int(rng.integers(0, 2)),
        ),
    )


def _said(tried: Pairs) -> list[bool]:
    """What the index would say of each pair."""
    kept = Columns()
    rows = kept.add([each for couple in tried for each in couple])
    one, other = rows[::2], rows[1::2]
    found = np.array([touch(sides_of(a), sides_of(b)) for a, b in tried])
    found[found] = kept.near(one[found], other[found], 0)
    return list(map(bool, found.tolist()))


def _wrong(tried: Pairs) -> tuple[Pairs, Pairs, int]:
    """Misses, false alarms beyond 3 mm, and how many meet."""
    said = _said(tried)
    truth = [brute.meets(a, b) for a, b in tried]
    misses = [each for each, ours, true in zip(tried, said, truth, strict=True) if true > ours]
    doubted = [each for each, ours, true in zip(tried, said, truth, strict=True) if ours > true]
    alarms = [(a, b) for a, b in doubted if not _nearly(a, b)]
    return misses, alarms, sum(truth)


def _nearly(a: Volume4D, b: Volume4D) -> bool:
    """Apart on the ground alone, and by 3 mm at most."""
    if narrow.time_gap_us(a, b) > 0 or narrow.vertical_gap_mm(a, b) > 0:
        return False
    margin_m = (a.uncertainty.lateral_mm + b.uncertainty.lateral_mm) / 1_000
    return brute.apart_m(a.footprint, b.footprint) - margin_m <= ALARM_M


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.timeout(120)  # seconds: some six on an idle machine
def test_fifty_thousand_pairs_have_the_oracles_answer(seed: int) -> None:
    misses, alarms, met = _wrong(_pairs(seed, CHUNK))
    assert misses == []
    assert alarms == []
    assert CHUNK / 5 < met < CHUNK * 4 / 5  # both answers were tried


@pytest.mark.long
@pytest.mark.timeout(1_800)  # seconds: a hundred thousand pairs take some 40 on an idle machine
@pytest.mark.parametrize("part", range(50))
def test_five_million_pairs_have_the_oracles_answer(part: int) -> None:
    """In parts of 100,000, each named and told as it goes."""
    for at in range(20):
        misses, alarms, met = _wrong(_pairs(1_000_000 + part * 20 + at, CHUNK))
        assert (misses, alarms) == ([], [])
        assert met > 0
        done = (part * 20 + at + 1) * CHUNK
        sys.stderr.write(f"oracle: part {part + 1} of 50, up to pair {done:,}, no difference\n")
