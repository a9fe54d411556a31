"""The sender's side of GIVE, ACK and BEAT: one function for each, ending with everything committed.

Each builds its message from one committed state, asks, checks the answer against our own record and
commits what it proves. Raises the peer's named no, OtherSize, or Unavailable; nothing is lost.
Called by courier.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from comity.exchange.given import ACCEPTED
from comity.exchange.keys import ABOUT_KEYS, STATEMENTS_MAX, log_key, mldsa_key
from comity.exchange.line import GIVE_PATH, Line, aside
from comity.exchange.messages import (
    Gift,
    Give,
    Growth,
    Receipted,
    Take,
    growths_from,
    hashes_from,
    hashes_to,
    note_from,
)
from comity.exchange.receive import check_chain
from comity.exchange.shown import Growths
from comity.exchange.standing import contacted, follow_answer, keep_cosignature, record_head, show
from comity.exchange.unrecorded import check_statement
from comity.hotline.watch import delivered
from comity.journal.lane import lane_of
from comity.journal.merkle import GetNode, inclusion_proof, leaf_hash, root
from comity.journal.pen import Pen
from comity.journal.scribe import SignedHead
from comity.journal.tlog_proof import SignedTree, TlogProof, serialise_proof, signed_tree
from comity.journal.warn import clear_warnings, raise_warning
from comity.model.fault import Corrupt, Malformed, Untrusted
from comity.model.party import party_name
from comity.model.quantity import SECOND_US
from comity.storage.rows import EntryRow, Head, ReceivedRow, TakenRow
from comity.storage.store import Reading, Transaction
from comity.trust.envelope import check_signer, open_entry
from comity.trust.note import parse_note, serialise
from comity.trust.roster import Roster
from comity.wire.canonical import b64
from comity.wire.entry_v1 import (
    UNBOUND,
    ContentBody,
    Entry,
    EntryType,
    ReceiptBody,
    parse_entry,
)
from comity.wire.fields import parse_fields
from comity.wire.limits import BATCH_BYTES_MAX, CLOCK_SKEW_US_MAX, REFS_MAX

__all__ = [
    "Bound",
    "Delivered",
    "deliver",
    "give_of",
    "is_about_keys",
    "of_floor",
    "record_take",
    "statements_for",
    "warn_not_recorded",
]

_GIFT_BYTES = 3_200  # beside entry and fields: a path of 63 hashes, seed, index, names
# What is given, and its receipt recorded, also where only the safety floor has room. Answers,
# requests and replies can be of it, and where they are not they are few and small. Statements about
# keys stand before safety in the outbox, and hold back nothing.
_SHOWN = "not_recorded_by_peer"
_OF_FLOOR = frozenset(
    {
        *(EntryType.SAFETY, EntryType.ANSWER, EntryType.ATTESTATION),
        *(EntryType.REQUEST, EntryType.REPLY),
        *ABOUT_KEYS,
    }
)

_WAITING_MAX = 256  # of the floor: among them are the statements about keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """Our entry that records a peer's head, and that head."""

    index: int
    head: Head


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What came of a GIVE: how many entries left the outbox, and why not all, if so.

    `bound` is None if they were taken unbound: there is nothing to acknowledge.
    """

    bound: Bound | None
    count: int
    stopped: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Receipt:
    """A receipt whose signature and proof hold, for one entry of ours."""

    given: EntryRow
    note: bytes
    leaf: bytes
    entry: Entry
    body: ReceiptBody
    proof: TlogProof

    @property
    def unbound(self) -> bool:
        """Whether it binds no head of ours: the peer knows another history."""
        return self.body.verdict == UNBOUND


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """A TAKE that holds by itself, with our own proofs under the heads that its receipts bind."""

    tree: SignedTree
    growths: Growths
    receipts: tuple[_Receipt, ...]
    own_proofs: tuple[bytes, ...]


async def deliver(line: Line, roster: Roster, indices: Sequence[int]) -> Delivered:
    """Give entries, in this order; take and record the receipts. Entries taken leave the outbox.

    Gives fewer where more would be too large for one request.
    """
    head = line.scribe.head
    rows, give = line.store.read(
        lambda r: give_of(r, line, indices, head, show(r, line.peer.origin, head, line.shown))
    )
    take = await _given(line, give)
    answer = await aside(len(rows), lambda: _opened(take, line, roster, rows))
    unbound = take.cosignature is None

    def work(tx: Transaction, pen: Pen) -> Delivered:
        if all(map(of_floor, rows)):
            pen.claim_floor()
        known = follow_answer(tx, pen, line.peer, answer.tree.note, answer.growths, line.shown)
        _check_bindings(tx, answer.receipts)
        if take.cosignature is not None:
            keep_cosignature(tx, pen, line.peer, take.cosignature, head.checkpoint.size)
        bound = _record_all(tx, pen, line, answer, known)
        contacted(tx, pen, line.peer, bound, None if unbound else head.checkpoint.size)
        return Delivered(
            bound=None if unbound else Bound(index=bound, head=known),
            count=len(answer.receipts),
            stopped=take.stopped,
        )

    return (await line.commit(work)).value


async def _given(line: Line, give: Give) -> Take:
    """Ask, and count how long it took."""
    began_us = line.clock.elapsed_us()
    take = await line.ask(GIVE_PATH, give, Take)
    line.on_taken((line.clock.elapsed_us() - began_us) / SECOND_US)
    return take


async def warn_not_recorded(line: Line, index: int, statement: str) -> None:
    """The peer shows our entry and has no room to record it: verify that word, and say so here."""
    row = line.store.read(lambda r: r.journal.entry(index))
    body = None if row is None else parse_entry(parse_note(row.body).text).body
    if row is None or not isinstance(body, ContentBody):
        raise Corrupt(f"entry {index} was given and is not there", code="missing_entry")
    check_statement(statement, line.peer, row.leaf)
    about = body.root
    text = f"{party_name(line.peer.origin)} shows it, and could NOT RECORD it"

    def work(tx: Transaction, pen: Pen) -> None:
        pen.claim_floor()
        raise_warning(tx, pen, _SHOWN, about, text=text, party=line.peer.origin)

    await line.commit(work)


def of_floor(row: EntryRow) -> bool:
    """Whether an entry of ours is given also where only the safety floor has room."""
    return parse_entry(parse_note(row.body).text).type in _OF_FLOOR


def is_about_keys(row: EntryRow) -> bool:
    """Whether an entry of ours says something about our keys."""
    return parse_entry(parse_note(row.body).text).type in ABOUT_KEYS


def record_take(
    line: Line, roster: Roster, take: Take, cosigned_size: int, age_s_max: int
) -> Callable[[Transaction, Pen], int | None]:
    """Record a TAKE that came by itself; the work gives our binding, None if nothing was new.

    Its cosignature is over our head of `cosigned_size`.
    """
    cosignature = take.cosignature
    if cosignature is None:
        raise Untrusted("a receipt by hand comes with a cosignature", code="bad_receipt")
    rows = [_given_row(line, each) for each in take.receipts]
    answer = _opened(take, line, roster, rows)

    def work(tx: Transaction, pen: Pen) -> int | None:
        known = follow_answer(tx, pen, line.peer, answer.tree.note, answer.growths, line.shown)
        _check_bindings(tx, answer.receipts)
        pairs = zip(answer.receipts, answer.own_proofs, strict=True)
        fresh = [pair for pair in pairs if tx.post.received(pair[0].leaf) is None]
        if not fresh:
            return None
        keep_cosignature(tx, pen, line.peer, cosignature, cosigned_size, age_s_max)
        new = replace(
            answer,
            receipts=tuple(receipt for receipt, _ in fresh),
            own_proofs=tuple(proof for _, proof in fresh),
        )
        return _record_all(tx, pen, line, new, known)

    return work


def _given_row(line: Line, receipted: Receipted) -> EntryRow:
    """The entry of ours that a receipt says it is for."""
    body = parse_entry(note_from(receipted.receipt).text).body
    index = body.given_index if isinstance(body, ReceiptBody) else -1
    row = line.store.read(lambda r: r.journal.entry(index)) if index >= 0 else None
    if row is None:
        raise Untrusted("a receipt for no entry of ours", code="bad_receipt")
    return row


def _is_safety(row: EntryRow) -> bool:
    return parse_entry(parse_note(row.body).text).type is EntryType.SAFETY


def _tell_people(tx: Transaction, pen: Pen, line: Line, row: EntryRow, verdict: str) -> None:
    """A notice that the other side did not accept is a notice that nobody acts upon."""
    body = parse_entry(parse_note(row.body).text).body
    if isinstance(body, ContentBody):
        delivered(tx, pen, body.root)  # a step of its receipt chain, if anybody watches that
        clear_warnings(tx, pen, _SHOWN, body.root, line.peer.origin)
    if verdict == UNBOUND and isinstance(body, ContentBody):
        text = f"{party_name(line.peer.origin)} took it unbound: it knows another history of ours"
        raise_warning(tx, pen, "unbound_at_peer", body.root, text=text, party=line.peer.origin)
    elif verdict != ACCEPTED and isinstance(body, ContentBody):
        text = f"{party_name(line.peer.origin)} did not accept it: {verdict}"
        raise_warning(tx, pen, "refused_by_peer", body.root, text=text, party=line.peer.origin)


def give_of(
    reading: Reading, line: Line, indices: Sequence[int], head: SignedHead, growth: list[Growth]
) -> tuple[tuple[EntryRow, ...], Give]:
    """A GIVE of the first so many entries as fit, and their rows."""
    node = cache(reading.journal.node)
    rows: list[EntryRow] = []
    gifts: list[Gift] = []
    room = BATCH_BYTES_MAX
    for index in indices:
        row, gift = _gift(reading, index, head, node)
        room -= len(gift.entry) + len(gift.fields) + _GIFT_BYTES
        if gifts and room < 0:
            break
        rows.append(row)
        gifts.append(gift)
    known = reading.post.head(line.peer.origin)
    return tuple(rows), Give(
        head=serialise(head.note).decode("utf-8"),
        growth=growth,
        have=0 if known is None else known.size,
        entries=gifts,
        statements=statements_for(reading, line.peer.origin),
    )


def _gift(reading: Reading, index: int, head: SignedHead, node: GetNode) -> tuple[EntryRow, Gift]:
    row = reading.journal.entry(index)
    opening = None if row is None else reading.journal.opening(row.leaf)
    if row is None or opening is None:
        raise Corrupt(
            f"entry {index} is in the outbox and not in the journal", code="missing_entry"
        )
    return row, Gift(
        entry=row.body.decode("utf-8"),
        seed=b64(opening.seed),
        fields=b64(opening.fields),
        index=index,
        path=hashes_to(inclusion_proof(index, head.checkpoint.size, node)),
    )


def statements_for(reading: Reading, peer: str) -> list[str]:
    """What the peer has not taken yet about our keys, oldest first."""
    found: list[str] = []
    for waiting in reading.post.outbox(peer, _WAITING_MAX):
        if not waiting.floor or len(found) == STATEMENTS_MAX:
            break
        row = reading.journal.entry(waiting.index)
        if row is None or parse_entry(parse_note(row.body).text).type not in ABOUT_KEYS:
            continue
        opening = reading.journal.opening(row.leaf)
        if opening is not None:
            fields = parse_fields(opening.fields)
            found += [each.value.decode("utf-8") for each in fields if each.path == "statement"]
    return found


def _opened(take: Take, line: Line, roster: Roster, rows: Sequence[EntryRow]) -> _Answer:
    count = len(take.receipts)
    if not 1 <= count <= len(rows) or (take.stopped is None) != (count == len(rows)):
        raise Malformed("not one receipt for each entry that was taken", code="bad_message")
    if take.cosignature is None and not all(map(_is_safety, rows)):
        raise Untrusted("only safety is taken without a cosignature", code="bad_receipt")
    head = note_from(take.head)
    tree = signed_tree(head, log_key(line.peer, head), mldsa_key(line.peer, head))
    receipts = tuple(
        _opened_one(each, tree, line, roster, row)
        for each, row in zip(take.receipts, rows, strict=False)
    )
    return _Answer(
        tree=tree,
        growths=growths_from(take.growth),
        receipts=receipts,
        own_proofs=_own_proofs(line, receipts),
    )


def _opened_one(
    receipted: Receipted, tree: SignedTree, line: Line, roster: Roster, row: EntryRow
) -> _Receipt:
    note = receipted.receipt.encode("utf-8", "surrogatepass")
    entry = open_entry(note, roster)
    body = entry.value.body
    if entry.by != line.peer.origin or not isinstance(body, ReceiptBody):
        raise Untrusted("not a receipt of this peer", code="bad_receipt")
    if (body.given_leaf, body.given_index) != (row.leaf, row.index):
        raise Untrusted("a receipt for another entry", code="bad_receipt")
    if body.verdict == UNBOUND and not _is_safety(row):
        raise Untrusted("only safety is taken unbound", code="bad_receipt")
    if not entry.value.clock_unsure:
        _check_taken(body.taken_us, row, line.line_us())
    leaf = leaf_hash(note)
    proof = tree.proof(leaf, receipted.index, hashes_from(receipted.path))
    check_signer(parse_note(note), proof.index, line.peer)
    return _Receipt(given=row, note=note, leaf=leaf, entry=entry.value, body=body, proof=proof)


def _check_taken(taken_us: int, row: EntryRow, now_us: int) -> None:
    """The peer's clock is a claim, but not one outside what we know: after issue, before now."""
    ours = parse_entry(parse_note(row.body).text)
    if ours.clock_unsure:
        return  # it is our own clock that says nothing
    issued_us = ours.issued_us
    if not issued_us - CLOCK_SKEW_US_MAX <= taken_us <= now_us + CLOCK_SKEW_US_MAX:
        raise Untrusted("a receipt of a time that cannot be", code="bad_receipt")


