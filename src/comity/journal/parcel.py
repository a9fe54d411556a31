"""A parcel: messages of the exchange in a file, carried by hand where there is no network.

    comity/parcel@v1
    from <origin>
    to <origin>
    number <n>                  counts up from 1, for each sender and receiver
    made <microseconds>
    receipts <n>                how many receipts of the receiver's the sender has recorded
    knows <size>                the size of the receiver's journal that the sender knows
    statement <base64>          what the receiver has not taken about our keys; 0 to 16
    piece <kind> <length> <sha256, base64>      1 to 64 lines

A note under the sender's entry key; after it an empty line, and each piece on a line of its own.
Pure. Called by the exchange and by the command line. Reference: docs/how-to/air-gap.md.
"""

from dataclasses import dataclass
from itertools import takewhile

from comity.model.fault import Malformed
from comity.model.party import check_origin
from comity.trust.note import Note, parse_note, serialise
from comity.wire.canonical import b64, decimal, hash32, sha256, unb64

__all__ = [
    "PARCEL_BYTES_MAX",
    "PIECES_MAX",
    "PIECE_BYTES_MAX",
    "Parcel",
    "Piece",
    "check_piece",
    "parcel_file",
    "parcel_text",
    "parse_parcel",
    "parse_parcel_text",
    "piece_of",
]

PARCEL_BYTES_MAX = 8_388_608  # what a node hands out in one answer
PIECE_BYTES_MAX = 700_000  # as base64 within a request's megabyte
PIECES_MAX = 64
_KINDS = ("beat", "ack", "take", "give")
_HEAD = "comity/parcel@v1"
_STATEMENT = "statement "
_FIXED = ("from", "to", "number", "made", "receipts", "knows")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One message: its kind, its length in bytes, the SHA-256 of its bytes."""

    kind: str
    length: int
    sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What the manifest says."""

    sender: str
    audience: str
    number: int
    made_us: int
    receipts: int
    knows: int
    pieces: tuple[Piece, ...]
    statements: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Hold names and counts."""
        check_origin(self.sender)
        check_origin(self.audience)
        if not 1 <= len(self.pieces) <= PIECES_MAX or not self.number:
            raise Malformed(f"a parcel has a number and 1 to {PIECES_MAX} pieces", code=_BAD)
        if any(p.kind not in _KINDS or p.length > PIECE_BYTES_MAX for p in self.pieces):
            raise Malformed("a piece of another kind, or too large", code=_BAD)


_BAD = "bad_parcel"


def piece_of(kind: str, data: bytes) -> Piece:
    """The line of a message."""
    return Piece(kind=kind, length=len(data), sha256=sha256(data))


def parcel_text(parcel: Parcel) -> str:
    """The text that is signed."""
    values = (
        *(parcel.sender, parcel.audience, parcel.number),
        *(parcel.made_us, parcel.receipts, parcel.knows),
    )
    lines = [_HEAD, *(f"{key} {value}" for key, value in zip(_FIXED, values, strict=True))]
    lines += [f"{_STATEMENT}{b64(each)}" for each in parcel.statements]
    lines += [f"piece {p.kind} {p.length} {b64(p.sha256)}" for p in parcel.pieces]
    return "\n".join(lines) + "\n"


def parse_parcel_text(text: str) -> Parcel:
    """Read a manifest; Malformed unless `parcel_text` gives `text` again."""
    head, *lines = text.removesuffix("\n").split("\n")
    if head != _HEAD or len(lines) <= len(_FIXED):
        raise Malformed("not a parcel of Comity, version 1", code="bad_parcel")
    values = [line.partition(" ")[2] for line in lines[: len(_FIXED)]]
    rest = lines[len(_FIXED) :]
    statements = tuple(takewhile(lambda line: line.startswith(_STATEMENT), rest))
    parcel = Parcel(
        sender=values[0],
        audience=values[1],
        number=decimal(values[2]),
        made_us=decimal(values[3]),
        receipts=decimal(values[4]),
        knows=decimal(values[5]),
        statements=tuple(unb64(line.removeprefix(_STATEMENT)) for line in statements),
        pieces=tuple(_piece(line) for line in rest[len(statements) :]),
    )
    if parcel_text(parcel) != text:
        raise Malformed("a parcel's manifest is not in canonical form", code="bad_parcel")
    return parcel


def _piece(line: str) -> Piece:
    _, _, rest = line.partition(" ")
    kind, _, rest = rest.partition(" ")
    length, _, digest = rest.partition(" ")
    return Piece(kind=kind, length=decimal(length), sha256=hash32(digest))


def parcel_file(manifest: Note, pieces: tuple[bytes, ...]) -> bytes:
    """The file's bytes."""
    return b"\n".join((serialise(manifest), *pieces, b""))


def parse_parcel(data: bytes) -> tuple[Note, Parcel, tuple[bytes, ...]]:
    """Manifest and pieces, each as the manifest says; its signature is the node's to verify.

    Malformed: `bad_parcel`, `too_large`, `cut_short`, `changed_file`, `extra_file`.
    """
    if len(data) > PARCEL_BYTES_MAX:
        raise Malformed(f"a parcel has at most {PARCEL_BYTES_MAX} bytes", code="too_large")
    text, _, rest = data.partition(b"\n\n")
    signatures, _, body = rest.partition(b"\n\n")
    note = parse_note(text + b"\n\n" + signatures + b"\n")
    parcel = parse_parcel_text(note.text)
    pieces: list[bytes] = []
    for piece in parcel.pieces:
        found, body = body[: piece.length], body[piece.length + 1 :]
        if len(found) != piece.length:
            raise Malformed("the file ends before its last piece", code="cut_short")
        check_piece(piece, found)
        pieces.append(found)
    if parcel_file(note, tuple(pieces)) != data:
        raise Malformed("there is more in the file than its manifest says", code="extra_file")
    return note, parcel, tuple(pieces)


def check_piece(piece: Piece, data: bytes) -> None:
    """Malformed (`changed_file`) unless the bytes are those that the manifest names."""
    if (len(data), sha256(data)) != (piece.length, piece.sha256):
        raise Malformed("a piece is not what the manifest says", code="changed_file")
