"""Offline proofs (c2sp.org/tlog-proof@v1): an index, its inclusion proof, and a signed checkpoint.

Whoever holds the entry, the proof and the log's key needs nothing else to see that the entry was
logged. How many cosignatures are enough is the caller's policy (`journal.cosignature`). `extra` is
authenticated by nothing: it may help to find the entry and proves nothing. No I/O. Called by the
exchange, bundles and auditors.
"""

from dataclasses import dataclass

from comity.journal.checkpoint import CHECKPOINT_NOTE_BYTES_MAX, Checkpoint, parse_checkpoint
from comity.journal.cosignature import kept_head
from comity.journal.merkle import TREE_SIZE_MAX, verify_inclusion
from comity.journal.validity import LogKeys
from comity.model.fault import Malformed, Untrusted
from comity.trust.keys import VerifierKey
from comity.trust.note import Note, parse_note, serialise
from comity.wire.canonical import HASH_BYTES, b64, decimal, hash32, unb64
from comity.wire.limits import PROOF_HASHES_MAX

__all__ = [
    "PROOF_BYTES_MAX",
    "SignedTree",
    "TlogProof",
    "check_proof",
    "kept_proof",
    "parse_proof",
    "serialise_proof",
    "signed_tree",
]

# A checkpoint note at its limit, the base64 of an entry of 64 KiB as extra, 63 lines of hashes.
PROOF_BYTES_MAX = CHECKPOINT_NOTE_BYTES_MAX + 98_304

_HEADER = "c2sp.org/tlog-proof@v1"
_EXTRA = "extra "
_INDEX = "index "


@dataclass(frozen=True, slots=True, kw_only=True)
class TlogProof:
    """A proof as written: nothing in it has been verified before `check_proof`."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: Note
    extra: bytes | None = None

    def __post_init__(self) -> None:
        """Hold what every proof holds, whether it was read or made."""
        if not 0 <= self.index < TREE_SIZE_MAX or len(self.hashes) > PROOF_HASHES_MAX:
            raise Malformed("no tree has such a proof", code="bad_proof")
        if any(len(value) != HASH_BYTES for value in self.hashes):
            raise Malformed(f"a hash has {HASH_BYTES} bytes", code="bad_proof")
        if self.extra == b"":
            raise Malformed("extra data is absent or not empty", code="bad_proof")
        parse_checkpoint(self.checkpoint.text)


def serialise_proof(proof: TlogProof) -> bytes:
    """The proof's bytes, the checkpoint note verbatim at the end."""
    extra = [] if proof.extra is None else [_EXTRA + b64(proof.extra)]
    lines = [_HEADER, *extra, f"{_INDEX}{proof.index}", *(b64(value) for value in proof.hashes)]
    return "".join(f"{line}\n" for line in (*lines, "")).encode() + serialise(proof.checkpoint)


def parse_proof(data: bytes) -> TlogProof:
    """Read a proof; Malformed unless `serialise_proof` gives `data` again."""
    if len(data) > PROOF_BYTES_MAX:
        raise Malformed(f"a proof has at most {PROOF_BYTES_MAX} bytes", code="too_large")
    head, blank, note = data.partition(b"\n\n")
    if not blank or not head.isascii():
        raise Malformed("a proof is lines, an empty line and a checkpoint", code="bad_proof")
    header, *lines = head.decode("ascii").split("\n")
    if header != _HEADER:
        raise Malformed(f"not {_HEADER}", code="bad_proof")
    extra = unb64(lines.pop(0).removeprefix(_EXTRA)) if _starts(lines, _EXTRA) else None
    if not _starts(lines, _INDEX):
        raise Malformed("a proof has an index line", code="bad_proof")
    index = decimal(lines.pop(0).removeprefix(_INDEX))
    if len(lines) > PROOF_HASHES_MAX:
        raise Malformed(f"a proof has at most {PROOF_HASHES_MAX} hashes", code="bad_proof")
    return TlogProof(
        index=index,
        hashes=tuple(hash32(line) for line in lines),
        checkpoint=parse_note(note, size_max=CHECKPOINT_NOTE_BYTES_MAX),
        extra=extra,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedTree:
    """A head that its log truly signed, without foreign lines; made by `signed_tree`."""

    note: Note
    checkpoint: Checkpoint

    def proof(self, leaf: bytes, index: int, hashes: tuple[bytes, ...]) -> TlogProof:
        """The proof that `leaf` is number `index`; Untrusted (`proof_fails`) if it is not."""
        proof = TlogProof(index=index, hashes=hashes, checkpoint=self.note)
        if not verify_inclusion(leaf, index, self.checkpoint.size, hashes, self.checkpoint.root):
            raise Untrusted("the entry is not where the proof says", code="proof_fails")
        return proof


def signed_tree(note: Note, log_key: VerifierKey, mldsa: VerifierKey | None = None) -> SignedTree:
    """A foreign head, verified once for all the proofs that rest on it.

    Raises:
        Untrusted: the log did not sign it (codes of `trust.note.signed_by`), its ML-DSA line is
            false, or it is of another origin (`wrong_origin`).
    """
    kept = kept_head(note, log_key, mldsa)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != log_key.name:
        raise Untrusted(f"a checkpoint of {checkpoint.origin}", code="wrong_origin")
    return SignedTree(note=kept, checkpoint=checkpoint)


def check_proof(proof: TlogProof, leaf: bytes, log: VerifierKey | LogKeys) -> Checkpoint:
    """The checkpoint in which `leaf`, a 32-byte leaf hash, is proven to be.

    `leaf` must be computed from the entry at hand, `log` come from the verifier's own trust: the
    log's key, or its keys with their windows. Raises as `signed_tree` and `SignedTree.proof`.
    """
    log_key = log if isinstance(log, VerifierKey) else log.key_of(proof.checkpoint)
    tree = signed_tree(proof.checkpoint, log_key)
    tree.proof(leaf, proof.index, proof.hashes)
    return tree.checkpoint


def kept_proof(
    proof: TlogProof, leaf: bytes, log_key: VerifierKey, mldsa: VerifierKey | None = None
) -> TlogProof:
    """A foreign proof as it may be kept: checked, without surplus lines; raises as `check_proof`.

    `extra` is refused: nothing authenticates it, and it would stand in our evidence.
    """
    tree = signed_tree(proof.checkpoint, log_key, mldsa)
    kept = tree.proof(leaf, proof.index, proof.hashes)
    if proof.extra is not None:
        raise Malformed("a proof between nodes has no extra data", code="bad_proof")
    return kept


def _starts(lines: list[str], word: str) -> bool:
    return bool(lines) and lines[0].startswith(word)
