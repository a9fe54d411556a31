"""The JSON shapes of the protected register. Types only, in the units of `web.api.shapes`.

Volumes stand in one answer alone: that of one entry, opened.
"""

import msgspec

from comity.model.notice import Craft, Domain, Purpose, SubjectKind
from comity.model.verdict import VerdictWord
from comity.web.api.shapes import Delivery, Said, Volume

__all__ = [
    "CellView",
    "EntryReadView",
    "EntryTestView",
    "FindingView",
    "MissView",
    "OpeningRequest",
    "PresenceView",
    "ProtectRequest",
    "ProtectedView",
    "ReleaseRequest",
    "RenewalRequest",
]


class ProtectRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A protected presence for `to` alone. It expires when the last of its volumes ends.

    With `snap` coordinates are made as coarse as the agreements ask, and the area wider by as much.
    """

    to: list[str]
    volumes: list[Volume]
    purpose: Purpose = Purpose.HUMANITARIAN
    domain: Domain = Domain.GROUND
    craft: Craft = Craft.NONE
    name: str = ""
    clear_needs_s: float | None = None
    snap: bool = False


class RenewalRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """The entry stands until `until`."""

    until: str


class ReleaseRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Nothing: the address says which entry."""


class OpeningRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """As what an entry is opened, and why: the owner is told. For our own both may be empty."""

    role: str = ""
    reason: str = ""


class CellView(msgspec.Struct, kw_only=True, frozen=True):
    """The grid cell in which the middle of an entry lies: its corner and size, in degrees."""

    south: float
    west: float
    size: float


class ProtectedView(msgspec.Struct, kw_only=True, frozen=True):
    """An entry as lists show it. `cell` is null for one that our keys do not open.

    `deliveries` says of an entry of ours who has it; of others' it is empty.
    """

    handle: str
    owner: str
    cell: CellView | None
    expires: str
    deliveries: list[Delivery]


class PresenceView(msgspec.Struct, kw_only=True, frozen=True):
    """One entry, opened."""

    handle: str
    owner: str
    name: str
    purpose: Purpose
    domain: Domain
    craft: Craft
    clear_needs_s: float | None
    expires: str
    volumes: list[Volume]


class EntryReadView(msgspec.Struct, kw_only=True, frozen=True):
    """Another party opened an entry of ours; `at` is its word, `known` when we learned of it."""

    id: str
    handle: str
    party: str
    role: str
    reason: str
    at: str
    known: str


class MissView(msgspec.Struct, kw_only=True, frozen=True):
    """An operation within the clearance of an entry of ours; distances are rounded down."""

    operation: str
    owner: str
    meets: bool
    closest_m: float
    vertical_gap_m: float
    time_gap_s: float


class EntryTestView(msgspec.Struct, kw_only=True, frozen=True):
    """How many operations came within the clearance, twice and five times of it, in 30 days."""

    handle: str
    expires: str
    within: int
    within_twice: int
    within_five_times: int
    misses: list[MissView]


class FindingView(msgspec.Struct, kw_only=True, frozen=True):
    """What a plan would meet, or come closer to than the clause allows.

    `sealed` marks an entry of the register: distances to it are rounded down, whole kilometres, and
    `id` is its handle; `sentence` does not say where it is.

    `time_to_clear_s` with its `terms_s`, or `unable`: what the plan's own craft would need to be
    out of another's operation or hazard. `clear_needs_s`: what the owner of a presence has
    published, and `verdict` with `reason` whether the plan, told now, leaves it that time.
    """

    id: str
    owner: str
    kind: SubjectKind
    sealed: bool
    meets: bool
    closest_m: float
    vertical_gap_m: float
    time_gap_s: float
    clause: str
    sentence: Said
    time_to_clear_s: float | None
    terms_s: dict[str, float] | None
    unable: str | None
    clear_needs_s: float | None
    verdict: VerdictWord | None
    reason: str | None
