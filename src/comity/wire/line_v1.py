"""Schema v1 of what a party puts on its own record about a line: paths, types, order.

The content of a `party` entry whose first path is `line-state`. Never edited after release.
Reference: docs/reference/notice-v1.md. Called by hotline, the doors and the verifier's readers.
"""

from comity.model.fault import Malformed
from comity.model.line import Contact, LineFact, LineState, Span
from comity.model.notice import FORBIDDEN_FIELDS
from comity.wire.fields import Field, Reader, int_field, text_field

__all__ = ["LINE_PATH", "fields_of_line", "line_from"]

LINE_PATH = "line-state"


def fields_of_line(fact: LineFact) -> tuple[Field, ...]:
    """The content, in canonical order."""
    return (
        text_field(LINE_PATH, fact.state),
        text_field("party", fact.party),
        int_field("since", fact.since_us),
        text_field("reason", fact.reason),
        *_contact_fields(fact.contact),
        *_span_fields("gap", fact.gap),
        *_span_fields("down", fact.down),
    )


def line_from(fields: tuple[Field, ...]) -> LineFact:
    """Read it; Malformed for anything that `fields_of_line` would not write."""
    reader = Reader(fields, FORBIDDEN_FIELDS)
    fact = LineFact(
        state=reader.choice(LINE_PATH, LineState),
        party=reader.text("party"),
        since_us=reader.integer("since"),
        reason=reader.text("reason"),
        contact=_contact(reader),
        gap=_span(reader, "gap"),
        down=_span(reader, "down"),
    )
    reader.finish()
    if fields_of_line(fact) != fields:  # one content, one form
        raise Malformed("the fields are not in canonical order", code="bad_field")
    return fact


def _contact_fields(contact: Contact | None) -> tuple[Field, ...]:
    if contact is None:
        return ()
    return (int_field("contact/at", contact.at_us), int_field("contact/entry", contact.index))


def _contact(reader: Reader) -> Contact | None:
    if not reader.has("contact/at"):
        return None
    return Contact(at_us=reader.integer("contact/at"), index=reader.integer("contact/entry"))


def _span_fields(name: str, span: Span | None) -> tuple[Field, ...]:
    if span is None:
        return ()
    return (int_field(f"{name}/from", span.from_us), int_field(f"{name}/until", span.until_us))


def _span(reader: Reader, name: str) -> Span | None:
    if not reader.has(f"{name}/from"):
        return None
    return Span(from_us=reader.integer(f"{name}/from"), until_us=reader.integer(f"{name}/until"))
