"""The receiver's side of GIVE, ACK and BEAT: verify, let a desk decide, write, answer.

Each function has two halves. `open_*` checks signatures and forms outside any transaction; the work
that it returns runs inside one, and raises without trace if the peer's account does not fit what we
know. Answers are built after the commit. Idempotent by leaf hash. Called by `exchange.server`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from comity.exchange.given import ACCEPTED, Desks, Given
from comity.exchange.messages import (
    Ack,
    Beat,
    Beaten,
    Give,
    Take,
    content_from,
    hashes_from,
    hashes_to,
    note_from,
    proof_from,
    signature_to,
)
from comity.exchange.standing import contacted, follow, keep_cosignature, record_head
from comity.journal.content import open_content, owned_seed
from comity.journal.cosignature import cosign
from comity.journal.merkle import leaf_hash
from comity.journal.pen import Pen, lane_of
from comity.journal.prove import prove_growth, prove_inclusion
from comity.journal.scribe import SignedHead
from comity.journal.tlog_proof import check_proof, kept_proof, serialise_proof
from comity.model.fault import Malformed, Refusal, Refused, Untrusted
from comity.storage.rows import Head, OpeningRow, ReceivedRow
from comity.storage.store import Reading, Transaction
from comity.trust.envelope import Verified, check_time, open_entry
from comity.trust.identity import Identity
from comity.trust.note import parse_note, serialise, signed_by
from comity.trust.roster import Peer, Roster
from comity.wire.entry_v1 import (
    ContentBody,
    Entry,
    EntryType,
    Got,
    PeerCheckpointBody,
    ReceiptBody,
    parse_entry,
)
from comity.wire.limits import NOTICE_AGE_US_MAX

__all__ = [
    "Own",
    "TakenIn",
    "beaten_for",
    "check_chain",
    "cosignature_for",
    "open_ack",
    "open_beat",
    "open_give",
    "take_for",
]

_SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """Where our receipt stands, and the giver's head that we now know (and may cosign)."""

    receipt_index: int
    head: Head


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """Our side when it answers: the head after the commit, our keys, the request's time."""

    head: SignedHead
    identity: Identity
    now_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """A GIVE whose signatures hold."""

    entry: Verified[Entry]
    body: ContentBody
    note: bytes
    leaf: bytes
    index: int
    give: Give
    seed: bytes
    data: bytes
    proof: bytes


def open_give(
    give: Give, peer: Peer, roster: Roster, desks: Desks
) -> Callable[[Transaction, Pen], TakenIn]:
    """Check what can be checked alone; the work does the rest."""
    note = give.entry.encode("utf-8", "surrogatepass")
    entry = open_entry(note, roster)
    if entry.by != peer.origin:
        raise Untrusted("a party gives its own entries only", code="wrong_sender")
    if not isinstance(entry.value.body, ContentBody) or entry.value.type not in desks:
        raise Malformed("entries of that type are not given", code="bad_entry")
    leaf = leaf_hash(note)
    proof = kept_proof(proof_from(give.proof), leaf, peer.log)
    seed, data = content_from(give)
    opened = _Opened(
        entry=entry,
        body=entry.value.body,
        note=note,
        leaf=leaf,
        index=proof.index,
        give=give,
        seed=seed,
        data=data,
        proof=serialise_proof(proof),
    )

    def work(tx: Transaction, pen: Pen) -> TakenIn:
        return _take(tx, pen, opened, peer, desks)

    return work


def _take(tx: Transaction, pen: Pen, opened: _Opened, peer: Peer, desks: Desks) -> TakenIn:
    give = opened.give
    _check_have(tx, give.have)
    head = follow(
        tx, peer, proof_from(give.proof).checkpoint, give.old, hashes_from(give.consistency)
    )
    known = tx.post.received(opened.leaf)
    if known is not None:
        return TakenIn(receipt_index=known.receipt_index, head=head)
    check_chain(tx, pen.origin, opened.entry.value)
    got, verdict = _decide(tx, pen, opened, desks)
    lane = lane_of(pen.origin, opened.entry.value.type)
    tx.journal.set_chain_end(peer.origin, lane, opened.entry.value.seq, opened.leaf)
    receipt = pen.write(
        EntryType.RECEIPT,
        peer.origin,
        ReceiptBody(
            given_leaf=opened.leaf,
            given_index=opened.index,
            peer_size=head.size,
            peer_root=head.root,
            got=got,
            taken_us=pen.now_us,
            verdict=verdict,
        ),
        refs=(opened.leaf,),
    )
    tx.post.save_received(
        ReceivedRow(
            leaf=opened.leaf,
            peer=peer.origin,
            index=opened.index,
            body=opened.note,
            proof=opened.proof,
            receipt_index=receipt.index,
        )
    )
    return TakenIn(receipt_index=receipt.index, head=head)


