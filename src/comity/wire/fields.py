"""A content: an ordered list of (path, type, value bytes), and the bytes that each commits to.

Types: `i64` big-endian two's complement, 8 bytes; `text` UTF-8; `id` 32 bytes; `points` pairs of
big-endian int32 (latitude, longitude) in 1e-7 degree. Leaf 0 of the content tree is the manifest,
so that "there is no other field" can be proved. The tree itself is `journal.content`'s. Layout
after C2SP-style length prefixes: see docs/reference/notice-v1.md.
"""

import hashlib
import hmac
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from comity.model.fault import Malformed
from comity.model.quantity import Position
from comity.wire.limits import CONTENT_BYTES_MAX, CONTENT_FIELDS_MAX, CONTENT_LEAVES, PATH_BYTES_MAX

__all__ = [
    "Field",
    "FieldType",
    "Reader",
    "field_bytes",
    "field_salt",
    "field_salts",
    "field_tail",
    "id_field",
    "int_field",
    "leaf_hashes",
    "leaves_for",
    "manifest",
    "padding_bytes",
    "parse_fields",
    "points_field",
    "serialise_fields",
    "text_field",
]

_FIELD_DOMAIN = b"comity/field/v1\0"
_SALT_DOMAIN = b"comity/field-salt/v1\0"
_PADDING_TAIL = b"\x00\x01\xff\x00\x00\x00\x00"
_INDICES = tuple(struct.pack(">I", index) for index in range(max(CONTENT_LEAVES)))
_PATH_LENGTH = struct.Struct(">H")
_VALUE_LENGTH = struct.Struct(">I")
_PATH = re.compile(r"[a-z0-9-]+(?:/[a-z0-9-]+)*", re.ASCII)
_BLOCK_BYTES = 64
_INNER_PAD = bytes(byte ^ 0x36 for byte in range(256))
_OUTER_PAD = bytes(byte ^ 0x5C for byte in range(256))
_INT64 = struct.Struct(">q")
_POINT = struct.Struct(">ii")

E = TypeVar("E", bound=StrEnum)


