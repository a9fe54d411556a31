"""`comity outlet`: mailboxes and webhooks by which our own people are told too. Called by main.

What goes there is an addition: it proves that a server took something, never that a person saw it.
"""

import asyncio
import re
import secrets
import socket
from typing import Annotated
from urllib.parse import urlsplit

import typer

from comity.cli.exit_codes import ExitCode
from comity.cli.failure import Failed, Failure
from comity.cli.node import Node, shaped
from comity.cli.options import HOME, HomeOption, JsonOption, examples
from comity.cli.outlet_add import app as add_app
from comity.cli.outlet_add import refuse_exercise
from comity.cli.outlet_view import outlet_json, show_dispatches, show_outlet
from comity.cli.show import json_line, line, table
from comity.clock import SystemClock
from comity.config import read_home
from comity.model.fault import Malformed, Refusal, Refused
from comity.model.outlet import WHAT_ACCEPTED_MEANS, Mail, Outlet
from comity.outlets.book import read_outlets, remove_outlet
from comity.web.api.shapes_dispatches import DispatchView
from comity.wire.canonical import Json

__all__ = ["app"]

app = typer.Typer(help="Tell our own people by mail or webhook too: an addition, never proof.")
app.add_typer(add_app, name="add")

_SHOWN = 50  # dispatches, newest first
_ID_DIGITS = 64
_REACH_S = 5.0  # only to learn why a server was not reached
_DIGITS = re.compile(r"[0-9a-f]{6,64}", re.ASCII)
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The outlet's name.")]


@app.command("list", epilog=examples("comity outlet list"))
def list_outlets(*, home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """List the outlets of this home."""
    found = read_outlets(read_home(home).path)
    if as_json:
        json_line([outlet_json(each) for each in found])
        return
    rows = [
        (each.name, each.target.channel, each.target.place, " ".join(each.on), each.details)
        for each in found
    ]
    table(("name", "channel", "to", "on", "details"), rows)


@app.command(epilog=examples("comity outlet show night"))
def show(name: NameArgument, *, home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """Show one outlet, without its secret."""
    show_outlet(_named(read_outlets(read_home(home).path), name), as_json=as_json)


@app.command(epilog=examples("comity outlet remove night"))
def remove(name: NameArgument, *, home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """Take an outlet and its secret away; at the node's next start what waits is given up."""
    remove_outlet(read_home(home).path, name)
    if as_json:
        json_line({"removed": name})
    else:
        line(f"{name} is gone; restart the node")


@app.command("test", epilog=examples("comity outlet test night"))
def try_out(name: NameArgument, *, home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """Send a test by an outlet, from here and now; nothing is recorded."""
    # The other verbs need no client of mail and HTTP: 0.2 s.
    from comity.outlets.letter import trial_letter  # noqa: PLC0415
    from comity.outlets.lines import transport_of  # noqa: PLC0415
    from comity.outlets.outcome import Took  # noqa: PLC0415

    ours = read_home(home)
    refuse_exercise(ours)
    outlet = _named(read_outlets(ours.path), name)
    now_us = SystemClock().now_us()
    letter = trial_letter(outlet, secrets.token_bytes(32), origin=ours.origin, made_us=now_us)
    outcome = asyncio.run(transport_of(ours.path, outlet).send(letter, now_us))
    if outcome.took is not Took.ACCEPTED:
        raise Failed(
            Failure(
                exit_code=ExitCode.NOT_REACHED,
                code="not_taken",
                what="not taken",
                why=f"{outlet.name}: {_where(outlet)}: {outcome.words}{_cause(outlet)}",
                what_to_do="See comity outlet show, and the server's own diagnostics.",
            )
        )
    if as_json:
        json_line({"outlet": name, "state": "accepted", "answer": outcome.words})
    else:
        line(f"{name}: {outcome.words}")
        line(WHAT_ACCEPTED_MEANS)


@app.command(epilog=examples("comity outlet sent", "comity outlet sent --about ID"))
def sent(
    *,
    about: Annotated[
        str | None,
        typer.Option("--about", metavar="ID", help="Only of this warning, message or notice."),
    ] = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """List what the node sent and what came of it: accepted is not delivered, nor seen."""
    node = Node(read_home(home))
    if about is not None:
        items = _about(node, about)
    else:
        page = node.get("dispatches", {"limit": str(_SHOWN)})
        items = page.get("items") if isinstance(page, dict) else None
    if as_json:
        json_line(items)
    else:
        show_dispatches(shaped(items, list[DispatchView]))


def _where(outlet: Outlet) -> str:
    """Host and port; the rest of a webhook's address may be a secret."""
    host, port = _server(outlet)
    return f"{host}:{port}"


def _server(outlet: Outlet) -> tuple[str, int]:
    target = outlet.target
    if isinstance(target, Mail):
        return target.host, target.port
    parts = urlsplit(target.url)
    return parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443)


def _cause(outlet: Outlet) -> str:
    """Why nobody is reached there, in the machine's own words; nothing if somebody is."""
    try:
        socket.create_connection(_server(outlet), timeout=_REACH_S).close()
    except OSError as error:
        return f" ({error.strerror or type(error).__name__})"
    return ""


def _about(node: Node, digits: str) -> Json:
    """What tells of a thing whose id begins so."""
    if not _DIGITS.fullmatch(digits):
        raise Malformed(f"{digits[:64]!r} is no id, nor 6 or more first digits of one")
    if len(digits) == _ID_DIGITS:
        return node.items("dispatches", {"about": digits})
    found = [(item, shaped(item, DispatchView)) for item in node.items("dispatches")]
    return [
        item
        for item, view in found
        if view.of.startswith(digits) or (view.about or "").startswith(digits)
    ]


def _named(outlets: tuple[Outlet, ...], name: str) -> Outlet:
    for outlet in outlets:
        if outlet.name == name:
            return outlet
    raise Refused(
        Refusal(
            code="no_such_outlet",
            reason=f"no outlet is called {name[:40]}",
            what_to_do="See comity outlet list.",
        )
    )
