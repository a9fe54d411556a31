"""`comity entry`: the lines of our own journal, and the evidence of any of them.

Called by main.
"""

from typing import Annotated

import typer

from comity.cli.bundle_folder import (
    NamesOnlyOption,
    NoContentOption,
    OutFolderOption,
    ShowOption,
    WithholdOption,
    choice_query,
    write_bundle,
)
from comity.cli.node import Node, body, shaped
from comity.cli.options import HOME, HomeOption, JsonOption, examples
from comity.cli.show import json_line, line, table
from comity.config import read_home
from comity.web.api.record_shapes import EntryRow, EntryView
from comity.web.api.shapes import Page, StatusView

__all__ = ["app"]

_LAST = 20  # a screenful
_LAST_MAX = 500  # a page of the node's

app = typer.Typer(help="Read our own journal and hand out evidence of any line in it.")

IndexArgument = Annotated[
    int, typer.Argument(metavar="INDEX", min=0, help="The entry's number, as in the list.")
]


@app.command("list", epilog=examples("comity entry list --last 50"))
def list_entries(
    *,
    last: Annotated[
        int,
        typer.Option("--last", metavar="N", min=1, max=_LAST_MAX, help="So many, the newest."),
    ] = _LAST,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """List the newest entries of our journal."""
    node = Node(read_home(home))
    size = shaped(node.get("status"), StatusView).journal_size
    query = {"limit": str(last)}
    if size > last:
        query["after"] = str(size - last - 1)
    page = shaped(node.get("entries", query), Page[EntryRow])
    if as_json:
        json_line([body(row) for row in page.items])
        return
    rows = [(str(row.index), row.type, row.to, str(row.seq), row.issued) for row in page.items]
    table(("entry", "type", "to", "seq", "issued"), rows)


@app.command(epilog=examples("comity entry show 12"))
def show(index: IndexArgument, *, home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """Show one entry as it was signed, and which fields its content has."""
    answer = Node(read_home(home)).get(f"entries/{index}")
    if as_json:
        json_line(answer)
        return
    view = shaped(answer, EntryView)
    for text in view.note.removesuffix("\n").split("\n"):
        line(text)
    if view.fields is not None:
        line()
        table(("field", "type"), [(field.path, field.type) for field in view.fields])


@app.command(
    epilog=examples(
        "comity entry bundle 12 --out evidence --show code --show volume/0/window",
        "comity entry bundle 7 --out evidence --recorded --names-only",
    )
)
def bundle(
    index: IndexArgument,
    *,
    out: OutFolderOption,
    show: ShowOption = None,
    withhold: WithholdOption = None,
    names_only: NamesOnlyOption = False,
    no_content: NoContentOption = False,
    recorded: Annotated[
        bool,
        typer.Option("--recorded", help="Prove that it was recorded, not that it was received."),
    ] = False,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Write the evidence of one entry into a folder: all of its fields, some or none.

    What is left out is still listed, with path and type, so that nobody can say that there was
    more; --no-content hides the list too.
    """
    query = choice_query(show, withhold, names_only=names_only, no_content=no_content)
    if recorded:
        query["proves"] = "recorded"
    answer = Node(read_home(home)).get(f"entries/{index}/bundle", query)
    write_bundle(answer, out, recorded=recorded, as_json=as_json)
