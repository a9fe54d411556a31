"""`comity notice check`: what a plan would meet, the protected register included.

The plan goes to our own node and no further: nothing is declared, given or written. Called by
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
    CraftOption,
    DomainOption,
    FileOption,
    PurposeOption,
    ToOption,
    make_request,
    request_from_file,
)
from comity.cli.notice_view import need_facts, span
from comity.cli.options import HOME, HomeOption, JsonOption, UnitsOption
from comity.cli.sentences import in_units
from comity.cli.show import facts, json_line, line, short, table
from comity.config import read_home
from comity.model.fault import Malformed
from comity.web.api.shapes import Page
from comity.web.api.shapes_register import FindingView
from comity.wire.canonical import Json, dumps

__all__ = ["check", "distance"]

_KM_M = 1_000
_STEP_M = 10


def check(
    *,
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
    file: FileOption = None,
    units: UnitsOption = None,
    geojson: Annotated[
        Path | None,
        typer.Option("--geojson", metavar="FILE", help="A new file for the overlaps, to draw."),
    ] = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Check a plan against all that is known here; it is not declared, and leaves no trace.

    The same words as for `give` will do. Of the protected register each finding says whose entry it
    is, its handle, and how near the plan comes: never where it is, and no drawing shows it.
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
    given: dict[str, object] = {"to": to, "purpose": purpose, "domain": domain, "craft": craft}
    request = body(make_request(node, words, given, request_from_file(file)))
    answer = node.post("checks", request)
    if geojson is not None:
        drawn = node.post("checks/overlaps", request)
        write_new(geojson, dumps(drawn) + b"\n")
    if as_json:
        json_line(_items(answer))
        return
    found = shaped(answer, Page[FindingView]).items
    if not found:
        line("Nothing that is known here. What nobody declared is not known.")
        return
    table(("id", "what", "owner", "how near"), [_row(each) for each in found])
    line()
    for each in found:
        line(in_units(each.sentence, units or ours.units))
        facts(_reach_facts(each))


def distance(found: FindingView) -> str:
    """How near something comes, in the dimensions in which it does not meet."""
    if found.meets:
        return "meets"
    gaps = [
        (found.closest_m, f"{_km(found.closest_m)}{' or more' if found.sealed else ''}"),
        (found.vertical_gap_m, f"{found.vertical_gap_m:g} m in height"),
        (found.time_gap_s, f"{found.time_gap_s:g} s in time"),
    ]
    return ", ".join(text for gap, text in gaps if gap) or "less than 1 km"


def _km(length_m: float) -> str:
    """To 10 m, rounded down; the sentence is more exact and in the reader's units."""
    return f"{length_m // _STEP_M * _STEP_M / _KM_M:g} km"


def _reach_facts(found: FindingView) -> list[tuple[str, str]]:
    """What our craft would need to leave it; what its owner needs, and whether that is left."""
    facts_ = need_facts(found.time_to_clear_s, found.terms_s, found.unable)
    if found.clear_needs_s is not None:
        needs = f"{found.clear_needs_s:g} ({span(found.clear_needs_s)})"
        facts_ += [("clear_needs_s", needs), ("told now", f"{found.verdict}: {found.reason}")]
    return [(f"  {name}", value) for name, value in facts_ if value]


def _row(found: FindingView) -> tuple[str, str, str, str]:
    what = "register entry" if found.sealed else str(found.kind)
    return short(found.id), what, found.owner, distance(found)


def _items(answer: Json) -> list[Json]:
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list):
        raise Malformed("the node answers checks without items", code="bad_answer")
    return items
