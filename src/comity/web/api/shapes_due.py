"""JSON shapes about what a person has to say, by the rules of `shapes`."""

import msgspec

__all__ = ["DueView"]


class DueView(msgspec.Struct, kw_only=True, frozen=True):
    """One thing to say: `of` is the id that it is about, `party` who waits for it, if anybody does.

    `duty` is start, end, close, continue, answer, reply, see, read-back, attest,
    release or handover.
    """

    duty: str
    of: str
    due: str
    overdue: bool
    party: str | None
    about: str
