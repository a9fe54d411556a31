"""The tree against the RFC's own recursive words, all small sizes, and one-bit edits refused."""

from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.journal import merkle
from comity.journal.merkle import (
    EMPTY_ROOT,
    TREE_SIZE_MAX,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    nodes_for_append,
    root,
    tree_inclusion,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from comity.model.fault import Corrupt
from comity.wire.canonical import sha256

SIZES = range(1, 65)
LEAVES = tuple(leaf_hash(f"entry-{i}".encode()) for i in range(64))

# The eight inputs and the roots over the first 1 to 8 of them are those of the reference tests of
# Certificate Transparency (merkletree), which every RFC 6962 library repeats.
CT_INPUTS = (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)  # fmt: skip
CT_ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


# --- RFC 6962 section 2.1, word for word: slow, obvious, and nobody's shortcut -------------------


def cut(n: int) -> int:
    k = 1
    while 2 * k < n:
        k *= 2
    return k


@cache
def mth(d: tuple[bytes, ...]) -> bytes:
    if not d:
        return sha256(b"")
    if len(d) == 1:
        return d[0]
    k = cut(len(d))
    return sha256(b"\x01" + mth(d[:k]) + mth(d[k:]))


def path(m: int, d: tuple[bytes, ...]) -> tuple[bytes, ...]:
    if len(d) == 1:
        return ()
    k = cut(len(d))
    if m < k:
        return (*path(m, d[:k]), mth(d[k:]))
    return (*path(m - k, d[k:]), mth(d[:k]))


def subproof(m: int, d: tuple[bytes, ...], *, b: bool) -> tuple[bytes, ...]:
    if m == len(d):
        return () if b else (mth(d),)
    k = cut(len(d))
    if m <= k:
        return (*subproof(m, d[:k], b=b), mth(d[k:]))
    return (*subproof(m - k, d[k:], b=False), mth(d[:k]))


# --- a store of nodes, filled by appends only ----------------------------------------------------


class Nodes:
    """Complete subtrees as a journal keeps them; asking for one that is not there is an error."""

    def __init__(self, leaves: Sequence[bytes] = ()) -> None:
        self.kept: dict[tuple[int, int], bytes] = {}
        for index, leaf in enumerate(leaves):
            self.append(index, leaf)

    def append(self, index: int, leaf: bytes) -> None:
        for level, at, value in nodes_for_append(index, leaf, self.get):
            assert (level, at) not in self.kept
            self.kept[level, at] = value

    def get(self, level: int, index: int) -> bytes:
        return self.kept[level, index]


NODES = Nodes(LEAVES)


def bends(value: bytes) -> list[bytes]:
    """One flipped bit at both ends and in the middle, one byte less, one more, nothing."""
    flipped = [
        value[:at] + bytes([value[at] ^ mask]) + value[at + 1 :]
        for at, mask in ((0, 0x80), (16, 0x08), (31, 0x01))
    ]
    return [*flipped, value[:-1], value + b"\x00", b""]


def edits(proof: tuple[bytes, ...]) -> list[tuple[bytes, ...]]:
    """The proof with one hash bent, dropped, doubled or swapped, or with one more at either end."""
    found = [(*proof, bytes(32)), (bytes(32), *proof)]
    for i, value in enumerate(proof):
        found += [(*proof[:i], bent, *proof[i + 1 :]) for bent in bends(value)]
        found += [(*proof[:i], *proof[i + 1 :]), (*proof[:i], value, *proof[i:])]
    found += [(*proof[:i], proof[i + 1], proof[i], *proof[i + 2 :]) for i in range(len(proof) - 1)]
    return found


# --- vectors -------------------------------------------------------------------------------------


def ct_leaves() -> tuple[bytes, ...]:
    return tuple(leaf_hash(bytes.fromhex(text)) for text in CT_INPUTS)


def test_published_roots() -> None:
    nodes = Nodes(ct_leaves())
    for size, expected in enumerate(CT_ROOTS, start=1):
        assert root(size, nodes.get).hex() == expected
        assert tree_root(ct_leaves()[:size]).hex() == expected
    assert root(0, nodes.get) == tree_root(()) == EMPTY_ROOT
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_negative_control_swapped_children_fail_the_vectors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(merkle, "node_hash", lambda left, right: sha256(b"\x01" + right + left))
    nodes = Nodes(ct_leaves())
    for size in range(2, 9):
        assert root(size, nodes.get).hex() != CT_ROOTS[size - 1]
        assert tree_root(ct_leaves()[:size]).hex() != CT_ROOTS[size - 1]


def test_an_entry_that_looks_like_a_node_is_still_a_leaf() -> None:
    left, right = leaf_hash(b"l"), leaf_hash(b"r")
    head = tree_root((left, right))
    for entry in (left + right, b"\x01" + left + right):
        assert leaf_hash(entry) != head
        assert not verify_inclusion(leaf_hash(entry), 0, 1, (), head)


# --- exhaustive, sizes 1 to 64 -------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_roots_and_inclusion_proofs_are_the_definitions(size: int) -> None:
    leaves = LEAVES[:size]
    head = mth(leaves)
    assert root(size, NODES.get) == tree_root(leaves) == head
    for index in range(size):
        proof = inclusion_proof(index, size, NODES.get)
        assert proof == tree_inclusion(leaves, index) == path(index, leaves)
        assert verify_inclusion(leaves[index], index, size, proof, head)


@pytest.mark.parametrize("new", SIZES)
def test_consistency_proofs_are_the_definition(new: int) -> None:
    for old in range(1, new + 1):
        proof = consistency_proof(old, new, NODES.get)
        assert proof == subproof(old, LEAVES[:new], b=True)
        assert verify_consistency(old, mth(LEAVES[:old]), new, mth(LEAVES[:new]), proof)


@pytest.mark.parametrize("size", SIZES)
def test_edited_inclusion_proofs_are_refused(size: int) -> None:
    head = mth(LEAVES[:size])
    for index in {0, 1, size // 2, size - 2, size - 1} & set(range(size)):
        leaf, proof = LEAVES[index], inclusion_proof(index, size, NODES.get)
        for edited in edits(proof):
            if edited != proof:
                assert not verify_inclusion(leaf, index, size, edited, head)
        for bent in bends(leaf):
            assert not verify_inclusion(bent, index, size, proof, head)
        for bent in bends(head):
            assert not verify_inclusion(leaf, index, size, proof, bent)


@pytest.mark.parametrize("new", SIZES)
def test_edited_consistency_proofs_are_refused(new: int) -> None:
    after = mth(LEAVES[:new])
    for old in {1, 2, new // 2, new - 1, new} & set(range(1, new + 1)):
        before, proof = mth(LEAVES[:old]), consistency_proof(old, new, NODES.get)
        for edited in edits(proof):
            if edited != proof:
                assert not verify_consistency(old, before, new, after, edited)
        for bent in bends(before):
            assert not verify_consistency(old, bent, new, after, proof)
        for bent in bends(after):
            assert not verify_consistency(old, before, new, bent, proof)


def test_a_proof_holds_for_no_other_index() -> None:
    for size in SIZES:
        head = mth(LEAVES[:size])
        for index in range(size):
            proof = inclusion_proof(index, size, NODES.get)
            for other in range(-1, size + 2):
                held = verify_inclusion(LEAVES[index], other, size, proof, head)
                assert held == (other == index)


def test_a_log_that_signs_a_smaller_size_than_its_tree_proves_nothing_with_it() -> None:
    """Index and length are held to the signed size, else one leaf would have two places."""
    four, two = mth(LEAVES[:4]), mth(LEAVES[:2])
    beyond = inclusion_proof(3, 4, NODES.get)
    assert verify_inclusion(LEAVES[3], 3, 4, beyond, four)
    assert not verify_inclusion(LEAVES[3], 3, 3, beyond, four)
    assert not verify_inclusion(LEAVES[1], 0, 1, (LEAVES[0],), two)


def test_no_other_old_size_follows_with_the_same_root_and_proof() -> None:
    for new in range(1, 33):
        for old in range(1, new + 1):
            proof = consistency_proof(old, new, NODES.get)
            for other in range(-1, new + 2):
                held = verify_consistency(other, mth(LEAVES[:old]), new, mth(LEAVES[:new]), proof)
                assert held == (other == old)


# --- sizes 0 and equal ---------------------------------------------------------------------------


def test_from_the_empty_tree_anything_follows_and_nothing_is_shown() -> None:
    head = mth(LEAVES[:3])
    assert consistency_proof(0, 3, NODES.get) == ()
    assert verify_consistency(0, EMPTY_ROOT, 3, head, ())
    assert verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, ())
    assert not verify_consistency(0, head, 3, head, ())
    assert not verify_consistency(0, EMPTY_ROOT, 3, head, (head,))
    assert not verify_consistency(0, EMPTY_ROOT, 0, head, ())
    assert not verify_consistency(0, EMPTY_ROOT, 3, head[:31], ())
    # Published by transparency-dev/merkle: equal sizes of zero, equal roots, but no hashes.
    assert not verify_consistency(0, b"twelve bytes", 0, b"twelve bytes", ())


def test_equal_sizes_need_equal_roots_and_no_proof() -> None:
    head, other = mth(LEAVES[:5]), mth(LEAVES[1:6])
    assert verify_consistency(5, head, 5, head, ())
    assert not verify_consistency(5, head, 5, other, ())
    assert not verify_consistency(5, head, 5, head, (head,))
    assert not verify_consistency(5, b"short", 5, b"short", ())


def test_sizes_that_are_none_are_refused() -> None:
    head = mth(LEAVES[:2])
    assert not verify_consistency(2, head, 1, LEAVES[0], ())
    assert not verify_consistency(-1, head, 1, LEAVES[0], ())
    assert not verify_inclusion(LEAVES[0], 0, 0, (), EMPTY_ROOT)
    assert not verify_inclusion(LEAVES[0], 0, TREE_SIZE_MAX + 1, (head,) * 63, head)
    assert not verify_consistency(1, head, TREE_SIZE_MAX + 1, head, (head,) * 63)
    assert TREE_SIZE_MAX == 2**63 - 1


@pytest.mark.parametrize(
    "ask",
    [
        lambda: inclusion_proof(5, 5, NODES.get),
        lambda: inclusion_proof(-1, 5, NODES.get),
        lambda: consistency_proof(6, 5, NODES.get),
        lambda: consistency_proof(-1, 5, NODES.get),
        lambda: root(-1, NODES.get),
        lambda: tree_inclusion(LEAVES, 64),
        lambda: tree_root((b"not a hash",)),
        lambda: nodes_for_append(0, b"not a hash", NODES.get),
    ],
)
def test_a_question_about_no_tree_is_our_own_bug(ask: object) -> None:
    assert callable(ask)
    with pytest.raises(Corrupt):
        ask()


# --- large trees ---------------------------------------------------------------------------------


class Sparse:
    """A tree too large to build: real along the chosen leaves, any hash where nobody looks."""

    def __init__(self, *chosen: int) -> None:
        self.chosen = chosen

    def get(self, level: int, index: int) -> bytes:
        if level == 0:
            return self.leaf(index)
        if any(leaf >> level == index for leaf in self.chosen):
            return node_hash(self.get(level - 1, 2 * index), self.get(level - 1, 2 * index + 1))
        return sha256(f"{level}/{index}".encode())

    def leaf(self, index: int) -> bytes:
        return leaf_hash(str(index).encode())


@settings(max_examples=300, deadline=None)
@given(st.data(), st.sampled_from((20, 40, 63)))
def test_random_large_trees(data: st.DataObject, bits: int) -> None:
    new = data.draw(st.integers(1, 2**bits - 1))
    old = data.draw(st.integers(1, new))
    index = data.draw(st.integers(0, old - 1))
    tree = Sparse(index, old - 1, old, new - 1)
    before, after = root(old, tree.get), root(new, tree.get)
    leaf = tree.leaf(index)
    for size, head in ((old, before), (new, after)):
        proof = inclusion_proof(index, size, tree.get)
        assert len(proof) <= bits
        assert verify_inclusion(leaf, index, size, proof, head)
        edited = data.draw(st.sampled_from(edits(proof)))
        assert not verify_inclusion(leaf, index, size, edited, head)
    proof = consistency_proof(old, new, tree.get)
    assert len(proof) <= bits + 1  # the old tree's last subtree stands first, if it has a root
    assert verify_consistency(old, before, new, after, proof)
    edited = data.draw(st.sampled_from(edits(proof)))
    assert not verify_consistency(old, before, new, after, edited)


@given(st.integers(), st.integers(), st.lists(st.binary(min_size=31, max_size=33), max_size=70))
def test_verifiers_never_raise(index: int, size: int, proof: list[bytes]) -> None:
    assert not verify_inclusion(LEAVES[0], index, size, proof, LEAVES[1])
    assert not verify_consistency(index, LEAVES[0], size, LEAVES[1], proof)


def test_appends_complete_each_node_once_and_ask_for_little() -> None:
    asked: list[tuple[int, int]] = []
    nodes = Nodes()

    def counting(level: int, index: int) -> bytes:
        asked.append((level, index))
        return nodes.get(level, index)

    for index in range(64):
        for level, at, value in nodes_for_append(index, LEAVES[index], counting):
            nodes.kept[level, at] = value
    assert len(nodes.kept) == 127
    assert len(asked) == len(set(asked)) == 63
