"""The voice form v1: which facts of a message are said, as which number, in which letters.

Values are carried whole: seconds and metres if a message has no finer ones, else microseconds and
millimetres; angles always in 1e-7 degree. One message has one form. Letter by letter:
docs/reference/voice.md, from which tests/wire/second_voice.py was written. Called by hotline's
command line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import prod
from typing import TypeVar

from comity.model.answer import Reason, Step
from comity.model.fault import Malformed
from comity.model.notice import Code
from comity.model.quantity import LAT_E7_MAX, LON_E7_MAX, SECOND_US, Position
from comity.model.request import STANDBY_MINUTES_MAX, Decision, DeclineReason, Wanted
from comity.model.voice import (
    ID_BYTES,
    POINTS_MAX,
    AreaKind,
    Spoken,
    VoiceAnswer,
    VoiceArea,
    VoiceFields,
    VoiceMessage,
    VoiceMove,
    VoiceNotice,
    VoiceReadBack,
    VoiceReply,
    VoiceRequest,
)
from comity.model.volume import HEIGHT_MM_MAX, HEIGHT_MM_MIN, RADIUS_MM_MAX, VERTICES_MAX
from comity.wire.voice_code import BASE, LETTERS, checked_symbols, groups_of

__all__ = ["read_voice", "voice_groups"]

_Choice = TypeVar("_Choice", bound=StrEnum)
_Range = tuple[int, int]  # the lowest and the highest value
_MM = 1_000
_START_US, _END_US = 946_684_800 * SECOND_US, 4_102_444_800 * SECOND_US  # the years 2000 to 2099
_HEAD = 4  # letters of the first group: kind, count, form, points
_EXERCISE = POINTS_MAX + 1  # added to the number of points
_ID: _Range = (0, 256**ID_BYTES - 1)
_CHOICE: _Range = (0, BASE - 1)  # room for what may come

# The order is the number; new ones come at the end.
_OPENING = (Code.NOTIFY, Code.PROTECT, Code.HAZARD)
_MOVES = (Code.START, Code.END, Code.RELEASE, Code.CANCEL)
_STEPS = (Step.SEEN, Step.WILCO, Step.UNABLE, Step.NOT_UNDERSTOOD)
_REASONS = (
    *(Reason.FINAL_APPROACH, Reason.LOW_FUEL, Reason.EMERGENCY),
    *(Reason.NOT_REACHED, Reason.OTHER),
)
_WANTED = (Wanted.CLOSE, Wanted.REOPEN, Wanted.CORRIDOR, Wanted.DELAY)
_DECISIONS = (Decision.GRANTED, Decision.PARTLY, Decision.DECLINED, Decision.STANDBY)
_DECLINES = (
    *(DeclineReason.NOT_OURS, DeclineReason.TOO_LATE, DeclineReason.TRAFFIC),
    *(DeclineReason.LESS_SAFE, DeclineReason.ALREADY_SO, DeclineReason.OTHER),
)
_AREAS = (AreaKind.CIRCLE, AreaKind.CORNERS, AreaKind.POINTS)
_KINDS: dict[type[VoiceMessage], str] = {
    VoiceNotice: "N",
    VoiceReadBack: "B",
    VoiceMove: "M",
    VoiceAnswer: "A",
    VoiceRequest: "R",
    VoiceReply: "D",
}

# What the points are, and whether only the first of them are said.
_SHAPES = (
    *((AreaKind.CIRCLE, False), (AreaKind.CORNERS, False), (AreaKind.POINTS, False)),
    *((AreaKind.CORNERS, True), (AreaKind.POINTS, True)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """What the first group says of the numbers that follow: the area's shape, and how fine."""

    shape: int = 0
    fine_time: bool = False
    fine_length: bool = False
    points: int = 0

    @property
    def number(self) -> int:
        """As one letter."""
        return self.shape * 4 + self.fine_time * 2 + self.fine_length

    @property
    def unit_us(self) -> int:
        """The unit of times."""
        return 1 if self.fine_time else SECOND_US

    @property
    def unit_mm(self) -> int:
        """The unit of heights and radii."""
        return 1 if self.fine_length else _MM

    @property
    def instants(self) -> _Range:
        """Which times there are, in units."""
        return _START_US // self.unit_us, (_END_US - 1) // self.unit_us

    @property
    def heights(self) -> _Range:
        """Which heights there are, in units."""
        return HEIGHT_MM_MIN // self.unit_mm, HEIGHT_MM_MAX // self.unit_mm

    @property
    def radii(self) -> _Range:
        """Which radii there are, in units."""
        return 1, RADIUS_MM_MAX // self.unit_mm


