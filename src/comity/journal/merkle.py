"""The Merkle tree of RFC 6962 section 2.1 over SHA-256: hashes, roots, proofs and their verifiers.

Pure arithmetic over 32-byte hashes. A `leaf` here is always a leaf hash, as `leaf_hash` makes it.
Nodes are kept elsewhere: whoever asks for a root or a proof passes `get(level, index)`, the hash of
the complete subtree of 2^level leaves that starts at leaf index * 2^level. `nodes_for_append` says
which of them a new leaf completes, so an append costs two hashes on average.

Verifiers take foreign hashes, return bool and never raise. Called by the pen, `journal.tile`,
`journal.tlog_proof`, the content tree, witnesses and auditors.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from comity.model.fault import must
from comity.wire.canonical import HASH_BYTES, sha256

__all__ = [
    "EMPTY_ROOT",
    "TREE_SIZE_MAX",
    "GetNode",
    "consistency_proof",
    "earlier_root",
    "inclusion_proof",
    "leaf_hash",
    "node_hash",
    "nodes_for_append",
    "root",
    "tree_inclusion",
    "tree_root",
    "verify_consistency",
    "verify_inclusion",
]

GetNode: TypeAlias = Callable[[int, int], bytes]

EMPTY_ROOT = sha256(b"")
TREE_SIZE_MAX = 2**63 - 1  # so that a proof has at most 63 hashes and a size fits SQL's integer


def leaf_hash(data: bytes) -> bytes:
    """SHA-256 of 0x00 and the entry's bytes."""
    return sha256(b"\x00" + data)


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of 0x01 and both children; the prefix keeps a node from passing as a leaf."""
    return sha256(b"\x01" + left + right)


def nodes_for_append(index: int, leaf: bytes, get: GetNode) -> tuple[tuple[int, int, bytes], ...]:
    """The nodes (level, index, hash) that leaf number `index` completes, level 0 first.

    `get` is asked only for nodes that earlier appends completed.
    """
    must(0 <= index < TREE_SIZE_MAX and len(leaf) == HASH_BYTES, "a leaf is a hash at an index")
    nodes = [(0, index, leaf)]
    while index & 1:  # bounded by 63: one turn for each trailing one of the index
        level, _, right = nodes[-1]
        index >>= 1
        nodes.append((level + 1, index, node_hash(get(level, 2 * index), right)))
    return tuple(nodes)


def root(size: int, get: GetNode) -> bytes:
    """The root over the first `size` leaves."""
    must(0 <= size <= TREE_SIZE_MAX, "a tree has 0 to 2^63 - 1 leaves")
    return _range_root(0, size, get) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, get: GetNode) -> tuple[bytes, ...]:
    """The path from leaf `index` to the root over `size` leaves: RFC 6962 section 2.1.1."""
    must(0 <= index < size <= TREE_SIZE_MAX, "a proof is for a leaf of the tree")
    return _path(index, 0, size, get)


def consistency_proof(old: int, new: int, get: GetNode) -> tuple[bytes, ...]:
    """What shows that `old` leaves are a prefix of `new`: RFC 6962 section 2.1.2.

    Empty for old == new, and for old == 0, of which every tree is a continuation.
    """
    must(0 <= old <= new <= TREE_SIZE_MAX, "a tree only grows")
    return _subproof(old, 0, new, get) if old else ()


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes held in memory; O(n), for small trees."""
    row = _checked_row(leaves)
    while len(row) > 1:  # bounded by 63: each turn halves the row
        row = _row_above(row)
    return row[0] if row else EMPTY_ROOT


