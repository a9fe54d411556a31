"""`comity hotline watch`: what happens at the node, one line each, as it happens.

When the line to the node breaks it is taken up again after the last event that was printed, so none
is missed and none is printed twice. Called by `hotline`.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import typer

from comity.cli.area import blaming
from comity.cli.exit_codes import ExitCode
from comity.cli.failure import Failed
from comity.cli.node import Node
from comity.cli.options import HOME, HomeOption, JsonOption
from comity.cli.show import json_line, line, short
from comity.config import read_home
from comity.model.fault import Malformed
from comity.model.party import party_name
from comity.web.api.event_views import EVENT_KINDS, place_from
from comity.wire.canonical import Json, loads

__all__ = ["Told", "events_in", "watch"]

_AGAIN_S = 1.0
_DATA_BYTES_MAX = 65_536
_ORDINARY = "entry"  # heads, receipts and keys: of interest to programs
_IDS = frozenset({"id", "of", "about", "warning"})
_PARTIES = frozenset({"from", "to", "party"})
_LEFT_OUT = frozenset({"at", "entry", "type", "verdict"})
_OWN = frozenset({"from", "to", "id"})  # of what we put on our own record


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One event as it came: its kind, the id to go on from, and what it says."""

    kind: str
    id: str
    says: dict[str, Json]


def watch(
    *,
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", metavar="KIND", help="Only such events. Repeat it."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Heads, receipts and keys too.")
    ] = False,
    after: Annotated[
        str | None,
        typer.Option("--after", metavar="ID", help="Go on after this event; 0-0 for all there is."),
    ] = None,
    count: Annotated[
        int | None, typer.Option("--count", metavar="N", min=1, help="End after so many.")
    ] = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Print what happens here until you end it: notices, messages, answers, warnings, lines."""
    for wrong in sorted({*(kind or ())} - EVENT_KINDS):
        known = ", ".join(sorted(EVENT_KINDS))
        raise typer.BadParameter(f"{wrong!r} is none of {known}", param_hint="--kind")
    if after is not None:
        with blaming("--after"):
            place_from(after)
    node, left = Node(read_home(home)), count
    for told in _followed(node, after):
        if told.kind not in kind if kind else told.kind == _ORDINARY and not everything:
            continue
        if as_json:
            json_line({"event": told.kind, "event_id": told.id, **told.says})
        else:
            line(_line(told))
        if left is not None:
            left -= 1
            if left == 0:
                return


def _followed(node: Node, last: str | None) -> Iterator[Told]:
    """Events without an end. Failed if the node refuses, or was never reached."""
    reached = False
    while True:  # bounded by the person who ends it
        try:
            for told in events_in(node.follow("events", {}, last)):
                reached, last = True, told.id
                if told.kind:
                    yield told
        except Failed as failed:
            if not reached or failed.failure.exit_code is not ExitCode.NOT_REACHED:
                raise
        typer.echo("the line to the node is broken; trying again", err=True)
        threading.Event().wait(_AGAIN_S)


def events_in(lines: Iterator[str]) -> Iterator[Told]:
    """The events of a stream, by the rules of server-sent events; an id alone has no kind."""
    fields: dict[str, str] = {}
    for text in lines:
        if text:
            name, _, value = text.partition(":")
            fields[name] = value.removeprefix(" ")
            continue
        if "id" in fields:
            yield Told(kind=fields.get("event", ""), id=fields["id"], says=_says(fields))
        fields.clear()  # an event that was cut off before its empty line did not come


def _says(fields: dict[str, str]) -> dict[str, Json]:
    if "data" not in fields:
        return {}
    found = loads(fields["data"].encode(), bytes_max=_DATA_BYTES_MAX)
    if not isinstance(found, dict):
        raise Malformed("the node sends an event of another form", code="bad_answer")
    return found


def _line(told: Told) -> str:
    """When, what kind, then what it says in the order in which it came."""
    hidden = _LEFT_OUT | _OWN if told.says.get("from") == told.says.get("to") else _LEFT_OUT
    said = [_word(name, value) for name, value in told.says.items() if name not in hidden]
    when = str(told.says.get("at", ""))
    kind = told.kind
    if kind == _ORDINARY:
        kind = str(told.says.get("type", kind))
    return "  ".join([when, kind, *(each for each in said if each)])


def _word(name: str, value: Json) -> str:
    if value is None or value == "":
        return ""
    if name in _IDS:
        return f"{name} {short(str(value))}"
    if name in _PARTIES:
        return f"{name} {party_name(str(value))}"
    if isinstance(value, list):
        return f"{name} {' to '.join(map(str, value))}"
    return str(value) if name in {"state", "text", "code", "reason"} else f"{name} {value}"
