"""What a desk writes with inside one transaction: drafts in, signed entries in the tree out.

Fills in sequence, predecessor, time and beacon; signs with the entry key; appends leaf and nodes;
keeps the opening; puts the entry into the outbox of its audience. Only the scribe makes pens.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from comity.journal.content import commit_content, owned_seed
from comity.journal.issued import IssueTimes
from comity.journal.lane import lane_of
from comity.journal.merkle import leaf_hash, nodes_for_append
from comity.model.clock_error import SURE, ClockState, Standing
from comity.model.fault import Full, Refusal, Refused, Unavailable, must
from comity.model.line import Span
from comity.storage.rows import EntryRow, OpeningRow, OutboxRow
from comity.storage.store import Transaction
from comity.trust.identity import Identity
from comity.trust.keys import SigningKey, VerifierKey
from comity.trust.note import Signature, serialise, sign_note
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import Body, ContentBody, Entry, EntryType, KeysBody, entry_text
from comity.wire.fields import Field, serialise_fields
from comity.wire.limits import ENTRY_BYTES_MAX

__all__ = ["Content", "NotOfFloor", "NotRecorded", "Pen", "Unsaid", "Written"]


# What the record itself needs, and what protects people: signed by any clock, with the mark.
_FLOOR = frozenset(
    {
        EntryType.SAFETY,
        EntryType.RECEIPT,
        EntryType.PEER_CHECKPOINT,
        EntryType.CONFLICT,
        EntryType.ATTESTATION,
        EntryType.WARNING,
        EntryType.KEYS,
        EntryType.KEY,
        EntryType.REVOKE,
        EntryType.RESTORED,
        EntryType.EVIDENCE,
    }
)
# What goes before all else: what keeps people safe, and by which keys anything is to be believed.
_FIRST = frozenset({EntryType.SAFETY, EntryType.KEY, EntryType.REVOKE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A sealed content: one id (`body.root`), to be given to one or more audiences.

    `data` is the fields as they are kept and carried: one content may go to many.
    """

    fields: tuple[Field, ...]
    data: bytes
    seed: bytes
    body: ContentBody

    @property
    def id(self) -> bytes:
        """The content-root: the notice's id."""
        return self.body.root


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """An entry that is in the tree of this transaction."""

    index: int
    leaf: bytes
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaid:
    """A content that was to be given to another party when its work was undone."""

    kind: EntryType
    audience: str
    content: Content


class NotOfFloor(Full):
    """There is room for the safety floor alone, and this work is not of it: it is undone alone."""


class NotRecorded(Unavailable):
    """Not even what is of the safety floor has room; `unsaid` is what others should have got."""

    code = "not_recorded"

    def __init__(self, unsaid: tuple[Unsaid, ...], told: str = "") -> None:
        """Say it in the words that a person must see; `told`: who heard it all the same."""
        reason = "NOT RECORDED: this disk has no room, not even for the safety floor"
        super().__init__(f"{reason}; {told}" if told else reason)
        self.unsaid = unsaid


