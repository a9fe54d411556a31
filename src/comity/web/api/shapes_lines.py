"""JSON shapes about lines, their gaps and the checks by people, by the rules of `shapes`."""

import msgspec

from comity.web.api.shapes import LineState

__all__ = ["CheckView", "DownView", "GapView", "LineCheckView", "LineView"]


class DownView(msgspec.Struct, kw_only=True, frozen=True):
    """A part of a gap in which this node may not have run: from its last entry to its start."""

    start: str
    end: str


class GapView(msgspec.Struct, kw_only=True, frozen=True):
    """A time without proven contact, from the last contact before it to the first after it.

    `end` is null while it lasts, and `seconds` then counts until now. `entries` are the places in
    our journal of what was put on record of it; `head_before` and `head_after` those of the heads
    that the party had signed.
    """

    party: str
    start: str
    end: str | None
    seconds: float
    entries: list[int]
    head_before: int | None
    head_after: int | None
    down: list[DownView]


class CheckView(msgspec.Struct, kw_only=True, frozen=True):
    """A line check that a person answered. `message` is its id, roles are what people said.

    `round_trip_s` is by the asker's clock, from asking to the answer, and known to the asker alone;
    `there_s` by the clock of who answered, from having it to answering.
    """

    message: str
    asker: str
    asker_role: str
    answerer_role: str
    asked: str
    answered: str
    round_trip_s: float | None
    there_s: float | None


class LineCheckView(msgspec.Struct, kw_only=True, frozen=True):
    """When people check the line: `next` is the next agreed hour.

    `open_since` is the hour of a check that nobody has made, `overdue` that it should have been.
    """

    next: str
    open_since: str | None
    overdue: bool
    last: CheckView | None


class LineView(msgspec.Struct, kw_only=True, frozen=True):
    """How the line to a party stands.

    `since` is null while nothing was heard yet. `entry` is where our journal says so, `contact` the
    last contact that is proven, and `contact_entry` where the head stands that proves it.
    `heard` is when the party was heard last, proven or not. `silent_after_s` is agreed.
    """

    party: str
    origin: str
    state: LineState
    since: str | None
    reason: str
    heard: str | None
    contact: str | None
    contact_entry: int | None
    silent_after_s: float
    gap: GapView | None
    gaps: int
    check: LineCheckView | None
