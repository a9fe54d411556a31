"""Units and tasks: found by subject and deadline; a risk is open until told, ended or outlived."""

from dataclasses import replace
from pathlib import Path

import pytest

from comity.storage.sqlite.open import migrate, open_writer, scripts
from comity.storage.sqlite.store import SqliteStore
from comity.storage.store import Transaction
from tests.storage.sqlite.samples import ALPHA, BOX, RELAY_TASK, RELAY_UNIT, SUBJECT, UNIT, id_

MISSED = replace(UNIT, state="not-reached")


def save(store: SqliteStore, **changes: object) -> None:
    row = replace(RELAY_TASK, **changes)  # type: ignore[arg-type]
    store.write(lambda tx: tx.relay.save_task(row))


def test_a_unit_stands_once_on_the_list(store: SqliteStore) -> None:
    changed = replace(RELAY_UNIT, channel="243.0")
    other = replace(RELAY_UNIT, name="Battery 2")
    for row in (RELAY_UNIT, other, changed):
        store.write(lambda tx, u=row: tx.relay.save_unit(u))  # type: ignore[misc]
    assert store.read(lambda r: r.relay.units()) == (other, changed)
    assert store.read(lambda r: r.relay.unit("Falcon 1")) == changed
    store.write(lambda tx: tx.relay.drop_unit("Falcon 1"))
    assert store.read(lambda r: r.relay.unit("Falcon 1")) is None
    assert store.read(lambda r: r.relay.units()) == (other,)


def test_a_deadline_is_found_until_somebody_said_something(store: SqliteStore) -> None:
    save(store)
    save(store, unit="Battery 2", due_us=7)
    save(store, unit="Told", due_us=None, state="told")
    assert store.read(lambda r: r.relay.next_due()) == 5
    assert store.read(lambda r: r.relay.overdue(4)) == ()
    assert store.read(lambda r: r.relay.overdue(5)) == (RELAY_TASK,)
    assert [t.unit for t in store.read(lambda r: r.relay.overdue(7))] == ["Battery 2", "Falcon 1"]
    assert [t.unit for t in store.read(lambda r: r.relay.tasks_to_tell())] == [
        *("Falcon 1", "Battery 2"),
    ]
    save(store, due_us=None)
    save(store, unit="Battery 2", due_us=None)
    assert store.read(lambda r: r.relay.next_due()) is None


def test_tasks_come_by_unit_and_the_oldest_first(store: SqliteStore) -> None:
    save(store, of=id_(5), since_us=9)
    save(store, of=id_(9), since_us=3)
    save(store, unit="Battery 2", of=id_(7))
    save(store, of=id_(8), subject=id_(2))
    found = store.read(lambda r: r.relay.tasks_of(id_(1)))
    assert [(t.unit, t.of) for t in found] == [
        *(("Battery 2", id_(7)), ("Falcon 1", id_(9)), ("Falcon 1", id_(5))),
    ]
    assert store.read(lambda r: r.relay.task(id_(9), "Falcon 1")) == found[1]
    assert store.read(lambda r: r.relay.task(id_(9), "Battery 2")) is None
    store.write(lambda tx: tx.relay.forget((id_(5), id_(2))))
    assert len(store.read(lambda r: r.relay.tasks_of(id_(1)))) == 2
    assert store.read(lambda r: r.relay.tasks_of(id_(2))) == ()


def missed(tx: Transaction, number: int, state: str, end_us: int) -> None:
    """A subject with one notice, and a unit that was not reached."""
    box = replace(BOX, end_us=end_us)
    tx.sky.save_subject(replace(SUBJECT, id=id_(number), state=state, box=box))
    tx.sky.link_notice(id_(number), id_(number))
    tx.people.save_unit(replace(MISSED, of=id_(number)))


@pytest.mark.parametrize(
    ("state", "over_us"),
    [("declared", 2_001), ("active", None), ("ended", 0), ("cancelled", 0)],
)
def test_a_risk_is_over_with_its_notice(
    store: SqliteStore, state: str, over_us: int | None
) -> None:
    store.write(lambda tx: missed(tx, 1, state, 2_000))
    assert store.read(lambda r: r.people.next_risk_over()) == over_us
    assert store.read(lambda r: len(r.people.risks_over(2_000))) == (over_us == 0)
    assert store.read(lambda r: len(r.people.risks_over(2_001))) == (over_us is not None)


def test_what_was_told_or_closed_is_no_open_risk(store: SqliteStore) -> None:
    told, closed = replace(UNIT, of=id_(2)), replace(MISSED, of=id_(3), over_us=4)
    for row in (MISSED, told, closed):
        store.write(lambda tx, u=row: tx.people.save_unit(u))  # type: ignore[misc]
    assert store.read(lambda r: r.people.open_risks()) == (MISSED,)
    assert store.read(lambda r: r.people.open_risk_count()) == 1
    assert store.read(lambda r: r.people.units_of(id_(3))) == (closed,)


def test_what_an_older_release_knew_of_units_is_an_open_risk_still(folder: Path) -> None:
    steps = scripts()
    before = next(i for i, step in enumerate(steps) if "CREATE TABLE relay_task " in step)
    connection = open_writer(folder / "journal.db")
    migrate(connection, steps[:before])
    for number, state in ((1, "not-reached"), (2, "told")):
        values = (id_(number), ALPHA, id_(3), None, state, 1, 2)
        connection.execute("INSERT INTO unit VALUES (?,?,?,?,?,?,?)", values)
    migrate(connection, steps)
    connection.close()
    store = SqliteStore(folder)
    assert [row.of for row in store.read(lambda r: r.people.open_risks())] == [id_(1)]
    store.close()
