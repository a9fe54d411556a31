"""What leaves by an outlet: ids, kinds, parties, times; places and units only where they may."""

import json
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.model.outlet import Details, Group, Outlet
from comity.outlets.letter import letter_of, trial_letter
from comity.outlets.thing import Thing
from tests.outlets.samples import (
    AT_US,
    BRAVO,
    FULL,
    ID,
    ORIGIN,
    PLACE,
    UNIT,
    night,
    pager,
    thing,
)

MINUTE_US = 60_000_000


def mail_of(outlet: Outlet, told: Thing) -> EmailMessage:
    body = letter_of(outlet, told, ID, origin=ORIGIN, made_us=AT_US).body
    found = message_from_bytes(body, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def words_of(outlet: Outlet, told: Thing) -> str:
    """Everything that a reader of the letter can see."""
    body = letter_of(outlet, told, ID, origin=ORIGIN, made_us=AT_US).body
    if outlet.name == "night":
        found = mail_of(outlet, told)
        return f"{dict(found.items())}{found.get_content()}"
    return body.decode()


@pytest.mark.parametrize("make", [night, pager])
def test_a_place_and_a_unit_leave_only_where_full_is_asked_for(
    make: Callable[..., Outlet],
) -> None:
    least, full = words_of(make(), thing()), words_of(make(details=FULL), thing())
    assert UNIT not in least
    assert PLACE not in least
    assert UNIT in full
    assert PLACE in full
    assert least.count("stay at the node") == 1
    assert "stay at the node" not in full


def test_a_mail_says_what_since_when_of_whom_by_when_and_what_to_do() -> None:
    told = thing(
        kind="X", title="X STOP", group=Group.MESSAGE, due_us=AT_US + 3 * MINUTE_US, over_us=None
    )
    found = mail_of(night(), told)
    assert found["Subject"] == "[comity alpha] X STOP, bravo"
    assert found["Date"] == "Sun, 22 Nov 2026 12:00:00 +0000"
    about = bytes(range(32, 64)).hex()
    lines = found.get_content().splitlines()
    assert lines[:6] == [
        "what:         X STOP",
        "kind:         X",
        f"party:        {BRAVO}",
        "since:        2026-11-22T12:00:00Z",
        "answer by:    2026-11-22T12:03:00Z",
        "safety floor: yes",
    ]
    assert lines[6:8] == ["what to do:   comity status", f"about:        {about}"]
    assert "An answer means received and understood, never approved." in lines
    assert any("answer at the node" in line for line in lines)
    assert all("http" not in line for line in lines)  # a click would prove little: none is offered


def test_json_says_the_same() -> None:
    body = letter_of(pager(), thing(over_us=AT_US), ID, origin=ORIGIN, made_us=AT_US).body
    whole = json.loads(body)
    assert (whole["type"], whole["timestamp"]) == ("comity.warning", "2026-11-22T12:00:00Z")
    data = whole["data"]
    assert data["id"] == bytes(range(32)).hex()
    assert data["about"] == bytes(range(32, 64)).hex()
    assert data["over_since"] == "2026-11-22T12:00:00Z"
    assert "never approved" in data["note"]
    assert "details" not in data
    assert "answer_by" not in data


@settings(max_examples=50)
@given(words=st.text(max_size=400), kind=st.sampled_from(["unable", "conflict"]))
def test_no_words_of_others_make_a_header_or_break_the_json(words: str, kind: str) -> None:
    told = thing(kind=kind, title=f"warning {kind}", words=words)
    found = mail_of(night(details=FULL), told)
    assert len(found.items()) == len(mail_of(night(), thing()).items())
    assert found["X-Comity-Id"] == told.of.hex()
    body = letter_of(pager(details=FULL), told, ID, origin=ORIGIN, made_us=AT_US).body
    assert json.loads(body)["data"].get("details", "") == words


def test_letters_are_made_the_same_again() -> None:
    for outlet in (night(), pager(), night(details=Details.FULL)):
        one = letter_of(outlet, thing(), ID, origin=ORIGIN, made_us=AT_US)
        other = letter_of(outlet, thing(), ID, origin=ORIGIN, made_us=AT_US)
        assert (one, one.digest) == (other, other.digest)


@pytest.mark.parametrize("outlet", [night(), pager()])
def test_a_test_says_that_it_is_one(outlet: Outlet) -> None:
    body = trial_letter(outlet, ID, origin=ORIGIN, made_us=AT_US).body.decode()
    assert "nothing has happened" in body