class FieldType(StrEnum):
    """How a value's bytes are to be read."""

    INT = "i64"
    TEXT = "text"
    ID = "id"
    POINTS = "points"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One value with its path; the bytes are the value, nothing is re-encoded for verification."""

    path: str
    type: FieldType
    value: bytes

    def __post_init__(self) -> None:
        """Hold path grammar and type lengths."""
        if len(self.path) > PATH_BYTES_MAX or not _PATH.fullmatch(self.path):
            raise Malformed("not a field path", code="bad_field")
        if self.type is FieldType.INT and len(self.value) != _INT64.size:
            raise Malformed("an i64 has 8 bytes", code="bad_field")
        if self.type is FieldType.ID and len(self.value) != 32:  # noqa: PLR2004
            raise Malformed("an id has 32 bytes", code="bad_field")
        if self.type is FieldType.POINTS and (len(self.value) % _POINT.size or not self.value):
            raise Malformed("points are pairs of int32", code="bad_field")


def int_field(path: str, value: int) -> Field:
    """A signed 64-bit integer."""
    return Field(path=path, type=FieldType.INT, value=_INT64.pack(value))


def text_field(path: str, value: str) -> Field:
    """UTF-8 text."""
    return Field(path=path, type=FieldType.TEXT, value=value.encode("utf-8"))


def id_field(path: str, value: bytes) -> Field:
    """A 32-byte identity."""
    return Field(path=path, type=FieldType.ID, value=value)


def points_field(path: str, points: Iterable[Position]) -> Field:
    """Positions in order."""
    packed = b"".join(_POINT.pack(p.lat_e7, p.lon_e7) for p in points)
    return Field(path=path, type=FieldType.POINTS, value=packed)


def manifest(fields: tuple[Field, ...]) -> bytes:
    """The value of leaf 0: one line `path SP type` for each field, in order, LF after each."""
    return "".join(f"{field.path} {field.type}\n" for field in fields).encode("ascii")


def leaves_for(fields: tuple[Field, ...]) -> int:
    """The padded number of leaves, manifest included; Malformed if there are too many fields."""
    for size in CONTENT_LEAVES:
        if len(fields) < size:
            return size
    raise Malformed(f"a content has at most {CONTENT_FIELDS_MAX} fields", code="too_many_fields")


def field_salt(seed: bytes, index: int) -> bytes:
    """32-byte salt of leaf `index`."""
    return hmac.digest(seed, _SALT_DOMAIN + struct.pack(">I", index), "sha256")


def field_salts(seed: bytes, count: int) -> list[bytes]:
    """The salts of leaves 0 to `count` - 1: HMAC written out, as its keys are the same for all.

    `seed` has at most 64 bytes, the block of SHA-256 (RFC 2104 section 2).
    """
    key = seed.ljust(_BLOCK_BYTES, b"\0")
    inner, outer = key.translate(_INNER_PAD) + _SALT_DOMAIN, key.translate(_OUTER_PAD)
    new = hashlib.sha256
    return [new(outer + new(inner + index).digest()).digest() for index in _INDICES[:count]]


def field_bytes(salt: bytes, path: str, value: bytes) -> bytes:
    """The preimage of a leaf: domain, salt, length-prefixed path, length-prefixed value."""
    return _FIELD_DOMAIN + salt + field_tail(path, value)


def field_tail(path: str, value: bytes) -> bytes:
    """What follows the salt in the preimage of a leaf."""
    raw = path.encode("ascii")
    return _PATH_LENGTH.pack(len(raw)) + raw + _VALUE_LENGTH.pack(len(value)) + value


def padding_bytes(salt: bytes) -> bytes:
    """The preimage of a padding leaf: path 0xFF, which no field can have, and no value."""
    return _FIELD_DOMAIN + salt + _PADDING_TAIL


def leaf_hashes(salts: list[bytes], tails: Iterable[bytes]) -> list[bytes]:
    """The leaf hashes of a content tree (RFC 6962), one for each salt: fields first, then padding.

    One expression for each leaf: a notice has 32 of them, and this is the journal's hottest loop.
    """
    head, new = b"\0" + _FIELD_DOMAIN, hashlib.sha256
    found = [new(head + salt + tail).digest() for salt, tail in zip(salts, tails, strict=False)]
    return found + [new(head + salt + _PADDING_TAIL).digest() for salt in salts[len(found) :]]


def serialise_fields(fields: tuple[Field, ...]) -> bytes:
    """Fields for transport and keeping: for each, u16 path, u8 type, u32 value, length-prefixed."""
    parts: list[bytes] = []
    for field in fields:
        path, kind = field.path.encode("ascii"), field.type.encode("ascii")
        parts += [
            struct.pack(">HBI", len(path), len(kind), len(field.value)),
            path,
            kind,
            field.value,
        ]
    return b"".join(parts)


def parse_fields(data: bytes) -> tuple[Field, ...]:
    """Read what `serialise_fields` wrote; Malformed for anything else."""
    if len(data) > CONTENT_BYTES_MAX:
        raise Malformed(f"a content has at most {CONTENT_BYTES_MAX} bytes", code="too_large")
    found: list[Field] = []
    at = 0
    while at < len(data):  # bounded by the cap above: each turn consumes at least 7 bytes
        at = _parse_field(data, at, found)
    if len({field.path for field in found}) != len(found):
        raise Malformed("a field path occurs twice", code="duplicate_field")
    if not 1 <= len(found) <= CONTENT_FIELDS_MAX:
        raise Malformed(f"a content has 1 to {CONTENT_FIELDS_MAX} fields", code="too_many_fields")
    return tuple(found)


def _parse_field(data: bytes, at: int, found: list[Field]) -> int:
    try:
        path_n, type_n, value_n = struct.unpack_from(">HBI", data, at)
        at += 7
        end: int = at + path_n + type_n + value_n
        if end > len(data):
            raise Malformed("a field is cut short", code="bad_field")
        path = data[at : at + path_n].decode("ascii")
        kind = FieldType(data[at + path_n : at + path_n + type_n].decode("ascii"))
    except (struct.error, UnicodeDecodeError, ValueError) as error:
        raise Malformed("not a list of fields", code="bad_field") from error
    found.append(Field(path=path, type=kind, value=data[end - value_n : end]))
    return end


class Reader:
    """Reads a content by path and remembers what was read, so that a surplus field is refused."""

    def __init__(self, fields: tuple[Field, ...], forbidden: frozenset[str]) -> None:
        """Index the fields; a path with a forbidden word in it is refused by that name."""
        self._left: dict[str, Field] = {field.path: field for field in fields}
        for path in self._left:
            for word in path.split("/"):
                if word.replace("-", "_") in forbidden:
                    raise Malformed(f"Comity has no field {word!r}, ever", code="forbidden_field")

    def has(self, path: str) -> bool:
        """Whether `path` is there and unread."""
        return path in self._left

    def count(self, prefix: str) -> int:
        """How many consecutive numbered groups `prefix/0/...`, `prefix/1/...` there are."""
        groups = {path.split("/")[1] for path in self._left if path.startswith(prefix + "/")}
        if groups != {str(i) for i in range(len(groups))}:
            raise Malformed(f"{prefix} is not numbered 0, 1, 2 ...", code="bad_field")
        return len(groups)

    def integer(self, path: str) -> int:
        """Take an i64."""
        value: int = _INT64.unpack(self._take(path, FieldType.INT))[0]
        return value

    def text(self, path: str) -> str:
        """Take UTF-8 text."""
        try:
            return self._take(path, FieldType.TEXT).decode("utf-8")
        except UnicodeDecodeError as error:
            raise Malformed(f"{path} is not UTF-8", code="bad_field") from error

    def choice(self, path: str, choices: type[E]) -> E:
        """Take a text from a closed list."""
        text = self.text(path)
        try:
            return choices(text)
        except ValueError as error:
            raise Malformed(
                f"{path}: {text[:40]!r} is not in the closed list", code="bad_choice"
            ) from error

    def identity(self, path: str) -> bytes:
        """Take a 32-byte id."""
        return self._take(path, FieldType.ID)

    def points(self, path: str) -> tuple[Position, ...]:
        """Take positions."""
        packed = self._take(path, FieldType.POINTS)
        found: list[Position] = []
        try:
            for lat, lon in _POINT.iter_unpack(packed):
                found.append(Position(lat_e7=lat, lon_e7=lon))
        except Malformed as error:
            raise Malformed(
                f"{path}: vertex {len(found)}: {error.reason}", code=error.code
            ) from error
        return tuple(found)

    def finish(self) -> None:
        """Refuse what nobody read: the list of paths is closed."""
        if self._left:
            raise Malformed(f"unknown field {min(self._left)!r}", code="unknown_field")

    def _take(self, path: str, kind: FieldType) -> bytes:
        field = self._left.pop(path, None)
        if field is None or field.type is not kind:
            raise Malformed(f"field {path!r} of type {kind} is missing", code="missing_field")
        return field.value
