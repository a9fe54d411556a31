"""JSON shapes about units that we can reach and what became of them, by the rules of `shapes`."""

import msgspec

from comity.hotline.relay_page import Form
from comity.model.answer import UnitState
from comity.model.relay import Means, RelayState, UnitKind
from comity.web.api.shapes import RiskView

__all__ = [
    "OpenRelayView",
    "RelayCodeRequest",
    "RelayCodeView",
    "RelayPageRequest",
    "RelayPageView",
    "RelayPickRequest",
    "RelayTaskView",
    "RelayUnitRemoval",
    "RelayUnitRequest",
    "RelayUnitView",
    "RelayView",
    "RelayWordRequest",
]


class RelayUnitRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Put a unit or neighbour onto the list, or change it there. All of it stays at home.

    `channel` is free text of at most 40 characters beside the means; `within_s` is in how many
    seconds it can be told, 1 to 86,400.
    """

    name: str
    kind: UnitKind
    means: Means
    channel: str = ""
    within_s: int = 60


class RelayUnitView(msgspec.Struct, kw_only=True, frozen=True):
    """A unit on the list."""

    name: str
    kind: UnitKind
    means: Means
    channel: str
    within_s: float
    added: str


class RelayUnitRemoval(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Take a unit off the list; what is open about it stays open."""

    name: str


class RelayWordRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What became of one unit; `at` defaults to now, means and channel to those of the list."""

    unit: str
    state: UnitState
    role: str
    at: str | None = None
    means: Means | None = None
    channel: str | None = None


class RelayPickRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """The units that a notice concerns; the others need not be told, unless they were missed."""

    units: list[str]
    role: str


class RelayPageRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A page for a unit that has no node, valid for so many seconds, at most 86,400."""

    unit: str
    valid_for_s: int = 3_600
    form: Form = Form.HTML


class RelayPageView(msgspec.Struct, kw_only=True, frozen=True):
    """A page: its file, the signed note that it was drawn from, and the groups to be read back.

    `shows` is the id of the notice that it shows: our own, where only our own may be passed on.
    """

    unit: str
    shows: str
    code: list[str]
    until: str
    form: Form
    page: str
    note: str


class RelayCodeRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A code that a unit read back by voice, in letters or spelling words."""

    unit: str
    code: str
    role: str


class RelayTaskView(msgspec.Struct, kw_only=True, frozen=True):
    """A unit and one notice: to tell, or what became of it.

    `handle` is what the notice's owner sees in the place of the name. `due` is until when somebody
    is to say that it was told, null once somebody did or need not; `ground` says what that rests
    on. `page_until` is until when its newest page may be read back.
    """

    notice: str
    unit: str
    handle: str
    state: RelayState
    means: Means
    channel: str
    since: str
    at: str
    due: str | None
    ground: str
    page_until: str | None


class RelayView(msgspec.Struct, kw_only=True, frozen=True):
    """Who is to be told about a subject; `others` are the units of those whom we gave it."""

    id: str
    owner: str
    state: str
    units: list[RelayTaskView]
    others: list[RiskView]


class RelayCodeView(msgspec.Struct, kw_only=True, frozen=True):
    """The code was right; where the units stand now."""

    right: bool
    relay: RelayView


class OpenRelayView(msgspec.Struct, kw_only=True, frozen=True):
    """Units not reached, ours by name and others' by handle; and who is to be told."""

    risks: list[RiskView]
    to_tell: list[RelayTaskView]
