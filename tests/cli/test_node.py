"""The line to the own node: its problems in words, its silence, its certificate."""

import json
import re
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from comity.cli import node as node_module
from comity.cli.exit_codes import ExitCode
from comity.cli.failure import Failed, Failure
from comity.cli.node import Node, shaped
from comity.clock import SystemClock
from comity.config import Home
from comity.model.fault import Malformed
from comity.web.api.shapes import StatusView
from tests.cli.stand_in import Comity, StandIn, make_home, problem, status


def failure(call: Callable[[], object]) -> Failure:
    with pytest.raises(Failed) as caught:
        call()
    return caught.value.failure


def test_every_request_carries_the_homes_key(node: StandIn, home: Home) -> None:
    node.says("GET", "status", status())
    assert shaped(Node(home).get("status"), StatusView).name == "alpha"
    key = (home.path / "keys/admin.key").read_text().strip()
    assert node.last.headers["Authorization"] == f"Bearer {key}"


def test_a_post_has_a_key_of_its_own(node: StandIn, home: Home) -> None:
    node.says("POST", "notices", {})
    for once in (None, None, "mine"):
        Node(home).post("notices", {"a": 1}, once)
    keys = [asked.headers["Idempotency-Key"] for asked in node.script.asked]
    assert len({*keys}) == 3
    assert keys[2] == "mine"
    assert node.last.body == {"a": 1}


def test_a_broken_line_is_tried_once_more_with_the_same_key(node: StandIn, home: Home) -> None:
    node.says("POST", "notices", {})
    node.script.lose = 1
    Node(home).post("notices", {})
    first, second = [asked.headers["Idempotency-Key"] for asked in node.script.asked]
    assert first == second


def test_a_line_that_keeps_breaking_is_given_up(node: StandIn, home: Home) -> None:
    node.script.lose = 9
    said = failure(lambda: Node(home).get("status"))
    assert said.exit_code is ExitCode.NOT_REACHED
    assert len(node.script.asked) == 2


def test_pages_are_read_to_the_end(node: StandIn, home: Home) -> None:
    node.says("GET", "notices?owner=own", {"items": [1, 2], "next": "a b"})
    node.says("GET", "notices?owner=own&after=a+b", {"items": [3], "next": None})
    assert Node(home).items("notices", {"owner": "own"}) == [1, 2, 3]


def test_a_list_without_items_is_malformed(node: StandIn, home: Home) -> None:
    node.says("GET", "notices", {"rows": []})
    with pytest.raises(Malformed):
        Node(home).items("notices")


@pytest.mark.parametrize(
    ("code", "status_code", "exit_code"),
    [
        ("no_area", 422, ExitCode.REFUSED),
        ("not_found", 404, ExitCode.REFUSED),
        ("weak_key", 403, ExitCode.REFUSED),
        ("no_key", 401, ExitCode.NO_PERMISSION),
        ("scope_missing", 403, ExitCode.NO_PERMISSION),
        ("busy", 503, ExitCode.NOT_REACHED),
        ("internal", 500, ExitCode.NOT_REACHED),
    ],
)
def test_a_problem_is_what_why_what_to_do_and_an_id(
    node: StandIn, ask: Comity, code: str, status_code: int, exit_code: ExitCode
) -> None:
    node.says("GET", "status", problem(code, "because", status_code), status_code)
    answer = ask("status")
    assert answer.code == exit_code
    assert not answer.out
    assert answer.err.splitlines() == [
        f"comity: {code.replace('_', ' ')}: because ({code})",
        "  field: volumes",
        "  what to do: do otherwise",
        "  error id: 0123456789abcdef",
    ]
    said = json.loads(ask("status", "--json").err)
    assert (said["code"], said["error_id"]) == (code, "0123456789abcdef")


def test_an_answer_that_names_no_problem_is_told_apart(node: StandIn, home: Home) -> None:
    node.says("GET", "status", ["teapot"], 418)
    said = failure(lambda: Node(home).get("status"))
    assert (said.code, said.exit_code) == ("no_problem_named", ExitCode.REFUSED)


def test_no_node_says_how_to_start_one(comity: Comity, tmp_path: Path) -> None:
    with socket.socket() as held:  # bound and not listening: nobody answers here
        held.bind(("127.0.0.1", 0))
        home = make_home(tmp_path / "home", f"http://127.0.0.1:{held.getsockname()[1]}")
        answer = comity("status", "--home", home.path)
    assert answer.code == ExitCode.NOT_REACHED
    assert f"comity serve --home {home.path}" in answer.err
    assert "Connection refused" in answer.err


def test_a_silent_node_is_not_waited_for_for_ever(
    comity: Comity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comity.cli.node._DEADLINE_S", 0.05)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        home = make_home(tmp_path / "home", f"http://127.0.0.1:{deaf.getsockname()[1]}")
        answer = comity("key", "add", "x", "--scope", "read", "--home", home.path)
    assert answer.code == ExitCode.NOT_REACHED
    assert "did not answer in 0.05 s" in answer.err
    assert "--once cli-" in answer.err


def test_whatever_sends_can_be_told_to_do_it_once() -> None:
    """The advice after a silence names --once, so every verb that posts must have it."""
    posts = [*Path(node_module.__file__).parent.glob("*.py")]
    texts = {path.name: path.read_text() for path in posts}
    senders = {name for name, text in texts.items() if re.search(r"\.post\(", text)}
    senders -= {"export_parcel.py", "import_parcel.py"}  # parcels are numbered: twice is once
    senders -= {"notice_check.py"}  # a question: nothing is changed
    assert senders >= {"ack.py", "ack_step.py", "key.py", "notice_give.py", "party.py"}
    assert [name for name in senders if not re.search(r"\bonce\)", texts[name])] == []


def test_a_flood_is_cut_off(node: StandIn, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comity.cli.node._ANSWER_BYTES_MAX", 10)
    node.says("GET", "status", "x" * 11)
    with pytest.raises(Malformed) as caught:
        Node(home).get("status")
    assert caught.value.code == "too_large"


def test_an_answer_of_another_form_is_malformed() -> None:
    with pytest.raises(Malformed) as caught:
        shaped({"name": "alpha"}, StatusView)
    assert caught.value.code == "bad_answer"


def tls_home(path: Path, address: str) -> Home:
    """A home whose certificate is in force on this machine's clock."""
    return make_home(path, address, now_us=SystemClock().now_us())


def tls_stand_in(home: Home) -> StandIn:
    """A stand-in that shows the home's certificate."""
    return StandIn(tls=(home.path / "keys/tls.crt", home.path / "keys/tls.key"))


def test_the_homes_own_certificate_is_accepted(tmp_path: Path) -> None:
    made = tls_home(tmp_path / "own", "https://127.0.0.1:1")
    with tls_stand_in(made) as stand_in:
        stand_in.says("GET", "status", status())
        assert Node(replace(made, address=stand_in.address)).get("status") == status()


def test_another_certificate_is_refused_before_the_key_is_sent(tmp_path: Path) -> None:
    other = tls_home(tmp_path / "other", "https://127.0.0.1:1")
    with tls_stand_in(other) as stand_in:
        home = tls_home(tmp_path / "own", stand_in.address)
        said = failure(lambda: Node(home).get("status"))
    assert (said.code, said.exit_code) == ("other_certificate", ExitCode.NO_PERMISSION)
    assert stand_in.script.asked == []
