"""JSON shapes about messages of the hotline and the answers to them, by the rules of `shapes`."""

import msgspec

__all__ = [
    "JsonValue",
    "MessageAnswerRequest",
    "MessageAnswerView",
    "MessageRequest",
    "MessageView",
]

# A choice or a time as text, a place as latitude and longitude in degrees, lengths and heights in
# metres, frequencies in hertz, minutes and persons as they are.
JsonValue = str | int | float | tuple[float, float]


class MessageRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Say a code of the phrasebook to the party `to`; `values` are the fields of the code.

    `about` is a notice that both hold, or an earlier message. `language` is that of the labels that
    the sender reads. `words` are free text of at most 140 characters, untranslated.
    """

    code: str
    to: str
    role: str
    values: dict[str, JsonValue] = {}
    about: str | None = None
    language: str = "en"
    words: str = ""


class MessageAnswerRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Answer a message by a code that the phrasebook allows for it.

    `read_back` is every field of the message as it was heard, where the phrasebook wants it; the
    message's id is in the address. `person` is who holds the role: asked of the duty roster, and
    told to nobody.
    """

    code: str
    role: str
    person: str = ""
    values: dict[str, JsonValue] = {}
    read_back: dict[str, JsonValue] | None = None
    language: str = "en"
    words: str = ""


class MessageAnswerView(msgspec.Struct, kw_only=True, frozen=True):
    """An answer, as its sender reads it and as the reader does.

    `differs` says where a read-back is not what the message says. `words` are free text.
    """

    id: str
    code: str
    role: str
    values: dict[str, JsonValue]
    read_back: dict[str, JsonValue] | None
    differs: list[str]
    words: str
    sender_wording: str
    reader_wording: str
    at: str


class MessageView(msgspec.Struct, kw_only=True, frozen=True):
    """A message with its answers, in the order of their arrival.

    `sender_wording` is in the sender's language, `reader_wording` in the one that was asked for.
    `due` is null once an answer settled it; `ground` says what the deadline rests on. `unanswered`:
    the deadline passed. `delivered` and `verdict` tell of a message of ours. `answers_allowed` and
    `read_back_needed` are what the phrasebook says of an answer. `words` are free text.
    """

    id: str
    code: str
    precedence: str
    floor: bool
    sender: str
    receiver: str
    about: str | None
    role: str
    values: dict[str, JsonValue]
    language: str
    words: str
    sender_wording: str
    reader_wording: str
    at: str
    due: str | None
    ground: str
    unanswered: bool
    answer: str | None
    answers: list[MessageAnswerView]
    answers_allowed: list[str]
    read_back_needed: bool
    delivered: str | None
    verdict: str | None
