"""What we know of a peer's journal and it of ours: heads followed, cosignatures kept.

Runs inside transactions. Called by both sides of the exchange.
"""

from dataclasses import replace

from comity.exchange.accuse import accuse, mirrored_root
from comity.exchange.keys import cosigner_key, log_key, mldsa_key
from comity.exchange.messages import Growth, hashes_to, signature_from
from comity.exchange.shown import Growths, Shown
from comity.hotline.line import heard
from comity.intake.terms import agreed
from comity.journal.checkpoint import Checkpoint, checkpoint_text, parse_checkpoint
from comity.journal.cosignature import cosigned_at
from comity.journal.heads import Forked, advanced
from comity.journal.merkle import root, verify_consistency
from comity.journal.pen import Pen, Written
from comity.journal.prove import prove_growth
from comity.journal.scribe import SignedHead
from comity.journal.tlog_proof import signed_tree
from comity.model.fault import Untrusted
from comity.storage.rows import CosignatureRow, Head
from comity.storage.store import Reading, Transaction
from comity.trust.keys import VerifierKey
from comity.trust.note import Note, Signature, serialise
from comity.trust.roster import Peer
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import EntryType, PeerCheckpointBody

__all__ = [
    "COSIGNATURE_AGE_S_MAX",
    "checked_cosignature",
    "contacted",
    "cosignature_row",
    "follow",
    "follow_answer",
    "keep_cosignature",
    "record_head",
    "show",
]

_SECOND_US = 1_000_000
COSIGNATURE_AGE_S_MAX = 60  # it was asked for a moment ago


def follow(  # noqa: PLR0917 - where, whose, what, and how it is shown
    tx: Transaction, pen: Pen, peer: Peer, note: Note, growths: Growths, shown: Shown
) -> Head:
    """Accept and keep a peer's newer head; raises as `journal.heads.advanced` does.

    `growths` holds proofs from several sizes; the one from the head that we know counts. A smaller
    head is refused (OtherSize): whoever was overtaken comes again with its newest, and whoever was
    restored from a backup learns it before it writes a second history.
    """
    known = tx.post.head(peer.origin)
    if known is not None:
        _earlier(tx, known, peer, note, shown)
    size = 0 if known is None else known.size
    proofs = dict(growths)
    old = size if size in proofs else growths[0][0]
    log, mldsa = log_key(peer, note), mldsa_key(peer, note)
    head = advanced(known, note, log, old, proofs[old], mldsa)
    _weigh(tx, pen, peer, known, head, shown)
    tx.post.save_head(head)
    heard_us = max(pen.now_us, pen.line_us)  # requests bear the time as their sender has it
    shown.followed(peer.origin, head.size, growths, heard_us)
    return head


def _weigh(  # noqa: PLR0917 - whose journal came from where to where
    tx: Transaction, pen: Pen, peer: Peer, known: Head | None, head: Head, shown: Shown
) -> None:
    """A head of more entries than can have been written is followed, and its signer is named."""
    row = tx.post.peer(peer.origin)
    if known is None or row is None:
        can = shown.first_heard(peer.origin, head.size, pen.now_us)
    else:
        since_us = row.added_us if row.contact_us is None else row.contact_us
        can = shown.can_grow(peer.origin, (known.size, since_us), head.size, pen.now_us)
    if not can:
        text = f"it signed a head of {head.size} entries: no journal grows so fast"
        accuse(tx, pen, peer, "overgrown", text)


def follow_answer(  # noqa: PLR0917 - as `follow`
    tx: Transaction, pen: Pen, peer: Peer, note: Note, growths: Growths, shown: Shown
) -> Head:
    """As `follow`, for the head in an answer to us, which a request of the peer may have overtaken.

    It is accepted, and not kept, if the one known here is shown to extend it.
    """
    known = tx.post.head(peer.origin)
    earlier = None if known is None else _earlier(tx, known, peer, note, shown)
    return follow(tx, pen, peer, note, growths, shown) if earlier is None else earlier


