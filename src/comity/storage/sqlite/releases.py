"""Table group `releases`: messages that wait for a second person."""

from comity.storage.releases import HeldRow
from comity.storage.sqlite.table import (
    Database,
    Value,
    blob,
    integer,
    maybe_blob,
    maybe_integer,
    maybe_text,
    one,
    rows,
    run,
    text,
)

__all__ = ["SqliteReleases"]

_HELD = (
    "SELECT id, code, receiver, content, by_first, at_us, expires_us, over_us, by_second, message"
    " FROM held_message"
)


class SqliteReleases:
    """See `storage.releases.Releases`."""

    def __init__(self, connection: Database) -> None:
        """Use a connection; commits are the store's."""
        self._db = connection

    def save_held(self, row: HeldRow) -> None:
        """Insert or replace."""
        values = (
            *(row.id, row.code, row.receiver, row.content, row.by, row.at_us, row.expires_us),
            *(row.over_us, row.by_second, row.message),
        )
        run(self._db, "INSERT OR REPLACE INTO held_message VALUES (?,?,?,?,?,?,?,?,?,?)", values)

    def held(self, id_: bytes) -> HeldRow | None:
        """Select one."""
        row = one(self._db, f"{_HELD} WHERE id=?", (id_,))
        return None if row is None else _held(row)

    def newest(self, limit: int) -> tuple[HeldRow, ...]:
        """Select by time."""
        sql = f"{_HELD} ORDER BY at_us DESC, id DESC LIMIT ?"
        return tuple(_held(row) for row in rows(self._db, sql, (limit,)))

    def waiting(self) -> tuple[HeldRow, ...]:
        """Select by expiry."""
        sql = f"{_HELD} WHERE over_us IS NULL ORDER BY expires_us, id"
        return tuple(_held(row) for row in rows(self._db, sql))


def _held(row: tuple[Value, ...]) -> HeldRow:
    return HeldRow(
        id=blob(row[0]),
        code=text(row[1]),
        receiver=text(row[2]),
        content=blob(row[3]),
        by=text(row[4]),
        at_us=integer(row[5]),
        expires_us=integer(row[6]),
        over_us=maybe_integer(row[7]),
        by_second=maybe_text(row[8]),
        message=maybe_blob(row[9]),
    )
