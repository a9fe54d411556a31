"""`comity hotline line|gaps|linecheck|watch`: what is shown of what a node says; what is sent."""

import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.cli.exit_codes import ExitCode
from comity.cli.hotline_watch import Told, events_in
from comity.web.api.event_views import Event, Place
from comity.web.api.shapes_lines import CheckView, DownView, GapView, LineCheckView, LineView
from comity.wire.canonical import Json
from tests.cli.stand_in import PEER, Comity, StandIn, as_json, party

US = "alpha.example/comity/2026"
CHECK = CheckView(
    message="77" * 32,
    asker=US,
    asker_role="duty officer",
    answerer_role="watch officer",
    asked="2030-01-01T06:31:00Z",
    answered="2030-01-01T06:31:12Z",
    round_trip_s=12.4,
    there_s=11.9,
)
GAP = GapView(
    party=PEER,
    start="2030-01-01T02:00:00Z",
    end="2030-01-01T04:10:05Z",
    seconds=7_805.0,
    entries=[311, 318],
    head_before=310,
    head_after=317,
    down=[DownView(start="2030-01-01T02:30:00Z", end="2030-01-01T02:45:00Z")],
)


def view(**more: object) -> Json:
    whole: dict[str, object] = {
        "party": "bravo",
        "origin": PEER,
        "state": "suspended",
        "since": "2030-01-01T04:00:00Z",
        "reason": "bravo suspended flight-safety: a quarrel",
        "heard": "2030-01-01T09:00:00Z",
        "contact": "2030-01-01T09:00:00Z",
        "contact_entry": 412,
        "silent_after_s": 90.0,
        "gap": None,
        "gaps": 1,
        "check": LineCheckView(
            next="2030-01-01T12:30:00Z", open_since=None, overdue=False, last=CHECK
        ),
    }
    return as_json(LineView(**(whole | more)))  # type: ignore[arg-type]


def test_each_line_is_one_row(node: StandIn, ask: Comity) -> None:
    new = view(party="charlie", state="new", since=None, contact=None, heard=None, check=None)
    node.lists("lines", [view(), new])
    answer = ask("hotline", "line")
    assert answer.code == ExitCode.OK
    head, bravo, charlie = answer.out.splitlines()
    assert head.split("  ")[0] == "party"
    assert "suspended" in bravo
    assert "next at 2030-01-01T12:30:00Z" in bravo
    assert charlie.split() == ["charlie", "new", "-", "-", "1", "none", "yet"]


def test_one_line_is_shown_with_its_gaps(node: StandIn, ask: Comity) -> None:
    node.lists("parties", [as_json(party())])
    node.lists("lines", [view(), view(party="charlie", origin="charlie.example/c")])
    node.lists(f"gaps?party={PEER.replace('/', '%2F')}", [as_json(GAP)])
    answer = ask("hotline", "line", "bravo")
    assert answer.code == ExitCode.OK, answer.err
    for words in (
        "bravo suspended flight-safety: a quarrel",
        "2030-01-01T09:00:00Z, by the head in entry 412",
        "12.4 s by our clock, 11.9 s by its own",
        "2 h 10 min",
        "311 318",
        "310 and 317",
        "2030-01-01T02:30:00Z to 2030-01-01T02:45:00Z",
    ):
        assert words in answer.out
    assert "charlie" not in answer.out


def test_a_gap_that_lasts_says_so(node: StandIn, ask: Comity) -> None:
    lasting = as_json(
        GapView(
            party=PEER,
            start="2030-01-01T02:00:00Z",
            end=None,
            seconds=95.0,
            entries=[311],
            head_before=310,
            head_after=None,
            down=[],
        )
    )
    node.lists("gaps", [lasting])
    assert "not over" in ask("hotline", "gaps").out
    assert ask("hotline", "gaps", "--json").json() == [lasting]
    node.lists("gaps", [])
    assert ask("hotline", "gaps").out == "no gap is on record\n"


