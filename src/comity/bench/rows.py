"""The journal's peer: rows of the same size in a plain SQLite table, as durable, and nothing else.

No signature, no hash, no tree, no second file. What the journal costs beyond this is the price of
being evidence. Called by journal.
"""

import time
from pathlib import Path
from types import TracebackType
from typing import Self

import apsw

__all__ = ["PlainRows"]

_NS_PER_S = 1_000_000_000


class PlainRows:
    """One table in a file of its own: write-ahead log, synchronous=FULL, as the journal's."""

    def __init__(self, path: Path, row_bytes: int) -> None:
        """Create the file; every row holds `row_bytes` bytes."""
        self._connection = apsw.Connection(str(path))
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, body BLOB) STRICT")
        self._row_bytes = row_bytes

    def __enter__(self) -> Self:
        """Open already."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._connection.close()

    def size(self) -> int:
        """How many rows there are."""
        return sum(1 for _ in self._connection.execute("SELECT id FROM rows"))

    def insert(self, rows: int, group: int) -> float:
        """Insert so many rows, `group` of them in each commit; rows per second."""
        body = bytes(self._row_bytes)
        began_ns = time.perf_counter_ns()
        for start in range(0, rows, group):
            self._connection.execute("BEGIN IMMEDIATE")
            for _ in range(start, min(rows, start + group)):
                self._connection.execute("INSERT INTO rows (body) VALUES (?)", (body,))
            self._connection.execute("COMMIT")
        return rows * _NS_PER_S / (time.perf_counter_ns() - began_ns)
