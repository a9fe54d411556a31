"""`comity hotline handover`: what is signed is what was shown, and only after a yes."""

import pytest

from comity.cli.exit_codes import ExitCode
from comity.web.api.shapes_handovers import HandoverView, OpenItemsView, OpenItemView
from comity.wire.canonical import Json
from tests.cli.stand_in import Comity, StandIn, as_json

ID = "77aa10c2e5d4" + "0" * 52
LIST = "ab" * 32
ITEM = OpenItemView(
    kind="message",
    id="4f1d2c7a90be" + "0" * 52,
    hash="cd" * 32,
    due="2030-01-01T10:03:00Z",
    state="X from alpha to bravo, no answer",
)
OPEN = as_json(OpenItemsView(list_hash=LIST, items=[ITEM]))


def view(**more: object) -> Json:
    whole: dict[str, object] = {
        "id": ID,
        "giver": "A. Ivri",
        "taker": "B. Sade",
        "note": "the line is slow",
        "standing": "waiting",
        "begun": "2030-01-01T10:00:00Z",
        "accepted": None,
        "acceptance": None,
        "list_hash": LIST,
        "items": [ITEM],
        "added": [],
        "gone": [],
    }
    return as_json(HandoverView(**(whole | more)))  # type: ignore[arg-type]


@pytest.fixture
def known(node: StandIn) -> None:
    node.lists("handovers", [view()])
    node.says("GET", f"handovers/{ID}", view())
    node.says("GET", "open-items", OPEN)
    node.says("POST", f"handovers/{ID}/acceptances", view(standing="accepted"), 201)


def test_what_is_open_is_signed_over(node: StandIn, ask: Comity) -> None:
    node.says("POST", "handovers", view(), 201)
    words = ("--from", "A. Ivri", "--to", "B. Sade", "--note", "the line is slow")
    answer = ask("hotline", "handover", "begin", *words)
    assert answer.code == ExitCode.OK
    assert "X from alpha to bravo, no answer  due 2030-01-01T10:03:00Z  #cdcdcdcdcdcd" in answer.out
    assert node.script.asked[-1].body == {
        "giver": "A. Ivri",
        "taker": "B. Sade",
        "note": "the line is slow",
    }


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("said", ["y\n", "n\n"])
def test_it_is_countersigned_after_a_yes(node: StandIn, ask: Comity, said: str) -> None:
    answer = ask("hotline", "handover", "accept", ID[:12], "--by", "B. Sade", stdin=said)
    assert "X from alpha to bravo" in answer.out
    posts = [asked for asked in node.script.asked if asked.method == "POST"]
    if said == "n\n":
        assert (answer.code, posts) == (ExitCode.REFUSED, [])
        assert "not_taken_over" in answer.err or "not accepted" in answer.err
    else:
        assert answer.code == ExitCode.OK
        assert posts[-1].body == {"by": "B. Sade", "list_hash": LIST}


@pytest.mark.usefixtures("known")
def test_another_person_is_refused_before_anything_is_asked(node: StandIn, ask: Comity) -> None:
    answer = ask("hotline", "handover", "accept", ID[:12], "--by", "A. Ivri", stdin="y\n")
    assert answer.code == ExitCode.REFUSED
    assert "it was handed over to B. Sade (another_person)" in answer.err
    assert not answer.out
    assert [asked for asked in node.script.asked if asked.method == "POST"] == []


@pytest.mark.usefixtures("known")
def test_a_list_that_moves_while_it_is_read_is_not_accepted(node: StandIn, ask: Comity) -> None:
    node.says("GET", "open-items", as_json(OpenItemsView(list_hash="00" * 32, items=[])))
    answer = ask("hotline", "handover", "accept", ID, "--by", "B. Sade", stdin="y\n")
    assert answer.code == ExitCode.REFUSED
    assert not [asked for asked in node.script.asked if asked.method == "POST"]


@pytest.mark.usefixtures("known")
def test_changes_are_shown_apart(node: StandIn, ask: Comity) -> None:
    node.says("GET", f"handovers/{ID}", view(added=[ITEM], gone=[ITEM]))
    out = ask("hotline", "handover", "show", ID).out
    assert "SINCE THEN NEW: 1" in out
    assert "SINCE THEN GONE: 1" in out


@pytest.mark.usefixtures("known")
def test_handovers_are_listed(ask: Comity, node: StandIn) -> None:
    assert "A. Ivri to B. Sade  [waiting]  1 items" in ask("hotline", "handover", "list").out
    node.lists("handovers", [])
    assert "nothing was handed over" in ask("hotline", "handover", "list").out
    assert ask("hotline", "handover", "show", "abcdef").code == ExitCode.REFUSED
