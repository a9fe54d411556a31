"""The voice form v1: which facts of a message are said, as which number, in which letters.

Values are carried whole: seconds and metres if a message has no finer ones, else microseconds and
millimetres; angles always in 1e-7 degree. One message has one form. Letter by letter:
docs/reference/voice.md, from which tests/wire/second_voice.py was written. Called by hotline's
command line.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

from comity.model.answer import Reason, Step
from comity.model.notice import Code
from comity.model.quantity import LAT_E7_MAX, LON_E7_MAX, SECOND_US, Position
from comity.model.request import STANDBY_MINUTES_MAX, Decision, DeclineReason, Wanted
from comity.model.voice import (
    POINTS_MAX,
    AreaKind,
    Spoken,
    VoiceAnswer,
    VoiceArea,
    VoiceCoded,
    VoiceCodedAnswer,
    VoiceFact,
    VoiceFields,
    VoiceMessage,
    VoiceMove,
    VoiceNotice,
    VoiceReadBack,
    VoiceReply,
    VoiceRequest,
)
from comity.model.volume import VERTICES_MAX
from comity.wire.voice_code import LETTERS, checked_symbols, groups_of
from comity.wire.voice_coded import CODED_LETTERS, coded_body, coded_form, coded_from
from comity.wire.voice_number import (
    CHOICE,
    ID,
    Form,
    Range,
    id_of,
    no_form,
    number_of,
    packed,
    unpacked,
)

__all__ = ["read_voice", "voice_groups"]

_Choice = TypeVar("_Choice", bound=StrEnum)
_MM = 1_000
_HEAD = 4  # letters of the first group: kind, count, form, points
_EXERCISE = POINTS_MAX + 1  # added to the number of points

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
_KINDS: dict[type[VoiceFact], str] = {
    VoiceNotice: "N",
    VoiceReadBack: "B",
    VoiceMove: "M",
    VoiceAnswer: "A",
    VoiceRequest: "R",
    VoiceReply: "D",
}
_KNOWN = frozenset({*_KINDS.values(), *CODED_LETTERS.values()})

# What the points are, and whether only the first of them are said.
_SHAPES = (
    *((AreaKind.CIRCLE, False), (AreaKind.CORNERS, False), (AreaKind.POINTS, False)),
    *((AreaKind.CORNERS, True), (AreaKind.POINTS, True)),
)


def voice_groups(spoken: Spoken) -> tuple[str, ...]:
    """A message as groups of five letters.

    Raises:
        Malformed: `voice_length` if it is too long to be said, `voice_form` if a value is beyond
            what can be said.
    """
    message = spoken.message
    if isinstance(message, VoiceCoded | VoiceCodedAnswer):
        kind, form = CODED_LETTERS[type(message)], coded_form(message)
        body = coded_body(message, form)
    else:
        kind, form = _KINDS[type(message)], _form_of(message)
        body = packed(_values(message, form), _ranges(kind, form))
    mark = form.points + _EXERCISE * spoken.exercise
    return groups_of([LETTERS.index(kind), 0, form.number, mark, *body])


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
    if LETTERS[kind] not in _KNOWN or shape >= len(_SHAPES) or exercise > 1:
        raise no_form("it is of no kind that this version knows")
    form = Form(shape=shape, fine_time=bool(fine & 2), fine_length=bool(fine & 1), points=points)
    spoken = Spoken(message=_read(LETTERS[kind], form, symbols[_HEAD:]), exercise=bool(exercise))
    if voice_groups(spoken) != tuple(groups):  # one message, one form
        raise no_form("it is not in the one form that it has")
    return spoken


def _read(kind: str, form: Form, symbols: Sequence[int]) -> VoiceMessage:
    if kind in CODED_LETTERS.values():
        return coded_from(kind, form, symbols)
    return _message(kind, form, unpacked(symbols, _ranges(kind, form)))


def _form_of(message: VoiceFact) -> Form:
    """The coarsest form that carries every value whole."""
    match message:
        case VoiceNotice(fields=fields) | VoiceReadBack(fields=fields):
            area = fields.area
            lengths = (fields.lower_mm, fields.upper_mm, area.radius_mm or 0)
            return Form(
                shape=_SHAPES.index((area.kind, area.of > len(area.points))),
                fine_time=_is_fine((fields.start_us, fields.end_us), SECOND_US),
                fine_length=_is_fine(lengths, _MM),
                points=len(area.points),
            )
        case VoiceMove(at_us=at_us) | VoiceRequest(by_us=at_us):
            return Form(fine_time=_is_fine((at_us,), SECOND_US))
        case VoiceAnswer() | VoiceReply():
            return Form()


def _is_fine(values: Sequence[int], unit: int) -> bool:
    return any(value % unit for value in values)


def _ranges(kind: str, form: Form) -> list[Range]:
    """Lowest and highest value of each number of a message's body, in order."""
    match kind:
        case "N":
            return [CHOICE, *_field_ranges(form)]
        case "B":
            return _field_ranges(form)
        case "M":
            return [CHOICE, ID, form.instants]
        case "A":
            return [CHOICE, CHOICE, ID]
        case "R":
            return [CHOICE, ID, ID, form.instants]
        case _:
            return [CHOICE, CHOICE, (0, STANDBY_MINUTES_MAX), ID]


