"""Schema v1 of a journal entry: the text of a signed note, by a strict line grammar.

A head that all types share (`from to seq prev issued beacon`), a body by type, then optional
`label` and `ref` lines. Bytes signed are bytes kept: `parse_entry` writes its result again and
compares. What an entry says of its content is only a commitment. Reference:
docs/reference/protocol.md.
"""

from dataclasses import dataclass
from enum import StrEnum

from comity.model.fault import Malformed
from comity.model.party import check_origin, exercise_of
from comity.model.quantity import checked_instant_us
from comity.wire.canonical import b64, decimal, hash32
from comity.wire.limits import CONTENT_LEAVES, ENTRY_BYTES_MAX, REFS_MAX

__all__ = [
    "UNBOUND",
    "Body",
    "ContentBody",
    "Entry",
    "EntryType",
    "EvidenceBody",
    "Got",
    "KeysBody",
    "PeerCheckpointBody",
    "ReceiptBody",
    "entry_text",
    "parse_entry",
]


class EntryType(StrEnum):
    """The type line, without its `comity/` and `@v1`: the domain separator of the signature."""

    NOTICE = "notice"
    SAFETY = "safety"
    AGREEMENT = "agreement"
    ANSWER = "answer"
    ATTESTATION = "attestation"
    CALL = "call"
    CONFLICT = "conflict"
    PARTY = "party"
    WARNING = "warning"
    RECEIPT = "receipt"
    PEER_CHECKPOINT = "peer-checkpoint"
    KEYS = "keys"
    KEY = "key"
    REVOKE = "revoke"
    RESTORED = "restored"
    EVIDENCE = "evidence"
    PURGE = "purge"
    REQUEST = "request"
    REPLY = "reply"
    REGISTER = "register"
    READ = "read"
    REPORT = "report"
    MESSAGE = "message"
    HANDOVER = "handover"


# The verdict of a receipt for an entry of the safety floor of a party whose journal
# forked: taken on its signature alone. The head in it is the last that fitted, and binds nothing.
UNBOUND = "unbound"


class Got(StrEnum):
    """What the receiver could open of what it was given."""

    FULL = "full"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentBody:
    """Commitment to a content: root over salted fields, padded leaf count, hash of the seed."""

    root: bytes
    leaves: int
    seed_commit: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptBody:
    """Binds the giver's history up to the given entry into the receiver's journal."""

    given_leaf: bytes
    given_index: int
    peer_size: int
    peer_root: bytes
    got: Got
    taken_us: int
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerCheckpointBody:
    """The signed head of `peer` as we saw it; `note_hash` is the SHA-256 of its whole note."""

    peer: str
    peer_size: int
    peer_root: bytes
    note_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysBody:
    """Our own verifier keys: the first entry of a journal."""

    entry_key: str
    log_key: str
    cosigner_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceBody:
    """Evidence of time that we hold: its kind, SHA-256 and length, and the head it is over."""

    kind: str
    sha256: bytes
    length: int
    size: int
    root: bytes


Body = ContentBody | ReceiptBody | PeerCheckpointBody | KeysBody | EvidenceBody

_CONTENT_TYPES = frozenset(
    {
        EntryType.NOTICE,
        EntryType.SAFETY,
        EntryType.AGREEMENT,
        EntryType.ANSWER,
        EntryType.ATTESTATION,
        EntryType.CALL,
        EntryType.CONFLICT,
        EntryType.PARTY,
        EntryType.WARNING,
        EntryType.KEY,
        EntryType.REVOKE,
        EntryType.RESTORED,
        EntryType.PURGE,
        EntryType.REQUEST,
        EntryType.REPLY,
        EntryType.REGISTER,
        EntryType.READ,
        EntryType.REPORT,
        EntryType.MESSAGE,
        EntryType.HANDOVER,
    }
)
_UNSURE = "clock-unsure"
_LABELS = ("exercise", _UNSURE)  # in this order, each at most once
_EVIDENCE_KINDS = frozenset({"rfc3161"})
_VERDICTS = frozenset("abcdefghijklmnopqrstuvwxyz_0123456789")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a party's record. `seq` and `prev` chain a lane's entries without a gap."""

    type: EntryType
    sender: str
    audience: str
    seq: int
    prev: bytes | None
    issued_us: int
    beacon: bytes | None
    body: Body
    clock_unsure: bool = False
    refs: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Hold the rules that concern more than one line."""
        check_origin(self.sender)
        check_origin(self.audience)
        checked_instant_us(self.issued_us)
        if (self.seq == 0) != (self.prev is None):
            raise Malformed("only the first entry of a chain has no predecessor", code="bad_chain")
        if len(self.refs) > REFS_MAX:
            raise Malformed(f"an entry refers to at most {REFS_MAX} others", code="bad_entry")
        if exercise_of(self.sender) != exercise_of(self.audience):
            raise Malformed("live and exercise records do not mix", code="exercise_mismatch")

    @property
    def exercise(self) -> str | None:
        """The exercise that this entry belongs to, or None."""
        return exercise_of(self.sender)


