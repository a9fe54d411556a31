"""Peers, heads, outbox, what was received and taken, agreements: kept and replaced by key."""

from dataclasses import replace

import apsw
import pytest

from comity.storage.sqlite.store import SqliteStore
from tests.storage.sqlite.samples import (
    AGREEMENT,
    ALPHA,
    BRAVO,
    HEAD,
    KEY,
    OUTBOX,
    PEER,
    RECEIVED,
    TAKEN,
    id_,
)


def test_peers_are_listed_by_origin(store: SqliteStore) -> None:
    other = replace(PEER, origin=BRAVO)
    for row in (other, PEER):
        store.write(lambda tx, r=row: tx.post.save_peer(r))  # type: ignore[misc]
    assert store.read(lambda r: r.post.peers()) == (PEER, other)
    heard = replace(PEER, acked_size=7, contact_us=8)
    store.write(lambda tx: tx.post.save_peer(heard))
    assert store.read(lambda r: r.post.peer(ALPHA)) == heard
    assert store.read(lambda r: r.post.peer("nobody")) is None


def test_a_head_takes_the_place_of_the_last(store: SqliteStore) -> None:
    assert store.read(lambda r: r.post.head(ALPHA)) is None
    for head in (HEAD, replace(HEAD, size=9, root=id_(9))):
        store.write(lambda tx, h=head: tx.post.save_head(h))  # type: ignore[misc]
        assert store.read(lambda r: r.post.head(ALPHA)) == head


def test_keys_keep_the_place_in_which_they_came(store: SqliteStore) -> None:
    others = [replace(KEY, key=name) for name in ("z", "a")]
    for row in (KEY, *others, replace(KEY, end=3, revoked_s=4)):
        store.write(lambda tx, r=row: tx.post.save_key(r))  # type: ignore[misc]
    assert store.read(lambda r: r.post.keys(ALPHA)) == (
        replace(KEY, end=3, revoked_s=4),
        *others,
    )
    assert store.read(lambda r: r.post.keys(BRAVO)) == ()


def test_the_outbox_is_a_queue_for_each_peer(store: SqliteStore) -> None:
    rows = [replace(OUTBOX, index=index, due_us=100 - index) for index in (3, 1, 2)]
    for row in (*rows, replace(OUTBOX, peer=BRAVO, index=0)):
        store.write(lambda tx, r=row: tx.post.put_out(r))  # type: ignore[misc]
    oldest = store.read(lambda r: r.post.outbox(ALPHA, 2))
    assert [row.index for row in oldest] == [1, 2]  # by index: what is due is the courier's matter
    assert store.read(lambda r: r.post.outbox_count(ALPHA)) == 3
    later = replace(oldest[0], due_us=500, attempts=1)
    store.write(lambda tx: tx.post.put_out(later))
    assert store.read(lambda r: r.post.outbox(ALPHA, 1)) == (later,)
    store.write(lambda tx: tx.post.drop_out(ALPHA, 1))
    store.write(lambda tx: tx.post.drop_out(ALPHA, 99))
    assert [row.index for row in store.read(lambda r: r.post.outbox(ALPHA, 9))] == [2, 3]
    assert store.read(lambda r: (r.post.outbox_count(BRAVO), r.post.outbox_count("x"))) == (1, 0)


def test_what_is_not_of_the_floor_can_be_asked_for_alone(store: SqliteStore) -> None:
    rows = [replace(OUTBOX, index=index, floor=index == 1) for index in (3, 1, 2)]
    for row in rows:
        store.write(lambda tx, r=row: tx.post.put_out(r))  # type: ignore[misc]
    found = store.read(lambda r: r.post.outbox(ALPHA, 9, besides_floor=True))
    assert found == (rows[2], rows[0])
    assert store.read(lambda r: r.post.outbox(ALPHA, 9)) == (rows[1], rows[2], rows[0])


def test_an_entry_is_received_once(store: SqliteStore) -> None:
    store.write(lambda tx: tx.post.save_received(RECEIVED))
    assert store.read(lambda r: r.post.received(RECEIVED.leaf)) == RECEIVED
    assert store.read(lambda r: r.post.received(RECEIVED.leaf[:-1] + b"\xff")) is None
    with pytest.raises(apsw.ConstraintError):
        store.write(lambda tx: tx.post.save_received(replace(RECEIVED, receipt_index=9)))


def test_what_a_peer_said_about_its_keys_is_found_among_all_that_it_gave(
    store: SqliteStore,
) -> None:
    """In the order of our receipts, the newest of them, by an index that holds nothing else."""
    types = ["notice", "key", "revoke", "keys", "key", "safety"]
    given = [
        replace(RECEIVED, leaf=id_(i), body=f"comity/{kind}@v1\nfrom".encode(), receipt_index=9 - i)
        for i, kind in enumerate(types)
    ]
    other = replace(given[1], leaf=id_(8), peer=BRAVO)
    for each in (*given, other):
        store.write(lambda tx, row=each: tx.post.save_received(row))  # type: ignore[misc]
    assert store.read(lambda r: r.post.about_keys(ALPHA, 9)) == (given[4], given[2], given[1])
    assert store.read(lambda r: r.post.about_keys(ALPHA, 2)) == (given[2], given[1])
    seen: list[str] = []

    def trace(_: object, sql: str, __: object) -> bool:
        seen.append(sql)
        return True

    store._reader.exec_trace = trace
    store.read(lambda r: r.post.about_keys(ALPHA, 9))
    store._reader.exec_trace = None
    (asked,) = [sql for sql in seen if "received" in sql]
    plan = store._reader.execute(f"EXPLAIN QUERY PLAN {asked}", (ALPHA, 9)).fetchall()
    assert [str(row[3]) for row in plan] == [
        "SEARCH received USING INDEX received_about_keys (peer=?)"
    ]


def test_a_receipt_may_come_with_a_later_proof(store: SqliteStore) -> None:
    assert store.read(lambda r: r.post.taken(1)) is None
    for row in (TAKEN, replace(TAKEN, receipt_proof=b"later")):
        store.write(lambda tx, t=row: tx.post.save_taken(t))  # type: ignore[misc]
        assert store.read(lambda r: r.post.taken(1)) == row


def test_agreements_are_kept_by_peer(store: SqliteStore) -> None:
    assert store.read(lambda r: r.post.agreement(ALPHA)) is None
    for row in (AGREEMENT, replace(AGREEMENT, theirs="theirs", in_force_us=4)):
        store.write(lambda tx, a=row: tx.post.save_agreement(a))  # type: ignore[misc]
        assert store.read(lambda r: r.post.agreement(ALPHA)) == row
