"""What we know of a peer's journal and it of ours: heads followed, cosignatures kept.

Runs inside transactions. Called by both sides of the exchange.
"""

from collections.abc import Sequence
from dataclasses import replace

from comity.exchange.messages import signature_from
from comity.journal.checkpoint import Checkpoint, checkpoint_text, parse_checkpoint
from comity.journal.cosignature import cosigned_at
from comity.journal.heads import Forked, advanced
from comity.journal.merkle import root
from comity.journal.pen import Pen, Written
from comity.journal.warn import raise_warning
from comity.model.fault import Untrusted
from comity.model.party import party_name
from comity.storage.rows import CosignatureRow, ForkRow, Head
from comity.storage.store import Transaction
from comity.trust.keys import VerifierKey
from comity.trust.note import Note, Signature, serialise
from comity.trust.roster import Peer
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import EntryType, PeerCheckpointBody

__all__ = [
    "checked_cosignature",
    "contacted",
    "cosignature_row",
    "follow",
    "keep_cosignature",
    "keep_fork",
    "record_head",
]

_SECOND_US = 1_000_000
_FORKS_MAX = 16  # against one party: the first is enough, a flood of them is not kept
_COSIGNATURE_AGE_S_MAX = 60  # it was asked for a moment ago


def follow(tx: Transaction, peer: Peer, note: Note, old: int, proof: Sequence[bytes]) -> Head:
    """Accept and keep a peer's newer head; raises as `journal.heads.advanced` does."""
    head = advanced(tx.post.head(peer.origin), note, peer.log, old, proof)
    tx.post.save_head(head)
    return head


def record_head(pen: Pen, head: Head, refs: tuple[bytes, ...] = ()) -> Written:
    """Write a peer's head into our journal, where a later bundle finds it."""
    body = PeerCheckpointBody(
        peer=head.origin, peer_size=head.size, peer_root=head.root, note_hash=sha256(head.note)
    )
    return pen.write(EntryType.PEER_CHECKPOINT, pen.origin, body, refs)


def keep_fork(tx: Transaction, pen: Pen, peer: Peer, fork: Forked) -> None:
    """Keep both notes, and call a person.

    Two roots of one size accuse the peer by themselves. Of different sizes the signed heads may
    still fit: a proof carries no signature, and may have been spoilt on the way.
    """
    known = tx.post.head(peer.origin)
    if known is None or len(tx.post.forks(peer.origin)) >= _FORKS_MAX:
        return
    tx.post.save_fork(
        ForkRow(origin=peer.origin, known=known.note, offered=fork.offered.note, at_us=pen.now_us)
    )
    name, size = party_name(peer.origin), fork.offered.size
    if size == known.size and fork.offered.root != known.root:
        text = f"{name} signed two histories of size {size}; both heads are kept"
    else:
        text = f"{name} did not prove that its head of size {size} extends its head of size "
        text += f"{known.size}; both are kept"
    raise_warning(tx, pen, "forked", sha256(peer.origin.encode()), text=text, party=peer.origin)


def keep_cosignature(tx: Transaction, pen: Pen, peer: Peer, line: str, size: int) -> None:
    """Verify and keep a peer's cosignature over our head of `size`; Untrusted if false."""
    if not 0 < size <= tx.journal.size():
        raise Untrusted("a cosignature over a head that we never had", code="bad_signature")
    ours = Checkpoint(origin=pen.origin, size=size, root=root(size, tx.journal.node))
    row = cosignature_row(checkpoint_text(ours), signature_from(line), peer.cosigner, pen.line_us)
    tx.journal.save_cosignature(row)


def checked_cosignature(
    text: str, signature: Signature, key: VerifierKey, *, now_s: int | None = None
) -> int:
    """When `key` cosigned, in POSIX seconds; Untrusted if false or, given `now_s`, far ahead."""
    time_s = cosigned_at(Note(text=text, signatures=(signature,)), key, now_s=now_s)
    if time_s is None:
        raise Untrusted("a cosignature by another key", code="bad_signature")
    return time_s


def cosignature_row(
    text: str, signature: Signature, key: VerifierKey, now_us: int
) -> CosignatureRow:
    """A verified cosignature over a checkpoint's text, to be kept; Untrusted if it is false."""
    note = Note(text=text, signatures=(signature,))
    time_s = checked_cosignature(text, signature, key, now_s=now_us // _SECOND_US)
    if time_s < now_us // _SECOND_US - _COSIGNATURE_AGE_S_MAX:
        raise Untrusted("a cosignature of a time long past", code="bad_signature")
    return CosignatureRow(
        size=parse_checkpoint(text).size,
        signer=key.name,
        line=signature.line().encode("utf-8"),
        time_s=time_s,
        note=serialise(note),
    )


def contacted(tx: Transaction, peer: Peer, now_us: int, acked_size: int | None = None) -> None:
    """The peer answered: remember when, and which of our sizes it now knows."""
    row = tx.post.peer(peer.origin)
    if row is not None:
        size = row.acked_size if acked_size is None else acked_size
        tx.post.save_peer(replace(row, contact_us=now_us, acked_size=size))
        tx.post.hasten_out(peer.origin, now_us)
