"""The bytes that an ML-DSA-44 cosignature signs (c2sp.org/tlog-cosignature@v1.1.0-rc.1, type 0x06).

Unlike type 0x04 they hold the cosigner's name, and of the checkpoint what its three lines say.
Pure. Called by journal.cosignature and trust.possession.
"""

from comity.wire.canonical import HASH_BYTES

__all__ = ["cosigned_message"]

_LABEL = b"subtree/v1\n\0"
_NUMBER_BYTES = 8


def cosigned_message(cosigner: str, time_s: int, origin: str, size: int, root: bytes) -> bytes:
    """The message for the whole tree of `size` leaves; `time_s` is in POSIX seconds."""
    if len(root) != HASH_BYTES:
        raise ValueError("a root has 32 bytes")
    return b"".join(
        (
            _LABEL,
            _short(cosigner),
            _number(time_s),
            _short(origin),
            _number(0),
            _number(size),
            root,
        )
    )


def _short(text: str) -> bytes:
    """A text of at most 255 bytes after its length in one byte."""
    data = text.encode()
    return bytes((len(data),)) + data


def _number(value: int) -> bytes:
    return value.to_bytes(_NUMBER_BYTES, "big")
