"""The JSON shapes of `/api/v1`: what a request may hold and what an answer holds.

Types only; OpenAPI is generated from them. Times are RFC 3339 with an offset (answers: `Z`), angles
degrees, heights metres above the WGS84 ellipsoid or what they name, durations seconds, ids 64 hex
digits, parties origins (requests: also the short name). Unknown keys are refused, unknown values
null. Requests become nouns in `web.api.translate`, rows become views in `web.api.views`.
"""

from typing import Generic, Literal, TypeVar

import msgspec

from comity.model.answer import Reason, Step, UnitState
from comity.model.lifecycle import LifeState
from comity.model.notice import (
    Code,
    Confidence,
    Craft,
    Domain,
    Onward,
    Purpose,
    SubjectKind,
)
from comity.model.report import Stance
from comity.model.verdict import VerdictWord
from comity.web.api.record_shapes import ShownView
from comity.web.api.shapes_heights import GivenHeights, HeightReference
from comity.web.api.time_shapes import ClockView, OnlookerView
from comity.web.api.upkeep_shapes import ReasonView
from comity.web.scope import Scope

__all__ = [
    "AgreementView",
    "AnswerRequest",
    "AnswerView",
    "AssessmentView",
    "AttestationRequest",
    "CallRequest",
    "CallView",
    "CallerRequest",
    "CallerView",
    "ConflictView",
    "Delivery",
    "Footprint",
    "HazardBasis",
    "KeyFields",
    "LineState",
    "Move",
    "NewCaller",
    "NoticeReceipt",
    "NoticeRequest",
    "NoticeView",
    "Page",
    "PartyRequest",
    "PartyView",
    "Problem",
    "ReadBackCheck",
    "ReportView",
    "RiskView",
    "Said",
    "StatusView",
    "TransitionRequest",
    "UnitView",
    "Volume",
    "WarningView",
]

T = TypeVar("T")

Move = Literal["amend", "start", "end", "cancel"]
LineState = Literal["new", "up", "degraded", "suspended", "silent", "forked"]