def voice_groups(spoken: Spoken) -> tuple[str, ...]:
    """A message as groups of five letters.

    Raises:
        Malformed: `voice_length` if it is too long to be said.
    """
    message = spoken.message
    kind = _KINDS[type(message)]
    form = _form_of(message)
    mark = form.points + _EXERCISE * spoken.exercise
    head = [LETTERS.index(kind), 0, form.number, mark]
    return groups_of([*head, *_packed(_values(message, form), _ranges(kind, form))])


def read_voice(groups: Sequence[str]) -> Spoken:
    """The message that groups of five letters say.

    Raises:
        Malformed: `voice_check` or `voice_length` with the group to ask for again; `voice_form` for
            groups that check and say nothing that this form can say.
    """
    symbols = checked_symbols(groups)
    kind, _, number, mark = symbols[:_HEAD]
    exercise, points = divmod(mark, _EXERCISE)
    shape, fine = divmod(number, 4)
    if LETTERS[kind] not in _KINDS.values() or shape >= len(_SHAPES) or exercise > 1:
        raise _no_form("it is of no kind that this version knows")
    form = _Form(shape=shape, fine_time=bool(fine & 2), fine_length=bool(fine & 1), points=points)
    values = _unpacked(symbols[_HEAD:], _ranges(LETTERS[kind], form))
    spoken = Spoken(message=_message(LETTERS[kind], form, values), exercise=bool(exercise))
    if voice_groups(spoken) != tuple(groups):  # one message, one form
        raise _no_form("it is not in the one form that it has")
    return spoken


def _form_of(message: VoiceMessage) -> _Form:
    """The coarsest form that carries every value whole."""
    match message:
        case VoiceNotice(fields=fields) | VoiceReadBack(fields=fields):
            area = fields.area
            lengths = (fields.lower_mm, fields.upper_mm, area.radius_mm or 0)
            return _Form(
                shape=_SHAPES.index((area.kind, area.of > len(area.points))),
                fine_time=_is_fine((fields.start_us, fields.end_us), SECOND_US),
                fine_length=_is_fine(lengths, _MM),
                points=len(area.points),
            )
        case VoiceMove(at_us=at_us) | VoiceRequest(by_us=at_us):
            return _Form(fine_time=_is_fine((at_us,), SECOND_US))
        case VoiceAnswer() | VoiceReply():
            return _Form()


def _is_fine(values: Sequence[int], unit: int) -> bool:
    return any(value % unit for value in values)


def _ranges(kind: str, form: _Form) -> list[_Range]:
    """Lowest and highest value of each number of a message's body, in order."""
    match kind:
        case "N":
            return [_CHOICE, *_field_ranges(form)]
        case "B":
            return _field_ranges(form)
        case "M":
            return [_CHOICE, _ID, form.instants]
        case "A":
            return [_CHOICE, _CHOICE, _ID]
        case "R":
            return [_CHOICE, _ID, _ID, form.instants]
        case _:
            return [_CHOICE, _CHOICE, (0, STANDBY_MINUTES_MAX), _ID]


def _field_ranges(form: _Form) -> list[_Range]:
    area, some = _SHAPES[form.shape]
    return [
        *(_ID, form.instants, form.instants, form.heights, form.heights),
        *([(POINTS_MAX + 1, VERTICES_MAX)] if some else []),
        *(form.points * [(-LAT_E7_MAX, LAT_E7_MAX), (-LON_E7_MAX, LON_E7_MAX)]),
        *([form.radii] if area is AreaKind.CIRCLE else []),
    ]