def entry_text(entry: Entry) -> str:
    """The text that is signed, ending in LF."""
    lines = [
        f"comity/{entry.type}@v1",
        f"from {entry.sender}",
        f"to {entry.audience}",
        f"seq {entry.seq}",
        f"prev {_hash_or_dash(entry.prev)}",
        f"issued {entry.issued_us}",
        f"beacon {_hash_or_dash(entry.beacon)}",
        *_body_lines(entry.body),
    ]
    if entry.exercise is not None:
        lines.append("label exercise")
    if entry.clock_unsure:
        lines.append("label clock-unsure")
    lines += [f"ref {b64(ref)}" for ref in entry.refs]
    return "\n".join(lines) + "\n"


def _body_lines(body: Body) -> tuple[str, ...]:
    if isinstance(body, ContentBody):
        return (
            f"content-root {b64(body.root)}",
            f"content-leaves {body.leaves}",
            f"content-seed-commit {b64(body.seed_commit)}",
        )
    if isinstance(body, ReceiptBody):
        return (
            f"given {b64(body.given_leaf)} {body.given_index}",
            f"peer-checkpoint {body.peer_size} {b64(body.peer_root)}",
            f"got {body.got}",
            f"taken {body.taken_us}",
            f"verdict {body.verdict}",
        )
    if isinstance(body, PeerCheckpointBody):
        return (
            f"peer {body.peer}",
            f"peer-checkpoint {body.peer_size} {b64(body.peer_root)}",
            f"note-hash {b64(body.note_hash)}",
        )
    if isinstance(body, EvidenceBody):
        return (
            f"evidence {body.kind} {b64(body.sha256)} {body.length}",
            f"head {body.size} {b64(body.root)}",
        )
    return (
        f"entry-key {body.entry_key}",
        f"log-key {body.log_key}",
        f"cosigner-key {body.cosigner_key}",
    )


def _hash_or_dash(value: bytes | None) -> str:
    return "-" if value is None else b64(value)


class _Lines:
    """Takes `key value` lines in order."""

    def __init__(self, text: str) -> None:
        if not text.endswith("\n"):
            raise Malformed("an entry ends in a line feed", code="bad_entry")
        self._lines = text[:-1].split("\n")
        self._at = 0

    def take(self, key: str) -> str:
        value = self.maybe(key)
        if value is None:
            raise Malformed(f"an entry lacks its line {key!r}", code="bad_entry")
        return value

    def maybe(self, key: str) -> str | None:
        if self._at < len(self._lines):
            found, _, value = self._lines[self._at].partition(" ")
            if found == key:
                self._at += 1
                return value
        return None

    def first(self) -> str:
        self._at = 1
        return self._lines[0]

    def finish(self) -> None:
        if self._at != len(self._lines):
            raise Malformed("an entry has a surplus line", code="bad_entry")


