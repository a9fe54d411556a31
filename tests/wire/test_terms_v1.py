"""The text of an agreement: the same bytes on both sides, or no agreement."""

from contextlib import suppress
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.model.agreement import DEFAULT, Parameters, Terms
from comity.model.fault import Malformed
from comity.wire.terms_v1 import parameters_from, parse_terms, terms_hash, terms_text
from tests.model.saying_no import says_no

pytestmark = pytest.mark.timeout(120)  # seconds: the long profile draws 2,000 examples

ALPHA, BRAVO = "alpha.example/comity/2026", "bravo.example/comity/2026"
TERMS = Terms(parties=(ALPHA, BRAVO), version=1, parameters=DEFAULT)
TEXT = terms_text(TERMS)
NAMES = [field.name for field in fields(Parameters)]

parameters = st.fixed_dictionaries(
    {name: st.integers(1_000_000, 100_000_000) for name in NAMES}
).map(lambda values: Parameters(**values))


@given(parameters, st.integers(1, 2**63 - 1))
def test_terms_round_trip(numbers: Parameters, version: int) -> None:
    terms = Terms(parties=(ALPHA, BRAVO), version=version, parameters=numbers)
    assert parse_terms(terms_text(terms)) == terms


@given(st.data())
def test_a_changed_character_is_another_agreement_or_none(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(TEXT) - 1))
    character = data.draw(st.characters().filter(lambda c: c != TEXT[at]))
    with suppress(Malformed):
        found = parse_terms(TEXT[:at] + character + TEXT[at + 1 :])
        assert found != TERMS
        assert terms_hash(found) != terms_hash(TERMS)


@given(st.text(max_size=200))
def test_any_text_is_terms_or_malformed(text: str) -> None:
    for each in (text, TEXT + text, TEXT[:99] + text):
        with suppress(Malformed):
            assert terms_text(parse_terms(each)) == each


LINES = TEXT.split("\n")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_terms"),
        (TEXT[:-1], "bad_terms"),
        (TEXT + "\n", "bad_number"),
        (TEXT.replace("v1", "v2"), "bad_terms"),
        (TEXT.replace("\n", "\r\n"), "bad_number"),
        ("\n".join([LINES[0], LINES[2], LINES[1], *LINES[3:]]), "bad_parties"),
        ("\n".join([*LINES[:4], *LINES[5:]]), "bad_terms"),  # a parameter left out
        ("\n".join([*LINES[:4], LINES[5], LINES[4], *LINES[6:]]), "bad_terms"),
        ("\n".join([*LINES[:5], LINES[4], *LINES[5:]]), "bad_terms"),  # and one said twice
        ("\n".join([*LINES[:-1], "warhead 1", ""]), "bad_parameter"),
        (TEXT.replace("version 1", "version 01"), "bad_number"),
        (TEXT.replace("version 1", "version 0"), "bad_parameter"),
    ],
)
def test_other_texts_are_refused(text: str, code: str) -> None:
    with says_no(code):
        parse_terms(text)


def test_names_and_numbers_give_parameters() -> None:
    assert parameters_from({}) == DEFAULT
    assert parameters_from({"margin_us": 0}) == replace(DEFAULT, margin_us=0)
    with says_no("bad_parameter"):
        parameters_from({"margin": 0})
    with says_no("bad_parameter"):
        parameters_from({"margin_us": -1})
