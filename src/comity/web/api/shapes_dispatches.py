"""The JSON of outlets and dispatches. No secret, no address of a webhook beyond its host.

Part of `web.api.table`.
"""

import msgspec

__all__ = ["DispatchView", "OutletView"]


class OutletView(msgspec.Struct, kw_only=True, frozen=True):
    """An outlet, and how many dispatches of the last 90 days are in each state.

    `accepted` says that the server at the other end took so many, not that anybody saw them.
    """

    name: str
    channel: str
    to: str
    on: list[str]
    details: str
    role: str | None
    waiting: int
    accepted: int
    refused: int
    given_up: int


class DispatchView(msgspec.Struct, kw_only=True, frozen=True):
    """One thing on its way to one outlet.

    `state` is waiting, accepted (the server at the other end took it; nothing says that it arrived
    in a mailbox or that a person has seen it), refused, or given-up.
    """

    id: str
    outlet: str
    kind: str
    of: str
    about: str | None
    party: str | None
    floor: bool
    at: str
    state: str
    attempts: int
    next: str | None
    answer: str
    done: str | None
