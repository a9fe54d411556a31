"""`comity agreement diff`: what differs between two texts. Called by `agreement`."""

from typing import Annotated

import typer

from comity.agreement.compare import Difference, differences
from comity.cli.agreement_find import text_of
from comity.cli.options import HOME, HomeOption, JsonOption
from comity.cli.show import json_line, line, table
from comity.wire.agreement_v1 import parse_agreement
from comity.wire.canonical import Json

__all__ = ["TextArgument", "diff"]

TextArgument = Annotated[
    str,
    typer.Argument(
        metavar="TEXT",
        help="A file that is there, else a name, NAME@VERSION or hash of the node's.",
    ),
]


def diff(
    before: TextArgument,
    after: TextArgument,
    *,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Say what differs between two texts, clause by clause, in the units that people use."""
    one, other = (parse_agreement(text_of(word, home)) for word in (before, after))
    found = differences(one, other)
    if as_json:
        json_line([_json(each) for each in found])
    elif not found:
        line("the same text")
    else:
        rows = [(each.place, each.what, each.before, each.after) for each in found]
        table(("where", "what", "before", "after"), rows)


def _json(each: Difference) -> dict[str, Json]:
    return {
        "where": each.place,
        "what": each.what,
        "before": each.before,
        "after": each.after,
    }
