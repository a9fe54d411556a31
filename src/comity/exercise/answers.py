"""The answers of a node that the referee reads: the part of `/api/v1` that a summary is made from.

Keys that are not listed here are passed over. Times stay RFC 3339 texts, as the node gave them. The
interface itself: `web.api.shapes`. Called by node and everything after it.
"""

from dataclasses import dataclass

__all__ = [
    "Accord",
    "Alarm",
    "Assessment",
    "Call",
    "Conflict",
    "Delivery",
    "DraftText",
    "EntryRow",
    "KeyFields",
    "Message",
    "MessageAnswer",
    "Notice",
    "PersonStep",
    "Receipt",
    "Reply",
    "Report",
    "Request",
    "Risk",
    "Ruling",
    "Status",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFields:
    """What a read-back repeats; points are [lat, lon] in degrees."""

    start: str
    end: str
    points: tuple[tuple[float, float], ...]
    lower_m: float
    upper_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How far one entry got with one party."""

    to: str
    delivered: str | None
    seen: str | None
    read_back: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonStep:
    """One step of a person about a notice."""

    by: str
    step: str
    role: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Whether a notice was early enough for the node's own presences."""

    lead_s: float | None
    time_to_clear_s: float | None
    terms_s: dict[str, float] | None
    verdict: str
    reason: str
    for_presence: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A party's report on a hazard, as a node shows it."""

    by: str
    stance: str
    source: str
    confidence: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A declared subject as a node shows it."""

    id: str
    kind: str
    code: str
    owner: str
    state: str
    issued: str
    delivered: str | None
    prompted_by: str | None
    flags: tuple[str, ...]
    deliveries: tuple[Delivery, ...]
    answers: tuple[PersonStep, ...]
    assessment: Assessment | None
    read_back_to_give: KeyFields
    grounds: tuple[str, ...] = ()
    reports: tuple[Report, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The answer to a declaration or a move."""

    id: str
    subject: str
    state: str
    conflicts: tuple[str, ...]
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two subjects that meet or pass too close."""

    id: str
    a: str
    b: str
    clause: str
    closest_m: float
    meets: bool
    found: str
    over: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """A unit, or only its handle, and one notice."""

    notice: str
    party: str
    unit: str | None
    handle: str
    state: str
    at: str
    known: str
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A warning as a node shows it."""

    id: str
    kind: str
    about: str
    party: str | None
    text: str
    raised: str
    cleared: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a party said to a request."""

    decision: str
    role: str
    reason: str | None
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as a node shows it."""

    id: str
    asker: str
    asked: str
    wanted: str
    by: str
    at: str
    unanswered: bool
    decision: str | None
    replies: tuple[Reply, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accord:
    """An agreement of two or more parties as a node shows it."""

    name: str
    version: int
    state: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An account of a voice call, with what it is worth as notice."""

    id: str
    other: str
    account_of: str
    words: str
    filed: str
    assessment: Assessment


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far the agreement with one party got."""

    ours: bool
    theirs: bool
    in_force_since: str | None
    terms_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyLine:
    """An enrolled party."""

    name: str
    origin: str
    line: str
    queued: int
    agreement: Agreement | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The node at a glance."""

    name: str
    origin: str
    now: str
    journal_size: int
    root: str
    witnessed: int
    parties: tuple[PartyLine, ...]
    open_risks: int
    open_warnings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAnswer:
    """An answer to a coded message; `differs` says where its read-back is not what was said."""

    code: str
    role: str
    differs: tuple[str, ...]
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A coded message as a node shows it to a reader of one language."""

    id: str
    code: str
    precedence: str
    sender: str
    receiver: str
    role: str
    values: dict[str, str | int | float | tuple[float, float]]
    sender_wording: str
    reader_wording: str
    at: str
    due: str | None
    unanswered: bool
    answer: str | None
    answers: tuple[MessageAnswer, ...]
    read_back_needed: bool
    delivered: str | None
    verdict: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """A line of a node's own journal."""

    index: int
    type: str
    to: str
    issued: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What counts for one parameter between two parties, as people read it."""

    parameter: str
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftText:
    """The draft of a NOTAM for one volume."""

    text: str
