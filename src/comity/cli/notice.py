"""`comity notice`: the verbs about notices; list and show stand here, others in their own files.

Called by main.
"""

from itertools import zip_longest
from typing import Annotated, Literal

import typer

from comity.cli.find import find_notice
from comity.cli.node import Node, shaped
from comity.cli.notice_bundle import bundle
from comity.cli.notice_check import check
from comity.cli.notice_give import give
from comity.cli.notice_move import amend, cancel, end, start
from comity.cli.notice_notam import notam
from comity.cli.notice_preview import preview
from comity.cli.notice_view import show_volume, span
from comity.cli.options import HOME, HomeOption, IdArgument, JsonOption, examples
from comity.cli.show import facts, heading, json_line, line, short, table
from comity.config import read_home
from comity.model.notice import SubjectKind
from comity.web.api.shapes import (
    AnswerView,
    AssessmentView,
    Delivery,
    NoticeView,
)

__all__ = ["app"]

app = typer.Typer(help="Give notices, move them through their life, read them.")

app.command(
    epilog=examples(
        "comity notice give --to bravo --polygon '35.5,35.7 35.6,35.7 35.6,35.9' \\",
        "    --heights 0m..20000ft --start +20m --end +30m --purpose training --craft combat",
        "comity notice give --presence --to bravo --circle 35.5,35.9,10km \\",
        "    --heights 3000m..4000m --start 2030-01-01T10:00:00Z --end +2h --clear-needs 8m",
        "comity notice give --to bravo --heights 0m..2000m --leg 35.1,36.2,2km@+50h/+2h \\",
        "    --leg 35.12,36.21,2km@+51h/+2h",
        "comity notice give --file notice.json",
    )
)(give)


app.command(
    epilog=examples(
        "comity notice check --circle 35.5,35.7,20km --heights 0m..9000m \\",
        "    --start +30m --end +60m --craft combat",
        "comity notice check --file plan.json --json",
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
            notice.owner,
            min(volume.start for volume in notice.volumes),
            max(volume.end for volume in notice.volumes),
            notice.name,
        )
        for notice in found
    ]
    table(("id", "kind", "state", "owner", "start", "end", "name"), rows)


@app.command(epilog=examples("comity notice show 4f1d2c7a90be"))
def show(notice: IdArgument, *, home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """Show one notice: its area, deliveries and answers, and our verdict."""
    ours = read_home(home)
    node = Node(ours)
    answer = node.get(f"notices/{find_notice(node, notice)}")
    if as_json:
        json_line(answer)
        return
    view = shaped(answer, NoticeView)
    _show_facts(view)
    for volume in view.volumes:
        line()
        show_volume(volume)
    if view.assessment is not None:
        line()
        _show_assessment(view.assessment)
    deliveries = [each for each in view.deliveries if each.to != ours.origin]
    if deliveries:
        line()
        _show_deliveries(deliveries)
    if view.answers:
        line()
        _show_answers(view.answers)


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


def _show_facts(view: NoticeView) -> None:
    heading(f"{view.kind} {view.id}")
    basis = view.basis
    facts(
        [
            ("state", view.state),
            ("owner", view.owner),
            ("name (free text)", view.name),
            ("purpose", f"{view.purpose}, {view.domain}, craft {view.craft}"),
            ("onward", view.onward),
            ("issued", view.issued),
            ("delivered", view.delivered or ""),
            ("clear needs", span(view.clear_needs_s)),
            ("source", f"{basis.source} ({basis.confidence})" if basis else ""),
            ("belief lapses", basis.expires if basis else ""),
        ]
    )
    if view.flags:
        line()
        rows = zip_longest(view.flags, view.grounds[: len(view.flags)], fillvalue="-")
        table(("flag", "because"), list(rows))


def _show_assessment(view: AssessmentView) -> None:
    facts(
        [
            ("early enough", f"{view.verdict}: {view.reason}"),
            ("lead", span(view.lead_s)),
            ("time to clear", span(view.time_to_clear_s)),
            ("for our presence", view.for_presence or ""),
        ]
    )


def _show_deliveries(deliveries: list[Delivery]) -> None:
    rows = [
        (
            each.to,
            each.step or "-",
            str(each.index),
            each.delivered or "on its way",
            each.seen or "-",
            each.read_back or "-",
        )
        for each in deliveries
    ]
    table(("to", "told", "entry", "delivered", "seen", "read back"), rows)


def _show_answers(answers: list[AnswerView]) -> None:
    rows = [(each.by, each.step, each.role, each.at, each.reason or "") for each in answers]
    table(("by", "step", "role", "at", "reason"), rows)
