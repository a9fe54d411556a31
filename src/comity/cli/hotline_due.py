"""`comity hotline due`: what a person here has to say now or soon, by deadline.

Called by `hotline`.
"""

from typing import Annotated

import typer

from comity.cli.area import blaming
from comity.cli.node import Node, shaped
from comity.cli.options import HOME, HomeOption, JsonOption
from comity.cli.show import json_line, line, short
from comity.config import read_home
from comity.exercise.amount import duration_us
from comity.model.quantity import SECOND_US
from comity.web.api.shapes_due import DueView

__all__ = ["due"]

# With which command each is said.
_SAY = {
    "start": "comity notice start, amend or cancel",
    "end": "comity notice end, or amend its window",
    "close": "comity notice end or cancel",
    "continue": "comity hazard give anew, or comity notice end",
    "answer": "comity hotline answer",
    "reply": "comity request answer",
    "see": "comity ack seen",
    "read-back": "comity ack read-back",
    "attest": "comity ack relay",
    "release": "comity hotline release, by another person",
    "handover": "comity hotline handover accept",
}


def due(
    *,
    within: Annotated[
        str, typer.Option("--within", metavar="DURATION", help="How far ahead, as 30m or 2h.")
    ] = "10m",
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """List what has to be said: starts, ends, answers, read-backs, units; the overdue first."""
    with blaming("--within"):
        seconds = duration_us(within) // SECOND_US
    found = Node(read_home(home)).items("due", {"within": str(seconds)})
    if as_json:
        json_line(found)
        return
    views = shaped(found, list[DueView])
    if not views:
        line(f"nothing is to be said within {within}")
    for view in views:
        late = "OVERDUE" if view.overdue else "due"
        line(f"{view.due}  {late:<7}  {view.duty:<9}  {short(view.of)}  {view.about}")
        line(f"    {_SAY.get(view.duty, view.duty)}")
