"""Schema v1 of the register's contents: a sealed entry, its clear text, and that it was read.

A content holds the SHA-256 of the key that it is sealed to, a commitment to the clear text, and the
sealed text in base64: three fields, whatever is protected. The clear text names owner and recipient
beside a notice's own fields, and is padded to one of four sizes. Never edited after release.
Reference with golden vectors: docs/reference/register.md.
"""

import struct

from comity.model.fault import Malformed
from comity.model.notice import FORBIDDEN_FIELDS, Declaration
from comity.model.protected import EntryRead, Protected, Sealed
from comity.wire.canonical import b64, sha256, unb64
from comity.wire.fields import (
    Field,
    Reader,
    id_field,
    int_field,
    parse_fields,
    serialise_fields,
    text_field,
)
from comity.wire.notice_v1 import fields_of, notice_from

__all__ = [
    "CLEAR_BYTES",
    "clear_from",
    "clear_text",
    "commitment_of",
    "fields_of_read",
    "fields_of_sealed",
    "read_from",
    "sealed_from",
]

# What a length may tell: a circle or a short route has 1 KiB; 50 volumes or 2,000 corners the last.
CLEAR_BYTES = (1_024, 4_096, 16_384, 65_536)
_LENGTH = struct.Struct(">I")
_DOMAIN = b"comity/register/v1\0"


def clear_text(entry: Protected) -> bytes:
    """The clear text of an entry: length, fields, zeros up to the next of CLEAR_BYTES."""
    head = (text_field("owner", entry.owner), text_field("to", entry.to))
    of = () if entry.of is None else (id_field("of", entry.of),)
    fields = (*head, *of, id_field("salt", entry.salt), *fields_of(entry.declaration))
    data = serialise_fields(fields)
    whole = _LENGTH.pack(len(data)) + data
    for size in CLEAR_BYTES:
        if len(whole) <= size:
            return whole.ljust(size, b"\0")
    raise Malformed(f"an entry has at most {CLEAR_BYTES[-1]} bytes", code="too_large")


def clear_from(data: bytes) -> Protected:
    """Read a clear text; Malformed for anything that `clear_text` would not write."""
    if len(data) not in CLEAR_BYTES:
        raise Malformed("the clear text of an entry has one of four sizes", code="bad_field")
    length = _LENGTH.unpack_from(data)[0]
    fields = parse_fields(data[_LENGTH.size : _LENGTH.size + length])
    with_of = len(fields) > 2 and fields[2].path == "of"  # noqa: PLR2004
    at = 4 if with_of else 3
    reader = Reader(fields[:at], frozenset())
    owner, to = reader.text("owner"), reader.text("to")
    of = reader.identity("of") if with_of else None
    salt = reader.identity("salt")
    reader.finish()
    declaration = notice_from(fields[at:])
    if not isinstance(declaration, Declaration):
        raise Malformed("an entry of the register declares a presence", code="bad_code")
    entry = Protected(owner=owner, to=to, of=of, salt=salt, declaration=declaration)
    if clear_text(entry) != data:
        raise Malformed("the clear text is not in canonical form", code="bad_field")
    return entry


def commitment_of(clear: bytes) -> bytes:
    """What a content says of its clear text: the salt in it keeps it from being guessed."""
    return sha256(_DOMAIN + clear)


def fields_of_sealed(sealed: Sealed) -> tuple[Field, ...]:
    """The content of a sealed entry, in canonical order."""
    return (
        text_field("sealed", b64(sealed.data)),
        id_field("key", sealed.key),
        id_field("commitment", sealed.commitment),
    )


def sealed_from(fields: tuple[Field, ...]) -> Sealed:
    """Read a sealed entry; Malformed for anything that `fields_of_sealed` would not write."""
    reader = Reader(fields, FORBIDDEN_FIELDS)
    sealed = Sealed(
        data=unb64(reader.text("sealed")),
        key=reader.identity("key"),
        commitment=reader.identity("commitment"),
    )
    reader.finish()
    if fields_of_sealed(sealed) != fields:
        raise Malformed("the fields are not in canonical order", code="bad_field")
    return sealed


def fields_of_read(read: EntryRead) -> tuple[Field, ...]:
    """The content of the statement that an entry was read, in canonical order."""
    return (
        id_field("of", read.of),
        text_field("role", read.role),
        text_field("reason", read.reason),
        int_field("at", read.at_us),
    )


def read_from(fields: tuple[Field, ...]) -> EntryRead:
    """Read it; Malformed for anything that `fields_of_read` would not write."""
    reader = Reader(fields, FORBIDDEN_FIELDS)
    read = EntryRead(
        of=reader.identity("of"),
        role=reader.text("role"),
        reason=reader.text("reason"),
        at_us=reader.integer("at"),
    )
    reader.finish()
    if fields_of_read(read) != fields:
        raise Malformed("the fields are not in canonical order", code="bad_field")
    return read
