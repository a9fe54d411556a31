"""`comity notice bundle`: the evidence of one delivered notice as a folder for `comity verify`.

The node makes the files; here they are only written. Called by `notice`.
"""

import re
from pathlib import Path
from typing import Annotated

import typer

from comity.cli.files import new_folder, write_new
from comity.cli.find import find_notice, find_party
from comity.cli.node import Node, shaped
from comity.cli.options import HOME, HomeOption, IdArgument, JsonOption
from comity.cli.show import json_line, line
from comity.config import read_home
from comity.model.fault import Malformed
from comity.web.api.shapes import BundleView
from comity.wire.canonical import unb64

__all__ = ["bundle"]

_FILES_MAX = 64  # a bundle has some 10 files
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}", re.ASCII)


def bundle(
    notice: IdArgument,
    *,
    to: Annotated[
        str, typer.Option("--to", metavar="PARTY", help="The party to whom it was delivered.")
    ],
    out: Annotated[Path, typer.Option("--out", help="A new or empty folder.")],
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Write the evidence of one delivered notice into a folder."""
    node = Node(read_home(home))
    origin = find_party(node, to).origin
    answer = node.get(f"notices/{find_notice(node, notice)}/bundle", {"to": origin})
    contents = _contents(shaped(answer, BundleView))
    new_folder(out)
    for name, content in contents.items():
        write_new(out / name, content)
    if as_json:
        json_line({"folder": str(out), "files": [*contents]})
    else:
        line(f"{len(contents)} files in {out}; check them: comity verify {out} --trust FILE")


def _contents(answer: BundleView) -> dict[str, bytes]:
    """The files by name; names are plain, so that nothing lands outside the folder."""
    if len(answer.files) > _FILES_MAX:
        raise Malformed(f"a bundle has at most {_FILES_MAX} files", code="bad_answer")
    for name in answer.files:
        if not _FILE_NAME.fullmatch(name):
            raise Malformed(f"{name[:40]!r} is no file name for a bundle", code="bad_answer")
    return {name: unb64(text) for name, text in answer.files.items()}
