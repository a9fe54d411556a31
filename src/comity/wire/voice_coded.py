"""Coded messages and their answers in the voice form: which numbers, in which letters.

Three parts: who, what and which fields; a letter for the kind of each field; the values. A field is
said by its number and its kind, so whoever reads it needs no phrasebook for the values, and the
schema knows no code. Letter by letter: docs/reference/voice.md. Called by `voice_v1`.
"""

from collections.abc import Iterator, Sequence

from comity.model.phrasebook import ValueKind
from comity.model.quantity import LAT_E7_MAX, LON_E7_MAX, SECOND_US, Position
from comity.model.voice import (
    FIELDS_MAX,
    ROLES,
    VoiceCode,
    VoiceCoded,
    VoiceCodedAnswer,
    VoiceValue,
    VoiceValues,
)
from comity.wire.voice_number import (
    CHOICE,
    ID,
    Form,
    Range,
    id_of,
    letters_for,
    no_form,
    number_of,
    packed,
    unpacked,
)

__all__ = ["CODED_LETTERS", "coded_body", "coded_form", "coded_from"]

CODED_LETTERS: dict[type[VoiceCode], str] = {VoiceCoded: "C", VoiceCodedAnswer: "W"}
# The order is the letter; new ones come at the end.
_KINDS = (
    *(ValueKind.CHOICE, ValueKind.PLACE, ValueKind.TIME, ValueKind.RADIUS),
    *(ValueKind.HEIGHT, ValueKind.MINUTES, ValueKind.PERSONS, ValueKind.FREQUENCY),
)
_TIMES = frozenset({ValueKind.TIME})
_LENGTHS = frozenset({ValueKind.RADIUS, ValueKind.HEIGHT})
_LETTERS, _DIGITS = 26, 10
_SECONDS, _ENDS = _LETTERS + 1, _DIGITS + 1  # none, or one of them
_CODE: Range = (0, _LETTERS * _SECONDS * _ENDS - 1)
_FIELDS: Range = (0, 2**FIELDS_MAX - 1)
_FIXED: dict[ValueKind, Range] = {
    ValueKind.CHOICE: (0, 63),
    ValueKind.MINUTES: (0, 1_440),
    ValueKind.PERSONS: (0, 1_000_000),
    ValueKind.FREQUENCY: (0, 300_000_000_000),
}
# Beside the code: the id, the role, two flags (something about it follows, a deadline or a
# read-back follows), and which fields there are, of the message and of what is read back.
_HEADS: dict[str, list[Range]] = {
    "C": [_CODE, ID, CHOICE, (0, 3), _FIELDS],
    "W": [_CODE, ID, CHOICE, (0, 1), _FIELDS, _FIELDS],
}


def coded_form(message: VoiceCode) -> Form:
    """The coarsest form that carries every value whole."""
    values = _all_values(message)
    return Form(
        fine_time=any(each.kind in _TIMES and _is_fine(each, SECOND_US) for each in values),
        fine_length=any(each.kind in _LENGTHS and _is_fine(each, 1_000) for each in values),
    )


