"""JSON shapes of the figures of a line, by the rules of `shapes`; here microseconds are whole.

Two sides compare these figures, so nothing in them is rounded.
"""

import msgspec

__all__ = ["HotlineMetricsView", "MarkView", "SpreadView", "WayView"]


class SpreadView(msgspec.Struct, kw_only=True, frozen=True):
    """Spans of time in microseconds: `count` of the `of` that were due one.

    `p50_us` is the lower of the two in the middle; null where there is none. `in_time` are those
    within what is agreed.
    """

    of: int
    count: int
    p50_us: int | None
    least_us: int | None
    most_us: int | None
    in_time: int


class MarkView(msgspec.Struct, kw_only=True, frozen=True):
    """A hash over the receipts that were considered, up to the one of this number."""

    upto: int
    hash: str


class WayView(msgspec.Struct, kw_only=True, frozen=True):
    """One direction: what `giver` gave to `taker`, and what became of it.

    `receipts` are so many as the chain had where this was cut, `first` is the number of the first
    that is considered (null: none is). `broken`: a receipt before that is gone here. Every other
    name is defined in docs/reference/hotline-metrics.md.
    """

    giver: str
    taker: str
    receipts: int
    first: int | None
    broken: bool
    entries: int
    refused: dict[str, int]
    missing: int
    declared: dict[str, int]
    moved: dict[str, int]
    delivered: SpreadView
    lead: SpreadView
    short_notice: int
    seen: SpreadView
    read_back: SpreadView
    relayed: SpreadView
    units: int
    units_not_reached: int
    started: int
    overdue: int
    unclosed: int
    messages: int
    messages_of_floor: int
    answered: SpreadView
    settled: int
    requests: int
    decided: SpreadView
    marks: list[MarkView]


class HotlineMetricsView(msgspec.Struct, kw_only=True, frozen=True):
    """The figures of one line, the same at both its ends but for `own` and `party`.

    `since` and `until` are as asked for; `as_of` is the moment up to which ends were looked for.
    `terms` is a short hash of what is agreed between the two.
    """

    own: str
    party: str
    since: str | None
    until: str | None
    as_of: str | None
    terms: str
    ways: list[WayView]
