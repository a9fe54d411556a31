"""`comity agreement show`: one version, how it stands and what it says. Called by `agreement`."""

from typing import Annotated

import msgspec
import typer

from comity.cli.agreement_find import find_agreement
from comity.cli.agreement_view import show_standing, show_text
from comity.cli.agreement_write import write_text
from comity.cli.node import Node
from comity.cli.options import HOME, HomeOption, JsonOption, OutOption
from comity.cli.show import json_line, line
from comity.config import read_home
from comity.wire.agreement_v1 import parse_agreement

__all__ = ["NameArgument", "show"]

NameArgument = Annotated[
    str,
    typer.Argument(
        metavar="NAME", help="A name, NAME@VERSION, or the first 6 digits or more of a hash."
    ),
]


def show(
    name: NameArgument,
    *,
    as_text: Annotated[
        bool, typer.Option("--text", help="Print the text and nothing else: what is signed.")
    ] = False,
    as_note: Annotated[
        bool, typer.Option("--note", help="The same, with every signature that is known here.")
    ] = False,
    out: OutOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Show an agreement: who signed, how it stands, and its clauses in plain words."""
    if out is not None and not (as_text or as_note):
        raise typer.BadParameter("say what is written there", param_hint="--text or --note")
    view = find_agreement(Node(read_home(home)), name)
    if as_json:
        json_line(msgspec.to_builtins(view))
    elif as_text or as_note:
        write_text(view.note if as_note else view.text, out)
    else:
        show_standing(view)
        line()
        show_text(parse_agreement(view.text))
