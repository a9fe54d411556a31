"""JSON shapes about the duty roster, alerts and receipt chains, by the rules of `shapes`."""

import msgspec

from comity.model.duty import ChainStep, WatchKind

__all__ = [
    "AlertView",
    "ChainView",
    "EchelonView",
    "LinkView",
    "PresenceRequest",
    "RoleRequest",
    "RosterChainRequest",
    "RosterView",
    "ShiftRequest",
    "ShiftView",
]


class RosterChainRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Who is alerted, in order: 1 to 3 roles; none takes the whole roster away."""

    roles: list[str]


class ShiftRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A person takes a role: from `start` (now, if not said) until `until`, or until it is left."""

    role: str
    person: str
    start: str | None = None
    until: str | None = None


class RoleRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A person leaves a role: what he holds of it ends, what was planned falls away."""

    role: str
    person: str


class PresenceRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A person of the roster is there, or away: who is away is not alerted and cannot answer."""

    person: str
    present: bool


class ShiftView(msgspec.Struct, kw_only=True, frozen=True):
    """A shift that is not over; `now`: it has begun and the person is not away."""

    role: str
    person: str
    start: str
    until: str | None
    now: bool


class EchelonView(msgspec.Struct, kw_only=True, frozen=True):
    """A role that is alerted, and who holds it now and is present."""

    role: str
    present: list[str]


class RosterView(msgspec.Struct, kw_only=True, frozen=True):
    """The roster: `chain` in the order of alerts, empty where none is set. It stays at home."""

    chain: list[EchelonView]
    shifts: list[ShiftView]
    away: list[str]


class AlertView(msgspec.Struct, kw_only=True, frozen=True):
    """An alert: `role` and `persons` are whom, `about` a notice, message or request of `party`.

    `level` is 0 for who is told first, 1 the alternates, 2 the next echelon, 3 the last: the other
    party is told. `due` is when it was to go out, `at` when it did; `cleared` is null while it is
    open. `ground` is the clause. `leaf` is the entry that records it; the first level has none.
    """

    id: str
    about: str
    party: str
    kind: WatchKind
    step: ChainStep
    level: int
    role: str
    persons: list[str]
    reason: str
    ground: str
    floor: bool
    due: str
    at: str
    leaf: str | None
    cleared: str | None


class LinkView(msgspec.Struct, kw_only=True, frozen=True):
    """A step: `at` by the clock of `by`, who does it, `other` by the other side's clock.

    A time is null where it is not known here, or the step is not done. `late`: it was due and is
    not done, or was done after that. `leaf` is the entry that says it.
    """

    step: ChainStep
    by: str
    done: bool
    late: bool
    at: str | None
    other: str | None
    due: str | None
    ground: str
    leaf: str | None


class ChainView(msgspec.Struct, kw_only=True, frozen=True):
    """The receipt chain of one thing toward one party, and the alerts about it, oldest first."""

    about: str
    party: str
    kind: WatchKind
    watched: bool
    steps: list[LinkView]
    alerts: list[AlertView]
