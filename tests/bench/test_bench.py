"""The command line of the measurements: options, progress in a pipe, figures as text and JSON."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from comity.bench import journal
from comity.bench.figure import Aim, Bound, Figure, Measured
from comity.bench.journal import JournalPlan
from comity.cli import bench
from comity.cli.exit_codes import ExitCode
from comity.cli.main import run

TINY = JournalPlan(rounds=1, alone=2, works=4, in_flight=(1, 4), entries=20, starts=1, audits=1)
MISSED = Figure(
    unit="ms", rounds=(1.0, 2_000.0, 3_000.0), samples=5, aim=Aim(bound=Bound.AT_MOST, value=60)
)
Said = tuple[int, str, str]


@pytest.fixture
def comity() -> Callable[..., Said]:
    def call(*words: str | Path) -> Said:
        with CliRunner().isolation() as (out, err, _):
            code = run([str(word) for word in words])
            return int(code), out.getvalue().decode(), err.getvalue().decode()

    return call


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "QUICK", TINY)
    monkeypatch.setattr(journal, "FULL", replace(TINY, starts=2))


@pytest.mark.usefixtures("tiny")
def test_figures_in_a_pipe(comity: Callable[..., Said], tmp_path: Path) -> None:
    file = tmp_path / "new" / "figures.json"
    code, out, err = comity("bench", "journal", "--quick", "--json", file)
    assert code == ExitCode.OK
    lines = err.splitlines()
    assert lines[0] == f"journal [1/{len(lines)}] round 1: 1 in flight"
    assert lines[-1].startswith(f"journal [{len(lines)}/{len(lines)}] ")
    found = json.loads(file.read_text("utf-8"))
    assert found.keys() == {"machine", "figures", "peers"}
    assert {"load_average_before", "load_average_after", "sqlite"} <= found["machine"].keys()
    for name, figure in (found["figures"] | found["peers"]).items():
        assert name in out
        assert {"unit", "median", "min", "max", "rounds", "samples"} <= figure.keys()
        assert figure["min"] <= figure["median"] <= figure["max"]


@pytest.mark.usefixtures("tiny")
def test_json_alone_on_stdout(comity: Callable[..., Said]) -> None:
    code, out, _ = comity("bench", "journal", "--json", "-")
    assert code == ExitCode.OK
    assert json.loads(out)["figures"]["start_again"]["rounds"] == 2  # the full plan's


@pytest.mark.usefixtures("tiny")
def test_the_folder_is_gone_afterwards(
    comity: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert comity("bench", "journal", "--quick")[0] == ExitCode.OK
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("verb", "module"), [("journal", "journal"), ("exchange", "exchange"), ("verify", "verifying")]
)
@pytest.mark.parametrize("quick", [True, False])
def test_quick_chooses_the_plan(
    comity: Callable[..., Said],
    monkeypatch: pytest.MonkeyPatch,
    verb: str,
    module: str,
    *,
    quick: bool,
) -> None:
    measured = Measured(figures={"way": MISSED}, peers={})
    plans: list[object] = []

    def measure(_: object, plan: object) -> Measured:
        plans.append(plan)
        return measured

    monkeypatch.setattr(f"comity.bench.{module}.measure_{verb}", measure)
    code, out, _ = comity("bench", verb, *(["--quick"] if quick else []))
    chosen = getattr(bench, module)
    assert plans == [chosen.QUICK if quick else chosen.FULL]
    assert code == ExitCode.OK  # a missed aim fails nothing, and is said
    assert "at most 60: missed" in out
    assert "2,000" in out


@pytest.mark.parametrize("words", [("bench",), ("bench", "bogus"), ("bench", "journal", "--bogus")])
def test_wrong_use(comity: Callable[..., Said], words: tuple[str, ...]) -> None:
    assert comity(*words)[0] == ExitCode.USAGE
