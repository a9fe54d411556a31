"""Table group `register`: entries of the protected register, to whom they went, who opened them."""

from collections.abc import Iterable

from comity.storage.register import GivenRow, ProtectedRow, ReadRow
from comity.storage.rows import SubjectRow, VolumeBox
from comity.storage.sqlite.sky import subject_from
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

__all__ = ["SqliteRegister"]

_PROTECTED = (
    "SELECT id, owner, ours, state, sealed, leaf, notice, issued_us, delivered_us, expires_us, "
    "recipients FROM protected"
)
_OF_NOTICE = "id=(SELECT subject FROM notice_subject WHERE notice=?)"
_STANDS = "state='live' AND expires_us>?"
_READ = "SELECT leaf, of, party, role, reason, at_us, known_us FROM protected_read"
_OF_OURS = "of IN (SELECT id FROM protected WHERE ours=1)"
_PLACE = "SELECT known_us, leaf FROM protected_read WHERE leaf=?"
_AFTER = f"(?=X'' OR (known_us, leaf) > ({_PLACE}))"


class SqliteRegister:
    """See `storage.register.Register`."""

    def __init__(self, connection: Database) -> None:
        """Use a connection; commits are the store's."""
        self._db = connection

    def save_protected(self, row: ProtectedRow) -> None:
        """Insert or replace."""
        values: tuple[Value, ...] = (
            *(row.id, row.owner, int(row.ours), row.state, row.sealed, row.leaf, row.notice),
            *(row.issued_us, row.delivered_us, row.expires_us, row.recipients),
        )
        marks = ",".join("?" * len(values))
        run(self._db, f"INSERT OR REPLACE INTO protected VALUES ({marks})", values)  # noqa: S608 - marks

    def protected(self, id_: bytes) -> ProtectedRow | None:
        """Select one."""
        row = one(self._db, f"{_PROTECTED} WHERE id=?", (id_,))
        return None if row is None else _protected(row)

    def protected_of(self, notice: bytes) -> ProtectedRow | None:
        """Select by way of the link."""
        row = one(self._db, f"{_PROTECTED} WHERE {_OF_NOTICE}", (notice,))
        return None if row is None else _protected(row)

    def live_protected(self, now_us: int) -> tuple[ProtectedRow, ...]:
        """Select those that stand."""
        sql = f"{_PROTECTED} WHERE {_STANDS} ORDER BY id"
        return tuple(_protected(row) for row in rows(self._db, sql, (now_us,)))

    def page_of_protected(self, now_us: int, after: bytes, limit: int) -> tuple[ProtectedRow, ...]:
        """Select a page."""
        sql = f"{_PROTECTED} WHERE {_STANDS} AND id>? ORDER BY id LIMIT ?"
        return tuple(_protected(row) for row in rows(self._db, sql, (now_us, after, limit)))

    def expired_protected(self, by_us: int) -> tuple[ProtectedRow, ...]:
        """Select by expiry (indexed)."""
        sql = f"{_PROTECTED} WHERE state='live' AND expires_us<=? ORDER BY expires_us, id"
        return tuple(_protected(row) for row in rows(self._db, sql, (by_us,)))

    def next_expiry_us(self) -> int | None:
        """Select the least (indexed)."""
        row = one(self._db, "SELECT min(expires_us) FROM protected WHERE state='live'")
        return None if row is None else maybe_integer(row[0])

    def over_before(self, before_us: int) -> tuple[ProtectedRow, ...]:
        """Select what is over."""
        sql = f"{_PROTECTED} WHERE state<>'live' AND expires_us<? ORDER BY id"
        return tuple(_protected(row) for row in rows(self._db, sql, (before_us,)))

    def live_protected_of(self, owner: str) -> int:
        """Count."""
        sql = "SELECT count(*) FROM protected WHERE state='live' AND owner=?"
        row = one(self._db, sql, (owner,))
        return 0 if row is None else integer(row[0])

    def forget_protected(self, ids: Iterable[bytes]) -> None:
        """Delete."""
        for each in ids:
            run(self._db, "DELETE FROM protected WHERE id=?", (each,))
            run(self._db, "DELETE FROM protected_given WHERE id=?", (each,))
            run(self._db, "DELETE FROM protected_read WHERE of=?", (each,))
            run(self._db, "DELETE FROM notice_subject WHERE subject=?", (each,))

    def save_given(self, row: GivenRow) -> None:
        """Insert or replace."""
        values = (row.id, row.audience, row.declared, row.notice, row.key)
        run(self._db, "INSERT OR REPLACE INTO protected_given VALUES (?,?,?,?,?)", values)

    def given(self, id_: bytes) -> tuple[GivenRow, ...]:
        """Select by entry."""
        sql = (
            "SELECT id, audience, declared, notice, key FROM protected_given WHERE id=? "
            "ORDER BY audience"
        )
        return tuple(
            GivenRow(
                id=blob(row[0]),
                audience=text(row[1]),
                declared=blob(row[2]),
                notice=blob(row[3]),
                key=blob(row[4]),
            )
            for row in rows(self._db, sql, (id_,))
        )

    def sealed_to(self, audience: str, key: bytes) -> tuple[bytes, ...]:
        """Select those that are kept as live."""
        sql = (
            "SELECT g.id FROM protected_given g JOIN protected p ON p.id=g.id "
            "WHERE p.state='live' AND g.audience=? AND g.key=? ORDER BY g.id"
        )
        return tuple(blob(row[0]) for row in rows(self._db, sql, (audience, key)))

    def save_read(self, row: ReadRow) -> None:
        """Insert; the same statement may come twice."""
        values = (row.leaf, row.of, row.party, row.role, row.reason, row.at_us, row.known_us)
        run(self._db, "INSERT OR IGNORE INTO protected_read VALUES (?,?,?,?,?,?,?)", values)

    def reads(self, after: bytes, limit: int) -> tuple[ReadRow, ...]:
        """Select a page, those of entries of ours alone."""
        sql = f"{_READ} WHERE {_OF_OURS} AND {_AFTER} ORDER BY known_us, leaf LIMIT ?"
        return tuple(_read(row) for row in rows(self._db, sql, (after, after, limit)))

    def reads_since(self, party: str, owner: str, since_us: int) -> int:
        """Count by time (indexed)."""
        sql = (
            "SELECT count(*) FROM protected_read r JOIN protected p ON p.id=r.of "
            "WHERE r.known_us>? AND r.party=? AND p.owner=?"
        )
        row = one(self._db, sql, (since_us, party, owner))
        return 0 if row is None else integer(row[0])

    def operations_near(self, box: VolumeBox) -> tuple[SubjectRow, ...]:
        """Select by kind, time, latitude and height; all of them."""
        sql = (
            "SELECT * FROM subject WHERE kind='operation' AND state<>'cancelled' "
            "AND end_us>=? AND start_us<=? AND north_e7>=? AND south_e7<=? "
            "AND upper_mm>=? AND lower_mm<=? ORDER BY id"
        )
        values = (
            *(box.start_us, box.end_us, box.south_e7, box.north_e7),
            *(box.lower_mm, box.upper_mm),
        )
        return tuple(subject_from(row) for row in rows(self._db, sql, values))


def _protected(row: tuple[Value, ...]) -> ProtectedRow:
    return ProtectedRow(
        id=blob(row[0]),
        owner=text(row[1]),
        ours=bool(row[2]),
        state=text(row[3]),
        sealed=blob(row[4]),
        leaf=blob(row[5]),
        notice=blob(row[6]),
        issued_us=integer(row[7]),
        delivered_us=maybe_integer(row[8]),
        expires_us=integer(row[9]),
        recipients=text(row[10]),
    )


def _read(row: tuple[Value, ...]) -> ReadRow:
    return ReadRow(
        leaf=blob(row[0]),
        of=blob(row[1]),
        party=text(row[2]),
        role=text(row[3]),
        reason=text(row[4]),
        at_us=integer(row[5]),
        known_us=integer(row[6]),
    )
