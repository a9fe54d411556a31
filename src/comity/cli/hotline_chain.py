"""`comity hotline chain` and `alerts`: how far a receipt chain got, and who must be told now.

Called by `hotline`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

import typer

from comity.cli.hotline_units import units_said
from comity.cli.hotline_values import find_answered
from comity.cli.node import Node, shaped
from comity.cli.options import HOME, HomeOption, JsonOption
from comity.cli.show import heading, json_line, line, short, table
from comity.config import read_home
from comity.model.duty import ChainStep, WatchKind, same_name
from comity.model.party import party_name
from comity.web.api.shapes_duty import AlertView, ChainView, LinkView, RosterView

__all__ = ["alerts", "chain", "chains_of", "show_steps"]

_LEVELS = ("first", "alternates", "next echelon", "last")
_LAST = 3


def chain(
    id_: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="A notice, message or request: its id, or 6 digits or more."
        ),
    ],
    *,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Show a receipt chain: each step by both clocks, its deadline, and who was alerted."""
    node = Node(read_home(home))
    id_ = find_answered(node, id_)
    if as_json:
        json_line(node.items(f"chains/{id_}"))
        return
    views = chains_of(node, id_)
    if not views:
        line("it was given to nobody")
    units = units_said(node, views)
    mark = "" if all(view.watched for view in views) else _unwatched(node)
    for number, view in enumerate(views):
        if number:
            line()
        _show(view, units.get(view.party, ""), "" if view.watched else mark)


def chains_of(node: Node, id_: str) -> list[ChainView]:
    """The receipt chains of a notice, message or request, one for each party."""
    return shaped(node.items(f"chains/{id_}"), list[ChainView])


def show_steps(views: list[ChainView], units: Mapping[str, str]) -> None:
    """The steps of several chains in one table, without clauses and alerts.

    `units` says for each party what became of its units.
    """
    rows = [
        (
            party_name(view.party),
            each.step,
            each.at or each.other or "-",
            each.due or "-",
            _standing(each, units.get(view.party, "")),
        )
        for view in views
        for each in view.steps
    ]
    table(("receipt chain", "step", "at", "due", ""), rows)


def alerts(*, home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """List whom to alert now, of what and why, most urgent first: a line for each thing."""
    node = Node(read_home(home))
    found = node.items("alerts")
    if as_json:
        json_line(found)
        return
    views = shaped(found, list[AlertView])
    if not views:
        line("nobody has to be alerted")
        return
    roster = shaped(node.get("roster"), RosterView)
    present = {same_name(each.role): each.present for each in roster.chain}
    rows = [
        (
            short(each.about),
            party_name(each.party),
            each.step,
            _LEVELS[each.level],
            _whom(each, present.get(same_name(each.role), each.persons), "IS"),
            each.at,
            each.reason,
        )
        for each in _highest(views)
    ]
    table(("about", "party", "step", "level", "whom", "since", "why"), rows)


def _unwatched(node: Node) -> str:
    """Why nobody is alerted of what has no watch."""
    roster = shaped(node.get("roster"), RosterView)
    why = "nobody has been on duty since it came or went" if roster.chain else "no roster is set"
    return f"(nobody is alerted of this: {why})"


def _show(view: ChainView, units: str, mark: str) -> None:
    way = "to" if view.kind in {"given", "said", "asked"} else "from"
    heading(f"{short(view.about)} {way} {party_name(view.party)}{'  ' if mark else ''}{mark}")
    rows = [
        (
            each.step,
            party_name(each.by),
            each.at or "-",
            each.other or "-",
            each.due or "-",
            _standing(each, units),
        )
        for each in view.steps
    ]
    table(("step", "by", "at", "other side", "due", ""), rows)
    for ground in dict.fromkeys(each.ground for each in view.steps if each.ground):
        line(f"  {ground}")
    if view.alerts:
        line()
        _show_alerts(view.alerts)


def _standing(link: LinkView, units: str) -> str:
    """Whether a step is done; of the last one, what became of the units."""
    done, undone = ("late", "OVERDUE") if link.late else ("done", "open")
    word = done if link.done else undone
    if link.step is not ChainStep.RELAYED or not units:
        return word
    return units if word == "done" else f"{word}: {units}"


def _show_alerts(views: list[AlertView]) -> None:
    """What was alerted, level by level, also what is met by now."""
    rows = [
        (
            each.at,
            each.step,
            _LEVELS[each.level],
            _whom(each, each.persons, "WAS"),
            "" if each.cleared is None else f"until {each.cleared}",
            each.reason,
        )
        for each in views
    ]
    table(("alerted at", "step", "level", "whom", "", "why"), rows)


def _highest(views: Iterable[AlertView]) -> list[AlertView]:
    """Of each thing and party the highest level, in the order in which they stand."""
    found: dict[tuple[str, str, str], AlertView] = {}
    for each in views:
        key = (each.about, each.party, each.kind)
        if key not in found or each.level > found[key].level:
            found[key] = each
    return [*found.values()]


def _whom(alert: AlertView, persons: Sequence[str], tense: str) -> str:
    """The role with who holds it; the last level tells no role of ours."""
    if alert.level < _LAST:
        return f"{alert.role}: {', '.join(persons) or f'NOBODY {tense} PRESENT'}"
    if alert.kind is WatchKind.END:
        return "it is on record that nobody ended it"
    return f"{party_name(alert.party)} was told that nobody answers"
