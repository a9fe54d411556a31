"""`comity hotline`: what is sent for what was typed, what is read back, where a message stands."""

import re

import pytest

from comity.cli.exit_codes import ExitCode
from comity.hotline.phrases import phrasebook
from comity.model.phrasebook import Values
from comity.model.quantity import Position
from comity.model.wording import both_wordings
from comity.web.api.shapes_messages import JsonValue, MessageAnswerView, MessageView
from comity.wire.canonical import Json
from tests.cli.stand_in import NOTICE, PEER, Comity, StandIn, as_json, notice, party, status

MESSAGE = "77aa10c2e5d4" + "0" * 52
US = "alpha.example/comity/2026"
LRI, PDI = "\u2066", "\u2069"
STOP: dict[str, JsonValue] = {
    "danger-to": "our-people",
    "radius": 5000.0,
    "where": (35.3, 40.14),
}
VALUES: Values = (
    ("danger-to", "our-people"),
    ("radius", 5_000_000),
    ("where", Position(lat_e7=353_000_000, lon_e7=401_400_000)),
)


def view(*answers: MessageAnswerView, **more: object) -> Json:
    both = both_wordings(phrasebook(), "X", VALUES, sender="ru", reader="he", words="now")
    whole: dict[str, object] = {
        "id": MESSAGE,
        "code": "X",
        "precedence": "distress",
        "floor": True,
        "sender": PEER,
        "receiver": US,
        "about": None,
        "role": "duty officer",
        "values": STOP,
        "language": "ru",
        "words": "now",
        "sender_wording": both.sender,
        "reader_wording": both.reader,
        "at": "2030-01-01T10:00:00Z",
        "due": "2030-01-01T10:03:00Z",
        "ground": "nothing else being agreed, stop_answer_us is 3 min",
        "unanswered": False,
        "answer": answers[-1].code if answers else None,
        "answers": [*answers],
        "answers_allowed": ["W", "U", "S", "RX"],
        "read_back_needed": True,
        "delivered": None,
        "verdict": None,
    }
    return as_json(MessageView(**(whole | more)))  # type: ignore[arg-type]


WILCO = MessageAnswerView(
    id="0" * 64,
    code="W",
    role="supervisor",
    values={},
    read_back=STOP,
    differs=["where moved 8.9 km"],
    words="",
    sender_wording="W WILCO \u00b7 Will comply",
    reader_wording="W WILCO \u00b7 Will comply",
    at="2030-01-01T10:02:00Z",
)


@pytest.fixture
def known(node: StandIn) -> None:
    node.lists("parties", [as_json(party())])
    node.lists("notices", [notice()])
    node.lists("messages", [view()])
    node.lists("open-messages", [view()])
    node.lists("open-messages?language=he", [view()])
    node.says("GET", f"messages/{MESSAGE}", view())
    node.says("GET", f"notices/{NOTICE}", notice())
    node.says("GET", "status", status(now="2030-01-01T10:00:00Z"))


@pytest.mark.usefixtures("known")
def test_a_message_is_sent_as_it_was_typed(node: StandIn, ask: Comity) -> None:
    node.says("POST", "messages", view(), 201)
    words = ("--set", "where=35.5,35.9", "--set", "radius=10km", "--set", "until=+40m")
    answer = ask("hotline", "send", "KC", "--to", "bravo", *words, "--set", "lower=-50m")
    assert answer.code == 0
    assert node.last.body == {
        "code": "KC",
        "to": PEER,
        "role": "duty officer",
        "values": {
            "where": [35.5, 35.9],
            "radius": 10000.0,
            "until": "2030-01-01T10:40:00Z",
            "lower": -50.0,
        },
        "about": None,
        "language": "en",
        "words": "",
    }


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(("digits", "id_"), [(NOTICE[:8], NOTICE), (MESSAGE[:8], MESSAGE)])
def test_it_is_about_a_notice_or_a_message(
    node: StandIn, ask: Comity, digits: str, id_: str
) -> None:
    node.says("POST", "messages", view(), 201)
    assert ask("hotline", "send", "X", "--to", "bravo", "--about", digits).code == 0
    assert isinstance(node.last.body, dict)
    assert node.last.body["about"] == id_


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("where=35.3,40.14", "speed=5"), "X has danger-to, where, radius, not 'speed'"),
        (("radius=5km", "radius=6km"), "radius is given twice"),
        (("radius=5",), "'5' is no length"),
        (("where=35.3",), "is no point"),
        (("where",), "is not of the form NAME=VALUE"),
    ],
)
def test_a_field_is_refused_before_anything_is_sent(
    node: StandIn, ask: Comity, words: tuple[str, ...], said: str
) -> None:
    options = [word for each in words for word in ("--set", each)]
    answer = ask("hotline", "send", "X", "--to", "bravo", *options)
    assert answer.code == ExitCode.USAGE
    assert said in answer.err
    assert all(each.method == "GET" for each in node.script.asked)


