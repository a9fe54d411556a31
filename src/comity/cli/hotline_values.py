"""What people write into the fields of a code, and how an officer reads a message back.

A number carries its unit, a time may be counted from the node's: `10km`, `+20m`. Called by
`hotline`.
"""

from collections.abc import Iterable, Mapping

import typer

from comity.cli.area import blaming
from comity.cli.asked import READ_BACK_YES, asking
from comity.cli.find import find_notice, find_request, node_now_us
from comity.cli.hotline_about import abouts_of
from comity.cli.node import Node, shaped
from comity.cli.show import line, phrase_line
from comity.cli.written import height_m, is_from_now, moment_us, point, split_pair
from comity.exercise.amount import length_mm
from comity.hotline.phrases import phrasebook
from comity.model.fault import Malformed, Refusal, Refused
from comity.model.message import needs_read_back
from comity.model.phrasebook import Phrase, ValueKind
from comity.model.quantity import instant_text
from comity.web.api.shapes_messages import JsonValue, MessageView
from comity.wire.canonical import decimal

__all__ = ["find_about", "find_answered", "find_message", "read_back_of", "values_of"]

_METRE_MM = 1_000
_ID_DIGITS = 64


def values_of(node: Node, phrase: Phrase, pairs: Iterable[str]) -> dict[str, JsonValue]:
    """The fields that were typed as FIELD=VALUE; Malformed for a field that the code has not."""
    kinds = {field.name: field.kind for field in phrase.fields}
    found: dict[str, JsonValue] = {}
    for text in pairs:
        name, value = split_pair(text)
        if name not in kinds:
            options = ", ".join(kinds) or "no field"
            raise Malformed(f"{phrase.code} has {options}, not {name[:40]!r}", code="unknown_value")
        if name in found:
            raise Malformed(f"{name} is given twice", code="bad_value")
        found[name] = _value(node, kinds[name], value)
    return found


def _value(node: Node, kind: ValueKind, text: str) -> JsonValue:
    match kind:
        case ValueKind.PLACE:
            return point(text)
        case ValueKind.TIME:
            return instant_text(moment_us(text, node_now_us(node) if is_from_now(text) else 0))
        case ValueKind.RADIUS:
            return length_mm(text) / _METRE_MM
        case ValueKind.HEIGHT:
            return height_m(text)
        case ValueKind.CHOICE:
            return text
        case _:
            return decimal(text)


def read_back_of(
    node: Node, view: MessageView, code: str, *, changes: Iterable[str], yes: bool
) -> dict[str, JsonValue] | None:
    """What the officer repeats, field by field; None where the phrasebook wants no read-back."""
    phrase = phrasebook().phrase(view.code)
    with blaming("--field"):
        changed = values_of(node, phrase, changes)
    if not needs_read_back(phrase, code):
        if changed:
            raise Malformed(f"{code} to {view.code} is not read back", code="no_read_back")
        return None
    if yes:
        return {**view.values, **changed}
    phrase_line(view.reader_wording)
    if view.about is not None:
        line(f"about {abouts_of(node, [view])[view.about]}")
    return {**_asked(node, phrase, view.values, changed), **changed}


def _asked(
    node: Node, phrase: Phrase, said: Mapping[str, JsonValue], changed: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """Every field with the officer's word for it; questions go to stderr."""
    heard: dict[str, JsonValue] = {}
    for name, value in said.items():
        if name in changed:
            continue
        shown = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
        with asking(f"{name} {shown} was read back", READ_BACK_YES):
            if typer.confirm(f"{name} {shown}: so read back?", err=True):
                heard[name] = value
            else:
                text = typer.prompt(f"{name} was read back as", err=True)
                heard |= values_of(node, phrase, (f"{name}={text}",))
    return heard


def find_message(node: Node, digits: str) -> MessageView:
    """The one message whose id begins with `digits`."""
    if len(digits) < 6 or set(digits) - set("0123456789abcdef"):  # noqa: PLR2004 - as for notices
        raise Malformed(f"{digits[:64]!r} is no id, nor 6 or more first digits of one")
    if len(digits) == _ID_DIGITS:
        return shaped(node.get(f"messages/{digits}"), MessageView)
    found = shaped(node.items("messages"), list[MessageView])
    views = [view for view in found if view.id.startswith(digits)]
    if len(views) == 1:
        return views[0]
    raise Refused(
        Refusal(
            code="no_such_message",
            reason=f"{len(views) or 'no'} messages begin with {digits}",
            what_to_do="See comity hotline inbox.",
        )
    )


def find_about(node: Node, digits: str) -> str:
    """The id of the notice, or else of the message, that begins with `digits`."""
    try:
        return find_notice(node, digits)
    except Refused as none:
        try:
            return find_message(node, digits).id
        except Refused:
            raise none from None


def find_answered(node: Node, digits: str) -> str:
    """The id of the notice, message or request that begins with `digits`: what has a chain."""
    try:
        return find_about(node, digits)
    except Refused as none:
        try:
            return find_request(node, digits)
        except Refused:
            raise none from None
