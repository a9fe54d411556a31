"""`comity notice give`: from options or a file to a notice. `check` and `hazard give` do the same.

The node judges it; here only words become numbers. Called by `notice`, `notice_check` and `hazard`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from comity.cli.area import (
    AreaOption,
    AreaWords,
    CircleOption,
    DatumOption,
    EndOption,
    HalfWidthOption,
    HeightsOption,
    HeightWords,
    IsaOption,
    LineOption,
    PlaceWords,
    PolygonOption,
    QnhOption,
    StartOption,
    TerrainOption,
    UncertaintyOption,
    blaming,
    volume,
)
from comity.cli.files import read_file
from comity.cli.find import node_now_us
from comity.cli.legs import LegOption, LegsOption, leg_volumes
from comity.cli.node import Node, body
from comity.cli.options import HOME, HomeOption, JsonOption, OnceOption, UnitsOption
from comity.cli.receipt import show_outcome
from comity.config import read_home
from comity.exercise.amount import duration_us
from comity.model.fault import Malformed
from comity.model.notice import Craft, Domain, Onward, Purpose, SubjectKind
from comity.model.quantity import seconds
from comity.web.api.shapes import NoticeRequest, Volume
from comity.wire.canonical import loads
from comity.wire.limits import BODY_BYTES_MAX

__all__ = [
    "ClearNeedsOption",
    "CraftOption",
    "DomainOption",
    "FileOption",
    "NameOption",
    "OnwardOption",
    "PresenceOption",
    "PromptedByOption",
    "PurposeOption",
    "ToOption",
    "give",
    "make_request",
    "request_from_file",
    "span_s",
]


ToOption = Annotated[
    list[str] | None,
    typer.Option(
        "--to", metavar="PARTY", help="Whom to tell; repeat it for more. None: kept home."
    ),
]
PurposeOption = Annotated[
    Purpose | None,
    typer.Option(
        "--purpose",
        metavar="PURPOSE",
        help=f"Why, default {Purpose.MILITARY_ACTIVITY}: {', '.join(Purpose)}.",
    ),
]
DomainOption = Annotated[
    Domain | None, typer.Option("--domain", metavar="DOMAIN", help=f"Where: {', '.join(Domain)}.")
]
CraftOption = Annotated[
    Craft | None, typer.Option("--craft", metavar="CLASS", help=f"What: {', '.join(Craft)}.")
]
OnwardOption = Annotated[
    Onward | None,
    typer.Option(
        "--onward",
        metavar="RULE",
        help=f"What they may pass on, default {Onward.NONE}: {', '.join(Onward)}.",
    ),
]
NameOption = Annotated[
    str | None, typer.Option("--name", help="Free text, 40 characters; never passed on.")
]
ClearNeedsOption = Annotated[
    str | None,
    typer.Option("--clear-needs", metavar="SPAN", help="A presence's clearing time, as 8m."),
]
PromptedByOption = Annotated[
    str | None,
    typer.Option("--prompted-by", metavar="ID", help="The peer's notice that this answers."),
]
FileOption = Annotated[
    Path | None,
    typer.Option(
        "--file", help="A NoticeRequest as JSON, - for stdin; options replace what it says."
    ),
]
PresenceOption = Annotated[
    bool, typer.Option("--presence", help="A protected presence, not an operation.")
]


def give(
    *,
    presence: PresenceOption = False,
    to: ToOption = None,
    polygon: PolygonOption = None,
    circle: CircleOption = None,
    centre_line: LineOption = None,
    half_width: HalfWidthOption = None,
    area: AreaOption = None,
    heights: HeightsOption = None,
    start: StartOption = None,
    end: EndOption = None,
    datum: DatumOption = None,
    qnh: QnhOption = None,
    isa_deviation: IsaOption = None,
    terrain: TerrainOption = None,
    uncertainty: UncertaintyOption = None,
    purpose: PurposeOption = None,
    domain: DomainOption = None,
    craft: CraftOption = None,
    onward: OnwardOption = None,
    name: NameOption = None,
    clear_needs: ClearNeedsOption = None,
    prompted_by: PromptedByOption = None,
    leg: LegOption = None,
    legs: LegsOption = None,
    file: FileOption = None,
    once: OnceOption = None,
    units: UnitsOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Give notice of an operation, or of a presence to be spared.

    With legs: of a humanitarian site or movement on the ground, a protected presence.
    """
    ours = read_home(home)
    node = Node(ours)
    words = AreaWords(
        place=PlaceWords(polygon, circle, centre_line, half_width, area),
        height=HeightWords(heights, datum, qnh, isa_deviation, terrain),
        start=start,
        end=end,
        uncertainty=uncertainty,
    )
    volumes = leg_volumes(leg, legs, words, lambda: node_now_us(node))
    given: dict[str, object] = {
        "kind": SubjectKind.PRESENCE if presence or volumes else None,
        "to": to,
        "purpose": purpose or (Purpose.HUMANITARIAN if volumes else None),
        "domain": domain or (Domain.GROUND if volumes else None),
        "craft": craft,
        "onward": onward,
        "name": name,
        "clear_needs_s": span_s(clear_needs),
        "prompted_by": prompted_by,
    }
    request = make_request(node, words, given, request_from_file(file), volumes)
    answer = node.post("notices", body(request), once)
    show_outcome(node, ours, answer, as_json=as_json, units=units)


def make_request(
    node: Node,
    words: AreaWords,
    given: dict[str, object],
    base: NoticeRequest | None = None,
    volumes: Sequence[Volume] = (),
) -> NoticeRequest:
    """The request that `base` makes, with what was `given` on the line in its place."""
    changes = {name: value for name, value in given.items() if value is not None}
    if volumes:
        changes["volumes"] = list(volumes)
    elif base is None or words.given():
        changes["volumes"] = [volume(words, lambda: node_now_us(node))]
    return msgspec.structs.replace(base or NoticeRequest(kind=SubjectKind.OPERATION), **changes)


def span_s(clear_needs: str | None) -> float | None:
    """A clearing time in seconds, as it was written."""
    with blaming("--clear-needs"):
        return None if clear_needs is None else seconds(duration_us(clear_needs))


def request_from_file(path: Path | None) -> NoticeRequest | None:
    """The request in a file; None without a file."""
    if path is None:
        return None
    data = read_file(path, size_max=BODY_BYTES_MAX)
    try:
        return msgspec.convert(loads(data, bytes_max=BODY_BYTES_MAX), NoticeRequest)
    except msgspec.ValidationError as error:
        raise Malformed(f"{path} is no notice: {error}", code="bad_notice_file") from error
