"""Bring a journal back: what the lock says against what the data says, and the root made anew.

lock < data: the node stopped between the two commits; the lock is moved forward. lock > data, or
another root for the same size: the data was rolled back, restored or changed; refuse. Called by the
scribe, at start and (`recomputed_root`) before each signature.
"""

from comity.journal.checkpoint import Checkpoint
from comity.journal.merkle import leaf_hash, node_hash, root
from comity.model.fault import Corrupt
from comity.storage.store import Reading, Store

__all__ = ["recomputed_root", "recover"]

_TAIL = 1_024  # entries hashed anew at every start; `comity verify` hashes all


def recover(store: Store, origin: str) -> Checkpoint:
    """The head that may be signed; raises Corrupt (`rollback_detected`, `damaged_journal`)."""
    size, found = store.read(lambda r: (r.journal.size(), root(r.journal.size(), r.journal.node)))
    locked = store.lock().read()
    if locked is not None:
        locked_size, locked_root = locked
        if locked_size > size:
            raise Corrupt(
                f"the journal has {size} entries, {locked_size} were signed before",
                code="rollback_detected",
            )
        then = store.read(lambda r: root(locked_size, r.journal.node))
        if then != locked_root:
            raise Corrupt("the journal is not the one that was signed", code="rollback_detected")
    elif size > 0:
        raise Corrupt(f"the lock of {size} entries is gone", code="rollback_detected")
    again = store.read(lambda r: recomputed_root(r, max(0, size - _TAIL), size))
    if again != found:
        raise Corrupt("entries do not hash to the tree above them", code="damaged_journal")
    store.lock().write(size, found)
    return Checkpoint(origin=origin, size=size, root=found)


def recomputed_root(reading: Reading, start: int, size: int) -> bytes:
    """The root of `size` entries, with leaves from `start` on hashed from the stored bodies again.

    Interior nodes that hold a leaf at or after `start` are rebuilt; the others are read.
    """
    rebuilt: dict[tuple[int, int], bytes] = {}
    for row in reading.journal.entries(start, size):
        rebuilt[0, row.index] = leaf_hash(row.body)
    if len(rebuilt) != size - start:
        raise Corrupt("an entry is missing", code="damaged_journal")

    def get(level: int, index: int) -> bytes:
        if (index + 1) << level <= start:
            return reading.journal.node(level, index)
        found = rebuilt.get((level, index))
        if found is None:
            found = node_hash(get(level - 1, 2 * index), get(level - 1, 2 * index + 1))
            rebuilt[level, index] = found
        return found

    return root(size, get)
