"""`comity hazard give`: notice of what is dangerous to others, drawn by a person, with its source.

Called by main.
"""

from typing import Annotated

import typer

from comity.cli.area import (
    AreaWords,
    CircleOption,
    DatumOption,
    EndOption,
    HeightsOption,
    PolygonOption,
    StartOption,
    UncertaintyOption,
    blaming,
)
from comity.cli.find import node_now_us
from comity.cli.node import Node, body
from comity.cli.notice_give import (
    DomainOption,
    NameOption,
    OnwardOption,
    PurposeOption,
    ToOption,
    make_request,
)
from comity.cli.options import HOME, HomeOption, JsonOption, OnceOption, examples
from comity.cli.receipt import show_receipt
from comity.cli.written import is_from_now, moment_us
from comity.config import read_home
from comity.model.notice import Confidence, SubjectKind
from comity.model.quantity import instant_text
from comity.web.api.shapes import HazardBasis

__all__ = ["app"]

app = typer.Typer(help="Give notice of what is dangerous to others, whoever causes it.")


@app.callback()
def _hazard() -> None:
    """Keep `give` a verb of its own."""


@app.command(
    epilog=examples(
        "comity hazard give --to bravo --circle 35.5,35.9,10km --heights 0m..12000m \\",
        "    --start now --end +6h --expires +2h --source 'NOTAM A1234/30' --confidence confirmed",
    )
)
def give(
    *,
    source: Annotated[
        str, typer.Option("--source", help="Who says so, quoted; at most 280 characters.")
    ],
    expires: Annotated[
        str, typer.Option("--expires", metavar="TIME", help="When the belief lapses, as +2h.")
    ],
    confidence: Annotated[
        Confidence,
        typer.Option(
            "--confidence", metavar="LEVEL", help=f"How sure it is: {', '.join(Confidence)}."
        ),
    ] = Confidence.POSSIBLE,
    to: ToOption = None,
    polygon: PolygonOption = None,
    circle: CircleOption = None,
    heights: HeightsOption = None,
    start: StartOption = None,
    end: EndOption = None,
    datum: DatumOption = "wgs84",
    uncertainty: UncertaintyOption = None,
    purpose: PurposeOption = None,
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
        polygon=polygon,
        circle=circle,
        heights=heights,
        start=start,
        end=end,
        datum=datum,
        uncertainty=uncertainty,
    )
    request = make_request(node, words, given)
    show_receipt(node.post("notices", body(request), once), own=ours.origin, as_json=as_json)


def _basis(node: Node, source: str, confidence: Confidence, expires: str) -> HazardBasis:
    with blaming("--expires"):
        expires_us = moment_us(expires, node_now_us(node) if is_from_now(expires) else 0)
    return HazardBasis(source=source, confidence=confidence, expires=instant_text(expires_us))
