"""Table group `people`: answers, units, calls, callers, idempotent requests."""

from collections.abc import Iterable

from comity.storage.rows import AnswerRow, CallerRow, CallRow, PurgeRow, UnitRow
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

__all__ = ["SqlitePersons"]

_REMEMBERED_US = 7 * 86_400 * 1_000_000
_MISSED = "unit.state='not-reached' AND unit.over_us IS NULL"
_MISSED_OF = (
    "unit JOIN notice_subject AS n ON n.notice=unit.of JOIN subject AS s ON s.id=n.subject "
    f"WHERE {_MISSED}"
)
# What was started may go on past its end until somebody ends it; what never started does not.
_OVER = "CASE s.state WHEN 'active' THEN NULL WHEN 'declared' THEN s.end_us+1 ELSE 0 END"


class SqlitePersons:
    """See `storage.persons.Persons`."""

    def __init__(self, connection: Database) -> None:
        """Use a connection; commits are the store's."""
        self._db = connection

    def save_answer(self, row: AnswerRow) -> None:
        """Insert or replace."""
        values = (row.leaf, row.of, row.by, row.content, row.at_us)
        run(self._db, "INSERT OR REPLACE INTO answer VALUES (?,?,?,?,?)", values)

    def answers(self, of: bytes) -> tuple[AnswerRow, ...]:
        """Select by notice."""
        sql = 'SELECT leaf, of, "by", content, at_us FROM answer WHERE of=? ORDER BY at_us, leaf'
        return tuple(_answer(row) for row in rows(self._db, sql, (of,)))

    def answers_about(self, subject: bytes) -> tuple[AnswerRow, ...]:
        """Select by way of the notices about a subject."""
        sql = (
            'SELECT a.leaf, a.of, a."by", a.content, a.at_us FROM notice_subject n '
            "JOIN answer a ON a.of=n.notice WHERE n.subject=? ORDER BY a.at_us, a.leaf"
        )
        return tuple(_answer(row) for row in rows(self._db, sql, (subject,)))

    def save_unit(self, row: UnitRow) -> None:
        """Insert or replace."""
        values: tuple[Value, ...] = (
            *(row.of, row.party, row.handle, row.name, row.state, row.at_us, row.known_us),
            row.over_us,
        )
        run(self._db, "INSERT OR REPLACE INTO unit VALUES (?,?,?,?,?,?,?,?)", values)

    def units(self) -> tuple[UnitRow, ...]:
        """Select all."""
        sql = "SELECT * FROM unit ORDER BY known_us, of, party, handle"
        return tuple(_unit(row) for row in rows(self._db, sql))

    def units_of(self, of: bytes) -> tuple[UnitRow, ...]:
        """Select by notice."""
        sql = "SELECT * FROM unit WHERE of=? ORDER BY known_us, party, handle"
        return tuple(_unit(row) for row in rows(self._db, sql, (of,)))

    def open_risks(self) -> tuple[UnitRow, ...]:
        """Select by the index of what is missed."""
        sql = f"SELECT * FROM unit WHERE {_MISSED} ORDER BY known_us, of, party, handle"  # noqa: S608
        return tuple(_unit(row) for row in rows(self._db, sql))

    def open_risk_count(self) -> int:
        """Count."""
        row = one(self._db, f"SELECT count(*) FROM unit WHERE {_MISSED}")  # noqa: S608
        return 0 if row is None else integer(row[0])

    def next_risk_over(self) -> int | None:
        """Select the earliest."""
        row = one(self._db, f"SELECT min({_OVER}) FROM {_MISSED_OF}")  # noqa: S608
        return None if row is None else maybe_integer(row[0])

    def risks_over(self, now_us: int) -> tuple[UnitRow, ...]:
        """Select by subject."""
        sql = f"SELECT unit.* FROM {_MISSED_OF} AND {_OVER}<=? ORDER BY of, party, handle"  # noqa: S608
        return tuple(_unit(row) for row in rows(self._db, sql, (now_us,)))

    def save_call(self, row: CallRow) -> None:
        """Insert."""
        stated = None if row.area_stated is None else int(row.area_stated)
        values: tuple[Value, ...] = (
            *(row.id, row.other, row.account_of, row.words, row.received_us, row.start_us),
            *(stated, row.filed_us),
        )
        run(self._db, "INSERT INTO call VALUES (?,?,?,?,?,?,?,?)", values)

    def calls(self) -> tuple[CallRow, ...]:
        """Select all."""
        return tuple(
            CallRow(
                id=blob(row[0]),
                other=text(row[1]),
                account_of=text(row[2]),
                words=text(row[3]),
                received_us=maybe_integer(row[4]),
                start_us=maybe_integer(row[5]),
                area_stated=None if row[6] is None else bool(row[6]),
                filed_us=integer(row[7]),
            )
            for row in rows(self._db, "SELECT * FROM call ORDER BY filed_us, id")
        )

    def save_caller(self, row: CallerRow) -> None:
        """Insert or replace."""
        values = (row.key_hash, row.name, row.scopes, row.created_us, row.revoked_us)
        run(self._db, "INSERT OR REPLACE INTO caller VALUES (?,?,?,?,?)", values)

    def caller(self, key_hash: bytes) -> CallerRow | None:
        """Select one."""
        row = one(self._db, "SELECT * FROM caller WHERE key_hash=?", (key_hash,))
        return None if row is None else _caller(row)

    def callers(self) -> tuple[CallerRow, ...]:
        """Select all."""
        sql = "SELECT * FROM caller ORDER BY created_us, key_hash"
        return tuple(_caller(row) for row in rows(self._db, sql))

    def forget(self, ids: Iterable[bytes]) -> None:
        """Delete; a remembered reply is about an id if it has it in hex."""
        for id_ in ids:
            run(self._db, "DELETE FROM answer WHERE of=?", (id_,))
            run(self._db, "DELETE FROM unit WHERE of=?", (id_,))
            run(self._db, "DELETE FROM call WHERE id=?", (id_,))
            sql = "DELETE FROM idempotency WHERE instr(answer, ?)>0"
            run(self._db, sql, (id_.hex().encode("ascii"),))

    def save_purge(self, row: PurgeRow) -> None:
        """Insert or replace."""
        values: tuple[Value, ...] = (
            *(row.id, row.before_us, row.notice, row.proposed_by, row.proposed_us),
            *(row.confirmed_by, row.done_us),
        )
        run(self._db, "INSERT OR REPLACE INTO purge VALUES (?,?,?,?,?,?,?)", values)

    def purge(self, id_: bytes) -> PurgeRow | None:
        """Select one."""
        row = one(self._db, "SELECT * FROM purge WHERE id=?", (id_,))
        return None if row is None else _purge(row)

    def purges(self) -> tuple[PurgeRow, ...]:
        """Select all."""
        sql = "SELECT * FROM purge ORDER BY proposed_us, id"
        return tuple(_purge(row) for row in rows(self._db, sql))

    def remember(self, caller: bytes, key: str, request: bytes, answer: bytes, at_us: int) -> None:
        """Insert, and forget what is older than a week: no client repeats a request for longer."""
        run(self._db, "DELETE FROM idempotency WHERE at_us<?", (at_us - _REMEMBERED_US,))
        values = (caller, key, request, answer, at_us)
        run(self._db, "INSERT INTO idempotency VALUES (?,?,?,?,?)", values)

    def recall(self, caller: bytes, key: str) -> tuple[bytes, bytes] | None:
        """Select one."""
        sql = "SELECT request, answer FROM idempotency WHERE caller=? AND key=?"
        row = one(self._db, sql, (caller, key))
        return None if row is None else (blob(row[0]), blob(row[1]))


