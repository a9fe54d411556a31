"""Prove things about our own journal: inclusion under a signed head, growth of the tree.

Reads one committed state; signs nothing. Called by the exchange, the doors and bundles.
"""

from collections.abc import Iterable

from comity.journal.merkle import consistency_proof, inclusion_proof
from comity.journal.scribe import SignedHead
from comity.journal.tlog_proof import TlogProof
from comity.model.fault import Refusal, Refused
from comity.storage.store import Reading
from comity.trust.note import Note, Signature

__all__ = ["prove_growth", "prove_inclusion", "with_signatures"]


def prove_inclusion(reading: Reading, index: int, head: SignedHead) -> TlogProof:
    """That entry `index` is under `head`; Refused (`not_yet`) if the head is older."""
    if not 0 <= index < head.checkpoint.size:
        raise Refused(
            Refusal(
                code="not_yet", reason="no signed head holds that entry", what_to_do="ask again"
            )
        )
    hashes = inclusion_proof(index, head.checkpoint.size, reading.journal.node)
    return TlogProof(index=index, hashes=hashes, checkpoint=head.note)


def prove_growth(reading: Reading, old: int, head: SignedHead) -> tuple[bytes, ...]:
    """That the tree of `head` extends our tree of size `old`; empty for 0 or the same size."""
    if old > head.checkpoint.size:
        raise Refused(
            Refusal(
                code="ahead_of_us",
                reason=f"this journal has {head.checkpoint.size} entries, not {old}",
                what_to_do="keep the head that you have: it is evidence",
            )
        )
    if old in (0, head.checkpoint.size):
        return ()
    return consistency_proof(old, head.checkpoint.size, reading.journal.node)


def with_signatures(note: Note, more: Iterable[Signature]) -> Note:
    """The note with further signature lines, each key at most once."""
    there = {(s.name, s.key_id) for s in note.signatures}
    extra = tuple(s for s in more if (s.name, s.key_id) not in there)
    return Note(text=note.text, signatures=(*note.signatures, *extra))
