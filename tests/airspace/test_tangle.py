"""Scribbles cost no minutes: they are known, refused or drawn simpler; orbits are no scribbles."""

import numpy as np
import pytest
from numpy.random import default_rng

from comity.airspace import tangle
from comity.airspace.footprint import check
from comity.airspace.narrow import lateral
from comity.airspace.outline import outline_of
from comity.airspace.reach import distance_to_clear
from comity.airspace.rim import rims_of
from comity.airspace.tangle import edges_of, is_tangled
from comity.model.fault import Malformed
from comity.model.volume import Corridor
from tests.airspace.samples import beyond, circle, corridor

ROUND = [beyond((35.0, 36.0), azimuth, 20_000) for azimuth in range(0, 360, 10)]
ORBIT = corridor(500, *ROUND, ROUND[0])
FIFTY_TIMES = corridor(500, *ROUND * 50, ROUND[0])


def scribble(seed: int, vertices: int, span: float = 1.0) -> Corridor:
    rng = default_rng(seed)
    return corridor(50, *(rng.uniform(0, span, (vertices, 2)) + np.array((35, 36))).tolist())


def test_two_thousand_vertices_that_cross_a_million_times_are_known_at_once() -> None:
    """Each of these took minutes when all crossings were drawn; a test has 20 seconds."""
    one, other = scribble(1, 2_000), scribble(2, 2_000)
    check(one)
    found = lateral(outline_of(one), outline_of(other), limit_mm=0)
    assert found is not None
    assert found.closest_mm == 0
    with pytest.raises(Malformed) as caught:
        distance_to_clear(circle(35.5, 36.5, 1_000), one, 1_000)
    assert caught.value.code == "too_intricate"
    assert distance_to_clear(one, circle(35.5, 36.5, 1_000_000), 0) > 900_000_000
    (around,) = rims_of(one)
    assert len(around) == 64


def test_the_circle_around_a_scribble_holds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tangle, "_CROSSINGS_MAX", 0)
    line = scribble(3, 8)
    (rim,) = rims_of(line)
    assert len(rim) == 64
    lats, lons = [lat for lat, _ in rim], [lon for _, lon in rim]
    for vertex in line.vertices:
        assert min(lats) <= vertex.lat_e7 / 1e7 <= max(lats)
        assert min(lons) <= vertex.lon_e7 / 1e7 <= max(lons)


def test_an_orbit_that_is_flown_fifty_times_is_one_orbit() -> None:
    assert len(edges_of(outline_of(FIFTY_TIMES))) == len(edges_of(outline_of(ORBIT))) == 36
    assert not is_tangled(outline_of(FIFTY_TIMES))
    assert sorted(map(len, rims_of(FIFTY_TIMES))) == sorted(map(len, rims_of(ORBIT)))
    spot = circle(35.0, 36.0, 100)
    once, often = (distance_to_clear(spot, line, 30_000_000) for line in (ORBIT, FIFTY_TIMES))
    assert once == often > 50_000_000


def test_a_line_there_and_back_is_one_line() -> None:
    there = outline_of(corridor(5, (35, 36), (35, 37), (36, 37)))
    back = outline_of(corridor(5, (35, 36), (35, 37), (36, 37), (35, 37), (35, 36)))
    assert len(edges_of(back)) == len(edges_of(there)) == 2


def test_what_is_flown_around_the_globe_more_than_once_is_too_long() -> None:
    rng = default_rng(4)
    ends = [(float(rng.uniform(-1, 1)), float(end)) for _ in range(10) for end in (0, 40)]
    assert is_tangled(outline_of(corridor(5, *ends)))
    assert not is_tangled(outline_of(corridor(5, *ends[:8])))
