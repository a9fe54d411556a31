"""Contract of the table group `mirror`: peers' leaf hashes, and evidence against them.

Part of `storage.store`.
"""

from typing import Protocol

from comity.storage.rows import EvidenceRow, Head

__all__ = ["Mirror"]


class Mirror(Protocol):
    """The leaf hashes of peers' journals as tiles, and the evidence that came of them."""

    def size(self, origin: str) -> int:
        """How many leaf hashes of a journal are here."""
        ...

    def tile(self, origin: str, level: int, index: int) -> bytes:
        """The hashes of a tile; none if it is not here."""
        ...

    def save_tile(self, origin: str, level: int, index: int, hashes: bytes) -> None:
        """Insert or replace a tile."""
        ...

    def head(self, origin: str) -> Head | None:
        """The newest signed head whose leaves are all here."""
        ...

    def save_head(self, head: Head) -> None:
        """Replace it."""
        ...

    def save_evidence(self, row: EvidenceRow) -> None:
        """Keep evidence; the same file once."""
        ...

    def evidence(self, origin: str | None = None) -> tuple[EvidenceRow, ...]:
        """All evidence, or that against one party, oldest first."""
        ...

    def evidence_of(self, id_: bytes) -> EvidenceRow | None:
        """One piece of evidence."""
        ...
