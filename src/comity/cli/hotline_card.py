"""`comity hotline card`: every open item of a node on paper, for when the node is down.

Asks the node; `hotline_card_text` lays it out. Called by `hotline`.
"""

from pathlib import Path
from typing import Annotated

import typer

from comity.cli.files import write_new
from comity.cli.hotline_card_text import CardItems, card_text
from comity.cli.hotline_held import holdings, versions
from comity.cli.node import Node, shaped
from comity.cli.options import HOME, HomeOption
from comity.cli.show import line
from comity.config import read_home
from comity.model.lifecycle import is_live
from comity.model.phrasebook import Precedence
from comity.model.quantity import instant_us
from comity.web.api.shapes import ConflictView, RiskView, StatusView, WarningView
from comity.web.api.shapes_handovers import OpenItemsView
from comity.web.api.shapes_register import ProtectedView

__all__ = ["card"]

_URGENCY = [each.value for each in Precedence]  # the order of `inbox --open`
_TRIES = 3  # a busy node writes meanwhile; the card then says from which head to which


def card(
    *,
    out: Annotated[
        Path | None, typer.Option("--out", help="A new text file to write; else it is printed.")
    ] = None,
    spell: Annotated[
        bool, typer.Option("--spell", help="Spelling words beside the groups; many more pages.")
    ] = False,
    home: HomeOption = HOME,
) -> None:
    """Print a voice card of every open item; print it anew whenever something changes."""
    ours = read_home(home)
    text = card_text(_gathered(Node(ours), ours.origin), spell=spell)
    if out is None:
        typer.echo(text, nl=False)
        return
    write_new(out, text.encode("utf-8"))
    line(f"{out}: print it now; it is true for the head that it names")


def _gathered(node: Node, own: str) -> CardItems:
    """All of it at one head, or between two that are both named."""
    items = _asked(node, own)
    for _ in range(_TRIES - 1):
        if items.after.journal_size == items.before.journal_size:
            break
        items = _asked(node, own)
    return items


def _asked(node: Node, own: str) -> CardItems:
    before = shaped(node.get("status"), StatusView)
    held = holdings(node, own)
    live = [view for view in held.notices if is_live(view.state)]
    open_ = [view for view in held.requests if view.due is not None]
    said = [view for view in held.messages if view.due is not None]
    said.sort(key=lambda view: (_URGENCY.index(view.precedence), instant_us(view.due or view.at)))
    warnings = shaped(node.items("warnings"), list[WarningView])
    risks = shaped(node.items("risks"), list[RiskView])
    conflicts = shaped(node.items("conflicts"), list[ConflictView])
    return CardItems(
        before=before,
        notices=tuple((view, tuple(versions(node, view, own))) for view in live),
        messages=tuple(said),
        requests=tuple(open_),
        warnings=tuple(each for each in warnings if each.cleared is None),
        risks=tuple(each for each in risks if each.open),
        conflicts=tuple(each for each in conflicts if each.over is None),
        items=shaped(node.get("open-items"), OpenItemsView),
        sealed=len(shaped(node.items("register"), list[ProtectedView])),
        over={
            "notices": len(held.notices) - len(live),
            "messages": len(held.messages) - len(said),
            "requests": len(held.requests) - len(open_),
            "warnings": sum(each.cleared is not None for each in warnings),
            "units": sum(not each.open for each in risks),
            "conflicts": sum(each.over is not None for each in conflicts),
        },
        after=shaped(node.get("status"), StatusView),
    )
