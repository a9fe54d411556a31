"""JSON shapes about keys that sign and about purges; the rules of `web.api.shapes` hold here."""

import msgspec

__all__ = [
    "PurgeConfirmation",
    "PurgeRequest",
    "PurgeView",
    "SigningKeyView",
    "StatementRequest",
    "StatementView",
]


class _Request(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Base of what comes in."""


class StatementRequest(_Request, kw_only=True, frozen=True):
    """A statement about our own keys (comity/key@v1, comity/revoke@v1), signed by all who must."""

    statement: str


class PurgeRequest(_Request, kw_only=True, frozen=True):
    """Propose to purge what was over `before` a moment, or what one `notice` is about."""

    before: str | None = None
    notice: str | None = None


class PurgeConfirmation(_Request, kw_only=True, frozen=True):
    """Confirm what another proposed; there is nothing to say."""


class SigningKeyView(msgspec.Struct, kw_only=True, frozen=True):
    """A key that signs: from entry `start`, before entry `end` of its party's journal.

    What nothing neutral shows to be older than `revoked` is worth nothing.
    """

    origin: str
    role: str
    key: str
    start: int | None
    end: int | None
    revoked: str | None


class StatementView(msgspec.Struct, kw_only=True, frozen=True):
    """A statement in force: for which role, from which entry on, and to how many peers it goes."""

    role: str
    counts_from: int
    peers: int


class PurgeView(msgspec.Struct, kw_only=True, frozen=True):
    """A purge: what it takes (in answers to a proposal or a confirmation), what it leaves, by whom.

    `kept` are subjects that are live or not yet taken by a peer; `done` is null until confirmed.
    """

    id: str
    before: str | None
    notice: str | None
    subjects: list[str]
    calls: int
    kept: list[str]
    proposed: str
    proposed_by: str
    confirmed_by: str | None
    done: str | None
