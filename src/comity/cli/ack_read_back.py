"""`comity ack read-back`: an officer confirms each key field, or says what stands in its place.

The node compares what is said with the notice; a slip is recorded and shown, never mended here.
Called by `ack`.
"""

from typing import Annotated

import typer

from comity.cli.ack_step import PersonOption, RoleOption, show_answer
from comity.cli.area import blaming
from comity.cli.asked import READ_BACK_YES, asking
from comity.cli.find import find_notice
from comity.cli.kinds import saying_kind
from comity.cli.node import Node, body, shaped
from comity.cli.options import HOME, HomeOption, IdArgument, JsonOption, OnceOption
from comity.cli.show import facts, heading, json_line
from comity.cli.written import height_m, point, split_pair
from comity.config import read_home
from comity.model.answer import Step
from comity.model.fault import Malformed
from comity.model.quantity import instant_text, instant_us
from comity.web.api.shapes import AnswerRequest, AnswerView, KeyFields, NoticeView

__all__ = ["read_back"]


def read_back(
    notice: IdArgument,
    *,
    yes: Annotated[
        bool, typer.Option("--yes", help="Every field was read back as shown; ask nothing.")
    ] = False,
    field: Annotated[
        list[str] | None,
        typer.Option(
            "--field",
            metavar="NAME=VALUE",
            help="Read back otherwise: start, end, lower, upper, point-1, ... Repeat it.",
        ),
    ] = None,
    role: RoleOption = "duty officer",
    person: PersonOption = "",
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Repeat the key fields of a notice; the node says where they differ."""
    node = Node(read_home(home))
    with saying_kind(node, notice, "notice"):
        path = f"notices/{find_notice(node, notice)}"
        stated = _words(shaped(node.get(path), NoticeView).read_back_to_give)
    with blaming("--field"):
        changes = dict(split_pair(text) for text in field or ())
        _check_names(changes, stated)
    said = {**stated, **changes}
    if not yes:
        said = _asked(stated, changes, as_json=as_json)
    with blaming("--field"):
        fields = _fields(said)
    request = AnswerRequest(step=Step.READ_BACK, role=role, person=person, read_back=fields)
    answer = node.post(f"{path}/answers", body(request), once)
    if as_json:
        json_line(answer)
    else:
        show_answer(shaped(answer, AnswerView))


def _words(fields: KeyFields) -> dict[str, str]:
    """The key fields by name, as a person reads them."""
    points = {
        f"point-{number}": f"{lat:.7f},{lon:.7f}"
        for number, (lat, lon) in enumerate(fields.points, start=1)
    }
    lower, upper = f"{fields.lower_m:.3f}m", f"{fields.upper_m:.3f}m"
    return {"start": fields.start, "end": fields.end, "lower": lower, "upper": upper, **points}


def _fields(words: dict[str, str]) -> KeyFields:
    """What was said, as the node takes it."""
    return KeyFields(
        start=instant_text(instant_us(words["start"])),
        end=instant_text(instant_us(words["end"])),
        points=[point(words[name]) for name in words if name.startswith("point-")],
        lower_m=height_m(words["lower"]),
        upper_m=height_m(words["upper"]),
    )


def _check_names(changes: dict[str, str], stated: dict[str, str]) -> None:
    for name in changes:
        if name not in stated:
            raise Malformed(f"this notice has no field {name[:40]!r}, only {', '.join(stated)}")


def _asked(stated: dict[str, str], changes: dict[str, str], *, as_json: bool) -> dict[str, str]:
    """Every field with the officer's word for it; questions go to stderr."""
    if not as_json:
        heading("The notice says:")
        facts([*stated.items()])
    said: dict[str, str] = {}
    for name, value in stated.items():
        if name in changes:
            said[name] = changes[name]
            continue
        with asking(f"{name} {value} was read back", READ_BACK_YES):
            if typer.confirm(f"{name} {value}: so read back?", err=True):
                said[name] = value
            else:
                said[name] = typer.prompt(f"{name} was read back as", err=True)
    return said
