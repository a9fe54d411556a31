"""The opening of a content, field by field, as text: so that any one field can be left out later.

    comity/opening@v1
    leaf <index>
    path <path, or - for the manifest leaf>
    salt <32 bytes, base64>
    value <base64, or - for no bytes>
    hash <32 bytes, base64>             (the audit path, from the leaf upward)
    leaf <index> ...

Leaf 0, the manifest of all paths, comes first and is never left out; the others follow by index. A
disclosure whose block is deleted is withheld, and the others still hold. No I/O. Called by bundles
and the verifier.
"""

from collections.abc import Sequence

from comity.journal.content import Disclosure
from comity.journal.merkle import leaf_hash, node_hash
from comity.model.fault import Malformed
from comity.wire.canonical import b64, decimal, hash32, unb64
from comity.wire.fields import Field, field_bytes, field_salt, leaves_for, manifest, padding_bytes
from comity.wire.limits import CONTENT_LEAVES, PATH_BYTES_MAX

__all__ = ["disclose_all", "opening_text", "parse_opening"]

_HEAD = "comity/opening@v1"
_NONE = "-"
_HASHES = tuple(leaves.bit_length() - 1 for leaves in CONTENT_LEAVES)  # in each audit path


def disclose_all(fields: tuple[Field, ...], seed: bytes) -> tuple[Disclosure, ...]:
    """The manifest leaf and every field, with salts and audit paths; hashes each leaf once."""
    shown = [("", manifest(fields)), *((field.path, field.value) for field in fields)]
    salts = [field_salt(seed, i) for i in range(leaves_for(fields))]
    leaves = [field_bytes(salt, *each) for salt, each in zip(salts, shown, strict=False)]
    leaves += [padding_bytes(salt) for salt in salts[len(leaves) :]]
    rows = [[leaf_hash(leaf) for leaf in leaves]]
    while len(rows[-1]) > 1:  # a content tree is complete: each row is half of the one below
        below = rows[-1]
        rows.append([node_hash(below[i], below[i + 1]) for i in range(0, len(below), 2)])
    return tuple(
        Disclosure(
            index=i,
            path=path,
            salt=salts[i],
            value=value,
            hashes=tuple(row[i >> level ^ 1] for level, row in enumerate(rows[:-1])),
        )
        for i, (path, value) in enumerate(shown)
    )


def opening_text(shown: Sequence[Disclosure]) -> str:
    """The text of an opening."""
    lines = [_HEAD]
    for each in shown:
        lines += [
            f"leaf {each.index}",
            f"path {each.path or _NONE}",
            f"salt {b64(each.salt)}",
            f"value {b64(each.value) or _NONE}",
            *(f"hash {b64(value)}" for value in each.hashes),
        ]
    return "\n".join(lines) + "\n"


def parse_opening(data: bytes) -> tuple[Disclosure, ...]:
    """Read an opening; Malformed unless `opening_text` gives `data` again. Proves nothing yet."""
    if not data.isascii():
        raise Malformed("an opening is ASCII text", code="bad_opening")
    text = data.decode("ascii")
    head, *lines = text.removesuffix("\n").split("\n")
    if head != _HEAD:
        raise Malformed("not an opening of Comity, version 1", code="bad_opening")
    shown: list[Disclosure] = []
    at = 0
    while at < len(lines):  # each turn takes at least four lines
        found = _one_from(lines, at)
        at += 4 + len(found.hashes)
        shown.append(found)
    indices = [each.index for each in shown]
    if not indices or indices[0] != 0 or indices != sorted(set(indices)):
        raise Malformed("an opening shows leaf 0 first, then others in order", code="bad_opening")
    if {len(each.hashes) for each in shown} not in [{number} for number in _HASHES]:
        raise Malformed("an opening's paths lead to one root", code="bad_opening")
    if opening_text(shown) != text:
        raise Malformed("an opening is not in canonical form", code="bad_opening")
    return tuple(shown)


def _one_from(lines: list[str], at: int) -> Disclosure:
    index, path, salt, value = (
        _value(lines, at + i, word) for i, word in enumerate(("leaf", "path", "salt", "value"))
    )
    if len(path) > PATH_BYTES_MAX:
        raise Malformed(f"a path has at most {PATH_BYTES_MAX} bytes", code="bad_opening")
    hashes: list[bytes] = []
    for line in lines[at + 4 : at + 5 + max(_HASHES)]:
        word, _, text = line.partition(" ")
        if word != "hash":
            break
        hashes.append(hash32(text))
    return Disclosure(
        index=decimal(index),
        path="" if path == _NONE else path,
        salt=hash32(salt),
        value=b"" if value == _NONE else unb64(value),
        hashes=tuple(hashes),
    )


def _value(lines: list[str], at: int, word: str) -> str:
    found, _, value = (lines[at] if at < len(lines) else "").partition(" ")
    if found != word:
        raise Malformed(f"an opening lacks a line {word!r}", code="bad_opening")
    return value
