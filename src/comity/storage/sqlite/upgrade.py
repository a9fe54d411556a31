"""Upgrade a database to this release at its start: a copy first, then every step in one commit.

The copy, `journal.before-N.db`, is made if there is room for three times the database; without room
the upgrade goes on, for it is undone as a whole if it fails. It serves an older release only until
the next entry is signed: after that it is a rolled-back journal. Called by the store and assembly.
"""

import logging
import shutil
from contextlib import closing
from pathlib import Path

import apsw

from comity.storage.sqlite.copy import copy_database
from comity.storage.sqlite.open import (
    migrate,
    newest_schema,
    open_reader,
    open_writer,
    schema_of,
)

__all__ = ["schema_at", "upgrade", "upgrade_file"]

_LOG = logging.getLogger("comity.storage")
_ROOM = 3  # the copy, the log of the upgrade, and room to go on


def upgrade(connection: apsw.Connection, path: Path) -> None:
    """Bring the open database at `path` to this release; raises what `open.migrate` raises."""
    found = schema_of(connection)
    if found == newest_schema():
        return
    if found:
        _keep_copy(path, found)
    migrate(connection)


def upgrade_file(path: Path) -> None:
    """The same for a database that nobody has open."""
    with closing(open_writer(path)) as connection:
        upgrade(connection, path)


def schema_at(path: Path) -> int:
    """The schema number of the file at `path`; Corrupt (`newer_database`) if it is newer."""
    with closing(open_reader(path)) as connection:
        return schema_of(connection)


def _keep_copy(path: Path, schema: int) -> None:
    """Never over an older copy: the first one of a schema is the one from before."""
    copy = path.with_name(f"journal.before-{schema + 1}.db")
    if copy.exists():
        return
    if shutil.disk_usage(path.parent).free < _ROOM * path.stat().st_size:
        _LOG.warning("no room for a copy before the upgrade; it goes on without")
        return
    partial = copy.with_suffix(".part")
    partial.unlink(missing_ok=True)
    copy_database(path, partial)
    partial.rename(copy)
