"""`comity notice`: the verbs about notices; list and show stand here, others in their own files.

Called by main.
"""

from typing import Annotated, Literal

import typer

from comity.cli.find import find_notice
from comity.cli.hotline_chain import chains_of
from comity.cli.hotline_units import units_said
from comity.cli.node import Node, shaped
from comity.cli.notice_bundle import bundle
from comity.cli.notice_check import check
from comity.cli.notice_give import give
from comity.cli.notice_move import amend, cancel, end, start
from comity.cli.notice_notam import notam
from comity.cli.notice_preview import preview
from comity.cli.notice_show import show_notice
from comity.cli.options import HOME, HomeOption, IdArgument, JsonOption, UnitsOption, examples
from comity.cli.sentences import conflicts_of, show_conflicts
from comity.cli.show import json_line, line, short, table
from comity.config import read_home
from comity.model.notice import SubjectKind
from comity.model.party import party_name
from comity.web.api.shapes import NoticeView

__all__ = ["app"]

app = typer.Typer(help="Give notices, move them through their life, read them.")

app.command(
    epilog=examples(
        "comity notice give --to bravo --polygon '35.5,35.7 35.6,35.7 35.6,35.9' \\",
        "    --heights 0m..20000ft --start +20m --end +30m --purpose training --craft combat",
        "comity notice give --presence --to bravo --circle 35.5,35.9,10km \\",
        "    --heights 3000m..4000m --start 2030-01-01T10:00:00Z --end +2h --clear-needs 8m",
        "comity notice give --to bravo --circle 35.5,35.9,10km --heights GND..FL195 \\",
        "    --terrain 0m..340m --qnh 1008@-20m --start +20m --end +2h",
        "comity notice give --to bravo --heights 0m..2000m --leg 35.1,36.2,2km@+50h/+2h \\",
        "    --leg 35.12,36.21,2km@+51h/+2h",
        "comity notice give --file notice.json",
    )
)(give)


app.command(
    epilog=examples(
        "comity notice check --circle 35.5,35.7,20km --heights 0m..9000m \\",
        "    --start +30m --end +60m --craft combat",
        "comity notice check --file plan.json --units aeronautical --geojson overlaps.geojson",
    )
)(check)


@app.command(
    "list",
    epilog=examples("comity notice list --owner peer", "comity notice list --kind hazard --json"),
)
def list_notices(
    *,
    kind: Annotated[SubjectKind | None, typer.Option("--kind", help="Only these.")] = None,
    owner: Annotated[
        Literal["own", "peer"] | None, typer.Option("--owner", help="Ours, or the peers'.")
    ] = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """List what we declared and what others declared to us."""
    query = {name: value for name, value in (("kind", kind), ("owner", owner)) if value}
    answer = Node(read_home(home)).items("notices", query)
    if as_json:
        json_line(answer)
        return
    found = shaped(answer, list[NoticeView])
    rows = [
        (
            short(notice.id),
            notice.kind,
            notice.state,
            party_name(notice.owner),
            min(volume.start for volume in notice.volumes),
            max(volume.end for volume in notice.volumes),
            notice.name,
        )
        for notice in found
    ]
    table(("id", "kind", "state", "owner", "start", "end", "name"), rows)


@app.command(epilog=examples("comity notice show 4f1d2c7a90be --units aeronautical"))
def show(
    notice: IdArgument,
    *,
    units: UnitsOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Show one notice: its area, receipt chains, answers, our verdict, and its conflicts."""
    ours = read_home(home)
    node = Node(ours)
    answer = node.get(f"notices/{find_notice(node, notice)}")
    if as_json:
        json_line(answer)
        return
    view = shaped(answer, NoticeView)
    chains = chains_of(node, view.id)
    show_notice(view, chains, units_said(node, chains), own=ours.origin)
    found = conflicts_of(node, view.id)
    if found:
        line()
        show_conflicts(found, units or ours.units)


app.command(
    epilog=examples(
        "comity notice preview --to bravo --to charlie --circle 45.2,-30.4,40km \\",
        "    --heights 0m..9000m --start +2h --end +3h --craft combat --picture area.svg",
    )
)(preview)
app.command(
    epilog=examples(
        "comity notice amend 4f1d2c7a90be --circle 35.5,35.9,5nm \\",
        "    --heights 0m..3000m --start +40m --end +20m",
    )
)(amend)
app.command(epilog=examples("comity notice start 4f1d2c7a90be"))(start)
app.command(epilog=examples("comity notice end 4f1d2c7a90be --at 2030-01-01T10:32:00Z"))(end)
app.command(epilog=examples("comity notice cancel 4f1d2c7a90be"))(cancel)
app.command(epilog=examples("comity notice notam 4f1d2c7a90be --fir OSTT --series A"))(notam)
app.command(epilog=examples("comity notice bundle 4f1d2c7a90be --to bravo --out evidence"))(bundle)