@pytest.mark.usefixtures("known")
def test_a_stop_is_read_back_as_it_was_heard(node: StandIn, ask: Comity) -> None:
    node.says("POST", f"messages/{MESSAGE}/answers", view(WILCO), 201)
    words = ("--yes", "--field", "where=35.38,40.14")
    answer = ask("hotline", "answer", MESSAGE[:8], "W", *words)
    assert answer.code == 0
    assert isinstance(node.last.body, dict)
    assert node.last.body["read_back"] == {
        "danger-to": "our-people",
        "radius": 5000.0,
        "where": [35.38, 40.14],
    }
    assert "READ BACK DIFFERS: where moved 8.9 km" in answer.out
    assert "W, open until 2030-01-01T10:03:00Z" in answer.out


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("words", "values"),
    [
        (("S", "--for", "10"), {"minutes": 10}),
        (("RX",), {}),
        (("S", "--set", "minutes=10"), {"minutes": 10}),
    ],
)
def test_waiting_and_not_understanding_read_nothing_back(
    node: StandIn, ask: Comity, words: tuple[str, ...], values: dict[str, Json]
) -> None:
    node.says("POST", f"messages/{MESSAGE}/answers", view(), 201)
    assert ask("hotline", "answer", MESSAGE[:8], *words).code == 0
    assert isinstance(node.last.body, dict)
    assert (node.last.body["values"], node.last.body["read_back"]) == (values, None)


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    "words",
    [
        ("W", "--for", "10"),
        ("RX", "--field", "radius=5km"),
        ("U", "--set", "why=other"),
        ("ZZ",),
    ],
)
def test_an_answer_that_is_none_is_not_sent(
    node: StandIn, ask: Comity, words: tuple[str, ...]
) -> None:
    assert ask("hotline", "answer", MESSAGE[:8], *words).code in {
        ExitCode.USAGE,
        ExitCode.BAD_INPUT,
    }
    assert all(each.method == "GET" for each in node.script.asked)


@pytest.mark.usefixtures("known")
def test_the_inbox_shows_the_readers_wording_with_its_isolates(ask: Comity) -> None:
    shown = ask("hotline", "inbox", "--open", "--language", "he").out
    assert "bravo to alpha  [open until 2030-01-01T10:03:00Z]" in shown
    assert "Stop immediately, safety of life" in shown
    assert f"where {LRI}35.3,40.14{PDI}" in shown
    assert "free text, untranslated: \u2068now\u2069" in shown


@pytest.mark.usefixtures("known")
def test_one_message_shows_both_wordings(node: StandIn, ask: Comity) -> None:
    late = view(WILCO, unanswered=True, verdict="not_found", about=NOTICE)
    node.says("GET", f"messages/{MESSAGE}?language=he", late)
    shown = ask("hotline", "show", MESSAGE, "--language", "he").out
    for part in ("(ru, not reviewed)", "(he, not reviewed)", "W, then UNANSWERED", NOTICE):
        assert part in shown
    assert re.search(r"^refused +not_found$", shown, re.MULTILINE)
    assert "2030-01-01T10:03:00Z: nothing else being agreed, stop_answer_us is 3 min" in shown


def test_an_empty_inbox_says_so(node: StandIn, ask: Comity) -> None:
    node.lists("messages?language=en", [])
    node.lists("open-messages?language=en", [])
    assert ask("hotline", "inbox").out == "no message\n"
    assert ask("hotline", "inbox", "--open").out == "no message is open\n"
    assert ask("hotline", "inbox", "--json").json() == []


@pytest.mark.usefixtures("known")
def test_a_message_that_is_not_there_is_named(ask: Comity) -> None:
    assert "no_such_message" in ask("hotline", "show", "abcdef").err
    assert ask("hotline", "show", "abc").code == ExitCode.BAD_INPUT


@pytest.mark.usefixtures("known")
def test_status_shows_what_waits_for_an_answer(node: StandIn, ask: Comity) -> None:
    node.says("GET", "status", status(open_messages=1))
    shown = ask("status").out
    assert "OPEN MESSAGES: 1" in shown
    assert "Stop immediately, safety of life" in shown
