"""The receiver's side of GIVE, ACK and BEAT: verify, let a desk decide, write, answer.

Each function has two halves. `open_*` checks signatures and forms outside any transaction; the work
that it returns runs inside one, and raises without trace if the peer's account does not fit what we
know. Answers are built after the commit. Idempotent by leaf hash. Called by `exchange.server`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

from comity.exchange.accuse import keep_fork
from comity.exchange.given import ACCEPTED, Desks, Given
from comity.exchange.keys import ABOUT_KEYS, check_given, log_key, mldsa_key
from comity.exchange.messages import (
    Ack,
    Beat,
    Beaten,
    Gift,
    Give,
    Growth,
    Leaves,
    Receipted,
    Take,
    Want,
    content_from,
    growths_from,
    hashes_from,
    hashes_to,
    note_from,
    proof_from,
    signature_to,
)
from comity.exchange.shown import Shown
from comity.exchange.standing import (
    COSIGNATURE_AGE_S_MAX,
    contacted,
    follow,
    keep_cosignature,
    record_head,
    show,
)
from comity.journal.content import open_content, owned_seed
from comity.journal.cosignature import cosign
from comity.journal.heads import Forked
from comity.journal.lane import lane_of
from comity.journal.merkle import (
    GetNode,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root,
)
from comity.journal.pen import Pen
from comity.journal.prove import prove_growth
from comity.journal.scribe import SignedHead
from comity.journal.tlog_proof import (
    SignedTree,
    TlogProof,
    check_proof,
    serialise_proof,
    signed_tree,
)
from comity.model.fault import Corrupt, Malformed, Refusal, Refused, Untrusted
from comity.storage.rows import Head, OpeningRow, ReceivedRow
from comity.storage.store import Reading, Transaction
from comity.trust.envelope import Verified, check_signer, check_time, open_entry
from comity.trust.identity import Identity
from comity.trust.note import parse_note, serialise
from comity.trust.roster import Peer, Roster
from comity.wire.canonical import b64
from comity.wire.entry_v1 import (
    UNBOUND,
    ContentBody,
    Entry,
    EntryType,
    Got,
    PeerCheckpointBody,
    ReceiptBody,
    parse_entry,
)
from comity.wire.fields import Field
from comity.wire.limits import BATCH_ENTRIES_MAX, GROWTHS_MAX, LEAVES_MAX, NOTICE_AGE_US_MAX

__all__ = [
    "Own",
    "TakenIn",
    "beaten_for",
    "check_chain",
    "cosignature_for",
    "leaves_for",
    "open_ack",
    "open_beat",
    "open_give",
    "take_for",
]

_SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """Where our receipts stand, in the order of the entries, and the giver's head that we now know.

    `stopped` is the code of what ended the batch before its end: the entries from there on are not
    taken. `head` is None if the one given did not fit: we cosign nothing.
    """

    giver: str
    receipts: tuple[int, ...]
    head: Head | None
    stopped: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """Our side when it answers: the head after the commit, our keys, the request's time.

    `have` is the size of our journal that the caller knew when it asked.
    """

    head: SignedHead
    identity: Identity
    now_us: int
    have: int
    shown: Shown

    def growth(self, reading: Reading, peer: str) -> list[Growth]:
        """From what the caller knew, and from each size that it may have learned meanwhile."""
        growth = show(reading, peer, self.head, self.shown)
        if any(each.old == self.have for each in growth):
            return growth
        hashes = hashes_to(prove_growth(reading, self.have, self.head))
        return [Growth(old=self.have, hashes=hashes), *growth[-(GROWTHS_MAX - 1) :]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """An entry whose signature and proof hold; `content` is its fields, or why there are none."""

    entry: Verified[Entry]
    body: ContentBody
    note: bytes
    leaf: bytes
    proof: TlogProof
    opening: OpeningRow
    content: tuple[Field, ...] | str


def open_give(
    give: Give, peer: Peer, roster: Roster, desks: Desks, shown: Shown
) -> Callable[[Transaction, Pen], TakenIn]:
    """Check what can be checked alone; the work does the rest.

    What is wrong with the first entry is raised; at a later one the batch ends before it.
    """
    if not 1 <= len(give.entries) <= BATCH_ENTRIES_MAX:
        raise Malformed(f"a GIVE holds 1 to {BATCH_ENTRIES_MAX} entries", code="bad_message")
    head_note = note_from(give.head)
    tree = signed_tree(head_note, log_key(peer, head_note), mldsa_key(peer, head_note))
    growths = growths_from(give.growth)
    opened, ended = _open_all(give.entries, lambda gift: _open(gift, tree, peer, roster, desks))

    def work(tx: Transaction, pen: Pen) -> TakenIn:
        kinds = {each.entry.value.type for each in opened}
        if kinds <= {EntryType.SAFETY, *ABOUT_KEYS}:
            pen.claim_floor()
        _check_have(tx, give.have)
        head: Head | None = None
        try:
            head = follow(tx, pen, peer, tree.note, growths, shown)
            take = partial(_take, tx, pen, head=head, desks=desks)
        except Forked as fork:
            if kinds != {EntryType.SAFETY}:
                raise
            keep_fork(tx, pen, peer, fork)
            take = partial(_take_unbound, tx, pen, fork=fork, desks=desks)
        receipts, stopped = _take_all(opened, take)
        return TakenIn(giver=peer.origin, receipts=receipts, head=head, stopped=stopped or ended)

    return work


def _open_all(
    gifts: Sequence[Gift], open_one: Callable[[Gift], _Opened]
) -> tuple[list[_Opened], str | None]:
    opened: list[_Opened] = []
    for gift in gifts:
        try:
            opened.append(open_one(gift))
        except (Malformed, Untrusted) as fault:
            if not opened:
                raise
            return opened, fault.code
    return opened, None


def _open(gift: Gift, tree: SignedTree, peer: Peer, roster: Roster, desks: Desks) -> _Opened:
    note = gift.entry.encode("utf-8", "surrogatepass")
    entry = open_entry(note, roster)
    if entry.by != peer.origin:
        raise Untrusted("a party gives its own entries only", code="wrong_sender")
    body = entry.value.body
    if not isinstance(body, ContentBody) or entry.value.type not in desks:
        raise Malformed("entries of that type are not given", code="bad_entry")
    leaf = leaf_hash(note)
    proof = tree.proof(leaf, gift.index, hashes_from(gift.path))
    check_given(parse_note(note), entry.value.type, gift.index, peer)
    seed, data = content_from(gift)
    return _Opened(
        entry=entry,
        body=body,
        note=note,
        leaf=leaf,
        proof=proof,
        opening=OpeningRow(leaf=leaf, seed=seed, fields=data),
        content=_content(body, seed, entry.by, data),
    )


def _content(body: ContentBody, seed: bytes, owner: str, data: bytes) -> tuple[Field, ...] | str:
    try:
        return open_content(body, owned_seed(seed, owner), data)
    except (Malformed, Untrusted) as fault:
        return fault.code


def _take_all(
    opened: Sequence[_Opened], take: Callable[[_Opened], int]
) -> tuple[tuple[int, ...], str | None]:
    """Our receipts in order, up to the first entry that is not taken; raises if that is first."""
    receipts: list[int] = []
    for each in opened:
        try:
            receipts.append(take(each))
        except (Refused, Forked) as no:
            if not receipts:
                raise
            return tuple(receipts), no.code
    return tuple(receipts), None


def _take(tx: Transaction, pen: Pen, opened: _Opened, *, head: Head, desks: Desks) -> int:
    """The index of our receipt; Refused (`out_of_order`) before anything is written."""
    known = tx.post.received(opened.leaf)
    if known is not None:
        return known.receipt_index
    entry = opened.entry.value
    check_chain(tx, pen.origin, entry)
    got, verdict = _decide(tx, pen, opened, desks)
    tx.journal.set_chain_end(entry.sender, lane_of(pen.origin, entry.type), entry.seq, opened.leaf)
    return _write_receipt(tx, pen, opened, head, got, verdict)


def _take_unbound(tx: Transaction, pen: Pen, opened: _Opened, *, fork: Forked, desks: Desks) -> int:
    """The safety floor passes a forked line too: on its signature alone, bound to nothing.

    Its lane does not move, since nobody knows which of the two histories it continues.
    """
    known = tx.post.received(opened.leaf)
    if known is not None:
        return known.receipt_index
    got, verdict = _decide(tx, pen, opened, desks)
    if fork.known is None or verdict != ACCEPTED:
        raise fork
    return _write_receipt(tx, pen, opened, fork.known, got, UNBOUND)


def _write_receipt(  # noqa: PLR0917 - the parts of a receipt
    tx: Transaction, pen: Pen, opened: _Opened, head: Head, got: Got, verdict: str
) -> int:
    """Write the receipt and keep the entry; where the receipt stands."""
    receipt = pen.write(
        EntryType.RECEIPT,
        head.origin,
        ReceiptBody(
            given_leaf=opened.leaf,
            given_index=opened.proof.index,
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
            peer=head.origin,
            index=opened.proof.index,
            body=opened.note,
            proof=serialise_proof(opened.proof),
            receipt_index=receipt.index,
        )
    )
    return receipt.index


def _check_have(tx: Reading, have: int) -> None:
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
    """Ask the desk; a no, also to a content that does not open, is recorded in the receipt."""
    if isinstance(opened.content, str):
        return Got.NOTHING, opened.content
    given = Given(
        entry=opened.entry,
        leaf=opened.leaf,
        index=opened.proof.index,
        id=opened.body.root,
        fields=opened.content,
    )
    try:
        if not _passes_any_clock(opened.entry.value):
            check_time(opened.entry.value.issued_us, pen.line_us, NOTICE_AGE_US_MAX)
        with tx.savepoint():
            desks[opened.entry.value.type](tx, pen, given)
            tx.journal.save_opening(opened.opening)
    except (Refused, Malformed, Untrusted) as fault:
        return Got.FULL, fault.code
    return Got.FULL, ACCEPTED


def _passes_any_clock(entry: Entry) -> bool:
    """The safety floor of one who says itself that its clock is wrong."""
    return entry.type is EntryType.SAFETY and entry.clock_unsure


def take_for(reading: Reading, taken: TakenIn, own: Own) -> Take:
    """The TAKE for committed receipts."""
    node = cache(reading.journal.node)
    return Take(
        head=serialise(own.head.note).decode("utf-8"),
        growth=own.growth(reading, taken.giver),
        cosignature=None
        if taken.head is None
        else cosignature_for(taken.head, own.identity, own.now_us),
        receipts=[_receipted(reading, index, own.head, node) for index in taken.receipts],
        stopped=taken.stopped,
    )


def _receipted(reading: Reading, index: int, head: SignedHead, node: GetNode) -> Receipted:
    row = reading.journal.entry(index)
    if row is None:
        raise Corrupt("a receipt is not in the journal", code="missing_entry")
    path = inclusion_proof(index, head.checkpoint.size, node)
    return Receipted(receipt=row.body.decode("utf-8"), index=index, path=hashes_to(path))


def cosignature_for(head: Head, identity: Identity, now_us: int) -> str:
    """Our cosignature over a head that we followed and stored."""
    note = parse_note(head.note)
    return signature_to(cosign(note.text, identity.cosigner, now_us // _SECOND_US))


def open_ack(
    ack: Ack, peer: Peer, shown: Shown, age_s_max: int = COSIGNATURE_AGE_S_MAX
) -> Callable[[Transaction, Pen], Head]:
    """The giver has recorded our head; keep its cosignature over it."""
    note = note_from(ack.entry)
    proof = proof_from(ack.proof)
    check_proof(proof, leaf_hash(serialise(note)), log_key(peer, proof.checkpoint))
    check_signer(note, proof.index, peer)
    body = parse_entry(note.text).body
    if not isinstance(body, PeerCheckpointBody):
        raise Malformed("an ACK carries a peer-checkpoint", code="bad_entry")
    growths = growths_from(ack.growth)

    def work(tx: Transaction, pen: Pen) -> Head:
        head = follow(tx, pen, peer, proof.checkpoint, growths, shown)
        keep_cosignature(tx, pen, peer, ack.cosignature, body.peer_size, age_s_max)
        return head

    return work


def open_beat(
    beat: Beat, peer: Peer, shown: Shown, age_s_max: int = COSIGNATURE_AGE_S_MAX
) -> Callable[[Transaction, Pen], Head]:
    """A peer's head, recorded in our journal; it has followed ours if it sends a cosignature."""
    note, growths = note_from(beat.checkpoint), growths_from(beat.growth)

    def work(tx: Transaction, pen: Pen) -> Head:
        _check_have(tx, beat.have)
        known = tx.post.head(peer.origin)
        head = follow(tx, pen, peer, note, growths, shown)
        if known is not None and known.size == head.size:
            return head  # nothing new: a repeated beat leaves no trace
        bound = record_head(pen, head).index
        if beat.cosignature is not None:
            keep_cosignature(tx, pen, peer, beat.cosignature, beat.have, age_s_max)
        contacted(tx, pen, peer, bound)
        return head

    return work


def beaten_for(reading: Reading, head: Head, own: Own) -> Beaten:
    """Our head in return."""
    return Beaten(
        checkpoint=serialise(own.head.note).decode("utf-8"),
        growth=own.growth(reading, head.origin),
        cosignature=cosignature_for(head, own.identity, own.now_us),
    )


def leaves_for(reading: Reading, want: Want) -> Leaves:
    """Leaf hashes of our journal, and what shows that they are under the head of a size.

    Raises:
        Malformed: a range that is none, or longer than LEAVES_MAX.
        Refused: `ahead_of_us`, a size that we never had.
    """
    _check_have(reading, want.size)
    if not want.start <= want.stop <= want.size or want.stop - want.start > LEAVES_MAX:
        raise Malformed(
            f"leaves are asked for from the left, {LEAVES_MAX} at a time", code="bad_range"
        )
    node = reading.journal.node
    return Leaves(
        hashes=b64(b"".join(reading.journal.leaves(want.start, want.stop))),
        root=b64(root(want.stop, node)),
        consistency=hashes_to(consistency_proof(want.stop, want.size, node)),
    )
