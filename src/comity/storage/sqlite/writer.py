"""The one writing connection of an SQLite file, and what each of its failures means.

No room before the commit frame is whole: nothing happened (`Full`), and the node goes on. Any other
failure of the disk, at a commit, a sync or a checkpoint, leaves an outcome unknown or a page cache
that nobody may trust: `Corrupt`, and this writer never writes again, not even on closing. The log
is folded in here and not by SQLite, which would keep a failure of it to itself. Called by the store
and the lock.
"""

import contextlib
from pathlib import Path

import apsw

from comity.model.fault import Corrupt, Fault, Full
from comity.storage.sqlite.fault import DISK_ERRORS, disk_fault, no_room_to_write
from comity.storage.sqlite.open import open_writer

__all__ = ["Writer"]

_FOLD_PAGES = 4_000  # 16 MB of log: a page that several groups change is copied once


class Writer:
    """See the module docstring. Not for several threads at once."""

    def __init__(self, path: Path) -> None:
        """Open or create; raises what `open_writer` raises."""
        self.db = open_writer(path)
        self.fold_pages = _FOLD_PAGES
        self._log_pages = 0
        self._committed = False
        self._dead: Corrupt | None = None
        self.db.set_wal_hook(self._logged)

    def _logged(self, _: apsw.Connection, __: str, pages: int) -> int:
        self._log_pages = pages
        self._committed = True
        return apsw.SQLITE_OK

    def begin(self) -> None:
        """Begin a transaction; Full or Corrupt, and none has begun."""
        if self._dead is not None:
            raise self._dead
        try:
            self.db.execute("BEGIN IMMEDIATE")
        except apsw.Error as error:
            fault = disk_fault(error, self.db)
            if fault is None:
                raise
            raise self.died(fault) from error

    def undo(self) -> None:
        """Undo the transaction, unless SQLite has done so."""
        if self.db.in_transaction:
            self.db.execute("ROLLBACK")

    def commit(self) -> None:
        """Make the transaction durable.

        Raises:
            Full: nothing happened: the commit frame, the last to be written, is not in the log.
            Corrupt: whether it happened is unknown; this writer is dead.
        """
        self._committed = False
        try:
            self.db.execute("COMMIT")
        except apsw.Error as error:
            self.undo()
            if not self._committed and no_room_to_write(error, self.db):
                raise Full(f"there is no room on the disk: {error}") from error
            failed = Corrupt(f"a commit failed: {error}", code="commit_failed")
            raise self.died(failed) from error
        if self._committed and self._log_pages >= self.fold_pages:
            with contextlib.suppress(Full):  # the log holds everything, and goes on growing
                self.fold()

    def fold(self) -> None:
        """Copy the log into the database as far as readers allow; it stays whole if that fails.

        Raises:
            Full: the database has no room to grow; nothing is lost by it.
            Corrupt: this writer is dead.
        """
        try:
            self.db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        except (apsw.BusyError, apsw.LockedError):
            return  # another time
        except apsw.Error as error:
            if no_room_to_write(error, self.db):
                raise Full(f"there is no room on the disk: {error}") from error
            failed = Corrupt(f"a checkpoint failed: {error}", code="commit_failed")
            raise self.died(failed) from error

    def died(self, fault: Fault) -> Fault:
        """A fault that was met on this connection: after Corrupt nothing is written any more."""
        if isinstance(fault, Corrupt):
            self._dead = fault
            # Closing must not fold in what the page cache claims to hold.
            self.db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        return fault

    def close(self) -> None:
        """Close the file; what cannot be folded in stays in the log, for the next start."""
        try:
            if self._dead is None:
                self.fold()
        except Fault:
            self.db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        with contextlib.suppress(*DISK_ERRORS):
            self.db.close()
