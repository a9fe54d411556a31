"""The first part of an audit: hash every entry and every node of the tree; compare with the lock.

It finds what a damaged disk or a changed row leaves, and verifies no signature. Called by
`comity audit`, before `journal.audit.verify_all`.
"""

from comity.journal.audited import Audited
from comity.journal.merkle import EMPTY_ROOT, leaf_hash, node_hash, root
from comity.model.fault import Corrupt
from comity.storage.inspect import Inspected

__all__ = ["Tree", "hash_all"]


class Tree:
    """The tree over the entries as they are stored, hashed anew, level by level."""

    def __init__(self, leaves: list[bytes]) -> None:
        """Hash everything above the leaves."""
        self.levels = [leaves]
        while len(self.levels[-1]) > 1:
            row = self.levels[-1]
            self.levels.append([node_hash(a, b) for a, b in zip(row[::2], row[1::2], strict=False)])

    @property
    def size(self) -> int:
        """How many leaves."""
        return len(self.levels[0])

    def node(self, level: int, index: int) -> bytes:
        """The hash of a full subtree; Corrupt beyond the end."""
        if level >= len(self.levels) or not 0 <= index < len(self.levels[level]):
            raise Corrupt(f"there is no node {level}/{index}", code="missing_node")
        return self.levels[level][index]

    def root(self, size: int) -> bytes:
        """The root over the first `size` entries."""
        return EMPTY_ROOT if size == 0 else root(size, self.node)


def hash_all(store: Inspected, audited: Audited) -> Tree:
    """Hash every entry and node; compare with the stored leaves, nodes and lock."""
    leaves: list[bytes] = []
    with audited.at("entries"):
        for row in store.entries():
            audited.count("entries")
            if row.index != len(leaves):
                raise Corrupt(f"entry {len(leaves)} is missing", code="missing_entry")
            leaf = leaf_hash(row.body)
            if leaf != row.leaf:
                audited.flaw(f"entry {row.index}", "its bytes are not those of its leaf")
            leaves.append(leaf)
    tree = Tree(leaves)
    with audited.at("nodes"):
        _check_nodes(store, tree, audited)
    _check_lock(store.locked(), tree, audited)
    return tree


def _check_nodes(store: Inspected, tree: Tree, audited: Audited) -> None:
    """All nodes that should be there are, and no other."""
    wanted = ((level, index) for level, row in enumerate(tree.levels) for index in range(len(row)))
    for found in store.nodes():
        audited.count("nodes")
        place = next(wanted, None)
        if place != found[:2]:
            raise Corrupt(f"node {found[0]}/{found[1]} stands where {place} should", code="bad_row")
        if found[2] != tree.node(*place):
            audited.flaw(f"node {place[0]}/{place[1]}", "it is not the hash of what is below it")
    missing = next(wanted, None)
    if missing is not None:
        raise Corrupt(f"node {missing[0]}/{missing[1]} is missing", code="missing_node")


def _check_lock(locked: tuple[int, bytes] | None, tree: Tree, audited: Audited) -> None:
    if locked is None:
        if tree.size:
            audited.flaw("lock", "it is gone")
        return
    size, signed = locked
    if size > tree.size:
        audited.flaw("lock", f"{size} entries were signed, {tree.size} are there")
    elif tree.root(size) != signed:
        audited.flaw("lock", f"the root over {size} entries is not the one that was signed")
