"""`comity exercise`: run a scenario over real nodes, or list those that come with Comity.

Shows progress on stderr (bars on a terminal, plain lines in a pipe), the verdicts on stdout. Exit
codes: 0 all as expected, 1 an expectation unmet, 13 bad scenario, 64 wrong use, 70 a node failed.
"""

import signal
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from threading import Lock
from types import FrameType
from typing import Annotated, Self

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from comity.cli.exercise_failures import failure_rows, list_failures, run_failures, tell
from comity.cli.exit_codes import ExitCode
from comity.cli.export_parcel import exported
from comity.cli.failure import Failed, Failure
from comity.cli.import_parcel import imported
from comity.cli.options import JsonOption, examples
from comity.cli.show import line, table
from comity.exercise.amount import duration_text
from comity.exercise.flaw import BadScenario
from comity.exercise.load import FAILURES, failures, find, read, shipped
from comity.exercise.play import Progress
from comity.exercise.run import Result, moved_to, pretty, run
from comity.exercise.scenario import Scenario
from comity.exercise.stick import Verbs
from comity.model.fault import Fault, Refused
from comity.wire.canonical import Json

__all__ = ["app"]

_JOBS_MAX = 16
_COLUMNS = ("variant", "lead", "time to clear", "verdict", "not reached", "bundle")

_VERBS = Verbs(
    export=lambda home, party, folder: exported(home, party, folder).file,
    take_in=imported,
)


class _Carry(StrEnum):
    """What goes between the nodes, and how."""

    NETWORK = "network"
    STICK = "stick"


app = typer.Typer(help="Play a scenario over real nodes on virtual time.", no_args_is_help=True)


@app.command("list")
def list_shipped(*, as_json: JsonOption = False) -> None:
    """List the scenarios that come with Comity, with their variants."""
    found = {name: read(find(name)) for name in shipped()}
    if as_json:
        rows: list[Json] = [
            {"name": name, "title": scenario.title, "variants": [v.name for v in scenario.variants]}
            for name, scenario in found.items()
        ]
        typer.echo(pretty([*rows, *failure_rows()]), nl=False)
        return
    for name, scenario in found.items():
        line(f"{name}: {scenario.title}")
        for variant in scenario.variants:
            line(f"  {variant.name}: {variant.title}")
    list_failures()


@app.command(
    "run",
    epilog=examples(
        "comity exercise run latakia",
        "comity exercise run F05",
        "comity exercise run my.toml --variant with-comity",
    ),
)
def run_scenario(
    scenario: Annotated[str, typer.Argument(help="A scenario file, or the name of a shipped one.")],
    *,
    variant: Annotated[
        list[str] | None, typer.Option("--variant", help="Only this variant; may be repeated.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to write; default out/NAME.")
    ] = None,
    json_file: Annotated[
        Path | None,
        typer.Option(
            "--json", help="Also write the summary here, paths relative to it; - prints it."
        ),
    ] = None,
    keep_homes: Annotated[
        bool, typer.Option("--keep-homes", help="Keep the nodes' homes and diagnostics.")
    ] = False,
    carry: Annotated[
        _Carry, typer.Option("--carry", help="How words go between the nodes.")
    ] = _Carry.NETWORK,
    jobs: Annotated[
        int, typer.Option("--jobs", min=1, max=_JOBS_MAX, help="Variants side by side.")
    ] = 2,
) -> None:
    """Run a scenario: every party a node, every variant its own processes."""
    loaded = None if scenario == FAILURES else _load(scenario)
    if loaded is None and (variant or carry is _Carry.STICK):
        raise typer.BadParameter(f"{FAILURES} are played whole, over the network")
    names = [] if loaded is None else _chosen(loaded, variant or [])
    folder = out or Path("out") / (FAILURES if loaded is None else loaded.name)

    def play(shown: Progress) -> Result:
        if loaded is None:
            return run_failures(folder, shown, keep_homes=keep_homes)
        verbs = _VERBS if carry is _Carry.STICK else None
        return run(
            *(loaded, names, folder),
            progress=shown,
            jobs=jobs,
            keep_homes=keep_homes,
            verbs=verbs,
        )

    with _Shown(loaded, names) as shown:
        result = _played(play, shown, folder)
    _finish(result, loaded, json_file)


def _played(play: Callable[[Progress], Result], shown: Progress, folder: Path) -> Result:
    """What a run leaves; whoever ends it early is told that nothing stays behind."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        return play(shown)
    except KeyboardInterrupt:
        typer.echo("comity: interrupted; every process that was started has ended", err=True)
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except Fault as fault:
        raise Failed(_failure(fault, folder)) from fault


def _failure(fault: Fault, folder: Path) -> Failure:
    """A folder of somebody else's is wrong use; whatever else stops a run is a fault."""
    if isinstance(fault, Refused):
        return Failure(
            exit_code=ExitCode.USAGE,
            code=fault.code,
            what="wrong use",
            why=fault.reason,
            what_to_do=fault.refusal.what_to_do,
        )
    return Failure(
        exit_code=ExitCode.INTERNAL,
        code=fault.code,
        what="the exercise stopped",
        why=fault.reason,
        what_to_do=f"Look at the nodes' diagnostics, {folder}/*/homes/*.log, and run it again.",
    )


