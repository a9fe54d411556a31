"""What is said of a notice, message, request or move over a telephone or radio: facts, no words.

A notice is named by the first 5 bytes of its id: enough to find it, no proof of anything. Free text
and roles are not said. What a party hears is a claim until the signed entry comes. Called by
`wire.voice_v1`, which makes letters of it, and by hotline and the command line.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from comity.model.answer import Reason, Step
from comity.model.fault import Malformed
from comity.model.notice import Code
from comity.model.phrasebook import ValueKind
from comity.model.quantity import SECOND_US, Position, checked_instant_us
from comity.model.request import STANDBY_MINUTES_MAX, Decision, DeclineReason, Wanted
from comity.model.volume import RADIUS_MM_MAX, VERTICES_MAX, HeightBand

__all__ = [
    "FIELDS_MAX",
    "ID_BYTES",
    "POINTS_MAX",
    "ROLES",
    "AreaKind",
    "Spoken",
    "VoiceAnswer",
    "VoiceArea",
    "VoiceCode",
    "VoiceCoded",
    "VoiceCodedAnswer",
    "VoiceFact",
    "VoiceFields",
    "VoiceMessage",
    "VoiceMove",
    "VoiceNotice",
    "VoiceReadBack",
    "VoiceReply",
    "VoiceRequest",
    "VoiceValue",
    "VoiceValues",
]

ID_BYTES = 5  # 10 hex digits: two of a million ids begin alike with a chance of 1 in 2, once
FIELDS_MAX = 12  # of a phrase; none has so many
# What a role is said as; any other is not said. New ones come at the end.
ROLES = (
    *("duty officer", "supervisor", "controller", "liaison officer"),
    *("commander", "mediator", "rescue coordinator"),
)
POINTS_MAX = 8  # more take too long to say; the message says how many there are in all
_CODE = re.compile(r"[A-Z]{1,2}[0-9]?", re.ASCII)


class AreaKind(StrEnum):
    """What the points are."""

    CIRCLE = "circle"  # the centre of the one volume, with its radius
    CORNERS = "corners"  # of the one polygon, in order
    POINTS = "points"  # the first point of each volume, as a read-back has them


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceArea:
    """Points in order; `of` is how many there are in all, more than are said only beyond 8."""

    kind: AreaKind
    points: tuple[Position, ...]
    of: int
    radius_mm: int | None = None

    def __post_init__(self) -> None:
        """Hold the rules."""
        if (self.kind is AreaKind.CIRCLE) != (self.radius_mm is not None):
            raise _form("a circle has a radius, and nothing else has")
        if self.radius_mm is not None and not 0 < self.radius_mm <= RADIUS_MM_MAX:
            raise _form("a radius must be above 0 and at most 2,500 km")
        if self.kind is AreaKind.CIRCLE and self.of != 1:
            raise _form("a circle has one centre")
        if not 1 <= self.of <= VERTICES_MAX or len(self.points) != min(self.of, POINTS_MAX):
            raise _form(f"all points are said, or the first {POINTS_MAX}")


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceFields:
    """Key fields: whole window (microseconds UTC), height limits (mm, WGS84), where."""

    of: bytes
    start_us: int
    end_us: int
    lower_mm: int
    upper_mm: int
    area: VoiceArea

    def __post_init__(self) -> None:
        """Hold the rules."""
        _check_id(self.of)
        if checked_instant_us(self.start_us) > checked_instant_us(self.end_us):
            raise _form("the window ends before it starts")
        HeightBand(lower_mm=self.lower_mm, upper_mm=self.upper_mm)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceNotice:
    """A declared subject as it stands: what was declared, with the volumes of its newest notice."""

    code: Code
    fields: VoiceFields

    def __post_init__(self) -> None:
        """Hold the rules."""
        if self.code not in (Code.NOTIFY, Code.PROTECT, Code.HAZARD):
            raise _form(f"{self.code} does not declare anything")


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceReadBack:
    """The key fields of a notice, read back; its points are each volume's first."""

    fields: VoiceFields

    def __post_init__(self) -> None:
        """Hold the rules."""
        if self.fields.area.kind is not AreaKind.POINTS:
            raise _form("a read-back repeats the first point of each volume")


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceMove:
    """Start, end, release or cancel of the subject `of`, as of `at_us`."""

    code: Code
    of: bytes
    at_us: int

    def __post_init__(self) -> None:
        """Hold the rules."""
        _check_id(self.of)
        checked_instant_us(self.at_us)
        if self.code not in (Code.START, Code.END, Code.RELEASE, Code.CANCEL):
            raise _form(f"{self.code} moves nothing")


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceAnswer:
    """A person's step about the notice `of`; a read-back is a message of its own."""

    step: Step
    of: bytes
    reason: Reason | None = None

    def __post_init__(self) -> None:
        """Hold the rules."""
        _check_id(self.of)
        if self.step is Step.READ_BACK:
            raise _form("a read-back says the key fields")
        if (self.step is Step.UNABLE) != (self.reason is not None):
            raise _form("UNABLE has a reason, and only UNABLE")


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceRequest:
    """The request `id`: asks for `wanted` by `by_us`, about the notice `of`."""

    id: bytes
    of: bytes
    wanted: Wanted
    by_us: int

    def __post_init__(self) -> None:
        """Hold the rules."""
        _check_id(self.id)
        _check_id(self.of)
        checked_instant_us(self.by_us)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceReply:
    """The asked party's word on the request `of`."""

    of: bytes
    decision: Decision
    reason: DeclineReason | None = None
    standby_minutes: int | None = None

    def __post_init__(self) -> None:
        """Hold the rules."""
        _check_id(self.of)
        if (self.decision is Decision.DECLINED) != (self.reason is not None):
            raise _form("who declines says why, and no other")
        if (self.decision is Decision.STANDBY) != (self.standby_minutes is not None):
            raise _form("standby says for how long, and no other")
        if self.standby_minutes is not None and not (
            1 <= self.standby_minutes <= STANDBY_MINUTES_MAX
        ):
            raise _form(f"standby lasts 1 to {STANDBY_MINUTES_MAX} minutes")


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceValue:
    """A field of a phrase, by its number from 0, with its kind: so it is read without a phrasebook.

    A choice is the number of the word in the field's list, a place is a position.
    """

    field: int
    kind: ValueKind
    value: int | Position

    def __post_init__(self) -> None:
        """Hold the rules; how large a number may be is for whoever writes it."""
        if not 0 <= self.field < FIELDS_MAX:
            raise _form(f"a phrase has at most {FIELDS_MAX} fields that can be said")
        if (self.kind is ValueKind.PLACE) != isinstance(self.value, Position):
            raise _form("a place is a position, and nothing else is")


