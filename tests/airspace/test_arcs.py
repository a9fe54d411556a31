"""Chords bound geodesics, and feet are where the chord is least."""

import numpy as np
import pytest
from numpy.random import default_rng

from comity.airspace.arcs import arcs_of, at_least_m, at_most_m, chord_m, feet
from comity.airspace.earth import latlon, normals_of, surface
from comity.airspace.geodesic import distance_m
from comity.airspace.outline import after_of
from tests.airspace.samples import at, beyond, place_on_earth


def test_chords_bound_geodesics_both_ways() -> None:
    rng = default_rng(11)
    for _ in range(1_500):
        start = place_on_earth(rng)
        end = beyond(start, rng.uniform(0, 360), 10 ** rng.uniform(0, 6.95))
        normals = normals_of([at(*start), at(*end)])
        one, other = surface(normals)
        chord = float(np.linalg.norm(one - other))
        true_m = distance_m(latlon(normals[0]), latlon(normals[1]))
        assert at_least_m(chord) <= true_m + 1e-7
        assert at_most_m(chord) >= true_m - 1e-7
        assert chord_m(true_m) >= chord - 1e-7


@pytest.mark.parametrize("length_m", [1.0, 30_000.0, 1_000_000.0, 6_000_000.0])
def test_the_longest_chord_of_a_distance_undoes_the_shortest_distance_of_a_chord(
    length_m: float,
) -> None:
    assert at_least_m(chord_m(length_m)) == pytest.approx(length_m, rel=1e-12)


def test_edges_begin_and_end_at_the_vertices() -> None:
    normals = normals_of([at(10, 20), at(11, 25), at(5, 60), at(10, 20.0000001)])
    arcs = arcs_of(normals, after_of(4, is_open=False))
    ends = arcs.start * np.cos(arcs.sweep)[:, None] + arcs.side * np.sin(arcs.sweep)[:, None]
    assert np.abs(ends - np.roll(surface(normals), -1, axis=0)).max() < 1e-8
    assert np.abs(ends - arcs.end).max() < 1e-8


def test_a_line_ends_in_a_point() -> None:
    normals = normals_of([at(10, 20), at(11, 25), at(5, 60)])
    arcs = arcs_of(normals, after_of(3, is_open=True))
    assert arcs.sweep[2] == 0
    assert np.all(arcs.side[2] == 0)
    assert np.all(arcs.end[2] == arcs.start[2])
    ring = arcs_of(normals, after_of(3, is_open=False))
    assert np.all(arcs.sweep[:2] == ring.sweep[:2])


def test_no_point_of_an_edge_is_nearer_than_its_foot() -> None:
    rng = default_rng(12)
    for _ in range(60):
        centre = place_on_earth(rng)
        size_m = 10 ** rng.uniform(0, 6.3)
        spots = [beyond(centre, rng.uniform(0, 360), size_m * rng.uniform(0, 1)) for _ in range(5)]
        normals = normals_of([at(*spot) for spot in spots])
        arcs = arcs_of(normals[:3], after_of(3, is_open=False))
        points = surface(normals[3:])
        chord, _ = feet(points, arcs)
        for share in np.linspace(0, 1, 400):
            t = arcs.sweep * share
            on_edge = arcs.start * np.cos(t)[:, None] + arcs.side * np.sin(t)[:, None]
            tried = np.linalg.norm(points[:, None, :] - on_edge, axis=-1)
            assert np.all(tried >= chord - 1e-7)


def test_a_single_normal_is_a_point() -> None:
    normals = normals_of([at(1, 1), at(2, 2)])
    chord, where = feet(surface(normals[1:]), arcs_of(normals[:1], after_of(1, is_open=False)))
    assert chord[0, 0] == pytest.approx(np.linalg.norm(np.diff(surface(normals), axis=0)))
    assert where[0, 0] == 0
