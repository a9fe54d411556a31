"""The sender's side of GIVE, ACK and BEAT: one function for each, ending with everything committed.

Each builds its message from one committed state, asks, checks the answer against our own record and
commits what it proves. Raises the peer's named no, OtherSize, or Unavailable; nothing is lost.
Called by courier.
"""

from dataclasses import dataclass

from comity.exchange.given import ACCEPTED
from comity.exchange.line import ACK_PATH, BEAT_PATH, GIVE_PATH, Line
from comity.exchange.messages import (
    Ack,
    Acked,
    Beat,
    Beaten,
    Give,
    Take,
    hashes_from,
    hashes_to,
    note_from,
    proof_from,
)
from comity.exchange.receive import check_chain, cosignature_for
from comity.exchange.standing import contacted, follow, keep_cosignature, record_head
from comity.journal.merkle import leaf_hash, root
from comity.journal.pen import Pen, lane_of
from comity.journal.prove import prove_growth, prove_inclusion
from comity.journal.scribe import SignedHead
from comity.journal.tlog_proof import TlogProof, kept_proof, serialise_proof
from comity.journal.warn import raise_warning
from comity.model.fault import Corrupt, Untrusted
from comity.model.party import party_name
from comity.storage.rows import EntryRow, Head, ReceivedRow, TakenRow
from comity.storage.store import Reading, Transaction
from comity.trust.envelope import open_entry
from comity.trust.note import parse_note, serialise
from comity.trust.roster import Roster
from comity.wire.canonical import b64
from comity.wire.entry_v1 import (
    ContentBody,
    Entry,
    ReceiptBody,
    parse_entry,
)
from comity.wire.limits import CLOCK_SKEW_US_MAX

