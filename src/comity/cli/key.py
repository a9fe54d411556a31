"""`comity key`: bearer keys for programs and people. The node keeps a hash of each, never the key.

Called by main.
"""

from typing import Annotated

import typer

from comity.cli.node import Node, body, shaped
from comity.cli.options import HOME, HomeOption, JsonOption, OnceOption, examples
from comity.cli.show import json_line, line, table
from comity.config import read_home
from comity.web.api.shapes import CallerRequest, CallerView, NewCaller
from comity.web.scope import Scope

__all__ = ["app"]

app = typer.Typer(help="Give bearer keys to programs and people, and take them back.")


@app.command(epilog=examples("comity key add map-display --scope read"))
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose key it is.")],
    *,
    scope: Annotated[
        list[Scope],
        typer.Option("--scope", metavar="SCOPE", help=f"{', '.join(Scope)}; repeat it for more."),
    ],
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Make a key and print it, once."""
    request = CallerRequest(name=name, scopes=scope)
    answer = Node(read_home(home)).post("keys", body(request), once)
    if as_json:
        json_line(answer)
        return
    made = shaped(answer, NewCaller)
    line(made.key)
    typer.echo(f"This is shown once. To take it back: comity key revoke {made.caller.id}", err=True)


@app.command(epilog=examples("comity key revoke 7c9be12a"))
def revoke(
    key: Annotated[str, typer.Argument(metavar="ID", help="The key's id, as in the list.")],
    *,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Take a key back; what it did stays in the record."""
    Node(read_home(home)).delete(f"keys/{key}")
    if as_json:
        json_line({"revoked": key})
    else:
        line(f"revoked {key}")


@app.command("list", epilog=examples("comity key list"))
def list_keys(*, home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """List the keys, without the keys."""
    answer = Node(read_home(home)).items("keys")
    if as_json:
        json_line(answer)
        return
    rows = [
        (caller.id, caller.name, " ".join(caller.scopes), caller.created, caller.revoked or "")
        for caller in shaped(answer, list[CallerView])
    ]
    table(("id", "name", "scopes", "created", "revoked"), rows)
