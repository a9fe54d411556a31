"""Change keys: our own by a statement that was signed offline, a peer's by one that it gives us.

Each party keeps all keys of each party that ever changed one, since what an earlier key signed in
its time still counts. Called by the doors (`announce`) and through assembly (`take_statement`).
"""

from collections.abc import Iterable

from comity.journal.pen import Pen
from comity.journal.warn import raise_warning
from comity.model.fault import Malformed, Refusal, Refused
from comity.model.party import party_name
from comity.storage.rows import KeyRow
from comity.storage.store import Reading, Transaction
from comity.trust.card import open_card
from comity.trust.identity import Identity, Role
from comity.trust.keys import SigningKey, VerifierKey, parse_verifier_key
from comity.trust.lives import KeyLife, life_of, present
from comity.trust.note import parse_note
from comity.trust.roster import Peer, Roster, peer_of
from comity.trust.statement import (
    STATEMENT_BYTES_MAX,
    Statement,
    changed,
    open_statement,
    role_of,
)
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import Field, Reader, text_field
from comity.wire.key_v1 import KeyText, RevokeText

__all__ = [
    "announce",
    "lives_of",
    "own_lives",
    "present_entry_key",
    "renewed",
    "take_statement",
]

_FIELD = "statement"


def lives_of(reading: Reading, origin: str) -> tuple[KeyLife, ...]:
    """The keys of a party that ever changed one; empty for any other."""
    return tuple(
        life_of(row.role, row.key, row.start, row.end, row.revoked_s)
        for row in reading.post.keys(origin)
    )


def present_entry_key(reading: Reading, origin: str) -> VerifierKey | None:
    """The entry key that an enrolled party has now; None for a stranger."""
    row = reading.post.peer(origin)
    if row is None:
        return None
    return present(lives_of(reading, origin) or peer_of(open_card(row.card)).all_lives, Role.ENTRY)


def own_lives(reading: Reading, identity: Identity) -> tuple[KeyLife, ...]:
    """Our own keys."""
    keys = ((role, identity.key(role)) for role in Role)
    first = tuple(KeyLife(role=role, key=key.verifier()) for role, key in keys if key is not None)
    return lives_of(reading, identity.origin) or first


def renewed(reading: Reading, roster: Roster) -> Roster:
    """The roster with the keys that the peers have now."""
    for peer in roster.peers.values():
        lives = lives_of(reading, peer.origin)
        if lives and lives != peer.lives:
            roster = roster.knowing(peer.with_lives(lives))
    return roster


def announce(
    tx: Transaction, pen: Pen, data: bytes, identity: Identity, fresh: SigningKey | None
) -> Statement:
    """Write a statement of ours for us and every peer; from the next entry on it counts.

    `fresh` is the private half of the key that it names, None if it revokes one. The pen takes it
    up here, at the end of the same transaction, so that the journal says from which entry on; the
    scribe puts the old one back if the transaction is undone.

    Raises:
        Malformed, Untrusted, Refused: as `open_statement`; `bad_window` for a size that never was.
    """
    pen.claim_floor()  # by which keys anything is to be believed
    lives = own_lives(tx, identity)
    found = open_statement(data, pen.origin, lives, identity.roots)
    size = tx.journal.size()
    if isinstance(found, RevokeText) and (found.to or 0) > size:
        raise Malformed(f"this journal has {size} entries, not {found.to}", code="bad_window")
    kind = EntryType.KEY if isinstance(found, KeyText) else EntryType.REVOKE
    content = pen.seal((text_field(_FIELD, data.decode("utf-8")),))
    for audience in (pen.origin, *(peer.origin for peer in tx.post.peers())):
        pen.write_content(kind, audience, content)
    _save(tx, pen.origin, changed(lives, found, tx.journal.size()))
    if isinstance(found, RevokeText):
        identity.drop(parse_verifier_key(found.key))
    else:
        if fresh is None or fresh.verifier().text() != found.new:
            raise Malformed("the private half of another key", code="other_key")
        identity.use(role_of(found), fresh)
    return found


def take_statement(
    tx: Transaction, pen: Pen, origin: str, leaf_index: int, fields: tuple[Field, ...]
) -> Statement:
    """A peer's statement, which is returned: it counts from the entry after the one that gave it.

    Raises:
        Malformed, Untrusted, Refused: as `open_statement`; the verdict on the entry.
    """
    reader = Reader(fields, frozenset())
    data = reader.text(_FIELD).encode("utf-8")
    reader.finish()
    row = tx.post.peer(origin)
    if row is None:
        raise _refused()
    peer = peer_of(open_card(row.card))
    lives = lives_of(tx, origin) or peer.all_lives
    found = open_statement(data, origin, lives, peer.roots)
    _save(tx, origin, changed(lives, found, leaf_index + 1))
    _tell(tx, pen, peer, found, data)
    return found


def _tell(tx: Transaction, pen: Pen, peer: Peer, found: Statement, data: bytes) -> None:
    """A lost key and a revoked one are for people to hear of; a routine change is not."""
    role, name = role_of(found), party_name(peer.origin)
    if isinstance(found, RevokeText):
        text = f"{name} revoked an earlier {role} key"
    elif found.because == "loss":
        text = f"{name} replaced its {role} key without the old one: ask it by voice"
    else:
        return
    about = sha256(parse_note(data, size_max=STATEMENT_BYTES_MAX).text.encode())
    raise_warning(tx, pen, "key_changed", about, text=text, party=peer.origin)


def _save(tx: Transaction, origin: str, lives: Iterable[KeyLife]) -> None:
    for life in lives:
        tx.post.save_key(
            KeyRow(
                origin=origin,
                role=life.role,
                key=life.key.text(),
                start=life.span.start,
                end=life.span.end,
                revoked_s=life.revoked_s,
            )
        )


def _refused() -> Refused:
    return Refused(
        Refusal(code="stranger", reason="no such party is enrolled", what_to_do="enrol it first")
    )