@pytest.mark.parametrize(("overdue", "word"), [(False, "DUE"), (True, "OVERDUE")])
def test_a_check_that_is_open_stands_out(
    node: StandIn, ask: Comity, *, overdue: bool, word: str
) -> None:
    open_ = LineCheckView(
        next="2030-01-01T12:30:00Z", open_since="2030-01-01T06:30:00Z", overdue=overdue, last=None
    )
    node.lists("lines", [view(check=open_)])
    answer = ask("hotline", "linecheck")
    assert f" {word} since 2030-01-01T06:30:00Z" in answer.out
    assert "never" in answer.out


def test_a_check_is_sent_as_a_message(node: StandIn, ask: Comity) -> None:
    node.lists("parties", [as_json(party())])
    node.says("POST", "messages", {"code": "L1"}, status=201)
    words = ("bravo", "--role", "watch officer", "--person", "Capt. Ivanova", "--json")
    assert ask("hotline", "linecheck", *words).code == ExitCode.OK
    assert node.last.body == {
        "code": "L1",
        "to": PEER,
        "role": "watch officer",
        "values": {},
        "about": None,
        "language": "en",
        "words": "Capt. Ivanova",
    }


def test_a_node_that_was_never_reached_is_not_waited_for(ask: Comity, node: StandIn) -> None:
    node.says("GET", "events", {"code": "scope_missing", "title": "t", "status": 403}, status=403)
    assert ask("hotline", "watch").code != ExitCode.OK


@pytest.mark.parametrize(
    ("option", "text", "says"),
    [
        ("--after", "\uff11-0", "two numbers"),
        ("--after", "1-0\n", "two numbers"),
        ("--after", "é", "two numbers"),
        ("--kind", "notices", "warning-raised"),
    ],
)
def test_what_no_event_is_called_is_refused_before_the_node_is_asked(
    ask: Comity, node: StandIn, option: str, text: str, says: str
) -> None:
    node.says("GET", "events", {"code": "scope_missing", "title": "t", "status": 403}, status=403)
    answer = ask("hotline", "watch", option, text)
    assert (answer.code, says in answer.err) == (ExitCode.USAGE, True), answer.err


@pytest.mark.parametrize("key", ["é", "ключ", "two\nlines"])
def test_a_key_that_cannot_be_sent_is_refused_by_name(ask: Comity, node: StandIn, key: str) -> None:
    node.lists("parties", [as_json(party())])
    answer = ask("hotline", "linecheck", "bravo", "--once", key)
    assert (answer.code, "bad_idempotency_key" in answer.err) == (ExitCode.BAD_INPUT, True)


def lines(text: str) -> Iterator[str]:
    """As they are read from a connection that ends after `text`."""
    return (line.rstrip("\n") for line in io.StringIO(text, newline="\n"))


EVENTS = st.lists(
    st.builds(
        Event,
        kind=st.sampled_from(["entry", "notice", "warning-raised"]),
        says=st.dictionaries(st.sampled_from(["text", "at", "id"]), st.text(max_size=9)),
        after=st.builds(Place, entries=st.integers(0, 99), changes=st.integers(0, 99)),
    ),
    max_size=5,
)


@given(EVENTS, st.integers(0, 400))
def test_what_is_read_of_a_stream_is_what_was_written_whole(events: list[Event], cut: int) -> None:
    whole = "".join(event.text().decode() for event in events)
    wanted = [
        Told(kind=event.kind, id=event.after.text, says={**event.says})  # type: ignore[dict-item]
        for event in events
    ]
    assert list(events_in(lines(whole))) == wanted
    beats = whole.replace("\n\n", "\n\n: still here\n\n")
    assert list(events_in(lines(beats))) == wanted
    some = list(events_in(lines(whole[:cut])))
    assert some == wanted[: len(some)]
    assert sum(len(event.text().decode()) for event in events[: len(some)]) <= cut
