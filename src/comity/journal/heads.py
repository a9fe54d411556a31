"""Follow another party's journal: accept a newer signed head only if it extends the one known.

The one rule by which a peer or a witness comes to cosign. Pure: heads and bytes in, a head or a
fault out. Called by the exchange and by the witness; the caller stores the head before it answers.
"""

from collections.abc import Sequence

from comity.journal.checkpoint import parse_checkpoint
from comity.journal.cosignature import kept_head
from comity.journal.merkle import EMPTY_ROOT, verify_consistency
from comity.model.fault import Malformed, Refusal, Refused, Untrusted
from comity.storage.rows import Head
from comity.trust.keys import VerifierKey
from comity.trust.note import Note, serialise, signed_by

__all__ = ["Forked", "OtherSize", "advanced"]


class OtherSize(Refused):
    """The proof starts from another size than the one we know; `size` is ours (C2SP status 409)."""

    def __init__(self, size: int) -> None:
        """Say which size the proof must start from."""
        super().__init__(
            Refusal(
                code="other_size",
                reason=f"the head known here has size {size}",
                what_to_do=f"send a consistency proof from size {size}",
            )
        )
        self.size = size


class Forked(Untrusted):
    """A signed head, `offered`, that is not shown to extend `known`, the one held here then."""

    def __init__(self, known: Head | None, offered: Head, proof: Sequence[bytes] = ()) -> None:
        """Keep what was compared: at the same size the two heads are proof by themselves.

        `proof` is the consistency proof that came with the offered one, from the size known here.
        """
        super().__init__("the journal does not extend the one known here", code="inconsistent")
        self.known = known
        self.offered = offered
        self.proof = tuple(proof)


def advanced(  # noqa: PLR0917 - what is known, what is offered, under which keys, from where
    known: Head | None,
    note: Note,
    log_key: VerifierKey,
    old: int,
    proof: Sequence[bytes],
    mldsa: VerifierKey | None = None,
) -> Head:
    """The new head of the log whose key is `log_key`, and beside it perhaps `mldsa`.

    Raises:
        Untrusted: not signed by the log (`not_signed`, `bad_signature`), or another origin.
        Forked: not an extension of what we know (`inconsistent`): keep both notes.
        Malformed: no checkpoint, or `old` above the size offered.
        OtherSize: `old` is not the size known here.
    """
    signed_by(note, log_key)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != log_key.name:
        raise Untrusted("a checkpoint of another origin", code="wrong_origin")
    if old > checkpoint.size:
        raise Malformed("the old size is above the new one", code="bad_checkpoint")
    known_size = 0 if known is None else known.size
    if old != known_size:
        raise OtherSize(known_size)
    head = Head(
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=checkpoint.root,
        note=serialise(kept_head(note, log_key, mldsa)),
    )
    if not _extends(known, head.size, head.root, proof):
        raise Forked(known, head, proof)
    return head


def _extends(known: Head | None, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    if known is None or known.size == 0:
        return not proof and (size > 0 or root == EMPTY_ROOT)
    return verify_consistency(known.size, known.root, size, root, tuple(proof))
