"""The voice form as people write it: cases, dashes, numbers, spelling words; refusals by name."""

import pytest
from hypothesis import given

from comity.cli.hotline_said import group_lines
from comity.model.fault import Malformed
from comity.wire.voice_code import LETTERS
from comity.wire.voice_text import WORDS, groups_in, spelled
from comity.wire.voice_v1 import voice_groups
from tests.model.voice_samples import circle_notice, spoken

GROUPS = voice_groups(circle_notice())
PLAIN = " ".join(GROUPS)
SPELLED = " ".join(spelled(group) for group in GROUPS)


def test_every_letter_has_a_word_of_its_own_that_begins_with_it() -> None:
    assert [*WORDS] == [*LETTERS]
    assert all(word[0] == letter for letter, word in WORDS.items())
    assert len({word[:2] for word in WORDS.values()}) == len(WORDS)


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.lower(),
        PLAIN.replace(" ", ""),
        PLAIN.replace(" ", "-"),
        PLAIN.replace(" ", " / "),
        PLAIN.replace(" ", "\n"),
        PLAIN.replace(" ", "\u2013"),
        " ".join(PLAIN),
        SPELLED,
        SPELLED.lower(),
        SPELLED.replace("XRAY", "X-RAY"),
        SPELLED.replace("XRAY", "X ray"),
        SPELLED.replace("ALFA", "ALPHA").replace("JULIETT", "Juliet"),
        SPELLED.replace(" ", ","),
        SPELLED.replace("BRAVO", "B"),
        "\n".join(group_lines(GROUPS, spell=False)),
        "\n".join(group_lines(GROUPS, spell=True)),
        "\n".join(f"{at}. {group}" for at, group in enumerate(GROUPS, start=1)),
    ],
)
def test_the_same_groups_are_read_however_they_are_written(text: str) -> None:
    assert groups_in(text) == GROUPS


@given(spoken)
def test_what_is_printed_is_read(each: object) -> None:
    groups = voice_groups(each)  # type: ignore[arg-type]
    for spell in (False, True):
        assert groups_in("\n".join(group_lines(groups, spell=spell))) == groups


def test_groups_that_look_like_words_are_groups() -> None:
    groups = ("NDELT", "DELTA", "ALPHA", "PAPAX")
    assert groups_in("NDELT DELTA ALPHA PAPAX") == groups


@pytest.mark.parametrize(
    ("text", "code", "why"),
    [
        ("", "voice_length", "no group"),
        ("  \n 1. \n", "voice_length", "no group"),
        (PLAIN.replace("NRABB", "NRAB"), "voice_length", "group 1 has 4 letters, not 5"),
        (PLAIN.replace("MEAAL", "MEAALL"), "voice_length", "group 14 has 6 letters, not 5"),
        (PLAIN.replace(" ", "")[:-1], "voice_length", "74 letters"),
        (
            "\n".join(group_lines(GROUPS, spell=True)).replace("NOVEMBER ROMEO", "NOVEMBER", 1),
            "voice_length",
            "group 1 has 4 letters",
        ),
        (PLAIN.replace("NRABB", "NRAB8"), "voice_letter", "'8' is no letter"),
        (PLAIN.replace("NRABB", "NRABO"), "voice_letter", "'O' is no letter"),
        (PLAIN.replace("NRABB", "NRAB\u0412"), "voice_letter", "'\u0412' is no letter"),
        (PLAIN.replace("NRABB", "NRAB\u017f"), "voice_letter", "'\u017f' is no letter"),
        (SPELLED.replace("ZULU", "INDIA"), "voice_letter", "'I' is no letter"),
        (PLAIN * 40, "voice_length", "at most 44"),
        ("\x00" * 5, "voice_letter", "is no letter"),
    ],
)
def test_what_is_no_group_is_refused_by_name(text: str, code: str, why: str) -> None:
    with pytest.raises(Malformed, match=why) as error:
        groups_in(text)
    assert error.value.code == code