__all__ = ["Bound", "acknowledge", "beat", "deliver"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """Our entry that records a peer's head, that head, and the size of ours that the peer knows."""

    index: int
    head: Head
    acked_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Receipt:
    """A receipt whose signature and proof hold, for one entry of ours."""

    note: bytes
    leaf: bytes
    entry: Entry
    body: ReceiptBody
    proof: TlogProof


async def deliver(line: Line, roster: Roster, index: int) -> Bound:
    """Give entry `index`, take and record the receipt. The entry leaves the outbox."""
    head = line.scribe.head
    row, give = line.store.read(lambda r: _give(r, line, index, head))
    take = await line.ask(GIVE_PATH, give, Take)
    receipt = _opened(take, line, roster, row)
    own_proof = _proof_at(line, index, receipt.body.peer_size)

    def work(tx: Transaction, pen: Pen) -> Bound:
        known = follow(
            tx, line.peer, receipt.proof.checkpoint, give.have, hashes_from(take.consistency)
        )
        _check_binding(tx, receipt.body)
        keep_cosignature(tx, pen, line.peer, take.cosignature, head.checkpoint.size)
        bound = _record(tx, pen, line, receipt, known)
        tx.post.save_taken(
            TakenRow(
                index=index,
                peer=line.peer.origin,
                receipt=receipt.note,
                receipt_proof=serialise_proof(receipt.proof),
                give_proof=own_proof,
                bind_index=bound,
                taken_us=receipt.body.taken_us,
                verdict=receipt.body.verdict,
            )
        )
        _warn_if_refused(tx, pen, line, row, receipt.body.verdict)
        tx.post.drop_out(line.peer.origin, index)
        contacted(tx, line.peer, pen.now_us, head.checkpoint.size)
        return Bound(index=bound, head=known, acked_size=head.checkpoint.size)

    return (await line.commit(work)).value


def _warn_if_refused(tx: Transaction, pen: Pen, line: Line, row: EntryRow, verdict: str) -> None:
    """A notice that the other side did not accept is a notice that nobody acts upon."""
    body = parse_entry(parse_note(row.body).text).body
    if verdict != ACCEPTED and isinstance(body, ContentBody):
        text = f"{party_name(line.peer.origin)} did not accept it: {verdict}"
        raise_warning(tx, pen, "refused_by_peer", body.root, text=text, party=line.peer.origin)


def _give(reading: Reading, line: Line, index: int, head: SignedHead) -> tuple[EntryRow, Give]:
    row = reading.journal.entry(index)
    opening = None if row is None else reading.journal.opening(row.leaf)
    if row is None or opening is None:
        raise Corrupt(
            f"entry {index} is in the outbox and not in the journal", code="missing_entry"
        )
    old, have = _sizes(reading, line)
    return row, Give(
        entry=row.body.decode("utf-8"),
        seed=b64(opening.seed),
        fields=b64(opening.fields),
        proof=serialise_proof(prove_inclusion(reading, index, head)).decode("utf-8"),
        old=old,
        consistency=hashes_to(prove_growth(reading, old, head)),
        have=have,
    )


def _sizes(reading: Reading, line: Line) -> tuple[int, int]:
    """(size of ours that the peer knows, size of the peer's that we know)."""
    peer, head = reading.post.peer(line.peer.origin), reading.post.head(line.peer.origin)
    return (0 if peer is None else peer.acked_size), (0 if head is None else head.size)


def _opened(take: Take, line: Line, roster: Roster, row: EntryRow) -> _Receipt:
    note = take.receipt.encode("utf-8", "surrogatepass")
    entry = open_entry(note, roster)
    body = entry.value.body
    if entry.by != line.peer.origin or not isinstance(body, ReceiptBody):
        raise Untrusted("not a receipt of this peer", code="bad_receipt")
    if (body.given_leaf, body.given_index) != (row.leaf, row.index):
        raise Untrusted("a receipt for another entry", code="bad_receipt")
    if not entry.value.clock_unsure:
        _check_taken(body.taken_us, row, line.line_us())
    leaf = leaf_hash(note)
    proof = kept_proof(proof_from(take.proof), leaf, line.peer.log)
    return _Receipt(note=note, leaf=leaf, entry=entry.value, body=body, proof=proof)


def _check_taken(taken_us: int, row: EntryRow, now_us: int) -> None:
    """The peer's clock is a claim, but not one outside what we know: after issue, before now."""
    ours = parse_entry(parse_note(row.body).text)
    if ours.clock_unsure:
        return  # it is our own clock that says nothing
    issued_us = ours.issued_us
    if not issued_us - CLOCK_SKEW_US_MAX <= taken_us <= now_us + CLOCK_SKEW_US_MAX:
        raise Untrusted("a receipt of a time that cannot be", code="bad_receipt")


def _proof_at(line: Line, index: int, size: int) -> bytes:
    """Our inclusion proof under the very head that the receipt binds."""
    if not index < size <= line.scribe.head.checkpoint.size:
        raise Untrusted("a receipt that binds a head without the entry", code="bad_receipt")
    head = line.scribe.head_of(size)
    return serialise_proof(line.store.read(lambda r: prove_inclusion(r, index, head)))


def _check_binding(tx: Transaction, body: ReceiptBody) -> None:
    if root(body.peer_size, tx.journal.node) != body.peer_root:
        raise Untrusted("the receipt binds a head that is not ours", code="bad_receipt")


def _record(tx: Transaction, pen: Pen, line: Line, receipt: _Receipt, known: Head) -> int:
    """Write the peer's head into our journal; keep the receipt if it is new. Our entry's index."""
    bound = record_head(pen, known, refs=(receipt.leaf,))
    if tx.post.received(receipt.leaf) is None:
        check_chain(tx, pen.origin, receipt.entry)
        lane = lane_of(pen.origin, receipt.entry.type)
        tx.journal.set_chain_end(line.peer.origin, lane, receipt.entry.seq, receipt.leaf)
        tx.post.save_received(
            ReceivedRow(
                leaf=receipt.leaf,
                peer=line.peer.origin,
                index=receipt.proof.index,
                body=receipt.note,
                proof=serialise_proof(receipt.proof),
                receipt_index=bound.index,
            )
        )
    return bound.index


async def acknowledge(line: Line, bound: Bound) -> None:
    """Tell the peer that its head stands in our journal; keep its cosignature over ours."""
    head = line.scribe.head
    cosignature = cosignature_for(bound.head, line.identity, _cosigning_us(line))

    def message(reading: Reading) -> Ack:
        row = reading.journal.entry(bound.index)
        if row is None:
            raise Corrupt("the binding is not in the journal", code="missing_entry")
        return Ack(
            entry=row.body.decode("utf-8"),
            proof=serialise_proof(prove_inclusion(reading, bound.index, head)).decode("utf-8"),
            old=bound.acked_size,
            consistency=hashes_to(prove_growth(reading, bound.acked_size, head)),
            cosignature=cosignature,
        )

    acked = await line.ask(ACK_PATH, line.store.read(message), Acked)
    await line.commit(lambda tx, pen: _keep(tx, pen, line, head, acked.cosignature))


def _cosigning_us(line: Line) -> int:
    return line.clock.now_us() + line.scribe.standing().cosigning_correction_us


def _keep(tx: Transaction, pen: Pen, line: Line, head: SignedHead, cosignature: str) -> None:
    keep_cosignature(tx, pen, line.peer, cosignature, head.checkpoint.size)
    contacted(tx, line.peer, pen.now_us, head.checkpoint.size)


async def beat(line: Line) -> None:
    """Exchange signed heads, cosign them, record the peer's."""
    head = line.scribe.head

    def message(reading: Reading) -> Beat:
        old, have = _sizes(reading, line)
        known = reading.post.head(line.peer.origin)
        now = _cosigning_us(line)
        return Beat(
            checkpoint=serialise(head.note).decode("utf-8"),
            old=old,
            consistency=hashes_to(prove_growth(reading, old, head)),
            have=have,
            cosignature=None if known is None else cosignature_for(known, line.identity, now),
        )

    sent = line.store.read(message)
    beaten = await line.ask(BEAT_PATH, sent, Beaten)
    note = note_from(beaten.checkpoint)

    def work(tx: Transaction, pen: Pen) -> None:
        known = follow(tx, line.peer, note, sent.have, hashes_from(beaten.consistency))
        record_head(pen, known)
        _keep(tx, pen, line, head, beaten.cosignature)

    await line.commit(work)
