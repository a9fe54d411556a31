import msgspec
import pytest

from comity.exercise.answers import KeyFields
from comity.exercise.bodies import Bodies, key_fields_body
from comity.exercise.plan import plan
from comity.exercise.scenario import Scenario
from comity.exercise.verbs import Answer, Attest, Call, Declare, Move, UnitState
from comity.web.api.shapes import (
    AnswerRequest,
    AttestationRequest,
    CallRequest,
    NoticeRequest,
    TransitionRequest,
)

FIELDS = KeyFields(
    start="2018-09-17T18:40:00Z",
    end="2018-09-17T18:58:00Z",
    points=((35.53, 35.78), (35.9, 36.6)),
    lower_m=0.0,
    upper_m=12000.0,
)


@pytest.fixture
def bodies(scenario: Scenario) -> Bodies:
    return Bodies(plan(scenario, "one").moments, scenario.places)


def test_a_declaration_is_what_a_node_takes(scenario: Scenario, bodies: Bodies) -> None:
    details = plan(scenario, "one").steps[0].details
    assert isinstance(details, Declare)
    body = bodies.declaration(details, "a" * 64)
    request = msgspec.convert(body, NoticeRequest)
    assert request.volumes[0].footprint.centre == (35.5, 35.8)
    assert request.volumes[0].start == "2018-09-17T18:40:00Z"
    assert request.volumes[0].end == "2018-09-17T18:58:00Z"
    assert request.prompted_by == "a" * 64
    assert {"id", "claims", "of"}.isdisjoint(body)


def test_words_for_an_area_are_passed_on_to_be_refused(bodies: Bodies) -> None:
    details = Declare(id="words", kind="operation", to=("bravo",), area_in_words="north")
    body = bodies.declaration(details, None)
    assert body["volumes"] == []
    assert body["area_in_words"] == "north"
    assert "prompted_by" not in body
    assert "basis" not in body
    msgspec.convert(body, NoticeRequest)


def test_what_a_call_does_not_say_is_left_out(bodies: Bodies) -> None:
    silent = Call(id="call", other="alpha", account_of="AA", words="early")
    assert set(bodies.call(silent)) == {"other", "account_of", "words"}
    spoken = Call(
        id="call",
        other="alpha",
        account_of="AA",
        words="now",
        received="21:39",
        start="start_at",
        area_stated=False,
    )
    request = msgspec.convert(bodies.call(spoken), CallRequest)
    assert request.received == "2018-09-17T18:39:00Z"
    assert request.start == "2018-09-17T18:40:00Z"
    assert request.area_stated is False


def test_moves_and_attestations(bodies: Bodies) -> None:
    assert bodies.move("start", Move(of="activity")) == {"move": "start"}
    moved = msgspec.convert(bodies.move("end", Move(of="x", at="21:50")), TransitionRequest)
    assert moved.at == "2018-09-17T18:50:00Z"
    told = Attest(of="x", units=(UnitState(unit="battery-1", state="told"),))
    request = msgspec.convert(bodies.attestation(told), AttestationRequest)
    assert request.units[0].unit == "battery-1"


def test_a_read_back_repeats_what_the_node_says(bodies: Bodies) -> None:
    body = bodies.answer("read_back", Answer(of="x", role="duty officer"), FIELDS)
    request = msgspec.convert(body, AnswerRequest)
    assert request.step == "read-back"
    assert request.read_back is not None
    assert tuple(request.read_back.points) == FIELDS.points


def test_a_mistake_moves_the_first_point_only() -> None:
    body = key_fields_body(FIELDS, (11_132.0, 0.0))
    assert isinstance(body, dict)
    points = body["points"]
    assert points == [[pytest.approx(35.63), 35.78], [35.9, 36.6]]
    assert key_fields_body(FIELDS, None) != body
