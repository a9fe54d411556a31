"""Table group `times`: evidence of time, and how witnesses and authorities stand."""

from collections.abc import Iterable

from comity.storage.sqlite.journal import Edge
from comity.storage.sqlite.table import (
    Database,
    Value,
    blob,
    integer,
    maybe_integer,
    maybe_text,
    one,
    rows,
    run,
    text,
)
from comity.storage.times import COSIGNATURE, RFC3161, EvidenceRow, OnlookerRow

__all__ = ["SqliteTimes"]

_EVIDENCE = "SELECT hash, kind, signer, size, time_s, body FROM time_evidence "


class SqliteTimes:
    """See `storage.times.Times`."""

    def __init__(self, connection: Database, edge: Edge | None = None) -> None:
        """Use a connection; commits are the store's. `edge` as in `journal.SqliteJournal`."""
        self._db = connection
        self._edge = edge

    def save_evidence(self, row: EvidenceRow) -> None:
        """Insert; take away the unused cosignatures of that signer."""
        if row.kind == COSIGNATURE:
            sql = "DELETE FROM time_evidence WHERE kind=? AND signer=? AND used=0"
            run(self._db, sql, (row.kind, row.signer))
        values = (row.hash, row.kind, row.signer, row.size, row.time_s, row.body)
        run(self._db, "INSERT OR IGNORE INTO time_evidence VALUES (?,?,?,?,?,?,0)", values)
        if self._edge is not None:
            self._edge.evidence.clear()

    def evidence(self, hash_: bytes) -> EvidenceRow | None:
        """Select one."""
        row = one(self._db, f"{_EVIDENCE} WHERE hash=?", (hash_,))
        return None if row is None else _evidence(row)

    def newest_evidence(self) -> EvidenceRow | None:
        """Select the latest; the pen asks with every entry."""
        if self._edge is None:
            return self._newest()
        if not self._edge.evidence:
            self._edge.evidence.append(self._newest())
        return self._edge.evidence[0]

    def _newest(self) -> EvidenceRow | None:
        row = one(self._db, f"{_EVIDENCE} ORDER BY time_s DESC LIMIT 1")
        return None if row is None else _evidence(row)

    def use_evidence(self, hash_: bytes) -> None:
        """Mark; nothing is written if it is marked."""
        run(self._db, "UPDATE time_evidence SET used=1 WHERE hash=? AND used=0", (hash_,))

    def stamps(self, from_size: int, limit: int) -> tuple[EvidenceRow, ...]:
        """Select by size."""
        sql = f"{_EVIDENCE} WHERE kind=? AND size>=? ORDER BY size, time_s LIMIT ?"
        return tuple(_evidence(row) for row in rows(self._db, sql, (RFC3161, from_size, limit)))

    def save_onlooker(self, row: OnlookerRow) -> None:
        """Replace."""
        values = (row.kind, row.name, row.size, row.time_s, row.error, row.error_us)
        run(self._db, "INSERT OR REPLACE INTO onlooker VALUES (?,?,?,?,?,?)", values)

    def onlookers(self, kind: str) -> tuple[OnlookerRow, ...]:
        """Select a kind."""
        sql = "SELECT kind, name, size, time_s, error, error_us FROM onlooker WHERE kind=? "
        return tuple(_onlooker(row) for row in rows(self._db, f"{sql} ORDER BY name", (kind,)))

    def forget_onlookers(self, kind: str, names: Iterable[str]) -> None:
        """Delete the others."""
        known = set(names)
        for row in self.onlookers(kind):
            if row.name not in known:
                run(self._db, "DELETE FROM onlooker WHERE kind=? AND name=?", (kind, row.name))


def _evidence(row: tuple[Value, ...]) -> EvidenceRow:
    return EvidenceRow(
        hash=blob(row[0]),
        kind=text(row[1]),
        signer=text(row[2]),
        size=integer(row[3]),
        time_s=integer(row[4]),
        body=blob(row[5]),
    )


def _onlooker(row: tuple[Value, ...]) -> OnlookerRow:
    return OnlookerRow(
        kind=text(row[0]),
        name=text(row[1]),
        size=integer(row[2]),
        time_s=integer(row[3]),
        error=maybe_text(row[4]),
        error_us=maybe_integer(row[5]),
    )
