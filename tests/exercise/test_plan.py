from collections.abc import Callable
from pathlib import Path

import pytest

from comity.exercise.load import read
from comity.exercise.plan import plan
from comity.exercise.scenario import Scenario
from comity.exercise.verbs import Attest
from comity.model.quantity import instant_text


def test_steps_stand_in_order_of_time(scenario: Scenario) -> None:
    times = [step.at_us for step in plan(scenario, "one").steps]
    assert times == sorted(times)


def test_a_step_with_the_same_id_replaces_the_base(scenario: Scenario) -> None:
    base, derived = plan(scenario, "one"), plan(scenario, "two")
    assert len(base.steps) == len(derived.steps)
    changed = [step for step in derived.steps if step not in base.steps]
    assert [step.details.id for step in changed] == ["told"]
    assert isinstance(changed[0].details, Attest)
    assert changed[0].details.units[0].state == "not-reached"
    assert changed[0].where == "variants[1].steps[0]"


@pytest.mark.parametrize(
    ("lead", "at"), [("20m", "18:20:00"), ("5m", "18:35:00"), ("60s", "18:39:00")]
)
def test_one_number_moves_the_notice(
    small: str, written: Callable[[str], Path], lead: str, at: str
) -> None:
    play = plan(read(written(small.replace('lead = "20m"', f'lead = "{lead}"'))), "one")
    declared = next(step for step in play.steps if step.do == "declare")
    assert instant_text(declared.at_us) == f"2018-09-17T{at}Z"


def test_a_variant_has_times_of_its_own(small: str, written: Callable[[str], Path]) -> None:
    own = small.replace('based_on = "one"', 'based_on = "one"\ntimes = { lead = "1m" }')
    scenario = read(written(own))
    assert plan(scenario, "one").moments.instant_us("notice_at") < plan(
        scenario, "two"
    ).moments.instant_us("notice_at")
