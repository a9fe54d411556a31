"""The messages between two nodes, and their one JSON form. Bytes in, values out; no I/O.

Inside are C2SP texts as text and hashes as base64: the JSON around them proves nothing and is not
kept. Reference: docs/reference/protocol.md.
"""

from typing import Annotated, TypeVar

import msgspec

from comity.journal.tlog_proof import TlogProof, parse_proof
from comity.model.fault import Malformed
from comity.trust.keys import KEY_ID_BYTES
from comity.trust.note import Note, Signature, parse_note
from comity.wire.canonical import b64, dumps, hash32, loads, unb64
from comity.wire.limits import CONTENT_BYTES_MAX, ENTRY_BYTES_MAX, PROOF_HASHES_MAX

__all__ = [
    "Ack",
    "Acked",
    "AskClock",
    "Beat",
    "Beaten",
    "ClockTold",
    "Give",
    "Take",
    "content_from",
    "decode",
    "encode",
    "hashes_from",
    "hashes_to",
    "note_from",
    "proof_from",
    "signature_from",
    "signature_to",
]


Size = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class _Message(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Base of all five."""


class Give(_Message, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A -> B: an entry, what opens it, that it is in A's journal, that A's journal only grew.

    `old` is the size of A's journal that B knows by A's account; `have` the size of B's that A
    knows.
    """

    entry: str
    seed: str
    fields: str
    proof: str
    old: Size
    consistency: list[str]
    have: Size


class Take(_Message, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """B -> A: the receipt, proof that it is in B's journal, which only grew; a cosignature."""

    receipt: str
    proof: str
    consistency: list[str]
    cosignature: str


class Ack(_Message, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A -> B: A's journal now holds B's head; A cosigns it."""

    entry: str
    proof: str
    old: Size
    consistency: list[str]
    cosignature: str


class Acked(_Message, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """B -> A: B cosigns the head that holds the binding."""

    cosignature: str


class Beat(_Message, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A -> B every heartbeat: A's head, and A's cosignature over the head of B's it knows."""

    checkpoint: str
    old: Size
    consistency: list[str]
    have: Size
    cosignature: str | None


class Beaten(_Message, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """B -> A: B's head, and B's cosignature over A's."""

    checkpoint: str
    consistency: list[str]
    cosignature: str


class AskClock(_Message, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A -> B: what time is it with you? `nonce` is 32 random bytes in base64."""

    nonce: str


class ClockTold(_Message, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """B -> A: a note that B signed for this question."""

    note: str


M = TypeVar("M", bound=_Message)


def encode(message: _Message) -> bytes:
    """The bytes of a message."""
    return dumps(msgspec.to_builtins(message))


def decode(data: bytes, kind: type[M], bytes_max: int) -> M:
    """Read a message; Malformed for anything else."""
    try:
        return msgspec.convert(loads(data, bytes_max=bytes_max), kind, strict=True)
    except msgspec.ValidationError as error:
        raise Malformed(f"not a message of the exchange: {error}", code="bad_message") from error


def hashes_to(hashes: tuple[bytes, ...]) -> list[str]:
    """Hashes as text."""
    return [b64(value) for value in hashes]


def hashes_from(texts: list[str]) -> tuple[bytes, ...]:
    """Hashes from text, at most 63."""
    if len(texts) > PROOF_HASHES_MAX:
        raise Malformed(f"a proof has at most {PROOF_HASHES_MAX} hashes", code="bad_proof")
    return tuple(hash32(text) for text in texts)


def signature_to(signature: Signature) -> str:
    """A signature line without its dash and line feed: `name base64`."""
    return f"{signature.name} {b64(signature.key_id + signature.blob)}"


def signature_from(text: str) -> Signature:
    """Read `name base64`; not verified."""
    name, space, encoded = text.partition(" ")
    data = unb64(encoded)
    if not space:
        raise Malformed("not a signature line", code="bad_note")
    return Signature(name=name, key_id=data[:KEY_ID_BYTES], blob=data[KEY_ID_BYTES:])


def note_from(text: str) -> Note:
    """Read a note that stands in a message."""
    return parse_note(text.encode("utf-8", "surrogatepass"), size_max=ENTRY_BYTES_MAX)


def proof_from(text: str) -> TlogProof:
    """Read a proof that stands in a message."""
    return parse_proof(text.encode("utf-8", "surrogatepass"))


def content_from(give: Give) -> tuple[bytes, bytes]:
    """Seed and serialised fields of a GIVE."""
    if len(give.fields) > CONTENT_BYTES_MAX * 2:
        raise Malformed("too much content", code="too_large")
    return unb64(give.seed), unb64(give.fields)
