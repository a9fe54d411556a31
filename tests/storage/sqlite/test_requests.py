"""Requests: found by subject and by deadline, replies by number, forgotten together."""

from dataclasses import replace

from comity.storage.sqlite.store import SqliteStore
from tests.storage.sqlite.samples import ALPHA, BRAVO, REPLY, REQUEST, id_


def test_a_deadline_is_found_until_it_is_warned_of_or_decided(store: SqliteStore) -> None:
    later = replace(REQUEST, id=id_(70), due_us=9)
    for row in (later, REQUEST):
        store.write(lambda tx, row=row: tx.requests.save_request(row))  # type: ignore[misc]
    assert store.read(lambda r: r.requests.next_due()) == 5
    assert store.read(lambda r: r.requests.overdue(4)) == ()
    assert store.read(lambda r: r.requests.overdue(5)) == (REQUEST,)
    assert store.read(lambda r: r.requests.overdue(9)) == (REQUEST, later)
    store.write(lambda tx: tx.requests.save_request(replace(REQUEST, warned=True)))
    assert store.read(lambda r: r.requests.next_due()) == 9
    store.write(lambda tx: tx.requests.save_request(replace(later, due_us=None)))
    assert store.read(lambda r: r.requests.next_due()) is None
    assert store.read(lambda r: r.requests.overdue(99)) == ()


def test_what_waits_for_a_decision_is_counted_by_who_asks_whom(store: SqliteStore) -> None:
    for number, pair in enumerate(((ALPHA, BRAVO), (ALPHA, BRAVO), (BRAVO, ALPHA))):
        row = replace(REQUEST, id=id_(80 + number), asker=pair[0], asked=pair[1], warned=True)
        store.write(lambda tx, row=row: tx.requests.save_request(row))  # type: ignore[misc]
    assert store.read(lambda r: r.requests.undecided(ALPHA, BRAVO)) == 2
    assert store.read(lambda r: r.requests.undecided(BRAVO, ALPHA)) == 1
    store.write(lambda tx: tx.requests.save_request(replace(REQUEST, id=id_(80), due_us=None)))
    assert store.read(lambda r: r.requests.undecided(ALPHA, BRAVO)) == 1


def test_requests_are_forgotten_with_their_replies(store: SqliteStore) -> None:
    again = replace(REPLY, id=id_(1), number=1)
    store.write(lambda tx: tx.requests.save_request(REQUEST))
    for row in (again, REPLY):
        store.write(lambda tx, row=row: tx.requests.save_reply(row))  # type: ignore[misc]
    assert store.read(lambda r: r.requests.replies(REQUEST.id)) == (REPLY, again)
    assert store.read(lambda r: r.requests.requests_about(REQUEST.subject)) == (REQUEST,)
    store.write(lambda tx: tx.requests.forget([REQUEST.id, id_(99)]))
    assert store.read(lambda r: r.requests.request(REQUEST.id)) is None
    assert store.read(lambda r: r.requests.replies(REQUEST.id)) == ()
