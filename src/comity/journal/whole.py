"""Hash a whole journal anew, entry by entry, against the leaves and the root that are stored.

A start hashes the newest entries only (`recover`); this reads all, in pieces, and holds a few
hashes. Looks at no signature. Called when a backup is made, restored or upgraded.
"""

from collections.abc import Iterator

from comity.journal.merkle import EMPTY_ROOT, leaf_hash, node_hash, root
from comity.model.fault import Corrupt
from comity.storage.rows import EntryRow
from comity.storage.store import Reading

__all__ = ["hashed_whole"]

_PIECE = 1_024  # entries in memory at once: 16 MiB at the most


def hashed_whole(reading: Reading) -> tuple[int, bytes]:
    """(size, root); Corrupt (`damaged_journal`) if an entry, a leaf or a node does not fit."""
    size = reading.journal.size()
    peaks: list[tuple[int, bytes]] = []  # (level, hash) of whole subtrees, left to right
    for row in _entries(reading, size):
        leaf = leaf_hash(row.body)
        if leaf != row.leaf:
            raise Corrupt(f"entry {row.index} is not what its leaf says", code="damaged_journal")
        _push(peaks, leaf)
    found = _joined(peaks)
    if found != root(size, reading.journal.node):
        raise Corrupt("entries do not hash to the tree above them", code="damaged_journal")
    return size, found


def _entries(reading: Reading, size: int) -> Iterator[EntryRow]:
    for start in range(0, size, _PIECE):
        rows = reading.journal.entries(start, min(start + _PIECE, size))
        if [row.index for row in rows] != list(range(start, min(start + _PIECE, size))):
            raise Corrupt("an entry is missing", code="damaged_journal")
        yield from rows


def _push(peaks: list[tuple[int, bytes]], leaf: bytes) -> None:
    level, digest = 0, leaf
    while peaks and peaks[-1][0] == level:
        digest = node_hash(peaks.pop()[1], digest)
        level += 1
    peaks.append((level, digest))


def _joined(peaks: list[tuple[int, bytes]]) -> bytes:
    if not peaks:
        return EMPTY_ROOT
    found = peaks[-1][1]
    for _, digest in reversed(peaks[:-1]):
        found = node_hash(digest, found)
    return found
