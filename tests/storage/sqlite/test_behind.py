"""Rows that wait are as good as stored: who looks sees them, who undoes a part undoes them."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.storage.rows import NotStored
from comity.storage.sqlite.behind import WAITING, Behind
from comity.storage.sqlite.store import SqliteStore
from comity.storage.sqlite.table import Row
from comity.storage.store import Transaction
from tests.storage.sqlite.samples import BRAVO, OPENING, OUTBOX, id_
from tests.storage.sqlite.test_journal import append, entry


@pytest.fixture
def connection(folder: Path, store: SqliteStore) -> Iterator[apsw.Connection]:
    """A second connection to the store's file."""
    assert store.read(lambda r: r.journal.size()) == 0
    found = apsw.Connection(str(folder / "journal.db"))
    yield found
    found.close()


def test_the_tables_are_as_they_are_described(connection: apsw.Connection) -> None:
    """Columns, and the key that comes first."""
    for table, how in WAITING.items():
        columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
        assert len(columns) == how.columns, table
        keys = sorted((row[5], row[0]) for row in columns if row[5])
        if how.key:
            assert [at for _, at in keys] == list(range(how.key)), table


def test_no_view_and_no_trigger_looks_at_what_waits(connection: apsw.Connection) -> None:
    """They would not see it: only a statement's own words are looked at."""
    sql = "SELECT name, sql FROM sqlite_schema WHERE type IN ('view', 'trigger')"
    found = connection.execute(sql).fetchall()
    assert len(found) >= 3
    for name, text in found:
        assert not WAITING.keys() & set(re.findall(r"\w+", str(text).lower())), name


@dataclass(frozen=True)
class Step:
    """What a caller does: put a row, look at a table, work elsewhere, begin or leave a part."""

    kind: str
    key: int = 0
    value: int = 0


steps = st.lists(
    st.builds(
        Step,
        kind=st.sampled_from(["put", "put", "put", "look", "elsewhere", "begin", "end", "undo"]),
        key=st.integers(0, 5),
        value=st.integers(0, 9),
    ),
    max_size=40,
)


def outbox_row(step: Step) -> Row:
    return ("peer", step.key, step.value, 0, 0)


class Plain:
    """The same without any waiting: the second opinion."""

    def __init__(self, db: apsw.Connection) -> None:
        """Use a connection of its own."""
        self.db = db

    def put(self, table: str, row: Row) -> None:
        self.db.execute(f"INSERT OR REPLACE INTO {table} VALUES (?,?,?,?,?)", row)  # noqa: S608 - a test's own names

    def execute(self, sql: str, values: Row = ()) -> apsw.Cursor:
        return self.db.execute(sql, values)

    def begin_part(self) -> None:
        self.db.execute("SAVEPOINT part")

    def end_part(self) -> None:
        self.db.execute("RELEASE part")

    def undo_part(self) -> None:
        self.db.execute("ROLLBACK TO part")
        self.db.execute("RELEASE part")

    def flush(self) -> None:
        """Nothing waits."""


def taken(db: Behind | Plain, taking: list[Step]) -> list[list[Row]]:
    """What each look saw, and at the end both tables."""
    seen, depth = [], 0
    outbox = "SELECT * FROM outbox ORDER BY peer, idx"
    for step in taking:
        if step.kind == "put":
            db.put("outbox", outbox_row(step))
        elif step.kind == "look":
            seen.append(db.execute(outbox).fetchall())
        elif step.kind == "elsewhere":
            db.execute("INSERT OR REPLACE INTO idle VALUES (?,?)", (step.key, step.value))
        elif step.kind == "begin":
            db.begin_part()
            depth += 1
        elif depth:
            depth -= 1
            db.end_part() if step.kind == "end" else db.undo_part()
    for _ in range(depth):
        db.end_part()
    db.flush()
    seen.append(db.execute(outbox).fetchall())
    return [*seen, db.execute("SELECT * FROM idle ORDER BY key").fetchall()]


@contextmanager
def database() -> Iterator[apsw.Connection]:
    db = apsw.Connection(":memory:")
    db.execute(
        "CREATE TABLE outbox (peer, idx, due_us, attempts, floor, PRIMARY KEY (peer, idx)) "
        "WITHOUT ROWID; CREATE TABLE idle (key INTEGER PRIMARY KEY, value)"
    )
    db.execute("BEGIN")
    yield db
    db.close()


@given(steps)
def test_waiting_changes_nothing_that_anybody_sees(taking: list[Step]) -> None:
    with database() as one, database() as other:
        behind = Behind(one)
        behind.begin()
        assert taken(behind, taking) == taken(Plain(other), taking)


def test_the_comparison_finds_rows_that_are_forgotten() -> None:
    """The control: a part that is undone takes away rows from before it that it stored."""

    class Forgets(Behind):
        def undo_part(self) -> None:
            for found, _, _ in self._parts[-1].marks:
                found.stored = len(found.all)
            self.db.execute("ROLLBACK TO part")

    taking = [Step("put"), Step("begin"), Step("look"), Step("undo")]
    with database() as one, database() as other:
        behind = Forgets(one)
        assert taken(behind, taking) != taken(Plain(other), taking)


def test_many_rows_go_in_few_statements(store: SqliteStore) -> None:
    said: list[str] = []
    store._writer.db.set_profile(lambda sql, _: said.append(sql))
    rows = [replace(OUTBOX, index=index) for index in range(200)]

    def work(tx: Transaction) -> None:
        for row in reversed(rows):
            tx.post.put_out(row)

    store.write(work)
    assert sum("outbox" in sql for sql in said) == 4  # 64, 64, 64, 8
    assert store.read(lambda r: r.post.outbox_count(rows[0].peer)) == 200


def test_the_last_of_one_key_stands(store: SqliteStore) -> None:
    def work(tx: Transaction) -> None:
        for due_us in (5, 3, 4):
            tx.post.put_out(replace(OUTBOX, due_us=due_us))
            tx.journal.save_opening(replace(OPENING, seed=id_(due_us)))

    store.write(work)
    kept = store.read(lambda r: r.post.outbox(OUTBOX.peer, 9))
    assert [row.due_us for row in kept] == [4]
    opening = store.read(lambda r: r.journal.opening(OPENING.leaf))
    assert opening is not None
    assert opening.seed == id_(4)


def twice(tx: Transaction) -> None:
    append(tx, 1)
    tx.journal.save_content_index(id_(1), BRAVO, 0)
    tx.journal.save_content_index(id_(1), BRAVO, 1)


@pytest.mark.parametrize("look", [lambda _: None, lambda tx: tx.journal.index_of(entry(0).leaf)])
def test_a_row_that_breaks_a_rule_undoes_all(
    store: SqliteStore, look: Callable[[Transaction], object]
) -> None:
    def work(tx: Transaction) -> None:
        twice(tx)
        look(tx)

    with pytest.raises(NotStored):
        store.write(work)
    assert store.read(lambda r: r.journal.size()) == 0
    assert store.write(lambda tx: append(tx, 1)) is None
    assert store.read(lambda r: r.journal.size()) == 1
