"""The lock file: the last head that this node was ready to sign, in an SQLite file of its own.

It is committed after the data and before the signature, so that a restored or rolled-back data file
is noticed at start (`journal.recover`). May lie on another disk. Beside the head it holds the mark
of a journal that was restored from a backup (`journal.restored`). Room for every later write of the
head is made when it is opened, so that a full disk never comes between data and lock.
"""

from pathlib import Path

import apsw

from comity.model.fault import Corrupt, Fault
from comity.storage.sqlite.fault import disk_fault
from comity.storage.sqlite.table import blob, integer, one, run
from comity.storage.sqlite.writer import Writer

__all__ = ["SqliteLock"]

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS lock "
    "(one INTEGER PRIMARY KEY CHECK (one=1), size INTEGER NOT NULL, root BLOB NOT NULL) STRICT; "
    "CREATE TABLE IF NOT EXISTS restored "
    "(one INTEGER PRIMARY KEY CHECK (one=1), mark BLOB NOT NULL) STRICT; "
    "CREATE TABLE IF NOT EXISTS room (one INTEGER PRIMARY KEY CHECK (one=1), pad BLOB) STRICT"
)
# The log of this file is folded in at so many pages and begun anew at its start, within the length
# that the pad gave it at first: overwriting takes no room.
_FOLD_PAGES = 24
_PAD = "INSERT OR REPLACE INTO room VALUES (1, zeroblob(131072))"


class SqliteLock:
    """See `storage.lock_file.LockFile`."""

    def __init__(self, path: Path) -> None:
        """Open or create; Full if there is not even room for this."""
        self.writer = Writer(path)
        self.writer.fold_pages = _FOLD_PAGES
        try:
            self.writer.fold()  # before it grows by what is written here
            self._run(_SCHEMA)
            self._run(_PAD)
            self.writer.fold()
        except apsw.Error as error:
            fault = disk_fault(error, self.writer.db)
            self.close()
            if fault is None:
                raise
            raise fault from error
        except Fault:
            self.close()
            raise

    def _run(self, sql: str, values: tuple[int | bytes, ...] = ()) -> None:
        self.writer.begin()
        try:
            run(self.writer.db, sql, values)
        except BaseException:
            self.writer.undo()
            raise
        self.writer.commit()

    def read(self) -> tuple[int, bytes] | None:
        """The head, if there is one."""
        row = one(self.writer.db, "SELECT size, root FROM lock")
        return None if row is None else (integer(row[0]), blob(row[1]))

    def write(self, size: int, root: bytes) -> None:
        """Move the head forward; a smaller size, or another root for the same size, is Corrupt.

        Whatever fails here is Corrupt: the data that it stands for has been committed.
        """
        found = self.read()
        if found is not None and (size < found[0] or (size == found[0] and root != found[1])):
            raise Corrupt("the journal is behind what was signed before", code="rollback_detected")
        self._must_run("INSERT OR REPLACE INTO lock VALUES (1,?,?)", (size, root))

    def restored(self) -> bytes | None:
        """The mark, if there is one."""
        row = one(self.writer.db, "SELECT mark FROM restored")
        return None if row is None else blob(row[0])

    def set_restored(self, mark: bytes | None) -> None:
        """Put the mark, or take it away."""
        if mark is None:
            self._must_run("DELETE FROM restored", ())
        else:
            self._must_run("INSERT OR REPLACE INTO restored VALUES (1,?)", (mark,))

    def _must_run(self, sql: str, values: tuple[int | bytes, ...]) -> None:
        try:
            self._run(sql, values)
        except (apsw.Error, Fault) as error:
            failed = Corrupt(f"the lock could not be written: {error}", code="commit_failed")
            raise self.writer.died(failed) from error

    def close(self) -> None:
        """Close the file."""
        self.writer.close()
