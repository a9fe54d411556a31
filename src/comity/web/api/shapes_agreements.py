"""JSON shapes about agreements and what others are told, by the rules of `web.api.shapes`."""

from typing import Literal

import msgspec

from comity.model.notice import Craft, Domain, Onward, Purpose, SubjectKind
from comity.web.api.shapes import Volume

__all__ = [
    "AccordRequest",
    "AccordView",
    "RulingView",
    "SignatureView",
    "StandingRequest",
    "SuspensionView",
    "ToldView",
]

AccordState = Literal["proposed", "waiting", "in-force", "suspended", "superseded", "over"]


class _Request(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Base of what comes in."""


class AccordRequest(_Request, kw_only=True, frozen=True):
    """Sign a text (comity/agreement@v1) as one of its principals; it goes to the others."""

    text: str


class StandingRequest(_Request, kw_only=True, frozen=True):
    """Suspend an agreement, or take our own suspension back; one sentence says why."""

    change: Literal["suspend", "resume"]
    reason: str


class SignatureView(msgspec.Struct, kw_only=True, frozen=True):
    """A principal that signed, and when that was known here."""

    origin: str
    known: str


class SuspensionView(msgspec.Struct, kw_only=True, frozen=True):
    """A suspension; `over` is null while it stands."""

    by: str
    reason: str
    since: str
    over: str | None


class AccordView(msgspec.Struct, kw_only=True, frozen=True):
    """One version of one agreement: its text, who signed, who has not, and how it stands.

    `note` is the text with every signature that is known here. `in_force` is the moment from which
    its clauses count; null without all signatures.
    """

    hash: str
    name: str
    version: int
    state: AccordState
    parties: list[str]
    missing: list[str]
    signatures: list[SignatureView]
    suspensions: list[SuspensionView]
    known: str
    in_force: str | None
    text: str
    note: str


class RulingView(msgspec.Struct, kw_only=True, frozen=True):
    """What counts for one parameter, and the clause that it rests on (`version` 0: a default)."""

    parameter: str
    value: int
    shown: str
    agreement: str
    version: int
    clause: str
    sentence: str


class ToldView(msgspec.Struct, kw_only=True, frozen=True):
    """What one party is, or would be, told of a notice: step and reason, the bytes, the picture.

    `content` is the content in hex, byte for byte as the entry to that party carries it; the fields
    after it are what that party's own node reads from it. `picture` is GeoJSON. `id` is the id by
    which that party knows the subject, null in a preview: it depends on what is drawn when sealing.
    """

    to: str
    step: int
    step_name: str
    ground: str
    id: str | None
    content: str
    kind: SubjectKind
    name: str
    purpose: Purpose
    domain: Domain
    craft: Craft
    onward: Onward
    volumes: list[Volume]
    picture: str
