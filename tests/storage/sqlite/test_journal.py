"""Entries, nodes, chains, openings, cosignatures: gapless, unchanged, found again."""

from dataclasses import replace

import pytest

from comity.journal.merkle import leaf_hash, nodes_for_append, root, tree_root
from comity.model.fault import Corrupt
from comity.storage.rows import EntryRow, NotStored
from comity.storage.sqlite.store import SqliteStore
from comity.storage.store import Transaction
from tests.model.saying_no import says_no
from tests.storage.sqlite.samples import ALPHA, BRAVO, COSIGNATURE, OPENING, id_


def entry(index: int) -> EntryRow:
    body = f"entry {index}\n".encode()
    return EntryRow(index=index, leaf=leaf_hash(body), body=body)


def append(tx: Transaction, count: int) -> None:
    for _ in range(count):
        row = entry(tx.journal.size())
        tx.journal.append(row, nodes_for_append(row.index, row.leaf, tx.journal.node))


def test_entries_are_gapless_from_0(store: SqliteStore) -> None:
    assert store.read(lambda r: r.journal.size()) == 0
    store.write(lambda tx: append(tx, 9))
    assert store.read(lambda r: r.journal.size()) == 9
    assert store.read(lambda r: r.journal.entry(4)) == entry(4)
    assert store.read(lambda r: r.journal.entry(9)) is None
    assert store.read(lambda r: r.journal.index_of(entry(4).leaf)) == 4
    assert store.read(lambda r: r.journal.index_of(id_(1))) is None
    for index in (8, 10):
        with says_no("invariant_broken", Corrupt):
            store.write(lambda tx, i=index: tx.journal.append(entry(i), ()))  # type: ignore[misc]


def test_a_leaf_stands_in_one_place(store: SqliteStore) -> None:
    store.write(lambda tx: append(tx, 1))
    twin = replace(entry(0), index=1)
    with pytest.raises(NotStored):
        store.write(lambda tx: tx.journal.append(twin, ()))
    assert store.read(lambda r: r.journal.size()) == 1


def test_ranges_are_in_order_and_end_where_the_journal_does(store: SqliteStore) -> None:
    store.write(lambda tx: append(tx, 5))
    found = store.read(lambda r: r.journal.entries(1, 4))
    assert found == (entry(1), entry(2), entry(3))
    assert store.read(lambda r: r.journal.entries(4, 99)) == (entry(4),)
    assert store.read(lambda r: r.journal.entries(3, 3)) == ()


def test_nodes_are_the_trees(store: SqliteStore) -> None:
    store.write(lambda tx: append(tx, 11))
    leaves = [entry(index).leaf for index in range(11)]
    for size in range(12):
        assert store.read(lambda r, n=size: root(n, r.journal.node)) == tree_root(leaves[:size])  # type: ignore[misc]
    with says_no("missing_node", Corrupt):
        store.read(lambda r: r.journal.node(4, 0))


def test_chains_have_one_end_each(store: SqliteStore) -> None:
    assert store.read(lambda r: r.journal.chain_end(ALPHA, BRAVO)) is None
    store.write(lambda tx: tx.journal.set_chain_end(ALPHA, BRAVO, 0, id_(1)))
    store.write(lambda tx: tx.journal.set_chain_end(ALPHA, f"{BRAVO}#receipts", 7, id_(2)))
    store.write(lambda tx: tx.journal.set_chain_end(ALPHA, BRAVO, 1, id_(3)))
    assert store.read(lambda r: r.journal.chain_end(ALPHA, BRAVO)) == (1, id_(3))
    assert store.read(lambda r: r.journal.chain_end(ALPHA, f"{BRAVO}#receipts")) == (7, id_(2))
    assert store.read(lambda r: r.journal.chain_end(BRAVO, ALPHA)) is None


def test_openings_may_come_twice(store: SqliteStore) -> None:
    assert store.read(lambda r: r.journal.opening(OPENING.leaf)) is None
    for _ in range(2):
        store.write(lambda tx: tx.journal.save_opening(OPENING))
    assert store.read(lambda r: r.journal.opening(OPENING.leaf)) == OPENING


def test_a_content_is_found_by_its_audience(store: SqliteStore) -> None:
    store.write(lambda tx: tx.journal.save_content_index(id_(1), ALPHA, 4))
    store.write(lambda tx: tx.journal.save_content_index(id_(1), BRAVO, 5))
    assert store.read(lambda r: r.journal.index_of_content(id_(1), ALPHA)) == 4
    assert store.read(lambda r: r.journal.index_of_content(id_(1), BRAVO)) == 5
    assert store.read(lambda r: r.journal.index_of_content(id_(2), BRAVO)) is None


def test_cosignatures_are_kept_by_size_and_signer(store: SqliteStore) -> None:
    rows = {
        (size, signer): replace(
            COSIGNATURE, size=size, signer=signer, time_s=size + (signer == "w1")
        )
        for size in (1, 5, 9)
        for signer in ("w1", "w2")
    }
    del rows[9, "w2"]

    def save(tx: Transaction) -> None:
        for row in rows.values():
            tx.journal.save_cosignature(row)

    store.write(save)
    later = replace(rows[5, "w1"], time_s=99, line=b"later")
    store.write(lambda tx: tx.journal.save_cosignature(later))
    first = (rows[5, "w1"], rows[5, "w2"])  # a beacon may hash it, so it does not change
    assert store.read(lambda r: r.journal.cosignatures(5)) == first
    assert store.read(lambda r: r.journal.cosignatures(2)) == ()

    def newest(*signers: str, from_size: int) -> tuple[int, str] | None:
        row = store.read(lambda r: r.journal.newest_cosignature(signers, from_size))
        return None if row is None else (row.size, row.signer)

    assert newest("w1", "w2", from_size=0) == (9, "w1")
    assert newest("w2", from_size=0) == (5, "w2")
    assert newest("w1", "w2", from_size=2) == (5, "w2")  # the earlier of two over one head
    assert newest("w1", from_size=5) == (5, "w1")
    assert newest("w2", from_size=6) is None
    assert newest("other", from_size=0) is None
    assert newest(from_size=0) is None
