"""Rows and contract of the table group `times`: evidence of time, and who gives it.

Kinds of evidence: `cosignature`, a later one over a head whose first is in `journal`, and
`rfc3161`, a time stamp. Kinds of onlooker: `witness` and `authority`. Part of `storage.store`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

__all__ = ["AUTHORITY", "COSIGNATURE", "RFC3161", "WITNESS", "EvidenceRow", "OnlookerRow", "Times"]

COSIGNATURE, RFC3161 = "cosignature", "rfc3161"
WITNESS, AUTHORITY = "witness", "authority"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow:
    """A verified piece over our head of `size`; `hash` is the SHA-256 of `body`."""

    hash: bytes
    kind: str
    signer: str
    size: int
    time_s: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlookerRow:
    """The newest that a witness or authority gave us (size 0: nothing yet), and what failed since.

    `error` is None after a success; `error_us` is when this error was first met.
    """

    kind: str
    name: str
    size: int
    time_s: int
    error: str | None = None
    error_us: int | None = None


class Times(Protocol):
    """Evidence of time over our own heads."""

    def save_evidence(self, row: EvidenceRow) -> None:
        """Keep it. Of later cosignatures of one signer only the newest stays, and the used ones."""
        ...

    def evidence(self, hash_: bytes) -> EvidenceRow | None:
        """One piece by its hash."""
        ...

    def newest_evidence(self) -> EvidenceRow | None:
        """The piece with the latest time."""
        ...

    def use_evidence(self, hash_: bytes) -> None:
        """An entry names it: it stays for good."""
        ...

    def stamps(self, from_size: int, limit: int) -> tuple[EvidenceRow, ...]:
        """Time stamps over heads of at least `from_size`, by size and time."""
        ...

    def save_onlooker(self, row: OnlookerRow) -> None:
        """Insert or replace."""
        ...

    def onlookers(self, kind: str) -> tuple[OnlookerRow, ...]:
        """All of a kind, by name."""
        ...

    def forget_onlookers(self, kind: str, names: Iterable[str]) -> None:
        """Drop all of a kind but these: they are no longer configured."""
        ...