def parse_entry(text: str) -> Entry:
    """Read an entry's text; Malformed for anything that `entry_text` would not write."""
    if len(text.encode("utf-8", "surrogatepass")) > ENTRY_BYTES_MAX:
        raise Malformed(f"an entry has at most {ENTRY_BYTES_MAX} bytes", code="too_large")
    lines = _Lines(text)
    kind = _type_from(lines.first())
    head_from, head_to, seq = lines.take("from"), lines.take("to"), decimal(lines.take("seq"))
    prev, issued = _hash_or_none(lines.take("prev")), decimal(lines.take("issued"))
    beacon = _hash_or_none(lines.take("beacon"))
    body = _body_from(kind, lines)
    labels = [lines.maybe("label") for _ in _LABELS]
    refs: list[bytes] = []
    for _ in range(REFS_MAX):
        ref = lines.maybe("ref")
        if ref is None:
            break
        refs.append(hash32(ref))
    lines.finish()
    entry = Entry(
        type=kind,
        sender=head_from,
        audience=head_to,
        seq=seq,
        prev=prev,
        issued_us=issued,
        beacon=beacon,
        body=body,
        clock_unsure=_UNSURE in labels,
        refs=tuple(refs),
    )
    if entry_text(entry) != text:
        raise Malformed("an entry is not in canonical form", code="bad_entry")
    return entry


def _type_from(line: str) -> EntryType:
    if not (line.startswith("comity/") and line.endswith("@v1")):
        raise Malformed("not an entry of Comity, version 1", code="bad_entry")
    try:
        return EntryType(line.removeprefix("comity/").removesuffix("@v1"))
    except ValueError as error:
        raise Malformed("an unknown type of entry", code="bad_entry") from error


def _hash_or_none(text: str) -> bytes | None:
    return None if text == "-" else hash32(text)


def _body_from(kind: EntryType, lines: _Lines) -> Body:
    if kind in _CONTENT_TYPES:
        body = ContentBody(
            root=hash32(lines.take("content-root")),
            leaves=decimal(lines.take("content-leaves")),
            seed_commit=hash32(lines.take("content-seed-commit")),
        )
        if body.leaves not in CONTENT_LEAVES:
            raise Malformed("a content has 8, 32, 128 or 512 leaves", code="bad_entry")
        return body
    if kind is EntryType.RECEIPT:
        return _receipt_from(lines)
    if kind is EntryType.PEER_CHECKPOINT:
        peer = check_origin(lines.take("peer"))
        size, root = _two(lines.take("peer-checkpoint"))
        return PeerCheckpointBody(
            peer=peer,
            peer_size=decimal(size),
            peer_root=hash32(root),
            note_hash=hash32(lines.take("note-hash")),
        )
    if kind is EntryType.EVIDENCE:
        return _evidence_from(lines)
    return KeysBody(
        entry_key=lines.take("entry-key"),
        log_key=lines.take("log-key"),
        cosigner_key=lines.take("cosigner-key"),
    )


def _receipt_from(lines: _Lines) -> ReceiptBody:
    leaf, index = _two(lines.take("given"))
    size, root = _two(lines.take("peer-checkpoint"))
    got, taken, verdict = lines.take("got"), lines.take("taken"), lines.take("verdict")
    if got not in (Got.FULL, Got.NOTHING):
        raise Malformed("a receipt got full or nothing", code="bad_entry")
    if not (0 < len(verdict) <= 64 and set(verdict) <= _VERDICTS):  # noqa: PLR2004
        raise Malformed("a verdict is `accepted` or a refusal's code", code="bad_entry")
    return ReceiptBody(
        given_leaf=hash32(leaf),
        given_index=decimal(index),
        peer_size=decimal(size),
        peer_root=hash32(root),
        got=Got(got),
        taken_us=checked_instant_us(decimal(taken)),
        verdict=verdict,
    )


def _evidence_from(lines: _Lines) -> EvidenceBody:
    kind, rest = _two(lines.take("evidence"))
    digest, length = _two(rest)
    size, root = _two(lines.take("head"))
    if kind not in _EVIDENCE_KINDS:
        raise Malformed("an unknown kind of evidence", code="bad_entry")
    return EvidenceBody(
        kind=kind,
        sha256=hash32(digest),
        length=decimal(length),
        size=decimal(size),
        root=hash32(root),
    )


def _two(value: str) -> tuple[str, str]:
    first, _, second = value.partition(" ")
    return first, second
