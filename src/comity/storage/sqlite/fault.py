"""What an error of SQLite says of the disk: full, broken, or nothing. Called by its neighbours."""

import errno

import apsw

from comity.model.fault import Corrupt, Fault, Full

__all__ = ["DISK_ERRORS", "NO_ROOM", "disk_fault", "no_room_to_write"]

DISK_ERRORS = (
    apsw.FullError,
    apsw.IOError,
    apsw.CorruptError,
    apsw.NotADBError,
    apsw.CantOpenError,
)
# Of a failed write: the disk, the user's share of it, or the largest file is full.
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# At these the system could not make a file, or room in one; nothing was written to a database.
_MAKING = frozenset(
    {
        apsw.SQLITE_IOERR_WRITE,
        apsw.SQLITE_IOERR_SHMSIZE,
        apsw.SQLITE_IOERR_SHMOPEN,
        apsw.SQLITE_CANTOPEN,
    }
)


def disk_fault(error: apsw.Error, db: apsw.Connection) -> Fault | None:
    """What the disk's part in an error is, before a commit; None if it has none."""
    if no_room_to_write(error, db) or _failed(error, db, _MAKING):
        return Full(f"there is no room on the disk: {error}")
    if isinstance(error, DISK_ERRORS):
        return Corrupt(f"the disk failed: {error}", code="disk_failed")
    return None


def no_room_to_write(error: apsw.Error, db: apsw.Connection) -> bool:
    """Whether a write found no room: of a commit's errors the only one whose outcome is known.

    What else grows at a commit (the WAL index) comes after the commit frame.
    """
    if isinstance(error, apsw.FullError):
        return True
    return _failed(error, db, frozenset({apsw.SQLITE_IOERR_WRITE}))


def _failed(error: apsw.Error, db: apsw.Connection, codes: frozenset[int]) -> bool:
    code = getattr(error, "extendedresult", None) or getattr(error, "result", None)
    return code in codes and db.system_errno in NO_ROOM
