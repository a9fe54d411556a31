"""The lock file: the last head that this node was ready to sign, in an SQLite file of its own.

It is committed after the data and before the signature, so that a restored or rolled-back data file
is noticed at start (`journal.recover`). May lie on another disk. Beside the head it holds the mark
of a journal that was restored from a backup (`journal.restored`).
"""

from pathlib import Path

import apsw

from comity.model.fault import Corrupt
from comity.storage.sqlite.open import open_writer
from comity.storage.sqlite.table import blob, integer, one, run

__all__ = ["SqliteLock"]

_SCHEMAS = (
    """CREATE TABLE IF NOT EXISTS lock (
        one INTEGER PRIMARY KEY CHECK (one=1), size INTEGER NOT NULL, root BLOB NOT NULL
    ) STRICT""",
    """CREATE TABLE IF NOT EXISTS restored (
        one INTEGER PRIMARY KEY CHECK (one=1), mark BLOB NOT NULL
    ) STRICT""",
)


class SqliteLock:
    """See `storage.store.LockFile`."""

    def __init__(self, path: Path) -> None:
        """Open or create."""
        self._db = open_writer(path)
        for schema in _SCHEMAS:
            run(self._db, schema)

    def read(self) -> tuple[int, bytes] | None:
        """The head, if there is one."""
        row = one(self._db, "SELECT size, root FROM lock")
        return None if row is None else (integer(row[0]), blob(row[1]))

    def write(self, size: int, root: bytes) -> None:
        """Move the head forward; a smaller size, or another root for the same size, is Corrupt."""
        found = self.read()
        if found is not None and (size < found[0] or (size == found[0] and root != found[1])):
            raise Corrupt("the journal is behind what was signed before", code="rollback_detected")
        self._run("INSERT OR REPLACE INTO lock VALUES (1,?,?)", (size, root))

    def restored(self) -> bytes | None:
        """The mark, if there is one."""
        row = one(self._db, "SELECT mark FROM restored")
        return None if row is None else blob(row[0])

    def set_restored(self, mark: bytes | None) -> None:
        """Put the mark, or take it away."""
        if mark is None:
            self._run("DELETE FROM restored", ())
        else:
            self._run("INSERT OR REPLACE INTO restored VALUES (1,?)", (mark,))

    def _run(self, sql: str, values: tuple[int | bytes, ...]) -> None:
        try:
            run(self._db, sql, values)
        except apsw.Error as error:
            raise Corrupt(
                f"the lock could not be written: {error}", code="commit_failed"
            ) from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()
