"""Messages, suspensions and drafts as requests to nodes that only listen."""

from dataclasses import dataclass, field, replace

import pytest

from comity.exercise.answers import Agreement, Message, PartyLine, Status
from comity.exercise.bodies import Bodies
from comity.exercise.moment import LocalDay, Moments
from comity.exercise.plan import PlannedStep
from comity.exercise.speak import Speaker, spoken
from comity.exercise.verbs import Draft, Heard, Hotline, Say, Standing
from comity.model.fault import Malformed
from comity.wire.canonical import Json
from tests.exercise.recorded import RECORD

SAID = Message(
    id="m1",
    code="X",
    precedence="distress",
    sender="alpha",
    receiver="bravo",
    role="duty officer",
    values={"where": (35.0, 30.0), "radius": 3000.0},
    sender_wording="",
    reader_wording="",
    at="2030-03-01T06:00:00Z",
    due=None,
    unanswered=False,
    answer=None,
    answers=(),
    read_back_needed=True,
    delivered=None,
    verdict=None,
)
LINE = PartyLine(
    name="bravo",
    origin="bravo.example/comity/2030",
    line="up",
    queued=0,
    agreement=Agreement(ours=True, theirs=True, in_force_since=None, terms_hash="ab"),
)


@dataclass
class Listening:
    name: str
    posted: list[tuple[str, Json]] = field(default_factory=list)
    got: list[str] = field(default_factory=list)

    def status(self) -> Status:
        return replace(RECORD.parties[0].status, parties=(LINE,), journal_size=7)

    def get(self, path: str, shape: type) -> object:
        self.got.append(path)
        if shape is Message:
            return SAID
        return type("Drafts", (), {"items": (type("Draft", (), {"text": "DRAFT"})(),)})()

    def post(self, path: str, body: Json, shape: type, key: str) -> object:
        assert key
        self.posted.append((path, body))
        return replace(SAID, id=f"m{len(self.posted)}") if shape is Message else None


@pytest.fixture
def nodes() -> dict[str, Listening]:
    return {name: Listening(name) for name in ("alpha", "bravo")}


@pytest.fixture
def speaker(nodes: dict[str, Listening]) -> Speaker:
    moments = Moments(LocalDay(date="2030-03-01", offset="+00:00"), {"stop": "06:00"})
    return Speaker(nodes, Bodies(moments, {}))  # type: ignore[arg-type]


def perform(speaker: Speaker, do: str, by: str, details: Hotline, about: str | None = None) -> None:
    step = PlannedStep(at_us=0, by=by, do=do, details=details, expect_refusal=None, where="here")
    speaker.perform(step, details, "key", about)


STOP = Say(
    id="stop",
    to="bravo",
    code="X",
    role="duty officer",
    values={"radius": 3000},
    times={"at": "stop + 20s"},
)


def test_a_message_is_said_with_its_times(speaker: Speaker, nodes: dict[str, Listening]) -> None:
    perform(speaker, "say", "alpha", STOP, "n1")
    ((path, body),) = nodes["alpha"].posted
    assert path == "messages"
    assert isinstance(body, dict)
    assert body["values"] == {"radius": 3000, "at": "2030-03-01T06:00:20Z"}
    assert body["about"] == "n1"
    assert (speaker.messages, speaker.owners) == ({"stop": "m1"}, {"stop": "alpha"})


def test_what_is_said_often_keeps_the_first_id(
    speaker: Speaker, nodes: dict[str, Listening]
) -> None:
    perform(speaker, "say", "alpha", Say(id="q", to="bravo", code="Q", role="officer", count=3))
    assert len(nodes["alpha"].posted) == 3
    assert speaker.messages == {"q": "m1"}


@pytest.mark.parametrize(
    ("code", "mistake", "where"),
    [
        ("W", None, [35.0, 30.0]),
        ("W", (11_132.0, 0.0), [pytest.approx(35.1), 30.0]),
        ("S", None, None),
        ("RX", None, None),
    ],
)
def test_an_answer_repeats_what_the_receivers_own_node_shows(
    speaker: Speaker,
    nodes: dict[str, Listening],
    code: str,
    mistake: tuple[float, float] | None,
    where: object,
) -> None:
    perform(speaker, "say", "alpha", STOP)
    heard = Heard(of="stop", code=code, role="any officer", mistake_m=mistake)
    perform(speaker, "answer", "bravo", heard)
    ((path, body),) = nodes["bravo"].posted
    assert path == "messages/m1/answers"
    assert isinstance(body, dict)
    read_back = body.get("read_back")
    assert (read_back["where"] if isinstance(read_back, dict) else None) == where


def test_a_suspension_names_what_was_agreed(speaker: Speaker, nodes: dict[str, Listening]) -> None:
    perform(speaker, "suspend", "alpha", Standing(other="bravo", reason="why"))
    assert nodes["alpha"].posted == [
        ("agreements/ab/standing", {"change": "suspend", "reason": "why"})
    ]
    with pytest.raises(Malformed, match="has agreed nothing with host"):
        perform(speaker, "resume", "alpha", Standing(other="host", reason="why"))


def test_a_draft_is_kept(speaker: Speaker, nodes: dict[str, Listening]) -> None:
    perform(speaker, "draft", "alpha", Draft(of="danger", fir="XXXX"), "n1")
    assert nodes["alpha"].got == ["notices/n1/notam?fir=XXXX"]
    assert [(each.by, each.of, each.text) for each in speaker.drafts] == [
        ("alpha", "danger", "DRAFT")
    ]


@pytest.mark.parametrize(
    ("do", "details", "words"),
    [
        ("say", STOP, "duty officer: says X to bravo"),
        ("answer", Heard(of="stop", code="W", role="officer"), "officer: answers stop by W"),
        (
            "suspend",
            Standing(other="bravo", reason="why"),
            "suspends what is agreed with bravo: why",
        ),
        ("draft", Draft(of="x", fir="XXXX"), "drafts a NOTAM about x"),
    ],
)
def test_it_is_told_in_words(do: str, details: Hotline, words: str) -> None:
    assert spoken(do, details) == words
