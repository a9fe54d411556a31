"""Handovers: the newest first, those that wait, and the items of each statement in order."""

from dataclasses import replace

from comity.storage.handovers import HandoverRow
from comity.storage.rows import SubjectRow
from comity.storage.sqlite.store import SqliteStore
from comity.storage.store import Transaction
from tests.storage.sqlite.samples import HANDOVER, HELD, SUBJECT, WARNING, id_
from tests.storage.sqlite.samples import HANDOVER_ITEM as ITEM


def save(store: SqliteStore, row: HandoverRow) -> None:
    store.write(lambda tx: tx.handovers.save_handover(row))


def test_what_waits_is_neither_accepted_nor_replaced(store: SqliteStore) -> None:
    later = replace(HANDOVER, id=id_(3), begun_us=6)
    save(store, later)
    save(store, HANDOVER)
    assert store.read(lambda r: r.handovers.waiting()) == (HANDOVER, later)
    assert store.read(lambda r: r.handovers.handovers(1)) == (later,)
    over = replace(HANDOVER, over_us=6)
    accepted = replace(later, acceptance=id_(4), accepted_us=7)
    for row in (over, accepted):
        save(store, row)
    assert store.read(lambda r: r.handovers.waiting()) == ()
    assert store.read(lambda r: r.handovers.handovers(9)) == (accepted, over)
    assert store.read(lambda r: r.handovers.handover(id_(3))) == accepted
    assert store.read(lambda r: r.handovers.handover(id_(9))) is None


def test_items_are_listed_by_their_statement_and_number(store: SqliteStore) -> None:
    second = replace(ITEM, number=1, due_us=8)
    other = replace(ITEM, of=id_(7))
    for row in (second, other, ITEM):
        store.write(lambda tx, row=row: tx.handovers.save_item(row))  # type: ignore[misc]
    assert store.read(lambda r: r.handovers.items(id_(1))) == (ITEM, second)
    assert store.read(lambda r: r.handovers.items(id_(7))) == (other,)


def over(number: int, end_us: int, state: str = "declared") -> SubjectRow:
    box = replace(SUBJECT.box, end_us=end_us)
    return replace(SUBJECT, id=id_(number), notice=id_(number), state=state, box=box)


def test_what_is_live_is_listed_by_end_and_unclosed_until_it_is_warned_of(
    store: SqliteStore,
) -> None:
    rows = over(1, 9), over(2, 7, "active"), over(3, 5, "ended"), over(4, 6, "cancelled")

    def work(tx: Transaction) -> None:
        for row in rows:
            tx.sky.save_subject(row)

    store.write(work)
    assert [row.id for row in store.read(lambda r: r.sky.live(9))] == [id_(2), id_(1)]
    assert [row.id for row in store.read(lambda r: r.sky.live(1))] == [id_(2)]
    assert store.read(lambda r: r.sky.next_unclosed()) == 7
    assert store.read(lambda r: r.sky.unclosed(7)) == ()
    assert store.read(lambda r: r.sky.unclosed(8)) == (rows[1],)
    warning = replace(WARNING, about=id_(2), kind="not_closed", cleared_us=None)
    store.write(lambda tx: tx.sky.save_warning(warning))
    assert store.read(lambda r: r.sky.next_unclosed()) == 9
    assert store.read(lambda r: r.sky.unclosed(10)) == (rows[0],)
    store.write(lambda tx: tx.sky.save_warning(replace(warning, cleared_us=8)))
    assert store.read(lambda r: r.sky.next_unclosed()) == 7


def test_what_waits_for_a_second_person_is_listed_by_expiry(store: SqliteStore) -> None:
    later = replace(HELD, id=id_(2), at_us=6, expires_us=12)
    over = replace(HELD, id=id_(3), at_us=7, over_us=8, by_second="b", message=id_(9))
    for row in (later, over, HELD):
        store.write(lambda tx, row=row: tx.releases.save_held(row))  # type: ignore[misc]
    assert store.read(lambda r: r.releases.waiting()) == (HELD, later)
    assert store.read(lambda r: r.releases.newest(2)) == (over, later)
    assert store.read(lambda r: r.releases.held(id_(3))) == over
    assert store.read(lambda r: r.releases.held(id_(8))) is None
