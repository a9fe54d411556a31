"""The mirror of another's leaves: tiles grow in any steps, and give the same roots and proofs."""

import random
from functools import partial

import pytest

from comity.journal.merkle import (
    consistency_proof,
    earlier_root,
    leaf_hash,
    root,
    tree_root,
    verify_consistency,
)
from comity.journal.mirror import GetTile, Tiles, added, check_tiles, node_of, split_hashes
from comity.model.fault import Corrupt
from comity.wire.canonical import HASH_BYTES

LEAVES = [leaf_hash(str(i).encode()) for i in range(70_000)]


def mirror(steps: list[int]) -> Tiles:
    """Tiles made in steps, up to each size."""
    tiles: Tiles = {}
    size = 0
    for stop in steps:
        tiles.update(added(partial(_tile, tiles), size, LEAVES[size:stop]))
        size = stop
    return tiles


def _tile(tiles: Tiles, level: int, index: int) -> bytes:
    return tiles.get((level, index), b"")


@pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257, 511, 513, 1_000, 65_536, 65_537, 70_000])
def test_steps_of_any_width_make_the_same_tiles_and_roots(size: int) -> None:
    chance = random.Random(size)
    steps = sorted({chance.randrange(1, size + 1) for _ in range(9)} | {size})
    tiles = mirror(steps)
    assert tiles == mirror([size])
    node = node_of(partial(_tile, tiles))
    assert root(size, node) == tree_root(LEAVES[:size])
    old = max(1, size // 3)
    proof = consistency_proof(old, size, node)
    assert root(old, node) == tree_root(LEAVES[:old])
    assert verify_consistency(old, root(old, node), size, root(size, node), proof)


def test_what_is_not_mirrored_is_not_made_up() -> None:
    tiles = mirror([300])
    node = node_of(partial(_tile, tiles))
    with pytest.raises(Corrupt):
        root(301, node)
    with pytest.raises(Corrupt):
        node(8, 1)


@pytest.mark.parametrize("size", [1, 255, 256, 257, 65_535, 65_536, 70_000])
def test_tiles_that_were_changed_or_lost_are_found(size: int) -> None:
    tiles = mirror([size])
    check_tiles(partial(_tile, tiles))
    head = root(size, node_of(partial(_tile, tiles)))
    chance = random.Random(size)
    for place in chance.sample(sorted(tiles), min(len(tiles), 12)):
        changed = bytearray(tiles[place])
        changed[chance.randrange(len(changed))] ^= 1
        for other in (bytes(changed), tiles[place][:-HASH_BYTES]):
            damaged = partial(_tile, {**tiles, place: other})
            assert not is_whole(damaged, size, head), place


def is_whole(tile: GetTile, size: int, head: bytes) -> bool:
    """As an audit asks."""
    try:
        check_tiles(tile)
        return root(size, node_of(tile)) == head
    except Corrupt:
        return False


def test_hashes_are_split_where_they_end() -> None:
    assert split_hashes(b"".join(LEAVES[:3])) == LEAVES[:3]


@pytest.mark.parametrize(("old", "new"), [(700, 1_500), (3, 4), (5, 1_000), (1_023, 1_024)])
def test_a_proof_fixes_the_earlier_root(old: int, new: int) -> None:
    tiles = mirror([new])
    node = node_of(partial(_tile, tiles))
    proof = consistency_proof(old, new, node)
    newest = root(new, node)
    assert earlier_root(old, new, newest, proof) == tree_root(LEAVES[:old])
    assert earlier_root(old, new, newest, (*proof[:-1], bytes(32))) is None
    assert earlier_root(old, new, newest, proof[:-1]) is None
    assert earlier_root(512, new, newest, proof) is None  # named by nobody, so fixed by nothing