def coded_body(message: VoiceCode, form: Form) -> list[int]:
    """The letters of a message after its head, as numbers; Malformed for what cannot be said."""
    values = _all_values(message)
    kinds = [_KINDS.index(each.kind) for each in values]
    more: list[int] = []
    if isinstance(message, VoiceCoded):
        about, due_us, id_ = message.about, message.due_us, message.id
        parts = [(about is not None) + 2 * (due_us is not None), _bits(message.values)]
        more += [] if about is None else [number_of(about)]
        more += [] if due_us is None else [due_us // SECOND_US]
    else:
        heard, id_ = message.read_back, message.of
        parts = [int(heard is not None), _bits(message.values), _bits(heard or ())]
    head = [_code_number(message.code), number_of(id_), _role_number(message.role), *parts]
    letter = CODED_LETTERS[type(message)]
    numbers = [*more, *(number for each in values for number in _numbers(each, form))]
    ranges = [*_before(letter, parts[0]), *_ranges([each.kind for each in values], form)]
    return [*packed(head, _HEADS[letter]), *kinds, *packed(numbers, ranges)]


def coded_from(letter: str, form: Form, symbols: Sequence[int]) -> VoiceCode:
    """The message that these letters after the head say; Malformed (`voice_form`) if none."""
    code, id_, role, flags, *bits = unpacked(symbols, _HEADS[letter])
    at = letters_for(_HEADS[letter])
    fields = [_fields(each) for each in bits]
    kinds = [_kind(symbol) for symbol in symbols[at : at + sum(map(len, fields))]]
    if len(kinds) != sum(map(len, fields)):
        raise no_form("it is shorter than what it says that it holds")
    ranges = [*_before(letter, flags), *_ranges(kinds, form)]
    numbers = iter(unpacked(symbols[at + len(kinds) :], ranges))
    about = id_of(next(numbers)) if letter == "C" and flags & 1 else None
    due_us = next(numbers) * SECOND_US if letter == "C" and flags & 2 else None
    found = [
        _value(field, kind, numbers, form)
        for field, kind in zip((f for each in fields for f in each), kinds, strict=True)
    ]
    values = tuple(found[: len(fields[0])])
    if letter == "C":
        return VoiceCoded(
            id=id_of(id_),
            code=_code(code),
            role=_role(role),
            values=values,
            about=about,
            due_us=due_us,
        )
    heard = tuple(found[len(fields[0]) :])
    if heard and not flags:
        raise no_form("it reads back what it says that it does not")
    return VoiceCodedAnswer(
        of=id_of(id_),
        code=_code(code),
        role=_role(role),
        values=values,
        read_back=heard if flags else None,
    )


def _all_values(message: VoiceCode) -> VoiceValues:
    """Those of the message, then those that it reads back."""
    heard = message.read_back if isinstance(message, VoiceCodedAnswer) else None
    return (*message.values, *(heard or ()))


def _is_fine(each: VoiceValue, unit: int) -> bool:
    return isinstance(each.value, int) and each.value % unit != 0


def _bits(values: VoiceValues) -> int:
    return sum(1 << each.field for each in values)


def _fields(bits: int) -> list[int]:
    return [field for field in range(FIELDS_MAX) if bits >> field & 1]


def _before(letter: str, flags: int) -> list[Range]:
    """The ranges of what stands before the values; a deadline is in seconds always."""
    if letter != "C":
        return []
    return [*([ID] if flags & 1 else []), *([Form().instants] if flags & 2 else [])]


def _ranges(kinds: Sequence[ValueKind], form: Form) -> list[Range]:
    found: list[Range] = []
    for kind in kinds:
        match kind:
            case ValueKind.PLACE:
                found += [(-LAT_E7_MAX, LAT_E7_MAX), (-LON_E7_MAX, LON_E7_MAX)]
            case ValueKind.TIME:
                found.append(form.instants)
            case ValueKind.RADIUS:
                found.append(form.radii)
            case ValueKind.HEIGHT:
                found.append(form.heights)
            case _:
                found.append(_FIXED[kind])
    return found


def _unit(kind: ValueKind, form: Form) -> int:
    if kind in _TIMES:
        return form.unit_us
    return form.unit_mm if kind in _LENGTHS else 1


def _numbers(each: VoiceValue, form: Form) -> list[int]:
    if isinstance(each.value, Position):
        return [each.value.lat_e7, each.value.lon_e7]
    return [each.value // _unit(each.kind, form)]


def _value(field: int, kind: ValueKind, numbers: Iterator[int], form: Form) -> VoiceValue:
    if kind is ValueKind.PLACE:
        place = Position(lat_e7=next(numbers), lon_e7=next(numbers))
        return VoiceValue(field=field, kind=kind, value=place)
    return VoiceValue(field=field, kind=kind, value=next(numbers) * _unit(kind, form))


def _kind(symbol: int) -> ValueKind:
    if symbol >= len(_KINDS):
        raise no_form("it says what this version does not know")
    return _KINDS[symbol]


def _role_number(role: str | None) -> int:
    return 0 if role is None else ROLES.index(role) + 1


def _role(number: int) -> str | None:
    if number > len(ROLES):
        raise no_form("it says what this version does not know")
    return ROLES[number - 1] if number else None


def _code_number(code: str) -> int:
    """One or two letters and at most one digit, each with a number for none."""
    letters = code.rstrip("0123456789")
    first, second = ord(letters[0]) - ord("A"), ord(letters[1]) - ord("@") if letters[1:] else 0
    digit = int(code[-1]) + 1 if len(code) > len(letters) else 0
    return (first * _SECONDS + second) * _ENDS + digit


def _code(number: int) -> str:
    rest, digit = divmod(number, _ENDS)
    first, second = divmod(rest, _SECONDS)
    letters = chr(ord("A") + first) + (chr(ord("@") + second) if second else "")
    return letters + (str(digit - 1) if digit else "")