def _own_proofs(line: Line, receipts: Sequence[_Receipt]) -> tuple[bytes, ...]:
    """Our inclusion proofs, each under the very head that the receipt binds, or our newest."""
    newest = line.scribe.head.checkpoint.size
    sizes = [newest if r.unbound else r.body.peer_size for r in receipts]
    if any(not r.given.index < size <= newest for r, size in zip(receipts, sizes, strict=True)):
        raise Untrusted("a receipt that binds a head without the entry", code="bad_receipt")
    heads = {size: line.scribe.head_of(size) for size in set(sizes)}

    def proofs(reading: Reading) -> tuple[bytes, ...]:
        node = cache(reading.journal.node)
        found = []
        for receipt, size in zip(receipts, sizes, strict=True):
            head, index = heads[size], receipt.given.index
            path = inclusion_proof(index, head.checkpoint.size, node)
            proof = TlogProof(index=index, hashes=path, checkpoint=head.note)
            found.append(serialise_proof(proof))
        return tuple(found)

    return line.store.read(proofs)


def _check_bindings(tx: Transaction, receipts: Sequence[_Receipt]) -> None:
    for size, found in {(r.body.peer_size, r.body.peer_root) for r in receipts if not r.unbound}:
        if root(size, tx.journal.node) != found:
            raise Untrusted("the receipt binds a head that is not ours", code="bad_receipt")


