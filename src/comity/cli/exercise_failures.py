"""What `comity exercise` shows of the failure modes: a line for each, a story for one.

Called by `cli.exercise`.
"""

from pathlib import Path

import typer

from comity.cli.show import line
from comity.exercise.load import FAILURES, failures, find, read
from comity.exercise.play import Progress
from comity.exercise.run import Result
from comity.exercise.scenario import Scenario
from comity.exercise.series import run_series
from comity.exercise.story import story
from comity.wire.canonical import Json

__all__ = ["failure_rows", "list_failures", "run_failures", "tell"]


def list_failures() -> None:
    """One line for each failure mode, and one for all of them together."""
    line(f"{FAILURES}: the failure modes below, one after another on the same nodes")
    for code in failures():
        line(f"  {code}: {read(find(code)).title}")


def failure_rows() -> list[Json]:
    """The same for programs."""
    rows: list[Json] = [{"name": FAILURES, "title": "All failure modes", "variants": []}]
    for code in failures():
        scenario = read(find(code))
        row: dict[str, Json] = {
            "name": code,
            "title": scenario.title,
            "variants": [variant.name for variant in scenario.variants],
        }
        if scenario.failure is not None:
            row["precedent"] = scenario.failure.precedent
            row["protection"] = scenario.failure.protection
        rows.append(row)
    return rows


def run_failures(out: Path, progress: Progress, *, keep_homes: bool) -> Result:
    """All of them on the same nodes."""
    scenarios = [read(find(code)) for code in failures()]
    return run_series(scenarios, FAILURES, out, progress=progress, keep_homes=keep_homes)


def tell(result: Result, scenario: Scenario | None) -> None:
    """The story of one exercise, or, of all, a line for each and the stories that went wrong."""
    if scenario is not None:
        for one in result.played:
            typer.echo(story(scenario, one), nl=False)
        return
    for code, one in zip(failures(), result.played, strict=True):
        found, title = one.summary["passed"] is True, read(find(code))
        line(f"{code} {'passed    ' if found else 'NOT PASSED'} {title.title}")
        if not found:
            typer.echo(story(title, one), nl=False)
