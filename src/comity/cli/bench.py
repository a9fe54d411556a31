"""`comity bench`: measures the journal, the exchange, the verifier or the airspace on this machine.

Shows progress on stderr (a bar on a terminal, counted lines in a pipe), the figures on stdout. Ends
with 0 when everything was measured, whether or not an aim was met: an aim is no promise.
"""

import json
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Annotated, Self

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from comity.assembly import open_store
from comity.bench import agreeing, airspace, exchange, journal, telling, verifying
from comity.bench.figure import Figure, Measured, figures_json
from comity.bench.ground import Ground
from comity.bench.machine import load_average, machine
from comity.cli.options import examples
from comity.cli.show import facts, line, table
from comity.exercise.process import Ports, ServingProcess, run_comity
from comity.upkeep.collector import settle_collector
from comity.wire.canonical import Json

__all__ = ["app", "report"]

_COLUMNS = ("figure", "median", "min", "max", "unit", "rounds", "samples", "aim")
_WHOLE_FROM = 100  # from here on a person needs no decimals

app = typer.Typer(help="Measure how fast this machine is with Comity.", no_args_is_help=True)

QuickOption = Annotated[
    bool, typer.Option("--quick", help="Less of everything: some seconds, a wider spread.")
]
JsonFileOption = Annotated[
    Path | None,
    typer.Option("--json", metavar="FILE", help="Also write the figures here; - prints them."),
]

EntriesOption = Annotated[
    int | None,
    typer.Option(
        "--entries",
        metavar="N",
        min=1,
        max=10_000_000,
        help="How long the journal is when it starts again: a million takes some six minutes.",
    ),
]

SizeOption = Annotated[
    int | None,
    typer.Option(
        "--size",
        metavar="N",
        min=1_000,
        max=3_000_000,
        help="How many volumes are searched: a million takes some minutes and 5 GB.",
    ),
]


@app.command(
    "journal",
    epilog=examples(
        "comity bench journal --quick --json journal.json",
        "comity bench journal --entries 1000000",
    ),
)
def measure_journal(
    *, quick: QuickOption = False, entries: EntriesOption = None, json_file: JsonFileOption = None
) -> None:
    """Durable entries with signature checks, the start after them, the audit of them all."""
    plan = journal.QUICK if quick else journal.FULL
    if entries is not None:
        plan = replace(plan, entries=entries)
    _measure("journal", lambda ground: journal.measure_journal(ground, plan), json_file)


@app.command("exchange", epilog=examples("comity bench exchange --quick"))
def measure_exchange(*, quick: QuickOption = False, json_file: JsonFileOption = None) -> None:
    """From a notice's POST to the other party's TAKE, between two nodes on loopback."""
    plan = exchange.QUICK if quick else exchange.FULL
    _measure("exchange", lambda ground: exchange.measure_exchange(ground, plan), json_file)


@app.command("verify", epilog=examples("comity bench verify --quick"))
def measure_verify(*, quick: QuickOption = False, json_file: JsonFileOption = None) -> None:
    """Check the evidence bundle of one delivered notice, over and over."""
    plan = verifying.QUICK if quick else verifying.FULL
    _measure("verify", lambda ground: verifying.measure_verify(ground, plan), json_file)


@app.command("agreement", epilog=examples("comity bench agreement --quick"))
def measure_agreement(*, quick: QuickOption = False, json_file: JsonFileOption = None) -> None:
    """A decision against 200 clauses, and notices to 20 parties, each at its own step."""
    plan = agreeing.QUICK if quick else agreeing.FULL
    _measure("agreement", lambda ground: agreeing.measure_agreement(ground, plan), json_file)


@app.command("hotline", epilog=examples("comity bench hotline --quick"))
def measure_hotline(*, quick: QuickOption = False, json_file: JsonFileOption = None) -> None:
    """STOP ahead of a thousand others, and a start with as many messages open as never are."""
    plan = telling.QUICK if quick else telling.FULL
    _measure("hotline", lambda ground: telling.measure_hotline(ground, plan), json_file)


@app.command(
    "airspace",
    epilog=examples(
        "comity bench airspace --quick",
        "comity bench airspace --size 300000 --json airspace.json",
    ),
)
def measure_airspace(
    *, quick: QuickOption = False, size: SizeOption = None, json_file: JsonFileOption = None
) -> None:
    """One search among many volumes, inserts, pair tests; three other ways beside them."""
    plan = airspace.QUICK if quick else airspace.FULL
    if size is not None:
        plan = replace(plan, size=size)
    _measure("airspace", lambda ground: airspace.measure_airspace(ground, plan), json_file)


