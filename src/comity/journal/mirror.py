"""The tree over another party's leaf hashes, kept as hash tiles (c2sp.org/tlog-tiles).

From the tiles any root and proof of that journal can be made, up to the size mirrored: what it
takes to convict a log that signed something else. A tile is kept for every 8 levels; what is
between is hashed anew, at most 255 hashes. Nothing is verified here but widths: the caller compares
roots with a signed head before it stores. Pure. Called by the exchange.
"""

from collections.abc import Callable, Sequence
from itertools import count

from comity.journal.merkle import GetNode, tree_root
from comity.journal.tile import TILE_WIDTH
from comity.model.fault import Corrupt
from comity.wire.canonical import HASH_BYTES

__all__ = ["GetTile", "Tiles", "added", "check_tiles", "node_of", "split_hashes"]

GetTile = Callable[[int, int], bytes]  # (level, index) -> hashes, none if the tile is not there
Tiles = dict[tuple[int, int], bytes]

_HEIGHT = 8
_LEVELS = 8  # 64 bits of entries


def added(tile: GetTile, size: int, leaves: Sequence[bytes]) -> Tiles:
    """The tiles, changed or new, when `leaves` follow the first `size` that are mirrored."""
    changed: Tiles = {}
    level, first, row = 0, size, list(leaves)
    while row:  # bounded by 8: each turn has a 256th of the hashes
        row, first = _fill(changed, tile, level, first, row), first // TILE_WIDTH
        level += 1
    return changed


def _fill(
    changed: Tiles, tile: GetTile, level: int, first: int, row: Sequence[bytes]
) -> list[bytes]:
    """Put hashes number `first` and following into the tiles of a level; the roots of full ones."""
    full: list[bytes] = []
    at = 0
    while at < len(row):  # bounded by the row: each turn takes at least one hash of it
        index, offset = divmod(first + at, TILE_WIDTH)
        some = row[at : at + TILE_WIDTH - offset]
        before = tile(level, index)[: offset * HASH_BYTES]
        changed[level, index] = before + b"".join(some)
        at += len(some)
        if offset + len(some) == TILE_WIDTH:
            full.append(tree_root(split_hashes(changed[level, index])))
    return full


def check_tiles(tile: GetTile) -> None:
    """Corrupt unless what stands above the leaves are the hashes of the full tiles, all of them."""
    wanted: list[bytes] | None = None
    for level in range(_LEVELS):
        found: list[bytes] = []
        full: list[bytes] = []
        for index in count():  # bounded by the first tile that is not full
            hashes = split_hashes(tile(level, index))
            found += hashes if level else []
            if len(hashes) != TILE_WIDTH:
                break
            full.append(tree_root(hashes))
        if wanted is not None and found != wanted:
            raise Corrupt(f"level {level} of a mirror is not that below it", code="damaged_journal")
        wanted = full


def node_of(tile: GetTile) -> GetNode:
    """Nodes of the tree out of its tiles; Corrupt where the tiles do not reach."""

    def get(level: int, index: int) -> bytes:
        above, below = divmod(level, _HEIGHT)
        number, offset = divmod(index << below, TILE_WIDTH)
        start, stop = offset * HASH_BYTES, (offset + (1 << below)) * HASH_BYTES
        hashes = tile(above, number)[start:stop]
        if len(hashes) != stop - start:
            raise Corrupt(f"tile {above}/{number} of a mirror is missing", code="missing_node")
        return tree_root(split_hashes(hashes))

    return get


def split_hashes(data: bytes) -> list[bytes]:
    """Hashes that stand one after the other."""
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]
