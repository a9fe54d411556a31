"""`comity agreement suspend|resume`: what one principal may do alone. Called by `agreement`."""

import re
from pathlib import Path
from typing import Annotated, Literal

import typer

from comity.cli.agreement_find import find_agreement
from comity.cli.agreement_show import NameArgument
from comity.cli.agreement_view import show_suspensions
from comity.cli.node import Node, body, shaped
from comity.cli.options import HOME, HomeOption, JsonOption, OnceOption
from comity.cli.show import json_line
from comity.config import read_home
from comity.web.api.shapes_agreements import StandingRequest, SuspensionView

__all__ = ["resume", "suspend"]

_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
ReasonOption = Annotated[
    str, typer.Option("--reason", help="Why, in a sentence; the other parties read it.")
]


def suspend(
    name: NameArgument,
    *,
    reason: ReasonOption,
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Suspend an agreement alone, at once. Hazards, and the end of anything, pass all the same."""
    _change(home, name, "suspend", reason, once=once, as_json=as_json)


def resume(
    name: NameArgument,
    *,
    reason: ReasonOption,
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Take our own suspension back; another party's is its own to take back."""
    _change(home, name, "resume", reason, once=once, as_json=as_json)


def _change(
    home: Path,
    name: str,
    change: Literal["suspend", "resume"],
    reason: str,
    *,
    once: str | None,
    as_json: bool,
) -> None:
    node = Node(read_home(home))
    # A whole hash is taken as it is: it may be that of a parameter block, which has no name.
    hash_ = name if _HASH.fullmatch(name) else find_agreement(node, name).hash
    request = StandingRequest(change=change, reason=reason)
    answer = node.post(f"agreements/{hash_}/standing", body(request), once)
    if as_json:
        json_line(answer)
        return
    items = answer.get("items") if isinstance(answer, dict) else None
    show_suspensions(shaped(items, list[SuspensionView]))
