"""Posts one step of the receipt chain and shows the answer. Called by `ack` and `ack_read_back`."""

from pathlib import Path
from typing import Annotated

import typer

from comity.cli.find import find_notice
from comity.cli.kinds import saying_kind
from comity.cli.node import Node, body, shaped
from comity.cli.show import json_line, line
from comity.config import read_home
from comity.web.api.shapes import AnswerRequest, AnswerView

__all__ = ["PersonOption", "RoleOption", "SpeakerOption", "post_step", "show_answer"]

RoleOption = Annotated[
    str,
    typer.Option("--role", envvar="COMITY_ROLE", help="Who answers, as a role; 40 characters."),
]
SpeakerOption = Annotated[
    str,
    typer.Option("--role", envvar="COMITY_ROLE", help="Who says it, as a role; 40 characters."),
]
PersonOption = Annotated[
    str,
    typer.Option(
        "--person",
        envvar="COMITY_PERSON",
        help="Who holds the role: asked of our duty roster, told to nobody.",
    ),
]


def post_step(
    home: Path, notice: str, request: AnswerRequest, *, once: str | None, as_json: bool
) -> None:
    """Post a step about the notice that `notice` names."""
    node = Node(read_home(home))
    with saying_kind(node, notice, "notice"):
        path = f"notices/{find_notice(node, notice)}/answers"
        answer = node.post(path, body(request), once)
    if as_json:
        json_line(answer)
    else:
        show_answer(shaped(answer, AnswerView))


def show_answer(view: AnswerView) -> None:
    """Say what was recorded, and where a read-back is not what the notice says."""
    line(
        f"{view.step} recorded at {view.at} for {view.role}: received and understood, not approved"
    )
    if view.check is None:
        return
    if view.check.agrees:
        line("the read-back agrees with the notice")
        return
    line(f"THE READ-BACK DIFFERS: {', '.join(view.check.differs)}")
    for number, moved_m in enumerate(view.check.moved_m, start=1):
        if moved_m > 0:
            line(f"  point {number} is {moved_m:g} m from the notice's")
