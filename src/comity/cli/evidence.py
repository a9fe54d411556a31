"""`comity evidence`: what convicts other parties of two histories: list it, show it, save it.

The file that is saved needs no node to be checked: `comity verify FILE --trust TRUST`. Called by
main.
"""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from comity.cli.files import write_new
from comity.cli.node import Node, shaped
from comity.cli.options import HOME, HomeOption, JsonOption, examples
from comity.cli.show import json_line, line, table
from comity.config import read_home
from comity.model.fault import Refusal, Refused
from comity.web.api.record_shapes import EvidenceView

__all__ = ["app"]

app = typer.Typer(help="Show and save what convicts other parties of two histories.")

IdArgument = Annotated[
    str, typer.Argument(metavar="ID", help="The first digits of the evidence's id.")
]


def _all(home: Path) -> list[EvidenceView]:
    items = Node(read_home(home)).items("evidence")
    return [shaped(item, EvidenceView) for item in items]


def _one(home: Path, begins: str) -> EvidenceView:
    found = [each for each in _all(home) if begins and each.id.startswith(begins.lower())]
    if len(found) != 1:
        raise Refused(
            Refusal(
                code="not_found",
                reason=f"{len(found)} pieces of evidence begin with {begins!r}",
                what_to_do="comity evidence list",
            )
        )
    return found[0]


@app.command("list", epilog=examples("comity evidence list"))
def list_all(*, home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """List the evidence that this node holds, oldest first."""
    found = _all(home)
    if as_json:
        json_line([msgspec.to_builtins(each) for each in found])
        return
    rows = [(each.id[:12], each.at, each.party, each.kind) for each in found]
    table(("id", "at", "party", "kind"), rows)


@app.command(epilog=examples("comity evidence show 3fa9"))
def show(begins: IdArgument, *, home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """Print one piece of evidence as it would be saved."""
    found = _one(home, begins)
    if as_json:
        json_line(msgspec.to_builtins(found))
    else:
        typer.echo(found.file, nl=False)


@app.command(epilog=examples("comity evidence save 3fa9 bravo.fork"))
def save(
    begins: IdArgument,
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.")],
    *,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Write one piece of evidence into a file, which anyone can check offline."""
    found = _one(home, begins)
    write_new(path, found.file.encode())
    if as_json:
        json_line({"file": str(path), "id": found.id})
    else:
        line(f"{path}; check it: comity verify {path} --trust FILE")
