"""`comity hotline metrics`: how a line was kept, in figures that both its ends compute alike.

`--against` compares them with what the other side computed, and says where they part. Called by
`hotline`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from comity.cli.area import blaming
from comity.cli.files import read_file
from comity.cli.find import find_party
from comity.cli.hotline_metrics_text import figures_shown, metrics_differences
from comity.cli.node import Node, shaped
from comity.cli.options import HOME, HomeOption, JsonOption
from comity.cli.show import heading, json_line, line
from comity.config import read_home
from comity.model.fault import Malformed, Refusal, Refused
from comity.model.quantity import instant_text, instant_us
from comity.web.api.shapes_hotline_metrics import HotlineMetricsView
from comity.wire.canonical import Json, loads

__all__ = ["metrics"]

_FILE_BYTES_MAX = 16_777_216  # as an answer of a node
_PATH = "hotline-metrics"


def metrics(
    party: Annotated[
        str | None, typer.Argument(metavar="[PARTY]", help="Only the line to this party.")
    ] = None,
    *,
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="Only what was taken from then.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Only what was taken before.")
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="FILE", help="The other side's figures, from --json."),
    ] = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Show leads, times of answers, overdue ends and units not reached, the same at both ends."""
    node = Node(read_home(home))
    if against is not None:
        if (party, since, until) != (None, None, None):
            raise typer.BadParameter("the file says the line and the time", param_hint="--against")
        _compare(node, against, as_json=as_json)
        return
    found = node.items(_PATH, _query(node, party, {"since": since, "until": until}))
    if as_json:
        json_line(found)
        return
    views = shaped(found, list[HotlineMetricsView])
    if not views:
        line("no party is enrolled")
    for view in views:
        figures_shown(view)


def _query(node: Node, party: str | None, times: Mapping[str, str | None]) -> dict[str, str]:
    """What is asked for; times are checked here, so that the option is named."""
    query = {} if party is None else {"party": find_party(node, party).origin}
    for name, text in times.items():
        if text is not None:
            with blaming(f"--{name}"):
                query[name] = instant_text(instant_us(text))
    return query


def _compare(node: Node, path: Path, *, as_json: bool) -> None:
    """Our figures of the same time at the same cut, and where they differ."""
    there = _other_side(path)
    query = {"party": there.own}
    query |= {name: at for name, at in (("since", there.since), ("until", there.until)) if at}
    ours = _one(node, query)
    if (ours.own, ours.party) != (there.party, there.own):
        raise Malformed(f"{path} holds the figures of another line", code="bad_answer")
    least = {
        (way.giver, way.taker): min(way.receipts, _receipts(there, way.giver)) for way in ours.ways
    }
    cut = {"given": least[ours.own, ours.party], "taken": least[ours.party, ours.own]}
    ours = _one(node, {**query, **{name: str(count) for name, count in cut.items()}})
    behind = [way for way in ours.ways if way.receipts < _receipts(there, way.giver)]
    if behind:
        raise _they_know_more(ours)
    differs = metrics_differences(ours, there)
    if as_json:
        json_line({"equal": not differs, "differs": [*differs]})
    elif not differs:
        heading("EQUAL at both ends, figure for figure")
        for way in ours.ways:
            line(f"{way.giver} to {way.taker}: {way.receipts} receipts, {way.entries} considered")
    if differs:
        raise Refused(
            Refusal(
                code="metrics_differ",
                reason="; ".join(differs),
                what_to_do="look at those entries on both sides: comity entry list",
            )
        )


def _other_side(path: Path) -> HotlineMetricsView:
    """What is in the file: one line's figures, as `--json` prints them."""
    found = loads(read_file(path, size_max=_FILE_BYTES_MAX), bytes_max=_FILE_BYTES_MAX)
    views = shaped(found, list[HotlineMetricsView])
    if len(views) != 1:
        raise Malformed(f"{path} holds {len(views)} lines, not one: name a party", code="bad_file")
    return views[0]


def _one(node: Node, query: dict[str, str]) -> HotlineMetricsView:
    found: list[Json] = node.items(_PATH, query)
    (view,) = shaped(found, list[HotlineMetricsView])
    return view


def _receipts(view: HotlineMetricsView, giver: str) -> int:
    return next((way.receipts for way in view.ways if way.giver == giver), 0)


def _they_know_more(ours: HotlineMetricsView) -> Refused:
    """They computed beyond what is here, so they must compute again, up to here."""
    return Refused(
        Refusal(
            code="cut_not_reached",
            reason=f"{ours.party} counted receipts that are not here yet",
            what_to_do="send them our --json: they compare with --against, at the lower cut",
        )
    )
