"""The exchange by hand: pack what a peer should have into a file, take in what it packed for us.

The same messages as on the network, in one direction at a time: heads with growth from every size
that the peer may know, receipts, entries, a binding. Whatever was not confirmed is packed again, so
a parcel that is lost is made good by the next one. Works in many commits, each whole. Called by the
air gap's door.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import accumulate

from comity.exchange.given import Desks
from comity.exchange.line import Line
from comity.exchange.messages import (
    Ack,
    Beat,
    Give,
    Growth,
    Take,
    decode,
    encode,
    hashes_to,
    signature_to,
)
from comity.exchange.receive import (
    Own,
    TakenIn,
    cosignature_for,
    open_ack,
    open_beat,
    open_give,
    take_for,
)
from comity.exchange.send import give_of, record_take, statements_for
from comity.exchange.shown import Shown
from comity.journal.checkpoint import Checkpoint, checkpoint_text
from comity.journal.cosignature import cosign
from comity.journal.lane import lane_of
from comity.journal.parcel import PARCEL_BYTES_MAX, PIECES_MAX, Parcel, parcel_text, piece_of
from comity.journal.pen import Pen
from comity.journal.prove import prove_growth, prove_inclusion
from comity.journal.scribe import SignedHead
from comity.journal.tlog_proof import serialise_proof
from comity.model.fault import Corrupt, Malformed
from comity.storage.rows import Head, ParcelRow
from comity.storage.store import Reading, Transaction
from comity.trust.note import Note, parse_note, serialise, sign_note
from comity.trust.roster import Roster
from comity.wire.entry_v1 import Entry, EntryType, PeerCheckpointBody, parse_entry
from comity.wire.limits import (
    BATCH_ENTRIES_MAX,
    GROWTHS_MAX,
    NOTICE_AGE_US_MAX,
    PARCEL_ENTRIES_MAX,
)

__all__ = ["finish", "pack", "state_of", "unpack"]

Work = Callable[[Transaction, Pen], object]

_SHOWN_MAX = 28  # heads on their way at once; with the one confirmed they fill four beats
_SECOND_US = 1_000_000
_AGE_S = NOTICE_AGE_US_MAX // _SECOND_US
_STATED_MAX = 36_864  # as base64 within the manifest, beside the lines of the pieces
_ROOM = PARCEL_BYTES_MAX - 65_536  # the manifest has its own


def state_of(reading: Reading, peer: str) -> ParcelRow:
    """What has gone and come by hand."""
    row = reading.post.parcel(peer)
    return row or ParcelRow(
        peer=peer, sent=0, received=0, receipts=None, bound_index=None, shown=()
    )


async def pack(line: Line) -> tuple[Note, tuple[bytes, ...]]:
    """A signed manifest and its pieces: everything that the peer has not confirmed."""
    peer = line.peer.origin

    def number(tx: Transaction, _: Pen) -> ParcelRow:
        state = state_of(tx, peer)
        counted = _counted(state, tx.journal.size())
        tx.post.save_parcel(counted)
        return counted

    done = await line.commit(number)
    state, head = done.value, line.scribe.published(done.head, line.clock.now_us())
    packer = _Packer(line, state, head)
    pieces = line.store.read(packer.pieces)
    receipts = line.store.read(partial(_recorded, own=line.identity.origin, peer=peer))
    parcel = Parcel(
        sender=line.identity.origin,
        audience=peer,
        number=state.sent,
        made_us=line.line_us(),
        receipts=receipts,
        knows=packer.have,
        pieces=tuple(piece_of(kind, data) for kind, data in pieces),
        statements=packer.statements,
    )
    note = sign_note(parcel_text(parcel), line.identity.entry)
    return note, tuple(data for _, data in pieces)


def _counted(state: ParcelRow, size: int) -> ParcelRow:
    shown = tuple(dict.fromkeys((*state.shown, size)))
    lately = shown[1:][-(_SHOWN_MAX - 1) :]
    return replace(state, sent=state.sent + 1, shown=(*shown[:1], *lately))


def _recorded(reading: Reading, own: str, peer: str) -> int:
    """How many receipts of the peer's we have recorded: its lane has no gaps."""
    end = reading.journal.chain_end(peer, lane_of(own, EntryType.RECEIPT))
    return 0 if end is None else end[0] + 1


