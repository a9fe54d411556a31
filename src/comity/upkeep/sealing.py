"""Private keys under a passphrase: scrypt makes a key of it, ChaCha20-Poly1305 encrypts and binds.

    comity/sealed-keys@v1 LF, 16 bytes salt, 12 bytes nonce, ciphertext with its 16-byte tag

Inside is a JSON object of file names and base64. A wrong passphrase and a changed byte look alike.
Salt and nonce are passed in. Called by backup and restore.
"""

import hashlib
from collections.abc import Mapping

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from comity.model.fault import Malformed, Refusal, Refused, Untrusted

__all__ = ["PASSPHRASE_CHARS_MIN", "SALT_BYTES", "opened", "sealed"]

SALT_BYTES = 28  # salt and nonce
PASSPHRASE_CHARS_MIN = 12
_FORM = b"comity/sealed-keys@v1\n"
_SALT, _NONCE = 16, 12
# 64 MiB and a fifth of a second for each guess (RFC 7914; OWASP asks for 2^17, r 8, p 1 at least).
_COST, _BLOCK, _LANES, _MEMORY = 2**17, 8, 1, 256 * 2**20


def sealed(files: Mapping[str, bytes], passphrase: str, chance: bytes) -> bytes:
    """Encrypt; `chance` is SALT_BYTES random bytes. Refused for a short passphrase."""
    if len(passphrase) < PASSPHRASE_CHARS_MIN:
        raise Refused(
            Refusal(
                code="weak_passphrase",
                reason=f"a passphrase for keys has at least {PASSPHRASE_CHARS_MIN} characters",
                what_to_do="Take five or more words that no book has in this order.",
            )
        )
    salt, nonce = chance[:_SALT], chance[_SALT : _SALT + _NONCE]
    cipher = ChaCha20Poly1305(_key(passphrase, salt))
    text = cipher.encrypt(nonce, msgspec.json.encode(dict(files)), _FORM)
    return _FORM + salt + nonce + text


def opened(data: bytes, passphrase: str) -> dict[str, bytes]:
    """Decrypt; Untrusted (`wrong_passphrase`) if that does not hold, Malformed for other bytes."""
    if not data.startswith(_FORM) or len(data) < len(_FORM) + _SALT + _NONCE:
        raise Malformed("these are no sealed keys", code="bad_key_file")
    rest = data[len(_FORM) :]
    salt, nonce, text = rest[:_SALT], rest[_SALT : _SALT + _NONCE], rest[_SALT + _NONCE :]
    try:
        plain = ChaCha20Poly1305(_key(passphrase, salt)).decrypt(nonce, text, _FORM)
        return msgspec.json.decode(plain, type=dict[str, bytes])
    except (InvalidTag, msgspec.DecodeError):
        raise Untrusted(
            "the passphrase is not the one, or the sealed keys are damaged", code="wrong_passphrase"
        ) from None


def _key(passphrase: str, salt: bytes) -> bytes:
    return hashlib.scrypt(
        passphrase.encode("utf-8"),
        salt=salt,
        n=_COST,
        r=_BLOCK,
        p=_LANES,
        maxmem=_MEMORY,
        dklen=32,
    )
