"""An exercise of a failure mode fails where the failure does not happen, or nothing is against it.

The same files, spoilt in one place, on one fleet; each must fail in what it says, and only there.
"""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from comity.exercise.load import find, read
from comity.exercise.moment import LocalDay
from comity.exercise.plan import plan
from comity.exercise.scenario import Scenario, Step
from comity.exercise.series import run_series
from tests.exercise.test_run import Silent

pytestmark = pytest.mark.timeout(400)

MINUTE_US = 60_000_000
Change = Callable[[Step], Step | None]


def spoilt(code: str, change: Change, *more: Step) -> Scenario:
    """The shipped exercise with each step as `change` leaves it (None: not at all)."""
    scenario = read(find(code))
    (variant,) = scenario.variants
    steps = tuple(kept for step in variant.steps if (kept := change(step)) is not None)
    assert (*steps, *more) != variant.steps
    variant = msgspec.structs.replace(variant, steps=(*steps, *more))
    return msgspec.structs.replace(scenario, variants=(variant,))


def without(**wanted: object) -> Change:
    """Leave out each step that has these values, of its own or in its details."""
    return lambda step: None if fits(step, wanted) else step


def with_details(details: dict[str, object], **wanted: object) -> Change:
    """Change details of each step that has these values."""

    def change(step: Step) -> Step:
        if not fits(step, wanted):
            return step
        kept = {k: v for k, v in (step.details | details).items() if v is not None}
        return msgspec.structs.replace(step, details=kept)

    return change


def at(moment: str, **wanted: object) -> Change:
    """Do each step that has these values at another time."""
    return lambda step: msgspec.structs.replace(step, at=moment) if fits(step, wanted) else step


def fits(step: Step, wanted: dict[str, object]) -> bool:
    found = {"do": step.do, "by": step.by, **step.details}
    return all(found.get(key) == value for key, value in wanted.items())


def cut(moment: str, by: str, other: str) -> Step:
    return Step(at=moment, by=by, do="cut", details={"other": other})


def mend(moment: str, by: str, other: str) -> Step:
    return Step(at=moment, by=by, do="mend", details={"other": other})


# Of each: what is changed, and the sentences of which at least these must not hold any more.
CONTROLS: dict[str, tuple[Scenario, set[str]]] = {
    # The failure does not happen: what is said of it must not be seen.
    "F02": (
        spoilt("F02", with_details({"area_in_words": None}, id="both")),
        {"declare is refused as area_in_words, and nothing changes"},
    ),
    "F03": (
        spoilt("F03", with_details({"mistake_m": None}, do="read_back")),
        {"the read-back of the area differs", "by 9.0 km"},
    ),
    "F04": (
        spoilt("F04", at("stop + 20s", do="answer")),
        {"STOP is unanswered", "it is answered"},
    ),
    "F12": (
        spoilt("F12", at("over - 30s", do="end")),
        {"its time is over and nobody has ended it", "it has ended"},
    ),
    "F14": (
        spoilt("F14", with_details({"mistake_s": None}, do="read_back")),
        {"the times that were read back differ"},
    ),
    # It happens, and what Comity does against it is taken away.
    "F05": (  # what is attested does not travel
        spoilt("F05", lambda step: step, cut("told + 60s", "bravo", "alpha"),
               mend("attested + 150s", "bravo", "alpha")),
        {"a unit was not reached"},
    ),
    "F08": (  # nothing says which notice prompted the other
        spoilt("F08", with_details({"prompted_by": None}, id="traffic")),
        {"a unit was not reached", "it is a handle"},
    ),
    "F11": (  # an ordinary question instead of DISTRESS
        spoilt(
            "F11",
            with_details({"code": "Q", "values": {"asks": "status"}}, id="distress"),
        ),
        {"DISTRESS", "that it was received"},
    ),
    "F19": (  # an ordinary question instead of DISTRESS
        spoilt(
            "F19",
            with_details({"code": "Q", "values": {"asks": "status"}, "times": None}, id="distress"),
        ),
        {"it was taken before anything that had waited longer", "all forty were passed"},
    ),
}  # fmt: skip

STANDS = {  # what still holds beside it: the control fails for its own reason
    "F04": "STOP, whoever is on duty",
    "F05": "the unit that was not reached, by name",
    "F08": "the battery that was not reached, by name",
    "F11": "STOP",
    "F12": "STOP",
}


def close_up(scenarios: list[Scenario]) -> list[Scenario]:
    """The same at other hours, each beginning when the one before is over: to wait costs time."""
    found: list[Scenario] = []
    at_us = 0
    for scenario in scenarios:
        play = plan(scenario, scenario.variants[0].name)
        minutes = (play.start_us - (at_us or play.start_us)) // MINUTE_US
        offset = f"+{minutes // 60:02}:{minutes % 60:02}"
        day = LocalDay(date=scenario.time.date, offset=offset)
        found.append(msgspec.structs.replace(scenario, time=day))
        at_us = play.until_us - minutes * MINUTE_US
    return found


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401 - JSON of any shape
    out = tmp_path_factory.mktemp("controls") / "out"
    scenarios = close_up([CONTROLS[code][0] for code in sorted(CONTROLS)])
    return run_series(scenarios, "controls", out, progress=Silent())


@pytest.mark.parametrize("code", CONTROLS)
def test_it_fails_in_what_was_taken_away(played: Any, code: str) -> None:  # noqa: ANN401 - JSON
    found = played.summary["exercises"][code]
    assert found["passed"] is False
    lines = list(zip(found["expected"], found["outcome"], strict=True))
    failed = {wanted["that"] for wanted, seen in lines if not seen["passed"]}
    assert failed >= CONTROLS[code][1]
    if code in STANDS:
        assert STANDS[code] not in failed
    assert any(f"{code.lower()}: " in line for line in played.unmet)


def test_together_they_do_not_pass(played: Any) -> None:  # noqa: ANN401 - JSON
    assert played.summary["passed"] is False
