"""`comity hotline card`: each open item, its groups, the head; what is not on it is counted."""

from pathlib import Path
from typing import Any

import pytest

from comity.cli.exit_codes import ExitCode
from comity.model.answer import UnitState
from comity.model.request import Wanted
from comity.web.api.record_shapes import ShownView
from comity.web.api.shapes import ConflictView, RiskView, Said, WarningView
from comity.web.api.shapes_handovers import OpenItemsView, OpenItemView
from comity.web.api.shapes_requests import RequestView
from comity.wire.canonical import Json
from comity.wire.voice_code import GROUP_LETTERS, LETTERS
from comity.wire.voice_text import groups_in
from comity.wire.voice_v1 import read_voice, voice_groups
from tests.cli.stand_in import NOTICE, PEER, Comity, StandIn, as_json, notice, status
from tests.cli.test_hotline import WILCO
from tests.cli.test_hotline import view as message
from tests.cli.test_hotline_voice import bent, own, told
from tests.cli.test_register import entry
from tests.model.voice_samples import circle_notice

AT = "2030-01-01T09:30:00Z"
REQUEST = "77aa10c2e5d4" + "0" * 52
GROUPS = voice_groups(circle_notice())
OPEN = OpenItemsView(
    list_hash="ab" * 32,
    items=[
        OpenItemView(
            kind="agreement",
            id="cd" * 32,
            hash="ef" * 32,
            due=None,
            state="suspended by bravo since 2030-01-01T09:00:00Z",
        )
    ],
)


def request(number: str = REQUEST, due: str | None = AT) -> Json:
    return as_json(
        RequestView(
            id=number,
            of=NOTICE,
            asker=PEER,
            asked="alpha.example/comity/2026",
            wanted=Wanted.CORRIDOR,
            by="2030-01-01T10:20:00Z",
            words="to the sea",
            at=AT,
            due=due,
            ground="",
            unanswered=True,
            decision=None,
            replies=[],
            delivered=None,
            verdict=None,
        )
    )


def warning(kind: str, cleared: str | None = None, text: str = "look") -> Json:
    return as_json(
        WarningView(
            id="0" * 64, kind=kind, about=NOTICE, party=PEER, text=text, raised=AT, cleared=cleared
        )
    )


def risk(unit: str | None, state: UnitState) -> Json:
    return as_json(
        RiskView(
            notice=NOTICE,
            party=PEER,
            unit=unit,
            handle="ab" * 32,
            state=state,
            at=AT,
            known=AT,
            open=state is UnitState.NOT_REACHED,
        )
    )


def conflict(over: str | None) -> Json:
    return as_json(
        ConflictView(
            id="0" * 64,
            a=NOTICE,
            b="bb" * 32,
            clause="clearance",
            closest_m=0.0,
            vertical_gap_m=0.0,
            time_gap_s=0.0,
            point=(35.5, 35.7),
            meets=True,
            found=AT,
            over=over,
            sentence=Said(metric="", aeronautical=""),
        )
    )


@pytest.fixture
def full(node: StandIn) -> None:
    """A node with something of each kind, open and over."""
    ended = bent(notice("e0" * 32, "ended long ago"), state="ended")
    at_home = bent(own(), id="cc" * 32, notice="cc" * 32, deliveries=[])
    node.lists("notices", [notice("ab" * 32, "SAR orbit"), own(), at_home, ended])
    pages = [told(PEER, 10_000.0, NOTICE), told("charlie.example/comity/2026", 40_000.0, NOTICE)]
    node.lists(f"notices/{NOTICE}/told", pages)
    node.lists(f"notices/{'cc' * 32}/told", [])
    node.lists("requests", [request(), request("99" * 32, due=None)])
    node.lists("messages", [message(WILCO), message(id="88" * 32, due=None)])
    node.says("GET", "open-items", as_json(OPEN))
    node.lists("warnings", [warning("unable"), warning("overdue", cleared=AT)])
    node.lists("risks", [risk("battery-1", UnitState.NOT_REACHED), risk("x", UnitState.TOLD)])
    node.lists("conflicts", [conflict(None), conflict(AT)])
    node.lists("register", [entry()])
    shown = ShownView(id="dd" * 32, party=PEER, said="HAZARD", at=AT)
    node.says("GET", "status", status(not_recorded=[shown]))


@pytest.fixture
def empty(node: StandIn) -> None:
    for path in (
        *("notices", "requests", "messages", "warnings", "risks", "conflicts", "register"),
    ):
        node.lists(path, [])
    node.says("GET", "open-items", as_json(OpenItemsView(list_hash="00" * 32, items=[])))
    node.says("GET", "status", status(parties=[]))


