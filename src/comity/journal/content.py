"""Commit to a content, open it, show one field of it: the salted tree behind `content-root`.

The entry carries only the root; whoever has the seed can open everything, whoever has a disclosure
can check one field, and destroying the seed destroys the content without touching the journal.
Pure. Called by the pen, the exchange, bundles and the verifier.
"""

import hmac
from dataclasses import dataclass

from comity.journal.merkle import leaf_hash, tree_inclusion, tree_root, verify_inclusion
from comity.model.fault import Malformed, Untrusted, must
from comity.model.notice import Notice
from comity.trust.envelope import Verified
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import ContentBody, Entry
from comity.wire.fields import (
    Field,
    field_bytes,
    field_salt,
    field_salts,
    field_tail,
    leaf_hashes,
    leaves_for,
    manifest,
    parse_fields,
)
from comity.wire.notice_v1 import notice_from

__all__ = [
    "Disclosure",
    "check_disclosure",
    "commit_content",
    "disclose",
    "open_content",
    "open_notice",
    "owned_seed",
]

SEED_BYTES = 32
_OWNER_DOMAIN = b"comity/seed-owner/v1\0"
_SEED_DOMAIN = b"comity/seed-commit/v1\0"


def owned_seed(given: bytes, owner: str) -> bytes:
    """The seed under which `owner` commits: nobody else can give the same content as its own.

    Without the owner in it, a recipient could sign the same content-root first, under its own name.
    """
    if len(given) != SEED_BYTES:
        raise Malformed("a content seed has 32 bytes", code="bad_seed")
    return hmac.digest(given, _OWNER_DOMAIN + owner.encode(), "sha256")


def commit_content(fields: tuple[Field, ...], seed: bytes) -> ContentBody:
    """The commitment of an entry to its content."""
    must(len(seed) == SEED_BYTES, "a content seed has 32 bytes")
    hashes = _leaf_hashes(fields, seed)
    return ContentBody(
        root=tree_root(hashes), leaves=len(hashes), seed_commit=sha256(_SEED_DOMAIN + seed)
    )


def _leaf_hashes(fields: tuple[Field, ...], seed: bytes) -> list[bytes]:
    values = [("", manifest(fields)), *((field.path, field.value) for field in fields)]
    tails = [field_tail(path, value) for path, value in values]
    return leaf_hashes(field_salts(seed, leaves_for(fields)), tails)


def open_content(body: ContentBody, seed: bytes, data: bytes) -> tuple[Field, ...]:
    """The fields, if they and the seed are what `body` commits to; else Malformed or Untrusted."""
    if len(seed) != SEED_BYTES:
        raise Malformed("a content seed has 32 bytes", code="bad_seed")
    fields = parse_fields(data)
    if commit_content(fields, seed) != body:
        raise Untrusted("the content is not what the entry commits to", code="content_mismatch")
    return fields


def open_notice(entry: Verified[Entry], fields: tuple[Field, ...]) -> Verified[Notice]:
    """A notice from the fields that `open_content` gave for the same entry."""
    return entry.derive(notice_from(fields))


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """One field shown with its salt and its path to the root; index 0 is the manifest (path "")."""

    index: int
    path: str
    salt: bytes
    value: bytes
    hashes: tuple[bytes, ...]


def disclose(fields: tuple[Field, ...], seed: bytes, index: int) -> Disclosure:
    """Show leaf `index`: 0 for the manifest, i + 1 for field i."""
    hashes = _leaf_hashes(fields, seed)
    path, value = (
        ("", manifest(fields)) if index == 0 else (fields[index - 1].path, fields[index - 1].value)
    )
    return Disclosure(
        index=index,
        path=path,
        salt=field_salt(seed, index),
        value=value,
        hashes=tree_inclusion(hashes, index),
    )


def check_disclosure(body: ContentBody, shown: Disclosure) -> None:
    """Untrusted unless the shown field is in the content."""
    leaf = leaf_hash(field_bytes(shown.salt, shown.path, shown.value))
    if not verify_inclusion(leaf, shown.index, body.leaves, shown.hashes, body.root):
        raise Untrusted("the field is not in the content", code="content_mismatch")
