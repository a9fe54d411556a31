"""A message about a notice says of what it is: in the list, alone, and before it is read back."""

import pytest

from comity.cli.hotline_about import place_text, times_text
from comity.web.api.shapes import Footprint
from tests.cli.stand_in import NOTICE, Comity, StandIn, notice, party, status
from tests.cli.stand_in import as_json as plain
from tests.cli.test_hotline import MESSAGE, view

SAYS = f"about N1 {NOTICE[:12]} of bravo: circle 10 km about 35.5,35.7, 10:00Z to 10:30Z, declared"


@pytest.fixture
def stop(node: StandIn) -> None:
    """A STOP about a notice, and nothing else: what it is about is all that it says."""
    said = view(about=NOTICE, values={}, reader_wording="X STOP", sender_wording="X STOP")
    node.lists("parties", [plain(party())])
    node.lists("open-messages", [said])
    for path in ("messages", "open-messages", "messages?language=en", "open-messages?language=en"):
        node.lists(path, [said])
    node.says("GET", f"messages/{MESSAGE}?language=en", said)
    node.says("GET", f"notices/{NOTICE}", notice())
    node.says("GET", "status", status(open_messages=1))
    node.says("POST", f"messages/{MESSAGE}/answers", said, 201)


@pytest.mark.usefixtures("stop")
@pytest.mark.parametrize("words", [("inbox",), ("inbox", "--open"), ("answer", MESSAGE[:8], "W")])
def test_what_a_stop_is_about_stands_below_it(ask: Comity, words: tuple[str, ...]) -> None:
    lines = [each.strip() for each in ask("hotline", *words).out.splitlines()]
    assert lines[lines.index("X STOP") + 1] == SAYS


@pytest.mark.usefixtures("stop")
def test_it_stands_in_the_status_and_beside_one_message(ask: Comity) -> None:
    assert SAYS in ask("status").out
    shown = " ".join(ask("hotline", "show", MESSAGE[:8]).out.split())
    assert SAYS in shown
    assert f"its id {NOTICE}" in shown


@pytest.mark.usefixtures("stop")
def test_what_cannot_be_looked_up_hides_no_stop(node: StandIn, ask: Comity) -> None:
    node.says("GET", f"notices/{NOTICE}", None, 503)
    shown = ask("hotline", "inbox").out
    assert "X STOP" in shown
    assert f"about {NOTICE[:12]}: nothing is here" in shown


@pytest.mark.usefixtures("stop")
def test_it_may_be_about_a_message(node: StandIn, ask: Comity) -> None:
    node.script.answers.pop(("GET", f"/api/v1/notices/{NOTICE}"))
    node.says("GET", f"messages/{NOTICE}", view(id=NOTICE))
    assert f"about X STOP {NOTICE[:12]} of bravo" in ask("hotline", "inbox").out


def test_places_and_windows_are_short_and_lose_nothing() -> None:
    ring = [(35.5, 35.7), (35.6, 35.7), (35.6, 35.9)]
    assert place_text(Footprint(polygon=ring)) == "polygon of 3 corners at 35.5,35.7"
    way = Footprint(line=ring, half_width_m=900.0)
    assert place_text(way) == "corridor 900 m either side of 35.5,35.7 to 35.6,35.9"
    exact = Footprint(centre=(-35.1234567, 40.0), radius_m=30_500.0)
    assert place_text(exact) == "circle 30.5 km about -35.1234567,40"
    day, next_day = "2030-01-01T03:45:07Z", "2030-01-02T00:10:00Z"
    assert times_text(day, next_day, day) == "2030-01-01 03:45:07Z to 2030-01-02 00:10Z"
    assert times_text(day, day, next_day) == "2030-01-01 03:45:07Z to 03:45:07Z"
