"""`comity notice notam`: the draft of a NOTAM, for the office that publishes. Called by notice."""

from typing import Annotated

import typer

from comity.cli.find import find_notice
from comity.cli.node import Node, shaped
from comity.cli.options import HOME, HomeOption, IdArgument, JsonOption
from comity.cli.show import json_line, line
from comity.config import read_home
from comity.model.fault import Malformed
from comity.web.api.shapes_notams import NotamDraftView

__all__ = ["notam"]

_SCOPES = ("W", "AW")


def notam(
    notice: IdArgument,
    *,
    fir: Annotated[
        str | None,
        typer.Option("--fir", metavar="XXXX", help="The flight information region's indicator."),
    ] = None,
    series: Annotated[str, typer.Option("--series", metavar="A", help="One letter.")] = "A",
    purpose: Annotated[
        str, typer.Option("--purpose", metavar="BO", help="BO, or M: on request only.")
    ] = "BO",
    scope: Annotated[
        str,
        typer.Option("--scope", metavar="W", help="W, or AW: an aerodrome's too (--aerodrome)."),
    ] = "W",
    aerodrome: Annotated[
        str | None,
        typer.Option("--aerodrome", metavar="XXXX", help="The aerodrome's indicator, with AW."),
    ] = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Draft a NOTAM for a notice of ours or a hazard. Nothing is published."""
    if scope not in _SCOPES or (scope == "AW") != (aerodrome is not None):
        raise typer.BadParameter("W alone, or AW with --aerodrome", param_hint="--scope")
    node = Node(read_home(home))
    asked = {"fir": fir, "series": series, "purpose": purpose, "aerodrome": aerodrome}
    query = {name: value for name, value in asked.items() if value is not None}
    answer = node.get(f"notices/{find_notice(node, notice)}/notam", query)
    if as_json:
        json_line(answer)
        return
    items = answer.get("items") if isinstance(answer, dict) else None
    if items is None:
        raise Malformed("the node answers without items", code="bad_answer")
    for number, draft in enumerate(shaped(items, list[NotamDraftView])):
        if number:
            line()
        for each in draft.text.splitlines():
            line(each)
