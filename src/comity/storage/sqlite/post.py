"""Table group `post`: peers, heads, outbox, what was received and taken, agreements."""

from comity.storage.rows import (
    AgreementRow,
    ForkRow,
    Head,
    KeyRow,
    OutboxRow,
    ParcelRow,
    PeerRow,
    ReceivedRow,
    TakenRow,
)
from comity.storage.sqlite.table import (
    Database,
    Value,
    blob,
    integer,
    maybe_integer,
    maybe_text,
    one,
    put,
    rows,
    run,
    text,
)

__all__ = ["SqlitePost"]


class SqlitePost:
    """See `storage.store.Post`."""

    def __init__(self, connection: Database) -> None:
        """Use a connection; commits are the store's."""
        self._db = connection

    def save_peer(self, row: PeerRow) -> None:
        """Insert or replace."""
        values = (row.origin, row.card, row.added_us, row.acked_size, row.contact_us)
        run(self._db, "INSERT OR REPLACE INTO peer VALUES (?,?,?,?,?)", values)

    def peer(self, origin: str) -> PeerRow | None:
        """Select one."""
        row = one(self._db, "SELECT * FROM peer WHERE origin=?", (origin,))
        return None if row is None else _peer(row)

    def peers(self) -> tuple[PeerRow, ...]:
        """Select all."""
        return tuple(_peer(row) for row in rows(self._db, "SELECT * FROM peer ORDER BY origin"))

    def head(self, origin: str) -> Head | None:
        """Select one."""
        row = one(self._db, "SELECT origin, size, root, note FROM head WHERE origin=?", (origin,))
        if row is None:
            return None
        return Head(origin=text(row[0]), size=integer(row[1]), root=blob(row[2]), note=blob(row[3]))

    def save_head(self, head: Head) -> None:
        """Replace."""
        values = (head.origin, head.size, head.root, head.note)
        run(self._db, "INSERT OR REPLACE INTO head VALUES (?,?,?,?)", values)

    def save_key(self, row: KeyRow) -> None:
        """Replace, in its place; a new one goes to the end."""
        sql = (
            "INSERT INTO party_key VALUES (?,?,(SELECT count(*) FROM party_key WHERE origin=?),"
            '?,?,?,?) ON CONFLICT DO UPDATE SET start=excluded.start, "end"=excluded."end", '
            "revoked_s=excluded.revoked_s"
        )
        values = (row.origin, row.key, row.origin, row.role, row.start, row.end, row.revoked_s)
        run(self._db, sql, values)

    def keys(self, origin: str) -> tuple[KeyRow, ...]:
        """Select by party."""
        sql = (
            'SELECT origin, role, key, start, "end", revoked_s FROM party_key WHERE origin=? '
            "ORDER BY place"
        )
        return tuple(
            KeyRow(
                origin=text(row[0]),
                role=text(row[1]),
                key=text(row[2]),
                start=maybe_integer(row[3]),
                end=maybe_integer(row[4]),
                revoked_s=maybe_integer(row[5]),
            )
            for row in rows(self._db, sql, (origin,))
        )

    def save_fork(self, row: ForkRow) -> None:
        """Insert."""
        values = (row.origin, row.known, row.offered, row.at_us)
        run(self._db, "INSERT OR IGNORE INTO fork VALUES (?,?,?,?)", values)

    def forks(self, origin: str) -> tuple[ForkRow, ...]:
        """Select by party."""
        sql = "SELECT * FROM fork WHERE origin=? ORDER BY at_us"
        return tuple(
            ForkRow(
                origin=text(row[0]),
                known=blob(row[1]),
                offered=blob(row[2]),
                at_us=integer(row[3]),
            )
            for row in rows(self._db, sql, (origin,))
        )

    def put_out(self, row: OutboxRow) -> None:
        """Insert or replace."""
        values = (row.peer, row.index, row.due_us, row.attempts, int(row.floor))
        put(self._db, "outbox", values)

    def outbox(
        self, peer: str, limit: int, *, besides_floor: bool = False
    ) -> tuple[OutboxRow, ...]:
        """Select the oldest."""
        sql = "SELECT * FROM outbox WHERE peer=? AND floor<=? ORDER BY floor DESC, idx LIMIT ?"
        return tuple(
            OutboxRow(
                peer=text(row[0]),
                index=integer(row[1]),
                due_us=integer(row[2]),
                attempts=integer(row[3]),
                floor=bool(row[4]),
            )
            for row in rows(self._db, sql, (peer, int(not besides_floor), limit))
        )

    def hasten_out(self, peer: str, now_us: int) -> None:
        """Update what is due later."""
        sql = "UPDATE outbox SET due_us=? WHERE peer=? AND due_us>?"
        run(self._db, sql, (now_us, peer, now_us))

    def outbox_count(self, peer: str) -> int:
        """Count."""
        row = one(self._db, "SELECT count(*) FROM outbox WHERE peer=?", (peer,))
        return 0 if row is None else integer(row[0])

    def drop_out(self, peer: str, index: int) -> None:
        """Delete."""
        run(self._db, "DELETE FROM outbox WHERE peer=? AND idx=?", (peer, index))

    def save_received(self, row: ReceivedRow) -> None:
        """Insert."""
        values = (row.leaf, row.peer, row.index, row.body, row.proof, row.receipt_index)
        run(self._db, "INSERT INTO received VALUES (?,?,?,?,?,?)", values)

    def received(self, leaf: bytes) -> ReceivedRow | None:
        """Select by the full leaf hash."""
        row = one(self._db, "SELECT * FROM received WHERE leaf=?", (leaf,))
        return None if row is None else _received(row)

    def about_keys(self, peer: str, limit: int) -> tuple[ReceivedRow, ...]:
        """Select by the index of 0007_statements.sql, whose words these are."""
        sql = (
            "SELECT * FROM received WHERE peer=? AND "
            "(substr(body, 1, 14) = CAST('comity/key@v1' || char(10) AS BLOB) "
            "OR substr(body, 1, 17) = CAST('comity/revoke@v1' || char(10) AS BLOB)) "
            "ORDER BY receipt_idx DESC LIMIT ?"
        )
        return tuple(_received(row) for row in reversed(rows(self._db, sql, (peer, limit))))

    def save_taken(self, row: TakenRow) -> None:
        """Insert or replace: a retry may bring a later proof of the same receipt."""
        values = (
            row.index,
            row.peer,
            row.receipt,
            row.receipt_proof,
            row.give_proof,
            row.bind_index,
            row.taken_us,
            row.verdict,
        )
        run(self._db, "INSERT OR REPLACE INTO taken VALUES (?,?,?,?,?,?,?,?)", values)

    def taken(self, index: int) -> TakenRow | None:
        """Select one."""
        row = one(self._db, "SELECT * FROM taken WHERE idx=?", (index,))
        if row is None:
            return None
        return TakenRow(
            index=integer(row[0]),
            peer=text(row[1]),
            receipt=blob(row[2]),
            receipt_proof=blob(row[3]),
            give_proof=blob(row[4]),
            bind_index=integer(row[5]),
            taken_us=integer(row[6]),
            verdict=text(row[7]),
        )

    def save_parcel(self, row: ParcelRow) -> None:
        """Insert or replace."""
        shown = " ".join(map(str, row.shown))
        values = (row.peer, row.sent, row.received, row.receipts, row.bound_index, shown)
        run(self._db, "INSERT OR REPLACE INTO parcel VALUES (?,?,?,?,?,?)", values)

    def parcel(self, peer: str) -> ParcelRow | None:
        """Select one."""
        row = one(self._db, "SELECT * FROM parcel WHERE peer=?", (peer,))
        if row is None:
            return None
        return ParcelRow(
            peer=text(row[0]),
            sent=integer(row[1]),
            received=integer(row[2]),
            receipts=maybe_integer(row[3]),
            bound_index=maybe_integer(row[4]),
            shown=tuple(map(int, text(row[5]).split())),
        )

    def save_agreement(self, row: AgreementRow) -> None:
        """Insert or replace."""
        values = (row.peer, row.ours, row.theirs, row.in_force_us)
        run(self._db, "INSERT OR REPLACE INTO agreement VALUES (?,?,?,?)", values)

    def agreement(self, peer: str) -> AgreementRow | None:
        """Select one."""
        row = one(self._db, "SELECT * FROM agreement WHERE peer=?", (peer,))
        return None if row is None else _agreement(row)

    def agreements(self) -> tuple[AgreementRow, ...]:
        """Select all."""
        return tuple(_agreement(row) for row in rows(self._db, "SELECT * FROM agreement"))


def _agreement(row: tuple[Value, ...]) -> AgreementRow:
    return AgreementRow(
        peer=text(row[0]),
        ours=text(row[1]),
        theirs=maybe_text(row[2]),
        in_force_us=maybe_integer(row[3]),
    )


def _received(row: tuple[Value, ...]) -> ReceivedRow:
    return ReceivedRow(
        leaf=blob(row[0]),
        peer=text(row[1]),
        index=integer(row[2]),
        body=blob(row[3]),
        proof=blob(row[4]),
        receipt_index=integer(row[5]),
    )


def _peer(row: tuple[Value, ...]) -> PeerRow:
    return PeerRow(
        origin=text(row[0]),
        card=blob(row[1]),
        added_us=integer(row[2]),
        acked_size=integer(row[3]),
        contact_us=maybe_integer(row[4]),
    )
