"""Homes of nodes that have written something, for the tests of backups."""

import secrets
from pathlib import Path

from comity.config import Home, load_identity
from comity.home import create_home
from comity.journal.pen import Pen
from comity.journal.scribe import Scribe
from comity.storage.sqlite.store import SqliteStore
from comity.storage.store import Transaction
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import text_field

NOW_US = 1_900_000_000_000_000


def make_home(path: Path, name: str = "alpha") -> Home:
    """A home as `comity init` makes it."""
    return create_home(
        path,
        name=name,
        origin=f"{name}.example/comity/2026",
        address="https://127.0.0.1:7101",
        exercise=None,
        seeds=lambda: secrets.token_bytes(32),
        now_us=NOW_US,
    )


def scribe_of(home: Home, store: SqliteStore) -> Scribe:
    """Its pen."""
    return Scribe(
        store=store,
        identity=load_identity(home),
        seeds=lambda: secrets.token_bytes(32),
        witnesses=(),
        on_commit=lambda: None,
        on_fatal=lambda _: None,
    )


def write(scribe: Scribe, count: int) -> None:
    """So many entries more."""

    def work(_: Transaction, pen: Pen) -> None:
        content = pen.seal((text_field("words", secrets.token_hex(8)),))
        pen.write_content(EntryType.CALL, pen.origin, content)

    for _ in range(count):
        scribe.submit(work, NOW_US).result(10)


def lived_in(path: Path, entries: int = 40, name: str = "alpha") -> Home:
    """A home with a journal, at rest."""
    home = make_home(path, name)
    store = SqliteStore(home.path / "data")
    scribe = scribe_of(home, store)
    write(scribe, entries)
    scribe.close()
    store.close()
    return home
