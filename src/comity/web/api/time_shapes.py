"""Shapes of the interface that concern time. Part of `shapes`; called by `timekeeping`."""

import msgspec

__all__ = ["ClockSource", "ClockView", "OnlookerView", "StampRequest", "TimeView"]


class StampRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Have the newest head stamped now. An empty object."""


class ClockSource(msgspec.Struct, kw_only=True, frozen=True):
    """`by`'s time less ours lies between `low_s` and `high_s` seconds."""

    by: str
    low_s: float
    high_s: float


class ClockView(msgspec.Struct, kw_only=True, frozen=True):
    """Others' time less ours, in seconds; null if nobody's clock was compared lately.

    `state` is sure, unsure (entries carry the mark) or untrusted (only the safety floor is signed).
    """

    state: str
    low_s: float | None
    high_s: float | None
    sources: list[ClockSource]
    text: str


class OnlookerView(msgspec.Struct, kw_only=True, frozen=True):
    """A witness or time-stamp authority: the newest head that it signed, when, and what failed."""

    name: str
    size: int | None
    time: str | None
    age_s: int | None
    fresh: bool
    error: str | None
    error_since: str | None


class TimeView(msgspec.Struct, kw_only=True, frozen=True):
    """How the node stands in time."""

    now: str
    clock: ClockView
    witnesses: list[OnlookerView]
    authorities: list[OnlookerView]
