"""Table group `journal`: entries, tree nodes, chains, openings, cosignatures."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from comity.model.fault import Corrupt, must
from comity.storage.rows import CosignatureRow, EntryRow, OpeningRow
from comity.storage.sqlite.table import Database, Value, blob, integer, one, put, rows, run, text
from comity.storage.times import EvidenceRow

__all__ = ["Edge", "SqliteJournal"]


@dataclass(kw_only=True)
class Edge:
    """Where the journal grows: size, newest nodes, ends of chains; and the newest evidence of time.

    The pen asks for them with every entry of a group, and each question to SQLite lets another
    thread run first. What is known is true within one transaction and until a part of it is undone.
    """

    size: int | None = None
    nodes: dict[tuple[int, int], bytes] = field(default_factory=dict)
    ends: dict[tuple[str, str], tuple[int, bytes]] = field(default_factory=dict)
    cosigned: dict[tuple[str, ...], CosignatureRow | None] = field(default_factory=dict)
    # One, if it is known whether there is any.
    evidence: list[EvidenceRow | None] = field(default_factory=list)

    def forget(self) -> None:
        """A transaction begins, or a part of it was undone: ask again."""
        self.size = None
        self.nodes.clear()
        self.ends.clear()
        self.cosigned.clear()
        self.evidence.clear()


class SqliteJournal:
    """See `storage.store.Journal`."""

    def __init__(self, connection: Database, edge: Edge | None = None) -> None:
        """Use a connection; commits are the store's, and so is making `edge` forget.

        Without an edge everything is asked of the database: a reader has none.
        """
        self._db = connection
        self._edge = edge

    def size(self) -> int:
        """Count entries: indices are gapless from 0."""
        edge = self._edge
        if edge is not None and edge.size is not None:
            return edge.size
        row = one(self._db, "SELECT max(idx) FROM entry")
        size = 0 if row is None or row[0] is None else integer(row[0]) + 1
        if edge is not None:
            edge.size = size
        return size

    def append(self, row: EntryRow, nodes: Iterable[tuple[int, int, bytes]]) -> None:
        """Insert; an index that is not the next one is an invariant broken."""
        must(row.index == self.size(), "an entry must be appended at the end")
        put(self._db, "entry", (row.index, row.leaf, row.body))
        edge = self._edge
        if edge is not None:
            edge.size = row.index + 1
        for node in nodes:
            put(self._db, "node", node)
            if edge is not None:
                edge.nodes[node[0], node[1]] = node[2]

    def entry(self, index: int) -> EntryRow | None:
        """Select one."""
        row = one(self._db, "SELECT idx, leaf, body FROM entry WHERE idx=?", (index,))
        return None if row is None else _entry(row)

    def entries(self, start: int, stop: int) -> tuple[EntryRow, ...]:
        """Select a range."""
        sql = "SELECT idx, leaf, body FROM entry WHERE idx>=? AND idx<? ORDER BY idx"
        return tuple(_entry(row) for row in rows(self._db, sql, (start, stop)))

    def index_of(self, leaf: bytes) -> int | None:
        """Look a leaf up by its full hash."""
        row = one(self._db, "SELECT idx FROM entry WHERE leaf=?", (leaf,))
        return None if row is None else integer(row[0])

    def node(self, level: int, index: int) -> bytes:
        """Select a node."""
        if self._edge is not None and (known := self._edge.nodes.get((level, index))) is not None:
            return known
        row = one(self._db, "SELECT hash FROM node WHERE level=? AND idx=?", (level, index))
        if row is None:
            raise Corrupt(f"tree node {level}/{index} is missing", code="missing_node")
        return blob(row[0])

    def leaves(self, start: int, stop: int) -> tuple[bytes, ...]:
        """Select a range."""
        sql = "SELECT leaf FROM entry WHERE idx>=? AND idx<? ORDER BY idx"
        return tuple(blob(row[0]) for row in rows(self._db, sql, (start, stop)))

    def chain_end(self, sender: str, audience: str) -> tuple[int, bytes] | None:
        """Select the end of a chain."""
        if self._edge is not None and (known := self._edge.ends.get((sender, audience))):
            return known
        sql = "SELECT seq, leaf FROM chain WHERE sender=? AND audience=?"
        row = one(self._db, sql, (sender, audience))
        return None if row is None else (integer(row[0]), blob(row[1]))

    def set_chain_end(self, sender: str, audience: str, seq: int, leaf: bytes) -> None:
        """Replace the end of a chain."""
        put(self._db, "chain", (sender, audience, seq, leaf))
        if self._edge is not None:
            self._edge.ends[sender, audience] = (seq, leaf)

    def save_opening(self, row: OpeningRow) -> None:
        """Insert; the same opening may come twice."""
        put(self._db, "opening", (row.leaf, row.seed, row.fields))

    def opening(self, leaf: bytes) -> OpeningRow | None:
        """Select one."""
        row = one(self._db, "SELECT leaf, seed, fields FROM opening WHERE leaf=?", (leaf,))
        if row is None:
            return None
        return OpeningRow(leaf=blob(row[0]), seed=blob(row[1]), fields=blob(row[2]))

    def openings(self) -> Iterator[OpeningRow]:
        """Select all."""
        for row in self._db.execute("SELECT leaf, seed, fields FROM opening ORDER BY leaf"):
            yield OpeningRow(leaf=blob(row[0]), seed=blob(row[1]), fields=blob(row[2]))

    def drop_opening(self, leaf: bytes) -> None:
        """Delete."""
        run(self._db, "DELETE FROM opening WHERE leaf=?", (leaf,))

    def index_of_content(self, root: bytes, audience: str) -> int | None:
        """Select by content and audience."""
        sql = "SELECT idx FROM content_index WHERE root=? AND audience=?"
        row = one(self._db, sql, (root, audience))
        return None if row is None else integer(row[0])

    def save_content_index(self, root: bytes, audience: str, index: int) -> None:
        """Insert."""
        put(self._db, "content_index", (root, audience, index))

    def save_cosignature(self, row: CosignatureRow) -> None:
        """Insert; a later one over the same head is dropped: beacons hash the first."""
        values = (row.size, row.signer, row.line, row.time_s, row.note)
        run(self._db, "INSERT OR IGNORE INTO cosignature VALUES (?,?,?,?,?)", values)
        if self._edge is not None:
            self._edge.cosigned.clear()

    def cosignatures(self, size: int) -> tuple[CosignatureRow, ...]:
        """Select by size."""
        sql = (
            "SELECT size, signer, line, time_s, note FROM cosignature WHERE size=? ORDER BY signer"
        )
        return tuple(_cosignature(row) for row in rows(self._db, sql, (size,)))

    def newest_cosignature(self, signers: Iterable[str], from_size: int) -> CosignatureRow | None:
        """Select the first head from a size on, or the newest of all for size 0."""
        names = tuple(signers)
        if not names:
            return None
        if from_size or self._edge is None:
            return self._cosigned(names, from_size)
        known = self._edge.cosigned
        if names not in known:
            known[names] = self._cosigned(names, from_size)
        return known[names]

    def _cosigned(self, names: tuple[str, ...], from_size: int) -> CosignatureRow | None:
        marks = ",".join("?" * len(names))
        order = "ASC" if from_size else "DESC"
        sql = (
            "SELECT size, signer, line, time_s, note FROM cosignature "  # noqa: S608 - only marks
            f"WHERE signer IN ({marks}) AND size>=? ORDER BY size {order}, time_s {order} LIMIT 1"
        )
        row = one(self._db, sql, (*names, from_size))
        return None if row is None else _cosignature(row)


def _entry(row: tuple[Value, ...]) -> EntryRow:
    return EntryRow(index=integer(row[0]), leaf=blob(row[1]), body=blob(row[2]))


def _cosignature(row: tuple[Value, ...]) -> CosignatureRow:
    return CosignatureRow(
        size=integer(row[0]),
        signer=text(row[1]),
        line=blob(row[2]),
        time_s=integer(row[3]),
        note=blob(row[4]),
    )
