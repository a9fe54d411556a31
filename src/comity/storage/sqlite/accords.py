"""Table group `accords`: agreements, signatures, suspensions, what recipients were told."""

from comity.storage.accords import AccordRow, SignatureRow, SuspensionRow, ToldRow
from comity.storage.sqlite.table import (
    Database,
    Value,
    blob,
    integer,
    maybe_integer,
    one,
    put,
    rows,
    run,
    text,
)

__all__ = ["SqliteAccords"]

_ACCORD = "SELECT hash, lineage, name, version, text, known_us, complete_us FROM accord"
_SIGNATURE = "SELECT hash, origin, line, at_us FROM accord_signature"
_SUSPENSION = "SELECT hash, origin, since_us, reason, over_us FROM accord_suspension"
_ORDER = "ORDER BY name, lineage, version, hash"
_TOLD = "SELECT subject, audience, step, basis, declared, notice, content, volumes FROM told"


class SqliteAccords:
    """See `storage.accords.Accords`."""

    def __init__(self, connection: Database) -> None:
        """Use a connection; commits are the store's."""
        self._db = connection

    def save_accord(self, row: AccordRow) -> None:
        """Insert or replace."""
        values = (
            *(row.hash, row.lineage, row.name, row.version),
            *(row.text, row.known_us, row.complete_us),
        )
        run(self._db, "INSERT OR REPLACE INTO accord VALUES (?,?,?,?,?,?,?)", values)

    def accord(self, hash_: bytes) -> AccordRow | None:
        """Select one."""
        row = one(self._db, f"{_ACCORD} WHERE hash=?", (hash_,))
        return None if row is None else _accord(row)

    def accords(self) -> tuple[AccordRow, ...]:
        """Select all."""
        return tuple(_accord(row) for row in rows(self._db, f"{_ACCORD} {_ORDER}"))

    def save_signature(self, row: SignatureRow) -> None:
        """Insert; a later one of the same signer is dropped."""
        values = (row.hash, row.origin, row.line, row.at_us)
        run(self._db, "INSERT OR IGNORE INTO accord_signature VALUES (?,?,?,?)", values)

    def signatures(self, hash_: bytes) -> tuple[SignatureRow, ...]:
        """Select by text."""
        found = rows(self._db, f"{_SIGNATURE} WHERE hash=? ORDER BY origin", (hash_,))
        return tuple(_signature(row) for row in found)

    def all_signatures(self) -> tuple[SignatureRow, ...]:
        """Select all."""
        return tuple(_signature(row) for row in rows(self._db, _SIGNATURE))

    def save_suspension(self, row: SuspensionRow) -> None:
        """Insert or replace."""
        values = (row.hash, row.origin, row.since_us, row.reason, row.over_us)
        run(self._db, "INSERT OR REPLACE INTO accord_suspension VALUES (?,?,?,?,?)", values)

    def suspensions(self, hash_: bytes) -> tuple[SuspensionRow, ...]:
        """Select by agreement."""
        sql = f"{_SUSPENSION} WHERE hash=? ORDER BY since_us, origin"
        return tuple(_suspension(row) for row in rows(self._db, sql, (hash_,)))

    def open_suspensions(self) -> tuple[SuspensionRow, ...]:
        """Select what is not over."""
        sql = f"{_SUSPENSION} WHERE over_us IS NULL ORDER BY since_us, origin"
        return tuple(_suspension(row) for row in rows(self._db, sql))

    def save_told(self, row: ToldRow) -> None:
        """Insert or replace."""
        values = (
            *(row.subject, row.audience, row.step, row.basis),
            *(row.declared, row.notice, row.content, row.volumes),
        )
        put(self._db, "told", values)

    def told(self, subject: bytes, audience: str) -> ToldRow | None:
        """Select one."""
        row = one(self._db, f"{_TOLD} WHERE subject=? AND audience=?", (subject, audience))
        return None if row is None else _told(row)

    def told_of(self, subject: bytes) -> tuple[ToldRow, ...]:
        """Select by subject."""
        sql = f"{_TOLD} WHERE subject=? ORDER BY audience"
        return tuple(_told(row) for row in rows(self._db, sql, (subject,)))

    def forget_told(self, subject: bytes) -> None:
        """Delete."""
        run(self._db, "DELETE FROM told WHERE subject=?", (subject,))


def _signature(row: tuple[Value, ...]) -> SignatureRow:
    return SignatureRow(
        hash=blob(row[0]), origin=text(row[1]), line=text(row[2]), at_us=integer(row[3])
    )


def _suspension(row: tuple[Value, ...]) -> SuspensionRow:
    return SuspensionRow(
        hash=blob(row[0]),
        origin=text(row[1]),
        since_us=integer(row[2]),
        reason=text(row[3]),
        over_us=maybe_integer(row[4]),
    )


def _told(row: tuple[Value, ...]) -> ToldRow:
    return ToldRow(
        subject=blob(row[0]),
        audience=text(row[1]),
        step=integer(row[2]),
        basis=text(row[3]),
        declared=blob(row[4]),
        notice=blob(row[5]),
        content=blob(row[6]),
        volumes=blob(row[7]),
    )


def _accord(row: tuple[Value, ...]) -> AccordRow:
    return AccordRow(
        hash=blob(row[0]),
        lineage=blob(row[1]),
        name=text(row[2]),
        version=integer(row[3]),
        text=text(row[4]),
        known_us=integer(row[5]),
        complete_us=maybe_integer(row[6]),
    )
