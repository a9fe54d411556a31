"""`comity import`: hand a file that another party packed for us to our node. Called by main."""

from pathlib import Path
from typing import Annotated

import typer

from comity.cli.files import read_file
from comity.cli.node import Node, body, shaped
from comity.cli.options import HOME, HomeOption, JsonOption
from comity.cli.show import json_line, line
from comity.config import read_home
from comity.journal.parcel import PARCEL_BYTES_MAX, parse_parcel
from comity.trust.note import serialise
from comity.web.api.carried import ImportRequest, ImportView
from comity.wire.canonical import b64

__all__ = ["import_parcel", "imported"]


def import_parcel(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="As `comity export` writes it.")],
    *,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Take in a file that another party packed for us. The same file twice changes nothing."""
    found, new = imported(home, path)
    if as_json:
        json_line(
            {
                "party": found.party,
                "number": found.number,
                "already": found.already,
                "new_entries": new,
            }
        )
    elif found.already:
        line(f"number {found.number} of {found.party} was here before: nothing has changed")
    else:
        line(f"number {found.number} of {found.party}: {new} new entries in our journal")


def imported(home: Path, path: Path) -> tuple[ImportView, int]:
    """Hand the file to the node of `home`: what came of it, and how many entries are new there.

    Raises:
        Malformed: no parcel, or one that is not whole.
        Failed: the node refuses or is silent.
    """
    node = Node(read_home(home))
    note, _, pieces = parse_parcel(read_file(path, size_max=PARCEL_BYTES_MAX))
    manifest = serialise(note).decode("utf-8")
    new = 0
    for position, piece in enumerate(pieces):
        found = _handed(node, manifest, position, piece)
        new += found.new_entries
        if found.already:
            break
    return _handed(node, manifest, len(pieces), b""), new


def _handed(node: Node, manifest: str, position: int, piece: bytes) -> ImportView:
    request = ImportRequest(manifest=manifest, position=position, piece=b64(piece))
    return shaped(node.post("air-gap/import", body(request)), ImportView)
