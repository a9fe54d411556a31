from dataclasses import dataclass, field, replace

import pytest

from comity.exercise.answers import Assessment, Call, Notice, Risk
from comity.exercise.watch import Watch
from comity.model.fault import Refusal, Refused
from tests.exercise.recorded import ACTIVITY, APPROACH, ASSESSMENT, notice, risk


@dataclass
class Shown:
    """A node that shows what it is told to show."""

    risk_list: tuple[Risk, ...] = ()
    said: dict[str, Assessment] = field(default_factory=dict)

    def risks(self) -> tuple[Risk, ...]:
        return self.risk_list

    def calls(self) -> tuple[Call, ...]:
        return ()

    def notice(self, id_: str) -> Notice:
        if id_ not in self.said:
            raise Refused(Refusal(code="not_found", reason="no such notice", what_to_do="look"))
        return replace(notice(id_, "alpha", "bravo", None), assessment=self.said[id_])


NOT_REACHED = risk(APPROACH, "host:battery-1", "2b", "not-reached", "18:22:40")


@pytest.fixture
def bravo() -> Shown:
    return Shown()


@pytest.fixture
def watch(bravo: Shown) -> Watch:
    return Watch({"bravo": bravo})  # type: ignore[dict-item]


def test_the_first_time_counts(watch: Watch, bravo: Shown) -> None:
    watch.look(10)
    bravo.risk_list = (NOT_REACHED,)
    watch.look(20)
    watch.look(30)
    assert [(seen.party, seen.at_us) for seen in watch.sightings()] == [("bravo", 20)]


def test_a_new_state_is_a_new_sighting(watch: Watch, bravo: Shown) -> None:
    bravo.risk_list = (NOT_REACHED,)
    watch.look(10)
    bravo.risk_list = (replace(NOT_REACHED, state="told"),)
    watch.look(20)
    assert [seen.risk.state for seen in watch.sightings()] == ["not-reached", "told"]


def test_the_first_word_on_the_judged_notice_counts(watch: Watch, bravo: Shown) -> None:
    watch.judge(ACTIVITY, "bravo")
    watch.look(10)
    assert watch.assessment is None
    bravo.said[ACTIVITY] = ASSESSMENT
    watch.look(20)
    bravo.said[ACTIVITY] = replace(ASSESSMENT, verdict="short")
    watch.look(30)
    assert watch.assessment == ASSESSMENT
