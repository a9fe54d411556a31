"""The contract of a store, in prose and types.

A store runs `write(work)` as one serializable transaction: when it returns, everything that `work`
did is durable; when it raises, nothing happened, but for Corrupt, after which nobody knows and the
store writes no more. A disk without room is `Full`. `work` may be run again from the start after a
serialization conflict, so it must not have effects of its own. There are no sequences: every key is
given by the caller. Rows may be stored as late as at the end: what breaks a rule of its table is
`NotStored`. `read(query)` sees one committed state. Only the journal's one pen calls
`write`. Rows are grouped by table; the SQL lives in the concrete store and nowhere else.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from comity.storage.accords import Accords
from comity.storage.dispatches import Dispatches
from comity.storage.duty import Duty
from comity.storage.handovers import Handovers
from comity.storage.lines import Lines
from comity.storage.lock_file import LockFile
from comity.storage.messages import Messages
from comity.storage.mirror import Mirror
from comity.storage.persons import Persons
from comity.storage.register import Register
from comity.storage.relay import Relay
from comity.storage.releases import Releases
from comity.storage.reports import Reports
from comity.storage.requests import Requests
from comity.storage.rows import (
    AgreementRow,
    AssessmentRow,
    ConflictRow,
    CosignatureRow,
    EntryRow,
    ForkRow,
    Head,
    KeyRow,
    OpeningRow,
    OutboxRow,
    ParcelRow,
    PeerRow,
    ReceivedRow,
    SubjectRow,
    TakenRow,
    VolumeBox,
    WarningRow,
)
from comity.storage.times import Times

__all__ = [
    "Journal",
    "Post",
    "Reading",
    "Sky",
    "Store",
    "Transaction",
]

T = TypeVar("T")


class Journal(Protocol):
    """Our own entries, the tree above them, what opens them, and who cosigned our heads."""

    def size(self) -> int:
        """Number of entries."""
        ...

    def append(self, row: EntryRow, nodes: Iterable[tuple[int, int, bytes]]) -> None:
        """Add entry `row.index` (= size) and the nodes (level, index, hash) that it completes."""
        ...

    def entry(self, index: int) -> EntryRow | None:
        """One entry."""
        ...

    def entries(self, start: int, stop: int) -> tuple[EntryRow, ...]:
        """Entries start <= index < stop, in order; missing ones are simply not there."""
        ...

    def index_of(self, leaf: bytes) -> int | None:
        """Where a leaf is."""
        ...

    def node(self, level: int, index: int) -> bytes:
        """Hash of the full subtree of 2^level leaves from index * 2^level; Corrupt if absent."""
        ...

    def leaves(self, start: int, stop: int) -> tuple[bytes, ...]:
        """The leaf hashes start <= index < stop, in order; missing ones are simply not there."""
        ...

    def chain_end(self, sender: str, audience: str) -> tuple[int, bytes] | None:
        """Newest (seq, leaf) of the chain from `sender` to `audience`."""
        ...

    def set_chain_end(self, sender: str, audience: str, seq: int, leaf: bytes) -> None:
        """Move the end of a chain."""
        ...

    def save_opening(self, row: OpeningRow) -> None:
        """Keep what opens an entry, ours or a peer's."""
        ...

    def opening(self, leaf: bytes) -> OpeningRow | None:
        """What opens an entry."""
        ...

    def openings(self) -> Iterator[OpeningRow]:
        """Everything that opens an entry, one by one."""
        ...

    def drop_opening(self, leaf: bytes) -> None:
        """Delete what opens an entry; with its seed its content is gone."""
        ...

    def index_of_content(self, root: bytes, audience: str) -> int | None:
        """The entry of ours that gave the content `root` to `audience`."""
        ...

    def save_content_index(self, root: bytes, audience: str, index: int) -> None:
        """Remember which entry gave which content to whom."""
        ...

    def save_cosignature(self, row: CosignatureRow) -> None:
        """Keep a verified cosignature over one of our heads; of one signer and size the first."""
        ...

    def cosignatures(self, size: int) -> tuple[CosignatureRow, ...]:
        """Cosignatures over our head of exactly `size`."""
        ...

    def newest_cosignature(self, signers: Iterable[str], from_size: int) -> CosignatureRow | None:
        """The smallest head from `from_size` on that one of `signers` cosigned; 0: the newest."""
        ...


