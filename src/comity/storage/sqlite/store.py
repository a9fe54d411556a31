"""The embedded store: data in one SQLite file, the lock in another.

One connection writes, under one mutex; one other reads. No room on the disk is `Full`, and nothing
happened; any other failure of the disk is Corrupt: the node stops and comes back through the
loader. Called by assembly only.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import apsw

from comity.model.fault import Corrupt, Full, Unavailable
from comity.storage.sqlite.accords import SqliteAccords
from comity.storage.sqlite.behind import Behind
from comity.storage.sqlite.dispatches import SqliteDispatches
from comity.storage.sqlite.duty import SqliteDuty
from comity.storage.sqlite.fault import DISK_ERRORS, disk_fault
from comity.storage.sqlite.handovers import SqliteHandovers
from comity.storage.sqlite.journal import Edge, SqliteJournal
from comity.storage.sqlite.lines import SqliteLines
from comity.storage.sqlite.lock import SqliteLock
from comity.storage.sqlite.messages import SqliteMessages
from comity.storage.sqlite.mirror import SqliteMirror
from comity.storage.sqlite.open import open_reader
from comity.storage.sqlite.persons import SqlitePersons
from comity.storage.sqlite.post import SqlitePost
from comity.storage.sqlite.register import SqliteRegister
from comity.storage.sqlite.relay import SqliteRelay
from comity.storage.sqlite.releases import SqliteReleases
from comity.storage.sqlite.reports import SqliteReports
from comity.storage.sqlite.requests import SqliteRequests
from comity.storage.sqlite.sky import SqliteSky
from comity.storage.sqlite.table import Database
from comity.storage.sqlite.times import SqliteTimes
from comity.storage.sqlite.upgrade import upgrade
from comity.storage.sqlite.writer import Writer
from comity.storage.store import Reading, Transaction

__all__ = ["SqliteStore", "reading_of"]

T = TypeVar("T")


class _View:
    """The table groups over one connection."""

    def __init__(self, connection: Database, edge: Edge | None = None) -> None:
        self.journal = SqliteJournal(connection, edge)
        self.post = SqlitePost(connection)
        self.mirror = SqliteMirror(connection)
        self.sky = SqliteSky(connection)
        self.people = SqlitePersons(connection)
        self.times = SqliteTimes(connection, edge)
        self.accords = SqliteAccords(connection)
        self.requests = SqliteRequests(connection)
        self.messages = SqliteMessages(connection)
        self.handovers = SqliteHandovers(connection)
        self.duty = SqliteDuty(connection)
        self.releases = SqliteReleases(connection)
        self.dispatches = SqliteDispatches(connection)
        self.register = SqliteRegister(connection)
        self.reports = SqliteReports(connection)
        self.lines = SqliteLines(connection)
        self.relay = SqliteRelay(connection)


class _Change(_View):
    """The same while a transaction is in the making."""

    def __init__(self, behind: Behind, edge: Edge) -> None:
        super().__init__(behind, edge)
        self._behind = behind
        self._edge = edge

    @contextlib.contextmanager
    def savepoint(self) -> Iterator[None]:
        """A nested part that is undone alone; but for the disk's own failures, which undo all."""
        self._behind.begin_part()
        try:
            yield
        except apsw.Error as error:
            fault = disk_fault(error, self._behind.db)
            if fault is not None:
                raise fault from error
            self._undo_part()
            raise
        except (Corrupt, Full):
            raise
        except BaseException:
            self._undo_part()
            raise
        self._behind.end_part()

    def _undo_part(self) -> None:
        self._edge.forget()
        self._behind.undo_part()


@contextlib.contextmanager
def reading_of(path: Path) -> Iterator[Reading]:
    """One state of one file that nobody writes: a copy. Makes no lock beside it."""
    connection = open_reader(path)
    try:
        connection.execute("BEGIN")
        yield _View(connection)
    finally:
        connection.close()


def _reader_of(path: Path) -> apsw.Connection:
    try:
        return open_reader(path)
    except DISK_ERRORS as error:  # the writer could read it a moment ago
        raise Corrupt(f"the disk failed: {error}", code="disk_failed") from error


class SqliteStore:
    """See `storage.store.Store`."""

    def __init__(self, folder: Path) -> None:
        """Open or create `journal.db` and `lock.db` in `folder`; Full if there is no room."""
        self._folder = folder
        with contextlib.ExitStack() as opened:
            self._writer = Writer(folder / "journal.db")
            opened.callback(self._writer.close)
            upgrade(self._writer.db, folder / "journal.db")
            self._reader = _reader_of(folder / "journal.db")
            opened.callback(self._reader.close)
            self._lock = SqliteLock(folder / "lock.db")
            opened.pop_all()  # all is well: nothing is closed here
        self._edge = Edge()
        self._behind = Behind(self._writer.db)
        self._write_view = _Change(self._behind, self._edge)
        self._read_view = _View(self._reader)
        self._write_mutex = threading.Lock()
        self._read_mutex = threading.RLock()

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run one durable transaction."""
        with self._write_mutex:
            self._writer.begin()
            self._edge.forget()
            self._behind.begin()
            try:
                result = work(self._write_view)
                self._behind.flush()
            except apsw.Error as error:
                fault = disk_fault(error, self._writer.db)
                self._writer.undo()
                if fault is None:
                    raise
                raise self._writer.died(fault) from error
            except BaseException as error:
                self._writer.undo()
                if isinstance(error, Corrupt):
                    self._writer.died(error)
                raise
            self._writer.commit()
            return result

    def read(self, query: Callable[[Reading], T]) -> T:
        """Run a query on one committed state; nested reads share the state."""
        with self._read_mutex:
            nested = self._reader.in_transaction
            if not nested:
                self._reader.execute("BEGIN")
            try:
                return query(self._read_view)
            except apsw.Error as error:
                fault = disk_fault(error, self._reader)
                if fault is None:
                    raise
                raise fault from error
            except UnicodeDecodeError as error:
                raise Corrupt("a stored text is none", code="bad_row") from error
            finally:
                if not nested and self._reader.in_transaction:
                    self._reader.execute("ROLLBACK")

    def scrub(self) -> None:
        """Write the file anew without what was deleted, then empty the write-ahead log.

        Overwriting what is deleted is not enough: pages that were split hold copies of rows. Copies
        from before an upgrade hold it too, so they go.
        """
        for copy in self._folder.glob("journal.before-*.db"):
            copy.unlink()
        with self._write_mutex, self._read_mutex:
            try:
                self._writer.db.execute("VACUUM")
                (result,) = self._writer.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            except apsw.BusyError as error:
                raise Unavailable("the files are in use", code="files_in_use") from error
            except apsw.Error as error:
                fault = disk_fault(error, self._writer.db)
                if fault is None:
                    raise
                raise self._writer.died(fault) from error
        if result[0] != 0:
            raise Unavailable("the files are in use", code="files_in_use")

    def lock(self) -> SqliteLock:
        """The lock beside the data."""
        return self._lock

    def close(self) -> None:
        """Close all files; the write-ahead log is folded in by the last connection."""
        self._reader.close()
        self._writer.close()
        self._lock.close()
