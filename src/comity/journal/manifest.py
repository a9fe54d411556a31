"""What a bundle may hold, and the manifest that says what one holds. For maker and verifier.

    comity/manifest@v1
    subject <notice id, base64> <index>
    file <name> <length in bytes> <sha256, base64>      (one line a file, sorted by name)

The manifest is a note that the bundle's maker signs with its entry key. It makes a bundle whole: a
file more, less or other is refused. It proves nothing else; each file proves itself. No I/O.
Reference: docs/reference/bundle.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from comity.journal.checkpoint import CHECKPOINT_NOTE_BYTES_MAX
from comity.journal.timestamp import STAMP_BYTES_MAX
from comity.journal.tlog_proof import PROOF_BYTES_MAX
from comity.model.fault import Malformed
from comity.wire.canonical import HASH_BYTES, b64, decimal, hash32, sha256
from comity.wire.limits import ENTRY_BYTES_MAX

__all__ = [
    "BIND_STAMPS",
    "FILES_MAX",
    "MANIFEST_BYTES_MAX",
    "MANIFEST_NAME",
    "NOTICE_STAMPS",
    "FileLine",
    "Manifest",
    "Piece",
    "bytes_max",
    "check_files",
    "manifest_of",
    "manifest_text",
    "parse_manifest",
]

MANIFEST_NAME = "MANIFEST.note"
MANIFEST_BYTES_MAX = 8_192  # 21 lines of at most 120 bytes and one signature
# 511 values of 256 KiB in all, as base64, each with a salt and nine hashes of 44 characters.
_OPENING_BYTES_MAX = 1_048_576
_HEAD = "comity/manifest@v1"


class Piece(StrEnum):
    """The closed list of files beside the manifest."""

    NOTICE = "notice.note"
    NOTICE_PROOF = "notice.tlog-proof"
    NOTICE_WITNESSED = "notice-witnessed.tlog-proof"
    RECEIPT = "receipt.note"
    RECEIPT_PROOF = "receipt.tlog-proof"
    BIND = "bind.note"
    BIND_PROOF = "bind.tlog-proof"
    BIND_WITNESSED = "bind-witnessed.tlog-proof"
    OPENING = "opening.txt"
    BEACON = "beacon.note"
    BEACON_STAMP = "beacon.tsr"
    NOTICE_STAMPED = "notice-stamped.tlog-proof"
    NOTICE_STAMP_1 = "notice-1.tsr"
    NOTICE_STAMP_2 = "notice-2.tsr"
    NOTICE_STAMP_3 = "notice-3.tsr"
    BIND_STAMPED = "bind-stamped.tlog-proof"
    BIND_STAMP_1 = "bind-1.tsr"
    BIND_STAMP_2 = "bind-2.tsr"
    BIND_STAMP_3 = "bind-3.tsr"


NOTICE_STAMPS = (Piece.NOTICE_STAMP_1, Piece.NOTICE_STAMP_2, Piece.NOTICE_STAMP_3)
BIND_STAMPS = (Piece.BIND_STAMP_1, Piece.BIND_STAMP_2, Piece.BIND_STAMP_3)
FILES_MAX = len(Piece) + 1

_BYTES_MAX = {
    **dict.fromkeys((Piece.NOTICE, Piece.RECEIPT, Piece.BIND), ENTRY_BYTES_MAX),
    **dict.fromkeys(
        (
            Piece.NOTICE_PROOF,
            Piece.NOTICE_WITNESSED,
            Piece.RECEIPT_PROOF,
            Piece.BIND_PROOF,
            Piece.BIND_WITNESSED,
            Piece.NOTICE_STAMPED,
            Piece.BIND_STAMPED,
        ),
        PROOF_BYTES_MAX,
    ),
    **dict.fromkeys((Piece.BEACON_STAMP, *NOTICE_STAMPS, *BIND_STAMPS), STAMP_BYTES_MAX),
    Piece.OPENING: _OPENING_BYTES_MAX,
    Piece.BEACON: CHECKPOINT_NOTE_BYTES_MAX,
}


def bytes_max(name: str) -> int:
    """How large the file `name` of a bundle may be; Malformed if a bundle has no such file."""
    if name == MANIFEST_NAME:
        return MANIFEST_BYTES_MAX
    return _BYTES_MAX[_piece(name)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine:
    """One file: its name, its length in bytes, the SHA-256 of its bytes."""

    name: Piece
    length: int
    sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the bundle is about (the content-root of the entry, and its index), and its files."""

    id: bytes
    index: int
    files: tuple[FileLine, ...]

    def __post_init__(self) -> None:
        """Hold lengths and order."""
        if len(self.id) != HASH_BYTES or self.index < 0:
            raise Malformed("a manifest names an id and an index", code="bad_manifest")
        names = [line.name for line in self.files]
        if names != sorted(set(names)):
            raise Malformed("a manifest names each file once, in order", code="bad_manifest")


def manifest_of(id_: bytes, index: int, files: Mapping[Piece, bytes]) -> Manifest:
    """The manifest of these files."""
    lines = tuple(
        FileLine(name=name, length=len(files[name]), sha256=sha256(files[name]))
        for name in sorted(files)
    )
    return Manifest(id=id_, index=index, files=lines)


def manifest_text(manifest: Manifest) -> str:
    """The text that is signed."""
    lines = [
        _HEAD,
        f"subject {b64(manifest.id)} {manifest.index}",
        *(f"file {line.name} {line.length} {b64(line.sha256)}" for line in manifest.files),
    ]
    return "\n".join(lines) + "\n"


def parse_manifest(text: str) -> Manifest:
    """Read a manifest's text; Malformed unless `manifest_text` gives `text` again."""
    if len(text) > MANIFEST_BYTES_MAX:
        raise Malformed("too long for a manifest", code="too_large")
    head, *lines = text.removesuffix("\n").split("\n")
    if head != _HEAD or not lines or len(lines) > FILES_MAX:
        raise Malformed("not a manifest of Comity, version 1", code="bad_manifest")
    word, id_, index = _three(lines[0])
    found = Manifest(id=hash32(id_), index=decimal(index), files=tuple(map(_file_from, lines[1:])))
    if word != "subject" or manifest_text(found) != text:
        raise Malformed("a manifest is not in canonical form", code="bad_manifest")
    return found


def _file_from(line: str) -> FileLine:
    _, _, rest = line.partition(" ")
    name, length, digest = _three(rest)
    return FileLine(name=_piece(name), length=decimal(length), sha256=hash32(digest))


def _piece(name: str) -> Piece:
    try:
        return Piece(name)
    except ValueError as error:
        raise Malformed(f"a bundle has no file {name[:60]!r}", code="extra_file") from error


def _three(text: str) -> tuple[str, str, str]:
    first, _, rest = text.partition(" ")
    second, _, third = rest.partition(" ")
    return first, second, third


def check_files(manifest: Manifest, files: Mapping[str, bytes]) -> None:
    """Malformed unless `files`, less the manifest's own, are exactly what `manifest` says."""
    there = set(files) - {MANIFEST_NAME}
    named = {str(line.name) for line in manifest.files}
    for name in sorted(there - named):
        raise Malformed(f"{name[:60]!r} is not in the manifest", code="extra_file")
    for name in sorted(named - there):
        raise Malformed(f"{name} is missing", code="missing_file")
    for line in manifest.files:
        data = files[line.name]
        if (len(data), sha256(data)) != (line.length, line.sha256):
            raise Malformed(f"{line.name} is not what the manifest says", code="changed_file")
