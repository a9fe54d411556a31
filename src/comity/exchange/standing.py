"""What we know of a peer's journal and it of ours: heads followed, cosignatures kept.

Runs inside transactions. Called by both sides of the exchange.
"""

from collections.abc import Sequence
from dataclasses import replace

from comity.exchange.messages import signature_from
from comity.journal.checkpoint import Checkpoint, checkpoint_text, parse_checkpoint
from comity.journal.cosignature import cosigned_at
from comity.journal.heads import advanced
from comity.journal.merkle import root
from comity.journal.pen import Pen
from comity.model.fault import Untrusted
from comity.storage.rows import CosignatureRow, Head
from comity.storage.store import Transaction
from comity.trust.keys import VerifierKey
from comity.trust.note import Note, Signature, serialise
from comity.trust.roster import Peer

__all__ = ["contacted", "cosignature_row", "follow", "keep_cosignature"]

_SECOND_US = 1_000_000
_COSIGNATURE_AGE_S_MAX = 60  # it was asked for a moment ago


def follow(tx: Transaction, peer: Peer, note: Note, old: int, proof: Sequence[bytes]) -> Head:
    """Accept and keep a peer's newer head; raises as `journal.heads.advanced` does."""
    head = advanced(tx.post.head(peer.origin), note, peer.log, old, proof)
    tx.post.save_head(head)
    return head


def keep_cosignature(tx: Transaction, pen: Pen, peer: Peer, line: str, size: int) -> None:
    """Verify and keep a peer's cosignature over our head of `size`; Untrusted if false."""
    if not 0 < size <= tx.journal.size():
        raise Untrusted("a cosignature over a head that we never had", code="bad_signature")
    ours = Checkpoint(origin=pen.origin, size=size, root=root(size, tx.journal.node))
    row = cosignature_row(checkpoint_text(ours), signature_from(line), peer.cosigner, pen.now_us)
    tx.journal.save_cosignature(row)


def cosignature_row(
    text: str, signature: Signature, key: VerifierKey, now_us: int
) -> CosignatureRow:
    """A verified cosignature over a checkpoint's text, to be kept; Untrusted if it is false."""
    note = Note(text=text, signatures=(signature,))
    time_s = cosigned_at(note, key, now_s=now_us // _SECOND_US)
    if time_s is None:
        raise Untrusted("a cosignature by another key", code="bad_signature")
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
