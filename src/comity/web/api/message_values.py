"""The fields of messages as JSON has them, to integers and back. Called by `messages`.

Degrees and metres are rounded to the nearest 1e-7 degree and millimetre: what a person reads back
is what was sent.
"""

from collections.abc import Mapping

from comity.model.fault import Malformed
from comity.model.message import ordered
from comity.model.phrasebook import Phrase, Value, ValueKind, Values
from comity.model.quantity import Position, degrees, e7_from_degrees, instant_text, instant_us
from comity.web.api.shapes_messages import JsonValue

__all__ = ["values_from", "values_view"]

_METRE_MM = 1_000
_METRES = frozenset({ValueKind.RADIUS, ValueKind.HEIGHT})
_METRES_MAX = 1e9  # no range of the phrasebook reaches so far


def values_from(phrase: Phrase, given: Mapping[str, JsonValue]) -> Values:
    """The values of a phrase's fields.

    Raises:
        Malformed: `unknown_value`, or `bad_value` for a value that is not of its field's kind.
    """
    kinds = {field.name: field.kind for field in phrase.fields}
    for name in given:
        if name not in kinds:
            options = ", ".join(kinds) or "no field"
            raise Malformed(f"{name[:40]!r}: there is {options}", code="unknown_value")
    return ordered({name: _value(name, kinds[name], value) for name, value in given.items()})


def _value(name: str, kind: ValueKind, given: JsonValue) -> Value:
    if kind is ValueKind.PLACE and isinstance(given, tuple):
        return Position(lat_e7=e7_from_degrees(given[0]), lon_e7=e7_from_degrees(given[1]))
    if kind is ValueKind.TIME and isinstance(given, str):
        return instant_us(given)
    if kind is ValueKind.CHOICE and isinstance(given, str):
        return given
    if kind in _METRES and isinstance(given, int | float) and abs(given) <= _METRES_MAX:
        return round(given * _METRE_MM)
    if kind not in _METRES and type(given) is int and kind is not ValueKind.TIME:
        return given
    raise Malformed(f"{name} is a {kind}: see the phrasebook", code="bad_value")


def values_view(phrase: Phrase, values: Values) -> dict[str, JsonValue]:
    """As they were given; a read-back may hold what the phrase does not have."""
    kinds = {field.name: field.kind for field in phrase.fields}
    return {name: _view(kinds.get(name), value) for name, value in values}


def _view(kind: ValueKind | None, value: Value) -> JsonValue:
    if isinstance(value, Position):
        return (degrees(value.lat_e7), degrees(value.lon_e7))
    if isinstance(value, int) and kind is ValueKind.TIME and _is_instant(value):
        return instant_text(value)
    if isinstance(value, int) and kind in _METRES:
        return value / _METRE_MM
    return value


def _is_instant(value: int) -> bool:
    """Whether it can be written as one: a read-back's number may be any."""
    return 0 <= value < 1 << 52
