"""JSON shapes about handovers and open items, by the rules of `shapes`."""

import msgspec

__all__ = [
    "AcceptanceRequest",
    "HandoverRequest",
    "HandoverView",
    "OpenItemView",
    "OpenItemsView",
]


class HandoverRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Sign over what is open; `giver` and `taker` are persons, `note` is free text."""

    giver: str
    taker: str
    note: str = ""


class AcceptanceRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Countersign as the person `by`; `list_hash` is the hash of the open items that were shown."""

    by: str
    list_hash: str


class OpenItemView(msgspec.Struct, kw_only=True, frozen=True):
    """One open thing: its own id, the hash that is signed, and until when somebody is to act."""

    kind: str
    id: str
    hash: str
    due: str | None
    state: str


class OpenItemsView(msgspec.Struct, kw_only=True, frozen=True):
    """What is open now; `list_hash` is the hash over all of it, in this order."""

    list_hash: str
    items: list[OpenItemView]


class HandoverView(msgspec.Struct, kw_only=True, frozen=True):
    """A handover. `standing` is waiting, accepted or replaced.

    `items` is what the outgoing person signed, `added` and `gone` how the list differs from it: as
    it was accepted, or while it waits as it is now. `list_hash` is the hash of that one.
    """

    id: str
    giver: str
    taker: str
    note: str
    standing: str
    begun: str
    accepted: str | None
    acceptance: str | None
    list_hash: str
    items: list[OpenItemView]
    added: list[OpenItemView]
    gone: list[OpenItemView]
