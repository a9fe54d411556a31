"""ML-DSA-44 (FIPS 204, pure, empty context): what is needed of it, over bytes.

Signing is randomized: the same message gives another signature each time, so signatures are kept
and never compared. Rests on `cryptography`. Called by trust.keys alone.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

__all__ = ["MLDSA_PUBLIC_BYTES", "MLDSA_SIGNATURE_BYTES", "MLDSA44PrivateKey", "load", "verifies"]

MLDSA_PUBLIC_BYTES = 1_312
MLDSA_SIGNATURE_BYTES = 2_420


def load(seed: bytes) -> MLDSA44PrivateKey:
    """The private key of a seed of 32 bytes."""
    return MLDSA44PrivateKey.from_seed_bytes(seed)


def verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` over `message` holds under `public`; never raises."""
    if len(signature) != MLDSA_SIGNATURE_BYTES:
        return False
    try:
        MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
