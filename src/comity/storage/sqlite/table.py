"""The few SQL shapes that all tables share: run, put, one row, all rows. Values come out typed."""

from collections.abc import Sequence
from typing import Protocol, TypeVar, cast

import apsw

from comity.model.fault import Corrupt

__all__ = [
    "Database",
    "Row",
    "Value",
    "blob",
    "integer",
    "maybe_blob",
    "maybe_integer",
    "maybe_text",
    "one",
    "put",
    "rows",
    "run",
    "text",
]

Value = None | int | float | str | bytes
Row = tuple[Value, ...]
T = TypeVar("T", int, str, bytes)


class Database(Protocol):
    """Where statements run: a connection, or the one that writes behind (`behind.Behind`)."""

    def execute(self, sql: str, values: Sequence[Value] = ..., /) -> apsw.Cursor:
        """Run a statement."""
        ...


class _Waits(Protocol):
    def put(self, table: str, row: Row) -> None: ...


def put(connection: Database, table: str, row: Row) -> None:
    """Insert a row of a table of `behind.WAITING`, when its turn comes.

    `connection` is the one that writes: no other has a place where rows wait.
    """
    cast("_Waits", connection).put(table, row)


def run(connection: Database, sql: str, values: Sequence[Value] = ()) -> None:
    """Run a statement that returns nothing."""
    connection.execute(sql, values)


def rows(connection: Database, sql: str, values: Sequence[Value] = ()) -> list[tuple[Value, ...]]:
    """All rows."""
    return connection.execute(sql, values).fetchall()


def one(connection: Database, sql: str, values: Sequence[Value] = ()) -> tuple[Value, ...] | None:
    """The first row, or None."""
    return connection.execute(sql, values).fetchone()


def _typed(value: Value, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise Corrupt(f"a stored value is not of type {kind.__name__}", code="bad_row")
    return value


def integer(value: Value) -> int:
    """A stored integer."""
    return _typed(value, int)


def text(value: Value) -> str:
    """A stored text."""
    return _typed(value, str)


def blob(value: Value) -> bytes:
    """A stored blob."""
    return _typed(value, bytes)


def maybe_integer(value: Value) -> int | None:
    """A stored integer or NULL."""
    return None if value is None else _typed(value, int)


def maybe_text(value: Value) -> str | None:
    """A stored text or NULL."""
    return None if value is None else _typed(value, str)


def maybe_blob(value: Value) -> bytes | None:
    """A stored blob or NULL."""
    return None if value is None else _typed(value, bytes)
