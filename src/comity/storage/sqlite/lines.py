"""Table group `lines`: how each line stands and stood; the order of changes of warnings."""

from comity.storage.lines import CheckRow, GapRow, LineEntryRow, LineRow, WarningChangeRow
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

__all__ = ["SqliteLines"]

_LINE = (
    "SELECT peer, state, since_us, reason, contact_us, contact_index, down_until_us,"
    " check_next_us, check_open_us, check_late_us FROM line"
)
_ENTRY = (
    "SELECT idx, peer, at_us, state, since_us, reason, gap_from_us, down_from_us, down_until_us"
    " FROM line_entry"
)
_GAP = "SELECT peer, from_us, from_index, until_us, until_index FROM line_gap"
_CHECK = (
    "SELECT of, peer, asker, asker_role, answerer_role, asked_us, answered_us, there_from_us,"
    " there_until_us FROM line_check"
)
_CHANGE = "SELECT number, warning, kind, raised, at_us, size FROM warning_change"


class SqliteLines:
    """See `storage.lines.Lines`."""

    def __init__(self, connection: Database) -> None:
        """Use a connection; commits are the store's."""
        self._db = connection

    def save_line(self, row: LineRow) -> None:
        """Insert or replace."""
        values = (
            *(row.peer, row.state, row.since_us, row.reason, row.contact_us, row.contact_index),
            *(row.down_until_us, row.check_next_us, row.check_open_us, row.check_late_us),
        )
        run(self._db, "INSERT OR REPLACE INTO line VALUES (?,?,?,?,?,?,?,?,?,?)", values)

    def line(self, peer: str) -> LineRow | None:
        """Select one."""
        row = one(self._db, f"{_LINE} WHERE peer=?", (peer,))
        return None if row is None else _line(row)

    def lines(self) -> tuple[LineRow, ...]:
        """Select all."""
        return tuple(_line(row) for row in rows(self._db, f"{_LINE} ORDER BY peer"))

    def save_line_entry(self, row: LineEntryRow) -> None:
        """Insert or replace."""
        values = (
            *(row.index, row.peer, row.at_us, row.state, row.since_us, row.reason),
            *(row.gap_from_us, row.down_from_us, row.down_until_us),
        )
        run(self._db, "INSERT OR REPLACE INTO line_entry VALUES (?,?,?,?,?,?,?,?,?)", values)

    def line_entry(self, index: int) -> LineEntryRow | None:
        """Select one."""
        row = one(self._db, f"{_ENTRY} WHERE idx=?", (index,))
        return None if row is None else _entry(row)

    def gap_entries(self, peer: str, from_us: int) -> tuple[LineEntryRow, ...]:
        """Select by gap."""
        sql = f"{_ENTRY} WHERE peer=? AND gap_from_us=? ORDER BY idx"
        return tuple(_entry(row) for row in rows(self._db, sql, (peer, from_us)))

    def save_gap(self, row: GapRow) -> None:
        """Insert or replace."""
        values = (row.peer, row.from_us, row.from_index, row.until_us, row.until_index)
        run(self._db, "INSERT OR REPLACE INTO line_gap VALUES (?,?,?,?,?)", values)

    def open_gap(self, peer: str) -> GapRow | None:
        """Select the newest that is open."""
        sql = f"{_GAP} WHERE peer=? ORDER BY from_us DESC LIMIT 1"
        row = one(self._db, sql, (peer,))
        return None if row is None or row[3] is not None else _gap(row)

    def gaps(
        self, peer: str | None, before: tuple[int, str] | None, limit: int
    ) -> tuple[GapRow, ...]:
        """Select a page."""
        wanted, values = ["1"], list[Value]()
        if peer is not None:
            wanted.append("peer=?")
            values.append(peer)
        if before is not None:
            wanted.append("(from_us, peer) < (?, ?)")
            values += before
        sql = f"{_GAP} WHERE {' AND '.join(wanted)} ORDER BY from_us DESC, peer DESC LIMIT ?"
        return tuple(_gap(row) for row in rows(self._db, sql, (*values, limit)))

    def save_check(self, row: CheckRow) -> None:
        """Insert or replace."""
        values = (
            *(row.of, row.peer, row.asker, row.asker_role, row.answerer_role, row.asked_us),
            *(row.answered_us, row.there_from_us, row.there_until_us),
        )
        run(self._db, "INSERT OR REPLACE INTO line_check VALUES (?,?,?,?,?,?,?,?,?)", values)

    def newest_check(self, peer: str) -> CheckRow | None:
        """Select the newest."""
        sql = f"{_CHECK} WHERE peer=? ORDER BY answered_us DESC, of LIMIT 1"
        row = one(self._db, sql, (peer,))
        return None if row is None else _check(row)

    def newest_change(self) -> int:
        """Select the largest."""
        row = one(self._db, "SELECT max(number) FROM warning_change")
        return 0 if row is None else maybe_integer(row[0]) or 0

    def save_change(self, row: WarningChangeRow) -> None:
        """Insert."""
        values = (row.number, row.warning, row.kind, int(row.raised), row.at_us, row.size)
        run(self._db, "INSERT INTO warning_change VALUES (?,?,?,?,?,?)", values)

    def changes(self, after: int, limit: int) -> tuple[WarningChangeRow, ...]:
        """Select in order."""
        sql = f"{_CHANGE} WHERE number>? ORDER BY number LIMIT ?"
        return tuple(_change(row) for row in rows(self._db, sql, (after, limit)))


def _line(row: tuple[Value, ...]) -> LineRow:
    return LineRow(
        peer=text(row[0]),
        state=text(row[1]),
        since_us=integer(row[2]),
        reason=text(row[3]),
        contact_us=maybe_integer(row[4]),
        contact_index=maybe_integer(row[5]),
        down_until_us=integer(row[6]),
        check_next_us=maybe_integer(row[7]),
        check_open_us=maybe_integer(row[8]),
        check_late_us=maybe_integer(row[9]),
    )


def _entry(row: tuple[Value, ...]) -> LineEntryRow:
    return LineEntryRow(
        index=integer(row[0]),
        peer=text(row[1]),
        at_us=integer(row[2]),
        state=text(row[3]),
        since_us=integer(row[4]),
        reason=text(row[5]),
        gap_from_us=maybe_integer(row[6]),
        down_from_us=maybe_integer(row[7]),
        down_until_us=maybe_integer(row[8]),
    )


def _gap(row: tuple[Value, ...]) -> GapRow:
    return GapRow(
        peer=text(row[0]),
        from_us=integer(row[1]),
        from_index=maybe_integer(row[2]),
        until_us=maybe_integer(row[3]),
        until_index=maybe_integer(row[4]),
    )


def _check(row: tuple[Value, ...]) -> CheckRow:
    return CheckRow(
        of=blob(row[0]),
        peer=text(row[1]),
        asker=text(row[2]),
        asker_role=text(row[3]),
        answerer_role=text(row[4]),
        asked_us=integer(row[5]),
        answered_us=integer(row[6]),
        there_from_us=maybe_integer(row[7]),
        there_until_us=maybe_integer(row[8]),
    )


def _change(row: tuple[Value, ...]) -> WarningChangeRow:
    return WarningChangeRow(
        number=integer(row[0]),
        warning=blob(row[1]),
        kind=text(row[2]),
        raised=bool(row[3]),
        at_us=integer(row[4]),
        size=integer(row[5]),
    )
