"""`comity hazard`: notice of what is dangerous to others, with its source; reports on it.

Called by main.
"""

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
    blaming,
    volume,
)
from comity.cli.find import find_notice, node_now_us
from comity.cli.hotline_chain import chains_of
from comity.cli.hotline_units import units_said
from comity.cli.node import Node, body, shaped
from comity.cli.notice_give import (
    DomainOption,
    NameOption,
    OnwardOption,
    ToOption,
    make_request,
)
from comity.cli.notice_show import show_notice
from comity.cli.options import HOME, HomeOption, IdArgument, JsonOption, OnceOption, examples
from comity.cli.receipt import show_outcome
from comity.cli.show import json_line, line
from comity.cli.written import is_from_now, moment_us
from comity.config import read_home
from comity.model.notice import Confidence, Purpose, SubjectKind
from comity.model.party import party_name
from comity.model.quantity import instant_text, instant_us
from comity.model.report import Stance
from comity.web.api.shapes import HazardBasis, NoticeView, ReportView
from comity.web.api.shapes_reports import ReportRequest

__all__ = ["app"]

SourceOption = Annotated[
    str, typer.Option("--source", help="Who says so, quoted; at most 280 characters.")
]
ConfidenceOption = Annotated[
    Confidence,
    typer.Option("--confidence", metavar="LEVEL", help=f"How sure it is: {', '.join(Confidence)}."),
]

PurposeOption = Annotated[
    Purpose,
    typer.Option("--purpose", metavar="PURPOSE", help=f"What it is: {', '.join(Purpose)}."),
]

app = typer.Typer(help="Give notice of what is dangerous to others, and report on it.")


@app.command(
    epilog=examples(
        "comity hazard give --to bravo --circle 35.5,35.9,10km --heights 0m..12000m \\",
        "    --start now --end +6h --expires +2h --source 'NOTAM A1234/30' --confidence confirmed",
    )
)
def give(
    *,
    source: SourceOption,
    expires: Annotated[
        str, typer.Option("--expires", metavar="TIME", help="When the belief lapses, as +2h.")
    ],
    confidence: ConfidenceOption = Confidence.POSSIBLE,
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
    purpose: PurposeOption = Purpose.DANGER_AREA,
    domain: DomainOption = None,
    onward: OnwardOption = None,
    name: NameOption = None,
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Give notice of a hazard: an area drawn by a person, with its source; never computed."""
    ours = read_home(home)
    node = Node(ours)
    given: dict[str, object] = {
        "kind": SubjectKind.HAZARD,
        "basis": _basis(node, source, confidence, expires),
        "to": to,
        "purpose": purpose,
        "domain": domain,
        "onward": onward,
        "name": name,
    }
    words = AreaWords(
        place=PlaceWords(polygon, circle, centre_line, half_width, area),
        height=HeightWords(heights, datum, qnh, isa_deviation, terrain),
        start=start,
        end=end,
        uncertainty=uncertainty,
    )
    request = make_request(node, words, given)
    show_outcome(node, ours, node.post("notices", body(request), once), as_json=as_json)


@app.command(epilog=examples("comity hazard show 4f1d2c7a90be"))
def show(notice: IdArgument, *, home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """Show a hazard with all reports on it, in the order of arrival; none overwrites another."""
    ours = read_home(home)
    node = Node(ours)
    answer = node.get(f"notices/{find_notice(node, notice)}")
    view = shaped(answer, NoticeView)
    if view.kind is not SubjectKind.HAZARD:
        raise typer.BadParameter(f"that is a {view.kind}: see comity notice show", param_hint="ID")
    if as_json:
        json_line(answer)
        return
    chains = chains_of(node, view.id)
    show_notice(view, chains, units_said(node, chains), own=ours.origin)
    if view.basis is not None and instant_us(view.basis.expires) <= node_now_us(node):
        line(f"LAPSED at {view.basis.expires}: it stands in no conflict any more.")


@app.command(
    epilog=examples(
        "comity hazard report 4f1d2c7a90be --stance contradicts --to bravo \\",
        "    --source 'own patrol on the spot: no activity' --confidence probable",
        "comity hazard report 4f1d2c7a90be --stance narrows --to bravo --circle 35.5,35.9,3km \\",
        "    --heights 0m..3000m --start now --end +2h --source 'own post' --confidence possible",
    )
)
def report(
    notice: IdArgument,
    *,
    stance: Annotated[
        Stance, typer.Option("--stance", metavar="STANCE", help=f"One of: {', '.join(Stance)}.")
    ],
    source: SourceOption,
    confidence: ConfidenceOption = Confidence.POSSIBLE,
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
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Report on a hazard that we know. It stands beside the others and decides nothing."""
    node = Node(read_home(home))
    words = AreaWords(
        place=PlaceWords(polygon, circle, centre_line, half_width, area),
        height=HeightWords(heights, datum, qnh, isa_deviation, terrain),
        start=start,
        end=end,
    )
    volumes = [volume(words, lambda: node_now_us(node))] if words.given() else []
    request = ReportRequest(
        stance=stance, source=source, confidence=confidence, to=to or [], volumes=volumes
    )
    path = f"notices/{find_notice(node, notice)}/reports"
    answer = node.post(path, body(request), once)
    if as_json:
        json_line(answer)
        return
    view = shaped(answer, ReportView)
    given = ", ".join(map(party_name, view.to)) or "nobody: kept at home"
    line(f"{view.stance}, {view.confidence}: recorded at {view.at}, given to {given}")
    line("It decides nothing: the hazard stays until its owner ends it or its belief lapses.")


def _basis(node: Node, source: str, confidence: Confidence, expires: str) -> HazardBasis:
    with blaming("--expires"):
        expires_us = moment_us(expires, node_now_us(node) if is_from_now(expires) else 0)
    return HazardBasis(source=source, confidence=confidence, expires=instant_text(expires_us))
