"""JSON shapes about requests and replies, by the rules of `web.api.shapes`."""

import msgspec

from comity.model.request import Decision, DeclineReason, Wanted

__all__ = ["AskRequest", "ReplyRequest", "ReplyView", "RequestView"]


class AskRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Ask the party `to` about a notice: one of ours that it was given, or one of its own.

    `by` is when it should be done; `words` are free text of at most 40 characters.
    """

    of: str
    to: str
    wanted: Wanted
    by: str
    words: str = ""


class ReplyRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Our own act on a request: `declined` with `reason`, `standby` with `standby_minutes`.

    `person` is who holds the role: asked of the duty roster, and told to nobody.
    """

    decision: Decision
    role: str
    person: str = ""
    reason: DeclineReason | None = None
    standby_minutes: int | None = None
    words: str = ""


class ReplyView(msgspec.Struct, kw_only=True, frozen=True):
    """What the asked party said, and when that was known here. `words` are free text."""

    id: str
    decision: Decision
    role: str
    reason: DeclineReason | None
    standby_minutes: int | None
    words: str
    at: str


class RequestView(msgspec.Struct, kw_only=True, frozen=True):
    """A request with its replies, in the order of their arrival.

    `decision` is the newest of them: the act of `asked`, which Comity only records. `due` is null
    once it is final; `ground` says what the deadline rests on. `unanswered`: the deadline passed
    without a final one. `delivered` and `verdict` tell of a request of ours.
    """

    id: str
    of: str
    asker: str
    asked: str
    wanted: Wanted
    by: str
    words: str
    at: str
    due: str | None
    ground: str
    unanswered: bool
    decision: Decision | None
    replies: list[ReplyView]
    delivered: str | None
    verdict: str | None