class Post(Protocol):
    """Peers, their heads, what goes to them and what came from them."""

    def save_peer(self, row: PeerRow) -> None:
        """Insert or replace a peer."""
        ...

    def peer(self, origin: str) -> PeerRow | None:
        """One peer."""
        ...

    def peers(self) -> tuple[PeerRow, ...]:
        """All peers, by origin."""
        ...

    def save_key(self, row: KeyRow) -> None:
        """Insert or replace a key of a party, by (origin, key)."""
        ...

    def keys(self, origin: str) -> tuple[KeyRow, ...]:
        """The keys of a party in the order in which they came; none until one was changed."""
        ...

    def head(self, origin: str) -> Head | None:
        """The newest head of a peer that we verified."""
        ...

    def save_head(self, head: Head) -> None:
        """Replace it."""
        ...

    def save_fork(self, row: ForkRow) -> None:
        """Keep two heads that do not fit; the same two once."""
        ...

    def forks(self, origin: str) -> tuple[ForkRow, ...]:
        """What was kept against a party, oldest first."""
        ...

    def put_out(self, row: OutboxRow) -> None:
        """Insert or replace an outbox row."""
        ...

    def outbox(
        self, peer: str, limit: int, *, besides_floor: bool = False
    ) -> tuple[OutboxRow, ...]:
        """The first rows of a peer: the safety floor's, then the others, each by index.

        `besides_floor` leaves the safety floor's out.
        """
        ...

    def hasten_out(self, peer: str, now_us: int) -> None:
        """Nothing for this peer waits longer than until now: it has just been heard."""
        ...

    def outbox_count(self, peer: str) -> int:
        """How many are waiting."""
        ...

    def drop_out(self, peer: str, index: int) -> None:
        """It was taken."""
        ...

    def save_received(self, row: ReceivedRow) -> None:
        """Keep a peer's entry."""
        ...

    def received(self, leaf: bytes) -> ReceivedRow | None:
        """A peer's entry by leaf."""
        ...

    def about_keys(self, peer: str, limit: int) -> tuple[ReceivedRow, ...]:
        """The newest entries about its own keys that a peer gave, in the order of our receipts."""
        ...

    def save_taken(self, row: TakenRow) -> None:
        """Keep a receipt."""
        ...

    def taken(self, index: int) -> TakenRow | None:
        """The receipt for our entry `index`."""
        ...

    def save_parcel(self, row: ParcelRow) -> None:
        """Insert or replace what goes by hand."""
        ...

    def parcel(self, peer: str) -> ParcelRow | None:
        """What went to and fro by hand with a peer."""
        ...

    def save_agreement(self, row: AgreementRow) -> None:
        """Insert or replace the agreement with a peer."""
        ...

    def agreement(self, peer: str) -> AgreementRow | None:
        """The agreement with a peer."""
        ...

    def agreements(self) -> tuple[AgreementRow, ...]:
        """The agreements with all peers."""
        ...


