"""`comity hotline release`: the second person says what the first wanted said.

Called by `hotline`.
"""

from collections.abc import Sequence
from typing import Annotated

import typer

from comity.cli.failure import Failed
from comity.cli.hotline_about import abouts_at
from comity.cli.hotline_view import show_message
from comity.cli.node import Node, body, shaped
from comity.cli.options import HOME, HomeOption, JsonOption, OnceOption
from comity.cli.show import json_line, line, phrase_line, short
from comity.config import read_home
from comity.model.fault import Malformed, Refusal, Refused
from comity.web.api.shapes_messages import MessageRequest, MessageView
from comity.web.api.shapes_releases import HeldRequest, HeldView, ReleaseRequest
from comity.wire.canonical import Json

__all__ = ["release", "say_or_hold", "show_said"]

_PATH = "held-messages"
_DIGITS_MIN = 6
_KEY_CHARS = 120  # of the 128 that a key may have


def say_or_hold(node: Node, request: MessageRequest, by: str | None, once: str | None) -> Json:
    """Say it; where two persons are agreed, and one is named, keep it for the second."""
    try:
        return node.post("messages", body(request), once)
    except Failed as failed:
        if failed.failure.code != "needs_release" or by is None:
            raise
    key = None if once is None else f"{once[:_KEY_CHARS]}-held"  # another request, another key
    return node.post(_PATH, body(HeldRequest(by=by, message=request)), key)


def show_said(node: Node, answer: Json, *, as_json: bool) -> None:
    """A message, or what waits."""
    if as_json:
        json_line(answer)
    elif isinstance(answer, dict) and "standing" in answer:
        _show_held(node, [shaped(answer, HeldView)])
    else:
        show_message(node, shaped(answer, MessageView))


def release(
    message: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="What waits, or its first 6 digits; none: list it."),
    ] = None,
    *,
    by: Annotated[
        str | None, typer.Option("--by", metavar="PERSON", help="Another person than the first.")
    ] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="It is not to be said.")] = False,
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Say what waits for a second person, or list what does."""
    node = Node(read_home(home))
    if message is None:
        _list(node, as_json=as_json)
        return
    if by is None:
        raise typer.BadParameter("name the person who releases it", param_hint="--by")
    act = "withdrawals" if withdraw else "releases"
    held = _found(node, message)
    if not as_json:
        _show_held(node, [held])  # who releases it sees what it says
    path = f"{_PATH}/{held.id}/{act}"
    show_said(node, node.post(path, body(ReleaseRequest(by=by)), once), as_json=as_json)


def _found(node: Node, digits: str) -> HeldView:
    if len(digits) < _DIGITS_MIN or set(digits) - set("0123456789abcdef"):
        raise Malformed(f"{digits[:64]!r} is no id, nor 6 or more first digits of one")
    views = shaped(node.items(_PATH), list[HeldView])
    chosen = [view for view in views if view.id.startswith(digits)]
    if len(chosen) == 1:
        return chosen[0]
    raise Refused(
        Refusal(
            code="no_such_message",
            reason=f"{len(chosen) or 'no'} messages that wait begin with {digits}",
            what_to_do="See comity hotline release.",
        )
    )


def _list(node: Node, *, as_json: bool) -> None:
    found = node.items(_PATH)
    if as_json:
        json_line(found)
        return
    views = shaped(found, list[HeldView])
    if not views:
        line("nothing waits for a second person")
    _show_held(node, views)


def _show_held(node: Node, views: Sequence[HeldView]) -> None:
    """Each with what it says and is about, as long as that is kept."""
    abouts = abouts_at(node, ((view.about, view.at) for view in views))
    for view in views:
        second = f", {view.by_second}" if view.by_second else ""
        said = f"; said as {short(view.message)}" if view.message else ""
        line(
            f"{short(view.id)}  {view.code} to {view.to} by {view.by}{second}  [{view.standing}]  "
            f"until {view.expires}{said}"
        )
        if view.wording:
            phrase_line(f"    {view.wording}")
        if view.about is not None:
            line(f"    about {abouts[view.about]}")
