"""Rows and contract of the table group `duty`: the roster, what is watched, who was alerted.

Part of `storage.store`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Duty", "EscalationRow", "ShiftRow", "WatchRow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftRow:
    """A person holds a role from a time, until another (None: until it is left).

    What was not `planned` began when it was taken, whatever the clock says since.
    """

    id: bytes
    role: str
    person: str
    from_us: int
    until_us: int | None
    planned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRow:
    """The receipt chain of one thing toward one party, and the first of its steps that is not met.

    `about` is a subject's, message's or request's id, `kind` one of `model.duty.WatchKind`,
    `notice` the id that answers name, `leaf` the entry by which it came (None: ours). `step` is
    empty when all are met or it is over; `due_us` its deadline, `level` how far the alert has gone,
    `next_us` when it goes on (None: no further). The seven spans count from `from_us`; `sentences`
    holds what each rests on, one a line.
    """

    about: bytes
    party: str
    kind: str
    notice: bytes
    leaf: bytes | None
    from_us: int
    floor: bool
    step: str
    due_us: int
    level: int
    next_us: int | None
    delivered_us: int
    seen_us: int
    read_back_us: int
    relayed_us: int
    alternates_us: int
    next_echelon_us: int
    witness_us: int
    sentences: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationRow:
    """An alert: to whom, about what, why. Open until `cleared_us`.

    `role` is who was to be told, `persons` those who held it and were present, one a line; at the
    last level the role is `witness` and there is none. `level` counts from 0, the first alert,
    which has no entry (`leaf`). `due_us` is when it was to go out, `at_us` when it did.
    """

    id: bytes
    about: bytes
    party: str
    kind: str
    step: str
    level: int
    role: str
    persons: str
    reason: str
    ground: str
    floor: bool
    due_us: int
    at_us: int
    leaf: bytes | None
    cleared_us: int | None


class Duty(Protocol):
    """The duty roster, watches and alerts."""

    def chain(self) -> tuple[str, ...]:
        """The roles that are alerted, in order; none where no roster is set."""
        ...

    def save_chain(self, roles: Iterable[str]) -> None:
        """Replace it."""
        ...

    def save_shift(self, row: ShiftRow) -> None:
        """Insert or replace a shift."""
        ...

    def shifts(self, now_us: int) -> tuple[ShiftRow, ...]:
        """Those that are not over, by their start."""
        ...

    def drop_shift(self, id_: bytes) -> None:
        """Delete a shift that has not begun."""
        ...

    def away(self) -> tuple[str, ...]:
        """Who said that he is not there, by name."""
        ...

    def set_away(self, person: str, since_us: int | None) -> None:
        """Remember that somebody is away; None: that he is back."""
        ...

    def forget_roster(self) -> None:
        """Delete chain, shifts and who is away."""
        ...

    def save_watch(self, row: WatchRow) -> None:
        """Insert or replace, by (about, party, kind)."""
        ...

    def watches(self, about: bytes) -> tuple[WatchRow, ...]:
        """All about one thing."""
        ...

    def open_watches(self) -> tuple[WatchRow, ...]:
        """Those of whose steps one is not met, oldest first."""
        ...

    def next_watch(self) -> int | None:
        """The earliest time at which one goes on."""
        ...

    def due_watches(self, now_us: int) -> tuple[WatchRow, ...]:
        """Those whose time has come, by that time."""
        ...

    def save_escalation(self, row: EscalationRow) -> None:
        """Insert or replace."""
        ...

    def escalations(self, about: bytes) -> tuple[EscalationRow, ...]:
        """All alerts about one thing, oldest first, cleared or not."""
        ...

    def open_escalations(self) -> tuple[EscalationRow, ...]:
        """Those that nobody has met yet: the safety floor's, the farthest, the oldest first."""
        ...

    def save_arrival(self, id_: bytes, leaf: bytes) -> None:
        """Remember by which entry a message or request, or an answer to one, came."""
        ...

    def arrival(self, id_: bytes) -> bytes | None:
        """The leaf of that entry; None for what is ours, or came to an older release."""
        ...

    def forget(self, ids: Iterable[bytes]) -> None:
        """Delete watches and alerts about one of `ids`, and by which entry it came."""
        ...
