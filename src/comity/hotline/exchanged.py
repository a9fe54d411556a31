"""What two parties gave each other and took, as both can read it: along the chains of receipts.

A receipt is an entry of the taker's journal that the giver holds too, and the receipts for one
giver number each other without a gap. So the first so many receipts of a chain are the same at both
sides, with the entries that they are for. Reads, and judges nothing. Called by the doors; what is
counted of it is `metrics`'.
"""

from dataclasses import dataclass

from comity.journal.lane import lane_of
from comity.storage.store import Reading
from comity.trust.note import parse_note
from comity.wire.entry_v1 import UNBOUND, ContentBody, Entry, EntryType, ReceiptBody, parse_entry

__all__ = ["Exchanged", "Told", "Walk", "Way", "newest_receipt", "walk_back"]

_TAKEN = frozenset({"accepted", UNBOUND})
# Whose contents are read. Those of other types may go at other times on the two sides.
_READ = frozenset(
    {
        EntryType.NOTICE,
        EntryType.SAFETY,
        EntryType.ANSWER,
        EntryType.ATTESTATION,
        EntryType.REQUEST,
        EntryType.REPLY,
        EntryType.MESSAGE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One direction of a line, by origins: who gives entries, and who takes them."""

    giver: str
    taker: str

    @property
    def receipts(self) -> tuple[str, str]:
        """The chain of the receipts for it: of the taker, to the giver."""
        return self.taker, lane_of(self.giver, EntryType.RECEIPT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was given: an entry, the giver's time of writing it, and its content as fields.

    `fields` is None where the content is gone here, was refused, or is of a type that is not read.
    """

    type: EntryType
    id: bytes
    issued_us: int
    fields: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """An entry that was given and taken; `number` is that of its receipt, from 0.

    `taken_us` is the taker's time of taking it. `told` is None where the entry is gone here.
    """

    number: int
    receipt: bytes
    leaf: bytes
    taken_us: int
    verdict: str
    told: Told | None

    @property
    def was_taken(self) -> bool:
        """Whether the taker accepted it."""
        return self.verdict in _TAKEN

    @property
    def is_missing(self) -> bool:
        """Whether it should be readable here and is not: the entry, or its content."""
        if self.told is None:
            return True
        return self.was_taken and self.told.type in _READ and self.told.fields is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """Some of a chain, newest first, and the receipt to go on from (None: its beginning)."""

    found: tuple[Exchanged, ...]
    before: bytes | None
    broken: bool = False


def newest_receipt(reading: Reading, way: Way) -> tuple[int, bytes | None]:
    """How many receipts of this chain are here, and the newest one."""
    end = reading.journal.chain_end(*way.receipts)
    return (0, None) if end is None else (end[0] + 1, end[1])


def walk_back(reading: Reading, receipt: bytes, most: int) -> Walk:
    """At most so many receipts from this one back, with what they are for.

    A receipt that should be here and is not ends the walk: it is `broken`.
    """
    found: list[Exchanged] = []
    leaf: bytes | None = receipt
    while leaf is not None and len(found) < most:  # bounded by `most`
        entry = _entry(reading, leaf)
        if entry is None or not isinstance(entry.body, ReceiptBody):
            return Walk(found=tuple(found), before=None, broken=True)
        found.append(_exchanged(reading, leaf, entry.seq, entry.body))
        leaf = entry.prev
    return Walk(found=tuple(found), before=leaf)


def _exchanged(reading: Reading, receipt: bytes, number: int, body: ReceiptBody) -> Exchanged:
    return Exchanged(
        number=number,
        receipt=receipt,
        leaf=body.given_leaf,
        taken_us=body.taken_us,
        verdict=body.verdict,
        told=_told(reading, body.given_leaf, was_taken=body.verdict in _TAKEN),
    )


def _told(reading: Reading, leaf: bytes, *, was_taken: bool) -> Told | None:
    entry = _entry(reading, leaf)
    if entry is None or not isinstance(entry.body, ContentBody):
        return None
    return Told(
        type=entry.type,
        id=entry.body.root,
        issued_us=entry.issued_us,
        fields=_fields(reading, leaf, entry.type) if was_taken else None,
    )


def _fields(reading: Reading, leaf: bytes, kind: EntryType) -> bytes | None:
    """The content, if it is still here and of a type that is read."""
    opening = reading.journal.opening(leaf) if kind in _READ else None
    return None if opening is None else opening.fields


def _entry(reading: Reading, leaf: bytes) -> Entry | None:
    """An entry of ours or of a peer's, by its leaf."""
    index = reading.journal.index_of(leaf)
    own = None if index is None else reading.journal.entry(index)
    received = reading.post.received(leaf) if own is None else None
    note = own.body if own is not None else None if received is None else received.body
    return None if note is None else parse_entry(parse_note(note).text)
