"""The text of a checkpoint (c2sp.org/tlog-checkpoint@v1.0.0): origin, tree size, root.

Only the text: signatures are `trust.note`'s and `journal.cosignature`'s. Extension lines are
refused, because ML-DSA cosignatures do not cover them and no monitor can audit them. That a tree of
size 0 has the empty root is for the witness to hold (it answers 422, not 400). No I/O. Called by
the pen, witnesses, `journal.tlog_proof` and auditors.
"""

from dataclasses import dataclass

from comity.journal.merkle import TREE_SIZE_MAX
from comity.model.fault import Malformed
from comity.trust.keys import check_name
from comity.wire.canonical import HASH_BYTES, b64, decimal, hash32

__all__ = ["CHECKPOINT_NOTE_BYTES_MAX", "Checkpoint", "checkpoint_text", "parse_checkpoint"]

# The signed note: the text, and 64 lines of 3.3 kB, should each be an ML-DSA cosignature.
CHECKPOINT_NOTE_BYTES_MAX = 262_144

# Origin of at most 255 bytes, 19 digits, 44 characters, three LF.
_TEXT_CHARS_MAX = 384
_PARTS = 4  # three lines and what follows the last LF: nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A log's claim: under this origin, `size` leaves have the root hash `root` (32 bytes)."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        """An origin is held to the rules for key names: the log's key is named like it."""
        check_name(self.origin)
        if not 0 <= self.size <= TREE_SIZE_MAX:
            raise Malformed("a tree has 0 to 2^63 - 1 leaves", code="bad_checkpoint")
        if len(self.root) != HASH_BYTES:
            raise Malformed(f"a root has {HASH_BYTES} bytes", code="bad_checkpoint")


def checkpoint_text(checkpoint: Checkpoint) -> str:
    """The three lines that are signed, LF after each."""
    return f"{checkpoint.origin}\n{checkpoint.size}\n{b64(checkpoint.root)}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the three lines; Malformed unless `checkpoint_text` gives `text` again."""
    if len(text) > _TEXT_CHARS_MAX:
        raise Malformed("too long for a checkpoint", code="too_large")
    parts = text.split("\n")
    if len(parts) != _PARTS or parts[-1]:
        raise Malformed("a checkpoint has exactly three lines", code="bad_checkpoint")
    return Checkpoint(origin=parts[0], size=decimal(parts[1]), root=hash32(parts[2]))
