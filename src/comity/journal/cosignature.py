"""Cosignatures (c2sp.org/tlog-cosignature@v1.1.0-rc.1), type 0x04: Ed25519 with a time.

A cosignature says: at this time, this was the largest consistent tree of the log that the cosigner
had seen. Whether it may say so is the witness's decision; how many are enough is the policy's. The
message does not hold the cosigner's name, so one key must not serve two cosigners. Times are POSIX
seconds, passed in. No I/O. Called by witnesses, the exchange and auditors.
"""

from comity.journal.checkpoint import parse_checkpoint
from comity.model.fault import Untrusted, must
from comity.trust.keys import KeyType, SigningKey, VerifierKey, verify
from comity.trust.note import Note, Signature, signature_by

__all__ = ["COSIGNATURE_AHEAD_S_MAX", "cosign", "cosigned_at"]

# Clocks differ; but a cosignature from the far future would stay fresh for ever.
COSIGNATURE_AHEAD_S_MAX = 30

_TIME_BYTES = 8
_TIME_S_MAX = 2**63 - 1


def cosign(text: str, key: SigningKey, time_s: int) -> Signature:
    """Cosign a checkpoint's text at `time_s`, POSIX seconds; Malformed if it is no checkpoint."""
    must(key.key_type is KeyType.COSIGNATURE_V1, "a cosignature needs a key of type 0x04")
    must(0 < time_s <= _TIME_S_MAX, "a cosignature has a time")
    parse_checkpoint(text)
    blob = time_s.to_bytes(_TIME_BYTES, "big") + key.sign(_message(text, time_s))
    return Signature(name=key.name, key_id=key.verifier().key_id, blob=blob)


def cosigned_at(note: Note, key: VerifierKey, *, now_s: int | None = None) -> int | None:
    """When `key` cosigned `note`, in POSIX seconds; None if it did not.

    Raises:
        Untrusted: the line is false (`bad_signature`), is there twice (`duplicate_signature`), or
            is more than 30 s ahead of `now_s`, if that is given (`cosigned_ahead`).
    """
    must(key.key_type is KeyType.COSIGNATURE_V1, "a cosignature needs a key of type 0x04")
    line = signature_by(note, key)
    if line is None:
        return None
    time_s = int.from_bytes(line.blob[:_TIME_BYTES], "big")
    in_format = 0 < time_s <= _TIME_S_MAX
    if not in_format or not verify(key, _message(note.text, time_s), line.blob[_TIME_BYTES:]):
        raise Untrusted(f"the cosignature of {key.name} is false", code="bad_signature")
    if now_s is not None and time_s > now_s + COSIGNATURE_AHEAD_S_MAX:
        raise Untrusted(f"{key.name} cosigned in the future", code="cosigned_ahead")
    return time_s


def _message(text: str, time_s: int) -> bytes:
    """Two lines that no note text can be mistaken for, then the whole text."""
    return f"cosignature/v1\ntime {time_s}\n{text}".encode()
