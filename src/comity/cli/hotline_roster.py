"""`comity hotline roster`: who is alerted in which order, who holds which role, who is away.

The roster stays at home; every change is an entry of our own journal. Called by `hotline`.
"""

from typing import Annotated

import typer

from comity.cli.area import blaming
from comity.cli.find import node_now_us
from comity.cli.node import Node, body, shaped
from comity.cli.options import HOME, HomeOption, JsonOption, OnceOption, examples
from comity.cli.show import facts, json_line, line, printable, table
from comity.cli.written import is_from_now, moment_us
from comity.config import read_home
from comity.model.duty import same_name
from comity.model.quantity import instant_text
from comity.web.api.shapes_duty import (
    PresenceRequest,
    RoleRequest,
    RosterChainRequest,
    RosterView,
    ShiftRequest,
)
from comity.wire.canonical import Json

__all__ = ["app"]

app = typer.Typer(help="Who is on duty, and who is alerted if nobody answers. It stays at home.")
_LEVELS = ("first", "alternates", "next echelon")
RoleArgument = Annotated[str, typer.Argument(metavar="ROLE", help="A role, as 'duty officer'.")]
PersonOption = Annotated[
    str, typer.Option("--person", envvar="COMITY_PERSON", help="Who: a name of 40 characters.")
]


@app.command("set", epilog=examples("comity hotline roster set 'duty officer' alternate chief"))
def set_chain(
    roles: Annotated[
        list[str],
        typer.Argument(metavar="ROLE...", help="Who is alerted first, second and third."),
    ],
    *,
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Say which roles are alerted, in order; from then on an answer needs a role that is held."""
    node = Node(read_home(home))
    _show(node.post("roster/chain", body(RosterChainRequest(roles=roles)), once), as_json=as_json)


@app.command(
    epilog=examples(
        "comity hotline roster take 'duty officer' --person 'A. Levi'",
        "comity hotline roster take alternate --person 'B. Cohen' \\",
        "    --from 2030-01-01T18:00:00Z --until 2030-01-02T06:00:00Z",
    )
)
def take(
    role: RoleArgument,
    *,
    person: PersonOption,
    start: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="From when; default now.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Until when, as +8h.")
    ] = None,
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Take a role: who takes it now is there."""
    node = Node(read_home(home))
    with blaming("--from"):
        from_text = None if start in (None, "now") else _moment(node, start or "now")
    with blaming("--until"):
        until_text = None if until is None else _moment(node, until)
    request = ShiftRequest(role=role, person=person, start=from_text, until=until_text)
    answer = node.post("roster/shifts", body(request), once)
    _warn_of_slip(role, shaped(answer, RosterView))
    _show(answer, as_json=as_json)


@app.command(epilog=examples("comity hotline roster leave 'duty officer' --person 'A. Levi'"))
def leave(
    role: RoleArgument,
    *,
    person: PersonOption,
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Leave a role: what is held of it ends now, what was planned falls away."""
    node = Node(read_home(home))
    request = RoleRequest(role=role, person=person)
    _show(node.post("roster/leaves", body(request), once), as_json=as_json)


@app.command(epilog=examples("comity hotline roster away --person 'A. Levi'"))
def away(
    *,
    person: PersonOption,
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Say that a person is not there: not alerted, and no answer comes from him."""
    node = Node(read_home(home))
    request = PresenceRequest(person=person, present=False)
    _show(node.post("roster/presence", body(request), once), as_json=as_json)


@app.command(epilog=examples("comity hotline roster back --person 'A. Levi'"))
def back(
    *,
    person: PersonOption,
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Say that a person is there again."""
    node = Node(read_home(home))
    request = PresenceRequest(person=person, present=True)
    _show(node.post("roster/presence", body(request), once), as_json=as_json)


@app.command(epilog=examples("comity hotline roster clear"))
def clear(
    *,
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Take the roster away: nobody is alerted, and anybody with a key may answer."""
    node = Node(read_home(home))
    _show(node.post("roster/chain", body(RosterChainRequest(roles=[])), once), as_json=as_json)


@app.command(epilog=examples("comity hotline roster show"))
def show(*, home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """Show who is alerted, who holds which role, and who is away."""
    _show(Node(read_home(home)).get("roster"), as_json=as_json)


def _warn_of_slip(role: str, view: RosterView) -> None:
    """Say on stderr that nobody is alerted by a role that stands in no chain: a slip, mostly."""
    roles = [each.role for each in view.chain]
    if roles and same_name(role) not in map(same_name, roles):
        chain = ", ".join(roles)
        text = f"warning: {role!r} is not in the chain; nobody is alerted by it (chain: {chain})"
        typer.echo(printable(text), err=True)


def _moment(node: Node, text: str) -> str:
    return instant_text(moment_us(text, node_now_us(node) if is_from_now(text) else 0))


def _show(answer: Json, *, as_json: bool) -> None:
    if as_json:
        json_line(answer)
        return
    view = shaped(answer, RosterView)
    if not view.chain:
        line("no roster is set: nobody is alerted, and anybody with a key may answer")
        return
    facts(
        [
            (level, f"{each.role}: {', '.join(each.present) or 'NOBODY IS PRESENT'}")
            for level, each in zip(_LEVELS, view.chain, strict=False)
        ]
    )
    if view.shifts:
        line()
        rows = [
            (
                each.role,
                each.person,
                each.start,
                each.until or "-",
                _standing(each.now, view, each.person),
            )
            for each in view.shifts
        ]
        table(("role", "person", "from", "until", ""), rows)


def _standing(now: bool, view: RosterView, person: str) -> str:  # noqa: FBT001 - a cell
    if now:
        return "on duty"
    return "AWAY" if person in view.away else "to come"
