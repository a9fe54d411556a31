"""Table group `reports`: what was reported of hazards, and when they lapse."""

from collections.abc import Iterable

from comity.storage.reports import ReportRow
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

__all__ = ["SqliteReports"]

_REPORT = 'SELECT id, of, number, "by", content, at_us, recipients FROM report'
_STRAY = "NOT EXISTS (SELECT 1 FROM notice_subject n WHERE n.notice=report.of)"


class SqliteReports:
    """See `storage.reports.Reports`."""

    def __init__(self, connection: Database) -> None:
        """Use a connection; commits are the store's."""
        self._db = connection

    def save_report(self, row: ReportRow) -> None:
        """Insert or replace."""
        values = (
            *(row.id, row.of, row.number, row.by),
            *(row.content, row.at_us, row.recipients),
        )
        run(self._db, "INSERT OR REPLACE INTO report VALUES (?,?,?,?,?,?,?)", values)

    def report(self, id_: bytes) -> ReportRow | None:
        """Select one."""
        row = one(self._db, f"{_REPORT} WHERE id=?", (id_,))
        return None if row is None else _report(row)

    def reports_of(self, hazard: bytes) -> tuple[ReportRow, ...]:
        """Select by hazard."""
        sql = f"{_REPORT} WHERE of=? ORDER BY number"
        return tuple(_report(row) for row in rows(self._db, sql, (hazard,)))

    def strays(self, by: str) -> int:
        """Count."""
        row = one(self._db, f'SELECT count(*) FROM report WHERE "by"=? AND {_STRAY}', (by,))  # noqa: S608
        return 0 if row is None else integer(row[0])

    def strays_before(self, before_us: int) -> tuple[bytes, ...]:
        """Select by time."""
        sql = f"SELECT id FROM report WHERE at_us<? AND {_STRAY} ORDER BY id"  # noqa: S608
        return tuple(blob(row[0]) for row in rows(self._db, sql, (before_us,)))

    def save_lapse(self, subject: bytes, at_us: int) -> None:
        """Insert or replace."""
        run(self._db, "INSERT OR REPLACE INTO lapse VALUES (?,?)", (subject, at_us))

    def next_lapse(self) -> int | None:
        """Select the earliest."""
        row = one(self._db, "SELECT min(at_us) FROM lapse")
        return None if row is None else maybe_integer(row[0])

    def lapsing(self, now_us: int) -> tuple[bytes, ...]:
        """Select by time."""
        sql = "SELECT subject FROM lapse WHERE at_us<=? ORDER BY at_us, subject"
        return tuple(blob(row[0]) for row in rows(self._db, sql, (now_us,)))

    def drop_lapse(self, subject: bytes) -> None:
        """Delete."""
        run(self._db, "DELETE FROM lapse WHERE subject=?", (subject,))

    def forget(self, ids: Iterable[bytes]) -> None:
        """Delete."""
        for id_ in ids:
            run(self._db, "DELETE FROM report WHERE id=? OR of=?", (id_, id_))
            run(self._db, "DELETE FROM lapse WHERE subject=?", (id_,))


def _report(row: tuple[Value, ...]) -> ReportRow:
    return ReportRow(
        id=blob(row[0]),
        of=blob(row[1]),
        number=integer(row[2]),
        by=text(row[3]),
        content=blob(row[4]),
        at_us=integer(row[5]),
        recipients=text(row[6]),
    )
