"""`comity hotline phrases`: what can be said, in which language, and how it is answered.

Needs no node. Called by `hotline`.
"""

from typing import Annotated

import typer

from comity.cli.hotline_codes import phrase_of
from comity.cli.options import JsonOption
from comity.cli.show import facts, heading, json_line, line, phrase_line
from comity.hotline.phrases import phrasebook
from comity.model.phrasebook import ENGLISH, Phrase, Phrasebook
from comity.model.quantity import seconds
from comity.model.wording import label_text, spoken
from comity.wire.canonical import Json

__all__ = ["LanguageOption", "phrases"]

LanguageOption = Annotated[
    str, typer.Option("--language", metavar="LANGUAGE", help="Of the labels, as en, ru, he or ar.")
]


def phrases(
    code: Annotated[
        str, typer.Argument(metavar="CODE", help="Only this one, with all of it.")
    ] = "",
    *,
    language: LanguageOption = ENGLISH,
    as_json: JsonOption = False,
) -> None:
    """List what can be said; a label that nobody has reviewed stands beside the English."""
    book = phrasebook()
    book.language(language)
    if code:
        _show(book, phrase_of(code), language, as_json=as_json)
        return
    if as_json:
        json_line([_json(book, each, language) for each in book.phrases.values()])
        return
    for each in book.phrases.values():
        said = _say(book, each, language)
        phrase_line(label_text(book, each, language) + (f" [{said}]" if said else ""))
    missing = book.missing(language)
    if missing:
        line(f"no label in {book.language(language).name}: {', '.join(missing)}")


def _show(book: Phrasebook, phrase: Phrase, language: str, *, as_json: bool) -> None:
    if as_json:
        json_line(_json(book, phrase, language))
        return
    heading(f"{phrase.code} {phrase.name}")
    phrase_line(label_text(book, phrase, language))
    within = "" if phrase.answer_us is None else f" within {seconds(phrase.answer_us):g} s"
    carriers = ", ".join(phrase.carriers)
    facts(
        [
            ("marker", phrase.marker),
            ("meaning", phrase.meaning),
            ("precedence", phrase.precedence),
            ("safety floor", "yes" if phrase.floor else ""),
            ("answers", ", ".join(phrase.answers) + within),
            ("read back", "the id and every field" if phrase.read_back else ""),
            ("agreed as", phrase.parameter or ""),
            ("place", _place(phrase)),
            ("carried by", carriers or "nothing in this release"),
            ("spoken", spoken(phrase.code)),
            ("label said", _say(book, phrase, language)),
        ]
    )
    for field in phrase.fields:
        options = f": {', '.join(field.choices)}" if field.choices else ""
        must = ", needed" if field.required else ""
        line(f"  {field.name} ({field.kind}{must}) {field.about}{options}")
    for each in phrase.precedents:
        line(f"follows {each.what} ({each.source})")


def _say(book: Phrasebook, phrase: Phrase, language: str) -> str:
    """How the label is pronounced, as far as the language's file has a hint."""
    label = book.language(language).labels.get(phrase.code)
    return "" if label is None else label.say


def _place(phrase: Phrase) -> str:
    return f"a notice, or {' and '.join(phrase.place)}" if phrase.place else ""


def _json(book: Phrasebook, phrase: Phrase, language: str) -> Json:
    label = book.language(language).labels.get(phrase.code)
    return {
        "code": phrase.code,
        "name": phrase.name,
        "english": book.language(ENGLISH).labels[phrase.code].text,
        "language": language,
        "label": None if label is None else label.text,
        "reviewed_by": "" if label is None else label.reviewed_by,
        "say": _say(book, phrase, language),
        "text": label_text(book, phrase, language),
        "marker": phrase.marker,
        "meaning": phrase.meaning,
        "precedence": phrase.precedence,
        "floor": phrase.floor,
        "answers": list(phrase.answers),
        "answer_us": phrase.answer_us,
        "read_back": phrase.read_back,
        "place": list(phrase.place),
        "parameter": phrase.parameter,
        "carriers": list(phrase.carriers),
        "spoken": spoken(phrase.code),
        "fields": [
            {
                "name": field.name,
                "kind": field.kind,
                "about": field.about,
                "required": field.required,
                "choices": list(field.choices),
            }
            for field in phrase.fields
        ],
        "precedents": [{"what": each.what, "source": each.source} for each in phrase.precedents],
    }
