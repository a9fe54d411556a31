"""Table group `messages`: what people on duty said to each other in codes."""

from collections.abc import Iterable

from comity.storage.messages import MessageAnswerRow, MessageRow
from comity.storage.sqlite.table import (
    Database,
    Value,
    blob,
    integer,
    maybe_blob,
    maybe_integer,
    one,
    rows,
    run,
    text,
)

__all__ = ["SqliteMessages"]

_ANSWER = "SELECT id, of, number, content, at_us FROM message_answer"
_MESSAGE = (
    "SELECT id, code, sender, receiver, about, content, at_us, due_us, ground, floor, warned"
    " FROM message"
)
_OPEN = "due_us IS NOT NULL"
_DUE = f"{_OPEN} AND warned=0"


class SqliteMessages:
    """See `storage.messages.Messages`."""

    def __init__(self, connection: Database) -> None:
        """Use a connection; commits are the store's."""
        self._db = connection

    def save_message(self, row: MessageRow) -> None:
        """Insert or replace."""
        values = (
            *(row.id, row.code, row.sender, row.receiver, row.about, row.content, row.at_us),
            *(row.due_us, row.ground, int(row.floor), int(row.warned)),
        )
        run(self._db, "INSERT OR REPLACE INTO message VALUES (?,?,?,?,?,?,?,?,?,?,?)", values)

    def message(self, id_: bytes) -> MessageRow | None:
        """Select one."""
        row = one(self._db, f"{_MESSAGE} WHERE id=?", (id_,))
        return None if row is None else _message(row)

    def messages(self, before: tuple[int, bytes] | None, limit: int) -> tuple[MessageRow, ...]:
        """Select a page."""
        newest = "ORDER BY at_us DESC, id DESC LIMIT ?"
        if before is None:
            return self._found(newest, limit)
        return self._found(f"WHERE (at_us, id) < (?, ?) {newest}", *before, limit)

    def open_messages(self, limit: int) -> tuple[MessageRow, ...]:
        """Select by deadline."""
        return self._found(f"WHERE {_OPEN} ORDER BY due_us, id LIMIT ?", limit)

    def open_count(self) -> int:
        """Count."""
        row = one(self._db, f"SELECT count(*) FROM message WHERE {_OPEN}")  # noqa: S608
        return 0 if row is None else integer(row[0])

    def count_between(
        self, sender: str, receiver: str, *, floor: bool, code: str | None = None
    ) -> int:
        """Count."""
        sql = f"SELECT count(*) FROM message WHERE {_OPEN} AND sender=? AND receiver=? AND floor=?"  # noqa: S608
        which = "" if code is None else " AND code=?"
        also = () if code is None else (code,)
        row = one(self._db, sql + which, (sender, receiver, int(floor), *also))
        return 0 if row is None else integer(row[0])

    def messages_about(self, id_: bytes) -> tuple[MessageRow, ...]:
        """Select by what they name."""
        return self._found("WHERE about=? ORDER BY at_us, id", id_)

    def settled_before(self, before_us: int) -> tuple[bytes, ...]:
        """Select by time."""
        sql = "SELECT id FROM message WHERE at_us<? AND due_us IS NULL ORDER BY at_us, id"
        return tuple(blob(row[0]) for row in rows(self._db, sql, (before_us,)))

    def next_due(self) -> int | None:
        """Select the earliest."""
        row = one(self._db, f"SELECT min(due_us) FROM message WHERE {_DUE}")  # noqa: S608
        return None if row is None else maybe_integer(row[0])

    def overdue(self, now_us: int) -> tuple[MessageRow, ...]:
        """Select by deadline."""
        return self._found(f"WHERE {_DUE} AND due_us<=? ORDER BY due_us, id", now_us)

    def save_answer(self, row: MessageAnswerRow) -> None:
        """Insert or replace."""
        values = (row.id, row.of, row.number, row.content, row.at_us)
        run(self._db, "INSERT OR REPLACE INTO message_answer VALUES (?,?,?,?,?)", values)

    def answer(self, id_: bytes) -> MessageAnswerRow | None:
        """Select one."""
        row = one(self._db, f"{_ANSWER} WHERE id=?", (id_,))
        return None if row is None else _answer(row)

    def answers(self, of: bytes) -> tuple[MessageAnswerRow, ...]:
        """Select by message."""
        found = rows(self._db, f"{_ANSWER} WHERE of=? ORDER BY number", (of,))
        return tuple(_answer(row) for row in found)

    def forget(self, ids: Iterable[bytes]) -> None:
        """Delete."""
        for id_ in ids:
            run(self._db, "DELETE FROM message WHERE id=?", (id_,))
            run(self._db, "DELETE FROM message_answer WHERE of=?", (id_,))

    def _found(self, where: str, *values: Value) -> tuple[MessageRow, ...]:
        return tuple(_message(row) for row in rows(self._db, f"{_MESSAGE} {where}", values))


def _answer(row: tuple[Value, ...]) -> MessageAnswerRow:
    return MessageAnswerRow(
        id=blob(row[0]),
        of=blob(row[1]),
        number=integer(row[2]),
        content=blob(row[3]),
        at_us=integer(row[4]),
    )


def _message(row: tuple[Value, ...]) -> MessageRow:
    return MessageRow(
        id=blob(row[0]),
        code=text(row[1]),
        sender=text(row[2]),
        receiver=text(row[3]),
        about=maybe_blob(row[4]),
        content=blob(row[5]),
        at_us=integer(row[6]),
        due_us=maybe_integer(row[7]),
        ground=text(row[8]),
        floor=bool(row[9]),
        warned=bool(row[10]),
    )
