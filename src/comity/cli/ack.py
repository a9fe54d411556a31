"""`comity ack`: a person's answers to a peer's notice, from seen to told the units.

Every one means "received and understood", never "approved". The read-back is in `ack_read_back`.
Called by main.
"""

from typing import Annotated

import typer

from comity.cli.ack_read_back import read_back
from comity.cli.ack_step import PersonOption, RoleOption, post_step
from comity.cli.area import blaming
from comity.cli.find import find_notice
from comity.cli.kinds import saying_kind
from comity.cli.node import Node, body, shaped
from comity.cli.options import HOME, HomeOption, IdArgument, JsonOption, OnceOption, examples
from comity.cli.show import json_line, table
from comity.cli.written import split_pair
from comity.config import read_home
from comity.model.answer import Reason, Step, UnitState
from comity.model.fault import Malformed
from comity.web.api.shapes import AnswerRequest, AttestationRequest, RiskView, UnitView

__all__ = ["app"]

app = typer.Typer(help="Answer a notice: received and understood, never approved.")


@app.command(epilog=examples("comity ack seen 4f1d2c7a90be --role 'duty officer'"))
def seen(
    notice: IdArgument,
    *,
    role: RoleOption = "duty officer",
    person: PersonOption = "",
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Say that a person has seen the notice."""
    post_step(
        home,
        notice,
        AnswerRequest(step=Step.SEEN, role=role, person=person),
        once=once,
        as_json=as_json,
    )


app.command("read-back", epilog=examples("comity ack read-back 4f1d2c7a90be"))(read_back)


@app.command(epilog=examples("comity ack wilco 4f1d2c7a90be"))
def wilco(
    notice: IdArgument,
    *,
    role: RoleOption = "duty officer",
    person: PersonOption = "",
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Say that we will do what was asked."""
    post_step(
        home,
        notice,
        AnswerRequest(step=Step.WILCO, role=role, person=person),
        once=once,
        as_json=as_json,
    )


@app.command(epilog=examples("comity ack unable 4f1d2c7a90be --reason low-fuel"))
def unable(
    notice: IdArgument,
    *,
    reason: Annotated[
        Reason, typer.Option("--reason", metavar="REASON", help=f"Why: {', '.join(Reason)}.")
    ] = Reason.OTHER,
    role: RoleOption = "duty officer",
    person: PersonOption = "",
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Say that we cannot do what was asked."""
    request = AnswerRequest(step=Step.UNABLE, role=role, person=person, reason=reason)
    post_step(home, notice, request, once=once, as_json=as_json)


@app.command("not-understood", epilog=examples("comity ack not-understood 4f1d2c7a90be"))
def not_understood(
    notice: IdArgument,
    *,
    role: RoleOption = "duty officer",
    person: PersonOption = "",
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Say that the notice was received and not understood."""
    request = AnswerRequest(step=Step.NOT_UNDERSTOOD, role=role, person=person)
    post_step(home, notice, request, once=once, as_json=as_json)


@app.command(
    epilog=examples(
        "comity ack relay 4f1d2c7a90be --unit battery-1=told --unit radar-2=not-reached"
    )
)
def relay(
    notice: IdArgument,
    *,
    unit: Annotated[
        list[str],
        typer.Option(
            "--unit", metavar="NAME=STATE", help=f"States: {', '.join(UnitState)}. Repeat it."
        ),
    ],
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Say which of our units were told, and which were not reached. Their names stay at home."""
    with blaming("--unit"):
        units = [_unit(text) for text in unit]
    node = Node(read_home(home))
    with saying_kind(node, notice, "notice"):
        path = f"notices/{find_notice(node, notice)}/attestations"
        answer = node.post(path, body(AttestationRequest(units=units)), once)
    if as_json:
        json_line(answer)
        return
    items = answer.get("items") if isinstance(answer, dict) else None
    rows = [
        (risk.unit or risk.handle, risk.state, "OPEN" if risk.open else "")
        for risk in shaped(items, list[RiskView])
    ]
    table(("unit", "state", ""), rows)


def _unit(text: str) -> UnitView:
    name, state = split_pair(text)
    try:
        return UnitView(unit=name, state=UnitState(state))
    except ValueError as error:
        raise Malformed(f"{state[:40]!r} is none of {', '.join(UnitState)}") from error