def _load(path_or_name: str) -> Scenario:
    try:
        return read(find(path_or_name))
    except BadScenario as error:
        failure = Failure(
            exit_code=ExitCode.BAD_INPUT,
            code=error.code,
            what="the scenario cannot be played; nothing was started",
            why=f"{len(error.flaws)} to repair\n{error.reason}",
            what_to_do="",
        )
        raise Failed(failure) from None


def _chosen(scenario: Scenario, wanted: list[str]) -> list[str]:
    names = [variant.name for variant in scenario.variants]
    unknown = [name for name in wanted if name not in names]
    if unknown:
        known = ", ".join(names)
        raise typer.BadParameter(f"no variant is called {unknown[0]!r}; there are: {known}")
    return [name for name in names if not wanted or name in wanted]


def _finish(result: Result, scenario: Scenario | None, json_file: Path | None) -> None:
    """Print what a person wants to know, write the second summary, end with the right code."""
    if json_file is not None and str(json_file) == "-":
        typer.echo(pretty(moved_to(result.summary, result.out, Path())), nl=False)
    else:
        if scenario is None or scenario.failure is not None:
            tell(result, scenario)
        else:
            table(_COLUMNS, _rows(result.summary))
        for name in ("report.md", "summary.json", "trust.note"):
            line(str(result.out / name))
    if json_file is not None and str(json_file) != "-":
        json_file.parent.mkdir(parents=True, exist_ok=True)
        moved = moved_to(result.summary, result.out, json_file.parent)
        json_file.write_text(pretty(moved), encoding="utf-8")
    if result.unmet:
        typer.echo("Not as expected:", err=True)
        for sentence in result.unmet:
            typer.echo(f"  {sentence}", err=True)
        raise typer.Exit(ExitCode.REFUSED)


def _rows(summary: dict[str, Json]) -> list[tuple[str, ...]]:
    variants = summary["variants"]
    return [
        _row(name, variant)
        for name, variant in (variants.items() if isinstance(variants, dict) else ())
        if isinstance(variant, dict)
    ]


def _row(name: str, variant: dict[str, Json]) -> tuple[str, ...]:
    unreached = variant["unreached"]
    units = unreached if isinstance(unreached, list) else []
    return (
        name,
        _time(variant["notice_lead_s"]),
        _time(variant["time_to_clear_s"]),
        f"{variant['verdict']} ({variant['verdict_reason']})",
        ", ".join(str(unit["unit"]) for unit in units if isinstance(unit, dict)) or "-",
        str(variant["bundle"] or "-"),
    )


def _time(value: Json) -> str:
    return duration_text(value) if isinstance(value, int | float) else "unknown"


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """A polite request to end is treated like Ctrl-C, so that nothing stays behind."""
    raise KeyboardInterrupt


class _Shown:
    """Progress for a person: bars on a terminal, else one line for each step with a count."""

    def __init__(self, scenario: Scenario | None, names: list[str]) -> None:
        """Count what is to come; no scenario is all failure modes."""
        self._all = len(names) or len(failures())
        self._title = FAILURES if scenario is None else scenario.title
        self._over = 0
        self._lock = Lock()
        self._steps: dict[str, tuple[int, int]] = {}
        self._tasks: dict[str, TaskID] = {}
        columns = (
            TextColumn("{task.fields[variant]:<16}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
        )
        console = Console(stderr=True)
        self._bars = Bars(*columns, console=console) if sys.stderr.isatty() else None

    def __enter__(self) -> Self:
        """Show the title."""
        typer.echo(f"exercise: {self._title}", err=True)
        if self._bars:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the terminal as it was."""
        if self._bars:
            self._bars.stop()

    def begin(self, variant: str, steps: int) -> None:
        """A variant starts its processes."""
        with self._lock:
            self._steps[variant] = (0, steps)
            if self._bars:
                self._tasks[variant] = self._bars.add_task(
                    "starting its nodes", total=steps, variant=variant
                )
            else:
                typer.echo(f"{variant} [0/{steps}] starting its nodes", err=True)

    def step(self, variant: str, clock: str, text: str) -> None:
        """A step is done."""
        with self._lock:
            done, steps = self._steps[variant]
            self._steps[variant] = (done + 1, steps)
            if self._bars:
                self._bars.update(
                    self._tasks[variant], advance=1, description=f"{clock} {text}"[:70]
                )
            else:
                typer.echo(f"{variant} [{done + 1}/{steps}] {clock} {text}", err=True)

    def done(self, variant: str, verdict: str) -> None:
        """A variant is over."""
        with self._lock:
            self._over += 1
            if self._bars:
                self._bars.update(self._tasks[variant], description=f"over: {verdict}")
            else:
                typer.echo(
                    f"{variant} over: {verdict} [{self._over}/{self._all} variants]", err=True
                )
