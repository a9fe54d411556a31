"""Signed notes (c2sp.org/signed-note@v1.0.0): a text, an empty line, one line for each signature.

Bytes in, a Note out, and the same bytes back: `serialise(parse_note(data)) == data` for every note
that parses. What a text says is the caller's matter. Type 0x01 is verified here; type 0x04 signs
other bytes and is `journal.cosignature`'s. No I/O. Called by journal, exchange and verifiers.

Two rules are stricter than C2SP's: the further control characters (DEL, C1) and the line and
paragraph separators U+2028, U+2029 are refused, so that nobody sees more lines than were signed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from comity.model.fault import Malformed, Untrusted, must
from comity.trust.keys import KEY_ID_BYTES, KeyType, SigningKey, VerifierKey, check_name
from comity.trust.recent import holds
from comity.wire.canonical import b64, unb64

__all__ = [
    "NOTE_BYTES_MAX",
    "NOTE_SIGNATURES_MAX",
    "Note",
    "Signature",
    "only_signed_by",
    "parse_note",
    "serialise",
    "sign_note",
    "signature_by",
    "signed_by",
    "verify_note",
]

NOTE_BYTES_MAX = 65_535  # what tlog-tiles can hold as one entry
NOTE_SIGNATURES_MAX = 64  # C2SP asks for at least 16; a log, its peer and a quorum need fewer

_DASH = "\u2014 "
_NOT_IN_A_NOTE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One signature line: the signer's name, the 4-byte key id, and the bytes after the id."""

    name: str
    key_id: bytes
    blob: bytes

    def __post_init__(self) -> None:
        """Hold name and lengths."""
        check_name(self.name)
        if len(self.key_id) != KEY_ID_BYTES or not self.blob:
            raise Malformed("a signature is a 4-byte key id and more", code="bad_note")

    def line(self) -> str:
        """The line as it stands in the note, LF included."""
        return f"{_DASH}{self.name} {b64(self.key_id + self.blob)}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text that ends in LF, with 1 to 64 signatures, none of them verified yet."""

    text: str
    signatures: tuple[Signature, ...]

    def __post_init__(self) -> None:
        """Hold what every note holds, whether it was read or made."""
        _check_text(self.text)
        if not 1 <= len(self.signatures) <= NOTE_SIGNATURES_MAX:
            raise Malformed(f"a note has 1 to {NOTE_SIGNATURES_MAX} signatures", code="bad_note")


def parse_note(data: bytes, *, size_max: int = NOTE_BYTES_MAX) -> Note:
    """Read a note of at most `size_max` bytes; Malformed unless `serialise` gives `data` again."""
    if len(data) > size_max:
        raise Malformed(f"a note has at most {size_max} bytes", code="too_large")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("a note is UTF-8", code="bad_note") from error
    text, blank, lines = whole.rpartition("\n\n")  # the last empty line is the border
    if not blank or not lines.endswith("\n"):
        raise Malformed("a note is a text, an empty line and signature lines", code="bad_note")
    if lines.count("\n") > NOTE_SIGNATURES_MAX:
        raise Malformed(f"a note has at most {NOTE_SIGNATURES_MAX} signatures", code="bad_note")
    signatures = tuple(_parse_line(line) for line in lines[:-1].split("\n"))
    return Note(text=text + "\n", signatures=signatures)


def serialise(note: Note) -> bytes:
    """The note's bytes: text, empty line, signature lines in their order."""
    lines = "".join(signature.line() for signature in note.signatures)
    return f"{note.text}\n{lines}".encode()


def sign_note(text: str, key: SigningKey) -> Note:
    """Make a note with one Ed25519 (0x01) signature; Malformed unless `text` can be a note's."""
    must(key.key_type is KeyType.ED25519, "a note is signed with a key of type 0x01")
    _check_text(text)
    blob = key.sign(text.encode())
    signature = Signature(name=key.name, key_id=key.verifier().key_id, blob=blob)
    return Note(text=text, signatures=(signature,))


def verify_note(note: Note, keys: Iterable[VerifierKey]) -> tuple[VerifierKey, ...]:
    """The known 0x01 keys that signed `note`, in the order of its lines; empty if none did.

    Lines of unknown keys are ignored. Keys of other types sign other bytes and are passed over.

    Raises:
        Untrusted: a known key's line is false (`bad_signature`) or is there twice
            (`duplicate_signature`), or two known keys share name and id (`ambiguous_key`).
    """
    known: dict[tuple[str, bytes], VerifierKey] = {}
    for key in keys:
        if key.key_type is KeyType.ED25519 and known.setdefault((key.name, key.key_id), key) != key:
            raise Untrusted(f"two known keys are {key.name}", code="ambiguous_key")
    message = note.text.encode()
    held: list[VerifierKey] = []
    for signature in note.signatures:
        signer = known.get((signature.name, signature.key_id))
        if signer is None:
            continue
        if signer in held:
            raise Untrusted(f"{signer.name} signed twice", code="duplicate_signature")
        if not holds(signer, message, signature.blob):
            raise Untrusted(f"the signature of {signer.name} is false", code="bad_signature")
        held.append(signer)
    return tuple(held)


def signed_by(note: Note, key: VerifierKey) -> None:
    """Untrusted unless `key` (type 0x01) signed `note` once and truly (`not_signed` if absent)."""
    if not verify_note(note, (key,)):
        raise Untrusted(f"not signed by {key.name}", code="not_signed")


def only_signed_by(note: Note, key: VerifierKey) -> Note:
    """The note with the line of `key` alone, verified: what may be kept of a foreign note.

    Unverified lines may pretend to be anybody's (a forged cosignature in a witness's own name).
    """
    signed_by(note, key)
    line = signature_by(note, key)
    return Note(text=note.text, signatures=() if line is None else (line,))


def signature_by(note: Note, key: VerifierKey) -> Signature | None:
    """The one line of `key`, unverified; None if absent, Untrusted if it is there twice."""
    wanted = (key.name, key.key_id)
    lines = [line for line in note.signatures if (line.name, line.key_id) == wanted]
    if len(lines) > 1:
        raise Untrusted(f"{key.name} signed twice", code="duplicate_signature")
    return lines[0] if lines else None


def _parse_line(line: str) -> Signature:
    if not line.startswith(_DASH):
        raise Malformed("not a signature line", code="bad_note")
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    blob = unb64(encoded)
    return Signature(name=name, key_id=blob[:KEY_ID_BYTES], blob=blob[KEY_ID_BYTES:])


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise Malformed("a note's text ends in LF", code="bad_note")
    if _NOT_IN_A_NOTE.search(text):
        raise Malformed("a control character or line separator in a note", code="bad_note")
