"""Wordings: code and English beside what nobody has reviewed; data stays left to right."""

from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.hotline.phrases import phrasebook
from comity.model.fault import Malformed
from comity.model.phrasebook import ENGLISH, Direction, Label, Phrasebook, Value
from comity.model.quantity import Position
from comity.model.wording import both_wordings, is_balanced, isolated, label_text, spoken, wording
from tests.model.bidi import FSI, LRI, PDI, seen

BOOK = phrasebook()
UNTIL_US = 1_537_220_520_000_000
VALUES: tuple[tuple[str, Value], ...] = (
    ("radius", 25_000_000),
    ("until", UNTIL_US),
    ("where", Position(lat_e7=355_000_000, lon_e7=-359_123_456)),
)
DATA = ("35.5,-35.9123456", "25000 m", "2018-09-17T21:42:00Z")
RIGHT_TO_LEFT = [
    name for name, each in BOOK.languages.items() if each.direction is Direction.RIGHT_TO_LEFT
]
RTL_WORDS = "\u05e6\u05e4\u05d5\u05df \u0634\u0645\u0627\u0644"


def reviewed(language: str, code: str) -> Phrasebook:
    """The book as if a reviewer had confirmed one label."""
    found = BOOK.languages[language]
    labels = dict(found.labels)
    labels[code] = replace(labels[code], reviewed_by="a native reviewer, 2026-12-01")
    changed = replace(found, labels=MappingProxyType(labels))
    return replace(BOOK, languages=MappingProxyType({**BOOK.languages, language: changed}))


@pytest.mark.parametrize("language", sorted(BOOK.languages))
@pytest.mark.parametrize("code", sorted(BOOK.phrases))
def test_an_unreviewed_label_stands_beside_code_and_english(language: str, code: str) -> None:
    english = BOOK.languages[ENGLISH].labels[code].text
    text = wording(BOOK, code, (), language=language)
    assert text.startswith(f"{code} {BOOK.phrases[code].name} \u00b7 {english}")
    label = BOOK.languages[language].labels.get(code)
    if language != ENGLISH:
        assert (label is not None) == ("not reviewed" in text)
    assert label is None or label.text in text


def test_a_reviewed_label_stands_with_its_code_alone() -> None:
    book = reviewed("ru", "X")
    label = book.languages["ru"].labels["X"].text
    assert label_text(book, book.phrases["X"], "ru") == f"X \u00b7 {label}"
    assert "not reviewed" in label_text(book, book.phrases["KC"], "ru")


def test_sender_and_reader_see_both() -> None:
    both = both_wordings(BOOK, "KC", VALUES, sender="ru", reader="ar", words="by the river")
    assert BOOK.languages["ru"].labels["KC"].text in both.sender
    assert BOOK.languages["ar"].labels["KC"].text in both.reader
    for text in (both.sender, both.reader):
        assert all(isolated(each) in text for each in DATA)
        assert f"free text, untranslated: {FSI}by the river{PDI}" in text


def test_a_language_that_is_not_there_reads_as_english() -> None:
    assert wording(BOOK, "X", (), language="fr") == wording(BOOK, "X", (), language=ENGLISH)
    with pytest.raises(Malformed) as caught:
        wording(BOOK, "ZZ", (), language=ENGLISH)
    assert caught.value.code == "unknown_code"


# --- direction ----------------------------------------------------------------------------------


@pytest.mark.parametrize("paragraph", [0, 1])
@pytest.mark.parametrize("language", [*RIGHT_TO_LEFT, "ru"])
def test_data_is_seen_left_to_right(language: str, paragraph: int) -> None:
    text = wording(BOOK, "KC", VALUES, language=language, words=RTL_WORDS)
    shown = seen(text, paragraph)
    assert all(each in shown for each in DATA)


def test_the_oracle_sees_what_isolates_are_for() -> None:
    for data in DATA[:2]:
        assert data not in seen(f"{RTL_WORDS} {data}", 1)
        assert data in seen(f"{RTL_WORDS} {isolated(data)}", 1)


def test_the_oracle_orders_as_the_standard_does() -> None:
    hebrew = "\u05d0\u05d1\u05d2"
    assert seen("abc 12", 0) == "abc 12"
    assert seen(hebrew, 1) == hebrew[::-1]
    assert seen(f"{hebrew} 12", 1) == f"12 {hebrew[::-1]}"
    assert seen(f"ab {hebrew} 12 cd", 0) == f"ab 12 {hebrew[::-1]} cd"
    assert seen(f"ab {FSI}{hebrew}{PDI} 12", 0) == f"ab {hebrew[::-1]} 12"
    assert seen("\u0627 1-2", 1) == "2-1 \u0627"  # Arabic: the numbers part at a hyphen


@given(
    lat=st.integers(-900_000_000, 900_000_000),
    lon=st.integers(-1_800_000_000, 1_800_000_000),
    words=st.text("\u05d0\u05d1\u0627\u0628 ab1,-()", max_size=20).map(str.strip),
    paragraph=st.sampled_from([0, 1]),
)
def test_no_place_and_no_words_turn_a_coordinate(
    lat: int, lon: int, words: str, paragraph: int
) -> None:
    place = Position(lat_e7=lat, lon_e7=lon)
    text = wording(BOOK, "X", (("where", place),), language="ar", words=words)
    first, _, rest = text.partition(LRI)[2].partition(PDI)
    assert first in seen(text, paragraph)
    assert is_balanced(text)
    assert rest.count(FSI) == bool(words)
    lat_text, lon_text = first.split(",")
    assert (round(float(lat_text) * 10**7), round(float(lon_text) * 10**7)) == (lat, lon)


def test_a_label_cannot_hold_a_direction_mark() -> None:
    for mark in (LRI, FSI, PDI, "\u202e", "\u200f"):
        with pytest.raises(Malformed):
            Label(text=f"a{mark}b")


@pytest.mark.parametrize(
    ("text", "balanced"),
    [("", True), ("a", True), (f"{LRI}a{PDI}", True), (f"{PDI}a{LRI}", False), (LRI, False)],
)
def test_isolates_are_balanced_or_not(text: str, balanced: bool) -> None:  # noqa: FBT001
    assert is_balanced(text) is balanced


def test_every_code_is_spoken_apart() -> None:
    said = {spoken(code) for code in BOOK.phrases}
    assert len(said) == len(BOOK.phrases)
    assert spoken("E1") == "ECHO (ECK-OH) ONE (WUN)"
