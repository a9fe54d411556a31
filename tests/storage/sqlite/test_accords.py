"""Agreements: versions, signatures of which the first stays, suspensions, what was told to whom."""

from dataclasses import replace

from comity.storage.sqlite.store import SqliteStore
from tests.storage.sqlite.samples import ACCORD, SIGNATURE, SUSPENSION, TOLD, id_


def test_versions_come_by_name_lineage_and_version(store: SqliteStore) -> None:
    later = replace(ACCORD, hash=id_(80), version=2, complete_us=None)
    other = replace(ACCORD, hash=id_(81), lineage=id_(81), name="a-first")
    for row in (later, ACCORD, other):
        store.write(lambda tx, row=row: tx.accords.save_accord(row))  # type: ignore[misc]
    assert store.read(lambda r: r.accords.accords()) == (other, ACCORD, later)
    assert store.read(lambda r: r.accords.accord(later.hash)) == later
    assert store.read(lambda r: r.accords.accord(id_(99))) is None


def test_of_one_signers_signatures_the_first_stays(store: SqliteStore) -> None:
    again = replace(SIGNATURE, line="another", at_us=9)
    for row in (SIGNATURE, again):
        store.write(lambda tx, row=row: tx.accords.save_signature(row))  # type: ignore[misc]
    assert store.read(lambda r: r.accords.signatures(SIGNATURE.hash)) == (SIGNATURE,)
    assert store.read(lambda r: r.accords.signatures(id_(99))) == ()


def test_a_suspension_ends_and_another_begins(store: SqliteStore) -> None:
    over, again = replace(SUSPENSION, over_us=5), replace(SUSPENSION, since_us=7)
    for row in (SUSPENSION, over, again):
        store.write(lambda tx, row=row: tx.accords.save_suspension(row))  # type: ignore[misc]
    assert store.read(lambda r: r.accords.suspensions(SUSPENSION.hash)) == (over, again)


def test_what_was_told_is_found_by_recipient_and_forgotten_by_subject(store: SqliteStore) -> None:
    other = replace(TOLD, audience="alpha.example/c")
    for row in (TOLD, other):
        store.write(lambda tx, row=row: tx.accords.save_told(row))  # type: ignore[misc]
    assert store.read(lambda r: r.accords.told(TOLD.subject, TOLD.audience)) == TOLD
    assert store.read(lambda r: r.accords.told_of(TOLD.subject)) == (other, TOLD)
    store.write(lambda tx: tx.accords.forget_told(TOLD.subject))
    assert store.read(lambda r: r.accords.told_of(TOLD.subject)) == ()
