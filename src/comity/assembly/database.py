"""The one database behind `storage`, and what backups and upgrades need of it."""

from pathlib import Path

from comity.storage.inspect import Inspected
from comity.storage.sqlite.copy import copy_database, look_over, write_lock
from comity.storage.sqlite.inspect import SqliteInspected
from comity.storage.sqlite.open import newest_schema
from comity.storage.sqlite.store import SqliteStore, reading_of
from comity.storage.sqlite.upgrade import schema_at, upgrade_file
from comity.storage.store import Store
from comity.upkeep.backup import Database, Upgrade

__all__ = ["DATABASE", "UPGRADE", "open_inspected", "open_store"]

# What backups need of the database.
DATABASE = Database(
    newest_schema=newest_schema(),
    copy=copy_database,
    look_over=look_over,
    reading=reading_of,
    write_lock=write_lock,
)


UPGRADE = Upgrade(newest=newest_schema(), schema_of=schema_at, run=upgrade_file)


def open_store(folder: Path) -> Store:
    """The store of a node in `folder`, created if it is new."""
    return SqliteStore(folder)


def open_inspected(folder: Path) -> Inspected:
    """The store of a node in `folder`, to be audited; beside the node or without it."""
    return SqliteInspected(folder)
