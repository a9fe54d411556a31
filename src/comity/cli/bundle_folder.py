"""A bundle's options, and its files written into a folder. The node makes the files.

Called by `notice_bundle` and `entry`.
"""

import re
from pathlib import Path
from typing import Annotated

import typer

from comity.cli.files import new_folder, write_new
from comity.cli.node import shaped
from comity.cli.show import json_line, line
from comity.model.fault import Malformed
from comity.web.api.record_shapes import BundleView
from comity.wire.canonical import Json, unb64

__all__ = [
    "NamesOnlyOption",
    "NoContentOption",
    "OutFolderOption",
    "ShowOption",
    "WithholdOption",
    "choice_query",
    "write_bundle",
]

_FILES_MAX = 64  # a bundle has some 10 files
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}", re.ASCII)

OutFolderOption = Annotated[Path, typer.Option("--out", help="A new or empty folder.")]
ShowOption = Annotated[
    list[str] | None,
    typer.Option(
        "--show",
        metavar="PATH",
        help="Show this field, or all below it, and no other. Repeat it for more.",
    ),
]
WithholdOption = Annotated[
    list[str] | None,
    typer.Option(
        "--withhold", metavar="PATH", help="Leave this field out, or all below it. Repeat it."
    ),
]
NamesOnlyOption = Annotated[
    bool, typer.Option("--names-only", help="Show which fields there are, and the value of none.")
]
NoContentOption = Annotated[
    bool, typer.Option("--no-content", help="Show nothing of the content, not even its fields.")
]


def choice_query(
    show: list[str] | None, withhold: list[str] | None, *, names_only: bool, no_content: bool
) -> dict[str, str]:
    """The query that asks the node for this much of the content."""
    if names_only + no_content + bool(show or withhold) > 1:
        raise typer.BadParameter("--show and --withhold, --names-only or --no-content: one of them")
    query = {"show": ",".join(show or ()), "withhold": ",".join(withhold or ())}
    if names_only or no_content:
        query["opening"] = "names" if names_only else "nothing"
    return {name: value for name, value in query.items() if value}


def write_bundle(answer: Json, out: Path, *, recorded: bool, as_json: bool) -> None:
    """Write the files of a node's answer into a new folder, and say how to check them."""
    contents = _contents(shaped(answer, BundleView))
    new_folder(out)
    for name, content in contents.items():
        write_new(out / name, content)
    if as_json:
        json_line({"folder": str(out), "files": [*contents]})
        return
    asked = " --recorded" if recorded else ""
    line(f"{len(contents)} files in {out}; check them: comity verify {out} --trust FILE{asked}")


def _contents(answer: BundleView) -> dict[str, bytes]:
    """The files by name; names are plain, so that nothing lands outside the folder."""
    if len(answer.files) > _FILES_MAX:
        raise Malformed(f"a bundle has at most {_FILES_MAX} files", code="bad_answer")
    for name in answer.files:
        if not _FILE_NAME.fullmatch(name):
            raise Malformed(f"{name[:40]!r} is no file name for a bundle", code="bad_answer")
    return {name: unb64(text) for name, text in answer.files.items()}
