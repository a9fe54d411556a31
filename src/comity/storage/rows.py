"""The rows that a store keeps, as plain nouns. Hashes and ids are 32 bytes, times microseconds UTC.

No SQL here and no behaviour; shared by the contract, the stores and the desks.
"""

from dataclasses import dataclass

__all__ = [
    "AgreementRow",
    "AnswerRow",
    "AssessmentRow",
    "CallRow",
    "CallerRow",
    "ConflictRow",
    "CosignatureRow",
    "EntryRow",
    "EvidenceRow",
    "ForkRow",
    "Head",
    "KeyRow",
    "NotStored",
    "OpeningRow",
    "OutboxRow",
    "ParcelRow",
    "PeerRow",
    "PurgeRow",
    "ReceivedRow",
    "SubjectRow",
    "TakenRow",
    "UnitRow",
    "VolumeBox",
    "WarningRow",
]


class NotStored(Exception):  # noqa: N818 - a mistake of ours in one work: no fault of the store's
    """A row that a work left breaks a rule of its table. Nothing of the transaction happened.

    It may come later than the work that is to blame: run each by itself to find it.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """An entry of our own journal; `body` is the signed note as signed."""

    index: int
    leaf: bytes
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningRow:
    """What opens an entry's content commitment: the seed and the serialised fields."""

    leaf: bytes
    seed: bytes
    fields: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A verified signed tree head of another party's journal."""

    origin: str
    size: int
    root: bytes
    note: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkRow:
    """Two heads that a party signed and that were not shown to fit: one known, one offered."""

    origin: str
    known: bytes
    offered: bytes
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow:
    """A file that convicts a party offline; `id` is its SHA-256."""

    id: bytes
    origin: str
    kind: str
    file: bytes
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerRow:
    """An enrolled party. `acked_size` is the size of our journal that it has verified last."""

    origin: str
    card: bytes
    added_us: int
    acked_size: int
    contact_us: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """A key of a party (ours too) in one role; `start` and `end` as `trust.lives` counts them."""

    origin: str
    role: str
    key: str
    start: int | None
    end: int | None
    revoked_s: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CosignatureRow:
    """Another's cosignature over our head of `size`; `note` may hold more lines of it than one."""

    size: int
    signer: str
    line: bytes
    time_s: int
    note: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedRow:
    """An entry that a peer gave us, with its proof; `receipt_index` is our receipt for it."""

    leaf: bytes
    peer: str
    index: int
    body: bytes
    proof: bytes
    receipt_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """An entry of ours that a peer has not taken yet; those of the safety floor go first."""

    peer: str
    index: int
    due_us: int
    attempts: int
    floor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelRow:
    """What goes to and fro by hand with a peer: the last numbers sent and received.

    `receipts` is how many receipts of ours it has (None: no parcel of its came yet), `bound_index`
    our newest binding of its head, `shown` the sizes of ours that are on their way.
    """

    peer: str
    sent: int
    received: int
    receipts: int | None
    bound_index: int | None
    shown: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenRow:
    """What a peer gave back for an entry of ours: receipt note, its proof, times and verdict.

    `give_proof` is our own proof, with the head that the receipt binds; `bind_index` is our entry
    that records the peer's head.
    """

    index: int
    peer: str
    receipt: bytes
    receipt_proof: bytes
    give_proof: bytes
    bind_index: int
    taken_us: int
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeBox:
    """A closed box in integers: for the store's own index only, never an answer.

    1e-7 degree, millimetres, microseconds; longitudes run east from `west_e7` for `width_e7`, over
    the antimeridian if need be.
    """

    south_e7: int
    north_e7: int
    west_e7: int
    width_e7: int
    lower_mm: int
    upper_mm: int
    start_us: int
    end_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRow:
    """A declared operation, hazard or presence with its present content.

    `content` and `volumes` are serialised fields (declaration, and the newest volumes' notice),
    `owner` an origin, `notice` the id of the newest notice about it, `delivered_us` when it reached
    us (None: ours). `grounds` holds a sentence for each flag, one a line, in the flags' order.
    """

    id: bytes
    kind: str
    owner: str
    ours: bool
    state: str
    content: bytes
    volumes: bytes
    notice: bytes
    issued_us: int
    delivered_us: int | None
    flags: str
    recipients: str
    prompted_by: bytes | None
    box: VolumeBox
    grounds: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentRow:
    """What a peer's subject was worth as notice when it was delivered, or amended last.

    `terms_us` are the terms of the time to clear in their order, empty when nothing of ours is
    inside; `unable` says why no time would do.
    """

    subject: bytes
    lead_us: int
    terms_us: tuple[int, ...]
    unable: str | None
    presence: bytes | None
    word: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """An answer by `by` (origin) to the notice `of`; `content` is its serialised fields."""

    of: bytes
    by: str
    leaf: bytes
    content: bytes
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """The newest word on one unit and one notice; `party` is who attested it to us (or we).

    `name` is None where only a handle is known. `at_us` is when the unit was told or missed,
    `known_us` when we learned it, `over_us` when the notice was over before a missed one was told.
    """

    of: bytes
    party: str
    handle: bytes
    name: str | None
    state: str
    at_us: int
    known_us: int
    over_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictRow:
    """Two subjects in conflict, a < b by id. Lengths in mm, times in us, angles in 1e-7 degree."""

    id: bytes
    a: bytes
    b: bytes
    clause: str
    closest_mm: int
    vertical_mm: int
    time_us: int
    lat_e7: int
    lon_e7: int
    meets: bool
    found_us: int
    over_us: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningRow:
    """Something raised for a person; `about` is the id of a notice, call or conflict."""

    id: bytes
    kind: str
    about: bytes
    party: str | None
    text: str
    raised_us: int
    cleared_us: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """An account of a voice call; None where it is silent."""

    id: bytes
    other: str
    account_of: str
    words: str
    received_us: int | None
    start_us: int | None
    area_stated: bool | None
    filed_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementRow:
    """The agreement with one peer: what we signed, what they signed, when both were the same."""

    peer: str
    ours: str
    theirs: str | None
    in_force_us: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeRow:
    """A purge: of what was over before a moment, or of what one notice is about.

    Callers are named by the hash of their keys; None until it was confirmed and done.
    """

    id: bytes
    before_us: int | None
    notice: bytes | None
    proposed_by: bytes
    proposed_us: int
    confirmed_by: bytes | None
    done_us: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerRow:
    """A bearer key, stored as the SHA-256 of the key."""

    key_hash: bytes
    name: str
    scopes: str
    created_us: int
    revoked_us: int | None
