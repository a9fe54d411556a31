"""What is said of a notice, answer, request or move over a telephone or radio: key facts, no words.

A notice is named by the first 5 bytes of its id: enough to find it, no proof of anything. Free text
and roles are not said. What a party hears is a claim until the signed entry comes. Called by
`wire.voice_v1`, which makes letters of it, and by hotline and the command line.
"""

from dataclasses import dataclass
from enum import StrEnum

from comity.model.answer import Reason, Step
from comity.model.fault import Malformed
from comity.model.notice import Code
from comity.model.quantity import Position, checked_instant_us
from comity.model.request import STANDBY_MINUTES_MAX, Decision, DeclineReason, Wanted
from comity.model.volume import RADIUS_MM_MAX, VERTICES_MAX, HeightBand

__all__ = [
    "ID_BYTES",
    "POINTS_MAX",
    "AreaKind",
    "Spoken",
    "VoiceAnswer",
    "VoiceArea",
    "VoiceFields",
    "VoiceMessage",
    "VoiceMove",
    "VoiceNotice",
    "VoiceReadBack",
    "VoiceReply",
    "VoiceRequest",
]

ID_BYTES = 5  # 10 hex digits: two of a million ids begin alike with a chance of 1 in 2, once
POINTS_MAX = 8  # more take too long to say; the message says how many there are in all


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


VoiceMessage = VoiceNotice | VoiceReadBack | VoiceMove | VoiceAnswer | VoiceRequest | VoiceReply


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A message, and whether it belongs to an exercise, which every message says."""

    message: VoiceMessage
    exercise: bool = False


def _check_id(value: bytes) -> None:
    if len(value) != ID_BYTES:
        raise _form(f"an id is said by its first {ID_BYTES} bytes")


def _form(reason: str) -> Malformed:
    return Malformed(reason, code="voice_form")