def _earlier(tx: Transaction, known: Head, peer: Peer, note: Note, shown: Shown) -> Head | None:
    """The smaller head in `note`, if it is one of the journal known here.

    By the leaves that we mirror, which convict any other (Forked); or by the proof that came with
    the head known. None if it is not smaller, or if nothing tells.
    """
    tree = signed_tree(note, log_key(peer, note), mldsa_key(peer, note))
    size, found = tree.checkpoint.size, tree.checkpoint.root
    if size >= known.size:
        return None
    shown.lagged(peer.origin)
    head = Head(origin=known.origin, size=size, root=found, note=serialise(tree.note))
    mirrored = mirrored_root(tx, known.origin, size)
    if mirrored is not None:
        if mirrored != found:
            raise Forked(known, head)
        return head
    proof = shown.extension(peer.origin, size, known.size)
    if proof is None or not verify_consistency(size, found, known.size, known.root, proof):
        return None
    return head


def show(reading: Reading, peer: str, head: SignedHead, shown: Shown) -> list[Growth]:
    """That our journal only grew up to `head`, from each size that the peer may know."""
    row = reading.post.peer(peer)
    sizes = shown.show(peer, 0 if row is None else row.acked_size, head.checkpoint.size)
    return [Growth(old=s, hashes=hashes_to(prove_growth(reading, s, head))) for s in sizes]


def record_head(pen: Pen, head: Head, refs: tuple[bytes, ...] = ()) -> Written:
    """Write a peer's head into our journal, where a later bundle finds it."""
    body = PeerCheckpointBody(
        peer=head.origin, peer_size=head.size, peer_root=head.root, note_hash=sha256(head.note)
    )
    return pen.write(EntryType.PEER_CHECKPOINT, pen.origin, body, refs)


def keep_cosignature(  # noqa: PLR0917 - whose, over what, how old
    tx: Transaction,
    pen: Pen,
    peer: Peer,
    line: str,
    size: int,
    age_s_max: int = COSIGNATURE_AGE_S_MAX,
) -> None:
    """Verify and keep a peer's cosignature over our head of `size`; Untrusted if false."""
    if not 0 < size <= tx.journal.size():
        raise Untrusted("a cosignature over a head that we never had", code="bad_signature")
    ours = Checkpoint(origin=pen.origin, size=size, root=root(size, tx.journal.node))
    signature, text = signature_from(line), checkpoint_text(ours)
    row = cosignature_row(text, signature, cosigner_key(peer, signature), pen.line_us, age_s_max)
    tx.journal.save_cosignature(row)


def checked_cosignature(
    text: str, signature: Signature, key: VerifierKey, *, now_s: int | None = None
) -> int:
    """When `key` cosigned, in POSIX seconds; Untrusted if false or, given `now_s`, far ahead."""
    time_s = cosigned_at(Note(text=text, signatures=(signature,)), key, now_s=now_s)
    if time_s is None:
        raise Untrusted("a cosignature by another key", code="not_signed")  # perhaps a new one
    return time_s


def cosignature_row(
    text: str,
    signature: Signature,
    key: VerifierKey,
    now_us: int,
    age_s_max: int = COSIGNATURE_AGE_S_MAX,
) -> CosignatureRow:
    """A verified cosignature over a checkpoint's text, to be kept; Untrusted if it is false."""
    note = Note(text=text, signatures=(signature,))
    time_s = checked_cosignature(text, signature, key, now_s=now_us // _SECOND_US)
    if time_s < now_us // _SECOND_US - age_s_max:
        raise Untrusted("a cosignature of a time long past", code="bad_signature")
    return CosignatureRow(
        size=parse_checkpoint(text).size,
        signer=key.name,
        line=signature.line().encode("utf-8"),
        time_s=time_s,
        note=serialise(note),
    )


def contacted(
    tx: Transaction, pen: Pen, peer: Peer, bound: int | None, acked_size: int | None = None
) -> None:
    """The peer answered: remember when, and which of our sizes it now knows.

    `bound` is our entry that holds the head by which it proved that; it ends a gap of the line.
    """
    row = tx.post.peer(peer.origin)
    if row is None:
        return
    if bound is not None:
        between = agreed(tx, pen.origin, pen.now_us).toward(peer.origin)
        heard(tx, pen, row, between, bound)
    size = row.acked_size if acked_size is None else acked_size
    tx.post.save_peer(replace(row, contact_us=pen.now_us, acked_size=size))
    tx.post.hasten_out(peer.origin, pen.now_us)
