"""What is open at a node when one officer hands over to the next, as nouns.

An item is named by what it is and by its state in words of closed lists, times and parties: no name
of a unit, no place, no free text. So it may outlive the content that it is about. Called by
hotline, wire and the doors.
"""

from dataclasses import dataclass
from enum import StrEnum

from comity.model.duty import same_name
from comity.model.fault import Malformed
from comity.model.notice import checked_text
from comity.model.quantity import checked_instant_us

__all__ = ["Acceptance", "Handover", "ItemKind", "OpenItem", "person"]

_ID_BYTES = 32
_PERSON_CHARS_MAX = 40
_NOTE_CHARS_MAX = 280
_STATE_CHARS_MAX = 4_000  # a notice names each of its recipients


class ItemKind(StrEnum):
    """What is open, in the order in which it is read."""

    NOT_RECORDED = "not-recorded"
    MESSAGE = "message"
    REQUEST = "request"
    NOTICE = "notice"
    UNIT = "unit"
    WARNING = "warning"
    CONFLICT = "conflict"
    AGREEMENT = "agreement"
    LINE = "line"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """One open thing: `id` is its own, `due_us` the deadline of whoever is to act, if any."""

    kind: ItemKind
    id: bytes
    state: str
    due_us: int | None = None

    def __post_init__(self) -> None:
        """Hold the rules."""
        if len(self.id) != _ID_BYTES:
            raise Malformed("an id has 32 bytes", code="bad_id")
        checked_text(self.state, _STATE_CHARS_MAX, "state")
        if self.due_us is not None:
            checked_instant_us(self.due_us)


def person(name: str, what: str) -> str:
    """The name of a person on duty; it stays at home."""
    if not checked_text(name, _PERSON_CHARS_MAX, what):
        raise Malformed(f"{what}: a handover names persons", code="no_person")
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """The outgoing officer hands these items over; `note` is free text and may be none."""

    giver: str
    taker: str
    items: tuple[OpenItem, ...]
    note: str = ""

    def __post_init__(self) -> None:
        """Hold the rules."""
        person(self.giver, "from")
        person(self.taker, "to")
        checked_text(self.note, _NOTE_CHARS_MAX, "note")
        if same_name(self.giver) == same_name(self.taker):
            raise Malformed("one person does not hand over to himself", code="same_person")


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """The incoming officer takes over what is open at that moment."""

    of: bytes
    by: str
    items: tuple[OpenItem, ...]

    def __post_init__(self) -> None:
        """Hold the rules."""
        person(self.by, "by")
        if len(self.of) != _ID_BYTES:
            raise Malformed("an id has 32 bytes", code="bad_id")
