"""`comity ack`: an officer's answers, and above all a read-back that is the officer's own."""

import pytest

from comity.cli.exit_codes import ExitCode
from comity.model.answer import Step, UnitState
from comity.web.api.shapes import AnswerView, ReadBackCheck, RiskView
from comity.wire.canonical import Json
from tests.cli.stand_in import FIELDS, NOTICE, PEER, Comity, StandIn, as_json, notice

READ_BACK = as_json(FIELDS)


def answered(step: Step, check: ReadBackCheck | None = None) -> Json:
    return as_json(
        AnswerView(
            of=NOTICE,
            by=PEER,
            step=step,
            role="duty officer",
            at="2030-01-01T09:10:00Z",
            reason=None,
            check=check,
        )
    )


@pytest.fixture
def answers(node: StandIn) -> str:
    node.says("GET", f"notices/{NOTICE}", notice())
    agrees = ReadBackCheck(agrees=True, moved_m=[0.0], differs=[])
    path = f"notices/{NOTICE}/answers"
    node.says("POST", path, answered(Step.READ_BACK, agrees), 201)
    return path


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("seen",), None),
        (("wilco",), None),
        (("unable", "--reason", "low-fuel"), "low-fuel"),
        (("unable",), "other"),
        (("not-understood",), None),
    ],
)
def test_a_step_is_sent_with_its_role(
    node: StandIn, ask: Comity, answers: str, words: tuple[str, ...], reason: str | None
) -> None:
    step, *more = words
    node.says("POST", answers, answered(Step(step)), 201)
    answer = ask("ack", step, NOTICE, *more, "--role", "watch chief")
    assert answer.code == 0
    assert "received and understood, not approved" in answer.out
    assert node.last.body == {
        "step": step,
        "role": "watch chief",
        "person": "",
        "reason": reason,
        "read_back": None,
    }


@pytest.mark.usefixtures("answers")
def test_a_read_back_asks_for_each_field(node: StandIn, ask: Comity) -> None:
    answer = ask("ack", "read-back", NOTICE, stdin="y\n" * 5)
    assert answer.code == 0
    assert "the read-back agrees" in answer.out
    assert [name for name in ("start", "end", "lower", "upper", "point-1") if name in answer.out]
    assert node.last.body == {
        "step": "read-back",
        "role": "duty officer",
        "person": "",
        "reason": None,
        "read_back": READ_BACK,
    }


@pytest.mark.usefixtures("answers")
def test_what_was_read_back_otherwise_is_sent_so(node: StandIn, ask: Comity) -> None:
    typed = "n\n2030-01-01T10:05:00Z\ny\ny\nn\n5000m\nn\n35.6,35.7\n"
    assert ask("ack", "read-back", NOTICE, stdin=typed).code == 0
    assert isinstance(node.last.body, dict)
    assert node.last.body["read_back"] == {
        "start": "2030-01-01T10:05:00Z",
        "end": "2030-01-01T10:30:00Z",
        "lower_m": 0.0,
        "upper_m": 5000.0,
        "points": [[35.6, 35.7]],
    }


def test_a_difference_is_shown_loudly(node: StandIn, ask: Comity, answers: str) -> None:
    check = ReadBackCheck(agrees=False, moved_m=[1200.0], differs=["point 1"])
    node.says("POST", answers, answered(Step.READ_BACK, check), 201)
    answer = ask("ack", "read-back", NOTICE, "--yes", "--field", "point-1=35.6,35.7")
    assert "THE READ-BACK DIFFERS: point 1" in answer.out
    assert "1200 m from the notice's" in answer.out
    assert isinstance(node.last.body, dict)
    assert "[35.6, 35.7]" in str(node.last.body["read_back"])


@pytest.mark.usefixtures("answers")
def test_yes_takes_every_field_as_it_stands(node: StandIn, ask: Comity) -> None:
    assert ask("ack", "read-back", NOTICE, "--yes", "--json").json()
    assert isinstance(node.last.body, dict)
    assert node.last.body["read_back"] == READ_BACK


@pytest.mark.usefixtures("answers")
def test_a_field_given_on_the_line_is_not_asked_for(ask: Comity) -> None:
    answer = ask("ack", "read-back", NOTICE, "--field", "upper=5000m", stdin="y\n" * 4)
    assert answer.code == 0
    assert "upper 6096.000m: so read back?" not in answer.err


@pytest.mark.usefixtures("answers")
@pytest.mark.parametrize("typed", ["", "y\ny\n"])
def test_an_unfinished_read_back_sends_nothing(node: StandIn, ask: Comity, typed: str) -> None:
    assert ask("ack", "read-back", NOTICE, stdin=typed).code == ExitCode.INTERRUPTED
    assert [asked.method for asked in node.script.asked] == ["GET"]


@pytest.mark.usefixtures("answers")
@pytest.mark.parametrize("field", ["colour=red", "point-2=1,1", "start=10:00", "upper=5000", "x"])
def test_a_field_that_makes_no_sense_is_wrong_use(node: StandIn, ask: Comity, field: str) -> None:
    answer = ask("ack", "read-back", NOTICE, "--yes", "--field", field)
    assert answer.code == ExitCode.USAGE
    assert [asked.method for asked in node.script.asked] == ["GET"]


def test_units_are_told_or_not_reached(node: StandIn, ask: Comity) -> None:
    risks = [
        as_json(
            RiskView(
                notice=NOTICE,
                party="alpha.example/comity/2026",
                unit=unit,
                handle="0" * 64,
                state=state,
                at="2030-01-01T09:12:00Z",
                known="2030-01-01T09:12:00Z",
                open=state is UnitState.NOT_REACHED,
            )
        )
        for unit, state in (("battery-1", UnitState.TOLD), ("radar-2", UnitState.NOT_REACHED))
    ]
    node.says("POST", f"notices/{NOTICE}/attestations", {"items": [*risks]}, 201)
    units = ("--unit", "battery-1=told", "--unit", "radar-2=not-reached")
    answer = ask("ack", "relay", NOTICE, *units)
    assert answer.code == 0
    assert answer.out.splitlines()[2].split() == ["radar-2", "not-reached", "OPEN"]
    assert node.last.body == {
        "units": [
            {"unit": "battery-1", "state": "told", "at": None},
            {"unit": "radar-2", "state": "not-reached", "at": None},
        ]
    }


@pytest.mark.parametrize("unit", ["battery-1", "battery-1=", "battery-1=maybe"])
def test_a_unit_has_a_state(node: StandIn, ask: Comity, unit: str) -> None:
    assert ask("ack", "relay", NOTICE, "--unit", unit).code == ExitCode.USAGE
    assert node.script.asked == []
