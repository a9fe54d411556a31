"""The embedded store: data in one SQLite file, the lock in another.

One connection writes, under one mutex; one other reads. An error at COMMIT leaves the outcome
unknown, so it is Corrupt: the node stops and comes back through the loader. Called by assembly
only.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import apsw

from comity.model.fault import Corrupt
from comity.storage.sqlite.journal import SqliteJournal
from comity.storage.sqlite.lock import SqliteLock
from comity.storage.sqlite.open import migrate, open_reader, open_writer
from comity.storage.sqlite.persons import SqlitePersons
from comity.storage.sqlite.post import SqlitePost
from comity.storage.sqlite.sky import SqliteSky
from comity.storage.sqlite.times import SqliteTimes
from comity.storage.store import Reading, Transaction

__all__ = ["SqliteStore"]

T = TypeVar("T")


class _View:
    """The table groups over one connection."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self.journal = SqliteJournal(connection)
        self.post = SqlitePost(connection)
        self.sky = SqliteSky(connection)
        self.people = SqlitePersons(connection)
        self.times = SqliteTimes(connection)

    @contextlib.contextmanager
    def savepoint(self) -> Iterator[None]:
        """A nested part that is undone alone."""
        self._connection.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK TO part")
            self._connection.execute("RELEASE part")
            raise
        self._connection.execute("RELEASE part")


class SqliteStore:
    """See `storage.store.Store`."""

    def __init__(self, folder: Path) -> None:
        """Open or create `journal.db` and `lock.db` in `folder`."""
        self._writer = open_writer(folder / "journal.db")
        migrate(self._writer)
        self._reader = open_reader(folder / "journal.db")
        self._lock = SqliteLock(folder / "lock.db")
        self._write_view = _View(self._writer)
        self._read_view = _View(self._reader)
        self._write_mutex = threading.Lock()
        self._read_mutex = threading.RLock()

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run one durable transaction."""
        with self._write_mutex:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                result = work(self._write_view)
            except BaseException:
                self._rollback()
                raise
            try:
                self._writer.execute("COMMIT")
            except apsw.Error as error:
                self._rollback()
                raise Corrupt(f"a commit failed: {error}", code="commit_failed") from error
            return result

    def _rollback(self) -> None:
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK")

    def read(self, query: Callable[[Reading], T]) -> T:
        """Run a query on one committed state; nested reads share the state."""
        with self._read_mutex:
            nested = self._reader.in_transaction
            if not nested:
                self._reader.execute("BEGIN")
            try:
                return query(self._read_view)
            finally:
                if not nested:
                    self._reader.execute("ROLLBACK")

    def lock(self) -> SqliteLock:
        """The lock beside the data."""
        return self._lock

    def close(self) -> None:
        """Close all files; the write-ahead log is folded in by the last connection."""
        self._reader.close()
        self._writer.close()
        self._lock.close()