VoiceValues = tuple[VoiceValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceCoded:
    """The message `id`: its code and fields, what it is about, who says it, when an answer is due.

    `role` is None where it is none of ROLES; `due_us` is a whole second, None once it is settled.
    """

    id: bytes
    code: str
    role: str | None
    values: VoiceValues = ()
    about: bytes | None = None
    due_us: int | None = None

    def __post_init__(self) -> None:
        """Hold the rules."""
        _check_id(self.id)
        _check_coded(self.code, self.role, self.values)
        if self.about is not None:
            _check_id(self.about)
        if self.due_us is not None and checked_instant_us(self.due_us) % SECOND_US:
            raise _form("a deadline is said to the second")


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceCodedAnswer:
    """An answer to the message `of`; `read_back` is every field of that message as it was heard."""

    of: bytes
    code: str
    role: str | None
    values: VoiceValues = ()
    read_back: VoiceValues | None = None

    def __post_init__(self) -> None:
        """Hold the rules."""
        _check_id(self.of)
        _check_coded(self.code, self.role, self.values)
        _check_values(self.read_back or ())


VoiceFact = VoiceNotice | VoiceReadBack | VoiceMove | VoiceAnswer | VoiceRequest | VoiceReply
VoiceCode = VoiceCoded | VoiceCodedAnswer
VoiceMessage = VoiceFact | VoiceCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A message, and whether it belongs to an exercise, which every message says."""

    message: VoiceMessage
    exercise: bool = False


def _check_coded(code: str, role: str | None, values: VoiceValues) -> None:
    if not _CODE.fullmatch(code):
        raise _form("a code is one or two letters and at most one digit")
    if role is not None and role not in ROLES:
        raise _form("that role is not said")
    _check_values(values)


def _check_values(values: VoiceValues) -> None:
    numbers = [each.field for each in values]
    if numbers != sorted(set(numbers)):
        raise _form("fields are said in their order, each once")


def _check_id(value: bytes) -> None:
    if len(value) != ID_BYTES:
        raise _form(f"an id is said by its first {ID_BYTES} bytes")


def _form(reason: str) -> Malformed:
    return Malformed(reason, code="voice_form")
