"""`comity export`: pack what a party should have into a file to be carried. Called by main."""

from pathlib import Path
from typing import Annotated

import typer

from comity.cli.files import write_new
from comity.cli.find import find_party
from comity.cli.node import Node, body, shaped
from comity.cli.options import HOME, HomeOption, JsonOption
from comity.cli.show import json_line, line
from comity.config import read_home
from comity.model.party import party_name
from comity.web.api.carried import ExportRequest, ParcelView
from comity.wire.canonical import unb64

__all__ = ["export_parcel"]


def export_parcel(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="A new file, or a folder to put it into.")
    ],
    *,
    to: Annotated[str, typer.Option("--to", metavar="PARTY", help="For whom it is.")],
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Pack what a party should have into a file.

    All that it has not confirmed: entries, receipts, heads. An entry leaves the outbox when its
    receipt is back.
    """
    ours = read_home(home)
    node = Node(ours)
    origin = find_party(node, to).origin
    answer = node.post("air-gap/export", body(ExportRequest(to=origin)))
    found = shaped(answer, ParcelView)
    name = f"{ours.name}-to-{party_name(origin)}-{found.number:06}.parcel"
    target = path / name if path.is_dir() else path
    data = unb64(found.file)
    write_new(target, data)
    if as_json:
        json_line({"file": str(target), "number": found.number, "bytes": len(data)})
    else:
        line(f"{target}; number {found.number}, {len(data)} bytes, for {origin}")