def _answer(row: tuple[Value, ...]) -> AnswerRow:
    return AnswerRow(
        leaf=blob(row[0]),
        of=blob(row[1]),
        by=text(row[2]),
        content=blob(row[3]),
        at_us=integer(row[4]),
    )


def _unit(row: tuple[Value, ...]) -> UnitRow:
    return UnitRow(
        of=blob(row[0]),
        party=text(row[1]),
        handle=blob(row[2]),
        name=maybe_text(row[3]),
        state=text(row[4]),
        at_us=integer(row[5]),
        known_us=integer(row[6]),
        over_us=maybe_integer(row[7]),
    )


def _purge(row: tuple[Value, ...]) -> PurgeRow:
    return PurgeRow(
        id=blob(row[0]),
        before_us=maybe_integer(row[1]),
        notice=maybe_blob(row[2]),
        proposed_by=blob(row[3]),
        proposed_us=integer(row[4]),
        confirmed_by=maybe_blob(row[5]),
        done_us=maybe_integer(row[6]),
    )


def _caller(row: tuple[Value, ...]) -> CallerRow:
    return CallerRow(
        key_hash=blob(row[0]),
        name=text(row[1]),
        scopes=text(row[2]),
        created_us=integer(row[3]),
        revoked_us=maybe_integer(row[4]),
    )
