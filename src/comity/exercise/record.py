"""What one variant left behind: what was done, what the nodes showed and when, where they ended.

Nouns only, no node and no file. Written by perform and watch, read by summary and report.
Instants are virtual, in microseconds of UTC.
"""

from dataclasses import dataclass
from enum import StrEnum

from comity.exercise.answers import (
    Accord,
    Alarm,
    Assessment,
    Call,
    Conflict,
    Message,
    Notice,
    Request,
    Risk,
    Ruling,
    Status,
)

__all__ = [
    "Cut",
    "Drafted",
    "Happened",
    "LineSeen",
    "Outcome",
    "Overtaken",
    "PartyRecord",
    "Placed",
    "Record",
    "Sighting",
]


class Outcome(StrEnum):
    """How a step went."""

    DONE = "done"
    REFUSED_AS_EXPECTED = "refused as expected"
    REFUSED = "refused"
    NOT_REFUSED = "not refused"
    CHANGED = "refused, and yet something changed"
    SKIPPED = "skipped"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One step as it was played; `notice` is the id that the node gave, `text` a short account."""

    at_us: int
    by: str
    do: str
    name: str | None
    of: str | None
    outcome: Outcome
    text: str
    where: str
    claims: tuple[str, ...]
    notice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """The first time at which the node of `party` showed this state of a unit or handle."""

    party: str
    at_us: int
    risk: Risk


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSeen:
    """The node of `party` shows its line to `other` in another state than before."""

    party: str
    other: str
    state: str
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """When the node of `party` first showed a message, and at which place of its open ones."""

    party: str
    message: str
    place: int
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A line was cut or mended; `sizes` are how long the journals of the two were then."""

    mended: bool
    sizes: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overtaken:
    """What `party` took first from `giver` when their line was mended: an entry of type `first`.

    `passed` is how many entries had waited longer.
    """

    party: str
    giver: str
    first: str
    passed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """The draft of a NOTAM, as the node of `by` wrote it for its people."""

    by: str
    of: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyRecord:
    """What one node showed at the end; what was over or cleared by then is among it.

    `rulings` are what was agreed with each party, by its name.
    """

    party: str
    status: Status
    notices: tuple[Notice, ...]
    conflicts: tuple[Conflict, ...]
    alarms: tuple[Alarm, ...]
    calls: tuple[Call, ...]
    requests: tuple[Request, ...] = ()
    accords: tuple[Accord, ...] = ()
    messages: tuple[Message, ...] = ()
    rulings: tuple[tuple[str, Ruling], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A variant that was played.

    `labels` names ids as `party/local-id`. `judged` is the id of the notice or call whose lead time
    counts, `assessment` the first word on it of the node that received it. `parcels` is how many
    files were carried by hand; None: the nodes had a network. `placed`, `lines` and `overtaken` are
    looked for where steps give a reason to.
    """

    variant: str
    parties: tuple[PartyRecord, ...]
    sightings: tuple[Sighting, ...]
    happened: tuple[Happened, ...]
    labels: dict[str, str]
    judged: str
    assessment: Assessment | None
    parcels: int | None = None
    placed: tuple[Placed, ...] = ()
    lines: tuple[LineSeen, ...] = ()
    overtaken: tuple[Overtaken, ...] = ()
    drafts: tuple[Drafted, ...] = ()
