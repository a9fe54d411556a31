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
from comity.hotline.phrases import phrasebook
from comity.model.quantity import SECOND_US
from comity.web.api.shapes_due import DueView

__all__ = ["due"]

# With which command each is said; the first is whole, and may be copied.
_SAY = {
    "start": "comity notice start {id}, or amend or cancel it",
    "end": "comity notice end {id}, or amend its window",
    "close": "comity notice end {id}, or cancel it",
    "continue": "comity notice end {id}, or comity hazard give anew",
    "answer": "comity hotline answer {id} {code}",
    "reply": "comity request answer {id} granted, or partly, declined, standby",
    "see": "comity ack seen {id}",
    "read-back": "comity ack read-back {id}",
    "attest": "comity ack relay {id} --unit UNIT=told, or hotline relay told {id} UNIT",
    "release": "comity hotline release {id} --by PERSON, another one than the first",
    "handover": "comity hotline handover accept {id} --by PERSON",
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
        line(f"    {_command(view)}")


def _command(view: DueView) -> str:
    """What to type; for a message with the answers that its code may get."""
    said, *others = _answers(view.about.partition(" ")[0])
    text = _SAY.get(view.duty, view.duty).format(id=short(view.of), code=said)
    return f"{text}, or {', '.join(others)}" if view.duty == "answer" and others else text


def _answers(code: str) -> tuple[str, ...]:
    """The answers to a message of that code; CODE for one that is not known here."""
    phrase = phrasebook().phrases.get(code)
    return ("CODE",) if phrase is None else tuple(phrase.answers)
