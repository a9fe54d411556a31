"""`comity status`: the node at a glance, what needs a person first. Called by main."""

import sys
from itertools import count
from threading import Event
from typing import Annotated

import typer

from comity.cli.hotline_view import show_table
from comity.cli.node import Node, shaped
from comity.cli.options import HOME, HomeOption, JsonOption
from comity.cli.show import facts, heading, json_line, line, short, table
from comity.cli.time import show_onlookers
from comity.config import read_home
from comity.model.party import party_name
from comity.web.api.shapes import PartyView, RiskView, StatusView, WarningView
from comity.web.api.shapes_messages import MessageView

__all__ = ["status"]

_WATCH_S = 2.0  # a person reads no faster
_CLEAR = "\x1b[H\x1b[2J"


def status(
    *,
    watch: Annotated[
        bool, typer.Option("--watch", help="Show it again every 2 s until Ctrl-C.")
    ] = False,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Show the node at a glance: open risks, warnings, lines, journal."""
    node = Node(read_home(home))
    for turn in count():  # bounded by one turn, or by Ctrl-C
        if turn:
            _pause()
        if watch and sys.stdout.isatty() and not as_json:
            typer.echo(_CLEAR, nl=False)
        _show(node, as_json=as_json)
        if not watch:
            return


def _pause() -> None:
    Event().wait(_WATCH_S)


def _show(node: Node, *, as_json: bool) -> None:
    answer = node.get("status")
    if as_json:
        json_line(answer)
        return
    view = shaped(answer, StatusView)
    mark = f"  EXERCISE {view.exercise}" if view.exercise else ""
    heading(f"{view.name}  {view.origin}  {view.now}{mark}")
    _show_unrecorded(view)
    if view.reasons:
        line()
        heading(f"THE NODE IS {view.health.upper()}")
        table(("why", "in words"), [(each.code, each.text) for each in view.reasons])
        line()
    if view.open_risks:
        _show_risks(shaped(node.items("risks"), list[RiskView]))
    if view.open_warnings:
        _show_warnings(shaped(node.items("warnings"), list[WarningView]))
    if view.open_messages:
        line()
        heading(f"OPEN MESSAGES: {view.open_messages}")
        show_table(node, shaped(node.items("open-messages"), list[MessageView]))
    if not view.open_risks and not view.open_warnings:
        line("no open risk, no open warning")
    line()
    _show_lines(view.parties)
    if view.witnesses:
        line()
        show_onlookers("witness", view.witnesses)
    line()
    live = ", ".join(f"{count} {kind}" for kind, count in sorted(view.live.items()))
    facts(
        [
            ("live", live or "nothing"),
            ("journal", f"{view.journal_size} entries, root {view.root}"),
            ("witnessed", f"by {view.witnessed}"),
            ("clock", f"{view.clock.state}: {view.clock.text}"),
            ("version", view.version),
        ]
    )


def _show_unrecorded(view: StatusView) -> None:
    """What was said that no journal holds."""
    if view.not_recorded:
        line()
        heading(f"NOT RECORDED: {len(view.not_recorded)}")
        rows = [
            (short(each.id), party_name(each.party), each.at, each.said)
            for each in view.not_recorded
        ]
        table(("id", "party", "at", "said"), rows)


def _show_risks(risks: list[RiskView]) -> None:
    rows = [
        (
            short(risk.notice),
            party_name(risk.party),
            risk.unit or short(risk.handle),
            risk.state,
            risk.known,
        )
        for risk in risks
        if risk.open
    ]
    line()
    heading(f"OPEN RISKS: {len(rows)}")
    table(("notice", "party", "unit", "state", "known"), rows)


def _show_warnings(warnings: list[WarningView]) -> None:
    rows = [
        (each.kind, short(each.about), party_name(each.party or ""), each.raised, each.text)
        for each in warnings
        if each.cleared is None
    ]
    line()
    heading(f"WARNINGS: {len(rows)}")
    table(("kind", "about", "party", "raised", "text"), rows)


def _show_lines(parties: list[PartyView]) -> None:
    if not parties:
        line("no party is enrolled; see comity party add --help")
        return
    rows = [
        (party.name, party.line, party.last_contact or "never", str(party.queued))
        for party in parties
    ]
    table(("party", "line", "last contact", "queued"), rows)
