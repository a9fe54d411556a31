"""What people type under stress: names for codes, the wrong id, half a message, no terminal."""

import pytest

from comity.cli.exit_codes import ExitCode
from comity.cli.hotline_codes import check_said, phrase_of
from comity.cli.written import moment_us, whole_minutes
from comity.hotline.phrases import phrasebook
from comity.model.fault import Malformed
from comity.model.phrasebook import Carrier
from comity.wire.canonical import Json
from tests.cli.stand_in import NOTICE, Comity, StandIn, as_json, notice, party, problem, status
from tests.cli.test_hotline import MESSAGE, WILCO, view

REQUEST = "5" * 64


@pytest.fixture(autouse=True)
def known(node: StandIn) -> None:
    node.lists("parties", [as_json(party())])
    node.lists("notices", [notice()])
    node.lists("messages", [view()])
    node.lists("requests", [{"id": REQUEST}])
    node.says("GET", f"messages/{MESSAGE}", view())
    node.says("GET", "status", status(now="2030-01-01T10:00:00Z"))


def posted(node: StandIn) -> list[Json]:
    return [asked.body for asked in node.script.asked if asked.method == "POST"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("X", "X"),
        ("x", "X"),
        ("Stop", "X"),
        ("keep-clear", "KC"),
        ("KEEP CLEAR", "KC"),
        ("keep_clear", "KC"),
        ("l1", "L1"),
        ("wilco", "W"),
        ("rb-OK", "RB-ok"),
    ],
)
def test_a_code_is_found_by_its_name_in_any_case(text: str, code: str) -> None:
    assert phrase_of(text).code == code


def test_every_code_and_name_is_found_and_nothing_else() -> None:
    for each in phrasebook().phrases.values():
        assert phrase_of(each.code) is phrase_of(each.name.lower()) is each
    with pytest.raises(Malformed, match="see comity hotline phrases"):
        phrase_of("stopp")


def test_a_stop_by_its_name_is_sent_as_its_code(node: StandIn, ask: Comity) -> None:
    node.says("POST", "messages", view(), 201)
    assert ask("hotline", "send", "stop", "--to", "bravo", "--about", NOTICE[:8]).code == 0
    (body,) = posted(node)
    assert isinstance(body, dict)
    assert body["code"] == "X"
    node.says("POST", f"messages/{MESSAGE}/answers", view(WILCO), 201)
    assert ask("hotline", "answer", MESSAGE[:8], "wilco", "--yes").code == 0
    assert isinstance(node.last.body, dict)
    assert node.last.body["code"] == "W"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("N1",), "N1 is given with comity notice give"),
        (("W",), "W is an answer: comity hotline answer ID W"),
        (("T2",), "T2 is said by nothing in this release"),
        (("X",), "X says where: --about ID or --set where=35.30,40.14 --set radius=5km"),
        (("X", "--set", "where=35.3,40.14"), "--set radius=5km"),
        (
            ("KC", "--set", "where=35.5,35.9", "--set", "radius=10km"),
            "until is missing: --set until=+40m",
        ),
        (("E1",), "phase is missing: --set phase=uncertainty|alert|distress"),
        (
            ("KC", "--about", NOTICE[:8], "--set", "until=2030-01-01T18:00:00"),
            "with an offset, as 2030-01-01T18:00:00Z or +40m",
        ),
    ],
)
def test_what_lacks_is_said_before_anything_is_sent(
    node: StandIn, ask: Comity, words: tuple[str, ...], says: str
) -> None:
    answer = ask("hotline", "send", *words, "--to", "bravo")
    assert answer.code == ExitCode.USAGE
    assert says in answer.err
    assert posted(node) == []


