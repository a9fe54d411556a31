"""Exercises that are played on the same nodes must fit on them; their story is told in words."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from comity.exercise.judge import judged_keys
from comity.exercise.load import find, read
from comity.exercise.plan import plan
from comity.exercise.play import Played
from comity.exercise.record import Outcome
from comity.exercise.run import run
from comity.exercise.scenario import Scenario
from comity.exercise.series import run_series
from comity.exercise.stick import Verbs
from comity.exercise.story import story
from comity.exercise.summary import variant_summary
from comity.model.fault import Malformed, Refused
from tests.exercise.recorded import RECORD, happened
from tests.exercise.test_run import Silent


def at_other_hours(scenario: Scenario, start: str, until: str) -> Scenario:
    (variant,) = scenario.variants
    variant = msgspec.structs.replace(variant, start=start, until=until)
    return msgspec.structs.replace(scenario, variants=(variant,))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda one: at_other_hours(one, "06:00", "06:30"), "f05 and f02 overlap|overlap"),
        (lambda one: msgspec.structs.replace(one, links=(("alpha", "bravo"),)), "other parties"),
        (
            lambda one: msgspec.structs.replace(one, agreement={"heartbeat": "60s"}),
            "other parties, links or numbers",
        ),
    ],
)
def test_what_does_not_fit_is_not_begun(
    tmp_path: Path, change: Callable[[Scenario], Scenario], reason: str
) -> None:
    scenarios = [read(find("F02")), change(read(find("F05")))]
    with pytest.raises(Malformed, match=reason):
        run_series(scenarios, "both", tmp_path / "out", progress=Silent())
    assert not (tmp_path / "out").exists()


def test_what_goes_by_stick_has_no_lines_to_be_cut(tmp_path: Path) -> None:
    verbs = Verbs(export=lambda *_: tmp_path, take_in=lambda *_: None)
    with pytest.raises(Refused, match="by stick there are none"):
        run(read(find("F21")), ["f21"], tmp_path / "out", progress=Silent(), verbs=verbs)
    assert not (tmp_path / "out").exists()


def test_nothing_is_no_series(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="nothing to play"):
        run_series([], "none", tmp_path / "out", progress=Silent())


def judged(outcome: Outcome) -> tuple[Scenario, Played]:
    scenario = read(find("F05"))
    play = plan(scenario, "f05")
    record = replace(RECORD, happened=(happened(outcome, words="what was done"),))
    summary = variant_summary(record, None)
    summary |= judged_keys(play, record.happened, summary)
    played = Played(
        play=play, record=record, bundles=(), cards=(), witness_keys=(), summary=summary
    )
    return scenario, played


def test_a_step_that_went_otherwise_is_judged_too() -> None:
    _, fine = judged(Outcome.DONE)
    _, refused = judged(Outcome.REFUSED)
    for key in ("expected", "outcome"):
        lines, more = fine.summary[key], refused.summary[key]
        assert isinstance(lines, list)
        assert isinstance(more, list)
        assert more[:-1] == lines
    outcome = refused.summary["outcome"]
    assert isinstance(outcome, list)
    assert outcome[-1] == {"found": "refused: what was done", "passed": False}


def test_a_story_says_what_is_known_what_happened_and_what_was_seen() -> None:
    text = story(*judged(Outcome.DONE))
    assert text.startswith("## F05 The last operator was not told\n")
    assert "Seen before: World Central Kitchen, 1 April 2024: by the Israeli army's account" in text
    assert "Against it: " in text
    assert "alpha what was done" in text
    assert "- NO  bravo: the unit that was not reached, by name by 06:" in text
    assert text.endswith("NOT PASSED\n")
