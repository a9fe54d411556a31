"""Answers, units, calls, callers, repeated requests: silence is kept as silence."""

from dataclasses import replace

import apsw
import pytest

from comity.storage.sqlite.store import SqliteStore
from tests.storage.sqlite.samples import ALPHA, ANSWER, CALL, CALLER, UNIT, id_


def test_answers_are_listed_oldest_first(store: SqliteStore) -> None:
    rows = [
        replace(ANSWER, leaf=id_(9), at_us=1),
        replace(ANSWER, leaf=id_(5), at_us=3),
        replace(ANSWER, leaf=id_(6), at_us=3, by=ALPHA),
        replace(ANSWER, leaf=id_(7), of=id_(2)),
    ]
    for row in reversed(rows):
        store.write(lambda tx, a=row: tx.people.save_answer(a))  # type: ignore[misc]
    assert store.read(lambda r: r.people.answers(id_(1))) == tuple(rows[:3])
    assert store.read(lambda r: r.people.answers(id_(3))) == ()


def test_answers_to_all_notices_of_a_subject_are_found(store: SqliteStore) -> None:
    links = ((1, 1), (5, 1), (2, 2))
    for notice, subject in links:
        store.write(lambda tx, n=notice, s=subject: tx.sky.link_notice(id_(n), id_(s)))  # type: ignore[misc]
    rows = [
        replace(ANSWER, of=id_(5), leaf=id_(11), at_us=1),
        replace(ANSWER, of=id_(1), leaf=id_(10), at_us=2),
        replace(ANSWER, of=id_(2), leaf=id_(12), at_us=0),
    ]
    for row in rows:
        store.write(lambda tx, a=row: tx.people.save_answer(a))  # type: ignore[misc]
    assert store.read(lambda r: r.people.answers_about(id_(1))) == tuple(rows[:2])
    assert store.read(lambda r: r.people.answers_about(id_(2))) == (rows[2],)
    assert store.read(lambda r: r.people.answers_about(id_(5))) == ()


def test_the_newest_word_on_a_unit_counts(store: SqliteStore) -> None:
    rows = [
        UNIT,
        replace(UNIT, party=ALPHA, name="battery"),
        replace(UNIT, of=id_(2), known_us=1),
        replace(UNIT, handle=id_(4), known_us=9),
    ]
    for row in rows:
        store.write(lambda tx, u=row: tx.people.save_unit(u))  # type: ignore[misc]
    told = replace(UNIT, state="answered", known_us=10)
    store.write(lambda tx: tx.people.save_unit(told))
    assert store.read(lambda r: r.people.units()) == (rows[2], rows[1], rows[3], told)
    assert store.read(lambda r: r.people.units_of(id_(1))) == (rows[1], rows[3], told)


@pytest.mark.parametrize("stated", [True, False, None])
def test_a_silent_account_stays_silent(store: SqliteStore, stated: bool | None) -> None:  # noqa: FBT001 - a case
    row = replace(CALL, area_stated=stated, received_us=5 if stated else None)
    later = replace(row, id=id_(2), filed_us=0)
    for call in (row, later):
        store.write(lambda tx, c=call: tx.people.save_call(c))  # type: ignore[misc]
    assert store.read(lambda r: r.people.calls()) == (later, row)


def test_a_caller_can_be_revoked(store: SqliteStore) -> None:
    other = replace(CALLER, key_hash=id_(2), created_us=0)
    for row in (CALLER, other):
        store.write(lambda tx, c=row: tx.people.save_caller(c))  # type: ignore[misc]
    revoked = replace(CALLER, revoked_us=7)
    store.write(lambda tx: tx.people.save_caller(revoked))
    assert store.read(lambda r: r.people.caller(id_(1))) == revoked
    assert store.read(lambda r: r.people.caller(id_(3))) is None
    assert store.read(lambda r: r.people.callers()) == (other, revoked)


def test_an_answer_is_remembered_for_its_caller(store: SqliteStore) -> None:
    store.write(lambda tx: tx.people.remember(id_(1), "key", id_(8), b"answer", 1))
    store.write(lambda tx: tx.people.remember(id_(2), "key", id_(9), b"other", 1))
    assert store.read(lambda r: r.people.recall(id_(1), "key")) == (id_(8), b"answer")
    assert store.read(lambda r: r.people.recall(id_(2), "key")) == (id_(9), b"other")
    assert store.read(lambda r: r.people.recall(id_(1), "KEY")) is None
    with pytest.raises(apsw.ConstraintError):
        store.write(lambda tx: tx.people.remember(id_(1), "key", id_(7), b"", 1))


def test_a_request_is_forgotten_after_a_week(store: SqliteStore) -> None:
    week_us = 7 * 86_400 * 1_000_000
    for key, at_us in (("old", 1), ("older", 0)):
        store.write(lambda tx, k=key, t=at_us: tx.people.remember(id_(1), k, id_(8), b"", t))  # type: ignore[misc]
    store.write(lambda tx: tx.people.remember(id_(2), "new", id_(8), b"", week_us + 1))
    assert store.read(lambda r: r.people.recall(id_(1), "old")) == (id_(8), b"")
    assert store.read(lambda r: r.people.recall(id_(1), "older")) is None
