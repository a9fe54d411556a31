"""`comity notice bundle`: the evidence of one delivered notice as a folder for `comity verify`.

Called by `notice`.
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
from comity.cli.find import find_notice, find_party
from comity.cli.node import Node
from comity.cli.options import HOME, HomeOption, IdArgument, JsonOption
from comity.config import read_home

__all__ = ["bundle"]


def bundle(
    notice: IdArgument,
    *,
    to: Annotated[
        str, typer.Option("--to", metavar="PARTY", help="The party to whom it was delivered.")
    ],
    out: OutFolderOption,
    show: ShowOption = None,
    withhold: WithholdOption = None,
    names_only: NamesOnlyOption = False,
    no_content: NoContentOption = False,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Write the evidence of one delivered notice into a folder."""
    query = choice_query(show, withhold, names_only=names_only, no_content=no_content)
    node = Node(read_home(home))
    query["to"] = find_party(node, to).origin
    answer = node.get(f"notices/{find_notice(node, notice)}/bundle", query)
    write_bundle(answer, out, recorded=False, as_json=as_json)
