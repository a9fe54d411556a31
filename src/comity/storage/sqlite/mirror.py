"""Table group `mirror`: the hash tiles of peers' journals, and evidence against their owners."""

from comity.storage.rows import EvidenceRow, Head
from comity.storage.sqlite.table import Database, Value, blob, integer, one, rows, run, text
from comity.wire.canonical import HASH_BYTES

__all__ = ["SqliteMirror"]

_TILE_WIDTH = 256


class SqliteMirror:
    """See `storage.store.Mirror`."""

    def __init__(self, connection: Database) -> None:
        """Use a connection; commits are the store's."""
        self._db = connection

    def size(self, origin: str) -> int:
        """Count from the last tile of level 0."""
        sql = (
            "SELECT idx, length(hashes) FROM mirror "
            "WHERE origin=? AND level=0 ORDER BY idx DESC LIMIT 1"
        )
        row = one(self._db, sql, (origin,))
        if row is None:
            return 0
        return integer(row[0]) * _TILE_WIDTH + integer(row[1]) // HASH_BYTES

    def tile(self, origin: str, level: int, index: int) -> bytes:
        """Select one."""
        sql = "SELECT hashes FROM mirror WHERE origin=? AND level=? AND idx=?"
        row = one(self._db, sql, (origin, level, index))
        return b"" if row is None else blob(row[0])

    def save_tile(self, origin: str, level: int, index: int, hashes: bytes) -> None:
        """Insert or replace."""
        values = (origin, level, index, hashes)
        run(self._db, "INSERT OR REPLACE INTO mirror VALUES (?,?,?,?)", values)

    def head(self, origin: str) -> Head | None:
        """Select one."""
        sql = "SELECT origin, size, root, note FROM mirror_head WHERE origin=?"
        row = one(self._db, sql, (origin,))
        if row is None:
            return None
        return Head(origin=text(row[0]), size=integer(row[1]), root=blob(row[2]), note=blob(row[3]))

    def save_head(self, head: Head) -> None:
        """Replace."""
        values = (head.origin, head.size, head.root, head.note)
        run(self._db, "INSERT OR REPLACE INTO mirror_head VALUES (?,?,?,?)", values)

    def save_evidence(self, row: EvidenceRow) -> None:
        """Insert; the same file once."""
        values = (row.id, row.origin, row.kind, row.file, row.at_us)
        run(self._db, "INSERT OR IGNORE INTO evidence VALUES (?,?,?,?,?)", values)

    def evidence(self, origin: str | None = None) -> tuple[EvidenceRow, ...]:
        """Select all, or by party."""
        sql = "SELECT * FROM evidence WHERE ?1 IS NULL OR origin=?1 ORDER BY at_us, id"
        return tuple(_evidence(row) for row in rows(self._db, sql, (origin,)))

    def evidence_of(self, id_: bytes) -> EvidenceRow | None:
        """Select one."""
        row = one(self._db, "SELECT * FROM evidence WHERE id=?", (id_,))
        return None if row is None else _evidence(row)


def _evidence(row: tuple[Value, ...]) -> EvidenceRow:
    return EvidenceRow(
        id=blob(row[0]),
        origin=text(row[1]),
        kind=text(row[2]),
        file=blob(row[3]),
        at_us=integer(row[4]),
    )