def _statements(reading: Reading, peer: str) -> tuple[bytes, ...]:
    """What the peer has not taken about our keys, oldest first, as much as a manifest holds."""
    waiting = [each.encode() for each in statements_for(reading, peer)]
    ends = accumulate(len(each) for each in waiting)
    return tuple(each for each, end in zip(waiting, ends, strict=True) if end <= _STATED_MAX)


class _Packer:
    """One parcel in the making, under one head."""

    def __init__(self, line: Line, state: ParcelRow, head: SignedHead) -> None:
        self._line = line
        self._state = state
        self._head = head
        self._now_us = line.cosigning_us()
        self._same = [Growth(old=head.checkpoint.size, hashes=[])]
        self.have = 0
        self.statements: tuple[bytes, ...] = ()

    def _holds(self, index: int) -> bool:
        """Whether this head proves the entry; one committed since waits for the next parcel."""
        return index < self._head.checkpoint.size

    def pieces(self, reading: Reading) -> list[tuple[str, bytes]]:
        """Heads first; then what answers the peer; then what is due, as far as there is room.

        While it has to hear about our keys, what is due goes before the answers: a new entry key
        has signed these, and counts from the entry that gave its statement.
        """
        known = reading.post.head(self._line.peer.origin)
        self.have = 0 if known is None else known.size
        self.statements = _statements(reading, self._line.peer.origin)
        heads = [("beat", encode(beat)) for beat in self._beats(reading, known)]
        answers = self._answers(reading, known)
        due = self._due(reading, [*heads, *answers])
        return [*heads, *due, *answers] if self.statements else [*heads, *answers, *due]

    def _answers(self, reading: Reading, known: Head | None) -> list[tuple[str, bytes]]:
        found: list[tuple[str, bytes]] = []
        if self._state.bound_index is not None and known is not None:
            found.append(("ack", encode(self._ack(reading, self._state.bound_index))))
        if known is not None and self._state.receipts is not None:
            found += [("take", encode(take)) for take in self._takes(reading, known)]
        return found

    def _due(self, reading: Reading, before: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
        found: list[tuple[str, bytes]] = []
        room = _ROOM - sum(len(data) for _, data in before)
        for give in self._gives(reading):
            data = encode(give)
            room -= len(data)
            if room < 0 or len(before) + len(found) >= PIECES_MAX:
                break
            found.append(("give", data))
        return found

    def _beats(self, reading: Reading, known: Head | None) -> list[Beat]:
        row = reading.post.peer(self._line.peer.origin)
        size = self._head.checkpoint.size
        sizes = sorted({0 if row is None else row.acked_size, *self._state.shown} - {size})
        growths = [
            Growth(old=old, hashes=hashes_to(prove_growth(reading, old, self._head)))
            for old in sizes
            if old < size
        ]
        growths += self._same
        note = serialise(self._head.note).decode("utf-8")
        cosignature = None if known is None else self._cosignature(known)
        return [
            Beat(
                checkpoint=note,
                growth=growths[at : at + GROWTHS_MAX],
                have=self.have,
                cosignature=cosignature,
            )
            for at in range(0, len(growths), GROWTHS_MAX)
        ]

    def _cosignature(self, known: Head) -> str:
        return cosignature_for(known, self._line.identity, self._now_us)

    def _ack(self, reading: Reading, index: int) -> Ack:
        proof = prove_inclusion(reading, index, self._head)
        row = reading.journal.entry(index)
        if row is None:
            raise Corrupt("the binding is not in the journal", code="missing_entry")
        return Ack(
            entry=row.body.decode("utf-8"),
            proof=serialise_proof(proof).decode("utf-8"),
            growth=self._same,
            cosignature=self._over_bound(parse_entry(parse_note(row.body).text)),
        )

    def _over_bound(self, bound: Entry) -> str:
        """Our cosignature over the head that a binding of ours names."""
        body = bound.body
        if not isinstance(body, PeerCheckpointBody):
            raise Corrupt("a binding is a peer-checkpoint", code="invariant_broken")
        head = Checkpoint(origin=body.peer, size=body.peer_size, root=body.peer_root)
        key, now_s = self._line.identity.cosigner, self._now_us // _SECOND_US
        return signature_to(cosign(checkpoint_text(head), key, now_s))

    def _takes(self, reading: Reading, known: Head) -> list[Take]:
        written = _receipts_from(reading, self._line, self._state.receipts or 0)
        indices = tuple(filter(self._holds, written))
        own = Own(
            head=self._head,
            identity=self._line.identity,
            now_us=self._now_us,
            have=self._head.checkpoint.size,
            shown=Shown(),
        )
        batches = [
            indices[at : at + BATCH_ENTRIES_MAX] for at in range(0, len(indices), BATCH_ENTRIES_MAX)
        ]
        return [
            take_for(
                reading, TakenIn(giver=known.origin, receipts=some, head=known, stopped=None), own
            )
            for some in batches
        ]

    def _gives(self, reading: Reading) -> "list[Give]":
        rows = reading.post.outbox(self._line.peer.origin, PARCEL_ENTRIES_MAX)
        indices = [row.index for row in rows if self._holds(row.index)]
        found: list[Give] = []
        while indices:  # bounded by the outbox's rows: each turn gives at least one
            rows_given, give = give_of(
                reading, self._line, indices[:BATCH_ENTRIES_MAX], self._head, self._same
            )
            found.append(give)
            indices = indices[len(rows_given) :]
        return found


def _receipts_from(reading: Reading, line: Line, first: int) -> tuple[int, ...]:
    """Our entries that are receipts for the peer, number `first` and later, in order."""
    lane = lane_of(line.peer.origin, EntryType.RECEIPT)
    end = reading.journal.chain_end(line.identity.origin, lane)
    found: list[int] = []
    leaf = None if end is None or end[0] < first else end[1]
    while leaf is not None:  # bounded by the lane's length: `prev` goes back one by one
        index = reading.journal.index_of(leaf)
        row = None if index is None else reading.journal.entry(index)
        if row is None:
            break
        entry = parse_entry(parse_note(row.body).text)
        if entry.seq < first:
            break
        found.append(row.index)
        leaf = entry.prev
    return tuple(reversed(found))[:PARCEL_ENTRIES_MAX]


def unpack(  # noqa: PLR0917 - whose, who decides, what
    line: Line, roster: Roster, desks: Desks, parcel: Parcel, kind: str, data: bytes
) -> Callable[[Transaction, Pen], int]:
    """The work for one piece; its value is how many entries of ours came of it."""
    peer, shown, size_max = line.peer, line.shown, PARCEL_BYTES_MAX
    if kind == "give":
        work: Work = open_give(decode(data, Give, size_max), peer, roster, desks, shown)
    elif kind == "take":
        work = partial(
            _bind,
            work=record_take(line, roster, decode(data, Take, size_max), parcel.knows, _AGE_S),
            peer=peer.origin,
        )
    elif kind == "ack":
        work = open_ack(decode(data, Ack, size_max), peer, shown, _AGE_S)
    else:
        work = open_beat(decode(data, Beat, size_max), peer, shown, _AGE_S)
    return partial(_counting, work=work)


def _counting(tx: Transaction, pen: Pen, work: Work) -> int:
    before = tx.journal.size()
    work(tx, pen)
    return tx.journal.size() - before


def _bind(
    tx: Transaction, pen: Pen, work: Callable[[Transaction, Pen], int | None], peer: str
) -> None:
    """Record receipts; the last binding goes into our next parcel as an ACK."""
    bound = work(tx, pen)
    if bound is not None:
        tx.post.save_parcel(replace(state_of(tx, peer), bound_index=bound))


def finish(tx: Transaction, _: Pen, parcel: Parcel) -> None:
    """The parcel is in: remember its number, and what the peer says that it has of ours."""
    state, peer = state_of(tx, parcel.sender), tx.post.peer(parcel.sender)
    if parcel.knows > tx.journal.size():
        raise Malformed("it knows more of our journal than there is", code="bad_parcel")
    tx.post.save_parcel(
        replace(
            state,
            received=max(state.received, parcel.number),
            receipts=parcel.receipts,
            shown=tuple(size for size in state.shown if size >= parcel.knows),
        )
    )
    if peer is not None and parcel.knows > peer.acked_size:
        tx.post.save_peer(replace(peer, acked_size=parcel.knows))