class _Request(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What a caller may send."""


class _View(msgspec.Struct, kw_only=True, frozen=True):
    """What a caller gets."""


class Footprint(_Request, kw_only=True, frozen=True):
    """`polygon`, or `centre` with `radius_m`, or `line` with `half_width_m`; [lat, lon] in degrees.

    A polygon's last point is not its first one again. Edges are great circles. A line with its
    half-width is a corridor: all within that distance of the line. `holes` are a polygon's: rings
    like it, whose open insides are not part of it.
    """

    polygon: list[tuple[float, float]] | None = None
    centre: tuple[float, float] | None = None
    radius_m: float | None = None
    line: list[tuple[float, float]] | None = None
    half_width_m: float | None = None
    holes: list[list[tuple[float, float]]] | None = None


class Volume(_Request, kw_only=True, frozen=True):
    """One 4D volume. Heights from another `datum` than `wgs84` are converted by the node.

    `datum`: `wgs84`, `msl`, `pressure`, `flight-level` or `agl`; `upper_datum` if the upper limit
    has another one. An answer is always above `wgs84`, with what was converted in `given`, and the
    added uncertainty in `uncertainty_vertical_m`.
    """

    footprint: Footprint
    lower_m: float
    upper_m: float
    start: str
    end: str
    datum: str = "wgs84"
    upper_datum: str | None = None
    reference: HeightReference | None = None
    given: GivenHeights | None = None
    uncertainty_lateral_m: float = 0.0
    uncertainty_vertical_m: float = 0.0
    uncertainty_time_s: float = 0.0


class HazardBasis(_Request, kw_only=True, frozen=True):
    """Why a hazard is believed."""

    source: str
    confidence: Confidence
    expires: str


class NoticeRequest(_Request, kw_only=True, frozen=True):
    """A declaration: `kind` operation, hazard or presence; `to` party names or origins.

    An empty `to` keeps the declaration at home. `prompted_by` is the id of a peer's notice that
    this one answers; it never leaves the node. `area_in_words` exists to be refused by name: words
    are no area.
    """

    kind: SubjectKind
    to: list[str] = []
    volumes: list[Volume] = []
    purpose: Purpose = Purpose.MILITARY_ACTIVITY
    domain: Domain = Domain.AIR
    craft: Craft = Craft.NONE
    onward: Onward = Onward.NONE
    name: str = ""
    clear_needs_s: float | None = None
    basis: HazardBasis | None = None
    prompted_by: str | None = None
    area_in_words: str | None = None


class TransitionRequest(_Request, kw_only=True, frozen=True):
    """Moves a subject: `amend` (with `volumes`), `start`, `end`, `cancel`; `at` defaults to now."""

    move: Move
    at: str | None = None
    volumes: list[Volume] = []


class KeyFields(_Request, kw_only=True, frozen=True):
    """What a read-back repeats."""

    start: str
    end: str
    points: list[tuple[float, float]]
    lower_m: float
    upper_m: float


class AnswerRequest(_Request, kw_only=True, frozen=True):
    """One step: `seen`, `read-back` (with `read_back`), `wilco`, `unable` (with `reason`), ..."""

    step: Step
    role: str
    person: str = ""  # who holds the role: asked of the duty roster, and told to nobody
    reason: Reason | None = None
    read_back: KeyFields | None = None


class UnitView(_Request, kw_only=True, frozen=True):
    """One unit of ours; `state` is `told`, `answered` or `not-reached`; `at` defaults to now."""

    unit: str
    state: UnitState
    at: str | None = None


class AttestationRequest(_Request, kw_only=True, frozen=True):
    """Which of our units were told of a notice. Names stay at home; the owner gets handles."""

    units: list[UnitView]


class CallRequest(_Request, kw_only=True, frozen=True):
    """One party's own account of a voice call with `other`. Leave out what it does not say.

    `area_stated`: true if exact geometry was given, false if only words or nothing, absent if
    unknown.
    """

    other: str
    account_of: str
    words: str
    received: str | None = None
    start: str | None = None
    area_stated: bool | None = None


class PartyRequest(_Request, kw_only=True, frozen=True):
    """Enrol a party: its card as text, the fingerprint read out, the agreement's numbers."""

    card: str
    fingerprint: str
    parameters: dict[str, int] = {}


class CallerRequest(_Request, kw_only=True, frozen=True):
    """A new bearer key with `scopes` out of read, declare, answer, admin."""

    name: str
    scopes: list[Scope]


class Page(_View, Generic[T], kw_only=True, frozen=True):
    """A part of a list; `next` is the `after` of the request for the rest, null at its end."""

    items: list[T]
    next: str | None = None


class Delivery(_View, kw_only=True, frozen=True):
    """How far one entry got with one party. Unknown is null.

    `step` is how much it was told (D1 `caution` to D4 `ended`), `known_as` the id of the newest
    notice by which it knows the subject.
    """

    to: str
    step: str | None
    known_as: str | None
    index: int
    leaf: str
    delivered: str | None
    verdict: str | None
    seen: str | None
    read_back: str | None


class AssessmentView(_View, kw_only=True, frozen=True):
    """Is a notice early enough for our own presences? Lead is start minus delivery, never more.

    `time_to_clear_s`, its `terms_s` and `unable` are ours and leave the node in no message; what we
    have published of the presence `for_presence` is `clear_needs_s`.
    """

    lead_s: float | None
    time_to_clear_s: float | None
    terms_s: dict[str, float] | None
    unable: str | None
    clear_needs_s: float | None
    verdict: VerdictWord
    reason: str
    for_presence: str | None


class NoticeReceipt(_View, kw_only=True, frozen=True):
    """Answer to a declaration or a move: durable, signed, on its way."""

    id: str
    subject: str
    state: LifeState
    entries: list[Delivery]
    conflicts: list[str]
    flags: list[str]


class ReadBackCheck(_View, kw_only=True, frozen=True):
    """Where a read-back differs from the notice; `differs` names fields, points moved by metres."""

    agrees: bool
    moved_m: list[float]
    differs: list[str]


class AnswerView(_View, kw_only=True, frozen=True):
    """An answer to the notice `of`, ours or the other party's."""

    of: str
    by: str
    step: Step
    role: str
    at: str
    reason: Reason | None
    check: ReadBackCheck | None


class ReportView(_View, kw_only=True, frozen=True):
    """A party's report on a hazard: it decides nothing. `to` are the parties that we gave ours."""

    id: str
    by: str
    stance: Stance
    source: str
    confidence: Confidence
    volumes: list[Volume]
    at: str
    to: list[str]


class NoticeView(_View, kw_only=True, frozen=True):
    """A declared subject with its present volumes and what became of it.

    `id` is the subject's, `notice` that of the newest notice about it. `grounds` says of each flag
    which clause it rests on. `reports` on a hazard stand in the order of their arrival.
    """

    id: str
    notice: str
    kind: SubjectKind
    code: Code
    owner: str
    state: LifeState
    name: str
    purpose: Purpose
    domain: Domain
    craft: Craft
    onward: Onward
    volumes: list[Volume]
    issued: str
    delivered: str | None
    clear_needs_s: float | None
    basis: HazardBasis | None
    prompted_by: str | None
    flags: list[str]
    grounds: list[str]
    deliveries: list[Delivery]
    answers: list[AnswerView]
    reports: list[ReportView]
    assessment: AssessmentView | None
    read_back_to_give: KeyFields


class Said(_View, kw_only=True, frozen=True):
    """One plain sentence, in each kind of units. No distance in it is above the truth."""

    metric: str
    aeronautical: str


class ConflictView(_View, kw_only=True, frozen=True):
    """Two subjects that meet, or pass closer than the clause allows; `sentence` says it all."""

    id: str
    a: str
    b: str
    clause: str
    closest_m: float
    vertical_gap_m: float
    time_gap_s: float
    point: tuple[float, float]
    meets: bool
    found: str
    over: str | None
    sentence: Said


class RiskView(_View, kw_only=True, frozen=True):
    """A unit and a notice: told, or not reached. `unit` is null where only a handle is known.

    `at` is when the unit was told or missed, `known` when this node learned it.
    """

    notice: str
    party: str
    unit: str | None
    handle: str
    state: UnitState
    at: str
    known: str
    open: bool


class WarningView(_View, kw_only=True, frozen=True):
    """Something that a person must look at; raised and cleared in pairs."""

    id: str
    kind: str
    about: str
    party: str | None
    text: str
    raised: str
    cleared: str | None


class CallView(_View, kw_only=True, frozen=True):
    """An account of a voice call, with what the account is worth as notice."""

    id: str
    other: str
    account_of: str
    words: str
    received: str | None
    start: str | None
    area_stated: bool | None
    filed: str
    assessment: AssessmentView


class AgreementView(_View, kw_only=True, frozen=True):
    """The agreement with one party: our text, and whether each has signed that same text."""

    terms_hash: str
    text: str
    ours: bool
    theirs: bool
    in_force_since: str | None


class PartyView(_View, kw_only=True, frozen=True):
    """An enrolled party and its line.

    The line is `new` before the first contact, `silent` after three heartbeats, `degraded` while a
    warning says that the party stalls, floods, shrinks or lies, and `forked` once it has offered a
    signed head that was not shown to extend the one known here.
    """

    name: str
    origin: str
    address: str
    fingerprint: str
    card: str
    line: LineState
    last_contact: str | None
    queued: int
    agreement: AgreementView | None


class CallerView(_View, kw_only=True, frozen=True):
    """A bearer key, without the key."""

    id: str
    name: str
    scopes: list[Scope]
    created: str
    revoked: str | None


class NewCaller(_View, kw_only=True, frozen=True):
    """A new bearer key: shown once, stored only as a hash."""

    key: str
    caller: CallerView


class StatusView(_View, kw_only=True, frozen=True):
    """The node at a glance. `root` is base64 as in the checkpoint; `live` counts subjects by kind.

    `open_messages` counts those that no answer has settled, ours and those said to us.
    `witnessed` counts the neutral witnesses that have cosigned exactly this checkpoint, which is
    empty while the node signs nothing. `health` and `reasons` are those of `/healthz`.
    """

    name: str
    origin: str
    version: str
    now: str
    exercise: str | None
    journal_size: int
    root: str
    checkpoint: str
    witnessed: int
    witnesses: list[OnlookerView]
    clock: ClockView
    parties: list[PartyView]
    open_risks: int
    open_warnings: int
    open_messages: int = 0
    live: dict[str, int]
    health: Literal["ok", "degraded", "stopped"] = "ok"
    reasons: list[ReasonView] = []
    not_recorded: list[ShownView] = []


class Problem(_View, kw_only=True, frozen=True, omit_defaults=True):
    """RFC 9457 problem; `code` is stable, `error_id` is in the diagnostics log too.

    `size` accompanies `other_size` alone: the size from which a consistency proof must start.
    `basis` names the agreement, version, clause and parameter that a refusal rests on.
    `statement` accompanies `not_recorded` between nodes: that it was shown, signed.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    what_to_do: str
    error_id: str
    field: str | None = None
    basis: str | None = None
    size: int | None = None
    statement: str | None = None
