"""`comity agreement explain`: a text in plain words; or what counts with a party in a case.

The words of a text are made here and need no node; what counts is the node's to say. Called by
`agreement`.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from comity.agreement.plain import clause_words, head_words, value_words
from comity.agreement.resolve import BLOCK
from comity.cli.agreement_find import text_of
from comity.cli.agreement_view import show_text
from comity.cli.find import find_party
from comity.cli.node import Node, shaped
from comity.cli.options import HOME, HomeOption, JsonOption
from comity.cli.show import json_line, table
from comity.config import read_home
from comity.model.clause import Agreement
from comity.model.notice import Craft, Domain, Purpose, SubjectKind
from comity.model.parameter import PARAMETERS
from comity.web.api.shapes_agreements import RulingView
from comity.wire.agreement_v1 import parse_agreement
from comity.wire.canonical import Json

__all__ = ["explain"]


class Actor(StrEnum):
    """Whose activity it is, as the query of `rulings` says it."""

    OURS = "ours"
    THEIRS = "theirs"


def explain(
    text: Annotated[
        str | None,
        typer.Argument(
            metavar="TEXT", help="A file, else a name, NAME@VERSION or hash of the node's."
        ),
    ] = None,
    *,
    party: Annotated[
        str | None,
        typer.Option("--with", metavar="PARTY", help="What counts with that party now."),
    ] = None,
    by: Annotated[
        Actor | None, typer.Option("--by", metavar="WHOSE", help="Activity of ours, or theirs.")
    ] = None,
    kind: Annotated[
        SubjectKind | None,
        typer.Option("--kind", metavar="KIND", help=f"Of: {', '.join(SubjectKind)}."),
    ] = None,
    purpose: Annotated[
        Purpose | None,
        typer.Option("--purpose", metavar="PURPOSE", help=f"For: {', '.join(Purpose)}."),
    ] = None,
    domain: Annotated[
        Domain | None,
        typer.Option("--domain", metavar="DOMAIN", help=f"In: {', '.join(Domain)}."),
    ] = None,
    craft: Annotated[
        Craft | None, typer.Option("--craft", metavar="CLASS", help=f"By: {', '.join(Craft)}.")
    ] = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Say what a text means in plain words; or, --with a party, which clause decides what."""
    case = {"by": by, "kind": kind, "purpose": purpose, "domain": domain, "craft": craft}
    if (text is None) == (party is None):
        raise typer.BadParameter("give one of them", param_hint="TEXT or --with")
    if party is not None:
        _rulings(home, party, {k: str(v) for k, v in case.items() if v}, as_json=as_json)
        return
    if any(case.values()):
        raise typer.BadParameter("a case is asked --with a party", param_hint="--with")
    agreement = parse_agreement(text_of(text or "", home))
    if as_json:
        json_line(_json(agreement))
    else:
        show_text(agreement)


def _rulings(home: Path, party: str, case: dict[str, str], *, as_json: bool) -> None:
    node = Node(read_home(home))
    origin = find_party(node, party).origin
    answer = node.items("rulings", {"with": origin, **case})
    if as_json:
        json_line(answer)
        return
    rows = [
        (
            each.parameter,
            each.shown,
            _rests_on(each),
            "" if PARAMETERS[each.parameter].measured else "not measured yet",
        )
        for each in shaped(answer, list[RulingView])
    ]
    table(("parameter", "value", "rests on", ""), rows)


def _rests_on(ruling: RulingView) -> str:
    if ruling.version == 0:
        return "the default"
    if ruling.clause == BLOCK:
        return "the parameter block"
    return f"clause {ruling.clause} of {ruling.agreement}, version {ruling.version}"


def _json(agreement: Agreement) -> dict[str, Json]:
    head: list[Json] = [{"name": name, "value": value} for name, value in head_words(agreement)]
    clauses: list[Json] = [
        {
            "id": clause.id,
            "title": clause.title,
            **dict(clause_words(clause)),
            "sets": [
                {"parameter": name, "value": value, "about": about}
                for name, value, about in value_words(clause)
            ],
        }
        for clause in agreement.clauses
    ]
    return {"head": head, "clauses": clauses}
