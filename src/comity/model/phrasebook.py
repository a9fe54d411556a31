"""The phrasebook: what two parties can say in codes, with its fields, answers and labels.

Nouns and the checks on them; the data is `hotline/phrasebook/*.toml`, how it reads is
`model.wording`. A code, its fields and their choices are data and the same in every language; a
label is translated once. Called by hotline, the doors and `tools/phrasebook_page.py`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from comity.model.fault import Malformed
from comity.model.notice import FORBIDDEN_FIELDS, checked_text
from comity.model.quantity import SECOND_US, Position, checked_instant_us

__all__ = [
    "ENGLISH",
    "Carrier",
    "Direction",
    "Label",
    "Language",
    "Marker",
    "Phrase",
    "PhraseField",
    "Phrasebook",
    "Precedence",
    "Precedent",
    "Value",
    "ValueKind",
    "Values",
    "checked_values",
]

ENGLISH = "en"
Value = int | str | Position
Values = tuple[tuple[str, Value], ...]  # by name, each once, in the order of the names

_CODE = re.compile(r"[A-Z]{1,2}[0-9]?(?:-ok)?", re.ASCII)
_NAME = re.compile(r"[a-z]+(?:-[a-z]+)*", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}", re.ASCII)
_LABEL_CHARS_MAX = 80
_MEANING_CHARS_MAX = 160
_DAY_US = 86_400 * SECOND_US


class Marker(StrEnum):
    """What kind of thing is said, after the message markers of IMO SMCP; no instruction."""

    ADVICE = "advice"
    ANSWER = "answer"
    INFORMATION = "information"
    INTENTION = "intention"
    QUESTION = "question"
    REQUEST = "request"
    WARNING = "warning"


class Precedence(StrEnum):
    """What a person reads first, most urgent first. The first three travel before all else."""

    DISTRESS = "distress"
    URGENCY = "urgency"
    SAFETY = "safety"
    ROUTINE = "routine"


class Carrier(StrEnum):
    """The entries of a journal that can carry a code."""

    NOTICE = "notice"
    RECEIPT = "receipt"
    ANSWER = "answer"
    REQUEST = "request"
    REPLY = "reply"
    AGREEMENT = "agreement"
    REPORT = "report"
    MESSAGE = "message"


class ValueKind(StrEnum):
    """What the value of a field is: a word of a closed list, a place, or a whole number of units.

    Times are microseconds of UTC, lengths and heights (above the WGS84 ellipsoid) millimetres,
    frequencies hertz.
    """

    CHOICE = "choice"
    PLACE = "place"
    TIME = "time"
    RADIUS = "radius"
    HEIGHT = "height"
    MINUTES = "minutes"
    PERSONS = "persons"
    FREQUENCY = "frequency"


# The least and the most of each kind of number, with the reason of its ends.
_RANGES: Mapping[ValueKind, tuple[int, int]] = MappingProxyType(
    {
        ValueKind.RADIUS: (1_000_000, 500_000_000),  # 1 km: a smaller one would be a position
        ValueKind.HEIGHT: (-12_000_000, 100_000_000),  # as a volume's
        ValueKind.MINUTES: (1, 120),  # who needs longer says so again
        ValueKind.PERSONS: (0, 100_000),
        ValueKind.FREQUENCY: (3_000, 300_000_000_000),  # the radio spectrum, VLF to EHF
    }
)


class Direction(StrEnum):
    """How a language is written."""

    LEFT_TO_RIGHT = "left-to-right"
    RIGHT_TO_LEFT = "right-to-left"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseField:
    """A field of a phrase; `choices` only of a choice."""

    name: str
    kind: ValueKind
    about: str
    required: bool = False
    choices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Hold the rules."""
        for word in (self.name, *self.choices):
            if not _NAME.fullmatch(word) or word.replace("-", "_") in FORBIDDEN_FIELDS:
                raise Malformed(f"{word[:40]!r} names no field or choice", code="bad_phrase")
        if (self.kind is ValueKind.CHOICE) != bool(self.choices):
            raise Malformed(f"{self.name}: a choice has choices, and no other", code="bad_phrase")
        checked_text(self.about, _MEANING_CHARS_MAX, "about")

    def check(self, value: Value) -> None:
        """Malformed (`bad_value`) unless it is a value of this field."""
        if self.kind is ValueKind.PLACE:
            fits = isinstance(value, Position)
        elif self.kind is ValueKind.CHOICE:
            fits = isinstance(value, str) and value in self.choices
        else:
            fits = type(value) is int
        if not fits:
            wanted = ", ".join(self.choices) or f"a {self.kind}"
            raise Malformed(f"{self.name} is {wanted}", code="bad_value")
        if self.kind is ValueKind.TIME and isinstance(value, int):
            checked_instant_us(value)
        if self.kind in _RANGES and isinstance(value, int):
            least, most = _RANGES[self.kind]
            if not least <= value <= most:
                raise Malformed(f"{self.name} is {least} to {most}", code="bad_value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Precedent:
    """What a phrase follows, and where that can be read."""

    what: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """One code. `answers` are the codes that may answer it; `answer_us` is how long that may take.

    `carriers` are the entries that carry it in this release: none, if nothing does yet.

    An agreement may set another time, by `parameter`. `read_back`: an answer that settles it
    repeats the id and every field. `place`: the fields that it has unless it names a notice.
    `floor`: of the safety floor, so it passes in every state of the line.
    """

    code: str
    name: str
    marker: Marker
    meaning: str
    carriers: tuple[Carrier, ...]
    precedence: Precedence
    fields: tuple[PhraseField, ...] = ()
    answers: tuple[str, ...] = ()
    answer_us: int | None = None
    read_back: bool = False
    place: tuple[str, ...] = ()
    parameter: str | None = None
    floor: bool = False
    precedents: tuple[Precedent, ...] = ()

    def __post_init__(self) -> None:
        """Hold the rules."""
        if not _CODE.fullmatch(self.code):
            raise Malformed(f"{self.code[:40]!r} is no code", code="bad_phrase")
        names = [field.name for field in self.fields]
        if len(set(names)) != len(names) or not set(self.place) <= set(names):
            raise Malformed(f"{self.code}: a field twice, or a place of none", code="bad_phrase")
        if (Carrier.MESSAGE in self.carriers and bool(self.answers)) != bool(self.parameter):
            raise Malformed(f"{self.code}: messages have a parameter", code="bad_phrase")
        if bool(self.answers) != (self.answer_us is not None):
            raise Malformed(f"{self.code}: answers come within a time", code="bad_phrase")
        if self.answer_us is not None and not SECOND_US <= self.answer_us <= _DAY_US:
            raise Malformed(f"{self.code}: answers come in 1 s to 1 day", code="bad_phrase")
        if self.floor and self.precedence is Precedence.ROUTINE:
            raise Malformed(f"{self.code}: the safety floor is not routine", code="bad_phrase")
        checked_text(self.meaning, _MEANING_CHARS_MAX, "meaning")


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A code in one language; `reviewed_by` is the native reviewer who confirmed it, if any has.

    `say` is a hint how to pronounce it, empty where there is none.
    """

    text: str
    reviewed_by: str = ""
    say: str = ""

    def __post_init__(self) -> None:
        """Hold the rules: printable, on one line, without direction marks."""
        if not checked_text(self.text, _LABEL_CHARS_MAX, "a label"):
            raise Malformed("a label has words", code="bad_phrase")
        checked_text(self.reviewed_by, _LABEL_CHARS_MAX, "reviewed_by")
        checked_text(self.say, _LABEL_CHARS_MAX, "say")


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A language with its labels by code: one file of the phrasebook."""

    language: str
    name: str
    own_name: str
    direction: Direction
    labels: Mapping[str, Label]

    def __post_init__(self) -> None:
        """Hold the rules."""
        if not _LANGUAGE.fullmatch(self.language):
            raise Malformed("a language is named by 2 or 3 letters", code="bad_phrase")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrasebook:
    """All phrases and languages, each by its name. English stands for every code."""

    phrases: Mapping[str, Phrase]
    languages: Mapping[str, Language]

    def __post_init__(self) -> None:
        """Every label has its code, every code its English, every answer is a code."""
        for phrase in self.phrases.values():
            if not set(phrase.answers) <= self.phrases.keys():
                raise Malformed(f"{phrase.code}: an answer is no code", code="bad_phrase")
        for language in self.languages.values():
            if not language.labels.keys() <= self.phrases.keys():
                raise Malformed(f"{language.language}: a label of no code", code="bad_phrase")
        if self.missing(ENGLISH):
            raise Malformed("every code has its English", code="bad_phrase")

    def phrase(self, code: str) -> Phrase:
        """The phrase of a code; Malformed (`unknown_code`) for any other."""
        found = self.phrases.get(code)
        if found is None:
            raise Malformed(f"{code[:40]!r} is no code of the phrasebook", code="unknown_code")
        return found

    def language(self, name: str) -> Language:
        """A language; Malformed (`unknown_language`) for any other."""
        found = self.languages.get(name)
        if found is None:
            known = ", ".join(self.languages)
            raise Malformed(f"{name[:40]!r} is none of {known}", code="unknown_language")
        return found

    def missing(self, language: str) -> tuple[str, ...]:
        """The codes that have no label in a language; all of them if it is not there."""
        found = self.languages.get(language)
        return tuple(code for code in self.phrases if found is None or code not in found.labels)


def checked_values(fields: tuple[PhraseField, ...], values: Values) -> Values:
    """The values, if they fill these fields.

    Raises:
        Malformed: `bad_value`, `value_missing`, `unknown_value`.
    """
    known = {field.name: field for field in fields}
    given = dict(values)
    for name, value in values:
        if name not in known:
            options = ", ".join(known) or "no field"
            raise Malformed(f"{name[:40]!r}: there is {options}", code="unknown_value")
        known[name].check(value)
    for field in fields:
        if field.required and field.name not in given:
            raise Malformed(f"{field.name} is missing: {field.about}", code="value_missing")
    return values
