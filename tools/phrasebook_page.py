#!/usr/bin/env python3
"""Writes docs/reference/phrasebook.md: `.venv/bin/python tools/phrasebook_page.py`.

A test compares the page with what this would write.
"""

from collections.abc import Iterator
from pathlib import Path

from comity.hotline.phrases import phrasebook
from comity.model.phrasebook import ENGLISH, Direction, Language, Phrase, Phrasebook
from comity.model.quantity import seconds
from comity.model.wording import spoken

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "phrasebook.md"
HEAD = """\
# Phrasebook

This page is written by `tools/phrasebook_page.py` from the files in
`src/comity/hotline/phrasebook`, and a test keeps it true. What two people on duty can say to each
other is a closed list of codes. A code, its fields and their choices are data, the same in every
language; a label is translated once, and no message ever is.

- **No label has been confirmed by a native reviewer** unless the tables below name one. An
  unreviewed label never stands without its code and the English. A code without a label in a
  language has no draft: it reads as its code and the English.
- Numbers, times and coordinates are never translated. Inside right-to-left text they stay left to
  right: each is put between the Unicode isolates U+2066 and U+2069 (UAX 9); a right-to-left label
  and free text stand between U+2068 and U+2069.
- Sender and reader each see the sender's wording and the reader's.
- *Received* and *understood* never mean *approved*. Free text is optional, marked untranslated,
  never passed on, and nothing that safety hangs on.
- A code is spoken letter by letter in the spelling alphabet of ICAO and ITU.
- How a label is said is a hint for who has to read it aloud and does not know the language, a draft
  like the label: syllables as an English reader would say them, the stressed ones in capitals; `kh`
  as in *loch*, `gh` the same with voice, `'` after a letter of Russian makes it soft, in Arabic it
  is the sound of ayin, or a stop.

A file `src/comity/hotline/phrasebook/LANGUAGE.toml` adds a language; `comity hotline phrases
--language LANGUAGE` shows it and says what it lacks.
"""


def page() -> str:
    """The whole page."""
    book = phrasebook()
    parts = [HEAD, "## Codes\n", *_codes(book), "\n## Fields\n", *_fields(book)]
    parts += ["\n## Labels\n"]
    for language in book.languages.values():
        parts += _labels(book, language)
    parts += ["\n## Precedents\n", *_precedents(book)]
    return "\n".join(parts) + "\n"


def _codes(book: Phrasebook) -> Iterator[str]:
    yield "`*` after the code: of the safety floor."
    yield "`+` after the answers: they repeat the id and every field.\n"
    heads = ("code", "name", "marker", "meaning", "precedence", "answers", "within", "carried by")
    yield f"| {' | '.join(heads)} | spoken |"
    yield "|---|---|---|---|---|---|--:|---|---|"
    for each in book.phrases.values():
        yield f"| {' | '.join(_row(each))} |"


def _row(phrase: Phrase) -> tuple[str, ...]:
    return (
        f"`{phrase.code}`{' *' if phrase.floor else ''}",
        phrase.name,
        phrase.marker,
        phrase.meaning,
        phrase.precedence,
        f"{', '.join(phrase.answers) or '-'}{' +' if phrase.read_back else ''}",
        "-" if phrase.answer_us is None else f"{seconds(phrase.answer_us):g} s",
        ", ".join(phrase.carriers) or "nothing yet",
        spoken(phrase.code),
    )


def _fields(book: Phrasebook) -> Iterator[str]:
    yield "Those of messages and of the answers to them; what a notice or a request holds is in"
    yield "[notice-v1.md](notice-v1.md). Some name a notice that both sides know, or say where.\n"
    yield "| code | field | kind | needed | what it says | choices |"
    yield "|---|---|---|---|---|---|"
    for phrase in book.phrases.values():
        if phrase.place:
            needed = " and ".join(phrase.place)
            yield f"| `{phrase.code}` | | | | **a notice, or {needed}** | |"
        for field in phrase.fields:
            needed = "yes" if field.required else "no"
            options = ", ".join(field.choices)
            yield (
                f"| `{phrase.code}` | {field.name} | {field.kind} | {needed} | {field.about} "
                f"| {options} |"
            )


def _labels(book: Phrasebook, language: Language) -> Iterator[str]:
    yield f"### {language.name} ({language.own_name})\n"
    missing = book.missing(language.language)
    if missing:
        yield f"Without a label: {', '.join(missing)}.\n"
    yield "| code | English | label | said | reviewed by |"
    yield "|---|---|---|---|---|"
    english = book.language(ENGLISH).labels
    for code, label in language.labels.items():
        text = label.text
        if language.direction is Direction.RIGHT_TO_LEFT:
            text = f"\u2068{text}\u2069"
        reviewed_by = label.reviewed_by or "nobody"
        yield f"| `{code}` | {english[code].text} | {text} | {label.say} | {reviewed_by} |"
    yield ""


def _precedents(book: Phrasebook) -> Iterator[str]:
    yield "| code | what it follows | where that can be read |"
    yield "|---|---|---|"
    for phrase in book.phrases.values():
        for each in phrase.precedents:
            yield f"| `{phrase.code}` | {each.what} | {each.source} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
