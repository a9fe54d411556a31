"""What an audit may read of a store: every row of what is evidence, and what SQLite says of itself.

A contract like `store`, and as read-only as it sounds: it can stand beside a node that runs. Rows
come in the order of their keys. Called by `journal.audit`; the rows are those of `rows`.
"""

from collections.abc import Iterator
from typing import Protocol

from comity.storage.rows import (
    CosignatureRow,
    EntryRow,
    EvidenceRow,
    ForkRow,
    Head,
    KeyRow,
    OpeningRow,
    PeerRow,
    ReceivedRow,
    TakenRow,
)
from comity.storage.times import EvidenceRow as TimeRow

__all__ = ["Inspected"]


class Inspected(Protocol):
    """One committed state of data, and a lock that is not newer."""

    def entry(self, index: int) -> EntryRow | None:
        """One entry of ours."""
        ...

    def index_of(self, leaf: bytes) -> int | None:
        """Where a leaf of ours is."""
        ...

    def received_one(self, leaf: bytes) -> ReceivedRow | None:
        """One entry of another."""
        ...

    def flaws(self) -> tuple[str, ...]:
        """What the database itself finds wrong with its pages and indices."""
        ...

    def locked(self) -> tuple[int, bytes] | None:
        """The last head that was ready to be signed."""
        ...

    def entries(self) -> Iterator[EntryRow]:
        """Our journal."""
        ...

    def nodes(self) -> Iterator[tuple[int, int, bytes]]:
        """The tree: level, index, hash."""
        ...

    def chains(self) -> Iterator[tuple[str, str, int, bytes]]:
        """Ends of chains: sender, lane, seq, leaf."""
        ...

    def openings(self) -> Iterator[OpeningRow]:
        """What opens entries, ours and others'."""
        ...

    def opening(self, leaf: bytes) -> OpeningRow | None:
        """What opens one entry."""
        ...

    def contents(self) -> Iterator[tuple[bytes, str, int]]:
        """Which entry gave which content to whom: root, audience, index."""
        ...

    def cosignatures(self) -> Iterator[CosignatureRow]:
        """Over heads of ours."""
        ...

    def peers(self) -> Iterator[PeerRow]:
        """Enrolled parties."""
        ...

    def keys(self, origin: str) -> tuple[KeyRow, ...]:
        """All keys of a party that ever changed one, oldest first; ours too."""
        ...

    def key_parties(self) -> Iterator[str]:
        """Parties of which there are such keys."""
        ...

    def times(self) -> Iterator[tuple[TimeRow, int]]:
        """Evidence of time over our heads, and 1 for what an entry names as its beacon, else 0."""
        ...

    def heads(self) -> Iterator[Head]:
        """Of others' journals."""
        ...

    def forks(self) -> Iterator[ForkRow]:
        """Heads that did not fit."""
        ...

    def mirrored(self) -> Iterator[str]:
        """Parties whose leaf hashes are kept."""
        ...

    def tile(self, origin: str, level: int, index: int) -> bytes:
        """Hashes of a party's tree; none if the tile is not there."""
        ...

    def mirror_heads(self) -> Iterator[Head]:
        """Of others' journals, up to which all of their leaf hashes are kept."""
        ...

    def evidence(self) -> Iterator[EvidenceRow]:
        """Files that convict."""
        ...

    def received(self) -> Iterator[ReceivedRow]:
        """Entries of others."""
        ...

    def taken(self) -> Iterator[TakenRow]:
        """Receipts for entries of ours."""
        ...

    def close(self) -> None:
        """Let go of files."""
        ...
