"""`comity hotline release`: a STOP waits if it must, and the second person says it."""

import pytest

from comity.cli.exit_codes import ExitCode
from comity.web.api.shapes_releases import HeldView
from comity.wire.canonical import Json
from tests.cli.stand_in import PEER, Comity, StandIn, as_json, party
from tests.cli.test_hotline import view as message

ID = "77aa10c2e5d4" + "0" * 52


def held(standing: str = "waiting_for_release", **more: object) -> Json:
    whole: dict[str, object] = {
        "id": ID,
        "code": "X",
        "wording": "X STOP \u00b7 Stop immediately, safety of life \u00b7 radius 5000 m",
        "about": None,
        "to": PEER,
        "by": "A. Ivri",
        "at": "2030-01-01T10:00:00Z",
        "expires": "2030-01-01T10:05:00Z",
        "standing": standing,
        "by_second": None,
        "message": None,
    }
    return as_json(HeldView(**(whole | more)))  # type: ignore[arg-type]


NEEDS: dict[str, Json] = {
    "type": "urn:comity:problem:needs_release",
    "title": "needs release",
    "status": 409,
    "detail": "two persons say X",
    "code": "needs_release",
    "what_to_do": "name who says it, and let another person release it",
    "error_id": "0" * 16,
}


@pytest.fixture
def asks_two(node: StandIn) -> None:
    node.lists("parties", [as_json(party())])
    node.says("POST", "messages", {**NEEDS}, 409)
    node.says("POST", "held-messages", held(), 201)
    node.lists("held-messages", [held()])
    node.says("POST", f"held-messages/{ID}/releases", message(), 201)
    node.says("POST", f"held-messages/{ID}/withdrawals", held("withdrawn"), 201)


SEND = ("hotline", "send", "X", "--to", "bravo", "--set", "where=35.3,40.14", "--set", "radius=5km")


@pytest.mark.usefixtures("asks_two")
def test_a_stop_waits_for_the_second_person(node: StandIn, ask: Comity) -> None:
    answer = ask(*SEND, "--by", "A. Ivri", "--once", "night-1")
    assert answer.code == ExitCode.OK
    assert "X to bravo.example/comity/2026 by A. Ivri  [waiting_for_release]" in answer.out
    assert "    X STOP \u00b7 Stop immediately, safety of life \u00b7 radius 5000 m" in answer.out
    first, second = (each for each in node.script.asked if each.method == "POST")
    assert second.body == {"by": "A. Ivri", "message": first.body}
    keys = [each.headers["Idempotency-Key"] for each in (first, second)]
    assert keys == ["night-1", "night-1-held"]


@pytest.mark.usefixtures("asks_two")
def test_without_a_name_nothing_waits(node: StandIn, ask: Comity) -> None:
    answer = ask(*SEND)
    assert answer.code == ExitCode.REFUSED
    assert "needs_release" in answer.err
    assert len([each for each in node.script.asked if each.method == "POST"]) == 1


@pytest.mark.usefixtures("asks_two")
def test_the_second_person_says_it_or_takes_it_back(node: StandIn, ask: Comity) -> None:
    said = ask("hotline", "release", ID[:8], "--by", "B. Sade")
    assert "X STOP" in said.out
    assert node.script.asked[-1].body == {"by": "B. Sade"}
    assert "[withdrawn]" in ask("hotline", "release", ID[:8], "--by", "C", "--withdraw").out
    assert ask("hotline", "release", ID[:8]).code == ExitCode.USAGE
    assert ask("hotline", "release", "abcdef", "--by", "C").code == ExitCode.REFUSED


@pytest.mark.usefixtures("asks_two")
def test_what_waits_is_listed(node: StandIn, ask: Comity) -> None:
    out = ask("hotline", "release").out
    assert "until 2030-01-01T10:05:00Z" in out
    assert "radius 5000 m" in out
    node.lists("held-messages", [])
    assert ask("hotline", "release").out == "nothing waits for a second person\n"
