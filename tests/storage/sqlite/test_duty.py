"""The duty group: shifts by time, watches by what comes next, alerts most urgent first."""

from dataclasses import replace

from comity.storage.sqlite.store import SqliteStore
from tests.storage.sqlite.samples import ALPHA, ESCALATION, SHIFT, WATCH, id_


def test_a_roster_is_kept_in_its_order_and_forgotten_whole(store: SqliteStore) -> None:
    store.write(lambda tx: tx.duty.save_chain(("duty officer", "alternate", "chief")))
    store.write(lambda tx: tx.duty.save_chain(("watch", "chief")))
    assert store.read(lambda r: r.duty.chain()) == ("watch", "chief")
    over = replace(SHIFT, id=id_(125), until_us=5)
    for row in (SHIFT, over):
        store.write(lambda tx, row=row: tx.duty.save_shift(row))  # type: ignore[misc]
    assert store.read(lambda r: r.duty.shifts(4)) == (SHIFT, over)
    assert store.read(lambda r: r.duty.shifts(5)) == (SHIFT,)
    store.write(lambda tx: tx.duty.set_away("a. levi", 3))
    assert store.read(lambda r: r.duty.away()) == ("a. levi",)
    store.write(lambda tx: tx.duty.set_away("a. levi", None))
    assert store.read(lambda r: r.duty.away()) == ()
    store.write(lambda tx: tx.duty.set_away("a. levi", 3))
    store.write(lambda tx: tx.duty.forget_roster())
    assert store.read(lambda r: (r.duty.chain(), r.duty.shifts(0), r.duty.away())) == ((), (), ())


def test_a_watch_is_found_when_its_time_has_come(store: SqliteStore) -> None:
    later = replace(WATCH, party=ALPHA, next_us=9)
    over = replace(WATCH, kind="given", step="", next_us=None)
    for row in (WATCH, later, over):
        store.write(lambda tx, row=row: tx.duty.save_watch(row))  # type: ignore[misc]
    assert store.read(lambda r: r.duty.next_watch()) == 8
    assert store.read(lambda r: r.duty.due_watches(7)) == ()
    assert store.read(lambda r: r.duty.due_watches(8)) == (WATCH,)
    assert store.read(lambda r: r.duty.open_watches()) == (later, WATCH)
    last = replace(WATCH, next_us=None)  # nothing more is to come, and it is not met
    store.write(lambda tx: tx.duty.save_watch(last))
    assert store.read(lambda r: r.duty.open_watches()) == (later, last)
    assert set(store.read(lambda r: r.duty.watches(WATCH.about))) == {last, later, over}
    store.write(lambda tx: tx.duty.forget([WATCH.about]))
    assert store.read(lambda r: r.duty.next_watch()) is None


def test_open_alerts_stand_by_urgency(store: SqliteStore) -> None:
    floor = replace(ESCALATION, id=id_(126), floor=True, level=0, leaf=None)
    far = replace(ESCALATION, id=id_(127), level=2)
    over = replace(ESCALATION, id=id_(128), cleared_us=10)
    for row in (ESCALATION, far, over, floor):
        store.write(lambda tx, row=row: tx.duty.save_escalation(row))  # type: ignore[misc]
    assert store.read(lambda r: r.duty.open_escalations()) == (floor, far, ESCALATION)
    found = store.read(lambda r: r.duty.escalations(ESCALATION.about))
    assert [row.id for row in found] == [floor.id, ESCALATION.id, over.id, far.id]
    store.write(lambda tx: tx.duty.forget([ESCALATION.about]))
    assert store.read(lambda r: r.duty.open_escalations()) == ()
