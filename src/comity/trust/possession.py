"""Proof of possession: each kind of key signs a text that is no head and no entry, in its own form.

Type 0x01 signs the text. Types 0x04 and 0x06 sign heads and nothing else, so they sign what a head
would be whose origin no journal can have, at time 0. Pure. Called by cards and key statements.
"""

from comity.model.fault import Untrusted
from comity.trust.cosigned import cosigned_message
from comity.trust.keys import KeyType, SigningKey, VerifierKey, verify
from comity.trust.note import Note, Signature, signature_by
from comity.wire.canonical import sha256

__all__ = ["possessed_by", "prove_possession"]

# An origin has a slash after its host and no `@`: `model.party.check_origin` refuses this one.
_NO_ORIGIN = "comity@possession"
_NO_TIME = bytes(8)


def prove_possession(text: str, key: SigningKey) -> Signature:
    """A signature line over `text` by which `key` shows that it is held."""
    signed = key.sign(_message(text, key.verifier()))
    blob = signed if key.key_type is KeyType.ED25519 else _NO_TIME + signed
    return Signature(name=key.name, key_id=key.verifier().key_id, blob=blob)


def possessed_by(note: Note, key: VerifierKey) -> None:
    """Untrusted (`not_signed`, `bad_signature`) unless `key` signed the note's text in its form."""
    line = signature_by(note, key)
    if line is None:
        raise Untrusted(f"not signed by {key.name}", code="not_signed")
    blob = line.blob
    if key.key_type is not KeyType.ED25519:
        if blob[: len(_NO_TIME)] != _NO_TIME:
            raise Untrusted(f"the signature of {key.name} is false", code="bad_signature")
        blob = blob[len(_NO_TIME) :]
    if not verify(key, _message(note.text, key), blob):
        raise Untrusted(f"the signature of {key.name} is false", code="bad_signature")


def _message(text: str, key: VerifierKey) -> bytes:
    if key.key_type is KeyType.ED25519:
        return text.encode()
    if key.key_type is KeyType.COSIGNATURE_V1:
        return f"cosignature/v1\ntime 0\n{text}".encode()
    return cosigned_message(key.name, 0, _NO_ORIGIN, 0, sha256(text.encode()))