@pytest.mark.usefixtures("full")
def test_every_open_item_is_on_the_card(ask: Comity) -> None:
    card = ask("hotline", "card").out
    flat = " ".join(card.split())  # long lines are folded
    for part in (
        "COMITY VOICE CARD OF alpha  alpha.example/comity/2026",
        "Made at 2030-01-01T10:00:00Z by the node's clock",
        "Head: 12 entries, root AAAA",
        "PARTIES: 1",
        "node http://127.0.0.1:7102, line up, last contact 2030-01-01T09:59:30Z",
        "LIVE NOTICES: 3",
        "name (free text): SAR orbit",
        "as bravo told it to us, 15 groups:",
        "bravo: delivered NOT YET, seen NOT YET, read back NOT YET",
        "given to nobody",
        "MESSAGES WITHOUT A FINAL ANSWER: 1",
        "answer due 2030-01-01T10:03:00Z; newest answer: W",
        "says: X STOP",
        "read back: where: 35.3,40.14",
        "AGREEMENTS SUSPENDED: 1",
        "suspended by bravo since",
        f"Open items: 1, their list is {'ab' * 32}",
        "REQUESTS WITHOUT A FINAL REPLY: 1",
        "and that has PASSED",
        "words (free text): to the sea",
        "UNITS NOT REACHED: 1\nbattery-1 of bravo",
        "OPEN WARNINGS: 1\nunable",
        "OPEN CONFLICTS: 1",
        "SAID, AND NOT RECORDED: 1",
        "1 notices, 1 messages, 1 requests, 1 warnings, 1 units, 1 conflicts",
        "Entries of the protected register: 1.",
    ):
        assert " ".join(part.split()) in flat
    for gone in ("ended long ago", "overdue", "99" * 6):
        assert gone not in card


@pytest.mark.usefixtures("empty")
def test_what_is_most_urgent_stands_first_whatever_came_last(node: StandIn, ask: Comity) -> None:
    wanted = ("11", "22", "33", "44")
    said = [
        message(id="44" * 32, precedence="routine", due="2030-01-01T10:00:30Z"),
        message(id="22" * 32, due="2030-01-01T10:03:00.5Z"),
        message(id="33" * 32, precedence="urgency"),
        message(id="11" * 32, due="2030-01-01T10:03:00Z"),
    ]
    node.lists("messages", said)
    card = ask("hotline", "card").out
    places = [card.index(f"MESSAGE {number * 6}") for number in wanted]
    assert places == sorted(places)


def messages(card: str) -> list[Any]:
    """What the groups on a card say, message by message."""
    found: list[str] = []
    for line in card.splitlines():
        number, _, rest = line.strip().partition("  ")
        letters = rest.replace(" ", "")
        if (
            number.isdigit()
            and len(rest) == len(letters) // 5 * 6 - 1
            and set(letters) <= {*LETTERS}
        ):
            found[len(found) :] = [rest] if number == "1" else []
            found[-1] = rest if number == "1" else f"{found[-1]} {rest}"
    return [read_voice(groups_in(each)).message for each in found]


@pytest.mark.usefixtures("full")
def test_the_groups_on_the_card_are_read(ask: Comity) -> None:
    found = messages(ask("hotline", "card").out)
    assert found.count(circle_notice().message) == 1
    names = [type(each).__name__ for each in found]
    coded = ["VoiceCoded", "VoiceCodedAnswer"]
    assert names == [*coded, *(3 * ["VoiceNotice"]), "VoiceRequest"]
    assert len(GROUPS[0]) == GROUP_LETTERS


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize("spell", [(), ("--spell",)])
def test_the_card_fits_on_paper(node: StandIn, ask: Comity, spell: tuple[str, ...]) -> None:
    node.lists("warnings", [warning("unable", text=300 * "long " + 200 * "x" + "\x1b[31m")])
    card = ask("hotline", "card", *spell).out
    assert max(map(len, card.splitlines())) <= 88
    assert card.count("long") == 300
    assert card.count("x" * 40) >= 4
    assert "\x1b" not in card
    assert ("NOVEMBER ROMEO ALFA" in card) == bool(spell)


@pytest.mark.usefixtures("empty")
def test_an_empty_card_says_so(ask: Comity) -> None:
    card = ask("hotline", "card").out
    for title in (
        "PARTIES",
        "LIVE NOTICES",
        "OPEN WARNINGS",
        "OPEN CONFLICTS",
        "UNITS NOT REACHED",
    ):
        assert f"{title}: none" in card
    assert "0 notices" in card


@pytest.mark.usefixtures("empty")
def test_a_card_of_an_exercise_is_marked(node: StandIn, ask: Comity) -> None:
    node.says("GET", "status", status(parties=[], exercise="spring-1"))
    assert "EXERCISE spring-1: this card is no card of a live node." in ask("hotline", "card").out


@pytest.mark.usefixtures("empty")
def test_a_file_is_new_or_nothing_is_written(ask: Comity, tmp_path: Path) -> None:
    out = tmp_path / "card.txt"
    assert ask("hotline", "card", "--out", out).code == 0
    assert out.read_text(encoding="utf-8") == ask("hotline", "card").out
    before = out.read_bytes()
    answer = ask("hotline", "card", "--out", out)
    assert answer.code == ExitCode.REFUSED
    assert "file_exists" in answer.err
    assert out.read_bytes() == before
