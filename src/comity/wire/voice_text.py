"""The voice form as people write and say it: letters with spaces and dashes, or spelling words.

A word is taken for its letter if all that was given are spelling words or single letters, and any
word that no group can be (with I, O or U) always. Numbers that begin a line count groups and are
passed over. Anything else is refused by name. Called by `voice_v1` and the command line.
"""

import re
from string import ascii_lowercase, ascii_uppercase
from types import MappingProxyType

from comity.model.fault import Malformed
from comity.wire.voice_code import GROUP_LETTERS, GROUPS_MAX, LETTERS

__all__ = ["WORDS", "groups_in", "spelled"]

# Letters and their words, ICAO Annex 10 volume II; those of I, O and U never occur.
WORDS = MappingProxyType(
    {
        word[0]: word
        for word in (
            *("ALFA", "BRAVO", "CHARLIE", "DELTA", "ECHO", "FOXTROT", "GOLF", "HOTEL"),
            *("JULIETT", "KILO", "LIMA", "MIKE", "NOVEMBER", "PAPA", "QUEBEC", "ROMEO"),
            *("SIERRA", "TANGO", "VICTOR", "WHISKEY", "XRAY", "YANKEE", "ZULU"),
        )
    }
)
_HEARD = {word: letter for letter, word in WORDS.items()} | {
    "ALPHA": "A",
    "JULIET": "J",
    "WHISKY": "W",
}
_TEXT_CHARS_MAX = 16 * GROUPS_MAX * GROUP_LETTERS  # the longest word and its surroundings, each
_UPPER = str.maketrans(ascii_lowercase, ascii_uppercase)  # no other letter becomes one of ours
_NUMBER = re.compile(r"^\s*\d{1,2}\b[.:)]?", re.ASCII | re.MULTILINE)
_X_RAY = re.compile(r"(?<![A-Z])X[- ]RAY(?![A-Z])")
_APART = re.compile(r"[\s,;./\-\u2010-\u2015]+")


def spelled(group: str) -> str:
    """A group by spelling words."""
    return " ".join(WORDS[letter] for letter in group)


def groups_in(text: str) -> tuple[str, ...]:
    """The groups of five letters in what somebody wrote down.

    Raises:
        Malformed: `voice_letter` for what is no letter of the voice form, `voice_length` for a
            group of more or fewer than five.
    """
    if len(text) > _TEXT_CHARS_MAX:
        raise Malformed(f"a message has at most {GROUPS_MAX} groups", code="voice_length")
    lines = [
        [word for word in _APART.split(line) if word]
        for line in _X_RAY.sub("XRAY", _NUMBER.sub("", text.translate(_UPPER))).splitlines()
    ]
    lines = [line for line in lines if line]
    words = [word for line in lines for word in line]
    if not words:
        raise Malformed("no group was given", code="voice_length")
    if all(word in _HEARD or len(word) == 1 for word in words):
        return _grouped(["".join(_HEARD.get(word, word) for word in line) for line in lines])
    return _grouped(
        [_HEARD[word] if word in _HEARD and _is_no_group(word) else word for word in words]
    )


def _is_no_group(word: str) -> bool:
    return any(letter not in LETTERS for letter in word)


def _grouped(pieces: list[str]) -> tuple[str, ...]:
    """By the pieces, if most of them are groups, so that a wrong one can be named; else by five."""
    for letter in "".join(pieces):
        if letter not in LETTERS:
            raise Malformed(
                f"{letter!r} is no letter of the voice form: it has neither I, O and U nor digits",
                code="voice_letter",
            )
    whole = [len(piece) == GROUP_LETTERS for piece in pieces]
    if 2 * sum(whole) > len(whole):
        for at, piece in enumerate(pieces, start=1):
            if len(piece) != GROUP_LETTERS:
                raise Malformed(
                    f"group {at} has {len(piece)} letters, not {GROUP_LETTERS}: ask for it again",
                    code="voice_length",
                )
        return tuple(pieces)
    letters = "".join(pieces)
    if len(letters) % GROUP_LETTERS:
        raise Malformed(
            f"{len(letters)} letters are no groups of {GROUP_LETTERS}: write them in groups, and "
            "the one that is wrong can be named",
            code="voice_length",
        )
    return tuple(letters[at : at + GROUP_LETTERS] for at in range(0, len(letters), GROUP_LETTERS))
