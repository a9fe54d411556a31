"""`comity export`: pack what a party should have into a file to be carried. Called by main."""

from dataclasses import dataclass
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

__all__ = ["Exported", "export_parcel", "exported"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A parcel that was written: where, for which origin, its number and its size in bytes."""

    file: Path
    origin: str
    number: int
    size: int


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
    found = exported(home, to, path)
    if as_json:
        json_line({"file": str(found.file), "number": found.number, "bytes": found.size})
    else:
        line(f"{found.file}; number {found.number}, {found.size} bytes, for {found.origin}")


def exported(home: Path, to: str, path: Path) -> Exported:
    """Pack what `to` should have at the node of `home` into `path`, a new file or a folder.

    Raises:
        Refused: no such party, or the file cannot be made.
        Failed: the node refuses or is silent.
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
    return Exported(file=target, origin=origin, number=found.number, size=len(data))
