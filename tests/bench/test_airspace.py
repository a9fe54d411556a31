"""The airspace measured, in small: the figures are there, and a wrong answer shows as one."""

from collections.abc import Callable
from contextlib import closing

import pytest

from comity.airspace.clearance import assess
from comity.airspace.index import Index
from comity.bench import airspace
from comity.bench.airspace import AirspacePlan, measure_airspace
from comity.bench.ground import Ground
from comity.bench.searching import EveryBox, Searching, SortTileTree, SqliteTree
from comity.bench.stored import Stored, subject_rows
from comity.bench.volumes import crowded, spread
from comity.cli.bench import report
from comity.model.volume import Volume4D

TINY = AirspacePlan(size=1_000, rounds=2, searches=20, others=10, oracle=30, crowd=60, stored=300)
PEERS = {"strtree", "sqlite_rtree", "every_box"}


@pytest.fixture(autouse=True)
def small_lots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(airspace, "_LOT", 300)
    monkeypatch.setattr(airspace, "_SETS", (500, 2_000))


def test_it_measures_what_it_says(ground: Ground, all_told: Callable[[], bool]) -> None:
    found = measure_airspace(ground, TINY)
    assert {
        *("search_p50_us", "search_p99_us", "crowded_search_p50_us", "crowded_search_p99_us"),
        *("insert_per_s", "remove_per_s", "load_per_s", "bytes_per_volume", "size", "mismatches"),
        *("exact_pairs_per_s", "exact_alone_per_s", "bounds_pairs_per_s"),
        *("import_s", "first_use_s", "search_found", "crowded_search_found"),
        *("conflicts_at_500_s", "conflicts_at_1000_s"),
        *("stored_size", "stored_insert_per_s", "stored_search_found"),
        *("stored_search_p50_us", "stored_search_p99_us"),
    } == set(found.figures)
    assert found.figures["mismatches"].median == 0
    assert found.figures["size"].median == 1_000
    shown = report(found, {})["peers"]
    assert isinstance(shown, dict)
    assert shown.keys() == PEERS | {"brute"}
    assert shown["brute"].keys() == {"exact_pairs_per_s", "bounds_pairs_per_s", "mismatches"}  # type: ignore[union-attr]
    assert found.peers["brute.mismatches"].median == 0
    for peer in PEERS:
        assert found.peers[f"{peer}.mismatches"].median == 0
        assert {
            *("search_p50_us", "search_p99_us", "insert_per_s", "bytes_per_volume", "size"),
        } <= dict(shown[peer]).keys()  # type: ignore[arg-type]
    assert all_told()


def test_an_index_that_misses_is_seen(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Index.near
    monkeypatch.setattr(Index, "near", lambda self, candidate: whole(self, candidate)[1:])
    assert measure_airspace(ground, TINY).figures["mismatches"].median >= TINY.oracle


@pytest.mark.parametrize("make", [crowded, spread])
def test_every_way_finds_the_same(ground: Ground, make: Callable[..., list[Volume4D]]) -> None:
    volumes = list(make(1, 600))
    ways: list[Searching] = [EveryBox(), SortTileTree(), SqliteTree(ground.folder / "a.db")]
    for way in ways:
        way.add(volumes[:400])
        way.add(volumes[400:])
    for candidate in volumes[:40]:
        expected = [n for n, v in enumerate(volumes) if assess(candidate, v) is not None]
        assert [way.near(candidate) for way in ways] == [expected] * 3


def test_the_volumes_are_the_same_in_each_run() -> None:
    assert list(spread(1, 5)) == list(spread(1, 5))
    assert list(spread(1, 5)) != list(spread(2, 5))


def test_the_store_finds_what_the_index_finds(ground: Ground) -> None:
    volumes = list(crowded(1, 600))
    index = Index(enumerate(volumes))
    folder = ground.folder / "stored"
    folder.mkdir()
    with closing(ground.open_store(folder)) as store:
        stored = Stored(store)
        rows = subject_rows(volumes, 0)
        stored.add(rows)
        ids = [row.id for row in rows]
        for candidate in volumes[:60]:
            assert set(stored.near(candidate)) == {ids[key] for key in index.near(candidate)}
        stored.forget(rows)
        assert stored.near(volumes[0]) == []
