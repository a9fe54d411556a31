from dataclasses import dataclass, field, replace

import pytest

from comity.exercise.answers import KeyFields, Receipt, Status
from comity.exercise.perform import Performer
from comity.exercise.plan import PlannedStep, plan
from comity.exercise.record import Happened, Outcome
from comity.exercise.scenario import Scenario
from comity.exercise.verbs import Answer, Declare, Remark
from comity.model.fault import Refusal, Refused, Unavailable
from comity.wire.canonical import Json
from tests.exercise.recorded import RECORD, notice

TO_REPEAT = KeyFields(start="s", end="e", points=((1.0, 2.0),), lower_m=0.0, upper_m=1.0)


@dataclass
class Answering:
    """A node that takes everything but what it is told to refuse."""

    name: str
    refuse: str | None = None
    journal_size: int = 1
    grows_when_refusing: bool = False
    posted: list[tuple[str, Json, str]] = field(default_factory=list)

    def status(self) -> Status:
        return replace(RECORD.parties[0].status, journal_size=self.journal_size)

    def notice(self, id_: str) -> object:
        return replace(notice(id_, "alpha", "bravo", None), read_back_to_give=TO_REPEAT)

    def post(self, path: str, body: Json, shape: type, key: str) -> object:
        if self.refuse:
            self.journal_size += self.grows_when_refusing
            raise Refused(Refusal(code=self.refuse, reason="because", what_to_do="do"))
        self.posted.append((path, body, key))
        return self._receipt() if shape is Receipt else RECORD.sightings[0].risk

    def _receipt(self) -> Receipt:
        number = len(self.posted)
        id_ = f"{self.name}-{number}"
        return Receipt(id=id_, subject=f"s-{id_}", state="declared", conflicts=(), flags=())


@pytest.fixture
def nodes() -> dict[str, Answering]:
    return {name: Answering(name) for name in ("alpha", "bravo", "host")}


@pytest.fixture
def performer(scenario: Scenario, nodes: dict[str, Answering]) -> Performer:
    return Performer(scenario, plan(scenario, "one"), nodes)  # type: ignore[arg-type]


def steps(scenario: Scenario) -> tuple[PlannedStep, ...]:
    return plan(scenario, "one").steps


def all_done(performer: Performer, scenario: Scenario) -> list[Happened]:
    return [performer.perform(number, step) for number, step in enumerate(steps(scenario))]


def test_ids_of_the_nodes_stand_for_local_names(
    performer: Performer, scenario: Scenario, nodes: dict[str, Answering]
) -> None:
    done = all_done(performer, scenario)
    assert {each.outcome for each in done} == {Outcome.DONE}
    assert [path for path, _, _ in nodes["bravo"].posted] == [
        "notices/alpha-1/answers",
        "notices/alpha-1/attestations",
    ]
    assert nodes["alpha"].posted[1][0] == "notices/s-alpha-1/moves"
    assert performer.judged() == ("alpha-1", "bravo")
    assert performer.labels()["s-alpha-1"] == "alpha/activity"
    keys = [key for node in nodes.values() for _, _, key in node.posted]
    assert len(keys) == len(set(keys)) == 4


def test_a_read_back_repeats_the_receivers_own_node(
    performer: Performer, scenario: Scenario, nodes: dict[str, Answering]
) -> None:
    all_done(performer, scenario)
    body = nodes["bravo"].posted[0][1]
    assert isinstance(body, dict)
    assert body["step"] == "read-back"
    assert body["read_back"] == {
        "start": "s",
        "end": "e",
        "points": [[1.0, 2.0]],
        "lower_m": 0.0,
        "upper_m": 1.0,
    }


def test_what_leans_on_a_refused_step_is_skipped(
    performer: Performer, scenario: Scenario, nodes: dict[str, Answering]
) -> None:
    nodes["alpha"].refuse = "no_agreement"
    done = all_done(performer, scenario)
    assert done[0].outcome is Outcome.REFUSED
    assert done[0].text == "no_agreement: because (do)"
    assert {each.outcome for each in done[1:]} == {Outcome.SKIPPED}
    assert done[1].text == "activity was never said"
    assert performer.judged() == ("", "")
    assert nodes["bravo"].posted == []


@pytest.mark.parametrize(
    ("alpha", "outcome"),
    [
        (Answering("alpha", refuse="no_area"), Outcome.REFUSED_AS_EXPECTED),
        (Answering("alpha", refuse="no_area", grows_when_refusing=True), Outcome.CHANGED),
        (Answering("alpha", refuse="bad_time"), Outcome.REFUSED),
        (Answering("alpha"), Outcome.NOT_REFUSED),
    ],
)
def test_a_refusal_that_is_expected(scenario: Scenario, alpha: Answering, outcome: Outcome) -> None:
    performer = Performer(scenario, plan(scenario, "one"), {"alpha": alpha})  # type: ignore[dict-item]
    step = replace(steps(scenario)[0], expect_refusal="no_area")
    assert performer.perform(0, step).outcome is outcome


def test_a_note_reaches_no_node(
    performer: Performer, scenario: Scenario, nodes: dict[str, Answering]
) -> None:
    step = replace(steps(scenario)[0], do="note", details=Remark(text="a remark"))
    assert performer.perform(0, step).outcome is Outcome.NOTE
    assert [node.posted for node in nodes.values()] == [[], [], []]


def test_a_prompt_is_passed_on_by_id(
    performer: Performer, scenario: Scenario, nodes: dict[str, Answering]
) -> None:
    first = steps(scenario)[0]
    performer.perform(0, first)
    derived = Declare(id="own", kind="presence", to=("host",), prompted_by="activity")
    performer.perform(1, replace(first, by="bravo", details=derived))
    body = nodes["bravo"].posted[0][1]
    assert isinstance(body, dict)
    assert body["prompted_by"] == "alpha-1"


def test_a_node_that_fails_stops_the_variant(
    performer: Performer, scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> object:
        raise Unavailable("alpha does not answer")

    monkeypatch.setattr(Answering, "post", fail)
    with pytest.raises(Unavailable):
        performer.perform(0, steps(scenario)[0])


def test_roles_and_calls_are_told_in_words(performer: Performer, scenario: Scenario) -> None:
    first = steps(scenario)[0]
    performer.perform(0, first)
    answer = Answer(of="activity", role="duty officer", reason="low-fuel")
    done = performer.perform(1, replace(first, by="bravo", do="unable", details=answer))
    assert done.text == "duty officer: UNABLE to activity (low-fuel)"