def _field_ranges(form: Form) -> list[Range]:
    area, some = _SHAPES[form.shape]
    return [
        *(ID, form.instants, form.instants, form.heights, form.heights),
        *([(POINTS_MAX + 1, VERTICES_MAX)] if some else []),
        *(form.points * [(-LAT_E7_MAX, LAT_E7_MAX), (-LON_E7_MAX, LON_E7_MAX)]),
        *([form.radii] if area is AreaKind.CIRCLE else []),
    ]


def _values(message: VoiceFact, form: Form) -> list[int]:
    """The numbers of a message's body, in order."""
    match message:
        case VoiceNotice(code=code, fields=fields):
            return [_OPENING.index(code), *_field_values(fields, form)]
        case VoiceReadBack(fields=fields):
            return _field_values(fields, form)
        case VoiceMove(code=code, of=of, at_us=at_us):
            return [_MOVES.index(code), number_of(of), at_us // form.unit_us]
        case VoiceAnswer(step=step, of=of, reason=why):
            return [
                _STEPS.index(step),
                0 if why is None else _REASONS.index(why) + 1,
                number_of(of),
            ]
        case VoiceRequest(id=id_, of=of, wanted=wanted, by_us=by_us):
            return [_WANTED.index(wanted), number_of(id_), number_of(of), by_us // form.unit_us]
        case VoiceReply(of=of, decision=decision, reason=no, standby_minutes=minutes):
            reason = 0 if no is None else _DECLINES.index(no) + 1
            return [_DECISIONS.index(decision), reason, minutes or 0, number_of(of)]


def _field_values(fields: VoiceFields, form: Form) -> list[int]:
    area = fields.area
    return [
        number_of(fields.of),
        *(instant // form.unit_us for instant in (fields.start_us, fields.end_us)),
        *(height // form.unit_mm for height in (fields.lower_mm, fields.upper_mm)),
        *([area.of] if area.of > len(area.points) else []),
        *(number for point in area.points for number in (point.lat_e7, point.lon_e7)),
        *([] if area.radius_mm is None else [area.radius_mm // form.unit_mm]),
    ]


def _message(kind: str, form: Form, values: list[int]) -> VoiceFact:
    match kind:
        case "N":
            return VoiceNotice(code=_chosen(_OPENING, values[0]), fields=_fields(values[1:], form))
        case "B":
            return VoiceReadBack(fields=_fields(values, form))
        case "M":
            code, of, at = values
            return VoiceMove(code=_chosen(_MOVES, code), of=id_of(of), at_us=at * form.unit_us)
        case "A":
            step, why, of = values
            return VoiceAnswer(
                step=_chosen(_STEPS, step), of=id_of(of), reason=_chosen_or_none(_REASONS, why)
            )
        case "R":
            wanted, id_, of, by = values
            return VoiceRequest(
                wanted=_chosen(_WANTED, wanted),
                id=id_of(id_),
                of=id_of(of),
                by_us=by * form.unit_us,
            )
        case _:
            decision, no, minutes, of = values
            return VoiceReply(
                decision=_chosen(_DECISIONS, decision),
                reason=_chosen_or_none(_DECLINES, no),
                standby_minutes=minutes or None,
                of=id_of(of),
            )


def _fields(values: list[int], form: Form) -> VoiceFields:
    of, start, end, lower, upper, *rest = values
    kind, some = _SHAPES[form.shape]
    whole = rest.pop(0) if some else form.points
    radius = rest.pop() * form.unit_mm if kind is AreaKind.CIRCLE else None
    points = tuple(
        Position(lat_e7=lat, lon_e7=lon) for lat, lon in zip(rest[::2], rest[1::2], strict=True)
    )
    return VoiceFields(
        of=id_of(of),
        start_us=start * form.unit_us,
        end_us=end * form.unit_us,
        lower_mm=lower * form.unit_mm,
        upper_mm=upper * form.unit_mm,
        area=VoiceArea(kind=kind, points=points, of=whole, radius_mm=radius),
    )


def _chosen(choices: Sequence[_Choice], number: int) -> _Choice:
    if number >= len(choices):
        raise no_form("it says what this version does not know")
    return choices[number]


def _chosen_or_none(choices: Sequence[_Choice], number: int) -> _Choice | None:
    return _chosen(choices, number - 1) if number else None
