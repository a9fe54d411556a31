"""Coded messages and answers as they are said by voice, named by the phrasebook, and compared.

A field is said by its number in its phrase. A reader whose phrasebook is older sees the numbers of
what it does not know. Pure. Called by the command line; letters are `wire.voice_coded`'s.
"""

from collections.abc import Iterator

from comity.airspace.geodesic import distance_m
from comity.hotline.phrases import phrasebook
from comity.model.fault import Malformed
from comity.model.message import Message, MessageAnswer
from comity.model.phrasebook import Phrase, PhraseField, Value, ValueKind, Values
from comity.model.quantity import SECOND_US, Position, degrees
from comity.model.voice import (
    FIELDS_MAX,
    ID_BYTES,
    ROLES,
    VoiceCode,
    VoiceCoded,
    VoiceCodedAnswer,
    VoiceValue,
    VoiceValues,
)
from comity.model.wording import value_text

__all__ = [
    "coded_answer_said",
    "coded_differences",
    "coded_facts",
    "coded_said",
    "coded_unsaid",
]


def coded_said(id_: bytes, message: Message, due_us: int | None) -> VoiceCoded:
    """A message as it is said; its deadline to the second before it."""
    return VoiceCoded(
        id=id_[:ID_BYTES],
        code=message.code,
        role=_role(message.role),
        values=_said(message.code, message.values),
        about=None if message.about is None else message.about[:ID_BYTES],
        due_us=None if due_us is None else due_us - due_us % SECOND_US,
    )


def coded_answer_said(asked: str, answer: MessageAnswer) -> VoiceCodedAnswer:
    """An answer to a message of the code `asked`, as it is said.

    Raises:
        Malformed: `voice_form` if it reads back what the code has not.
    """
    heard = answer.read_back
    return VoiceCodedAnswer(
        of=answer.of[:ID_BYTES],
        code=answer.code,
        role=_role(answer.role),
        values=_said(answer.code, answer.values),
        read_back=None if heard is None else _said(asked, heard.values),
    )


def coded_unsaid(role: str, words: str) -> tuple[str, ...]:
    """What of a message or an answer no group carries, in words."""
    found = [] if _role(role) else [f"the role {role}: it is none that has a number"]
    return (*found, *(["free text"] if words else []))


def coded_facts(message: VoiceCode, asked: str | None = None) -> list[tuple[str, str]]:
    """What a message says, name by name; `asked` is the code that an answer is to, if known."""
    names = [("role", message.role or "NOT SAID")]
    facts = [(name, text) for name, text in _named(_phrase(message.code), message.values)]
    if isinstance(message, VoiceCodedAnswer):
        phrase = None if asked is None else _phrase(asked)
        heard = _named(phrase, message.read_back or ())
        return [*names, *facts, *((f"read back: {name}", text) for name, text in heard)]
    return [*names, *facts]


def coded_differences(said: VoiceCode, held: VoiceCode, asked: str) -> tuple[str, ...]:
    """Where what was said differs from what is held, a sentence each.

    Deadlines are not compared: each side counts from when it heard.
    """
    if type(said) is not type(held):
        return ("it is a message of another kind",)
    return tuple(_apart(said, held, asked))


def _apart(said: VoiceCode, held: VoiceCode, asked: str) -> Iterator[str]:
    for name in ("code", "role"):
        one, other = getattr(said, name), getattr(held, name)
        if one != other:
            yield _unlike(name, one or "not said", other or "none that is said")
    if said.code == held.code:
        yield from _values_apart(_phrase(said.code), said.values, held.values, "")
    if isinstance(said, VoiceCoded) and isinstance(held, VoiceCoded) and said.about != held.about:
        about = [None if each.about is None else each.about.hex() for each in (said, held)]
        yield _unlike("about", about[0] or "nothing", about[1] or "nothing")
    if isinstance(said, VoiceCodedAnswer) and isinstance(held, VoiceCodedAnswer):
        one_heard, other_heard = said.read_back, held.read_back
        if (one_heard is None) != (other_heard is None):
            which = "reads it back" if one_heard is not None else "reads nothing back"
            yield f"what was said {which}, and what is held does not agree"
            return
        yield from _values_apart(_phrase(asked), one_heard or (), other_heard or (), "read back: ")


def _values_apart(
    phrase: Phrase | None, said: VoiceValues, held: VoiceValues, before: str
) -> Iterator[str]:
    ones, others = {v.field: v for v in said}, {v.field: v for v in held}
    for field in sorted(ones.keys() | others.keys()):
        one, other = ones.get(field), others.get(field)
        if one == other:
            continue
        name = before + _name(phrase, field)
        if one is not None and other is not None and _is_moved(one, other):
            yield f"{name} is {_metres_apart(one, other):,.1f} m from the one held here"
        else:
            yield _unlike(name, _text(phrase, one), _text(phrase, other))


def _unlike(name: str, said: str, held: str) -> str:
    return f"{name}: {said} was said, {held} is held here"


def _is_moved(one: VoiceValue, other: VoiceValue) -> bool:
    return isinstance(one.value, Position) and isinstance(other.value, Position)


def _metres_apart(one: VoiceValue, other: VoiceValue) -> float:
    if not (isinstance(one.value, Position) and isinstance(other.value, Position)):
        return 0.0
    ends = [(degrees(p.lat_e7), degrees(p.lon_e7)) for p in (one.value, other.value)]
    return distance_m(ends[0], ends[1])


def _said(code: str, values: Values) -> VoiceValues:
    """By the numbers of the phrase's fields."""
    fields = phrasebook().phrase(code).fields
    numbers = {field.name: at for at, field in enumerate(fields[:FIELDS_MAX])}
    found = []
    for name, value in values:
        if name not in numbers:
            raise Malformed(f"{name[:40]!r} is no field of {code}", code="voice_form")
        at = numbers[name]
        found.append(VoiceValue(field=at, kind=fields[at].kind, value=_number(fields[at], value)))
    return tuple(sorted(found, key=lambda each: each.field))


def _number(field: PhraseField, value: Value) -> int | Position:
    """A choice by its number in the list; a value of another kind cannot be said."""
    if field.kind is ValueKind.CHOICE and isinstance(value, str) and value in field.choices:
        return field.choices.index(value)
    if isinstance(value, str) or isinstance(value, Position) != (field.kind is ValueKind.PLACE):
        raise Malformed(f"{field.name} is no {field.kind}", code="voice_form")
    return value


def _phrase(code: str) -> Phrase | None:
    return phrasebook().phrases.get(code)


def _named(phrase: Phrase | None, values: VoiceValues) -> list[tuple[str, str]]:
    return [(_name(phrase, each.field), _text(phrase, each)) for each in values]


def _field(phrase: Phrase | None, number: int) -> PhraseField | None:
    if phrase is None or number >= len(phrase.fields):
        return None
    return phrase.fields[number]


def _name(phrase: Phrase | None, number: int) -> str:
    field = _field(phrase, number)
    return f"field {number + 1}" if field is None else field.name


def _text(phrase: Phrase | None, each: VoiceValue | None) -> str:
    if each is None:
        return "nothing"
    field = _field(phrase, each.field)
    known = field is not None and field.kind is each.kind
    if isinstance(each.value, int) and each.kind is ValueKind.CHOICE:
        choices = field.choices if field is not None and known else ()
        number = each.value
        return choices[number] if number < len(choices) else f"choice {number + 1}, not known here"
    return value_text(PhraseField(name="value", kind=each.kind, about=""), each.value)


def _role(role: str) -> str | None:
    return role if role in ROLES else None