def _record_all(tx: Transaction, pen: Pen, line: Line, answer: _Answer, known: Head) -> int:
    """Bind the peer's head, once for as many receipts as an entry refers to; the last entry."""
    bound = -1
    pairs = list(zip(answer.receipts, answer.own_proofs, strict=True))
    for start in range(0, len(pairs), REFS_MAX):
        some = pairs[start : start + REFS_MAX]
        bound = record_head(pen, known, refs=tuple(receipt.leaf for receipt, _ in some)).index
        for receipt, own_proof in some:
            _record(tx, pen, line, receipt, own_proof, bound)
    return bound


def _record(  # noqa: PLR0917 - what is written, and under which binding
    tx: Transaction, pen: Pen, line: Line, receipt: _Receipt, own_proof: bytes, bound: int
) -> None:
    """Keep the receipt if it is new; its entry leaves the outbox."""
    index, peer = receipt.given.index, line.peer.origin
    proof = serialise_proof(receipt.proof)
    if tx.post.received(receipt.leaf) is None:
        check_chain(tx, pen.origin, receipt.entry)
        lane = lane_of(pen.origin, receipt.entry.type)
        tx.journal.set_chain_end(peer, lane, receipt.entry.seq, receipt.leaf)
        tx.post.save_received(
            ReceivedRow(
                leaf=receipt.leaf,
                peer=peer,
                index=receipt.proof.index,
                body=receipt.note,
                proof=proof,
                receipt_index=bound,
            )
        )
    tx.post.save_taken(
        TakenRow(
            index=index,
            peer=peer,
            receipt=receipt.note,
            receipt_proof=proof,
            give_proof=own_proof,
            bind_index=bound,
            taken_us=receipt.body.taken_us,
            verdict=receipt.body.verdict,
        )
    )
    _tell_people(tx, pen, line, receipt.given, receipt.body.verdict)
    tx.post.drop_out(peer, index)
