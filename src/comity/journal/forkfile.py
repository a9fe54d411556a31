"""Evidence that a log signed two histories, as a file that convicts by itself.

    comity/fork@v1
    kind <same-size or inconsistent>
    root <base64>               only `inconsistent`: the root at the smaller size in the larger tree
    hash <base64>               only `inconsistent`: RFC 6962 consistency from there, 0 to 63 lines

    <signed checkpoint>         C2SP notes, the smaller tree (for one size: the smaller root) first

    <signed checkpoint>

A valid consistency proof fixes the one root that a smaller tree inside a larger one has; if the log
signed another root for that size, its two signatures contradict each other. Pure. Called by the
exchange, which makes such files, and by the verifier. Reference: docs/reference/evidence.md.
"""

from dataclasses import dataclass
from enum import StrEnum

from comity.journal.checkpoint import Checkpoint, parse_checkpoint
from comity.journal.merkle import verify_consistency
from comity.journal.report import Finding, Outcome, Report
from comity.journal.trustfile import Trust
from comity.journal.validity import LogKeys
from comity.model.fault import Malformed, Untrusted
from comity.trust.note import Note, parse_note, serialise
from comity.wire.canonical import b64, hash32
from comity.wire.limits import PROOF_HASHES_MAX

__all__ = [
    "FORK_BYTES_MAX",
    "Fork",
    "ForkKind",
    "check_fork",
    "fork_of",
    "judge_fork",
    "parse_fork",
    "serialise_fork",
]

FORK_BYTES_MAX = 16_384  # two notes of one signature each, 65 lines of hashes
_HEAD = "comity/fork@v1"
_PARTS = 5  # head, and a text and its signatures for each of two notes


class ForkKind(StrEnum):
    """How the two heads contradict each other."""

    SAME_SIZE = "same-size"
    INCONSISTENT = "inconsistent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """Two signed heads of one journal; for different sizes what shows that they do not fit."""

    smaller: Note
    larger: Note
    root: bytes | None = None
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Hold the order, so that one contradiction has one file."""
        small, large = self.heads
        if small.origin != large.origin:
            raise Malformed("two heads of two journals are no fork", code="bad_evidence")
        if (small.size, small.root) >= (large.size, large.root) or not small.size:
            raise Malformed("the smaller head comes first", code="bad_evidence")
        if (self.root is None) != (small.size == large.size):
            raise Malformed("heads of two sizes need a root that differs", code="bad_evidence")
        if len(self.hashes) > PROOF_HASHES_MAX or (self.root is None and self.hashes):
            raise Malformed("a proof that no tree has", code="bad_evidence")

    @property
    def heads(self) -> tuple[Checkpoint, Checkpoint]:
        """Both heads, the smaller one first."""
        return parse_checkpoint(self.smaller.text), parse_checkpoint(self.larger.text)

    @property
    def kind(self) -> ForkKind:
        """How they contradict each other."""
        return ForkKind.SAME_SIZE if self.root is None else ForkKind.INCONSISTENT


def fork_of(one: Note, other: Note, root: bytes | None, hashes: tuple[bytes, ...]) -> Fork:
    """Two heads in whatever order."""

    def place(note: Note) -> tuple[int, bytes]:
        head = parse_checkpoint(note.text)
        return head.size, head.root

    smaller, larger = sorted((one, other), key=place)
    return Fork(smaller=smaller, larger=larger, root=root, hashes=hashes)


def serialise_fork(fork: Fork) -> bytes:
    """The file's bytes."""
    lines = [_HEAD, f"kind {fork.kind}"]
    if fork.root is not None:
        lines += [f"root {b64(fork.root)}", *(f"hash {b64(value)}" for value in fork.hashes)]
    head = "".join(f"{line}\n" for line in lines).encode("ascii")
    return b"\n".join((head, serialise(fork.smaller), serialise(fork.larger)))


def parse_fork(data: bytes) -> Fork:
    """Read a file; Malformed unless `serialise_fork` gives `data` again."""
    if len(data) > FORK_BYTES_MAX:
        raise Malformed(f"such evidence has at most {FORK_BYTES_MAX} bytes", code="too_large")
    parts = data.split(b"\n\n")
    if len(parts) != _PARTS:
        raise Malformed("not evidence of a fork, version 1", code="bad_evidence")
    head = parts[0].decode("utf-8", "replace").split("\n")
    if head[0] != _HEAD or not _starts(head[1:], "kind "):
        raise Malformed("not evidence of a fork, version 1", code="bad_evidence")
    root = hash32(head[2].removeprefix("root ")) if _starts(head[2:], "root ") else None
    fork = Fork(
        smaller=parse_note(parts[1] + b"\n\n" + parts[2] + b"\n"),
        larger=parse_note(parts[3] + b"\n\n" + parts[4]),
        root=root,
        hashes=tuple(hash32(line.removeprefix("hash ")) for line in head[3:]),
    )
    if serialise_fork(fork) != data:
        raise Malformed("evidence is not in canonical form", code="bad_evidence")
    return fork


def _starts(lines: list[str], word: str) -> bool:
    return bool(lines) and lines[0].startswith(word)


def check_fork(fork: Fork, keys: LogKeys) -> None:
    """Untrusted (`not_misbehaviour`, or what is wrong with a signature) unless the log is guilty.

    `keys` are of the verifier's own trust. Each head is signed by a key of that log that was in
    force at its size and was not revoked; not both need be signed by the same.
    """
    small, large = fork.heads
    if small.origin != keys.origin:
        raise Untrusted("the heads are of another journal", code="wrong_origin")
    for note in (fork.smaller, fork.larger):
        if keys.life_of(note).revoked_s is not None:
            raise Untrusted("only a key that was revoked signed a head", code="key_revoked")
    if fork.root is None:
        return  # one size, two roots: the two signatures say it all
    if fork.root == small.root:
        raise Untrusted("the two heads fit", code="not_misbehaviour")
    if not verify_consistency(small.size, fork.root, large.size, large.root, fork.hashes):
        raise Untrusted("the proof does not hold: it shows nothing", code="not_misbehaviour")


def judge_fork(data: bytes, trust: Trust) -> Report:
    """The verdict on a file under somebody's trust."""
    try:
        fork = parse_fork(data)
    except Malformed as fault:
        return Report(outcome=Outcome.BAD_INPUT, reason=fault.reason)
    small, large = fork.heads
    party = trust.party(small.origin)
    if party is None:
        reason = f"the trust file does not name {small.origin}"
        return Report(outcome=Outcome.NOT_PROVEN, reason=reason)
    try:
        check_fork(fork, party.heads)
    except Untrusted as fault:
        return Report(outcome=Outcome.NOT_PROVEN, reason=fault.reason)
    if small.size == large.size:
        text = f"{small.origin} signed two different journals of {small.size} entries"
    else:
        text = f"{small.origin} signed a journal of {small.size} entries, and one of {large.size} "
        text += "that begins with others"
    finding = Finding(code="forked_journal", by=small.origin, text=text)
    reason = f"{small.origin} signed two histories"
    return Report(outcome=Outcome.MISBEHAVIOUR, reason=reason, findings=(finding,))
