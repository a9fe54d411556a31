"""How a phrase reads: the sender's wording and the reader's, side by side, and how it is spoken.

A label that no native reviewer has confirmed never stands without its code and the English.
Numbers, times and coordinates are data: never translated, and kept left to right inside
right-to-left text by the isolates of Unicode (UAX 9). Pure. Called by hotline and the doors.
"""

from dataclasses import dataclass

from comity.model.phrasebook import (
    ENGLISH,
    Direction,
    Phrase,
    Phrasebook,
    PhraseField,
    Value,
    ValueKind,
    Values,
)
from comity.model.quantity import DEGREE_E7, Position, instant_text

__all__ = [
    "ISOLATES",
    "BothWordings",
    "both_wordings",
    "is_balanced",
    "isolated",
    "label_text",
    "spoken",
    "value_text",
    "wording",
]

_LRI, _FSI, _PDI = "\u2066", "\u2068", "\u2069"
ISOLATES = _LRI + _FSI + _PDI
_GAP = " \u00b7 "
_MM_PER_M = 1_000
_HZ_PER_KHZ = 1_000
# The spelling alphabet of ICAO Annex 10 and of the ITU Radio Regulations, with the pronunciation
# of the FAA Aeronautical Information Manual, table 4-2-2 (a work of the United States government).
_ALPHABET = """
ALFA AL-FAH
BRAVO BRAH-VOH
CHARLIE CHAR-LEE
DELTA DELL-TAH
ECHO ECK-OH
FOXTROT FOKS-TROT
GOLF GOLF
HOTEL HOH-TEL
INDIA IN-DEE-AH
JULIETT JEW-LEE-ETT
KILO KEY-LOH
LIMA LEE-MAH
MIKE MIKE
NOVEMBER NO-VEM-BER
OSCAR OSS-CAH
PAPA PAH-PAH
QUEBEC KEH-BECK
ROMEO ROW-ME-OH
SIERRA SEE-AIR-RAH
TANGO TANG-GO
UNIFORM YOU-NEE-FORM
VICTOR VIK-TAH
WHISKEY WISS-KEY
X-RAY ECKS-RAY
YANKEE YANG-KEY
ZULU ZOO-LOO
ZERO ZEE-RO
ONE WUN
TWO TOO
THREE TREE
FOUR FOW-ER
FIVE FIFE
SIX SIX
SEVEN SEV-EN
EIGHT AIT
NINE NIN-ER
"""
_SPOKEN = {
    char: f"{word} ({said})"
    for char, (word, said) in zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        (line.split() for line in _ALPHABET.split("\n")[1:-1]),
        strict=True,
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BothWordings:
    """The same statement as its sender reads it and as its reader does."""

    sender: str
    reader: str


def both_wordings(
    book: Phrasebook, code: str, values: Values, *, sender: str, reader: str, words: str = ""
) -> BothWordings:
    """Both wordings of one statement; Malformed (`unknown_code`) for no code of the book.

    A language that the book does not have reads as English: a reader's book may be the older one.
    """
    return BothWordings(
        sender=wording(book, code, values, language=sender, words=words),
        reader=wording(book, code, values, language=reader, words=words),
    )


def wording(book: Phrasebook, code: str, values: Values, *, language: str, words: str = "") -> str:
    """One statement in one language, on one line: code, label, fields, then free text, marked.

    `words` stay in whatever language they were written in.
    """
    phrase = book.phrase(code)
    parts = [label_text(book, phrase, language)]
    kinds = {field.name: field for field in phrase.fields}
    parts += [f"{name} {isolated(value_text(kinds.get(name), value))}" for name, value in values]
    if words:
        parts.append(f"free text, untranslated: {_FSI}{words}{_PDI}")
    return _GAP.join(parts)


def label_text(book: Phrasebook, phrase: Phrase, language: str) -> str:
    """The code in one language: unless it is reviewed, with its name and the English before it."""
    english = book.languages[ENGLISH].labels[phrase.code].text
    head = f"{phrase.code} {phrase.name}{_GAP}{english}"
    found = book.languages.get(language)
    label = None if found is None else found.labels.get(phrase.code)
    if found is None or label is None or language == ENGLISH:
        return head
    text = label.text
    if found.direction is Direction.RIGHT_TO_LEFT:
        text = f"{_FSI}{text}{_PDI}"
    if label.reviewed_by:
        return f"{phrase.code}{_GAP}{text}"
    return f"{head}{_GAP}{text} ({language}, not reviewed)"


def value_text(field: PhraseField | None, value: Value) -> str:
    """A value with its unit, exactly; the same in every language."""
    if isinstance(value, Position):
        return f"{_degrees(value.lat_e7)},{_degrees(value.lon_e7)}"
    if isinstance(value, str):
        return value
    return _number_text(None if field is None else field.kind, value)


def _number_text(kind: ValueKind | None, value: int) -> str:
    match kind:
        case ValueKind.TIME:
            return instant_text(value)
        case ValueKind.RADIUS | ValueKind.HEIGHT:
            return f"{_thousandths(value, _MM_PER_M)} m"
        case ValueKind.FREQUENCY:
            return f"{_thousandths(value, _HZ_PER_KHZ)} kHz"
        case _:
            return f"{value} min" if kind is ValueKind.MINUTES else str(value)


def _degrees(value_e7: int) -> str:
    """Exactly, with as many decimals as are needed and one at least."""
    whole, rest = divmod(abs(value_e7), DEGREE_E7)
    sign = "-" if value_e7 < 0 else ""
    decimals = f"{rest:07d}".rstrip("0") or "0"
    return f"{sign}{whole}.{decimals}"


def _thousandths(value: int, thousand: int) -> str:
    whole, rest = divmod(abs(value), thousand)
    decimals = f".{rest:03d}".rstrip("0") if rest else ""
    return f"{'-' if value < 0 else ''}{whole}{decimals}"


def isolated(text: str) -> str:
    """Data that stays left to right whatever the text around it is."""
    return f"{_LRI}{text}{_PDI}"


def is_balanced(text: str) -> bool:
    """Whether every isolate in it ends in it: it cannot turn what stands around it."""
    depth = 0
    for char in text:
        depth += (char in (_LRI, _FSI)) - (char == _PDI)
        if depth < 0:
            return False
    return depth == 0


def spoken(code: str) -> str:
    """How a code is said over a telephone or a radio: a word for each character."""
    letters = (char for char in code.upper() if char.isalnum())
    return " ".join(_SPOKEN[char] for char in letters)
