"""`comity hotline relay`: whom we can reach, who was told of a notice, and who was not.

Names stay at home; a notice's owner sees handles. "Told" and "answered" mean understood, never
approved. Pages for units without a node are in `hotline_relay_page`. Called by `hotline`.
"""

import shlex
from dataclasses import replace
from typing import Annotated

import typer

from comity.cli.ack_step import SpeakerOption
from comity.cli.area import blaming
from comity.cli.failure import Failed, Failure
from comity.cli.find import find_notice
from comity.cli.hotline_relay_onward import explained
from comity.cli.hotline_relay_page import check, heard, link
from comity.cli.hotline_relay_view import show_open, show_relay, show_units
from comity.cli.hotline_units import named_units
from comity.cli.node import Node, body, shaped
from comity.cli.options import HOME, HomeOption, IdArgument, JsonOption, OnceOption, examples
from comity.cli.show import json_line, line, short
from comity.config import read_home
from comity.exercise.amount import duration_us
from comity.model.answer import UnitState
from comity.model.quantity import SECOND_US
from comity.model.relay import Means, UnitKind
from comity.web.api.shapes_relay import (
    OpenRelayView,
    RelayPickRequest,
    RelayUnitRemoval,
    RelayUnitRequest,
    RelayUnitView,
    RelayView,
    RelayWordRequest,
)
from comity.wire.canonical import Json

__all__ = ["app"]

app = typer.Typer(help="Whom can we reach, who was told, and who was not?")
NameArgument = Annotated[
    str, typer.Argument(metavar="UNIT", help="Its name at home; 40 characters, told to nobody.")
]
MeansOption = Annotated[
    Means | None, typer.Option("--by", metavar="MEANS", help=f"How: {', '.join(Means)}.")
]
ChannelOption = Annotated[
    str | None,
    typer.Option("--channel", metavar="TEXT", help="A frequency, an office; 40 characters."),
]

app.command(
    epilog=examples(
        'comity hotline relay link 4f1d2c7a90be "ATC" --out atc.html',
        'comity hotline relay link 4f1d2c7a90be "Battery 2" --out battery.txt --valid 30m',
    )
)(explained(link))
app.command(
    epilog=examples('comity hotline relay heard 4f1d2c7a90be "ATC" FTLVE JLHZB'),
)(heard)
app.command(
    epilog=examples(
        "comity hotline relay check atc.html --trust trust.note",
        "comity hotline relay check atc.html --card bravo.card",
    )
)(check)


