"""`comity notice check`: what a plan would meet, the protected register included.

The plan goes to our own node and no further: nothing is declared, given or written. Called by
`notice`.
"""

from comity.cli.area import (
    AreaOption,
    AreaWords,
    CircleOption,
    DatumOption,
    EndOption,
    HalfWidthOption,
    HeightsOption,
    LineOption,
    PolygonOption,
    StartOption,
    UncertaintyOption,
)
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
from comity.cli.options import HOME, HomeOption, JsonOption
from comity.cli.show import json_line, line, short, table
from comity.config import read_home
from comity.model.fault import Malformed
from comity.web.api.shapes import Page
from comity.web.api.shapes_register import FindingView
from comity.wire.canonical import Json

__all__ = ["check", "distance"]

_KM_M = 1_000


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
    datum: DatumOption = "wgs84",
    uncertainty: UncertaintyOption = None,
    purpose: PurposeOption = None,
    domain: DomainOption = None,
    craft: CraftOption = None,
    file: FileOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Check a plan against all that is known here; it is not declared, and leaves no trace.

    The same words as for `give` will do. Of the protected register each finding says whose entry it
    is, its handle, and how near the plan comes: never where it is.
    """
    node = Node(read_home(home))
    words = AreaWords(
        polygon=polygon,
        circle=circle,
        line=centre_line,
        half_width=half_width,
        file=area,
        heights=heights,
        start=start,
        end=end,
        datum=datum,
        uncertainty=uncertainty,
    )
    given: dict[str, object] = {"to": to, "purpose": purpose, "domain": domain, "craft": craft}
    base = request_from_file(file)
    answer = node.post("checks", body(make_request(node, words, given, base)))
    if as_json:
        json_line(_items(answer))
        return
    found = shaped(answer, Page[FindingView]).items
    if not found:
        line("Nothing that is known here. What nobody declared is not known.")
        return
    table(("id", "what", "owner", "how near"), [_row(each) for each in found])
    for clause in dict.fromkeys(each.clause for each in found):
        line(f"Clause: {clause}")


def distance(found: FindingView) -> str:
    """How near something comes, in the dimensions in which it does not meet."""
    if found.meets:
        return "meets"
    gaps = [
        (found.closest_m, f"{found.closest_m / _KM_M:g} km or more"),
        (found.vertical_gap_m, f"{found.vertical_gap_m:g} m in height"),
        (found.time_gap_s, f"{found.time_gap_s:g} s in time"),
    ]
    return ", ".join(text for gap, text in gaps if gap) or "less than 1 km"


def _row(found: FindingView) -> tuple[str, str, str, str]:
    what = "register entry" if found.sealed else str(found.kind)
    return short(found.id), what, found.owner, distance(found)


def _items(answer: Json) -> list[Json]:
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list):
        raise Malformed("the node answers checks without items", code="bad_answer")
    return items