class Sky(Protocol):
    """Subjects, conflicts and warnings."""

    def save_subject(self, row: SubjectRow) -> None:
        """Insert or replace a subject."""
        ...

    def subject(self, id_: bytes) -> SubjectRow | None:
        """One subject."""
        ...

    def subject_of_notice(self, notice: bytes) -> SubjectRow | None:
        """The subject that a notice (declaration, amendment or transition) is about."""
        ...

    def notices_of(self, subject: bytes) -> tuple[bytes, ...]:
        """The notices about a subject."""
        ...

    def forget(self, subject: bytes, about: Iterable[bytes]) -> None:
        """Delete a subject, what was computed of it, and the warnings about it and `about`."""
        ...

    def link_notice(self, notice: bytes, subject: bytes) -> None:
        """Remember which subject a notice is about."""
        ...

    def moved(self, declared: bytes, notice: bytes) -> None:
        """A transition of a declaration, by the id that some know: it stands until an amendment."""
        ...

    def amended(self, declared: bytes, amendment: bytes, at_us: int) -> None:
        """An amendment replaces a declaration, by the id that some know, and all that moved it."""
        ...

    def replaced_us(self, notice: bytes) -> int | None:
        """Since when an amendment stands in a notice's place; None while it stands."""
        ...

    def subjects(
        self,
        kind: str | None,
        ours: bool | None,  # noqa: FBT001 - a filter with three values
        after: bytes,
        limit: int,
    ) -> tuple[SubjectRow, ...]:
        """A page of subjects by id."""
        ...

    def subjects_near(self, box: VolumeBox, besides: str, *, ours: bool) -> tuple[SubjectRow, ...]:
        """All live subjects of other owners than `besides` whose boxes meet `box`.

        Without `ours` none of our own, and they cost nothing. Never truncated.
        """
        ...

    def own_subjects_near(self, box: VolumeBox) -> tuple[SubjectRow, ...]:
        """All live subjects of our own whose boxes meet `box`. Never truncated."""
        ...

    def next_end(self) -> int | None:
        """The earliest end of a started subject that has no open warning `overdue_end`."""
        ...

    def overdue(self, now_us: int) -> tuple[SubjectRow, ...]:
        """The started subjects of that kind whose end has passed, by end."""
        ...

    def next_unclosed(self) -> int | None:
        """The earliest end of a live subject that has no open warning `not_closed`."""
        ...

    def unclosed(self, before_us: int) -> tuple[SubjectRow, ...]:
        """The live subjects of that kind whose end lies before a time, by end."""
        ...

    def live(self, limit: int) -> tuple[SubjectRow, ...]:
        """The live subjects of everybody, by end and id."""
        ...

    def live_of(self, owner: str, kind: str) -> int:
        """How many live subjects of a kind an owner has."""
        ...

    def live_counts(self) -> dict[str, int]:
        """Live subjects by kind."""
        ...

    def prompted(self, notice: bytes) -> tuple[SubjectRow, ...]:
        """Our own subjects that were prompted by a peer's notice."""
        ...

    def save_assessment(self, row: AssessmentRow) -> None:
        """Insert or replace the assessment of a peer's subject."""
        ...

    def assessment(self, subject: bytes) -> AssessmentRow | None:
        """The assessment of a peer's subject."""
        ...

    def save_conflict(self, row: ConflictRow) -> None:
        """Insert or replace a conflict."""
        ...

    def conflicts(self) -> tuple[ConflictRow, ...]:
        """All conflicts, oldest first."""
        ...

    def conflicts_of(self, subject: bytes) -> tuple[ConflictRow, ...]:
        """Conflicts of one subject that are not over."""
        ...

    def save_warning(self, row: WarningRow) -> None:
        """Insert or replace a warning."""
        ...

    def warning(self, id_: bytes) -> WarningRow | None:
        """One warning."""
        ...

    def warnings(self) -> tuple[WarningRow, ...]:
        """All warnings, oldest first."""
        ...

    def open_warnings(self, about: bytes) -> tuple[WarningRow, ...]:
        """Uncleared warnings about one thing."""
        ...


class Reading(Protocol):
    """One committed state."""

    @property
    def journal(self) -> Journal:
        """Entries and tree."""
        ...

    @property
    def post(self) -> Post:
        """Peers and mail."""
        ...

    @property
    def mirror(self) -> Mirror:
        """Peers' leaf hashes, evidence."""
        ...

    @property
    def sky(self) -> Sky:
        """Subjects, conflicts, warnings."""
        ...

    @property
    def people(self) -> Persons:
        """Answers, units, callers."""
        ...

    @property
    def times(self) -> Times:
        """Evidence of time, and who gives it."""
        ...

    @property
    def accords(self) -> Accords:
        """Agreements, who signed and who suspended them."""
        ...

    @property
    def requests(self) -> Requests:
        """What was asked of whom, and what was said to it."""
        ...

    @property
    def messages(self) -> Messages:
        """What people on duty said to each other in codes."""
        ...

    @property
    def handovers(self) -> Handovers:
        """What one officer handed over to the next."""
        ...

    @property
    def duty(self) -> Duty:
        """Who is on duty, what is watched, who was alerted."""
        ...

    @property
    def releases(self) -> Releases:
        """Messages that wait for a second person."""
        ...

    @property
    def dispatches(self) -> Dispatches:
        """What goes out by mail or webhook, and how far."""
        ...

    @property
    def register(self) -> Register:
        """The protected register, and who opened its entries."""
        ...

    @property
    def reports(self) -> Reports:
        """What was reported of hazards, and when they lapse."""
        ...

    @property
    def lines(self) -> Lines:
        """How each line stands and stood; the order of changes of warnings."""
        ...

    @property
    def relay(self) -> Relay:
        """Whom we can reach, and who has yet to be told."""
        ...


class Transaction(Reading, Protocol):
    """One change in the making."""

    def savepoint(self) -> AbstractContextManager[None]:
        """A part that is undone alone if it raises; the rest of the transaction stands."""
        ...


class Store(Protocol):
    """See the module docstring."""

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run one transaction; durable when it returns."""
        ...

    def read(self, query: Callable[[Reading], T]) -> T:
        """Run a query on one committed state."""
        ...

    def scrub(self) -> None:
        """Leave nothing of deleted rows in the files; Unavailable (`files_in_use`) if it cannot."""
        ...

    def lock(self) -> LockFile:
        """The lock beside the data."""
        ...

    def close(self) -> None:
        """Let go of files."""
        ...
