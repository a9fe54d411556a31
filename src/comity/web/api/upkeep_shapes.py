"""The JSON shapes about the node itself: how it is, and what became of a restore.

Types only, as `web.api.shapes`, which has the rest. Called by the routes and the command line.
"""

from typing import Literal

import msgspec

__all__ = ["AcceptRequest", "HealthView", "ReasonView", "RestoredView", "WordView"]


class ReasonView(msgspec.Struct, kw_only=True, frozen=True):
    """Why the node is not well; `stops` if nothing is written because of it."""

    code: str
    text: str
    stops: bool


class HealthView(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """How the node is: `stopped` writes nothing (status 503), and is still read.

    `reasons` are for callers with a key of scope `read`, `admin` or `metrics`.
    """

    status: Literal["ok", "degraded", "stopped"]
    reasons: list[ReasonView] | None = None


class WordView(msgspec.Struct, kw_only=True, frozen=True):
    """What one party knows of our journal; `checkpoint` is the head that it showed, as evidence.

    We signed it, unless `unproven`: then no key known here did, nor one that statements lead to.
    """

    party: str
    kind: Literal["peer", "witness"]
    said: Literal["agrees", "ahead", "differs", "silent", "unproven"]
    size: int | None
    checkpoint: str | None
    text: str


class RestoredView(msgspec.Struct, kw_only=True, frozen=True):
    """Whether the node writes (`open`), waits for others' words, or was contradicted."""

    state: Literal["open", "waiting", "contradicted"]
    backup_made: str | None
    backup_size: int | None
    accepted: list[str]
    words: list[WordView]


class AcceptRequest(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Do not wait for `party` (origin, or a witness's name): so says the person `by`.

    It is silent, or shows a head that nothing shows to be ours.
    """

    party: str
    by: str
