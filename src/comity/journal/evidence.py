"""A bundle's files, read: every byte in its place and its form, nothing yet believed.

Malformed for whatever is not a bundle. Pure. Called by `journal.verify`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from comity.journal.checkpoint import parse_checkpoint
from comity.journal.content import Disclosure
from comity.journal.manifest import (
    BIND_STAMPS,
    MANIFEST_BYTES_MAX,
    MANIFEST_NAME,
    NOTICE_STAMPS,
    Manifest,
    Piece,
    bytes_max,
    check_files,
    parse_manifest,
)
from comity.journal.merkle import leaf_hash
from comity.journal.opening import parse_opening
from comity.journal.timestamp import read_stamp
from comity.journal.tlog_proof import TlogProof, parse_proof
from comity.model.fault import Malformed
from comity.trust.note import Note, parse_note
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import (
    ContentBody,
    Entry,
    PeerCheckpointBody,
    ReceiptBody,
    parse_entry,
)

__all__ = ["Beacon", "Evidence", "Logged", "read_evidence"]

B = TypeVar("B", ContentBody, ReceiptBody, PeerCheckpointBody)


class _Names(NamedTuple):
    """The files of one entry."""

    note: Piece
    proof: Piece
    witnessed: str
    stamped: str
    stamps: tuple[Piece, ...]


_NOTICE = _Names(
    Piece.NOTICE, Piece.NOTICE_PROOF, Piece.NOTICE_WITNESSED, Piece.NOTICE_STAMPED, NOTICE_STAMPS
)
_RECEIPT = _Names(Piece.RECEIPT, Piece.RECEIPT_PROOF, "", "", ())
_BIND = _Names(Piece.BIND, Piece.BIND_PROOF, Piece.BIND_WITNESSED, Piece.BIND_STAMPED, BIND_STAMPS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged(Generic[B]):
    """An entry with what is to show that it was logged; `leaf` is computed from its bytes.

    `proof` is under the head that the other party bound, `witnessed` under one that neutral
    witnesses cosigned, `stamped` under the one that `stamps` are over, if these are other heads.
    """

    note: Note
    entry: Entry
    body: B
    leaf: bytes
    proof: TlogProof | None
    witnessed: TlogProof | None
    stamped: TlogProof | None = None
    stamps: tuple[bytes, ...] = ()

    @property
    def proofs(self) -> tuple[TlogProof, ...]:
        """The proofs that are there."""
        found = (self.proof, self.witnessed, self.stamped)
        return tuple(each for each in found if each is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beacon:
    """A cosigned checkpoint and the hash of its bytes."""

    note: Note
    sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that a bundle may hold; None where it is not there."""

    manifest_note: Note
    manifest: Manifest
    notice: Logged[ContentBody]
    receipt: Logged[ReceiptBody] | None
    bind: Logged[PeerCheckpointBody] | None
    opening: tuple[Disclosure, ...] | None
    beacon: Beacon | None
    beacon_stamp: bytes | None = None


def read_evidence(files: Mapping[str, bytes]) -> Evidence:
    """Read the files; Malformed if one is extra, missing, changed or not in its form."""
    for name, data in files.items():
        if len(data) > bytes_max(name):
            raise Malformed(f"{name} has more than {bytes_max(name)} bytes", code="too_large")
    if MANIFEST_NAME not in files:
        raise Malformed(f"{MANIFEST_NAME} is missing", code="missing_file")
    manifest_note = parse_note(files[MANIFEST_NAME], size_max=MANIFEST_BYTES_MAX)
    manifest = parse_manifest(manifest_note.text)
    check_files(manifest, files)
    notice = _logged(files, _NOTICE, ContentBody)
    if notice is None:
        raise Malformed(f"{Piece.NOTICE} is missing", code="missing_file")
    opening, beacon = files.get(Piece.OPENING), files.get(Piece.BEACON)
    return Evidence(
        manifest_note=manifest_note,
        manifest=manifest,
        notice=notice,
        receipt=_logged(files, _RECEIPT, ReceiptBody),
        bind=_logged(files, _BIND, PeerCheckpointBody),
        opening=None if opening is None else parse_opening(opening),
        beacon=None if beacon is None else _beacon(beacon),
        beacon_stamp=_stamp(files, Piece.BEACON_STAMP),
    )


def _logged(files: Mapping[str, bytes], names: _Names, kind: type[B]) -> Logged[B] | None:
    """An entry and its proofs; None if there is no such entry, and then no proof of it either."""
    proofs = names.proof, names.witnessed, names.stamped
    proof, witnessed, stamped = (_proof(files.get(name)) for name in proofs)
    stamps = tuple(data for name in names.stamps if (data := _stamp(files, name)) is not None)
    data = files.get(names.note)
    if data is None:
        if proof or witnessed or stamped or stamps:
            raise Malformed(f"there is a proof and no {names.note}", code="missing_file")
        return None
    note = parse_note(data, size_max=bytes_max(names.note))
    if len(note.signatures) != 1:
        raise Malformed("an entry has exactly one signature", code="bad_entry")
    entry = parse_entry(note.text)
    if not isinstance(entry.body, kind):
        raise Malformed(f"{names.note} is an entry of another type", code="bad_entry")
    return Logged(
        note=note,
        entry=entry,
        body=entry.body,
        leaf=leaf_hash(data),
        proof=proof,
        witnessed=witnessed,
        stamped=stamped,
        stamps=stamps,
    )


def _stamp(files: Mapping[str, bytes], name: str) -> bytes | None:
    """A time stamp in its form; who signed it is not looked at."""
    data = files.get(name)
    if data is not None:
        read_stamp(data)
    return data


def _proof(data: bytes | None) -> TlogProof | None:
    if data is None:
        return None
    proof = parse_proof(data)
    if proof.extra is not None:
        raise Malformed("a bundle's proof has no extra data", code="bad_proof")
    return proof


def _beacon(data: bytes) -> Beacon:
    note = parse_note(data, size_max=bytes_max(Piece.BEACON))
    parse_checkpoint(note.text)
    return Beacon(note=note, sha256=sha256(data))
