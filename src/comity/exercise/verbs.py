"""What a step can do, and what `with` holds for each verb.

Keys are those of the node's interface (`web.api.shapes`) with four local ones, which no
node ever sees: `id` names the step in this file, `of` and `prompted_by` point to such a name,
`claims` says on which claims the step rests. Times are expressions (`moment`). Called by check,
plan and perform.
"""

import msgspec

__all__ = [
    "ANSWERS",
    "MOVES",
    "WITH",
    "Answer",
    "Area",
    "Ask",
    "Attest",
    "Basis",
    "Call",
    "Clock",
    "Declare",
    "Details",
    "Draft",
    "Heard",
    "Hotline",
    "Line",
    "Mishap",
    "Move",
    "Remark",
    "Reply",
    "Report",
    "Said",
    "Say",
    "Sign",
    "Standing",
    "UnitState",
    "Value",
    "Volume",
]


Value = str | int | float | tuple[float, float]


class _With(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `with` of one verb."""


class Area(_With, frozen=True, kw_only=True):
    """`polygon`, or a circle of `radius_m` about `centre` [lat, lon] or a place of the file."""

    polygon: tuple[tuple[float, float], ...] | None = None
    centre: tuple[float, float] | None = None
    place: str | None = None
    radius_m: float | None = None


class Volume(_With, frozen=True, kw_only=True):
    """One 4D volume; heights in metres above the WGS84 ellipsoid."""

    footprint: Area
    lower_m: float
    upper_m: float
    start: str
    end: str
    uncertainty_lateral_m: float = 0.0
    uncertainty_vertical_m: float = 0.0
    uncertainty_time_s: float = 0.0


class Basis(_With, frozen=True, kw_only=True):
    """Why a hazard is believed."""

    source: str
    confidence: str
    expires: str


class Declare(_With, frozen=True, kw_only=True):
    """An operation, hazard or presence, given to `to` or kept at home.

    `count` says it so many times. `without_offset` writes times as a clock on a wall shows them;
    it exists to be refused.
    """

    id: str
    kind: str
    to: tuple[str, ...] = ()
    volumes: tuple[Volume, ...] = ()
    purpose: str = "military-activity"
    domain: str = "air"
    craft: str = "none"
    onward: str = "none"
    name: str = ""
    clear_needs_s: float | None = None
    basis: Basis | None = None
    prompted_by: str | None = None
    area_in_words: str | None = None
    count: int = 1
    without_offset: bool = False
    claims: tuple[str, ...] = ()


class Move(_With, frozen=True, kw_only=True):
    """Start, end, cancel or amend what `of` declared; `at` is left out for "now".

    `count` says it so many times.
    """

    id: str | None = None
    of: str
    at: str | None = None
    volumes: tuple[Volume, ...] = ()
    count: int = 1
    claims: tuple[str, ...] = ()


class Answer(_With, frozen=True, kw_only=True):
    """A person's step about `of`.

    `mistake_m` [north, east] shifts a read-back's first point, `mistake_s` its times.
    """

    id: str | None = None
    of: str
    role: str
    reason: str | None = None
    mistake_m: tuple[float, float] | None = None
    mistake_s: float = 0.0
    claims: tuple[str, ...] = ()


class UnitState(_With, frozen=True, kw_only=True):
    """One unit and what is known of it: told, answered or not-reached."""

    unit: str
    state: str


class Attest(_With, frozen=True, kw_only=True):
    """Which of our units were told of `of`."""

    id: str | None = None
    of: str
    units: tuple[UnitState, ...]
    claims: tuple[str, ...] = ()


class Call(_With, frozen=True, kw_only=True):
    """An account of a voice call. What the account does not say is left out."""

    id: str
    other: str
    account_of: str
    words: str
    received: str | None = None
    start: str | None = None
    area_stated: bool | None = None
    claims: tuple[str, ...] = ()


class Sign(_With, frozen=True, kw_only=True):
    """Sign an agreement of the file as one of its principals."""

    id: str | None = None
    agreement: str
    claims: tuple[str, ...] = ()


class Ask(_With, frozen=True, kw_only=True):
    """A request to the party `to` about `of`: what this party gave it, or got from it."""

    id: str
    of: str
    to: str
    wanted: str
    by: str
    words: str = ""
    claims: tuple[str, ...] = ()


class Reply(_With, frozen=True, kw_only=True):
    """The asked party's own act on the request `of`."""

    id: str | None = None
    of: str
    decision: str
    role: str
    reason: str | None = None
    standby_minutes: int | None = None
    words: str = ""
    claims: tuple[str, ...] = ()


class Report(_With, frozen=True, kw_only=True):
    """A report on the hazard `of`, given to `to` or kept at home."""

    id: str | None = None
    of: str
    to: tuple[str, ...] = ()
    stance: str
    source: str
    confidence: str
    volumes: tuple[Volume, ...] = ()
    claims: tuple[str, ...] = ()


class Say(_With, frozen=True, kw_only=True):
    """A code of the phrasebook said to the party `to`; `count` says it so many times.

    `values` are fields as they are, `times` those that are times, as expressions.
    """

    id: str
    to: str
    code: str
    role: str
    values: dict[str, Value] = {}
    times: dict[str, str] = {}
    about: str | None = None
    language: str = "en"
    words: str = ""
    count: int = 1
    claims: tuple[str, ...] = ()


class Heard(_With, frozen=True, kw_only=True):
    """An answer to the message `of`, read back where the phrasebook wants it.

    `mistake_m` [north, east] shifts the place that is read back.
    """

    id: str | None = None
    of: str
    code: str
    role: str
    values: dict[str, Value] = {}
    mistake_m: tuple[float, float] | None = None
    language: str = "en"
    words: str = ""
    claims: tuple[str, ...] = ()


class Standing(_With, frozen=True, kw_only=True):
    """Suspend what is agreed with `other`, or take it back; a sentence says why."""

    id: str | None = None
    other: str
    reason: str
    claims: tuple[str, ...] = ()


class Line(_With, frozen=True, kw_only=True):
    """The wire to `other`: nothing passes from a cut until it is mended."""

    id: str | None = None
    other: str
    claims: tuple[str, ...] = ()


class Draft(_With, frozen=True, kw_only=True):
    """The draft of a NOTAM for the notice `of`."""

    id: str | None = None
    of: str
    fir: str
    claims: tuple[str, ...] = ()


class Duty(_With, frozen=True, kw_only=True):
    """Set the duty roster of this party: who is alerted, in order, and who holds which role.

    No `chain` takes the roster away.
    """

    id: str | None = None
    chain: tuple[str, ...] = ()
    holds: dict[str, str] = {}
    claims: tuple[str, ...] = ()


class Clock(_With, frozen=True, kw_only=True):
    """This party's clock says from now on a time that is ahead by `ahead_s`; 0 is right again."""

    id: str | None = None
    ahead_s: float
    claims: tuple[str, ...] = ()


class Remark(_With, frozen=True, kw_only=True):
    """A comment of the referee; nothing is sent."""

    id: str | None = None
    text: str
    claims: tuple[str, ...] = ()


Said = Sign | Ask | Reply | Report
Hotline = Say | Heard | Standing | Draft | Duty
Mishap = Line | Clock
Details = Declare | Move | Answer | Attest | Call | Said | Hotline | Mishap | Remark

# The verb -> the `move` or `step` that the node's interface knows.
MOVES = {"start": "start", "end": "end", "cancel": "cancel", "amend": "amend"}
ANSWERS = {"seen": "seen", "read_back": "read-back", "wilco": "wilco", "unable": "unable"}

WITH: dict[str, type[Details]] = {
    "declare": Declare,
    "attest": Attest,
    "call": Call,
    "sign": Sign,
    "request": Ask,
    "reply": Reply,
    "report": Report,
    "say": Say,
    "answer": Heard,
    "suspend": Standing,
    "resume": Standing,
    "cut": Line,
    "mend": Line,
    "draft": Draft,
    "duty": Duty,
    "set_clock": Clock,
    "note": Remark,
    **dict.fromkeys(MOVES, Move),
    **dict.fromkeys(ANSWERS, Answer),
}
