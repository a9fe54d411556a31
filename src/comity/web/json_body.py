"""From foreign bytes to one of the request shapes: strict JSON, no forbidden word, no surplus key.

Knows no HTTP and no shape by name. Raises Malformed only, naming the field that is wrong. Called by
the routes for each body.
"""

import re
from collections.abc import Iterator
from typing import TypeVar

import msgspec

from comity.model.fault import Malformed
from comity.model.notice import FORBIDDEN_FIELDS
from comity.web.problem import BadField
from comity.wire.canonical import Json, loads
from comity.wire.limits import BODY_BYTES_MAX

__all__ = ["shaped"]

S = TypeVar("S", bound=msgspec.Struct)

_QUOTE_CHARS_MAX = 80  # of a foreign key or value, in our own sentence
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PLACE = re.compile(r" - at `(?:key in )?\$\.?(?P<field>.*)`\Z", re.DOTALL)
_NAMED = re.compile(
    r"Object (?:contains unknown|missing required) field `(?P<name>.*?)`(?: - at `.*)?\Z", re.DOTALL
)
# How msgspec's sentences begin, and what they are called here.
_CODES = (
    ("Object contains unknown field", "unknown_field"),
    ("Object missing required field", "missing_field"),
    ("Invalid enum value", "not_in_list"),
)


def shaped(body: bytes, shape: type[S]) -> S:
    """Read a body as `shape`.

    Raises:
        Malformed: `bad_json`, `duplicate_key`, `bad_number`, `too_deep`, `too_large`; naming the
            field: `forbidden_field`, `unknown_field`, `missing_field`, `not_in_list`, `wrong_type`.
    """
    value = loads(body, bytes_max=BODY_BYTES_MAX)
    for place, key in _keys(value, ""):
        word = _CAMEL.sub("_", key).lower().replace("-", "_").replace(" ", "_")
        if word in FORBIDDEN_FIELDS:
            reason = f"Comity has no field {key!r}, ever"
            raise BadField(reason, code="forbidden_field", field=place)
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise _misfit(str(error)) from error


def _keys(value: Json, place: str) -> Iterator[tuple[str, str]]:
    """Every key with its place; the depth is bounded by `loads`."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _keys(item, f"{place}[{index}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            inner = f"{place}.{key}" if place else key
            yield inner, key
            yield from _keys(item, inner)


def _misfit(sentence: str) -> Malformed:
    code = next((code for start, code in _CODES if sentence.startswith(start)), "wrong_type")
    named = _NAMED.match(sentence)
    place = _PLACE.search(sentence)
    parts = [place["field"] if place else "", named["name"] if named else ""]
    field = ".".join(part for part in parts if part)[:_QUOTE_CHARS_MAX]
    reason = _PLACE.sub("", sentence)[:_QUOTE_CHARS_MAX]
    return BadField(f"{field or 'the body'}: {reason}", code=code, field=field or "body")
