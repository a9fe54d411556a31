"""How a line to another party stands, and what is put on record of it.

A state is a fact with a beginning: since when, why, and by what the party was heard last. A gap is
the time between two proven contacts when it is longer than was agreed. Nouns only. Called by wire,
hotline and the doors.
"""

from dataclasses import dataclass
from enum import StrEnum

from comity.model.fault import Malformed
from comity.model.party import check_origin
from comity.model.quantity import checked_instant_us

__all__ = ["BEATS_MISSED_MAX", "Contact", "LineFact", "LineState", "Span"]

BEATS_MISSED_MAX = 3  # heartbeats that may fail to come before a line is silent
_REASON_CHARS_MAX = 400


class LineState(StrEnum):
    """The state of a line. What is further down hides what is further up."""

    NEW = "new"  # enrolled, nothing heard yet: nothing is on record
    UP = "up"
    DEGRADED = "degraded"
    SUSPENDED = "suspended"
    SILENT = "silent"
    FORKED = "forked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A time that has passed, microseconds UTC."""

    from_us: int
    until_us: int

    def __post_init__(self) -> None:
        """It does not end before it begins."""
        checked_instant_us(self.from_us)
        checked_instant_us(self.until_us)
        if self.until_us < self.from_us:
            raise Malformed("a span that ends before it begins", code="bad_time")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A contact that is proven: our entry `index` holds the head that the party signed then."""

    at_us: int
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFact:
    """What an entry about a line says.

    `contact` is the last one that is proven. `gap` is there where a contact ended one: from the
    last contact before to the first after, by our clock. `down` is the time in which this node may
    not have run: from its last entry before a start to that start.
    """

    party: str
    state: LineState
    since_us: int
    reason: str = ""
    contact: Contact | None = None
    gap: Span | None = None
    down: Span | None = None

    def __post_init__(self) -> None:
        """What has no beginning is not on record."""
        check_origin(self.party)
        checked_instant_us(self.since_us)
        if self.state is LineState.NEW:
            raise Malformed("nothing is said of a line before it was heard", code="bad_field")
        if len(self.reason) > _REASON_CHARS_MAX:
            raise Malformed(f"a reason has at most {_REASON_CHARS_MAX} characters", code="bad_text")
