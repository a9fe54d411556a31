"""Schema v1 of contents about duty: changes of our roster, alerts that went on, nobody answered.

The first path tells them apart. Two of them stay in our own journal, so that nothing reads them
back; `unanswered` goes to the giver. Reference: docs/reference/notice-v1.md. Called by hotline and
the exchange.
"""

from comity.model.duty import ChainStep, Escalated, RosterChange, Unanswered
from comity.model.fault import Malformed
from comity.model.notice import FORBIDDEN_FIELDS
from comity.wire.fields import Field, Reader, id_field, int_field, text_field

__all__ = [
    "UNANSWERED_PATH",
    "fields_of_escalation",
    "fields_of_roster_change",
    "fields_of_unanswered",
    "unanswered_from",
]

UNANSWERED_PATH = "unanswered"


def fields_of_roster_change(change: RosterChange) -> tuple[Field, ...]:
    """The content of a change of the roster, in canonical order."""
    found = [text_field("roster", change.act), text_field("by", change.by)]
    found += [text_field(f"role/{index}", role) for index, role in enumerate(change.roles)]
    if change.person:
        found.append(text_field("person", change.person))
    if change.from_us is not None:
        found.append(int_field("from", change.from_us))
    if change.until_us is not None:
        found.append(int_field("until", change.until_us))
    return tuple(found)


def fields_of_escalation(escalated: Escalated) -> tuple[Field, ...]:
    """The content of one step of an escalation, in canonical order."""
    return (
        text_field("escalation", escalated.step),
        id_field("of", escalated.of),
        int_field("level", escalated.level),
        text_field("role", escalated.role),
        text_field("reason", escalated.reason),
        text_field("ground", escalated.ground),
        int_field("due", escalated.due_us),
        int_field("fired", escalated.fired_us),
    )


def fields_of_unanswered(said: Unanswered) -> tuple[Field, ...]:
    """The content that says that nobody answered, in canonical order."""
    return (
        text_field(UNANSWERED_PATH, said.step),
        id_field("of", said.of),
        int_field("due", said.due_us),
        int_field("at", said.at_us),
    )


def unanswered_from(fields: tuple[Field, ...]) -> Unanswered:
    """Read it; Malformed for anything that `fields_of_unanswered` would not write."""
    reader = Reader(fields, FORBIDDEN_FIELDS)
    said = Unanswered(
        step=reader.choice(UNANSWERED_PATH, ChainStep),
        of=reader.identity("of"),
        due_us=reader.integer("due"),
        at_us=reader.integer("at"),
    )
    reader.finish()
    if fields_of_unanswered(said) != fields:  # one content, one form
        raise Malformed("the fields are not in canonical order", code="bad_field")
    return said
