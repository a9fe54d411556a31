"""Who said it: turns foreign bytes into `Verified` values, the only kind that a desk accepts.

Two envelopes: the signed entry (evidence, kept), and the transport envelope around a request
between nodes (proves caller, path and freshness, then forgotten). Pure: bytes, roster and `now` in,
a value or a fault out. Called by the exchange; `Verified.derive` by `journal.content` alone.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from comity.model.fault import Malformed, Untrusted
from comity.trust.identity import Role
from comity.trust.keys import SigningKey
from comity.trust.lives import held, within
from comity.trust.note import Note, parse_note, serialise, sign_note
from comity.trust.roster import Peer, Roster
from comity.wire.canonical import b64, decimal, hash32, sha256
from comity.wire.entry_v1 import Entry, parse_entry
from comity.wire.limits import (
    CLOCK_SKEW_US_MAX,
    ENTRY_BYTES_MAX,
    ENVELOPE_AGE_US_MAX,
)

__all__ = [
    "Verified",
    "check_signer",
    "check_time",
    "open_entry",
    "open_transport",
    "seal_own",
    "seal_transport",
    "sent_at",
]

T = TypeVar("T")
U = TypeVar("U")
_SEAL = object()
_ENVELOPE_BYTES_MAX = 2_048
_HEAD = "comity/envelope@v1"
_KEYS = ("from", "to", "path", "sent", "body")


class Verified(Generic[T]):
    """A value whose author is proven: `by` is the author's origin. Made in this file only."""

    __slots__ = ("by", "value")

    def __init__(self, seal: object, value: T, by: str) -> None:
        """Refuse anyone without the seal."""
        if seal is not _SEAL:
            raise TypeError("a Verified is made by comity.trust.envelope only")
        self.value = value
        self.by = by

    def derive(self, value: U) -> "Verified[U]":
        """A value to which this one commits; the caller has just checked that it does."""
        return Verified(_SEAL, value, self.by)


def seal_own(value: T, origin: str) -> Verified[T]:
    """A statement of our own, made by an authenticated caller of this node."""
    return Verified(_SEAL, value, origin)


def open_entry(data: bytes, roster: Roster) -> Verified[Entry]:
    """Open an entry that another party gave us.

    Any entry key that the party ever had will do here: whether it was in force is seen by the
    entry's index (`check_signer`), once that is proven.

    Its time is not looked at: a chain must not break on a date, so whoever acts upon the content
    calls `check_time` and records a refusal in the receipt.

    Raises:
        Malformed: not an entry.
        Untrusted: of a stranger, not for us, or not signed by its sender's entry key.
    """
    note = parse_note(data, size_max=ENTRY_BYTES_MAX)
    entry = parse_entry(note.text)
    peer = roster.peer(entry.sender)
    if len(note.signatures) != 1:
        raise Malformed("an entry has exactly one signature", code="bad_entry")
    held(note, peer.of_role(Role.ENTRY))
    if entry.audience != roster.own:
        raise Untrusted("the entry is for another audience", code="wrong_audience")
    return Verified(_SEAL, entry, entry.sender)


def check_signer(note: Note, index: int, peer: Peer) -> None:
    """Untrusted unless the key that signed an entry was in force at its proven index.

    Codes: `key_revoked`, `key_expired`.
    """
    found = held(note, peer.of_role(Role.ENTRY))
    within(found, lambda life: life.signs_entry(index))


def check_time(issued_us: int, now_us: int, age_us_max: int) -> None:
    """Malformed if a time lies in the future, or too far in the past."""
    if issued_us > now_us + CLOCK_SKEW_US_MAX:
        raise Malformed("it is from the future; compare the clocks", code="from_the_future")
    if issued_us < now_us - age_us_max:
        raise Malformed("it is too old to be acted upon", code="expired")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Transport:
    sender: str
    audience: str
    path: str
    sent_us: int
    body_hash: bytes

    def text(self) -> str:
        values = (self.sender, self.audience, self.path, str(self.sent_us), b64(self.body_hash))
        lines = [f"{key} {value}" for key, value in zip(_KEYS, values, strict=True)]
        return "\n".join([_HEAD, *lines]) + "\n"


def seal_transport(  # noqa: PLR0917 - who, to whom, where, what, when: the order of the text
    key: SigningKey, own: str, audience: str, path: str, body: bytes, now_us: int
) -> bytes:
    """The envelope for one request: binds caller, audience, path, time and body."""
    transport = _Transport(
        sender=own, audience=audience, path=path, sent_us=now_us, body_hash=sha256(body)
    )
    return serialise(sign_note(transport.text(), key))


def _caller(note: Note, sender: str, roster: Roster) -> Peer:
    """One answer for a stranger and for a false signature: who is enrolled is nobody's business."""
    try:
        peer = roster.peer(sender)
        found = held(note, peer.of_role(Role.ENTRY))
    except Untrusted as error:
        raise Untrusted("no party that is enrolled sealed this", code="stranger") from error
    within(found, lambda life: life.living)
    return peer


def open_transport(
    envelope: bytes, path: str, body: bytes, roster: Roster, now_us: int | None
) -> Verified[Peer]:
    """Who sends this request; Malformed or Untrusted. `body` is hashed, not parsed.

    With None for `now_us` its age is not looked at: for a question that may be asked again by
    whoever overhears it.
    """
    note = parse_note(envelope, size_max=_ENVELOPE_BYTES_MAX)
    transport = _transport_from(note.text)
    peer = _caller(note, transport.sender, roster)
    if transport.audience != roster.own or transport.path != path:
        raise Untrusted("the envelope is for another audience or path", code="wrong_audience")
    if transport.body_hash != sha256(body):
        raise Untrusted("the envelope is around another body", code="wrong_body")
    if now_us is not None:
        check_time(transport.sent_us, now_us, ENVELOPE_AGE_US_MAX)
    return Verified(_SEAL, peer, peer.origin)


def sent_at(envelope: bytes) -> int:
    """When an envelope that was opened says that it was sent, in microseconds."""
    return _transport_from(parse_note(envelope, size_max=_ENVELOPE_BYTES_MAX).text).sent_us


def _transport_from(text: str) -> _Transport:
    lines = text[:-1].split("\n")
    if len(lines) != len(_KEYS) + 1 or lines[0] != _HEAD:
        raise Malformed("not an envelope of Comity, version 1", code="bad_envelope")
    values = [line.removeprefix(f"{key} ") for key, line in zip(_KEYS, lines[1:], strict=True)]
    transport = _Transport(
        sender=values[0],
        audience=values[1],
        path=values[2],
        sent_us=decimal(values[3]),
        body_hash=hash32(values[4]),
    )
    if transport.text() != text:
        raise Malformed("an envelope is not in canonical form", code="bad_envelope")
    return transport
