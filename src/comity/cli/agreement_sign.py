"""`comity agreement sign`: sign a text as one of its principals. Called by `agreement`."""

from comity.cli.agreement_find import agreement_file
from comity.cli.agreement_lint import FileArgument
from comity.cli.agreement_view import show_standing
from comity.cli.node import Node, body, shaped
from comity.cli.options import HOME, HomeOption, JsonOption, OnceOption
from comity.cli.show import json_line
from comity.config import read_home
from comity.web.api.shapes_agreements import AccordRequest, AccordView

__all__ = ["sign"]


def sign(
    file: FileArgument,
    *,
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Sign a text as one of its principals; the node gives it to the other parties.

    Read it first: comity agreement explain FILE. A signature is not taken back, only suspended.
    """
    request = AccordRequest(text=agreement_file(file))
    answer = Node(read_home(home)).post("agreements", body(request), once)
    if as_json:
        json_line(answer)
    else:
        show_standing(shaped(answer, AccordView))
