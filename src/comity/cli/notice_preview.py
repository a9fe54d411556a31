"""`comity notice preview`: what each recipient would be told, before anything is declared.

The node answers with the code that telling runs; here it is only shown, or drawn. Called by
`notice`.
"""

from pathlib import Path
from typing import Annotated

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
)
from comity.cli.files import write_new
from comity.cli.node import Node, body, shaped
from comity.cli.notice_give import (
    ClearNeedsOption,
    CraftOption,
    DomainOption,
    FileOption,
    NameOption,
    OnwardOption,
    PresenceOption,
    PromptedByOption,
    PurposeOption,
    ToOption,
    make_request,
    request_from_file,
    span_s,
)
from comity.cli.notice_view import show_volume
from comity.cli.options import HOME, HomeOption, JsonOption
from comity.cli.picture import Panel, picture
from comity.cli.show import facts, heading, json_line, line
from comity.config import read_home
from comity.model.notice import SubjectKind
from comity.model.party import party_name
from comity.web.api.shapes import NoticeRequest
from comity.web.api.shapes_agreements import ToldView

__all__ = ["preview"]


def preview(
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
    file: FileOption = None,
    svg: Annotated[
        Path | None,
        typer.Option(
            "--picture", metavar="FILE.svg", help="Draw each area told beside the true one."
        ),
    ] = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Show what each recipient would be told; nothing is declared, nothing is sent to anyone."""
    node = Node(read_home(home))
    words = AreaWords(
        place=PlaceWords(polygon, circle, centre_line, half_width, area),
        height=HeightWords(heights, datum, qnh, isa_deviation, terrain),
        start=start,
        end=end,
        uncertainty=uncertainty,
    )
    given: dict[str, object] = {
        "kind": SubjectKind.PRESENCE if presence else None,
        "to": to,
        "purpose": purpose,
        "domain": domain,
        "craft": craft,
        "onward": onward,
        "name": name,
        "clear_needs_s": span_s(clear_needs),
        "prompted_by": prompted_by,
    }
    _preview(node, make_request(node, words, given, request_from_file(file)), svg, as_json=as_json)


def _preview(node: Node, request: NoticeRequest, svg: Path | None, *, as_json: bool) -> None:
    answer = node.ask("previews", body(request))
    items = answer.get("items") if isinstance(answer, dict) else None
    found = shaped(items, list[ToldView])
    if svg is not None:
        write_new(svg, _drawn(request, found))
    if as_json:
        json_line(items)
        return
    for told in found:
        _show(told)
    if svg is not None:
        line(f"drawn in {svg}")


def _drawn(request: NoticeRequest, found: list[ToldView]) -> bytes:
    panels = [
        Panel(title=f"{party_name(told.to)}: {told.step_name}", told=told.volumes) for told in found
    ]
    return picture(request.volumes, panels).encode()


def _show(told: ToldView) -> None:
    heading(f"{told.to}: step {told.step_name} (D{told.step})")
    facts(
        [
            ("why", told.ground),
            ("kind", f"{told.kind}, {told.domain}"),
            ("purpose", told.purpose),
            ("craft", told.craft),
            ("onward", told.onward),
            ("name (free text)", told.name),
            ("bytes", f"{len(told.content) // 2}; --json has them"),
        ]
    )
    for volume in told.volumes:
        show_volume(volume)
    line()