def report(measured: Measured, facts_: Mapping[str, Json]) -> dict[str, Json]:
    """What the JSON file holds: docs/reference/bench.md."""
    return {
        "machine": dict(facts_),
        "figures": dict(figures_json(measured.figures)),
        "peers": _by_peer(figures_json(measured.peers)),
    }


def _by_peer(figures: Mapping[str, Json]) -> dict[str, Json]:
    """`PEER.FIGURE` under the peer's name; a name without a dot stays where it is."""
    found: dict[str, dict[str, Json]] = {}
    plain: dict[str, Json] = {}
    for name, figure in figures.items():
        peer, dot, rest = name.partition(".")
        if dot:
            found.setdefault(peer, {})[rest] = figure
        else:
            plain[name] = figure
    return {**plain, **found}


def _measure(name: str, measure: Callable[[Ground], Measured], json_file: Path | None) -> None:
    """Measure in a folder and on ports of our own, which are gone afterwards; then say what was."""
    with ExitStack() as stack:
        for number in (signal.SIGTERM, signal.SIGHUP):
            stack.callback(signal.signal, number, signal.signal(number, _interrupt))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="comity-bench-")))
        ports = Ports()
        stack.callback(ports.release)
        found = machine(folder) | {"load_average_before": load_average()}
        ground = Ground(
            folder=folder,
            open_store=open_store,
            serve=ServingProcess,
            run=run_comity,
            ports=(ports.take(), ports.take()),
            progress=stack.enter_context(_Shown(name)),
        )
        settle_collector()  # as a node does
        measured = measure(ground)
        found["load_average_after"] = load_average()
    _say(measured, found, json_file)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """A polite request to end is treated like Ctrl-C, so that nothing stays behind."""
    raise KeyboardInterrupt


def _say(measured: Measured, found: Mapping[str, Json], json_file: Path | None) -> None:
    text = json.dumps(report(measured, found), indent=2, ensure_ascii=False) + "\n"
    if json_file is not None and str(json_file) == "-":
        typer.echo(text, nl=False)
        return
    facts([(name.replace("_", " "), _plain(value)) for name, value in found.items()])
    line()
    table(_COLUMNS, [_row(name, figure) for name, figure in measured.figures.items()])
    if measured.peers:
        line()
        table(_COLUMNS, [_row(name, figure) for name, figure in measured.peers.items()])
    if json_file is not None:
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.write_text(text, encoding="utf-8")


def _plain(value: Json) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _row(name: str, figure: Figure) -> tuple[str, ...]:
    aim = ""
    if figure.aim is not None:
        bound = str(figure.aim.bound).replace("_", " ")
        aim = f"{bound} {figure.aim.value:,g}: {'met' if figure.met else 'missed'}"
    numbers = (figure.median, min(figure.rounds), max(figure.rounds))
    counted = (str(len(figure.rounds)), str(figure.samples))
    return (name, *map(_number, numbers), figure.unit, *counted, aim)


def _number(value: float) -> str:
    if value >= _WHOLE_FROM:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value >= 1 else f"{value:.4f}"


class _Shown:
    """Progress for a person: a bar on a terminal, else one counted line for each step."""

    def __init__(self, name: str) -> None:
        """Nothing is counted yet."""
        self._name = name
        self._done = self._steps = 0
        columns = (
            TextColumn(name),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
        )
        console = Console(stderr=True)
        self._bars = Bars(*columns, console=console) if sys.stderr.isatty() else None
        self._task = self._bars.add_task("", total=None) if self._bars else None

    def __enter__(self) -> Self:
        """Show the bar."""
        if self._bars:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the terminal as it was."""
        if self._bars:
            self._bars.stop()

    def begin(self, steps: int) -> None:
        """So many steps are to come."""
        self._steps = steps
        if self._bars and self._task is not None:
            self._bars.update(self._task, total=steps)

    def step(self, text: str) -> None:
        """A step is done."""
        self._done += 1
        if self._bars and self._task is not None:
            self._bars.update(self._task, advance=1, description=text)
        else:
            typer.echo(f"{self._name} [{self._done}/{self._steps}] {text}", err=True)
