"""`comity hotline voice` for coded messages: said with the newest answer, heard and compared."""

from typing import Any

import pytest

from comity.cli.exit_codes import ExitCode
from comity.wire.voice_text import groups_in
from tests.cli.stand_in import Comity, StandIn, as_json, party, status
from tests.cli.test_hotline import MESSAGE, STOP, WILCO, view


@pytest.fixture
def known(node: StandIn) -> None:
    for path in ("notices", "requests"):
        node.lists(path, [])
    node.lists("messages", [view(WILCO)])
    node.lists("parties", [as_json(party())])
    node.says("GET", "status", status())


def said(ask: Comity) -> list[dict[str, Any]]:
    found: Any = ask("hotline", "voice", MESSAGE[:8], "--json").json()
    return [*found]


def heard(ask: Comity, groups: list[str], *more: str) -> dict[str, Any]:
    found: Any = ask("hotline", "voice", "--read", "--json", *more, *groups).json()
    return {**found}


@pytest.mark.usefixtures("known")
def test_a_message_is_said_with_its_newest_answer(ask: Comity) -> None:
    message, answer = said(ask)
    assert message["says"] == {
        "says": "X STOP",
        "message": "77aa10c2e5...",
        "role": "duty officer",
        "danger-to": "our-people",
        "where": "35.3,40.14",
        "radius": "5000 m",
        "answer due": "2030-01-01T10:03:00Z",
    }
    assert message["not_said"] == ["free text"]
    assert answer["says"]["says"] == "W WILCO: understood, not approved"
    assert answer["says"]["read back: radius"] == "5000 m"
    out = ask("hotline", "voice", MESSAGE[:8], "--spell").out
    assert "NOT SAID: free text" in out
    assert groups_in(" ".join(message["groups"])) == tuple(message["groups"])


@pytest.mark.usefixtures("known")
def test_what_was_heard_is_compared_with_what_is_held(node: StandIn, ask: Comity) -> None:
    message, answer = said(ask)
    for each in (message, answer):
        assert heard(ask, each["groups"])["held"] == "agrees"
    moved = STOP | {"where": (35.38, 40.14)}
    node.lists("messages", [view(values=moved)])
    found = heard(ask, message["groups"])
    assert found["held"] == "differs"
    assert found["differs"] == ["where is 8,875.7 m from the one held here"]
    assert heard(ask, answer["groups"])["differs"] == ["no answer to that message is held here"]
    node.lists("messages", [])
    assert heard(ask, message["groups"])["held"] == "not-held"


@pytest.mark.usefixtures("known")
def test_an_answer_that_cannot_be_said_hides_no_other(node: StandIn, ask: Comity) -> None:
    message, answer = said(ask)
    odd = view(WILCO)
    answers: Any = odd["answers"]  # type: ignore[index,call-overload]
    node.lists(
        "messages",
        [{**odd, "answers": [{**answers[0], "read_back": {"nowhere": 1}}, *answers]}],  # type: ignore[dict-item]
    )
    assert heard(ask, answer["groups"])["held"] == "agrees"
    assert heard(ask, message["groups"])["held"] == "agrees"


@pytest.mark.usefixtures("known")
def test_without_a_node_it_is_read_by_numbers(ask: Comity) -> None:
    message, answer = said(ask)
    offline = heard(ask, message["groups"], "--offline")
    assert offline["says"]["danger-to"] == "our-people"
    assert heard(ask, answer["groups"], "--offline")["says"]["read back: field 3"] == "5000 m"


@pytest.mark.usefixtures("known")
def test_a_message_has_no_move(ask: Comity) -> None:
    answer = ask("hotline", "voice", MESSAGE[:8], "--answer", "wilco")
    assert answer.code == ExitCode.USAGE
