"""Cosignatures (c2sp.org/tlog-cosignature@v1.1.0-rc.1): 0x04, Ed25519, and 0x06, ML-DSA-44.

A cosignature says: at this time, this was the largest consistent tree of the log that the cosigner
had seen. Whether it may say so is the witness's decision; how many are enough is the policy's. The
message of 0x04 does not hold the cosigner's name, so one key must not serve two cosigners. A log
signs its own head with 0x06 too, as its own cosigner. Times are POSIX seconds, passed in. No I/O.
Called by witnesses, the exchange and auditors.
"""

from comity.journal.checkpoint import parse_checkpoint
from comity.model.fault import Untrusted, must
from comity.trust.cosigned import cosigned_message
from comity.trust.keys import KeyType, SigningKey, VerifierKey
from comity.trust.note import Note, Signature, only_signed_by, signature_by
from comity.trust.recent import holds

__all__ = ["COSIGNATURE_AHEAD_S_MAX", "cosign", "cosigned_at", "kept_head", "time_in"]

# Clocks differ; but a cosignature from the far future would stay fresh for ever.
COSIGNATURE_AHEAD_S_MAX = 30

_TYPES = frozenset({KeyType.COSIGNATURE_V1, KeyType.ML_DSA_44})
_TIME_BYTES = 8
_TIME_S_MAX = 2**63 - 1


def cosign(text: str, key: SigningKey, time_s: int) -> Signature:
    """Cosign a checkpoint's text at `time_s`, POSIX seconds; Malformed if it is no checkpoint."""
    must(key.key_type in _TYPES, "a cosignature needs a key of type 0x04 or 0x06")
    must(0 < time_s <= _TIME_S_MAX, "a cosignature has a time")
    message = _message(text, key.verifier(), time_s)
    blob = time_s.to_bytes(_TIME_BYTES, "big") + key.sign(message)
    return Signature(name=key.name, key_id=key.verifier().key_id, blob=blob)


def cosigned_at(note: Note, key: VerifierKey, *, now_s: int | None = None) -> int | None:
    """When `key` cosigned `note`, in POSIX seconds; None if it did not.

    Raises:
        Untrusted: the line is false (`bad_signature`), is there twice (`duplicate_signature`), or
            is more than 30 s ahead of `now_s`, if that is given (`cosigned_ahead`).
    """
    must(key.key_type in _TYPES, "a cosignature needs a key of type 0x04 or 0x06")
    line = signature_by(note, key)
    if line is None:
        return None
    time_s = time_in(line)
    in_format = 0 < time_s <= _TIME_S_MAX
    if not in_format or not _holds(note, key, time_s, line.blob[_TIME_BYTES:]):
        raise Untrusted(f"the cosignature of {key.name} is false", code="bad_signature")
    if now_s is not None and time_s > now_s + COSIGNATURE_AHEAD_S_MAX:
        raise Untrusted(f"{key.name} cosigned in the future", code="cosigned_ahead")
    return time_s


def time_in(line: Signature) -> int:
    """The time that a cosignature's line holds, in POSIX seconds; not verified."""
    return int.from_bytes(line.blob[:_TIME_BYTES], "big")


def kept_head(note: Note, log_key: VerifierKey, mldsa: VerifierKey | None) -> Note:
    """A foreign head as it may be kept: the lines of the log's two keys, verified, and no other.

    The line of `mldsa` need not be there; Untrusted if it is there and false, or if the log key's
    is not there.
    """
    kept = only_signed_by(note, log_key)
    if mldsa is None or cosigned_at(note, mldsa) is None:
        return kept
    line = signature_by(note, mldsa)
    return kept if line is None else Note(text=note.text, signatures=(*kept.signatures, line))


def _holds(note: Note, key: VerifierKey, time_s: int, signature: bytes) -> bool:
    return holds(key, _message(note.text, key, time_s), signature)


def _message(text: str, key: VerifierKey, time_s: int) -> bytes:
    """What is signed, which no note text can be mistaken for; Malformed if it is no checkpoint."""
    head = parse_checkpoint(text)
    if key.key_type is KeyType.ML_DSA_44:
        return cosigned_message(key.name, time_s, head.origin, head.size, head.root)
    return f"cosignature/v1\ntime {time_s}\n{text}".encode()
