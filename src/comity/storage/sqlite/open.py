"""Open an SQLite file safely: version, pragmas, schema. Refuses a library with the WAL-reset bug.

SQLite 3.7.0-3.51.2 may lose committed data when two connections write or checkpoint at one moment
(fixed in 3.51.3). apsw bundles its own SQLite. Called by `store.py` and `lock.py` only.
"""

import importlib.resources
from pathlib import Path

import apsw

from comity.model.fault import Corrupt

__all__ = ["migrate", "open_reader", "open_writer"]

_SAFE_VERSION = (3, 51, 3)
_BUSY_MS = 5_000
_SCHEMAS = ("0001_first.sql", "0004_time.sql")


def _check_library() -> None:
    version = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
    if version < _SAFE_VERSION:
        raise Corrupt(f"SQLite {apsw.sqlite_lib_version()} may lose commits", code="sqlite_too_old")


def open_writer(path: Path) -> apsw.Connection:
    """The one writing connection: WAL, synchronous=FULL; the file is created 0600."""
    _check_library()
    path.touch(mode=0o600, exist_ok=True)
    connection = apsw.Connection(str(path))
    connection.set_busy_timeout(_BUSY_MS)
    mode = connection.execute("PRAGMA journal_mode=WAL").fetchall()[0][0]
    if mode != "wal":
        raise Corrupt("the file system does not carry SQLite's WAL", code="no_wal")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    return connection


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
