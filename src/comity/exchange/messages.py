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
from comity.wire.limits import CONTENT_BYTES_MAX, ENTRY_BYTES_MAX, GROWTHS_MAX, PROOF_HASHES_MAX

__all__ = [
    "Ack",
    "Acked",
    "AskClock",
    "Beat",
    "Beaten",
    "ClockTold",
    "Gift",
    "Give",
    "Growth",
    "Leaves",
    "NotKept",
    "Recall",
    "Recalled",
    "Receipted",
    "ShownOnly",
    "Take",
    "Want",
    "content_from",
    "decode",
    "encode",
    "growths_from",
    "hashes_from",
    "hashes_to",
    "note_from",
    "proof_from",
    "signature_from",
    "signature_to",
]


Size = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class _Message(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Base of all."""


class Growth(_Message, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """RFC 6962 consistency from size `old` of the sender's journal to the head beside it."""

    old: Size
    hashes: list[str]


class Gift(_Message, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """An entry, what opens it, and its inclusion path under the head of the message around it."""

    entry: str
    seed: str
    fields: str
    index: Size
    path: list[str]


class Give(_Message, forbid_unknown_fields=True, kw_only=True, frozen=True, omit_defaults=True):
    """A -> B: entries in their order, the head of A's journal that holds them, that it only grew.

    `statements` about A's keys are those that B has not taken yet; absent where there is none.

    `growth` starts from each size of A's journal that B may know; `have` is the size of B's that A
    knows.
    """

    head: str
    growth: list[Growth]
    have: Size
    entries: list[Gift]
    statements: list[str] = []


class Receipted(_Message, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A receipt, and its inclusion path under the head of the message around it."""

    receipt: str
    index: Size
    path: list[str]


class Take(_Message, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """B -> A: a receipt for each entry up to the first that was not taken; `stopped` says why.

    With the head of B's journal that holds them, that it only grew, and a cosignature: none where
    A's head did not fit.
    """

    head: str
    growth: list[Growth]
    cosignature: str | None
    receipts: list[Receipted]
    stopped: str | None


class Ack(_Message, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A -> B: A's journal now holds B's head; A cosigns it."""

    entry: str
    proof: str
    growth: list[Growth]
    cosignature: str


class Acked(_Message, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """B -> A: B cosigns the head that holds the binding."""

    cosignature: str


class Beat(_Message, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A -> B every heartbeat: A's head, and A's cosignature over the head of B's it knows."""

    checkpoint: str
    growth: list[Growth]
    have: Size
    cosignature: str | None


class Beaten(_Message, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """B -> A: B's head, and B's cosignature over A's."""

    checkpoint: str
    growth: list[Growth]
    cosignature: str


class NotKept(_Message, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A -> B: something of the safety floor that A could not record: no entry, no proof."""

    statement: str
    seed: str
    fields: str


class ShownOnly(_Message, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """B -> A: B's signed statement that it was shown and not recorded."""

    statement: str


class Want(_Message, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A -> B: the leaf hashes start <= index < stop of B's journal, under its head of `size`."""

    start: Size
    stop: Size
    size: Size


class Leaves(_Message, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """B -> A: the hashes one after the other, the root at `stop`, and that the head extends it."""

    hashes: str
    root: str
    consistency: list[str]


class Recall(_Message, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A -> B: which head of A's does B know? Changes nothing at either."""


class Recalled(_Message, forbid_unknown_fields=True, kw_only=True, frozen=True, omit_defaults=True):
    """B -> A: the newest head of A's that B has verified, as A signed it; null for none.

    `statements` are those about A's log keys that B took from A, oldest first; absent for none.
    """

    checkpoint: str | None
    statements: list[str] = []


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


def growths_from(growths: list[Growth]) -> tuple[tuple[int, tuple[bytes, ...]], ...]:
    """Sizes and proofs, 1 to 8 of them."""
    if not 1 <= len(growths) <= GROWTHS_MAX:
        raise Malformed(f"growth is shown from 1 to {GROWTHS_MAX} sizes", code="bad_proof")
    return tuple((each.old, hashes_from(each.hashes)) for each in growths)


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


def content_from(gift: Gift | NotKept) -> tuple[bytes, bytes]:
    """Seed and serialised fields of what a message brings."""
    if len(gift.fields) > CONTENT_BYTES_MAX * 2:
        raise Malformed("too much content", code="too_large")
    return unb64(gift.seed), unb64(gift.fields)
