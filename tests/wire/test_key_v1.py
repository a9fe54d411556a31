"""Statements about keys: one text for each, and no other text."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.model.fault import Malformed
from comity.wire.key_v1 import KeyText, RevokeText, parse_statement, statement_text
from tests.model.saying_no import says_no
from tests.wire.vectors import ALPHA

NOW = 1_800_000_000_000_000
KEY = KeyText(origin=ALPHA, role="entry", because="rotation", old="o+1+A", new="n+2+B", made_us=NOW)
REVOKE = RevokeText(origin=ALPHA, role="log", key="o+1+A", to=7, since_us=NOW, made_us=NOW)
TEXTS = (statement_text(KEY), statement_text(REVOKE))


def test_what_is_written_is_read_again() -> None:
    bare = RevokeText(origin=ALPHA, role="log", key="o", to=None, since_us=None, made_us=NOW)
    first = KeyText(origin=ALPHA, role="log-mldsa", because="loss", old=None, new="n", made_us=NOW)
    for statement in (KEY, REVOKE, bare, first):
        assert parse_statement(statement_text(statement)) == statement


@given(st.sampled_from(TEXTS), st.integers(0, 400), st.sampled_from("\n -0x~"))
def test_an_edited_text_says_what_it_is_or_nothing(text: str, at: int, more: str) -> None:
    edited = text[:at] + more + text[at + 1 :]
    with suppress(Malformed):
        assert statement_text(parse_statement(edited)) == edited


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (TEXTS[0], "because rotation", "because weather"),
        (TEXTS[0], "role entry\n", ""),
        (TEXTS[0], "role entry\n", "role entry\nrole entry\n"),
        (TEXTS[0], "comity/key@v1", "comity/key@v2"),
        (TEXTS[0], f"made {NOW}", f"made {NOW}\nmore x"),
        (TEXTS[1], "to 7\nsince", "since"),
    ],
)
def test_what_is_no_statement_is_refused(text: str, old: str, new: str) -> None:
    assert old in text
    with says_no("bad_statement"):
        parse_statement(text.replace(old, new, 1))


def test_times_are_times() -> None:
    with pytest.raises(Malformed):
        parse_statement(TEXTS[1].replace(f"since {NOW}", "since 5"))
    with pytest.raises(Malformed):
        parse_statement(TEXTS[0].replace(f"made {NOW}", "made 0"))
