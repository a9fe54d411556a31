"""Table group `dispatches`: what goes out by mail or webhook, and how far."""

from collections.abc import Collection, Iterable

from comity.storage.dispatches import DispatchRow
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

__all__ = ["SqliteDispatches"]

_DISPATCH = (
    "SELECT id, outlet, source, kind, of, about, party, floor, at_us, made_us, state, attempts,"
    " due_us, answer, done_us FROM dispatch"
)


class SqliteDispatches:
    """See `storage.dispatches.Dispatches`."""

    def __init__(self, connection: Database) -> None:
        """Use a connection; commits are the store's."""
        self._db = connection

    def put_raised(self, warning: bytes) -> None:
        """Insert at the end."""
        sql = "INSERT INTO raised SELECT coalesce(max(number), 0) + 1, ? FROM raised"
        run(self._db, sql, (warning,))

    def raised_after(self, number: int, limit: int) -> tuple[tuple[int, bytes], ...]:
        """Select in order."""
        sql = "SELECT number, id FROM raised WHERE number>? ORDER BY number LIMIT ?"
        found = rows(self._db, sql, (number, limit))
        return tuple((integer(row[0]), blob(row[1])) for row in found)

    def newest_raised(self) -> int:
        """Select the newest."""
        row = one(self._db, "SELECT max(number) FROM raised")
        return 0 if row is None else maybe_integer(row[0]) or 0

    def raised_count(self) -> int:
        """Count."""
        row = one(self._db, "SELECT count(*) FROM raised")
        return 0 if row is None else integer(row[0])

    def drop_raised(self, up_to: int) -> None:
        """Delete all but the newest."""
        sql = "DELETE FROM raised WHERE number<=? AND number<(SELECT max(number) FROM raised)"
        run(self._db, sql, (up_to,))

    def place(self, source: str) -> int | None:
        """Select one."""
        row = one(self._db, "SELECT place FROM read_up_to WHERE source=?", (source,))
        return None if row is None else integer(row[0])

    def save_place(self, source: str, place: int) -> None:
        """Insert or replace."""
        run(self._db, "INSERT OR REPLACE INTO read_up_to VALUES (?,?)", (source, place))

    def drop_places(self) -> None:
        """Delete all."""
        run(self._db, "DELETE FROM read_up_to")

    def save_dispatch(self, row: DispatchRow) -> None:
        """Insert or replace."""
        values = (
            *(row.id, row.outlet, row.source, row.kind, row.of, row.about, row.party),
            *(int(row.floor), row.at_us, row.made_us, row.state, row.attempts, row.due_us),
            *(row.answer, row.done_us),
        )
        sql = "INSERT OR REPLACE INTO dispatch VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
        run(self._db, sql, values)

    def dispatch(self, id_: bytes) -> DispatchRow | None:
        """Select one."""
        row = one(self._db, f"{_DISPATCH} WHERE id=?", (id_,))
        return None if row is None else _dispatch(row)

    def dispatches(self, before: tuple[int, bytes] | None, limit: int) -> tuple[DispatchRow, ...]:
        """Select a page."""
        newest = "ORDER BY made_us DESC, id DESC LIMIT ?"
        if before is None:
            return self._found(newest, limit)
        return self._found(f"WHERE (made_us, id) < (?, ?) {newest}", *before, limit)

    def dispatches_about(self, id_: bytes) -> tuple[DispatchRow, ...]:
        """Select by what they tell."""
        return self._found("WHERE of=? OR about=? ORDER BY made_us, id", id_, id_)

    def due_dispatches(
        self, outlet: str, now_us: int, beyond_us: int, limit: int, *, floor_only: bool = False
    ) -> tuple[DispatchRow, ...]:
        """Select by time."""
        where = (
            "WHERE outlet=? AND (due_us<=? OR due_us>?) AND floor>=?"
            " ORDER BY floor DESC, attempts, due_us, id LIMIT ?"
        )
        return self._found(where, outlet, now_us, beyond_us, int(floor_only), limit)

    def least_tried(
        self, outlet: str, now_us: int, tries: int, limit: int, *, floor_only: bool = False
    ) -> tuple[DispatchRow, ...]:
        """Select by tries."""
        where = (
            "WHERE outlet=? AND due_us<=? AND attempts<? AND floor>=?"
            " ORDER BY attempts, floor DESC, due_us, id LIMIT ?"
        )
        return self._found(where, outlet, now_us, tries, int(floor_only), limit)

    def next_dispatch_due(self, outlet: str) -> int | None:
        """Select the earliest."""
        sql = "SELECT min(due_us) FROM dispatch WHERE outlet=? AND due_us IS NOT NULL"
        row = one(self._db, sql, (outlet,))
        return None if row is None else maybe_integer(row[0])

    def waiting_elsewhere(self, outlets: Collection[str]) -> tuple[DispatchRow, ...]:
        """Select by outlet."""
        marks = ",".join("?" * len(outlets))
        where = f"WHERE due_us IS NOT NULL AND outlet NOT IN ({marks}) ORDER BY made_us, id"
        return self._found(where, *outlets)

    def dispatch_counts(self) -> dict[tuple[str, str], int]:
        """Count."""
        sql = "SELECT outlet, state, count(*) FROM dispatch GROUP BY outlet, state"
        return {(text(row[0]), text(row[1])): integer(row[2]) for row in rows(self._db, sql)}

    def drop_done(self, before_us: int) -> None:
        """Delete by time."""
        run(self._db, "DELETE FROM dispatch WHERE done_us<?", (before_us,))

    def forget(self, ids: Iterable[bytes]) -> None:
        """Delete by what they tell."""
        for id_ in ids:
            run(self._db, "DELETE FROM dispatch WHERE of=? OR about=?", (id_, id_))

    def _found(self, where: str, *values: Value) -> tuple[DispatchRow, ...]:
        return tuple(_dispatch(row) for row in rows(self._db, f"{_DISPATCH} {where}", values))


def _dispatch(row: tuple[Value, ...]) -> DispatchRow:
    return DispatchRow(
        id=blob(row[0]),
        outlet=text(row[1]),
        source=text(row[2]),
        kind=text(row[3]),
        of=blob(row[4]),
        about=maybe_blob(row[5]),
        party=maybe_text(row[6]),
        floor=bool(row[7]),
        at_us=integer(row[8]),
        made_us=integer(row[9]),
        state=text(row[10]),
        attempts=integer(row[11]),
        due_us=maybe_integer(row[12]),
        answer=text(row[13]),
        done_us=maybe_integer(row[14]),
    )
