"""`comity hotline relay`: what is sent for what was typed, how it looks, a page checked alone."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from comity.cli.exit_codes import ExitCode
from comity.hotline.relay_page import Form, drawn
from comity.model.answer import UnitState
from comity.model.quantity import Position
from comity.model.relay import Means, RelayState, UnitKind
from comity.model.volume import Circle
from comity.trust.card import card_note
from comity.trust.note import serialise, sign_note
from comity.web.api.shapes import RiskView
from comity.web.api.shapes_relay import (
    OpenRelayView,
    RelayCodeView,
    RelayPageView,
    RelayTaskView,
    RelayUnitView,
    RelayView,
)
from comity.wire.relay_page_v1 import page_text
from tests.cli.stand_in import NOTICE, PEER, Comity, StandIn, as_json, notice, problem
from tests.wire.vectors import _LEVELS, ALPHA, BRAVO, identity
from tests.wire.vectors_hotline import relay_page

AT = "2030-01-01T10:00:00Z"
LATE_US = 4_000_000_000_000_000  # 2096: later than any machine that runs this
HANDLE = "ab" * 32
HERE = Position(lat_e7=353_000_000, lon_e7=-401_400_000)
WHERE = f"notices/{NOTICE}/relay"


def task(unit: str, state: RelayState, due: str | None = None) -> RelayTaskView:
    return RelayTaskView(
        notice=NOTICE,
        unit=unit,
        handle=HANDLE,
        state=state,
        means=Means.RADIO,
        channel="121.5 MHz",
        since=AT,
        at=AT,
        due=due,
        ground="agreed",
        page_until=None,
    )


def risk(unit: str | None, *, is_open: bool = True) -> RiskView:
    return RiskView(
        notice=NOTICE,
        party=PEER,
        unit=unit,
        handle=HANDLE,
        state=UnitState.NOT_REACHED,
        at=AT,
        known=AT,
        open=is_open,
    )


RELAY = RelayView(
    id=NOTICE,
    owner=PEER,
    state="declared",
    units=[
        task("Falcon 1", RelayState.TOLD),
        task("Battery 2", RelayState.TO_TELL, "2030-01-01T10:01:00Z"),
    ],
    others=[risk(None, is_open=False)],
)
UNIT = RelayUnitView(
    name="Falcon 1",
    kind=UnitKind.OWN,
    means=Means.RADIO,
    channel="121.5 MHz",
    within_s=60.0,
    added=AT,
)


@pytest.fixture
def known(node: StandIn) -> None:
    node.lists("notices", [notice()])
    for path in ("words", "picks"):
        node.says("POST", f"{WHERE}/{path}", as_json(RELAY), status=201)
    node.says("GET", WHERE, as_json(RELAY))


def test_the_list_is_shown_and_changed(node: StandIn, ask: Comity) -> None:
    node.lists("relay/units", [as_json(UNIT)])
    shown = ask("hotline", "relay", "units").out
    assert re.split(" {2,}", shown.split("\n")[1]) == [
        "Falcon 1",
        "own",
        "radio, 121.5 MHz",
        "1 min",
    ]
    node.says("POST", "relay/units", as_json(UNIT), status=201)
    words = ("Falcon 1", "--kind", "own", "--by", "radio", "--channel", "121.5 MHz")
    assert ask("hotline", "relay", "add", *words, "--within", "1m30s").code == ExitCode.OK
    assert node.last.body == {
        "name": "Falcon 1",
        "kind": "own",
        "means": "radio",
        "channel": "121.5 MHz",
        "within_s": 90,
    }
    node.says("POST", "relay/removals", {"items": [], "next": None}, status=201)
    assert "stays open" not in ask("hotline", "relay", "remove", "Falcon 1").out
    assert node.last.body == {"name": "Falcon 1"}
    node.lists("relay/units", [])
    assert "no unit is on the list" in ask("hotline", "relay", "units").out


@pytest.mark.usefixtures("known")
def test_words_are_sent_as_typed(node: StandIn, ask: Comity) -> None:
    cases = (
        (("told", NOTICE[:8], "Falcon 1"), "told", None),
        (("told", NOTICE[:8], "Falcon 1", "--answered", "--by", "radio"), "answered", "radio"),
        (("missed", NOTICE[:8], "Falcon 1"), "not-reached", None),
    )
    for words, state, means in cases:
        answer = ask("hotline", "relay", *words)
        assert answer.code == ExitCode.OK, answer.err
        assert node.last.body == {
            "unit": "Falcon 1",
            "state": state,
            "role": "duty officer",
            "at": None,
            "means": means,
            "channel": None,
        }
    ask("hotline", "relay", "pick", NOTICE[:8], "--unit", "Falcon 1", "--unit", "ATC")
    assert node.last.body == {"units": ["Falcon 1", "ATC"], "role": "duty officer"}


@pytest.mark.usefixtures("known")
def test_what_became_of_each_is_shown(ask: Comity) -> None:
    shown = ask("hotline", "relay", "show", NOTICE[:8]).out
    assert "Battery 2  to tell" in shown
    assert "2030-01-01T10:01:00Z" in shown
    assert "unit abababababab of bravo  over" in shown
    assert ask("hotline", "relay", "show", NOTICE[:8], "--json").json() == as_json(RELAY)


def test_open_risks_come_first_ours_by_name_and_others_by_handle(
    node: StandIn, ask: Comity
) -> None:
    found = OpenRelayView(
        risks=[risk("Battery 2"), risk(None)],
        to_tell=[task("Falcon 1", RelayState.TO_TELL, "2030-01-01T10:01:00Z")],
    )
    node.says("GET", "relay/open", as_json(found))
    lines = ask("hotline", "relay", "open").out.split("\n")
    assert lines[0] == "NOT REACHED: 2"
    assert re.match("Battery 2 of bravo +NOT REACHED", lines[2])
    assert lines[3].startswith("unit abababababab of bravo")
    assert "to be told: 1" in lines
    node.says("GET", "relay/open", as_json(OpenRelayView(risks=[], to_tell=[])))
    assert ask("hotline", "relay", "open").out == "no unit is known not to have been reached\n"


def signed(by: str = BRAVO, **changes: int) -> bytes:
    page = replace(relay_page(), **changes)  # type: ignore[arg-type]
    return serialise(sign_note(page_text(page), identity(by).entry))


def page_view(form: Form) -> RelayPageView:
    page = relay_page()
    return RelayPageView(
        unit="ATC",
        shows=page.passed.notice.hex(),
        code=list(page.code),
        until=AT,
        form=form,
        page=drawn(signed(), form).decode(),
        note=signed().decode(),
    )


@pytest.mark.usefixtures("known")
def test_a_page_is_written_in_the_form_that_the_file_is_called(
    node: StandIn, ask: Comity, tmp_path: Path
) -> None:
    for form in Form:
        node.says("POST", f"{WHERE}/pages", as_json(page_view(form)), status=201)
        out = tmp_path / f"atc.{form}"
        answer = ask("hotline", "relay", "link", NOTICE[:8], "ATC", "--out", out)
        assert "ABCDY EFGHS" in answer.out
        assert node.last.body == {"unit": "ATC", "valid_for_s": 3600, "form": form.value}
        assert out.read_bytes() == drawn(signed(), form)
        assert ask("hotline", "relay", "link", NOTICE[:8], "ATC", "--out", out).code == 1
    assert ask("hotline", "relay", "link", NOTICE[:8], "ATC", "--out", "atc.pdf").code == 64
    node.says("POST", f"{WHERE}/pages", as_json(page_view(Form.TEXT)), status=201)
    assert (
        "ALFA BRAVO CHARLIE DELTA YANKEE"
        in ask(*("hotline", "relay", "link", NOTICE[:8], "ATC")).out
    )


@pytest.mark.usefixtures("known")
def test_a_code_is_sent_as_heard(node: StandIn, ask: Comity) -> None:
    right = RelayCodeView(right=True, relay=RELAY)
    node.says("POST", f"{WHERE}/codes", as_json(right), status=201)
    answer = ask("hotline", "relay", "heard", NOTICE[:8], "ATC", "abcdy", "efghs")
    assert node.last.body == {"unit": "ATC", "code": "abcdy efghs", "role": "duty officer"}
    assert "nothing is approved" in answer.out
    node.says("POST", f"{WHERE}/codes", problem("wrong_code", "that is not the code", 409), 409)
    answer = ask("hotline", "relay", "heard", NOTICE[:8], "ATC", "abcdy", "efghs")
    assert (answer.code, "wrong_code" in answer.err) == (ExitCode.REFUSED, True)


@pytest.fixture
def card(tmp_path: Path) -> Path:
    path = tmp_path / "bravo.card"
    path.write_bytes(card_note(identity(BRAVO), "http://127.0.0.1:7102", b""))
    return path


def test_a_page_is_checked_without_a_node(comity: Comity, card: Path, tmp_path: Path) -> None:
    for form in Form:
        file = tmp_path / f"page.{form}"
        file.write_bytes(drawn(signed(until_us=LATE_US), form))
        answer = comity("hotline", "relay", "check", file, "--card", card)
        assert answer.code == ExitCode.OK, answer.err
        assert answer.out.startswith(f"SIGNED by {BRAVO}, and it shows what was signed\n")
        found = comity("hotline", "relay", "check", file, "--card", card, "--json").json()
        assert isinstance(found, dict)
        assert (found["made_by"], found["code"]) == (BRAVO, ["ABCDY", "EFGHS"])


def test_a_page_that_has_run_out_says_so_first_and_does_not_pass(
    comity: Comity, card: Path, tmp_path: Path
) -> None:
    """A script that asks before it acts must not be told that all is well."""
    file = tmp_path / "page.txt"
    made_us = relay_page().made_us
    file.write_bytes(drawn(signed(until_us=made_us + 1), Form.TEXT))
    answer = comity("hotline", "relay", "check", file, "--card", card)
    assert answer.code == ExitCode.REFUSED
    assert answer.out.startswith("EXPIRED at ")
    assert f"SIGNED by {BRAVO}" in answer.out
    answer = comity("hotline", "relay", "check", file, "--card", card, "--json")
    found = answer.json()
    assert isinstance(found, dict)
    assert (answer.code, found["over"]) == (ExitCode.REFUSED, True)


def test_a_page_that_is_not_what_was_signed_is_refused(
    comity: Comity, card: Path, tmp_path: Path
) -> None:
    file = tmp_path / "page.html"
    good = drawn(signed(), Form.HTML)
    cases = (
        (good.replace(b"approves nothing", b"approves all"), "page_differs", 77),
        (drawn(signed(ALPHA), Form.HTML), "not_signed", 77),
        (good.replace(b"BEGIN", b"BEGAN"), "bad_page", 13),
    )
    for data, code, exit_code in cases:
        file.write_bytes(data)
        answer = comity("hotline", "relay", "check", file, "--card", card)
        assert (answer.code, code in answer.err) == (exit_code, True), answer.err
    assert comity("hotline", "relay", "check", file).code == ExitCode.USAGE


def test_a_page_says_heights_as_they_were_given_and_rounds_nothing() -> None:
    page = relay_page()
    circle = Circle(centre=HERE, radius_mm=12_345_678)
    area = replace(_LEVELS, footprint=circle)
    shown = replace(page, passed=replace(page.passed, volumes=(area,)))
    text = drawn(serialise(sign_note(page_text(shown), identity(BRAVO).entry)), Form.TEXT).decode()
    assert "0 m (0 ft) above ground to FL195; QNH 1008 hPa of 2026-09-22T18:20:00Z" in text
    assert "circle of 12.345678 km radius about 35.3000000 N 40.1400000 W" in text


def test_a_unit_of_no_list_is_closed_where_it_was_spoken_of(node: StandIn, ask: Comity) -> None:
    node.says("POST", f"{WHERE}/words", problem("unknown_unit", "no unit is called so"), 422)
    node.says("GET", f"notices/{NOTICE}", notice())
    node.lists("risks", [as_json(risk("patrol 2"))])
    known = ask("hotline", "relay", "told", NOTICE, "patrol 2").err
    assert f"close it with comity ack relay {NOTICE[:12]} --unit 'patrol 2=told'" in known
    unknown = ask("hotline", "relay", "told", NOTICE, "patrol 3")
    assert unknown.code == ExitCode.REFUSED
    assert "what to do: do otherwise" in unknown.err


def test_a_page_of_what_may_not_be_passed_on_says_how_the_unit_is_told(
    node: StandIn, ask: Comity
) -> None:
    refusal = problem("onward_none", "by clause quiet, onward is none", 409)
    node.says("POST", f"{WHERE}/pages", refusal, 409)
    node.says("GET", f"notices/{NOTICE}", notice())
    answer = ask("hotline", "relay", "link", NOTICE, "Tower")
    assert answer.code == ExitCode.REFUSED
    assert "bravo gave this with onward none (onward_none)" in answer.err
    assert f"by voice, then comity hotline relay told {NOTICE[:12]} Tower; or ask" in answer.err
    view = notice()
    assert isinstance(view, dict)
    node.says("GET", f"notices/{NOTICE}", view | {"onward": "full"})
    narrowed = ask("hotline", "relay", "link", NOTICE, "Tower").err
    assert "by clause quiet, onward is none" in narrowed
    assert "or ask" not in narrowed
