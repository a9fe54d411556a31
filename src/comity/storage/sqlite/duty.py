"""Table group `duty`: the roster, what is watched, who was alerted."""

from collections.abc import Iterable
from dataclasses import astuple

from comity.storage.duty import EscalationRow, ShiftRow, WatchRow
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

__all__ = ["SqliteDuty"]

_WATCH = (
    "SELECT about, party, kind, notice, leaf, from_us, floor, step, due_us, level, next_us,"
    " delivered_us, seen_us, read_back_us, relayed_us, alternates_us, next_echelon_us, witness_us,"
    " sentences FROM watch"
)
_ESCALATION = (
    "SELECT id, about, party, kind, step, level, role, persons, reason, ground, floor, due_us,"
    " at_us, leaf, cleared_us FROM escalation"
)


class SqliteDuty:
    """See `storage.duty.Duty`."""

    def __init__(self, connection: Database) -> None:
        """Use a connection; commits are the store's."""
        self._db = connection

    def chain(self) -> tuple[str, ...]:
        """Select in order."""
        sql = "SELECT role FROM duty_chain ORDER BY place"
        return tuple(text(row[0]) for row in rows(self._db, sql))

    def save_chain(self, roles: Iterable[str]) -> None:
        """Delete and insert."""
        run(self._db, "DELETE FROM duty_chain")
        for place, role in enumerate(roles):
            run(self._db, "INSERT INTO duty_chain VALUES (?,?)", (place, role))

    def save_shift(self, row: ShiftRow) -> None:
        """Insert or replace."""
        values = (row.id, row.role, row.person, row.from_us, row.until_us, int(row.planned))
        run(self._db, "INSERT OR REPLACE INTO duty_shift VALUES (?,?,?,?,?,?)", values)

    def shifts(self, now_us: int) -> tuple[ShiftRow, ...]:
        """Select by time."""
        sql = (
            "SELECT id, role, person, from_us, until_us, planned FROM duty_shift"
            " WHERE until_us IS NULL OR until_us>? ORDER BY from_us, id"
        )
        return tuple(
            ShiftRow(
                id=blob(row[0]),
                role=text(row[1]),
                person=text(row[2]),
                from_us=integer(row[3]),
                until_us=maybe_integer(row[4]),
                planned=bool(row[5]),
            )
            for row in rows(self._db, sql, (now_us,))
        )

    def drop_shift(self, id_: bytes) -> None:
        """Delete one."""
        run(self._db, "DELETE FROM duty_shift WHERE id=?", (id_,))

    def away(self) -> tuple[str, ...]:
        """Select all."""
        sql = "SELECT person FROM duty_away ORDER BY person"
        return tuple(text(row[0]) for row in rows(self._db, sql))

    def set_away(self, person: str, since_us: int | None) -> None:
        """Insert, or delete."""
        run(self._db, "DELETE FROM duty_away WHERE person=?", (person,))
        if since_us is not None:
            run(self._db, "INSERT INTO duty_away VALUES (?,?)", (person, since_us))

    def forget_roster(self) -> None:
        """Delete all."""
        for table in ("duty_chain", "duty_shift", "duty_away"):
            run(self._db, f"DELETE FROM {table}")  # noqa: S608 - the names stand above

    def save_watch(self, row: WatchRow) -> None:
        """Insert or replace."""
        values = tuple(int(v) if isinstance(v, bool) else v for v in astuple(row))
        sql = "INSERT OR REPLACE INTO watch VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
        run(self._db, sql, values)

    def watches(self, about: bytes) -> tuple[WatchRow, ...]:
        """Select by what they are about."""
        return self._watches("WHERE about=? ORDER BY party, kind", about)

    def open_watches(self) -> tuple[WatchRow, ...]:
        """Select by step."""
        return self._watches("WHERE step<>'' ORDER BY from_us, about, party, kind")

    def next_watch(self) -> int | None:
        """Select the earliest."""
        row = one(self._db, "SELECT min(next_us) FROM watch WHERE next_us IS NOT NULL")
        return None if row is None else maybe_integer(row[0])

    def due_watches(self, now_us: int) -> tuple[WatchRow, ...]:
        """Select by time."""
        return self._watches("WHERE next_us<=? ORDER BY next_us, about, party, kind", now_us)

    def save_escalation(self, row: EscalationRow) -> None:
        """Insert or replace."""
        values = tuple(int(v) if isinstance(v, bool) else v for v in astuple(row))
        sql = "INSERT OR REPLACE INTO escalation VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
        run(self._db, sql, values)

    def escalations(self, about: bytes) -> tuple[EscalationRow, ...]:
        """Select by what they are about."""
        return self._escalations("WHERE about=? ORDER BY at_us, level, id", about)

    def open_escalations(self) -> tuple[EscalationRow, ...]:
        """Select what is not cleared."""
        return self._escalations(
            "WHERE cleared_us IS NULL ORDER BY floor DESC, level DESC, at_us, id"
        )

    def save_arrival(self, id_: bytes, leaf: bytes) -> None:
        """Insert or replace."""
        run(self._db, "INSERT OR REPLACE INTO arrival VALUES (?,?)", (id_, leaf))

    def arrival(self, id_: bytes) -> bytes | None:
        """Select one."""
        row = one(self._db, "SELECT leaf FROM arrival WHERE id=?", (id_,))
        return None if row is None else blob(row[0])

    def forget(self, ids: Iterable[bytes]) -> None:
        """Delete."""
        for id_ in ids:
            run(self._db, "DELETE FROM arrival WHERE id=?", (id_,))
            run(self._db, "DELETE FROM watch WHERE about=?", (id_,))
            run(self._db, "DELETE FROM escalation WHERE about=?", (id_,))

    def _watches(self, where: str, *values: Value) -> tuple[WatchRow, ...]:
        return tuple(_watch(row) for row in rows(self._db, f"{_WATCH} {where}", values))

    def _escalations(self, where: str, *values: Value) -> tuple[EscalationRow, ...]:
        return tuple(_escalation(row) for row in rows(self._db, f"{_ESCALATION} {where}", values))


def _watch(row: tuple[Value, ...]) -> WatchRow:
    return WatchRow(
        about=blob(row[0]),
        party=text(row[1]),
        kind=text(row[2]),
        notice=blob(row[3]),
        leaf=maybe_blob(row[4]),
        from_us=integer(row[5]),
        floor=bool(row[6]),
        step=text(row[7]),
        due_us=integer(row[8]),
        level=integer(row[9]),
        next_us=maybe_integer(row[10]),
        delivered_us=integer(row[11]),
        seen_us=integer(row[12]),
        read_back_us=integer(row[13]),
        relayed_us=integer(row[14]),
        alternates_us=integer(row[15]),
        next_echelon_us=integer(row[16]),
        witness_us=integer(row[17]),
        sentences=text(row[18]),
    )


def _escalation(row: tuple[Value, ...]) -> EscalationRow:
    return EscalationRow(
        id=blob(row[0]),
        about=blob(row[1]),
        party=text(row[2]),
        kind=text(row[3]),
        step=text(row[4]),
        level=integer(row[5]),
        role=text(row[6]),
        persons=text(row[7]),
        reason=text(row[8]),
        ground=text(row[9]),
        floor=bool(row[10]),
        due_us=integer(row[11]),
        at_us=integer(row[12]),
        leaf=maybe_blob(row[13]),
        cleared_us=maybe_integer(row[14]),
    )
