"""Open an SQLite file safely: version, pragmas, schema. Refuses a library with the WAL-reset bug.

SQLite 3.7.0-3.51.2 may lose committed data when two connections write or checkpoint at one moment
(fixed in 3.51.3). apsw bundles its own SQLite. Called by `store.py` and `lock.py` only.
"""

import contextlib
import hashlib
import importlib.resources
import os
from collections.abc import Sequence
from pathlib import Path

import apsw

from comity.model.fault import Corrupt, Full
from comity.storage.sqlite.fault import DISK_ERRORS, NO_ROOM, disk_fault

__all__ = [
    "migrate",
    "newest_schema",
    "open_reader",
    "open_writer",
    "schema_of",
    "scripts",
    "settle",
]

_SAFE_VERSION = (3, 51, 3)
_BUSY_MS = 5_000
_CACHE_KIB = 16_384  # of pages, for each connection: ids are hashes, so what is asked lies anywhere
# What no upgrade may change by a byte.
_RECORD = (
    "SELECT idx, leaf, body FROM entry ORDER BY idx",
    "SELECT level, idx, hash FROM node ORDER BY level, idx",
)
_SCHEMAS = (
    *("0001_first.sql", "0002_mirror.sql", "0003_keys.sql", "0004_time.sql"),
    *("0006_opening.sql", "0007_statements.sql", "0008_agreements.sql", "0009_requests.sql"),
    *("0010_register.sql", "0011_reports.sql", "0012_sky.sql", "0013_whose.sql"),
    "0014_messages.sql",
    *("0015_rows.sql", "0016_roster.sql", "0017_relay.sql", "0018_line.sql"),
    *("0019_dispatch.sql", "0020_handover.sql", "0021_replaced.sql"),
)


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
    connection.execute("PRAGMA secure_delete=ON")  # what is deleted is overwritten with zeros
    connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")


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
    try:
        connection.set_busy_timeout(_BUSY_MS)
        connection.execute("PRAGMA query_only=ON")
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")  # reads the schema
    except apsw.Error:
        with contextlib.suppress(*DISK_ERRORS):
            connection.close()
        raise
    return connection


def newest_schema() -> int:
    """The schema number of this release."""
    return len(_SCHEMAS)


def schema_of(connection: apsw.Connection, newest: int = len(_SCHEMAS)) -> int:
    """The schema number of a file; Corrupt (`newer_database`) if this release is too old for it."""
    found = connection.pragma("user_version")
    if not isinstance(found, int) or found > newest:
        raise Corrupt("the database is of a newer release of Comity", code="newer_database")
    return found


def scripts() -> tuple[str, ...]:
    """The SQL of every schema, oldest first."""
    folder = importlib.resources.files("comity.storage.sqlite") / "schema"
    return tuple((folder / name).read_text("utf-8") for name in _SCHEMAS)


def migrate(connection: apsw.Connection, steps: Sequence[str] | None = None) -> None:
    """Bring the schema to this release: all steps in one transaction, so either old or new.

    The record is hashed before and after, inside that transaction: a step that changes one byte of
    an entry or a node is undone. `steps` stand in for `scripts()` in tests.

    Raises:
        Full: there is no room for it.
        Corrupt: the file is newer (`newer_database`), a step fails (`upgrade_failed`) or changes
            the record (`upgrade_changed_entries`); the file is as it was.
    """
    steps = scripts() if steps is None else steps
    connection.execute("BEGIN IMMEDIATE")
    try:
        _step_up(connection, steps)
        connection.execute("COMMIT")
    except apsw.Error as error:
        fault = disk_fault(error, connection)
        _undo(connection)
        failed = Corrupt(f"the upgrade failed and was undone: {error}", code="upgrade_failed")
        raise (failed if fault is None else fault) from error
    except BaseException:
        _undo(connection)
        raise


def _step_up(connection: apsw.Connection, steps: Sequence[str]) -> None:
    found = schema_of(connection, len(steps))
    if found == len(steps):
        return
    before = _record(connection) if found else None
    for step in steps[found:]:
        connection.execute(step)
    if before is not None and _record(connection) != before:
        raise Corrupt(
            "the upgrade would change the record; it was undone", code="upgrade_changed_entries"
        )
    connection.execute(f"PRAGMA user_version={len(steps)}")


def _undo(connection: apsw.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _record(connection: apsw.Connection) -> bytes:
    """SHA-256 over every entry and every node of the tree, as they are stored."""
    found = hashlib.sha256()
    for sql in _RECORD:
        for row in connection.execute(sql):
            for value in row:
                data = value if isinstance(value, bytes) else str(value).encode()
                found.update(len(data).to_bytes(8) + data)
        found.update(b"\xff" * 8)
    return found.digest()
