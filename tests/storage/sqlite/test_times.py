"""Evidence of time: which pieces stay, which one is the newest; who gave it."""

from dataclasses import replace

from comity.storage.sqlite.store import SqliteStore
from comity.storage.times import COSIGNATURE, EvidenceRow
from tests.storage.sqlite.samples import ONLOOKER, TIME_EVIDENCE, id_


def later(number: int, signer: str = "w1") -> EvidenceRow:
    return EvidenceRow(
        hash=id_(number), kind=COSIGNATURE, signer=signer, size=1, time_s=number, body=b"note"
    )


def test_of_later_cosignatures_only_the_newest_and_the_used_stay(store: SqliteStore) -> None:
    store.write(lambda tx: tx.times.save_evidence(later(1)))
    store.write(lambda tx: tx.times.use_evidence(id_(1)))
    for row in (later(2), later(3), later(4, "w2")):
        store.write(lambda tx, row=row: tx.times.save_evidence(row))  # type: ignore[misc]
    there = [n for n in range(1, 5) if store.read(lambda r, n=n: r.times.evidence(id_(n)))]  # type: ignore[misc]
    assert there == [1, 3, 4]
    assert store.read(lambda r: r.times.newest_evidence()) == later(4, "w2")


def test_stamps_all_stay_and_come_by_size(store: SqliteStore) -> None:
    rows = [replace(TIME_EVIDENCE, hash=id_(n), size=n, time_s=99 - n) for n in (5, 3, 4)]
    for row in rows:
        store.write(lambda tx, row=row: tx.times.save_evidence(row))  # type: ignore[misc]
    found = store.read(lambda r: r.times.stamps(4, 9))
    assert [row.size for row in found] == [4, 5]
    assert [row.size for row in store.read(lambda r: r.times.stamps(0, 1))] == [3]


def test_an_onlooker_that_is_no_longer_named_is_forgotten(store: SqliteStore) -> None:
    other = replace(ONLOOKER, name="w.example/2")
    store.write(lambda tx: tx.times.save_onlooker(ONLOOKER))
    store.write(lambda tx: tx.times.save_onlooker(other))
    store.write(lambda tx: tx.times.forget_onlookers(ONLOOKER.kind, [other.name]))
    assert store.read(lambda r: r.times.onlookers(ONLOOKER.kind)) == (other,)
    assert store.read(lambda r: r.times.onlookers("authority")) == ()
