"""Opening: the pragmas are in effect, the file is private, what is newer or unsafe is refused."""

import os
import stat
from pathlib import Path

import apsw
import pytest

from comity.model.fault import Corrupt
from comity.storage.sqlite.lock import SqliteLock
from comity.storage.sqlite.open import migrate, open_reader, open_writer
from comity.storage.sqlite.store import SqliteStore
from tests.model.saying_no import says_no


def pragma(connection: apsw.Connection, name: str) -> object:
    return connection.execute(f"PRAGMA {name}").fetchall()[0][0]


def test_a_commit_is_durable_when_it_returns(folder: Path) -> None:
    for connection in (open_writer(folder / "a.db"), SqliteLock(folder / "lock.db").writer.db):
        assert pragma(connection, "journal_mode") == "wal"
        assert pragma(connection, "synchronous") == 2  # FULL: the log is synced at each commit
        assert pragma(connection, "foreign_keys") == 1
        connection.close()


def test_the_store_writes_with_that_connection(store: SqliteStore) -> None:
    assert pragma(store._writer.db, "synchronous") == 2
    assert pragma(store._writer.db, "journal_mode") == "wal"
    assert pragma(store._reader, "query_only") == 1


def test_a_reader_is_a_reader(folder: Path) -> None:
    writer = open_writer(folder / "a.db")
    writer.execute("CREATE TABLE t (x)")
    reader = open_reader(folder / "a.db")
    with pytest.raises(apsw.ReadOnlyError):
        reader.execute("INSERT INTO t VALUES (1)")
    reader.close()
    writer.close()


def test_the_files_are_private_whatever_the_umask(folder: Path) -> None:
    before = os.umask(0)
    try:
        store = SqliteStore(folder)
        store.write(lambda tx: tx.journal.set_chain_end("a", "b", 0, bytes(32)))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
        store.close()
    finally:
        os.umask(before)
    assert {"journal.db", "journal.db-wal", "lock.db"} <= set(modes)
    assert {name: mode & 0o077 for name, mode in modes.items()} == dict.fromkeys(modes, 0)


def test_a_newer_database_is_refused(folder: Path) -> None:
    SqliteStore(folder).close()
    connection = apsw.Connection(str(folder / "journal.db"))
    version = pragma(connection, "user_version")
    assert isinstance(version, int)
    connection.execute(f"PRAGMA user_version={version + 1}")
    connection.close()
    with says_no("newer_database", Corrupt):
        SqliteStore(folder)


def test_migrating_twice_changes_nothing(folder: Path) -> None:
    connection = open_writer(folder / "a.db")
    migrate(connection)
    before = connection.execute("SELECT name, sql FROM sqlite_schema").fetchall()
    assert before
    migrate(connection)
    assert connection.execute("SELECT name, sql FROM sqlite_schema").fetchall() == before
    connection.close()


def test_every_table_is_strict(folder: Path) -> None:
    connection = open_writer(folder / "a.db")
    migrate(connection)
    found = connection.execute("PRAGMA table_list").fetchall()
    tables = [row for row in found if row[2] == "table"]  # not the tree, its shadows, the view
    ours = {str(row[1]): row[5] for row in tables if not str(row[1]).startswith("sqlite_")}
    assert ours
    assert ours == dict.fromkeys(ours, 1)
    connection.close()


@pytest.mark.parametrize(
    ("version", "good"), [("3.51.2", False), ("3.51.3", True), ("3.7.0", False)]
)
def test_a_library_that_may_lose_commits_is_refused(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    version: str,
    good: bool,  # noqa: FBT001 - a case
) -> None:
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: version)
    if good:
        open_writer(folder / "a.db").close()
        return
    for opened in (open_writer, open_reader):
        with says_no("sqlite_too_old", Corrupt):
            opened(folder / "a.db")


def test_a_place_without_wal_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    with says_no("no_wal", Corrupt):
        open_writer(Path(":memory:"))  # SQLite's name for a database that is no file