class Pen:
    """Writes for one request, whose one clock reading is `now_us`."""

    def __init__(
        self,
        *,
        tx: Transaction,
        identity: Identity,
        now_us: int,
        seeds: Callable[[], bytes],
        witnesses: Iterable[str],
        floor_only: bool = False,
        standing: Standing = SURE,
        times: IssueTimes | None = None,
        asleep: Span | None = None,
    ) -> None:
        """Made by the scribe for each piece of work."""
        self._tx = tx
        self._identity = identity
        self._seeds = seeds
        self._witnesses = tuple(witnesses)
        self._floor_only = floor_only
        self._times = IssueTimes(0) if times is None else times
        self.standing = standing
        self.asleep = asleep  # before this process: from the last entry to the start
        self.now_us = now_us
        self.of_floor = False
        self.unsaid: list[Unsaid] = []

    def claim_floor(self) -> None:
        """This work is of the safety floor: the room that is kept for the floor is its own.

        Entries of type `safety` claim it by themselves.
        """
        self.of_floor = True

    def check_room(self) -> None:
        """Full if only the floor may pass and this work is not of it."""
        if self._floor_only and not self.of_floor:
            raise NotOfFloor("the disk is full: only the safety floor passes")

    @property
    def line_us(self) -> int:
        """Our time as the others have it, for what only serves the line."""
        return self.now_us + self.standing.correction_us

    @property
    def origin(self) -> str:
        """Our own origin."""
        return self._identity.origin

    @property
    def entry_key(self) -> VerifierKey:
        """The key under which our entries are signed now."""
        return self._identity.entry.verifier()

    @property
    def entry_keys(self) -> tuple[SigningKey, ...]:
        """Our entry keys, earlier ones too: by one of them opens what is sealed to us."""
        return self._identity.entry_keys

    def chance(self) -> bytes:
        """32 fresh random bytes."""
        return self._seeds()

    def sign(self, text: str) -> Signature:
        """Our entry key's signature over a text that others sign too: an agreement."""
        return sign_note(text, self._identity.entry).signatures[0]

    def seal(self, fields: tuple[Field, ...]) -> Content:
        """Commit to a content under a fresh seed."""
        seed = self._seeds()
        body = commit_content(fields, owned_seed(seed, self.origin))
        return Content(fields=fields, data=serialise_fields(fields), seed=seed, body=body)

    def write_content(
        self,
        kind: EntryType,
        audience: str,
        content: Content,
        refs: tuple[bytes, ...] = (),
        *,
        floor: bool = False,
    ) -> Written:
        """Write an entry with a content; given to `audience` unless that is ourselves.

        `floor` says that it belongs to the safety floor although its type does not.
        """
        if not floor:
            self._check_clock(kind)
        if audience != self.origin:
            self.unsaid.append(Unsaid(kind=kind, audience=audience, content=content))
        written = self._write(kind, audience, content.body, refs)
        self._tx.journal.save_opening(
            OpeningRow(leaf=written.leaf, seed=content.seed, fields=content.data)
        )
        self._tx.journal.save_content_index(content.id, audience, written.index)
        if audience != self.origin:
            self._tx.post.put_out(
                OutboxRow(
                    peer=audience,
                    index=written.index,
                    due_us=self.now_us,
                    attempts=0,
                    floor=kind in _FIRST,
                )
            )
        return written

    def write(
        self, kind: EntryType, audience: str, body: Body, refs: tuple[bytes, ...] = ()
    ) -> Written:
        """Write an entry, put it into no outbox. The first entry of a journal names its keys."""
        self._check_clock(kind)
        return self._write(kind, audience, body, refs)

    def _check_clock(self, kind: EntryType) -> None:
        """With a clock that is surely wrong nothing is signed but the safety floor."""
        if self.standing.state is ClockState.UNTRUSTED and kind not in _FLOOR:
            raise Refused(
                Refusal(
                    code="clock_untrusted",
                    reason=self.standing.text,
                    what_to_do="set the clock that is wrong; hazards, ends and receipts still pass",
                )
            )

    def _write(
        self, kind: EntryType, audience: str, body: Body, refs: tuple[bytes, ...]
    ) -> Written:
        if kind is EntryType.SAFETY:
            self.claim_floor()
        index = self._tx.journal.size()
        if index == 0 and kind is not EntryType.KEYS:
            index = self._write(EntryType.KEYS, self.origin, self._keys(), ()).index + 1
        lane = lane_of(audience, kind)
        end = self._tx.journal.chain_end(self.origin, lane)
        issued_us, back = self._times.next(self.now_us)
        entry = Entry(
            type=kind,
            sender=self.origin,
            audience=audience,
            seq=0 if end is None else end[0] + 1,
            prev=None if end is None else end[1],
            issued_us=issued_us,
            beacon=self._beacon(),
            body=body,
            clock_unsure=back or self.standing.state is not ClockState.SURE,
            refs=refs,
        )
        note = serialise(sign_note(entry_text(entry), self._identity.entry))
        must(len(note) <= ENTRY_BYTES_MAX, "an entry of ours is within its limit")
        leaf = leaf_hash(note)
        nodes = nodes_for_append(index, leaf, self._tx.journal.node)
        self._tx.journal.append(EntryRow(index=index, leaf=leaf, body=note), nodes)
        self._tx.journal.set_chain_end(self.origin, lane, entry.seq, leaf)
        return Written(index=index, leaf=leaf, entry=entry)

    def _keys(self) -> KeysBody:
        return KeysBody(
            entry_key=self._identity.entry.verifier().text(),
            log_key=self._identity.log.verifier().text(),
            cosigner_key=self._identity.cosigner.verifier().text(),
        )

    def _beacon(self) -> bytes | None:
        """Hash of the newest neutral evidence that we hold: a lower bound of our time."""
        first = self._tx.journal.newest_cosignature(self._witnesses, 0)
        later = self._tx.times.newest_evidence()
        if later is not None and (first is None or later.time_s > first.time_s):
            self._tx.times.use_evidence(later.hash)
            return later.hash
        return None if first is None else sha256(first.note)
