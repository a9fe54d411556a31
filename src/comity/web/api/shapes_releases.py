"""JSON shapes about messages that wait for a second person, by the rules of `shapes`."""

import msgspec

from comity.web.api.shapes_messages import MessageRequest

__all__ = ["HeldRequest", "HeldView", "ReleaseRequest"]


class HeldRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What the person `by` wants said; another person must release it."""

    by: str
    message: MessageRequest


class ReleaseRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Release or withdraw, as the person `by`."""

    by: str


class HeldView(msgspec.Struct, kw_only=True, frozen=True):
    """A message that waits, or did: waiting_for_release, released, withdrawn or expired.

    `message` is the id under which it was said, null if it was not. `wording` is what is to be
    said, in English, and `about` what it names; of what is over neither is kept.
    """

    id: str
    code: str
    wording: str
    about: str | None
    to: str
    by: str
    at: str
    expires: str
    standing: str
    by_second: str | None
    message: str | None
