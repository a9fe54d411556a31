"""`comity agreement list`: all agreements that the node knows. Called by `agreement`."""

from comity.cli.agreement_view import names
from comity.cli.node import Node, shaped
from comity.cli.options import HOME, HomeOption, JsonOption
from comity.cli.show import json_line, short, table
from comity.config import read_home
from comity.web.api.shapes_agreements import AccordView

__all__ = ["list_agreements"]


def list_agreements(*, home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """List the agreements that are known here, and how each version stands."""
    answer = Node(read_home(home)).items("agreements")
    if as_json:
        json_line(answer)
        return
    rows = [
        (
            each.name,
            str(each.version),
            each.state,
            names(each.parties),
            names(each.missing) or "-",
            each.in_force or "-",
            short(each.hash),
        )
        for each in shaped(answer, list[AccordView])
    ]
    table(("name", "version", "state", "parties", "not yet by", "counts from", "hash"), rows)
