"""Messages: found by what they name, by deadline and page by page; forgotten with their answers."""

from dataclasses import replace

from comity.storage.sqlite.store import SqliteStore
from tests.storage.sqlite.samples import ALPHA, BRAVO, MESSAGE, MESSAGE_ANSWER, id_


def save(store: SqliteStore, **changes: object) -> None:
    row = replace(MESSAGE, **changes)  # type: ignore[arg-type]
    store.write(lambda tx: tx.messages.save_message(row))


def test_a_deadline_is_found_until_it_is_warned_of_or_settled(store: SqliteStore) -> None:
    later = replace(MESSAGE, id=id_(110), due_us=9)
    save(store)
    save(store, id=later.id, due_us=9)
    assert store.read(lambda r: r.messages.next_due()) == 5
    assert store.read(lambda r: r.messages.overdue(4)) == ()
    assert store.read(lambda r: r.messages.overdue(5)) == (MESSAGE,)
    assert store.read(lambda r: r.messages.overdue(9)) == (MESSAGE, later)
    assert store.read(lambda r: r.messages.open_messages(1)) == (MESSAGE,)
    save(store, warned=True)
    assert store.read(lambda r: r.messages.next_due()) == 9
    assert len(store.read(lambda r: r.messages.open_messages(9))) == 2
    save(store, id=later.id, due_us=None)
    assert store.read(lambda r: r.messages.next_due()) is None
    assert store.read(lambda r: r.messages.overdue(99)) == ()


def test_what_is_open_is_counted_by_who_says_it_to_whom_and_by_lane(store: SqliteStore) -> None:
    cases = (
        (ALPHA, BRAVO, True),
        (ALPHA, BRAVO, True),
        (BRAVO, ALPHA, True),
        (ALPHA, BRAVO, False),
    )
    for number, (sender, receiver, floor) in enumerate(cases):
        save(store, id=id_(110 + number), sender=sender, receiver=receiver, floor=floor)
    counts = [
        store.read(lambda r, c=case: r.messages.count_between(c[0], c[1], floor=c[2]))  # type: ignore[misc]
        for case in cases
    ]
    assert counts == [2, 2, 1, 1]
    save(store, id=id_(110), due_us=None)
    assert store.read(lambda r: r.messages.count_between(ALPHA, BRAVO, floor=True)) == 1


def test_pages_go_back_in_time_without_a_gap(store: SqliteStore) -> None:
    for number in range(7):
        save(store, id=id_(110 + number), at_us=1 + number // 3)
    whole = store.read(lambda r: r.messages.messages(None, 99))
    assert [row.at_us for row in whole] == [3, 2, 2, 2, 1, 1, 1]
    found = store.read(lambda r: r.messages.messages(None, 2))
    while len(found) < 7:
        last = found[-1]
        page = store.read(lambda r, e=last: r.messages.messages((e.at_us, e.id), 2))  # type: ignore[misc]
        assert page
        found += page
    assert found == whole


def test_messages_are_forgotten_with_their_answers(store: SqliteStore) -> None:
    again = replace(MESSAGE_ANSWER, id=id_(102), number=1)
    save(store)
    for row in (again, MESSAGE_ANSWER):
        store.write(lambda tx, row=row: tx.messages.save_answer(row))  # type: ignore[misc]
    assert store.read(lambda r: r.messages.answers(MESSAGE.id)) == (MESSAGE_ANSWER, again)
    assert store.read(lambda r: r.messages.answer(again.id)) == again
    assert store.read(lambda r: r.messages.answer(MESSAGE.id)) is None
    assert store.read(lambda r: r.messages.messages_about(id_(1))) == (MESSAGE,)
    assert store.read(lambda r: r.messages.settled_before(9)) == ()
    save(store, due_us=None)
    assert store.read(lambda r: r.messages.settled_before(1)) == ()
    assert store.read(lambda r: r.messages.settled_before(2)) == (MESSAGE.id,)
    store.write(lambda tx: tx.messages.forget([MESSAGE.id, id_(99)]))
    assert store.read(lambda r: r.messages.message(MESSAGE.id)) is None
    assert store.read(lambda r: r.messages.answers(MESSAGE.id)) == ()
