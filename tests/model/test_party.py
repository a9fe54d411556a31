"""Origins and cards: one grammar, and the exercise that an origin belongs to."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.model.fault import Malformed
from comity.model.party import ORIGIN_BYTES_MAX, Card, check_origin, exercise_of, party_name
from tests.model.saying_no import says_no

ORIGIN = "alpha.example/comity/2026"


@pytest.mark.parametrize(
    "text",
    [ORIGIN, "a/b", "a-1.example/X_y.z", f"{ORIGIN}/exercise/latakia-2018", "a/" + "b" * 253],
)
def test_origins_pass(text: str) -> None:
    assert check_origin(text) == text


NO_ORIGINS = [
    *("", "a", "a/", "/a", "a//b", "a b/c", "A/b", "-a/b", "a-/b", "a/b+c", "a/-b", "a/b/"),
    *("a/b\n", "https://a/b", "a/\u0431", "a/\ud800", "a\u2028/b"),
    "a/" + "b" * (ORIGIN_BYTES_MAX - 1),
]


@pytest.mark.parametrize("text", NO_ORIGINS)
def test_other_names_are_refused(text: str) -> None:
    with says_no("bad_origin"):
        check_origin(text)


@given(st.text())
def test_any_text_is_an_origin_or_malformed(text: str) -> None:
    with suppress(Malformed):
        assert check_origin(text).isascii()


def test_an_exercise_shows_in_the_origin() -> None:
    assert exercise_of(ORIGIN) is None
    assert exercise_of("exercise.example/comity/2026") is None
    assert exercise_of(f"{ORIGIN}/exercise/latakia") == "latakia"
    assert party_name(f"{ORIGIN}/exercise/latakia") == "alpha"


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("http://127.0.0.1:7101", True),
        ("https://[::1]:443", True),
        ("https://alpha.example:7101", True),
        ("https://alpha.example", False),
        ("http://alpha.example:7101", False),
        ("ftp://alpha.example", False),
        ("http://alpha.example/path", False),
        ("http://user@alpha.example", False),
        ("http://alpha.example\n", False),
        ("http://", False),
    ],
)
def test_an_address_is_a_host_and_a_port(address: str, good: bool) -> None:  # noqa: FBT001 - a case
    if good:
        assert card(address).address == address
        return
    with says_no("bad_address"):
        card(address)


def card(address: str) -> Card:
    return Card(
        origin=ORIGIN,
        address=address,
        entry_key="",
        log_key="",
        cosigner_key="",
        tls_certificate=b"certificate" if address.startswith("https") else b"",
    )
