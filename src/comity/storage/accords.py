"""Rows and contract of the table group `accords`: agreements, and what they let others be told.

Texts are kept as they were signed; what they mean is `agreement`'s. Part of `storage.store`.
"""

from dataclasses import dataclass
from typing import Protocol

__all__ = ["AccordRow", "Accords", "SignatureRow", "SuspensionRow", "ToldRow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccordRow:
    """One version of an agreement; `complete_us` is when the last principal's signature came.

    `lineage` is the hash of its version 1: two agreements of other parties may have one name.
    """

    hash: bytes
    lineage: bytes
    name: str
    version: int
    text: str
    known_us: int
    complete_us: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureRow:
    """A principal's verified signature line over a text."""

    hash: bytes
    origin: str
    line: str
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspensionRow:
    """A principal's suspension of an agreement, over or not."""

    hash: bytes
    origin: str
    since_us: int
    reason: str
    over_us: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRow:
    """What one recipient was told of a subject of ours, and at which step of disclosure.

    `declared` is the id of the declaration that it got, `notice` that of the newest notice; both
    are the subject's own where nothing was held back. `content` and `volumes` are as in SubjectRow.
    """

    subject: bytes
    audience: str
    step: int
    basis: str
    declared: bytes
    notice: bytes
    content: bytes
    volumes: bytes


class Accords(Protocol):
    """Agreements of two or more parties, and what each recipient was told under them."""

    def save_accord(self, row: AccordRow) -> None:
        """Insert or replace."""
        ...

    def accord(self, hash_: bytes) -> AccordRow | None:
        """One version."""
        ...

    def accords(self) -> tuple[AccordRow, ...]:
        """All versions of all agreements, by name, lineage and version."""
        ...

    def save_signature(self, row: SignatureRow) -> None:
        """Keep a signature; of one signer and text the first."""
        ...

    def signatures(self, hash_: bytes) -> tuple[SignatureRow, ...]:
        """The signatures under a text, by origin."""
        ...

    def save_suspension(self, row: SuspensionRow) -> None:
        """Insert or replace."""
        ...

    def suspensions(self, hash_: bytes) -> tuple[SuspensionRow, ...]:
        """All of one agreement, over or not, oldest first."""
        ...

    def open_suspensions(self) -> tuple[SuspensionRow, ...]:
        """All that are not over, oldest first."""
        ...

    def all_signatures(self) -> tuple[SignatureRow, ...]:
        """The signatures under all texts."""
        ...

    def save_told(self, row: ToldRow) -> None:
        """Insert or replace."""
        ...

    def told(self, subject: bytes, audience: str) -> ToldRow | None:
        """What one recipient was told of a subject."""
        ...

    def told_of(self, subject: bytes) -> tuple[ToldRow, ...]:
        """What all recipients were told of a subject, by audience."""
        ...

    def forget_told(self, subject: bytes) -> None:
        """Delete what was told of a subject: its content is purged."""
        ...
