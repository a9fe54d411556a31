"""Table group `requests`: what was asked of whom, and what was said to it."""

from collections.abc import Iterable

from comity.storage.requests import ReplyRow, RequestRow
from comity.storage.sqlite.table import (
    Database,
    Value,
    blob,
    integer,
    maybe_integer,
    one,
    rows,
    run,
    text,
)

__all__ = ["SqliteRequests"]

_REQUEST = "SELECT id, subject, asker, asked, content, at_us, due_us, ground, warned FROM request"
_DUE = "due_us IS NOT NULL AND warned=0"


class SqliteRequests:
    """See `storage.requests.Requests`."""

    def __init__(self, connection: Database) -> None:
        """Use a connection; commits are the store's."""
        self._db = connection

    def save_request(self, row: RequestRow) -> None:
        """Insert or replace."""
        values = (
            *(row.id, row.subject, row.asker, row.asked, row.content),
            *(row.at_us, row.due_us, row.ground, int(row.warned)),
        )
        run(self._db, "INSERT OR REPLACE INTO request VALUES (?,?,?,?,?,?,?,?,?)", values)

    def request(self, id_: bytes) -> RequestRow | None:
        """Select one."""
        row = one(self._db, f"{_REQUEST} WHERE id=?", (id_,))
        return None if row is None else _request(row)

    def requests(self) -> tuple[RequestRow, ...]:
        """Select all."""
        return tuple(_request(row) for row in rows(self._db, f"{_REQUEST} ORDER BY at_us, id"))

    def requests_about(self, subject: bytes) -> tuple[RequestRow, ...]:
        """Select by subject."""
        sql = f"{_REQUEST} WHERE subject=? ORDER BY at_us, id"
        return tuple(_request(row) for row in rows(self._db, sql, (subject,)))

    def undecided(self, asker: str, asked: str) -> int:
        """Count."""
        sql = "SELECT count(*) FROM request WHERE asker=? AND asked=? AND due_us IS NOT NULL"
        row = one(self._db, sql, (asker, asked))
        return 0 if row is None else integer(row[0])

    def next_due(self) -> int | None:
        """Select the earliest."""
        row = one(self._db, f"SELECT min(due_us) FROM request WHERE {_DUE}")  # noqa: S608
        return None if row is None else maybe_integer(row[0])

    def overdue(self, now_us: int) -> tuple[RequestRow, ...]:
        """Select by deadline."""
        sql = f"{_REQUEST} WHERE {_DUE} AND due_us<=? ORDER BY due_us, id"
        return tuple(_request(row) for row in rows(self._db, sql, (now_us,)))

    def save_reply(self, row: ReplyRow) -> None:
        """Insert or replace."""
        values = (row.id, row.of, row.number, row.content, row.at_us)
        run(self._db, "INSERT OR REPLACE INTO reply VALUES (?,?,?,?,?)", values)

    def replies(self, of: bytes) -> tuple[ReplyRow, ...]:
        """Select by request."""
        sql = "SELECT id, of, number, content, at_us FROM reply WHERE of=? ORDER BY number"
        return tuple(
            ReplyRow(
                id=blob(row[0]),
                of=blob(row[1]),
                number=integer(row[2]),
                content=blob(row[3]),
                at_us=integer(row[4]),
            )
            for row in rows(self._db, sql, (of,))
        )

    def forget(self, ids: Iterable[bytes]) -> None:
        """Delete."""
        for id_ in ids:
            run(self._db, "DELETE FROM request WHERE id=?", (id_,))
            run(self._db, "DELETE FROM reply WHERE of=?", (id_,))


def _request(row: tuple[Value, ...]) -> RequestRow:
    return RequestRow(
        id=blob(row[0]),
        subject=blob(row[1]),
        asker=text(row[2]),
        asked=text(row[3]),
        content=blob(row[4]),
        at_us=integer(row[5]),
        due_us=maybe_integer(row[6]),
        ground=text(row[7]),
        warned=bool(row[8]),
    )