def _check_have(tx: Transaction, have: int) -> None:
    """Before anything is written: a size of ours that we never had is evidence for its holder."""
    size = tx.journal.size()
    if have > size:
        raise Refused(
            Refusal(
                code="ahead_of_us",
                reason=f"this journal has {size} entries, not {have}",
                what_to_do="keep the head that you have: it is evidence",
            )
        )


def check_chain(tx: Transaction, own: str, entry: Entry) -> None:
    """Gapless: an entry out of turn is refused, so that nothing can be left out unseen."""
    end = tx.journal.chain_end(entry.sender, lane_of(own, entry.type))
    seq, prev = (0, None) if end is None else (end[0] + 1, end[1])
    if (entry.seq, entry.prev) != (seq, prev):
        raise Refused(
            Refusal(
                code="out_of_order",
                reason=f"entry {seq} of this chain is due, not {entry.seq}",
                what_to_do=f"give entry {seq} first",
                field="seq",
            )
        )


def _decide(tx: Transaction, pen: Pen, opened: _Opened, desks: Desks) -> tuple[Got, str]:
    """Open the content and ask the desk; a no from either is recorded in the receipt."""
    try:
        fields = open_content(opened.body, owned_seed(opened.seed, opened.entry.by), opened.data)
    except (Malformed, Untrusted) as fault:
        return Got.NOTHING, fault.code
    given = Given(entry=opened.entry, leaf=opened.leaf, id=opened.body.root, fields=fields)
    try:
        if not _passes_any_clock(opened.entry.value):
            check_time(opened.entry.value.issued_us, pen.line_us, NOTICE_AGE_US_MAX)
        with tx.savepoint():
            desks[opened.entry.value.type](tx, pen, given)
            tx.journal.save_opening(
                OpeningRow(leaf=opened.leaf, seed=opened.seed, fields=opened.data)
            )
    except (Refused, Malformed, Untrusted) as fault:
        return Got.FULL, fault.code
    return Got.FULL, ACCEPTED


def _passes_any_clock(entry: Entry) -> bool:
    """The safety floor of one who says itself that its clock is wrong."""
    return entry.type is EntryType.SAFETY and entry.clock_unsure


def take_for(reading: Reading, taken: TakenIn, give: Give, own: Own) -> Take:
    """The TAKE for a committed receipt."""
    row = reading.journal.entry(taken.receipt_index)
    if row is None:
        raise Malformed("the receipt is not there", code="not_found")
    return Take(
        receipt=row.body.decode("utf-8"),
        proof=serialise_proof(prove_inclusion(reading, row.index, own.head)).decode("utf-8"),
        consistency=hashes_to(prove_growth(reading, give.have, own.head)),
        cosignature=cosignature_for(taken.head, own.identity, own.now_us),
    )


def cosignature_for(head: Head, identity: Identity, now_us: int) -> str:
    """Our cosignature over a head that we followed and stored."""
    note = parse_note(head.note)
    return signature_to(cosign(note.text, identity.cosigner, now_us // _SECOND_US))


def open_ack(ack: Ack, peer: Peer) -> Callable[[Transaction, Pen], Head]:
    """The giver has recorded our head; keep its cosignature over it."""
    note = note_from(ack.entry)
    signed_by(note, peer.entry)
    proof = proof_from(ack.proof)
    check_proof(proof, leaf_hash(serialise(note)), peer.log)
    body = parse_entry(note.text).body
    if not isinstance(body, PeerCheckpointBody):
        raise Malformed("an ACK carries a peer-checkpoint", code="bad_entry")

    def work(tx: Transaction, pen: Pen) -> Head:
        head = follow(tx, peer, proof.checkpoint, ack.old, hashes_from(ack.consistency))
        keep_cosignature(tx, pen, peer, ack.cosignature, body.peer_size)
        return head

    return work


def open_beat(beat: Beat, peer: Peer) -> Callable[[Transaction, Pen], Head]:
    """A peer's head, recorded in our journal; it has followed ours if it sends a cosignature."""
    note = note_from(beat.checkpoint)

    def work(tx: Transaction, pen: Pen) -> Head:
        _check_have(tx, beat.have)
        known = tx.post.head(peer.origin)
        head = follow(tx, peer, note, beat.old, hashes_from(beat.consistency))
        if known is not None and known.size == head.size:
            return head  # nothing new: a repeated beat leaves no trace
        record_head(pen, head)
        if beat.cosignature is not None:
            keep_cosignature(tx, pen, peer, beat.cosignature, beat.have)
        contacted(tx, peer, pen.now_us)
        return head

    return work


def beaten_for(reading: Reading, head: Head, beat: Beat, own: Own) -> Beaten:
    """Our head in return."""
    return Beaten(
        checkpoint=serialise(own.head.note).decode("utf-8"),
        consistency=hashes_to(prove_growth(reading, beat.have, own.head)),
        cosignature=cosignature_for(head, own.identity, own.now_us),
    )
