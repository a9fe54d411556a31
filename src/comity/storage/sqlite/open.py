"""Open an SQLite file safely: version, pragmas, schema. Refuses a library with the WAL-reset bug.

SQLite 3.7.0-3.51.2 may lose committed data when two connections write or checkpoint at one moment
(fixed in 3.51.3). apsw bundles its own SQLite. Called by `store.py` and `lock.py` only.
"""

import contextlib
import importlib.resources
import os
from pathlib import Path

import apsw

from comity.model.fault import Corrupt, Full
from comity.storage.sqlite.fault import DISK_ERRORS, NO_ROOM, disk_fault

__all__ = ["migrate", "open_reader", "open_writer", "settle"]

_SAFE_VERSION = (3, 51, 3)
_BUSY_MS = 5_000
_SCHEMAS = ("0001_first.sql", "0002_mirror.sql", "0003_keys.sql", "0006_opening.sql")


def _check_library() -> None:
    version = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
    if version < _SAFE_VERSION:
        raise Corrupt(f"SQLite {apsw.sqlite_lib_version()} may lose commits", code="sqlite_too_old")


def open_writer(path: Path) -> apsw.Connection:
    """The one writing connection: WAL, synchronous=FULL; the file is created 0600.

    Raises:
        Full: there is no room to make it, its log or its index.
        Corrupt: the file, the file system or the library cannot be trusted.
    """
    _check_library()
    try:
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise Full(f"there is no room for {path.name}") from error
        raise
    for name in (path, path.with_name(f"{path.name}-wal")):
        settle(name)
    connection = apsw.Connection(str(path))
    try:
        _prepare(connection)
    except apsw.Error as error:
        fault = disk_fault(error, connection)
        with contextlib.suppress(*DISK_ERRORS):
            connection.close()
        if fault is None:
            raise
        raise fault from error
    except Corrupt:
        connection.close()
        raise
    return connection


def _prepare(connection: apsw.Connection) -> None:
    connection.set_busy_timeout(_BUSY_MS)
    mode = connection.execute("PRAGMA journal_mode=WAL").fetchall()[0][0]
    if mode != "wal":
        raise Corrupt("the file system does not carry SQLite's WAL", code="no_wal")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def settle(path: Path) -> None:
    """Make what a process before us wrote durable, and forget the system's copy of it.

    Killed between a write and its sync, it left entries that a start would find in the page cache
    and sign for, and that a power cut would then take away. After a sync that failed, the cache may
    show bytes that are not on the disk: what is read from here on comes from the disk.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    except OSError as error:
        raise Corrupt(f"{path.name} cannot be synced: {error}", code="disk_failed") from error
    finally:
        os.close(descriptor)


def open_reader(path: Path) -> apsw.Connection:
    """A connection that cannot write."""
    _check_library()
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    connection.set_busy_timeout(_BUSY_MS)
    connection.execute("PRAGMA query_only=ON")
    return connection


def migrate(connection: apsw.Connection) -> None:
    """Bring the schema to this release, in one transaction; Corrupt if the file is newer."""
    found = connection.pragma("user_version")
    if not isinstance(found, int) or found > len(_SCHEMAS):
        raise Corrupt("the database is of a newer release of Comity", code="newer_database")
    folder = importlib.resources.files("comity.storage.sqlite") / "schema"
    for number, name in enumerate(_SCHEMAS[found:], start=found + 1):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute((folder / name).read_text("utf-8"))
        connection.execute(f"PRAGMA user_version={number}")
        connection.execute("COMMIT")
