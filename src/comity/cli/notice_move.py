"""`comity notice amend|start|end|cancel`: moves what we declared through its life.

Called by `notice`.
"""

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
from comity.cli.find import find_notice, node_now_us
from comity.cli.node import Node, body
from comity.cli.options import HOME, HomeOption, IdArgument, JsonOption, OnceOption
from comity.cli.receipt import show_outcome
from comity.cli.written import moment_us
from comity.config import Home, read_home
from comity.model.fault import Malformed
from comity.model.quantity import instant_text
from comity.web.api.shapes import Move, TransitionRequest, Volume
from comity.wire.canonical import loads
from comity.wire.limits import BODY_BYTES_MAX

__all__ = ["amend", "cancel", "end", "start"]

AtOption = Annotated[
    str | None, typer.Option("--at", metavar="TIME", help="When it happened; default: now.")
]


def amend(
    notice: IdArgument,
    *,
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
    file: Annotated[
        Path | None, typer.Option("--file", help="The volumes as a JSON list, - for stdin.")
    ] = None,
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Replace the area, heights and times of what we declared."""
    ours = read_home(home)
    words = AreaWords(
        place=PlaceWords(polygon, circle, centre_line, half_width, area),
        height=HeightWords(heights, datum, qnh, isa_deviation, terrain),
        start=start,
        end=end,
        uncertainty=uncertainty,
    )
    if file is not None and words.given():
        raise typer.BadParameter("give the volumes there or here", param_hint="--file")
    volumes = _volumes(file) if file else [volume(words, lambda: node_now_us(Node(ours)))]
    request = TransitionRequest(move="amend", volumes=volumes)
    _move(ours, notice, request, once=once, as_json=as_json)


def start(
    notice: IdArgument,
    *,
    at: AtOption = None,
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Say that what we declared has begun."""
    ours = read_home(home)
    _move(ours, notice, _transition(ours, "start", at), once=once, as_json=as_json)


def end(
    notice: IdArgument,
    *,
    at: AtOption = None,
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Say that what we declared is over."""
    ours = read_home(home)
    _move(ours, notice, _transition(ours, "end", at), once=once, as_json=as_json)


def cancel(
    notice: IdArgument,
    *,
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Say that what we declared will not happen."""
    ours = read_home(home)
    _move(ours, notice, _transition(ours, "cancel", None), once=once, as_json=as_json)


def _transition(home: Home, move: Move, at: str | None) -> TransitionRequest:
    if at is None:
        return TransitionRequest(move=move)
    with blaming("--at"):
        at_us = moment_us(at, node_now_us(Node(home)) if at == "now" else _not_ahead(at))
    return TransitionRequest(move=move, at=instant_text(at_us))


def _not_ahead(at: str) -> int:
    """What has not happened yet is not reported."""
    if at.startswith("+"):
        raise Malformed("give the time at which it happened")
    return 0


def _move(
    home: Home, notice: str, request: TransitionRequest, *, once: str | None, as_json: bool
) -> None:
    node = Node(home)
    path = f"notices/{find_notice(node, notice)}/moves"
    answer = node.post(path, body(request), once)
    show_outcome(node, home, answer, as_json=as_json)


def _volumes(path: Path) -> list[Volume]:
    data = read_file(path, size_max=BODY_BYTES_MAX)
    try:
        return msgspec.convert(loads(data, bytes_max=BODY_BYTES_MAX), list[Volume])
    except msgspec.ValidationError as error:
        raise Malformed(f"{path} is no list of volumes: {error}", code="bad_notice_file") from error
