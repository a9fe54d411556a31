"""Seal bytes so that one party alone can open them: libsodium's sealed box, to its entry key.

The recipient's X25519 key is its Ed25519 entry key in the other form (RFC 7748; libsodium's
`crypto_sign_ed25519_pk_to_curve25519`). The bytes are those of `crypto_box_seal`, so that any
libsodium opens them; the one-time key comes from 32 random bytes that are passed in. A box names
neither its sender nor what it belongs to: what is inside must. Pure. Called by intake.
"""

import hashlib

from nacl.bindings import (
    crypto_box_easy,
    crypto_box_seal_open,
    crypto_box_SEALBYTES,
    crypto_box_seed_keypair,
    crypto_sign_ed25519_pk_to_curve25519,
    crypto_sign_ed25519_sk_to_curve25519,
    crypto_sign_seed_keypair,
)
from nacl.exceptions import CryptoError

from comity.model.fault import Untrusted
from comity.trust.keys import SigningKey, VerifierKey
from comity.wire.canonical import sha256

__all__ = ["BOX_BYTES", "box_name", "seal_to", "unsealed"]

BOX_BYTES: int = crypto_box_SEALBYTES  # by how much a box is longer than what is in it: 48
_NONCE_BYTES = 24


def box_name(key: VerifierKey) -> bytes:
    """How a box names the key that it is sealed to: the SHA-256 of the key's text form."""
    return sha256(key.text().encode())


def seal_to(key: VerifierKey, clear: bytes, chance: bytes) -> bytes:
    """Seal `clear` to an admitted Ed25519 key; `chance` is 32 bytes, never used again."""
    public = crypto_sign_ed25519_pk_to_curve25519(key.public)
    once_public, once_private = crypto_box_seed_keypair(chance)
    nonce = hashlib.blake2b(once_public + public, digest_size=_NONCE_BYTES).digest()
    return once_public + crypto_box_easy(clear, nonce, public, once_private)


def unsealed(key: SigningKey, data: bytes) -> bytes:
    """Open a box; Untrusted (`not_for_us`) if it was changed, or sealed to another key."""
    public, private = crypto_sign_seed_keypair(key.seed)
    try:
        return crypto_box_seal_open(
            data,
            crypto_sign_ed25519_pk_to_curve25519(public),
            crypto_sign_ed25519_sk_to_curve25519(private),
        )
    except (CryptoError, ValueError, TypeError):  # too short, too
        raise Untrusted("a sealed text that this key does not open", code="not_for_us") from None
