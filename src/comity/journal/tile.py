"""Tiles (c2sp.org/tlog-tiles): the paths, 256-wide runs of hashes, and bundles of entries.

Says which bytes stand at which path; serving, caching and keeping them is others' work. A hash tile
at level l holds nodes of tree level 8*l; `get` is that of `journal.merkle`. No I/O. Called by the
web's tile routes, `comity export tiles` and auditors.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from comity.journal.merkle import TREE_SIZE_MAX, GetNode
from comity.model.fault import Malformed, must

__all__ = [
    "TILE_ENTRY_BYTES_MAX",
    "TILE_WIDTH",
    "TileRef",
    "entries_path",
    "hash_tile",
    "pack_entries",
    "parse_tile_path",
    "tile_path",
    "tiles_of",
    "unpack_entries",
]

TILE_WIDTH = 256
TILE_ENTRY_BYTES_MAX = 65_535  # an entry's length has 16 bits

_HEIGHT = 8  # 2^8 = 256 hashes
_LEVEL_MAX = 63
_INDEX_MAX = TREE_SIZE_MAX // TILE_WIDTH
_PATH_CHARS_MAX = 64  # the longest valid path has 49
_PATH = re.compile(
    r"tile/(?P<level>entries|[0-9]{1,2})/"
    r"(?P<index>(?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/(?P<width>[0-9]{1,3}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TileRef:
    """Which tile: level 0 to 63, or None for a bundle of entries; index; width 1 to 256."""

    level: int | None
    index: int
    width: int

    def __post_init__(self) -> None:
        """Refuse what no tree can have."""
        if self.level is not None and not 0 <= self.level <= _LEVEL_MAX:
            raise Malformed(f"a tile's level is 0 to {_LEVEL_MAX}", code="bad_tile")
        if not 0 <= self.index <= _INDEX_MAX:
            raise Malformed("no tree has a tile of that index", code="bad_tile")
        if not 1 <= self.width <= TILE_WIDTH:
            raise Malformed(f"a tile's width is 1 to {TILE_WIDTH}", code="bad_tile")

    def path(self) -> str:
        """The path below the log's prefix, without a leading slash."""
        level = "entries" if self.level is None else str(self.level)
        *high, low = (group.zfill(3) for group in f"{self.index:,}".split(","))
        above = "".join(f"x{group}/" for group in high)
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{level}/{above}{low}{partial}"


def tile_path(level: int, index: int, width: int) -> str:
    """The path of a hash tile: `tile/0/x001/x234/067`, with `.p/<width>` if narrower than 256."""
    return TileRef(level=level, index=index, width=width).path()


def entries_path(index: int, width: int) -> str:
    """The path of a bundle of entries: `tile/entries/000.p/5`."""
    return TileRef(level=None, index=index, width=width).path()


def parse_tile_path(path: str) -> TileRef:
    """Read a tile path in its one form; Malformed for anything else."""
    if len(path) > _PATH_CHARS_MAX:
        raise Malformed("too long for a tile path", code="bad_tile")
    found = _PATH.fullmatch(path)
    if found is None:
        raise Malformed("not a tile path", code="bad_tile")
    tile = TileRef(
        level=None if found["level"] == "entries" else int(found["level"]),
        index=int(found["index"].replace("x", "").replace("/", "")),
        width=int(found["width"] or TILE_WIDTH),
    )
    if tile.path() != path:  # leading zeros, a full tile named as a partial one
        raise Malformed("not the canonical path of the tile", code="bad_tile")
    return tile


def tiles_of(size: int) -> Iterator[TileRef]:
    """Every tile that a tree of `size` leaves implies, bundles first; none for an empty tree.

    Levels go up to the first that has no complete tile below it. Empty tiles do not exist.
    """
    must(0 <= size <= TREE_SIZE_MAX, "a tree has 0 to 2^63 - 1 leaves")
    yield from _row(None, size)
    level = 0
    while size:  # bounded by 8: each turn drops 8 bits
        yield from _row(level, size)
        size >>= _HEIGHT
        level += 1


def hash_tile(level: int, index: int, width: int, get: GetNode) -> bytes:
    """The bytes of a hash tile: `width` hashes of 32 bytes."""
    must(1 <= width <= TILE_WIDTH, "a tile has 1 to 256 hashes")
    first = index * TILE_WIDTH
    return b"".join(get(level * _HEIGHT, i) for i in range(first, first + width))


def pack_entries(entries: Sequence[bytes]) -> bytes:
    """The bytes of a bundle of 1 to 256 entries: before each its length, 16 bit big-endian."""
    must(1 <= len(entries) <= TILE_WIDTH, "a bundle has 1 to 256 entries")
    parts: list[bytes] = []
    for entry in entries:
        must(len(entry) <= TILE_ENTRY_BYTES_MAX, "an entry's length fits 16 bits")
        parts += [len(entry).to_bytes(2, "big"), entry]
    return b"".join(parts)


def unpack_entries(data: bytes, width: int) -> tuple[bytes, ...]:
    """Read a bundle of exactly `width` entries; Malformed for any other bytes."""
    if len(data) > width * (2 + TILE_ENTRY_BYTES_MAX):
        raise Malformed("too large for its entries", code="too_large")
    entries: list[bytes] = []
    at = 0
    for _ in range(width):
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        entries.append(data[start:at])
    if at != len(data):  # beyond it, if a length or an entry was cut short
        raise Malformed("a bundle does not end with its last entry", code="bad_tile")
    return tuple(entries)


def _row(level: int | None, count: int) -> Iterator[TileRef]:
    full, rest = divmod(count, TILE_WIDTH)
    for index in range(full):
        yield TileRef(level=level, index=index, width=TILE_WIDTH)
    if rest:
        yield TileRef(level=level, index=full, width=rest)
