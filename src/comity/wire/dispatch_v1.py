"""Schema v1 of what our own record says of a dispatch: what an outlet took, or did not.

The content of an entry of type `call` to ourselves, known by its first field: like a call it went
by another line, and is worth what it says. It is kept at home, so nothing reads it back. Called by
outlets.
"""

from dataclasses import dataclass

from comity.wire.fields import Field, id_field, int_field, text_field

__all__ = ["DISPATCH_PATH", "DispatchRecord", "fields_of_dispatch"]

DISPATCH_PATH = "dispatch"


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchRecord:
    """The end of a dispatch: `state` is accepted, refused or given-up; none says that it was seen.

    `sent` is the SHA-256 of what went out at the end, None if it was given up unsent; `answer` is
    what was said to it, or why it was not sent.
    """

    state: str
    id: bytes
    of: bytes
    about: bytes | None
    kind: str
    outlet: str
    channel: str
    to: str
    attempts: int
    sent: bytes | None
    answer: str


def fields_of_dispatch(record: DispatchRecord) -> tuple[Field, ...]:
    """The content, in canonical order."""
    about = () if record.about is None else (id_field("about", record.about),)
    sent = () if record.sent is None else (id_field("sent", record.sent),)
    return (
        text_field(DISPATCH_PATH, record.state),
        id_field("id", record.id),
        id_field("of", record.of),
        *about,
        text_field("kind", record.kind),
        text_field("outlet", record.outlet),
        text_field("channel", record.channel),
        text_field("to", record.to),
        int_field("attempts", record.attempts),
        *sent,
        text_field("answer", record.answer),
    )