def test_whatever_is_no_message_names_what_says_it() -> None:
    for each in phrasebook().phrases.values():
        if Carrier.MESSAGE in each.carriers and each.answers:
            check_said(each)
            continue
        with pytest.raises(Exception, match=f"{each.code} is ") as refused:
            check_said(each)
        assert bool(each.carriers) == ("comity " in str(refused.value))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("hotline", "answer", NOTICE[:8], "W"), f"is a notice\0comity ack seen {NOTICE[:12]}"),
        (("hotline", "answer", NOTICE, "W"), f"is a notice\0comity ack seen {NOTICE[:12]}"),
        (("ack", "seen", MESSAGE[:8]), f"is a message\0comity hotline answer {MESSAGE[:12]} CODE"),
        (("ack", "seen", MESSAGE), f"is a message\0comity hotline answer {MESSAGE[:12]} CODE"),
        (("ack", "relay", REQUEST, "--unit", "a=told"), "is a request\0comity request answer"),
        (("ack", "read-back", REQUEST[:8], "--yes"), "is a request\0comity request answer"),
        (("request", "answer", NOTICE[:8], "granted"), "is a notice\0comity ack seen"),
    ],
)
def test_an_id_of_another_kind_names_the_command_that_takes_it(
    node: StandIn, ask: Comity, words: tuple[str, ...], says: str
) -> None:
    gone = problem("not_found", "nothing with that id is here", 404)
    for path in (f"messages/{NOTICE}", f"notices/{REQUEST}"):
        node.says("GET", path, gone, 404)
    for path in (f"{MESSAGE}/answers", f"{REQUEST}/attestations"):
        node.says("POST", f"notices/{path}", gone, 404)
    if words[0] == "request":
        node.lists("requests", [])
    answer = ask(*words)
    reason, command = says.split("\0")
    assert answer.code == ExitCode.REFUSED
    assert f"{reason} (another_kind)" in answer.err
    assert f"what to do: {command}" in answer.err


def test_an_id_that_is_nowhere_is_not_called_anything(node: StandIn, ask: Comity) -> None:
    assert "no_such_message" in ask("hotline", "answer", "abcdef", "W").err
    gone = problem("not_found", "nothing with that id is here", 404)
    assert isinstance(gone, dict)
    words: Json = gone | {"what_to_do": "list them: GET /api/v1/messages"}
    node.says("GET", f"messages/{'c' * 64}", words, 404)
    assert "what to do: list them: comity hotline inbox" in ask("hotline", "show", "c" * 64).err


def test_without_a_terminal_yes_says_that_it_was_read_back(node: StandIn, ask: Comity) -> None:
    answer = ask("hotline", "answer", MESSAGE[:8], "W")
    assert answer.code == ExitCode.INTERRUPTED
    assert "what to do: --yes says that all of it was read back as shown." in answer.err
    assert posted(node) == []


@pytest.mark.parametrize("span", ["10m", "10", "600s"])
def test_a_standby_is_said_in_minutes(node: StandIn, ask: Comity, span: str) -> None:
    node.says("POST", f"messages/{MESSAGE}/answers", view(), 201)
    assert ask("hotline", "answer", MESSAGE[:8], "s", "--for", span).code == 0
    assert isinstance(node.last.body, dict)
    assert node.last.body["values"] == {"minutes": 10}
    assert whole_minutes(span) == 10


@pytest.mark.parametrize("span", ["90s", "-5", "ten", "10.5", "\u0661\u0660"])
def test_what_is_no_whole_minute_is_wrong_use(node: StandIn, ask: Comity, span: str) -> None:
    answer = ask("hotline", "answer", MESSAGE[:8], "S", f"--for={span}")
    assert answer.code == ExitCode.USAGE
    assert posted(node) == []


def test_a_deadline_that_was_moved_says_by_what(node: StandIn, ask: Comity) -> None:
    standby = as_json(WILCO)
    assert isinstance(standby, dict)
    moved = view()
    assert isinstance(moved, dict)
    moved["answers"] = [standby | {"code": "S", "values": {"minutes": 10}, "read_back": None}]
    node.says("GET", f"messages/{MESSAGE}?language=en", moved)
    shown = " ".join(ask("hotline", "show", MESSAGE[:8]).out.split())
    assert "2030-01-01T10:03:00Z: moved by S, 10 min, at 2030-01-01T10:02:00Z" in shown


def test_a_time_says_how_it_is_written() -> None:
    with pytest.raises(Malformed, match=r"as 2030-01-01T18:00:00Z or \+40m$"):
        moment_us("18:00", 0)
