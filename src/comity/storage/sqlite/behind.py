"""The writer's connection, with rows that wait: those of a few tables go to SQLite many at a time.

Each call of SQLite lets another thread run first, which costs more than the row; and rows that come
in the order of their keys touch each page once. So what entries leave behind them waits here, until
a statement names its table or the transaction ends. No view and no trigger may name these tables.
Called by the store; `table.put` hands rows over.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Final

import apsw

from comity.storage.rows import NotStored
from comity.storage.sqlite.table import Row, Value

__all__ = ["WAITING", "Behind", "Table"]

_AT_ONCE: Final = 64  # rows a statement, and the powers of two below: few statements to prepare
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """How rows of a table are stored; `key` columns come first, 0 keeps the order of arrival."""

    columns: int
    key: int
    replaces: bool


WAITING: Final = {
    "entry": Table(columns=3, key=1, replaces=False),
    "node": Table(columns=3, key=2, replaces=False),
    "chain": Table(columns=4, key=2, replaces=True),
    "opening": Table(columns=3, key=0, replaces=True),
    "content_index": Table(columns=3, key=2, replaces=False),
    "outbox": Table(columns=5, key=2, replaces=True),
    "told": Table(columns=8, key=2, replaces=True),
    "notice_subject": Table(columns=2, key=1, replaces=True),
}


class _Rows:
    """The rows of one table in this transaction: those from `stored` on wait."""

    def __init__(self) -> None:
        self.all: list[Row] = []
        self.stored = 0


class _Part:
    """A nested part: what there was of each table before it, and whether SQLite knows of it."""

    def __init__(self, rows: dict[str, _Rows]) -> None:
        self.marks = [(found, len(found.all), found.stored) for found in rows.values()]
        self.begun = False


class Behind:
    """See the module docstring. Every statement of a transaction goes through `execute`."""

    def __init__(self, db: apsw.Connection) -> None:
        """Wrap the connection that writes."""
        self.db = db
        self._rows = {table: _Rows() for table in WAITING}
        self._parts: list[_Part] = []
        self._named: dict[str, tuple[str, ...]] = {}

    def begin(self) -> None:
        """A transaction has begun: nothing waits."""
        self._parts.clear()
        for found in self._rows.values():
            found.all.clear()
            found.stored = 0

    def put(self, table: str, row: Row) -> None:
        """Let a row wait; a later one of its key replaces it where the table says so."""
        self._rows[table].all.append(row)

    def execute(self, sql: str, values: Sequence[Value] = (), /) -> apsw.Cursor:
        """Run a statement, after the rows of the tables that it names are stored.

        Raises:
            NotStored: a row that waited breaks a rule of its table.
            apsw.Error: whatever SQLite says.
        """
        self._begin_parts()
        for table in self._tables_in(sql):
            self._store(table)
        return self.db.execute(sql, values)

    def flush(self) -> None:
        """Store all that waits; raises as `execute`."""
        for table in WAITING:
            self._store(table)

    def begin_part(self) -> None:
        """From here on a part can be undone alone; SQLite hears of it when it gets to work."""
        self._parts.append(_Part(self._rows))

    def end_part(self) -> None:
        """The innermost part stands."""
        if self._parts.pop().begun:
            self.db.execute("RELEASE part")

    def undo_part(self) -> None:
        """Undo the innermost part. What was stored in it but put before it waits again."""
        part = self._parts.pop()
        for found, count, stored in part.marks:
            del found.all[count:]
            found.stored = stored
        if part.begun:
            self.db.execute("ROLLBACK TO part")
            self.db.execute("RELEASE part")

    def _begin_parts(self) -> None:
        for part in self._parts:
            if not part.begun:
                self.db.execute("SAVEPOINT part")
                part.begun = True

    def _tables_in(self, sql: str) -> tuple[str, ...]:
        found = self._named.get(sql)
        if found is None:
            words = set(_WORD.findall(sql.lower()))
            found = self._named[sql] = tuple(table for table in WAITING if table in words)
        return found

    def _store(self, table: str) -> None:
        found = self._rows[table]
        if found.stored == len(found.all):
            return
        how = WAITING[table]
        waiting = _in_order(found.all[found.stored :], how)
        self._begin_parts()
        try:
            start = 0
            while start < len(waiting):
                size = min(_AT_ONCE, 1 << (len(waiting) - start).bit_length() - 1)
                part = waiting[start : start + size]
                self.db.execute(_insert(table, size), tuple(chain.from_iterable(part)))
                start += size
        except apsw.ConstraintError as error:
            raise NotStored(f"a row of {table} cannot be stored: {error}") from error
        found.stored = len(found.all)


def _in_order(waiting: list[Row], how: Table) -> list[Row]:
    """By key, and of one key the last if the table replaces; else as they came."""
    if not how.key:
        return waiting
    if how.replaces:
        waiting = list({row[: how.key]: row for row in waiting}.values())
    return sorted(waiting, key=lambda row: row[: how.key])


@cache
def _insert(table: str, size: int) -> str:
    how = WAITING[table]
    verb = "INSERT OR REPLACE" if how.replaces else "INSERT"
    row = f"({','.join('?' * how.columns)})"
    return f"{verb} INTO {table} VALUES {','.join([row] * size)}"
