"""Table group `handovers`: what one officer handed over to the next."""

from comity.storage.handovers import HandoverItemRow, HandoverRow
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

__all__ = ["SqliteHandovers"]

_HANDOVER = (
    "SELECT id, giver, taker, note, begun_us, acceptance, accepted_us, over_us FROM handover"
)


class SqliteHandovers:
    """See `storage.handovers.Handovers`."""

    def __init__(self, connection: Database) -> None:
        """Use a connection; commits are the store's."""
        self._db = connection

    def save_handover(self, row: HandoverRow) -> None:
        """Insert or replace."""
        values = (
            *(row.id, row.giver, row.taker, row.note, row.begun_us),
            *(row.acceptance, row.accepted_us, row.over_us),
        )
        run(self._db, "INSERT OR REPLACE INTO handover VALUES (?,?,?,?,?,?,?,?)", values)

    def handover(self, id_: bytes) -> HandoverRow | None:
        """Select one."""
        row = one(self._db, f"{_HANDOVER} WHERE id=?", (id_,))
        return None if row is None else _handover(row)

    def handovers(self, limit: int) -> tuple[HandoverRow, ...]:
        """Select the newest."""
        sql = f"{_HANDOVER} ORDER BY begun_us DESC, id DESC LIMIT ?"
        return tuple(_handover(row) for row in rows(self._db, sql, (limit,)))

    def waiting(self) -> tuple[HandoverRow, ...]:
        """Select what is neither accepted nor replaced."""
        where = "WHERE accepted_us IS NULL AND over_us IS NULL ORDER BY begun_us, id"
        return tuple(_handover(row) for row in rows(self._db, f"{_HANDOVER} {where}"))

    def save_item(self, row: HandoverItemRow) -> None:
        """Insert."""
        values = (row.of, row.number, row.kind, row.id, row.due_us, row.state)
        run(self._db, "INSERT INTO handover_item VALUES (?,?,?,?,?,?)", values)

    def items(self, of: bytes) -> tuple[HandoverItemRow, ...]:
        """Select by number."""
        sql = (
            "SELECT of, number, kind, id, due_us, state FROM handover_item WHERE of=? "
            "ORDER BY number"
        )
        return tuple(
            HandoverItemRow(
                of=blob(row[0]),
                number=integer(row[1]),
                kind=text(row[2]),
                id=blob(row[3]),
                due_us=maybe_integer(row[4]),
                state=text(row[5]),
            )
            for row in rows(self._db, sql, (of,))
        )


def _handover(row: tuple[Value, ...]) -> HandoverRow:
    return HandoverRow(
        id=blob(row[0]),
        giver=text(row[1]),
        taker=text(row[2]),
        note=text(row[3]),
        begun_us=integer(row[4]),
        acceptance=maybe_blob(row[5]),
        accepted_us=maybe_integer(row[6]),
        over_us=maybe_integer(row[7]),
    )
