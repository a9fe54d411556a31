"""`comity time`: our clock against others', witnesses, time-stamp authorities. Called by main."""

from collections.abc import Sequence

import typer

from comity.cli.node import Node, body, shaped
from comity.cli.options import HOME, HomeOption, JsonOption, OnceOption, examples
from comity.cli.show import facts, json_line, line, table
from comity.config import read_home
from comity.web.api.time_shapes import OnlookerView, StampRequest, TimeView
from comity.wire.canonical import Json

__all__ = ["app", "show_onlookers"]

app = typer.Typer(help="Show the clock and who vouches for times; ask for time stamps.")


@app.command(epilog=examples("comity time show"))
def show(*, home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """Show by how much our clock is wrong, and when who last signed our head."""
    _say(Node(read_home(home)).get("time"), as_json=as_json)


@app.command(epilog=examples("comity time stamp"))
def stamp(*, once: OnceOption = None, home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """Have every time-stamp authority of the home stamp the newest head now."""
    _say(Node(read_home(home)).post("time/stamps", body(StampRequest()), once), as_json=as_json)


def _say(answer: Json, *, as_json: bool) -> None:
    if as_json:
        json_line(answer)
        return
    view = shaped(answer, TimeView)
    facts([("now", view.now), ("clock", f"{view.clock.state}: {view.clock.text}")])
    sources = [
        (each.by, f"{each.low_s:+.3f}", f"{each.high_s:+.3f}") for each in view.clock.sources
    ]
    if sources:
        line()
        table(("their time less ours", "from s", "to s"), sources)
    for what, onlookers in (("witness", view.witnesses), ("authority", view.authorities)):
        line()
        if onlookers:
            show_onlookers(what, onlookers)
        else:
            line(f"no {what} is configured")


def show_onlookers(what: str, views: Sequence[OnlookerView]) -> None:
    """A table of witnesses or authorities."""
    rows = [
        (
            view.name,
            "-" if view.size is None else str(view.size),
            view.time or "never",
            "-" if view.age_s is None else f"{view.age_s} s",
            "fresh" if view.fresh else "stale",
            "" if view.error is None else f"{view.error} (since {view.error_since})",
        )
        for view in views
    ]
    table((what, "size", "signed", "age", "state", "last error"), rows)
