"""What a node's clock says, signed for one who asked: a note that is bound to the question.

    comity/clock@v1
    from <origin>
    to <origin>
    nonce <32 random bytes of the question, base64>
    now <microseconds>

Signed with the entry key. It proves what the clock said between question and answer, and is
forgotten. Pure. Called by the exchange.
"""

from comity.model.fault import Malformed, Untrusted
from comity.model.quantity import checked_instant_us
from comity.trust.keys import SigningKey
from comity.trust.note import parse_note, serialise, sign_note, signed_by
from comity.trust.roster import Peer
from comity.wire.canonical import b64, decimal

__all__ = ["CLOCK_NOTE_BYTES_MAX", "checked_nonce", "clock_note", "open_clock_note"]

CLOCK_NOTE_BYTES_MAX = 2_048  # two origins of 255 bytes, a nonce, a time and a signature


def _text(own: str, audience: str, nonce: bytes, now: str) -> str:
    return f"comity/clock@v1\nfrom {own}\nto {audience}\nnonce {b64(nonce)}\nnow {now}\n"


def clock_note(key: SigningKey, own: str, audience: str, nonce: bytes, now_us: int) -> bytes:
    """Say what time it is here, to `audience`, who asked with `nonce`."""
    return serialise(sign_note(_text(own, audience, nonce, str(now_us)), key))


def open_clock_note(data: bytes, peer: Peer, own: str, nonce: bytes) -> int:
    """What the peer's clock said in answer to our `nonce`.

    Raises:
        Malformed: no note, or a time that is none.
        Untrusted: not signed by the peer, or the answer to another question (`wrong_audience`).
    """
    note = parse_note(data, size_max=CLOCK_NOTE_BYTES_MAX)
    signed_by(note, peer.entry)
    now = note.text.removesuffix("\n").rpartition(" ")[2]
    if note.text != _text(peer.origin, own, nonce, now):
        raise Untrusted("a clock's answer to another question", code="wrong_audience")
    return checked_instant_us(decimal(now))


def checked_nonce(nonce: bytes) -> bytes:
    """32 bytes; Malformed otherwise."""
    if len(nonce) != 32:  # noqa: PLR2004 - a SHA-256's worth of chance
        raise Malformed("a nonce has 32 bytes", code="bad_message")
    return nonce
