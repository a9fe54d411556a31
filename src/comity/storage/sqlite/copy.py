"""Copy a database that may be in use, with SQLite's online backup; look a copy over.

The copy is one committed state, one file without a log beside it, mode 0600 and durable when this
returns. Readers and the writer of the source go on. Called by assembly, for backups and before an
upgrade.
"""

import os
from pathlib import Path

import apsw

from comity.model.fault import Corrupt
from comity.storage.sqlite.lock import SqliteLock
from comity.storage.sqlite.open import open_reader, schema_of

__all__ = ["copy_database", "look_over", "write_lock"]

_ALL_PAGES = -1  # in one step, so in one state; a writer elsewhere would make steps begin anew


def copy_database(source: Path, target: Path) -> None:
    """Copy the database at `source` into the new file `target`; Corrupt (`copy_failed`) if not."""
    target.touch(mode=0o600, exist_ok=False)
    try:
        reader = open_reader(source)
    except apsw.Error as error:
        raise Corrupt(f"the copy failed: {error}", code="copy_failed") from error
    writer = apsw.Connection(str(target))
    try:
        with writer.backup("main", reader, "main") as copying:
            while not copying.done:  # bounded by the pages: one step takes them all
                copying.step(_ALL_PAGES)
        writer.execute("PRAGMA journal_mode=DELETE").fetchall()
    except apsw.Error as error:
        raise Corrupt(f"the copy failed: {error}", code="copy_failed") from error
    finally:
        writer.close()
        reader.close()
    for path, flags in ((target, os.O_RDONLY), (target.parent, os.O_RDONLY | os.O_DIRECTORY)):
        descriptor = os.open(path, flags | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def look_over(path: Path) -> int:
    """SQLite's own check of a copy's pages and indices; its schema number."""
    try:
        connection = open_reader(path)
        try:
            found = connection.execute("PRAGMA integrity_check(1)").fetchall()
            if found != [("ok",)]:
                raise Corrupt(f"the database is damaged: {found[0][0]}", code="damaged_journal")
            return schema_of(connection)
        finally:
            connection.close()
    except apsw.Error as error:
        raise Corrupt(f"the database cannot be read: {error}", code="damaged_journal") from error


def write_lock(path: Path, size: int, root: bytes, mark: bytes) -> None:
    """A new lock file for a journal that comes from a backup, with the mark that says so."""
    lock = SqliteLock(path)
    try:
        lock.write(size, root)
        lock.set_restored(mark)
    finally:
        lock.close()
