"""Every row of what is evidence in an SQLite store, read once, beside a node or without one.

See `storage.inspect.Inspected`. Called by assembly only.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import apsw

from comity.model.fault import Corrupt, Refusal, Refused
from comity.storage.rows import (
    CosignatureRow,
    EntryRow,
    EvidenceRow,
    ForkRow,
    Head,
    KeyRow,
    OpeningRow,
    PeerRow,
    ReceivedRow,
    TakenRow,
)
from comity.storage.sqlite.fault import DISK_ERRORS
from comity.storage.sqlite.journal import SqliteJournal
from comity.storage.sqlite.mirror import SqliteMirror
from comity.storage.sqlite.open import open_reader
from comity.storage.sqlite.post import SqlitePost
from comity.storage.sqlite.table import Value, blob, integer, maybe_integer, text
from comity.storage.times import EvidenceRow as TimeRow

__all__ = ["SqliteInspected"]

_FLAWS_MAX = 100
Row = tuple[Value, ...]


class SqliteInspected:
    """See the module docstring."""

    def __init__(self, folder: Path) -> None:
        """Read the lock, then hold one state of the data, so that the lock is never the newer."""
        self._lock = _locked(folder / "lock.db")
        self._db = _opened(folder / "journal.db")
        self._journal = SqliteJournal(self._db)
        self._post = SqlitePost(self._db)
        self._mirror = SqliteMirror(self._db)
        with _told():
            self._db.execute("BEGIN")
            self._db.execute("SELECT count(*) FROM sqlite_schema").fetchall()

    def _rows(self, sql: str) -> Iterator[Row]:
        with _told():
            yield from self._db.execute(sql)

    def entry(self, index: int) -> EntryRow | None:
        """By its index."""
        with _told():
            return self._journal.entry(index)

    def index_of(self, leaf: bytes) -> int | None:
        """By its leaf."""
        with _told():
            return self._journal.index_of(leaf)

    def received_one(self, leaf: bytes) -> ReceivedRow | None:
        """By its leaf."""
        with _told():
            return self._post.received(leaf)

    def flaws(self) -> tuple[str, ...]:
        """SQLite's own check; `ok` is none."""
        with _told():
            found = self._db.execute(f"PRAGMA integrity_check({_FLAWS_MAX})").fetchall()
        return tuple(str(row[0]) for row in found if row[0] != "ok")

    def locked(self) -> tuple[int, bytes] | None:
        """What was read at first."""
        return self._lock

    def entries(self) -> Iterator[EntryRow]:
        """Table entry."""
        for row in self._rows("SELECT idx, leaf, body FROM entry ORDER BY idx"):
            yield EntryRow(index=integer(row[0]), leaf=blob(row[1]), body=blob(row[2]))

    def nodes(self) -> Iterator[tuple[int, int, bytes]]:
        """Table node."""
        for row in self._rows("SELECT level, idx, hash FROM node ORDER BY level, idx"):
            yield integer(row[0]), integer(row[1]), blob(row[2])

    def chains(self) -> Iterator[tuple[str, str, int, bytes]]:
        """Table chain."""
        for row in self._rows("SELECT sender, audience, seq, leaf FROM chain ORDER BY 1, 2"):
            yield text(row[0]), text(row[1]), integer(row[2]), blob(row[3])

    def openings(self) -> Iterator[OpeningRow]:
        """Table opening."""
        for row in self._rows("SELECT leaf, seed, fields FROM opening ORDER BY leaf"):
            yield OpeningRow(leaf=blob(row[0]), seed=blob(row[1]), fields=blob(row[2]))

    def opening(self, leaf: bytes) -> OpeningRow | None:
        """By its leaf."""
        with _told():
            return self._journal.opening(leaf)

    def contents(self) -> Iterator[tuple[bytes, str, int]]:
        """Table content_index."""
        for row in self._rows("SELECT root, audience, idx FROM content_index ORDER BY 1, 2"):
            yield blob(row[0]), text(row[1]), integer(row[2])

    def cosignatures(self) -> Iterator[CosignatureRow]:
        """Table cosignature."""
        sql = "SELECT size, signer, line, time_s, note FROM cosignature ORDER BY 1, 2"
        for row in self._rows(sql):
            yield CosignatureRow(
                size=integer(row[0]),
                signer=text(row[1]),
                line=blob(row[2]),
                time_s=integer(row[3]),
                note=blob(row[4]),
            )

    def peers(self) -> Iterator[PeerRow]:
        """Table peer."""
        sql = "SELECT origin, card, added_us, acked_size, contact_us FROM peer ORDER BY 1"
        for row in self._rows(sql):
            yield PeerRow(
                origin=text(row[0]),
                card=blob(row[1]),
                added_us=integer(row[2]),
                acked_size=integer(row[3]),
                contact_us=maybe_integer(row[4]),
            )

    def keys(self, origin: str) -> tuple[KeyRow, ...]:
        """Table party_key; Corrupt unless each stands in its place."""
        with _told():
            sql = "SELECT place FROM party_key WHERE origin=? ORDER BY place"
            places = [integer(row[0]) for row in self._db.execute(sql, (origin,))]
            found = self._post.keys(origin)
        if places != [*range(len(found))]:
            raise Corrupt(f"the keys of {origin} are out of order", code="bad_row")
        return found

    def key_parties(self) -> Iterator[str]:
        """Table party_key."""
        for row in self._rows("SELECT DISTINCT origin FROM party_key ORDER BY 1"):
            yield text(row[0])

    def times(self) -> Iterator[tuple[TimeRow, int]]:
        """Table time_evidence."""
        sql = "SELECT hash, kind, signer, size, time_s, body, used FROM time_evidence ORDER BY 1"
        for row in self._rows(sql):
            found = TimeRow(
                hash=blob(row[0]),
                kind=text(row[1]),
                signer=text(row[2]),
                size=integer(row[3]),
                time_s=integer(row[4]),
                body=blob(row[5]),
            )
            yield found, integer(row[6])

    def heads(self) -> Iterator[Head]:
        """Table head."""
        yield from self._heads("SELECT origin, size, root, note FROM head ORDER BY 1")

    def _heads(self, sql: str) -> Iterator[Head]:
        for row in self._rows(sql):
            yield Head(
                origin=text(row[0]), size=integer(row[1]), root=blob(row[2]), note=blob(row[3])
            )

    def forks(self) -> Iterator[ForkRow]:
        """Table fork."""
        for row in self._rows("SELECT origin, known, offered, at_us FROM fork ORDER BY 1, 4"):
            yield ForkRow(
                origin=text(row[0]), known=blob(row[1]), offered=blob(row[2]), at_us=integer(row[3])
            )

    def mirrored(self) -> Iterator[str]:
        """Tables mirror and mirror_head."""
        sql = "SELECT origin FROM mirror UNION SELECT origin FROM mirror_head ORDER BY 1"
        for row in self._rows(sql):
            yield text(row[0])

    def tile(self, origin: str, level: int, index: int) -> bytes:
        """Table mirror."""
        with _told():
            return self._mirror.tile(origin, level, index)

    def mirror_heads(self) -> Iterator[Head]:
        """Table mirror_head."""
        yield from self._heads("SELECT origin, size, root, note FROM mirror_head ORDER BY 1")

    def evidence(self) -> Iterator[EvidenceRow]:
        """Table evidence."""
        with _told():
            yield from self._mirror.evidence()

    def received(self) -> Iterator[ReceivedRow]:
        """Table received."""
        sql = "SELECT leaf, peer, idx, body, proof, receipt_idx FROM received ORDER BY peer, idx"
        for row in self._rows(sql):
            yield ReceivedRow(
                leaf=blob(row[0]),
                peer=text(row[1]),
                index=integer(row[2]),
                body=blob(row[3]),
                proof=blob(row[4]),
                receipt_index=integer(row[5]),
            )

    def taken(self) -> Iterator[TakenRow]:
        """Table taken."""
        sql = (
            "SELECT idx, peer, receipt, receipt_proof, give_proof, bind_idx, taken_us, verdict "
            "FROM taken ORDER BY idx"
        )
        for row in self._rows(sql):
            yield TakenRow(
                index=integer(row[0]),
                peer=text(row[1]),
                receipt=blob(row[2]),
                receipt_proof=blob(row[3]),
                give_proof=blob(row[4]),
                bind_index=integer(row[5]),
                taken_us=integer(row[6]),
                verdict=text(row[7]),
            )

    def close(self) -> None:
        """Let go of the state and of the file."""
        self._db.close()


def _opened(path: Path) -> apsw.Connection:
    if not path.exists():
        raise Refused(
            Refusal(
                code="no_journal",
                reason=f"there is no {path}",
                what_to_do="a node that never started has nothing to audit",
            )
        )
    with _told():
        return open_reader(path)


def _locked(path: Path) -> tuple[int, bytes] | None:
    if not path.exists():
        return None
    with contextlib.closing(_opened(path)) as db, _told():
        row = db.execute("SELECT size, root FROM lock").fetchone()
        return None if row is None else (integer(row[0]), blob(row[1]))


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """A database that cannot be read is damaged."""
    try:
        yield
    except (*DISK_ERRORS, apsw.SQLError, UnicodeDecodeError) as error:
        raise Corrupt(f"the database cannot be read: {error}", code="disk_failed") from error
