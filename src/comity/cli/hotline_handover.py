"""`comity hotline handover`: one officer signs the open items over, the next one countersigns.

Persons' names stay at home. Called by `hotline`.
"""

from collections.abc import Sequence
from typing import Annotated

import typer

from comity.cli.asked import asking
from comity.cli.node import Node, body, shaped
from comity.cli.options import HOME, HomeOption, JsonOption, OnceOption, examples
from comity.cli.show import facts, heading, json_line, line, short
from comity.config import read_home
from comity.model.fault import Malformed, Refusal, Refused
from comity.web.api.shapes_handovers import (
    AcceptanceRequest,
    HandoverRequest,
    HandoverView,
    OpenItemsView,
    OpenItemView,
)
from comity.wire.canonical import Json

__all__ = ["app", "show_items"]

app = typer.Typer(help="Sign what is open over to the next officer, who countersigns.")
_PATH = "handovers"
_DIGITS_MIN, _ID_DIGITS = 6, 64
IdArgument = Annotated[
    str, typer.Argument(metavar="ID", help="A handover's id, or its first 6 digits or more.")
]


@app.command(
    epilog=examples(
        'comity hotline handover begin --from "A. Ivri" --to "B. Sade"',
        'comity hotline handover begin --from "A. Ivri" --to "B. Sade" --note "line is slow"',
    )
)
def begin(
    *,
    giver: Annotated[str, typer.Option("--from", metavar="PERSON", help="Who hands over.")],
    taker: Annotated[str, typer.Option("--to", metavar="PERSON", help="Who takes over.")],
    note: Annotated[str, typer.Option("--note", help="Free text, 280 characters.")] = "",
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Sign everything that is open over to the next officer."""
    request = HandoverRequest(giver=giver, taker=taker, note=note)
    _shown(Node(read_home(home)).post(_PATH, body(request), once), as_json=as_json)


@app.command(
    epilog=examples(
        'comity hotline handover accept 77aa10c2e5d4 --by "B. Sade"',
        'comity hotline handover accept 77aa10c2e5d4 --by "B. Sade" --yes',
    )
)
def accept(
    handover: IdArgument,
    *,
    by: Annotated[str, typer.Option("--by", metavar="PERSON", help="Who takes over.")],
    yes: Annotated[bool, typer.Option("--yes", help="Accept what is shown; ask nothing.")] = False,
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Countersign what is open now, once it was shown; a list that changed is shown again."""
    node = Node(read_home(home))
    view = _found(node, handover)
    if by != view.taker:
        raise _another(view.taker)
    if not yes:
        now = shaped(node.get("open-items"), OpenItemsView)
        show_items(now.items)
        _show_changes(view)
        if now.list_hash != view.list_hash:
            raise _changing()
        with asking(f"{by} takes over", "--yes accepts what `handover show` shows."):
            if not typer.confirm(f"{by} takes over these {len(now.items)} items?", err=True):
                raise _not_taken()
    request = AcceptanceRequest(by=by, list_hash=view.list_hash)
    _shown(node.post(f"{_PATH}/{view.id}/acceptances", body(request), once), as_json=as_json)


@app.command(epilog=examples("comity hotline handover show 77aa10c2e5d4"))
def show(
    handover: IdArgument,
    *,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Show one handover: what was signed over, and what has changed since."""
    node = Node(read_home(home))
    _shown(node.get(f"{_PATH}/{_found(node, handover).id}"), as_json=as_json)


@app.command("list", epilog=examples("comity hotline handover list"))
def listing(*, home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """List handovers, newest first."""
    found = Node(read_home(home)).items(_PATH)
    if as_json:
        json_line(found)
        return
    views = shaped(found, list[HandoverView])
    if not views:
        line("nothing was handed over")
    for view in views:
        line(
            f"{short(view.id)}  {view.begun}  {view.giver} to {view.taker}  "
            f"[{view.standing}]  {len(view.items)} items"
        )


def show_items(items: Sequence[OpenItemView]) -> None:
    """One line for each: what it is, until when, its id and its hash."""
    for item in items:
        due = f"  due {item.due}" if item.due else ""
        line(f"{item.kind:<12}  {short(item.id)}  {item.state}{due}  #{short(item.hash)}")


def _found(node: Node, digits: str) -> HandoverView:
    """The one handover whose id begins so."""
    if len(digits) < _DIGITS_MIN or set(digits) - set("0123456789abcdef"):
        raise Malformed(f"{digits[:64]!r} is no id, nor 6 or more first digits of one")
    if len(digits) == _ID_DIGITS:
        return shaped(node.get(f"{_PATH}/{digits}"), HandoverView)
    views = shaped(node.items(_PATH), list[HandoverView])
    chosen = [view for view in views if view.id.startswith(digits)]
    if len(chosen) == 1:
        return chosen[0]
    raise Refused(
        Refusal(
            code="no_such_handover",
            reason=f"{len(chosen) or 'no'} handovers begin with {digits}",
            what_to_do="See comity hotline handover list.",
        )
    )


def _shown(answer: Json, *, as_json: bool) -> None:
    if as_json:
        json_line(answer)
        return
    view = shaped(answer, HandoverView)
    heading(f"handover {view.id}")
    facts(
        [
            ("from", view.giver),
            ("to", view.taker),
            ("begun", view.begun),
            ("standing", view.standing),
            ("accepted", view.accepted or ""),
            ("note", view.note),
            ("items", str(len(view.items))),
        ]
    )
    show_items(view.items)
    _show_changes(view)


def _show_changes(view: HandoverView) -> None:
    for title, items in (("SINCE THEN NEW", view.added), ("SINCE THEN GONE", view.gone)):
        if items:
            heading(f"{title}: {len(items)}")
            show_items(items)


def _changing() -> Refused:
    return Refused(
        Refusal(
            code="items_changed",
            reason="the list changed while it was being shown",
            what_to_do="Look at it again: the same command shows it anew.",
        )
    )


def _another(taker: str) -> Refused:
    return Refused(
        Refusal(
            code="another_person",
            reason=f"it was handed over to {taker}",
            what_to_do="Only that person accepts it; else begin another one.",
        )
    )


def _not_taken() -> Refused:
    return Refused(
        Refusal(
            code="not_taken_over",
            reason="the list was shown and not accepted",
            what_to_do="Settle what is open with who hands over, or begin another handover.",
        )
    )
