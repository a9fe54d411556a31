"""What the world remembers of every party, whatever that forgets: heads, answers, cosignatures.

Fed by the network (what left a node) and by the pen's futures (what a caller was told). A
contradiction is kept in `broken`: raised where it is seen, it would be taken for a line's failure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from comity.exchange.feed import ADD_CHECKPOINT_PATH
from comity.exchange.line import ACK_PATH, BEAT_PATH, GIVE_PATH
from comity.exchange.messages import (
    Ack,
    Beat,
    Beaten,
    Give,
    Take,
    decode,
    note_from,
    proof_from,
)
from comity.journal.checkpoint import Checkpoint, parse_checkpoint
from comity.journal.scribe import SignedHead
from comity.trust.note import Note, parse_note
from comity.wire.limits import BODY_BYTES_MAX

__all__ = ["Broken", "Ledger", "answered_note", "sent_note"]


class Broken(AssertionError):  # noqa: N818 - it names what a promise is
    """A promise was broken; the text begins with its number."""


def sent_note(path: str, body: bytes) -> Note | None:
    """The signed head in a request; leaves are asked for without one."""
    if path == ADD_CHECKPOINT_PATH:
        return parse_note(body.partition(b"\n\n")[2])
    if path == GIVE_PATH:
        return note_from(decode(body, Give, BODY_BYTES_MAX).head)
    if path == ACK_PATH:
        return proof_from(decode(body, Ack, BODY_BYTES_MAX).proof).checkpoint
    if path == BEAT_PATH:
        return note_from(decode(body, Beat, BODY_BYTES_MAX).checkpoint)
    return None


def answered_note(path: str, body: bytes) -> Note | None:
    """The signed head in an answer of status 200."""
    if path == GIVE_PATH:
        return note_from(decode(body, Take, BODY_BYTES_MAX).head)
    if path == BEAT_PATH:
        return note_from(decode(body, Beaten, BODY_BYTES_MAX).checkpoint)
    return None


def _cosigns(path: str, answer: bytes) -> bool:
    """Whether an answer holds a cosignature; a hazard on a forked line is taken without one."""
    return path != GIVE_PATH or decode(answer, Take, BODY_BYTES_MAX).cosignature is not None


@dataclass
class Ledger:
    """See the module docstring; `liar` is the origin whose word is not held against the code."""

    liar: str | None
    heads: dict[tuple[str, int], bytes] = field(default_factory=dict)
    told: dict[str, Checkpoint] = field(default_factory=dict)
    cosigned: dict[tuple[str, str, int], bytes] = field(default_factory=dict)
    newest_cosigned: dict[tuple[str, str], int] = field(default_factory=dict)
    broken: list[Broken] = field(default_factory=list)
    answers: int = 0

    def signed(self, head: Checkpoint) -> None:
        """A head has left its node, or a caller was told of it."""
        if head.origin == self.liar:
            return
        known = self.heads.setdefault((head.origin, head.size), head.root)
        if known != head.root:
            self._broke(f"P2: {head.origin} signed two roots of size {head.size}")

    def _broke(self, text: str) -> None:
        self.broken.append(Broken(text))

    def left(self, path: str, body: bytes) -> None:
        """A request of an honest node is on its way."""
        note = sent_note(path, body)
        if note is not None:
            self.signed(parse_checkpoint(note.text))

    def committed(self, head: SignedHead) -> None:
        """A caller was told that everything up to this head is durable."""
        checkpoint = head.checkpoint
        if checkpoint.origin == self.liar:
            return
        self.signed(checkpoint)
        self.answers += 1
        known = self.told.get(checkpoint.origin)
        if known is None or known.size < checkpoint.size:
            self.told[checkpoint.origin] = checkpoint

    def answered(self, by: str, path: str, request: bytes, answer: bytes) -> None:
        """An honest `by` (witness or party) answered 200, and cosigned the head in the request."""
        note = answered_note(path, answer)
        if note is not None:
            self.signed(parse_checkpoint(note.text))
        sent = sent_note(path, request)
        if sent is None or not _cosigns(path, answer):
            return
        head = parse_checkpoint(sent.text)
        known = self.cosigned.setdefault((by, head.origin, head.size), head.root)
        if known != head.root:
            self._broke(f"P2: {by} cosigned two roots of size {head.size} of {head.origin}")
        if path == ADD_CHECKPOINT_PATH:
            before = self.newest_cosigned.get((by, head.origin), 0)
            if head.size < before:
                self._broke(f"P2: {by} cosigned {head.origin} at {head.size} after {before}")
            self.newest_cosigned[by, head.origin] = head.size

    def recovered(self, head: SignedHead, roots: Mapping[int, bytes]) -> None:
        """A node came back with this head; `roots` has its root at the size it had told of."""
        told = self.told.get(head.checkpoint.origin)
        if told is not None and roots.get(told.size) != told.root:
            self._broke(
                f"P1: {told.origin} came back with {head.checkpoint.size} entries and does not "
                f"hold what it acknowledged at {told.size}"
            )
        self.signed(head.checkpoint)
