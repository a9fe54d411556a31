"""The phrasebook that comes with the program: TOML beside this room, read once and checked.

`codes.toml` has the codes; every other file is a language, so that a file adds one. Called by the
doors and `tools/phrasebook_page.py`.
"""

import importlib.resources
import tomllib
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import msgspec

from comity.model.fault import Corrupt, Malformed
from comity.model.phrasebook import (
    Carrier,
    Direction,
    Label,
    Language,
    Marker,
    Phrase,
    Phrasebook,
    PhraseField,
    Precedence,
    Precedent,
    ValueKind,
)
from comity.model.quantity import SECOND_US

__all__ = ["phrasebook", "phrasebook_from"]

_FOLDER = importlib.resources.files("comity.hotline") / "phrasebook"
_SUFFIX = ".toml"
_CODES = "codes"


class _Field(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    name: str
    kind: ValueKind
    about: str
    required: bool = False
    choices: tuple[str, ...] = ()


class _Precedent(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    what: str
    source: str


class _Phrase(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    code: str
    name: str
    marker: Marker
    meaning: str
    carriers: tuple[Carrier, ...]
    precedence: Precedence
    field: tuple[_Field, ...] = ()
    answers: tuple[str, ...] = ()
    answer_s: int | None = None
    read_back: bool = False
    place: tuple[str, ...] = ()
    parameter: str | None = None
    floor: bool = False
    precedent: tuple[_Precedent, ...] = ()


class _Codes(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    phrase: tuple[_Phrase, ...]


class _Label(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    text: str
    reviewed_by: str = ""
    say: str = ""


class _Language(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    language: str
    name: str
    own_name: str
    direction: Direction
    label: dict[str, _Label]


@cache
def phrasebook() -> Phrasebook:
    """The phrasebook, read at the first call."""
    return phrasebook_from(
        {
            each.name.removesuffix(_SUFFIX): each.read_text("utf-8")
            for each in sorted(_FOLDER.iterdir(), key=lambda each: each.name)
            if each.name.endswith(_SUFFIX)
        }
    )


def phrasebook_from(texts: Mapping[str, str]) -> Phrasebook:
    """A phrasebook from the texts of its files, by their names without `.toml`.

    Raises:
        Corrupt: `bad_phrasebook`, naming the file or the code that is not what it should be.
    """
    name = _CODES
    try:
        codes = msgspec.convert(tomllib.loads(texts[_CODES]), _Codes)
        phrases = _by_code(codes.phrase)
        languages: dict[str, Language] = {}
        for name in texts.keys() - {_CODES}:
            languages[name] = _language(name, texts[name])
        name = "all of it"
        return Phrasebook(
            phrases=MappingProxyType(phrases),
            languages=MappingProxyType(dict(sorted(languages.items()))),
        )
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, Malformed) as error:
        raise Corrupt(f"the phrasebook, {name}: {error}", code="bad_phrasebook") from error


def _by_code(raw: tuple[_Phrase, ...]) -> dict[str, Phrase]:
    found = {each.code: _phrase(each) for each in raw}
    if len(found) != len(raw):
        raise Malformed("a code occurs twice", code="bad_phrase")
    return found


def _phrase(raw: _Phrase) -> Phrase:
    return Phrase(
        code=raw.code,
        name=raw.name,
        marker=raw.marker,
        meaning=raw.meaning,
        carriers=raw.carriers,
        precedence=raw.precedence,
        fields=tuple(
            PhraseField(
                name=each.name,
                kind=each.kind,
                about=each.about,
                required=each.required,
                choices=each.choices,
            )
            for each in raw.field
        ),
        answers=raw.answers,
        answer_us=None if raw.answer_s is None else raw.answer_s * SECOND_US,
        read_back=raw.read_back,
        place=raw.place,
        parameter=raw.parameter,
        floor=raw.floor,
        precedents=tuple(Precedent(what=each.what, source=each.source) for each in raw.precedent),
    )


def _language(name: str, text: str) -> Language:
    raw = msgspec.convert(tomllib.loads(text), _Language)
    if raw.language != name:
        raise Malformed("a language is in the file of its name", code="bad_phrase")
    labels = {
        code: Label(text=each.text, reviewed_by=each.reviewed_by, say=each.say)
        for code, each in raw.label.items()
    }
    return Language(
        language=raw.language,
        name=raw.name,
        own_name=raw.own_name,
        direction=raw.direction,
        labels=MappingProxyType(labels),
    )
