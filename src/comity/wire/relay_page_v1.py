"""Schema v1 of a relay page: the signed text by which a unit without a node is told of a notice.

    comity/relay-page@v1
    from bravo.example/comity/2026
    content <base64 of fields>

It is a note, signed by the entry key of who made it. What it passes on is a content of its own with
a closed list of paths and no free text. Same rules as `notice_v1`: never edited after release.
Reference: docs/reference/notice-v1.md. Pure; called by hotline and the command line.
"""

from comity.model.fault import Malformed
from comity.model.lifecycle import LifeState
from comity.model.notice import FORBIDDEN_FIELDS, Code, Confidence, Craft, Domain, Purpose
from comity.model.relay import PassedOn, RelayPage
from comity.wire.canonical import b64, unb64
from comity.wire.fields import (
    Field,
    Reader,
    id_field,
    int_field,
    parse_fields,
    serialise_fields,
    text_field,
)
from comity.wire.notice_v1 import volume_fields, volumes_from
from comity.wire.voice_code import code_symbols

__all__ = ["fields_of_passed", "page_from", "page_text"]

_HEAD = "comity/relay-page@v1"
_LINES = 3


def fields_of_passed(passed: PassedOn) -> tuple[Field, ...]:
    """What is passed on, in canonical order: of two units the same."""
    belief: tuple[Field, ...] = ()
    if passed.confidence is not None and passed.believed_until_us is not None:
        belief = (
            text_field("confidence", passed.confidence),
            int_field("believed-until", passed.believed_until_us),
        )
    return (
        text_field("relay-page", passed.code),
        text_field("declared-by", passed.declared_by),
        id_field("notice", passed.notice),
        text_field("state", passed.state),
        text_field("purpose", passed.purpose),
        text_field("domain", passed.domain),
        text_field("craft", passed.craft),
        *belief,
        *volume_fields(passed.volumes),
    )


def _fields_of(page: RelayPage) -> tuple[Field, ...]:
    return (
        *fields_of_passed(page.passed),
        int_field("made", page.made_us),
        int_field("until", page.until_us),
        text_field("read-back", " ".join(page.code)),
    )


def page_text(page: RelayPage) -> str:
    """The text that is signed."""
    content = b64(serialise_fields(_fields_of(page)))
    return f"{_HEAD}\nfrom {page.made_by}\ncontent {content}\n"


def page_from(text: str) -> RelayPage:
    """Read a page's text; Malformed for anything that `page_text` would not write."""
    lines = text.split("\n")
    if len(lines) != _LINES + 1 or lines[0] != _HEAD or lines[-1]:
        raise Malformed("not a relay page of Comity, version 1", code="bad_page")
    made_by, content = (
        _value(line, word) for line, word in zip(lines[1:], ("from", "content"), strict=False)
    )
    reader = Reader(parse_fields(unb64(content)), FORBIDDEN_FIELDS)
    page = RelayPage(
        made_by=made_by,
        passed=_passed_from(reader),
        made_us=reader.integer("made"),
        until_us=reader.integer("until"),
        code=tuple(reader.text("read-back").split(" ")),
    )
    reader.finish()
    code_symbols(page.code)
    if page_text(page) != text:  # one page, one form
        raise Malformed("a relay page is not in canonical form", code="bad_page")
    return page


def _passed_from(reader: Reader) -> PassedOn:
    return PassedOn(
        code=reader.choice("relay-page", Code),
        declared_by=reader.text("declared-by"),
        notice=reader.identity("notice"),
        state=reader.choice("state", LifeState),
        purpose=reader.choice("purpose", Purpose),
        domain=reader.choice("domain", Domain),
        craft=reader.choice("craft", Craft),
        confidence=reader.choice("confidence", Confidence) if reader.has("confidence") else None,
        believed_until_us=(
            reader.integer("believed-until") if reader.has("believed-until") else None
        ),
        volumes=volumes_from(reader),
    )


def _value(line: str, word: str) -> str:
    found, _, value = line.partition(" ")
    if found != word:
        raise Malformed(f"a relay page lacks its line {word!r}", code="bad_page")
    return value
