"""`comity request`: what is sent for what was typed, whose act a reply is, and silence shows."""

import pytest

from comity.cli.exit_codes import ExitCode
from comity.model.request import Decision, DeclineReason, Wanted
from comity.web.api.shapes_requests import ReplyView, RequestView
from comity.wire.canonical import Json
from tests.cli.stand_in import NOTICE, PEER, Comity, StandIn, as_json, notice, party, status

REQUEST = "77aa10c2e5d4" + "0" * 52
US = "alpha.example/comity/2026"


def view(*replies: ReplyView, due: str | None = None, unanswered: bool = False) -> Json:
    return as_json(
        RequestView(
            id=REQUEST,
            of=NOTICE,
            asker=US,
            asked=PEER,
            wanted=Wanted.CLOSE,
            by="2030-01-01T10:20:00Z",
            words="north",
            at="2030-01-01T10:00:00Z",
            due=due,
            ground="nothing else being agreed, request_answer_us is 5 min",
            unanswered=unanswered,
            decision=replies[-1].decision if replies else None,
            replies=[*replies],
            delivered=None,
            verdict=None,
        )
    )


def reply(decision: Decision, **more: object) -> ReplyView:
    whole: dict[str, object] = {"reason": None, "standby_minutes": None, "words": ""}
    return ReplyView(
        id="0" * 64,
        decision=decision,
        role="supervisor",
        at="2030-01-01T10:02:00Z",
        **(whole | more),  # type: ignore[arg-type]
    )


GRANTED = reply(Decision.GRANTED)
STANDBY = reply(Decision.STANDBY, standby_minutes=10)
DECLINED = reply(Decision.DECLINED, reason=DeclineReason.TRAFFIC, words="two on final")


@pytest.fixture
def known(node: StandIn) -> None:
    node.lists("parties", [as_json(party())])
    node.lists("notices", [notice()])
    node.lists("requests", [view(due="2030-01-01T10:05:00Z")])
    node.says("GET", "status", status(now="2030-01-01T10:00:00Z"))


@pytest.mark.usefixtures("known")
def test_a_request_is_sent_as_it_was_typed(node: StandIn, ask: Comity) -> None:
    node.says("POST", "requests", view(due="2030-01-01T10:05:00Z"), 201)
    words = ("--to", "bravo", "--ask", "close", "--by", "+20m", "--words", "north")
    answer = ask("request", "send", NOTICE[:6], *words)
    assert answer.code == 0
    assert node.last.body == {
        "of": NOTICE,
        "to": PEER,
        "wanted": "close",
        "by": "2030-01-01T10:20:00Z",
        "words": "north",
    }
    assert f"alpha asks {PEER} to close the airspace" in answer.out
    assert "words (free text)  north" in answer.out
    assert "2030-01-01T10:05:00Z: nothing else being agreed, request_answer_us is 5 min" in (
        answer.out
    )


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("words", "said", "shown"),
    [
        (("granted",), {"decision": "granted"}, f"granted: the act of {PEER} (supervisor)"),
        (
            ("standby", "--for", "10m"),
            {"decision": "standby", "standby_minutes": 10},
            f"standby 10 min: the act of {PEER}",
        ),
        (
            ("declined", "--reason", "traffic", "--words", "two on final"),
            {"decision": "declined", "reason": "traffic", "words": "two on final"},
            f"declined, traffic, in free text: two on final: the act of {PEER}",
        ),
    ],
)
def test_a_reply_is_the_partys_act(
    node: StandIn, ask: Comity, words: tuple[str, ...], said: dict[str, Json], shown: str
) -> None:
    replies = {"granted": GRANTED, "standby": STANDBY, "declined": DECLINED}
    node.says("POST", f"requests/{REQUEST}/replies", view(replies[words[0]]), 201)
    who = ("--role", "supervisor", "--person", "D. Peretz")
    answer = ask("request", "answer", REQUEST[:6], *words, *who)
    assert answer.code == 0
    whole = {"decision": "", "role": "supervisor", "reason": None, "standby_minutes": None}
    assert node.last.body == {**whole, "person": "D. Peretz", "words": "", **said}
    assert shown in answer.out
    assert "approved" not in answer.out


def test_the_list_says_where_each_stands(node: StandIn, ask: Comity) -> None:
    rows = [
        view(due="2030-01-01T10:05:00Z"),
        view(due="2030-01-01T10:05:00Z", unanswered=True),
        view(STANDBY, due="2030-01-01T10:12:00Z", unanswered=True),
        view(GRANTED),
    ]
    node.lists("requests", rows)
    answer = ask("request", "list")
    said = [line.split("10:20:00Z")[1].strip() for line in answer.out.splitlines()[1:]]
    assert said == ["none yet", "UNANSWERED", "standby, then UNANSWERED", "granted by bravo"]
    assert ask("request", "list", "--open", "--json").json() == rows[:3]


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    "words",
    [
        ("send", NOTICE, "--to", "bravo", "--ask", "strike", "--by", "+20m"),
        ("send", NOTICE, "--to", "bravo", "--ask", "close", "--by", "20"),
        ("answer", REQUEST, "approved"),
        ("answer", REQUEST, "standby", "--for", "90s"),
    ],
)
def test_a_slip_is_wrong_use_and_nothing_is_sent(
    node: StandIn, ask: Comity, words: tuple[str, ...]
) -> None:
    assert ask("request", *words).code == ExitCode.USAGE
    assert [asked for asked in node.script.asked if asked.method == "POST"] == []


@pytest.mark.usefixtures("known")
def test_a_request_that_is_not_there_is_named(ask: Comity) -> None:
    answer = ask("request", "answer", "abcdef", "granted")
    assert answer.code == ExitCode.REFUSED
    assert "no requests begin with abcdef" in answer.err


def test_one_request_is_shown_with_every_reply(node: StandIn, ask: Comity) -> None:
    node.lists("requests", [view(STANDBY, due="2030-01-01T10:12:00Z")])
    answer = ask("request", "show", REQUEST[:6])
    assert answer.code == 0
    assert "asks bravo.example" in answer.out
    assert "standby" in answer.out
    assert "recorded here" in answer.out
    whole = ask("request", "show", REQUEST, "--json").json()
    assert whole == view(STANDBY, due="2030-01-01T10:12:00Z")
    assert ask("request", "show", "abcdef").code == ExitCode.REFUSED
