"""`comity key`: bearer keys for programs and people, and the keys that sign.

Of a bearer key the node keeps a hash, never the key. Signing keys are `key_rotate`'s and
`key_root`'s. Called by main.
"""

from pathlib import Path
from typing import Annotated

import typer

from comity.cli import key_root
from comity.cli.key_rotate import (
    ROTATE_EXAMPLES,
    SUBMIT_EXAMPLES,
    rotate,
    signing,
    submit,
    withdraw,
)
from comity.cli.node import Node, body, shaped
from comity.cli.options import HOME, HomeOption, JsonOption, OnceOption, examples
from comity.cli.show import json_line, line, table
from comity.config import read_home
from comity.web.api.shapes import CallerRequest, CallerView, NewCaller
from comity.web.scope import Scope

__all__ = ["app"]

app = typer.Typer(help="Bearer keys, given and taken back; and the keys that sign.")


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


@app.command(
    epilog=examples(
        "comity key revoke 7c9be12a",
        'comity key revoke "$OLD_KEY" --since 2026-11-20T08:00:00Z --out revoke.note',
    )
)
def revoke(
    key: Annotated[
        str, typer.Argument(metavar="KEY", help="A bearer key's id, or a signing key as listed.")
    ],
    *,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="MOMENT", help="Signing key: misused since then, perhaps."),
    ] = None,
    to: Annotated[
        int | None,
        typer.Option("--to", min=0, metavar="ENTRIES", help="Signing key: none from here on."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Signing key: a new file for the statement.")
    ] = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Take a bearer key back at once; or write the statement that revokes a signing key."""
    if "+" in key:
        if out is None:
            raise typer.BadParameter("name a new file for the statement", param_hint="--out")
        withdraw(key, out, since=since, to=to, home=home, as_json=as_json)
        return
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


app.command("rotate", epilog=ROTATE_EXAMPLES)(rotate)
app.command("submit", epilog=SUBMIT_EXAMPLES)(submit)
app.command("signing", epilog=examples("comity key signing"))(signing)
app.add_typer(key_root.app, name="root")
