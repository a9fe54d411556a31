"""Tiles: the paths of the specification, one form for each, and bundles that lose nothing."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.journal.merkle import EMPTY_ROOT, leaf_hash, nodes_for_append, tree_root
from comity.journal.tile import (
    TILE_ENTRY_BYTES_MAX,
    TileRef,
    entries_path,
    hash_tile,
    pack_entries,
    parse_tile_path,
    tile_path,
    tiles_of,
    unpack_entries,
)
from comity.model.fault import Corrupt, Malformed

INDEX_MAX = 2**55 - 1


# --- paths ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        # The example of c2sp.org/tlog-tiles, section Merkle Tree.
        (TileRef(level=0, index=1_234_067, width=256), "tile/0/x001/x234/067"),
        (TileRef(level=0, index=0, width=256), "tile/0/000"),
        (TileRef(level=1, index=0, width=1), "tile/1/000.p/1"),
        (TileRef(level=63, index=999, width=255), "tile/63/999.p/255"),
        (TileRef(level=0, index=1000, width=9), "tile/0/x001/000.p/9"),
        (TileRef(level=None, index=0, width=5), "tile/entries/000.p/5"),
        (TileRef(level=None, index=99_999, width=256), "tile/entries/x099/999"),
        (
            TileRef(level=None, index=INDEX_MAX, width=255),
            "tile/entries/x036/x028/x797/x018/x963/967.p/255",
        ),
    ],
)
def test_paths(tile: TileRef, path: str) -> None:
    assert tile.path() == path
    assert parse_tile_path(path) == tile
    if tile.level is None:
        assert entries_path(tile.index, tile.width) == path
    else:
        assert tile_path(tile.level, tile.index, tile.width) == path


TILES = st.builds(
    TileRef,
    level=st.none() | st.integers(0, 63),
    index=st.integers(0, INDEX_MAX) | st.integers(0, 2000),
    width=st.integers(1, 256),
)


@given(TILES)
def test_every_path_round_trips(tile: TileRef) -> None:
    assert parse_tile_path(tile.path()) == tile


@pytest.mark.parametrize(
    "path",
    [
        "", "/tile/0/000", "tile/0/000/", "tile/0/000\n", "tile/0/0", "tile/0/0000", "tile/0/00a",
        "tile//000", "tile/00/000", "tile/01/000", "tile/64/000", "tile/-1/000", "tile/+1/000",
        "tile/data/000", "tile/Entries/000", "tile/0/x000/000", "tile/0/x000/x001/000",
        "tile/0/001/000", "tile/0/x001/x000", "tile/0/x01/000", "tile/0/X001/000",
        "tile/0/000.p/0", "tile/0/000.p/00", "tile/0/000.p/01", "tile/0/000.p/256",
        "tile/0/000.p/999", "tile/0/000.p/", "tile/0/000.p/-1", "tile/0/000.p", "tile/0/000p/1",
        "tile/0/000.P/1", "tile/0/000.p/1/", "tile/0/000.p/1\n", "tile/0/../000",
        "tile/0/x036/x028/x797/x018/x963/968", "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/\u0660\u0660\u0660", "tile/\u0661/000", "tile/0/000.p/\u0661", "tile/8/0/000",
        "checkpoint", "tile/0/000" + "0" * 100,
    ],
)  # fmt: skip
def test_other_paths_are_malformed(path: str) -> None:
    with pytest.raises(Malformed):
        parse_tile_path(path)


@given(st.from_regex(re.compile(r"tile/(entries|[0-9]{1,2})/(x[0-9]{3}/)*[0-9]{3}(\.p/[0-9]+)?")))
def test_foreign_paths_are_malformed_or_round_trip(path: str) -> None:
    with suppress(Malformed):
        assert parse_tile_path(path).path() == path


# --- which tiles a tree has ----------------------------------------------------------------------


def test_the_specification_s_example_of_70000_entries() -> None:
    hashes = [tile for tile in tiles_of(70_000) if tile.level is not None]
    shape = {(level, width): 0 for level in (0, 1, 2) for width in (256, 112, 17, 1)}
    for tile in hashes:
        assert tile.level is not None
        shape[tile.level, tile.width] += 1
    assert {key: count for key, count in shape.items() if count} == {
        (0, 256): 273, (0, 112): 1, (1, 256): 1, (1, 17): 1, (2, 1): 1,
    }  # fmt: skip


def test_the_specification_s_example_of_256_entries() -> None:
    assert [tile.path() for tile in tiles_of(256)] == [
        "tile/entries/000",
        "tile/0/000",
        "tile/1/000.p/1",
    ]


@pytest.mark.parametrize(
    ("size", "paths"),
    [
        (0, []),
        (1, ["tile/entries/000.p/1", "tile/0/000.p/1"]),
        (255, ["tile/entries/000.p/255", "tile/0/000.p/255"]),
        (
            257,
            [
                "tile/entries/000",
                "tile/entries/001.p/1",
                "tile/0/000",
                "tile/0/001.p/1",
                "tile/1/000.p/1",
            ],
        ),
    ],
)
def test_small_trees(size: int, paths: list[str]) -> None:
    assert [tile.path() for tile in tiles_of(size)] == paths


@given(st.integers(0, 200_000))
def test_bundles_cover_every_entry_and_no_tile_is_empty(size: int) -> None:
    tiles = list(tiles_of(size))
    assert len(set(tiles)) == len(tiles)
    for level in (None, 0):
        assert sum(tile.width for tile in tiles if tile.level == level) == size
    assert all(1 <= tile.width <= 256 for tile in tiles)


# --- bytes ---------------------------------------------------------------------------------------


def test_a_hash_of_level_1_is_the_root_of_a_full_tile_below() -> None:
    kept: dict[tuple[int, int], bytes] = {}
    for index in range(600):
        leaf = leaf_hash(str(index).encode())
        for level, at, value in nodes_for_append(index, leaf, lambda lv, i: kept[lv, i]):
            kept[level, at] = value

    def hashes(level: int, index: int, width: int) -> list[bytes]:
        data = hash_tile(level, index, width, lambda lv, i: kept[lv, i])
        return [data[i : i + 32] for i in range(0, len(data), 32)]

    assert hashes(0, 2, 88) == [leaf_hash(str(i).encode()) for i in range(512, 600)]
    assert hashes(1, 0, 2) == [tree_root(hashes(0, 0, 256)), tree_root(hashes(0, 1, 256))]
    with pytest.raises(KeyError):
        hashes(1, 0, 3)  # the third tile is partial, so it has no hash above


def test_a_bundle_byte_for_byte() -> None:
    data = b"\x00\x03abc" + b"\x00\x00" + b"\x01\x00" + b"d" * 256
    entries = (b"abc", b"", b"d" * 256)
    assert pack_entries(entries) == data
    assert unpack_entries(data, 3) == entries


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_bundles_round_trip(entries: list[bytes]) -> None:
    assert unpack_entries(pack_entries(entries), len(entries)) == tuple(entries)


def test_entry_length_at_n_and_n_plus_1() -> None:
    longest = bytes(TILE_ENTRY_BYTES_MAX)
    assert unpack_entries(pack_entries((longest,)), 1) == (longest,)
    with pytest.raises(Corrupt):
        pack_entries((longest + b"\x00",))
    with pytest.raises(Malformed) as caught:
        unpack_entries(pack_entries((longest,)) + b"\x00", 1)
    assert caught.value.code == "too_large"


@pytest.mark.parametrize("count", [0, 257])
def test_a_bundle_has_1_to_256_entries(count: int) -> None:
    with pytest.raises(Corrupt):
        pack_entries((b"",) * count)
    with pytest.raises(Corrupt):
        hash_tile(0, 0, count, lambda _level, _index: EMPTY_ROOT)


def test_every_cut_and_every_wrong_width_is_malformed() -> None:
    data = pack_entries((b"abc", b"", b"defg"))
    for end in range(len(data)):
        with pytest.raises(Malformed):
            unpack_entries(data[:end], 3)
    for width in (1, 2, 4, 256):
        with pytest.raises(Malformed):
            unpack_entries(data, width)
    with pytest.raises(Malformed):
        unpack_entries(data + b"\x00", 3)


@pytest.mark.parametrize(
    ("level", "index", "width"),
    [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, INDEX_MAX + 1, 1), (0, 0, 0), (0, 0, 257)],
)
def test_no_tree_has_such_a_tile(level: int, index: int, width: int) -> None:
    with pytest.raises(Malformed):
        tile_path(level, index, width)