@app.command(epilog=examples("comity hotline relay units"))
def units(*, home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """List the units and neighbours that we can reach."""
    found = Node(read_home(home)).items("relay/units")
    if as_json:
        json_line(found)
    else:
        show_units(shaped(found, list[RelayUnitView]))


@app.command(
    epilog=examples(
        'comity hotline relay add "Falcon 1" --kind own --by radio --channel "121.5 MHz"',
        'comity hotline relay add "Battery 2" --kind air-defence --by telephone --within 90s',
    )
)
def add(
    name: NameArgument,
    *,
    kind: Annotated[
        UnitKind,
        typer.Option("--kind", metavar="KIND", help=f"What it is to us: {', '.join(UnitKind)}."),
    ],
    means: Annotated[
        Means, typer.Option("--by", metavar="MEANS", help=f"How it is reached: {', '.join(Means)}.")
    ],
    channel: ChannelOption = None,
    within: Annotated[
        str,
        typer.Option("--within", metavar="SPAN", help="In what time it can be told: 1s to 24h."),
    ] = "60s",
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Put a unit onto the list, or change it there; it is to be told of all that is live."""
    with blaming("--within"):
        within_s = duration_us(within) // SECOND_US
    request = RelayUnitRequest(
        name=name, kind=kind, means=means, channel=channel or "", within_s=within_s
    )
    answer = Node(read_home(home)).post("relay/units", body(request), once)
    if as_json:
        json_line(answer)
    else:
        show_units([shaped(answer, RelayUnitView)])


@app.command(epilog=examples('comity hotline relay remove "Falcon 1"'))
def remove(name: NameArgument, *, once: OnceOption = None, home: HomeOption = HOME) -> None:
    """Take a unit off the list; what is open about it stays open."""
    Node(read_home(home)).post("relay/removals", body(RelayUnitRemoval(name=name)), once)
    line(f"{name} is off the list; what is open about it: comity hotline relay open")


@app.command(epilog=examples("comity hotline relay show 4f1d2c7a90be"))
def show(notice: IdArgument, *, home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """Show who is to be told of a notice, and what became of each."""
    node = Node(read_home(home))
    _show(node.get(f"notices/{find_notice(node, notice)}/relay"), as_json=as_json)


@app.command(
    epilog=examples(
        'comity hotline relay told 4f1d2c7a90be "Falcon 1"',
        'comity hotline relay told 4f1d2c7a90be "Battery 2" --answered --by telephone',
    )
)
def told(
    notice: IdArgument,
    unit: NameArgument,
    *,
    answered: Annotated[
        bool, typer.Option("--answered", help="It answered too: received and understood.")
    ] = False,
    means: MeansOption = None,
    channel: ChannelOption = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="When, RFC 3339; default now.")
    ] = None,
    role: SpeakerOption = "duty officer",
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Say that a unit was told of a notice, or answered; it closes an open risk."""
    request = RelayWordRequest(
        unit=unit,
        state=UnitState.ANSWERED if answered else UnitState.TOLD,
        role=role,
        at=at,
        means=means,
        channel=channel,
    )
    _say(Node(read_home(home)), notice, request, once=once, as_json=as_json)


@app.command(epilog=examples('comity hotline relay missed 4f1d2c7a90be "Battery 2"'))
def missed(
    notice: IdArgument,
    unit: NameArgument,
    *,
    role: SpeakerOption = "duty officer",
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Say at once that a unit was not reached: an open risk here, and at the notice's owner."""
    request = RelayWordRequest(unit=unit, state=UnitState.NOT_REACHED, role=role)
    _say(Node(read_home(home)), notice, request, once=once, as_json=as_json)


@app.command(
    epilog=examples('comity hotline relay pick 4f1d2c7a90be --unit "Falcon 1" --unit "ATC"')
)
def pick(
    notice: IdArgument,
    *,
    unit: Annotated[
        list[str] | None,
        typer.Option("--unit", metavar="UNIT", help="One that it concerns. Repeat it."),
    ] = None,
    role: SpeakerOption = "duty officer",
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Say which units a notice concerns; the others need not be told of it."""
    node = Node(read_home(home))
    path = f"notices/{find_notice(node, notice)}/relay/picks"
    request = RelayPickRequest(units=unit or [], role=role)
    _show(node.post(path, body(request), once), as_json=as_json)


@app.command("open", epilog=examples("comity hotline relay open"))
def open_(*, home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """List the units not reached, ours by name and others' by handle; and who is to be told."""
    found = Node(read_home(home)).get("relay/open")
    if as_json:
        json_line(found)
    else:
        show_open(shaped(found, OpenRelayView))


def _say(
    node: Node, notice: str, request: RelayWordRequest, *, once: str | None, as_json: bool
) -> None:
    id_ = find_notice(node, notice)
    try:
        answer = node.post(f"notices/{id_}/relay/words", body(request), once)
    except Failed as failed:
        raise _of_no_list(node, id_, request, failed.failure) from failed
    _show(answer, as_json=as_json)


def _of_no_list(node: Node, id_: str, request: RelayWordRequest, failure: Failure) -> Failed:
    """The failure; of a unit that only `ack relay` spoke of, with the command that takes it."""
    if failure.code != "unknown_unit":
        return Failed(failure)
    relay = shaped(node.get(f"notices/{id_}/relay"), RelayView)
    if request.unit not in named_units(node, relay):
        return Failed(failure)
    said = shlex.quote(f"{request.unit}={request.state}")
    return Failed(
        replace(
            failure,
            why=f"{failure.why}; comity ack relay spoke of it",
            what_to_do=f"close it with comity ack relay {short(id_)} --unit {said}",
        )
    )


def _show(answer: Json, *, as_json: bool) -> None:
    if as_json:
        json_line(answer)
    else:
        show_relay(shaped(answer, RelayView))
