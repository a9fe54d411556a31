"""The lock file: the last head that this node was ready to sign, in an SQLite file of its own.

It is committed after the data and before the signature, so that a restored or rolled-back data file
is noticed at start (`journal.recover`). May lie on another disk.
"""

from pathlib import Path

import apsw

from comity.model.fault import Corrupt
from comity.storage.sqlite.open import open_writer
from comity.storage.sqlite.table import blob, integer, one, run

__all__ = ["SqliteLock"]

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS lock "
    "(one INTEGER PRIMARY KEY CHECK (one=1), size INTEGER NOT NULL, root BLOB NOT NULL) STRICT"
)


class SqliteLock:
    """See `storage.store.LockFile`."""

    def __init__(self, path: Path) -> None:
        """Open or create."""
        self._db = open_writer(path)
        run(self._db, _SCHEMA)

    def read(self) -> tuple[int, bytes] | None:
        """The head, if there is one."""
        row = one(self._db, "SELECT size, root FROM lock")
        return None if row is None else (integer(row[0]), blob(row[1]))

    def write(self, size: int, root: bytes) -> None:
        """Move the head forward; a smaller size, or another root for the same size, is Corrupt."""
        found = self.read()
        if found is not None and (size < found[0] or (size == found[0] and root != found[1])):
            raise Corrupt("the journal is behind what was signed before", code="rollback_detected")
        try:
            run(self._db, "INSERT OR REPLACE INTO lock VALUES (1,?,?)", (size, root))
        except apsw.Error as error:
            raise Corrupt(
                f"the lock could not be written: {error}", code="commit_failed"
            ) from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()