def _values(message: VoiceMessage, form: _Form) -> list[int]:
    """The numbers of a message's body, in order."""
    match message:
        case VoiceNotice(code=code, fields=fields):
            return [_OPENING.index(code), *_field_values(fields, form)]
        case VoiceReadBack(fields=fields):
            return _field_values(fields, form)
        case VoiceMove(code=code, of=of, at_us=at_us):
            return [_MOVES.index(code), _number(of), at_us // form.unit_us]
        case VoiceAnswer(step=step, of=of, reason=why):
            return [_STEPS.index(step), 0 if why is None else _REASONS.index(why) + 1, _number(of)]
        case VoiceRequest(id=id_, of=of, wanted=wanted, by_us=by_us):
            return [_WANTED.index(wanted), _number(id_), _number(of), by_us // form.unit_us]
        case VoiceReply(of=of, decision=decision, reason=no, standby_minutes=minutes):
            reason = 0 if no is None else _DECLINES.index(no) + 1
            return [_DECISIONS.index(decision), reason, minutes or 0, _number(of)]


def _field_values(fields: VoiceFields, form: _Form) -> list[int]:
    area = fields.area
    return [
        _number(fields.of),
        *(instant // form.unit_us for instant in (fields.start_us, fields.end_us)),
        *(height // form.unit_mm for height in (fields.lower_mm, fields.upper_mm)),
        *([area.of] if area.of > len(area.points) else []),
        *(number for point in area.points for number in (point.lat_e7, point.lon_e7)),
        *([] if area.radius_mm is None else [area.radius_mm // form.unit_mm]),
    ]


def _message(kind: str, form: _Form, values: list[int]) -> VoiceMessage:
    match kind:
        case "N":
            return VoiceNotice(code=_chosen(_OPENING, values[0]), fields=_fields(values[1:], form))
        case "B":
            return VoiceReadBack(fields=_fields(values, form))
        case "M":
            code, of, at = values
            return VoiceMove(code=_chosen(_MOVES, code), of=_id(of), at_us=at * form.unit_us)
        case "A":
            step, why, of = values
            return VoiceAnswer(
                step=_chosen(_STEPS, step), of=_id(of), reason=_chosen_or_none(_REASONS, why)
            )
        case "R":
            wanted, id_, of, by = values
            return VoiceRequest(
                wanted=_chosen(_WANTED, wanted), id=_id(id_), of=_id(of), by_us=by * form.unit_us
            )
        case _:
            decision, no, minutes, of = values
            return VoiceReply(
                decision=_chosen(_DECISIONS, decision),
                reason=_chosen_or_none(_DECLINES, no),
                standby_minutes=minutes or None,
                of=_id(of),
            )


def _fields(values: list[int], form: _Form) -> VoiceFields:
    of, start, end, lower, upper, *rest = values
    kind, some = _SHAPES[form.shape]
    whole = rest.pop(0) if some else form.points
    radius = rest.pop() * form.unit_mm if kind is AreaKind.CIRCLE else None
    points = tuple(
        Position(lat_e7=lat, lon_e7=lon) for lat, lon in zip(rest[::2], rest[1::2], strict=True)
    )
    return VoiceFields(
        of=_id(of),
        start_us=start * form.unit_us,
        end_us=end * form.unit_us,
        lower_mm=lower * form.unit_mm,
        upper_mm=upper * form.unit_mm,
        area=VoiceArea(kind=kind, points=points, of=whole, radius_mm=radius),
    )


def _packed(values: Sequence[int], ranges: Sequence[_Range]) -> list[int]:
    """One number of mixed radix, in base 23, the highest digit first."""
    number = 0
    for value, (low, high) in zip(values, ranges, strict=True):
        number = number * (high - low + 1) + value - low
    found = []
    for _ in range(_letters(ranges)):
        number, digit = divmod(number, BASE)
        found.append(digit)
    return found[::-1]


def _unpacked(symbols: Sequence[int], ranges: Sequence[_Range]) -> list[int]:
    count, number = _letters(ranges), 0
    if len(symbols) < count:
        raise _no_form("it is shorter than what it says that it holds")
    for symbol in symbols[:count]:
        number = number * BASE + symbol
    found = []
    for low, high in reversed(ranges):
        number, rest = divmod(number, high - low + 1)
        found.append(rest + low)
    if number:
        raise _no_form("a number in it is too large")
    return found[::-1]


def _letters(ranges: Sequence[_Range]) -> int:
    """As many letters as the largest number needs."""
    largest = prod(high - low + 1 for low, high in ranges) - 1
    count = 0
    while largest:  # bounded by the ranges
        largest //= BASE
        count += 1
    return count


def _number(id_: bytes) -> int:
    return int.from_bytes(id_, "big")


def _id(number: int) -> bytes:
    return number.to_bytes(ID_BYTES, "big")


def _chosen(choices: Sequence[_Choice], number: int) -> _Choice:
    if number >= len(choices):
        raise _no_form("it says what this version does not know")
    return choices[number]


def _chosen_or_none(choices: Sequence[_Choice], number: int) -> _Choice | None:
    return _chosen(choices, number - 1) if number else None


def _no_form(reason: str) -> Malformed:
    return Malformed(f"the groups check, but {reason}", code="voice_form")
