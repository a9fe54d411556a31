"""A coded message from one person on duty to another, and the answer to it.

What each code may hold and how it is answered is the phrasebook's to say: the nouns here hold what
is true of every code, `checked_message` and `checked_answer` the rest. "Understood", never
"approved"; free text is untranslated and nothing that safety hangs on. Called by hotline, wire and
the doors.
"""

import re
from dataclasses import dataclass

from comity.model.fault import Malformed
from comity.model.notice import checked_text
from comity.model.phrasebook import (
    Carrier,
    Phrase,
    Phrasebook,
    Value,
    Values,
    checked_values,
)

__all__ = [
    "NOT_UNDERSTOOD",
    "STANDBY",
    "UNABLE",
    "VALUES_MAX",
    "WILCO",
    "WORDS_CHARS_MAX",
    "Message",
    "MessageAnswer",
    "ReadBack",
    "checked_answer",
    "checked_message",
    "is_final",
    "needs_read_back",
    "ordered",
]

NOT_UNDERSTOOD, STANDBY, UNABLE, WILCO = "RX", "S", "U", "W"
WORDS_CHARS_MAX = 140
VALUES_MAX = 16  # more than any phrase has fields

_ID_BYTES = 32
_ROLE_CHARS_MAX = 40
_CODE = re.compile(r"[A-Z]{1,2}[0-9]?", re.ASCII)
_NAME = re.compile(r"[a-z]+(?:-[a-z]+)*", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}", re.ASCII)
_AROUND = ("radius", "lower", "upper")  # what makes an area of a place


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """`about` is a notice that both know, or an earlier message. `language` is the sender's."""

    code: str
    role: str
    values: Values = ()
    about: bytes | None = None
    language: str = "en"
    words: str = ""

    def __post_init__(self) -> None:
        """Hold what is true of every code."""
        _check_said(self.code, self.role, self.language, self.words)
        _check_values(self.values)
        if self.about is not None:
            _check_id(self.about)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """What an answer repeats: the id of the message, which is its hash, and all its fields."""

    id: bytes
    values: Values

    def __post_init__(self) -> None:
        """Hold the form; what differs from the message is for `hotline.message`."""
        _check_id(self.id)
        _check_values(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAnswer:
    """An answer to the message `of`, by whoever holds `role` now."""

    code: str
    of: bytes
    role: str
    values: Values = ()
    read_back: ReadBack | None = None
    language: str = "en"
    words: str = ""

    def __post_init__(self) -> None:
        """Hold what is true of every code."""
        _check_said(self.code, self.role, self.language, self.words)
        _check_values(self.values)
        _check_id(self.of)
        if self.read_back is not None and self.read_back.id != self.of:
            raise Malformed("another message is read back", code="other_message")


def ordered(values: dict[str, Value]) -> Values:
    """Values in the one order that they are written in."""
    return tuple(sorted(values.items(), key=lambda pair: pair[0]))


def checked_message(book: Phrasebook, message: Message) -> Phrase:
    """The phrase of a message that the phrasebook allows.

    Raises:
        Malformed: `unknown_code`, `not_a_message`, `no_place`, or what `checked_values` raises.
    """
    phrase = book.phrase(message.code)
    if Carrier.MESSAGE not in phrase.carriers or phrase.answer_us is None:
        raise Malformed(f"{phrase.code} is not said by a message of its own", code="not_a_message")
    given = dict(checked_values(phrase.fields, message.values))
    alone = [name for name in _AROUND if name in given and "where" not in given]
    if alone:
        raise Malformed(f"{alone[0]} without a place", code="no_place")
    lacking = [name for name in phrase.place if name not in given]
    if lacking and (message.about is None or "where" in given):
        raise Malformed(
            f"{phrase.code} names a notice, or has {' and '.join(phrase.place)}", code="no_place"
        )
    lower, upper = given.get("lower"), given.get("upper")
    if isinstance(lower, int) and isinstance(upper, int) and lower >= upper:
        raise Malformed("the lower limit is above the upper one", code="bad_value")
    return phrase


def checked_answer(book: Phrasebook, message: Message, answer: MessageAnswer) -> Phrase:
    """The phrase of an answer that the phrasebook allows for a message.

    Raises:
        Malformed: `unknown_code`, `wrong_answer`, `no_read_back`, or what `checked_values` raises.
    """
    asked, phrase = book.phrase(message.code), book.phrase(answer.code)
    if answer.code not in asked.answers:
        options = ", ".join(asked.answers)
        raise Malformed(f"{asked.code} is answered by {options}", code="wrong_answer")
    checked_values(phrase.fields, answer.values)
    if needs_read_back(asked, answer.code) != (answer.read_back is not None):
        raise Malformed(
            f"{answer.code} to {asked.code} reads it back, or no answer does: see the phrasebook",
            code="no_read_back",
        )
    if answer.read_back is not None:
        _check_heard(asked, answer.read_back.values)
    return phrase


def _check_heard(asked: Phrase, heard: Values) -> None:
    """What was heard may differ, but it is what such a field can hold, or nobody can show it."""
    kinds = {field.name: field for field in asked.fields}
    for name, value in heard:
        if name in kinds:
            kinds[name].check(value)
        elif isinstance(value, str):  # a field that was not said: pointed at by its name
            checked_text(value, WORDS_CHARS_MAX, name)


def needs_read_back(asked: Phrase, answer: str) -> bool:
    """Whether an answer to this phrase repeats its fields: one that says that it is understood."""
    return asked.read_back and is_final(answer)


def is_final(answer: str) -> bool:
    """Whether an answer settles a message: all but those that say "wait" and "say it again"."""
    return answer not in (STANDBY, NOT_UNDERSTOOD)


def _check_said(code: str, role: str, language: str, words: str) -> None:
    if not _CODE.fullmatch(code):
        raise Malformed(f"{code[:40]!r} is no code", code="unknown_code")
    if not checked_text(role, _ROLE_CHARS_MAX, "role"):
        raise Malformed("a message comes from a role", code="no_role")
    if not _LANGUAGE.fullmatch(language):
        raise Malformed("a language is named by 2 or 3 letters", code="unknown_language")
    checked_text(words, WORDS_CHARS_MAX, "words")


def _check_values(values: Values) -> None:
    names = [name for name, _ in values]
    if len(names) > VALUES_MAX or names != sorted(set(names)):
        raise Malformed("values stand by name, each once", code="bad_value")
    for name in names:
        if not _NAME.fullmatch(name):
            raise Malformed(f"{name[:40]!r} names no field", code="unknown_value")


def _check_id(value: bytes) -> None:
    if len(value) != _ID_BYTES:
        raise Malformed("an id has 32 bytes", code="bad_id")
