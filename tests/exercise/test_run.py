import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from comity.exercise import run as runner
from comity.exercise.bundles import Bundle
from comity.exercise.plan import Play, plan
from comity.exercise.play import Played, Progress
from comity.exercise.record import Outcome
from comity.exercise.run import moved_to, run, unmet_in
from comity.exercise.scenario import Expectation, Scenario
from comity.exercise.summary import variant_summary
from comity.model.fault import Refused
from tests.exercise.recorded import RECORD, at, happened


class Silent:
    def begin(self, variant: str, steps: int) -> None: ...

    def step(self, variant: str, clock: str, text: str) -> None: ...

    def done(self, variant: str, verdict: str) -> None: ...


def played(play: Play, out: Path) -> Played:
    folder = out / "bundles" / play.name / "alpha-activity-to-bravo"
    (out / play.name / "homes").mkdir(parents=True)
    return Played(
        play=play,
        record=RECORD,
        bundles=(Bundle(folder=folder, parties=("alpha", "bravo"), judged=True),),
        cards=(),
        witness_keys=(),
        summary=variant_summary(RECORD, at("19:03:00")),
    )


@pytest.fixture(autouse=True)
def recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """No processes: variants are as recorded, bundles proven."""

    def play_all(
        _scenario: Scenario, plays: Sequence[Play], out: Path, _progress: Progress, **_: object
    ) -> list[Played]:
        return [played(play, out) for play in plays]

    monkeypatch.setattr(runner, "play_all", play_all)
    monkeypatch.setattr(runner, "write_trust", lambda path, *_: path.write_text("trust"))
    monkeypatch.setattr(runner, "verified", lambda *_: {"alpha": True, "bravo": True})


def test_what_a_run_leaves(scenario: Scenario, tmp_path: Path) -> None:
    result = run(scenario, ["one"], tmp_path / "out", progress=Silent())
    summary = json.loads((tmp_path / "out/summary.json").read_text())
    assert summary == result.summary
    variant = summary["variants"]["one"]
    assert variant["bundle"] == "bundles/one/alpha-activity-to-bravo"
    assert variant["parties"]["alpha"]["verified"] is True
    assert variant["parties"]["host"]["verified"] is None
    assert summary["trust"] == "trust.note"
    assert "# Exercise" in (tmp_path / "out/report.md").read_text()
    assert not (tmp_path / "out/one").exists()
    assert result.unmet == ()


def test_homes_are_kept_when_asked(scenario: Scenario, tmp_path: Path) -> None:
    run(scenario, ["one"], tmp_path / "out", progress=Silent(), keep_homes=True)
    assert (tmp_path / "out/one/homes").is_dir()


def test_a_second_run_replaces_the_first(scenario: Scenario, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(scenario, ["one", "two"], out, progress=Silent(), keep_homes=True)
    (out / "bundles/old").mkdir(parents=True)
    run(scenario, ["one"], out, progress=Silent())
    assert not (out / "bundles/old").exists()
    assert list(json.loads((out / "summary.json").read_text())["variants"]) == ["one"]


@pytest.mark.parametrize("name", ["thesis.txt", "bundles", "summary.json"])
def test_a_folder_of_somebody_else_is_left_alone(
    scenario: Scenario, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(Refused) as caught:
        run(scenario, ["one"], tmp_path, progress=Silent())
    assert caught.value.code == "not_our_folder"
    assert [path.name for path in tmp_path.iterdir() if path.name != "small.toml"] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_a_file_is_no_folder(scenario: Scenario, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(Refused):
        run(scenario, ["one"], tmp_path / "out", progress=Silent())


def test_paths_move_with_the_summary(scenario: Scenario, tmp_path: Path) -> None:
    result = run(scenario, ["one"], tmp_path / "out", progress=Silent())
    moved = moved_to(result.summary, result.out, tmp_path / "elsewhere")
    assert moved["trust"] == "../out/trust.note"
    variants = moved["variants"]
    assert isinstance(variants, dict)
    one = variants["one"]
    assert isinstance(one, dict)
    assert one["bundle"] == "../out/bundles/one/alpha-activity-to-bravo"
    assert result.summary["trust"] == "trust.note"


@pytest.mark.parametrize(
    ("outcome", "fine"),
    [
        (Outcome.DONE, True),
        (Outcome.NOTE, True),
        (Outcome.REFUSED_AS_EXPECTED, True),
        (Outcome.REFUSED, False),
        (Outcome.NOT_REFUSED, False),
        (Outcome.CHANGED, False),
        (Outcome.SKIPPED, False),
    ],
)
def test_steps_that_went_otherwise_are_unmet(
    scenario: Scenario, outcome: Outcome, *, fine: bool
) -> None:
    one = played_with(scenario, outcome)
    assert (unmet_in(one) == []) is fine


def played_with(scenario: Scenario, outcome: Outcome) -> Played:
    record = replace(RECORD, happened=(happened(outcome),))
    return Played(
        play=plan(scenario, "one"),
        record=record,
        bundles=(),
        cards=(),
        witness_keys=(),
        summary=variant_summary(record, None),
    )


def test_an_expectation_that_does_not_hold_is_said(scenario: Scenario) -> None:
    one = played_with(scenario, Outcome.DONE)
    one.summary["verdict"] = "short"
    assert unmet_in(one) == ["one: verdict: expected 'sufficient', found 'short'"]
    assert one.play.expect == (Expectation(path="verdict", equals="sufficient"),)