def tree_inclusion(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The inclusion proof of leaf `index` among leaf hashes held in memory; O(n)."""
    must(0 <= index < len(leaves), "a proof is for a leaf of the tree")
    row = _checked_row(leaves)
    proof: list[bytes] = []
    while len(row) > 1:  # bounded by 63: each turn halves the row
        if index ^ 1 < len(row):  # the odd one out at the end rises without a sibling
            proof.append(row[index ^ 1])
        row, index = _row_above(row), index >> 1
    return tuple(proof)


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether `leaf` is number `index` of the `size` leaves under `root`: RFC 9162 section 2.1.3.2.

    `root` and `size` must come from a checkpoint whose signature was verified.
    """
    if not 0 <= index < size <= TREE_SIZE_MAX or not _are_hashes(leaf, root, *proof):
        return False
    # Below the level where the paths to this leaf and to the last one part, each level has a
    # sibling; above, the path runs along the right edge and only left siblings exist.
    inner = (index ^ (size - 1)).bit_length()
    if len(proof) != inner + (index >> inner).bit_count():
        return False
    found = leaf
    for level, sibling in enumerate(proof[:inner]):
        found = node_hash(sibling, found) if index >> level & 1 else node_hash(found, sibling)
    for sibling in proof[inner:]:
        found = node_hash(sibling, found)
    return found == root


def verify_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the tree under `old_root` is a prefix of the one under `new_root`: RFC 9162 2.1.4.2.

    Equal sizes need equal roots and no proof. From size 0 anything follows, so nothing is shown:
    the proof must be empty and the old root, and a new one of size 0, that of the empty tree.
    """
    if not 0 <= old_size <= new_size <= TREE_SIZE_MAX:
        return False
    if not _are_hashes(old_root, new_root, *proof):
        return False
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT and (new_size > 0 or new_root == EMPTY_ROOT)
    if old_size == new_size:
        return not proof and old_root == new_root
    return _roots_follow(old_size, old_root, new_size, proof) == (old_root, new_root)


def earlier_root(
    old_size: int, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> bytes | None:
    """The one root at `old_size` that a tree under `new_root` has, as a true proof shows it.

    None if the proof does not hold, and where it leaves the earlier root out: it is then a single
    full node (`old_size` is a power of two), and the one who proves must name it.
    """
    if not 0 < old_size < new_size <= TREE_SIZE_MAX or not _are_hashes(new_root, *proof):
        return None
    if old_size & (old_size - 1) == 0:
        return None
    roots = _roots_follow(old_size, b"", new_size, proof)
    return None if roots is None or roots[1] != new_root else roots[0]


def _roots_follow(
    old_size: int, old_root: bytes, new_size: int, proof: Sequence[bytes]
) -> tuple[bytes, bytes] | None:
    """Both roots as the proof makes them, 0 < old_size < new_size; None if its length is off."""
    last = old_size - 1
    shift = _trailing_zeros(old_size)  # level of the old tree's rightmost full node
    inner = (last ^ (new_size - 1)).bit_length() - shift
    border = (last >> (shift + inner)).bit_count()
    # Where the old tree is that one node, the verifier has it already: it is the old root.
    path = [old_root, *proof] if old_size == 1 << shift else list(proof)
    if len(path) != 1 + inner + border:
        return None
    old = new = path[0]
    for level, sibling in enumerate(path[1:]):
        # Beyond `inner` the path runs along the right edge of both trees.
        if level >= inner or last >> (shift + level) & 1:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
        else:
            new = node_hash(new, sibling)
    return old, new


def _trailing_zeros(value: int) -> int:
    """How often 2 divides `value`, for value > 0."""
    return (value & -value).bit_length() - 1


def _are_hashes(*values: bytes) -> bool:
    return set(map(len, values)) <= {HASH_BYTES}


def _split(width: int) -> int:
    """The largest power of two below `width`, for width > 1: where RFC 6962 cuts a tree."""
    return 1 << (width - 1).bit_length() - 1


def _range_root(start: int, end: int, get: GetNode) -> bytes:
    """The root over leaves start to end - 1, one or more.

    `start` is a multiple of a power of two that is at least the width, so that complete subtrees
    of falling size cover the range.
    """
    last, *others = _peaks(start, end)
    found = get(*last)
    for peak in others:
        found = node_hash(get(*peak), found)
    return found


def _peaks(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The complete subtrees (level, index) that cover a range, from the right."""
    while start < end:  # bounded by 63: one turn for each one bit of the width
        level = _trailing_zeros(end - start)
        end -= 1 << level
        yield level, end >> level


def _path(index: int, start: int, end: int, get: GetNode) -> tuple[bytes, ...]:
    if end - start == 1:
        return ()
    middle = start + _split(end - start)
    if index < middle:
        return (*_path(index, start, middle, get), _range_root(middle, end, get))
    return (*_path(index, middle, end, get), _range_root(start, middle, get))


def _subproof(old: int, start: int, end: int, get: GetNode) -> tuple[bytes, ...]:
    """SUBPROOF of RFC 6962; `old` is a leaf number, and start == 0 is the flag b of the text."""
    if old == end:
        return () if start == 0 else (_range_root(start, end, get),)
    middle = start + _split(end - start)
    if old <= middle:
        return (*_subproof(old, start, middle, get), _range_root(middle, end, get))
    return (*_subproof(old, middle, end, get), _range_root(start, middle, get))


def _checked_row(leaves: Sequence[bytes]) -> list[bytes]:
    must(_are_hashes(*leaves), "leaves are given as 32-byte hashes")
    return list(leaves)


def _row_above(row: list[bytes]) -> list[bytes]:
    pairs = [node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
    return pairs + row[-1:] if len(row) % 2 else pairs
