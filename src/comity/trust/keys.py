"""Named keys: verifier keys as text, key ids, signing, verifying, admission of new keys.

Formats are C2SP's: signed-note@v1.0.0 (type 0x01, Ed25519) and tlog-cosignature@v1.1.0-rc.1 (types
0x04, Ed25519, and 0x06, ML-DSA-44). Nothing here reads a file or makes a seed: randomness is passed
in, `trust.keyfile` does the disk. A further type needs a row in KeyType and in _PUBLIC_BYTES, and
its arm in sign and verify.

`parse_verifier_key` says that a text is a key; `admit` says that a signature under it means
something. Enrolment calls both. Called by trust.note, trust.keyfile, journal and every enrolment.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from nacl.bindings import (
    crypto_core_ed25519_is_valid_point,
    crypto_sign,
    crypto_sign_seed_keypair,
)

from comity.model.fault import Malformed, Untrusted
from comity.trust.mldsa import MLDSA_PUBLIC_BYTES, MLDSA44PrivateKey, load, verifies
from comity.wire.canonical import b64, sha256, unb64

__all__ = [
    "KEY_ID_BYTES",
    "KEY_NAME_BYTES_MAX",
    "SEED_BYTES",
    "SIGNATURE_BYTES",
    "KeyType",
    "SigningKey",
    "VerifierKey",
    "admit",
    "check_name",
    "keys_by_name",
    "parse_verifier_key",
    "verify",
]

KEY_ID_BYTES = 4
KEY_NAME_BYTES_MAX = 255  # an ML-DSA cosignature holds the name's length in 8 bits
SEED_BYTES = 32
SIGNATURE_BYTES = 64

# The longest name, 8 hex digits, two plus signs and the base64 of type and ML-DSA key: 2,017.
_VERIFIER_KEY_CHARS_MAX = 2_048
# Unicode spaces, plus, C0 and C1 controls, lone surrogates.
_NOT_IN_A_NAME = re.compile(r"[\s+\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_FIELD_PRIME = 2**255 - 19
_GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493


class KeyType(IntEnum):
    """The signature type byte of C2SP signed-note."""

    ED25519 = 1
    COSIGNATURE_V1 = 4
    ML_DSA_44 = 6


_PUBLIC_BYTES = {
    KeyType.ED25519: 32,
    KeyType.COSIGNATURE_V1: 32,
    KeyType.ML_DSA_44: MLDSA_PUBLIC_BYTES,
}


def check_name(name: str) -> None:
    """Refuse what is no key name or origin: Malformed unless 1 to 255 bytes, no space, no plus.

    Control characters are refused as well: a name is shown to people, on one line.
    """
    if not name or _NOT_IN_A_NAME.search(name):
        raise Malformed(f"{name[:40]!r} is not a key name", code="bad_name")
    if len(name.encode("utf-8")) > KEY_NAME_BYTES_MAX:
        raise Malformed(f"a key name has at most {KEY_NAME_BYTES_MAX} bytes", code="bad_name")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """A public key with the name and the signature type for which it counts."""

    name: str
    key_type: KeyType
    public: bytes
    # First 4 bytes of SHA-256(name, LF, type, public key): a hint, not an identity. Asked for with
    # every signature line, so it is made once.
    key_id: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Hold name and length; whether the point is a good one is `admit`'s question."""
        check_name(self.name)
        if len(self.public) != _PUBLIC_BYTES[self.key_type]:
            raise Malformed("a public key of the wrong length", code="bad_key")
        named = self.name.encode("utf-8") + b"\n" + bytes((self.key_type,))
        object.__setattr__(self, "key_id", sha256(named + self.public)[:KEY_ID_BYTES])

    def text(self) -> str:
        """The key in one line: `name+hex(key id)+base64(type, public key)`."""
        return f"{self.name}+{self.key_id.hex()}+{b64(bytes((self.key_type,)) + self.public)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A private key with its name and type; the seed is shown by no repr and no error."""

    name: str
    key_type: KeyType
    seed: bytes = field(repr=False)
    # Loading costs as much as signing, so it is done once.
    _private: bytes | MLDSA44PrivateKey = field(init=False, repr=False, compare=False)
    _verifier: VerifierKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Hold name and length, and derive the public half."""
        check_name(self.name)
        if len(self.seed) != SEED_BYTES:
            raise Malformed(f"a seed has {SEED_BYTES} bytes", code="bad_key")
        private: bytes | MLDSA44PrivateKey
        if self.key_type is KeyType.ML_DSA_44:
            private = load(self.seed)
            public = private.public_key().public_bytes_raw()
        else:
            public, private = crypto_sign_seed_keypair(self.seed)
        verifier = VerifierKey(name=self.name, key_type=self.key_type, public=public)
        object.__setattr__(self, "_private", private)
        object.__setattr__(self, "_verifier", verifier)

    def verifier(self) -> VerifierKey:
        """The public half under the same name and type."""
        return self._verifier

    def sign(self, message: bytes) -> bytes:
        """Sign: Ed25519 gives the same 64 bytes every time, ML-DSA-44 other 2,420 each time.

        libsodium signs with Ed25519 faster than OpenSSL, with the same result.
        """
        if isinstance(self._private, bytes):
            return crypto_sign(message, self._private)[:SIGNATURE_BYTES]
        return self._private.sign(message)


def parse_verifier_key(text: str) -> VerifierKey:
    """Read a verifier key in its one text form; Malformed for anything else.

    The result may still be a weak key: before it is enrolled it must pass `admit`.
    """
    if len(text) > _VERIFIER_KEY_CHARS_MAX:
        raise Malformed("too long for a verifier key", code="too_large")
    try:
        name, key_id, encoded = text.split("+", 2)  # base64 may hold a plus, a name may not
    except ValueError as error:
        raise Malformed("a verifier key has three parts", code="bad_key") from error
    material = unb64(encoded)
    key = VerifierKey(name=name, key_type=_key_type(material[:1]), public=material[1:])
    if key.key_id.hex() != key_id:
        raise Malformed("the key id is not that of name and key", code="bad_key")
    return key


def keys_by_name(texts: Iterable[str]) -> dict[str, tuple[VerifierKey, ...]]:
    """Verifier keys in their text form, by name: a party has several, one after another."""
    found: dict[str, tuple[VerifierKey, ...]] = {}
    for key in map(parse_verifier_key, texts):
        found[key.name] = (*found.get(key.name, ()), key)
    return found


def admit(key: VerifierKey) -> None:
    """Let a key be enrolled; Untrusted (`weak_key`) unless it is a canonical prime-order point.

    Under a point of small order, signatures exist that hold for every message: whoever enrols
    one can deny everything it signed. Other verifiers disagree on non-canonical and mixed-order
    points, so with such a key one note would be true here and false there. Of ML-DSA no weak keys
    are known: every key of the right length is one.
    """
    if key.key_type is KeyType.ML_DSA_44:
        return
    canonical = _y_coordinate(key.public) < _FIELD_PRIME
    if not canonical or not crypto_core_ed25519_is_valid_point(key.public):
        raise Untrusted(f"{key.name} offers a weak public key", code="weak_key")


def verify(key: VerifierKey, message: bytes, signature: bytes) -> bool:
    """Whether `signature` over `message` holds under `key`; never raises.

    For Ed25519 the check is the one of RFC 8032 without cofactor, with canonical R and S. Go's and
    OpenSSL's is the same. libsodium's newer one multiplies by the cofactor and accepts more, so it
    is not used here, although it is faster.
    """
    if key.key_type is KeyType.ML_DSA_44:
        return verifies(key.public, message, signature)
    if len(signature) != SIGNATURE_BYTES:
        return False
    if _y_coordinate(signature[:32]) >= _FIELD_PRIME:
        return False
    if int.from_bytes(signature[32:], "little") >= _GROUP_ORDER:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _key_type(octet: bytes) -> KeyType:
    try:
        return KeyType(int.from_bytes(octet, "big"))
    except ValueError as error:
        raise Malformed("not a key type that Comity knows", code="bad_key") from error


def _y_coordinate(encoded: bytes) -> int:
    """The y of an encoded point, whose top bit is the sign of x."""
    return int.from_bytes(encoded, "little") & (2**255 - 1)
