"""Table group `relay`: whom we can reach, and who has yet to be told."""

from collections.abc import Iterable

from comity.storage.relay import RelayTaskRow, RelayUnitRow
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

__all__ = ["SqliteRelay"]

_UNIT = "SELECT name, kind, means, channel, expected_us, added_us FROM relay_unit"
_TASK = (
    "SELECT of, unit, subject, handle, state, means, channel, since_us, at_us, due_us, ground,"
    " body, until_us, wrong, wrong_us FROM relay_task"
)


class SqliteRelay:
    """See `storage.relay.Relay`."""

    def __init__(self, connection: Database) -> None:
        """Use a connection; commits are the store's."""
        self._db = connection

    def save_unit(self, row: RelayUnitRow) -> None:
        """Insert or replace."""
        values = (row.name, row.kind, row.means, row.channel, row.expected_us, row.added_us)
        run(self._db, "INSERT OR REPLACE INTO relay_unit VALUES (?,?,?,?,?,?)", values)

    def unit(self, name: str) -> RelayUnitRow | None:
        """Select one."""
        row = one(self._db, f"{_UNIT} WHERE name=?", (name,))
        return None if row is None else _unit(row)

    def units(self) -> tuple[RelayUnitRow, ...]:
        """Select all."""
        return tuple(_unit(row) for row in rows(self._db, f"{_UNIT} ORDER BY name"))

    def drop_unit(self, name: str) -> None:
        """Delete."""
        run(self._db, "DELETE FROM relay_unit WHERE name=?", (name,))

    def save_task(self, row: RelayTaskRow) -> None:
        """Insert or replace."""
        values: tuple[Value, ...] = (
            *(row.of, row.unit, row.subject, row.handle, row.state, row.means, row.channel),
            *(row.since_us, row.at_us, row.due_us, row.ground, row.body, row.until_us),
            *(row.wrong, row.wrong_us),
        )
        marks = ",".join("?" * len(values))
        run(self._db, f"INSERT OR REPLACE INTO relay_task VALUES ({marks})", values)  # noqa: S608 - marks

    def task(self, of: bytes, unit: str) -> RelayTaskRow | None:
        """Select one."""
        row = one(self._db, f"{_TASK} WHERE of=? AND unit=?", (of, unit))
        return None if row is None else _task(row)

    def tasks_of(self, subject: bytes) -> tuple[RelayTaskRow, ...]:
        """Select by subject."""
        return self._found("WHERE subject=? ORDER BY unit, since_us, of", subject)

    def tasks_to_tell(self) -> tuple[RelayTaskRow, ...]:
        """Select by deadline."""
        return self._found("WHERE due_us IS NOT NULL ORDER BY due_us, of, unit")

    def next_due(self) -> int | None:
        """Select the earliest."""
        row = one(self._db, "SELECT min(due_us) FROM relay_task WHERE due_us IS NOT NULL")
        return None if row is None else maybe_integer(row[0])

    def overdue(self, now_us: int) -> tuple[RelayTaskRow, ...]:
        """Select by deadline."""
        return self._found("WHERE due_us IS NOT NULL AND due_us<=? ORDER BY of, unit", now_us)

    def forget(self, ids: Iterable[bytes]) -> None:
        """Delete."""
        for id_ in ids:
            run(self._db, "DELETE FROM relay_task WHERE of=?", (id_,))
            run(self._db, "DELETE FROM relay_task WHERE subject=?", (id_,))

    def _found(self, where: str, *values: Value) -> tuple[RelayTaskRow, ...]:
        return tuple(_task(row) for row in rows(self._db, f"{_TASK} {where}", values))


def _unit(row: tuple[Value, ...]) -> RelayUnitRow:
    return RelayUnitRow(
        name=text(row[0]),
        kind=text(row[1]),
        means=text(row[2]),
        channel=text(row[3]),
        expected_us=integer(row[4]),
        added_us=integer(row[5]),
    )


def _task(row: tuple[Value, ...]) -> RelayTaskRow:
    return RelayTaskRow(
        of=blob(row[0]),
        unit=text(row[1]),
        subject=blob(row[2]),
        handle=blob(row[3]),
        state=text(row[4]),
        means=text(row[5]),
        channel=text(row[6]),
        since_us=integer(row[7]),
        at_us=integer(row[8]),
        due_us=maybe_integer(row[9]),
        ground=text(row[10]),
        body=maybe_blob(row[11]),
        until_us=maybe_integer(row[12]),
        wrong=integer(row[13]),
        wrong_us=integer(row[14]),
    )
