"""Rows and contract of the table group `register`: entries of the protected register, and reads.

No row holds a coordinate: what is protected stays sealed, and is opened in memory when it is
needed. Part of `storage.store`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from comity.storage.rows import SubjectRow, VolumeBox

__all__ = ["LAPSED", "LIVE", "WITHDRAWN", "GivenRow", "ProtectedRow", "ReadRow", "Register"]

LIVE, LAPSED, WITHDRAWN = "live", "lapsed", "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedRow:
    """An entry of the register, ours or one that a peer gave us.

    `id` is the id of the content that opened it here, `notice` that of the newest about it, `leaf`
    the entry whose opening holds the sealed text. `sealed` is that content's serialised fields,
    empty once it is over. `delivered_us` is None for ours.
    """

    id: bytes
    owner: str
    ours: bool
    state: str
    sealed: bytes
    leaf: bytes
    notice: bytes
    issued_us: int
    delivered_us: int | None
    expires_us: int
    recipients: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenRow:
    """An entry of ours as one recipient has it: its id there, the newest content, whose key.

    `key` is the SHA-256 of the verifier key that the newest content is sealed to.
    """

    id: bytes
    audience: str
    declared: bytes
    notice: bytes
    key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRow:
    """That `party` opened the entry `of`, as `role`, for a reason; `leaf` is the statement's."""

    leaf: bytes
    of: bytes
    party: str
    role: str
    reason: str
    at_us: int
    known_us: int


class Register(Protocol):
    """Entries of the protected register, to whom they were given, and who opened them."""

    def save_protected(self, row: ProtectedRow) -> None:
        """Insert or replace."""
        ...

    def protected(self, id_: bytes) -> ProtectedRow | None:
        """One entry."""
        ...

    def protected_of(self, notice: bytes) -> ProtectedRow | None:
        """The entry that a notice (first, renewal or release) is about."""
        ...

    def live_protected(self, now_us: int) -> tuple[ProtectedRow, ...]:
        """All entries that stand at `now_us`, by id. Never truncated."""
        ...

    def page_of_protected(self, now_us: int, after: bytes, limit: int) -> tuple[ProtectedRow, ...]:
        """A page of those that stand, by id."""
        ...

    def expired_protected(self, by_us: int) -> tuple[ProtectedRow, ...]:
        """Entries that are over by then and still kept as live, the oldest expiry first."""
        ...

    def next_expiry_us(self) -> int | None:
        """When the first of those kept as live is over."""
        ...

    def over_before(self, before_us: int) -> tuple[ProtectedRow, ...]:
        """Entries that are no longer live and expired before then, by id."""
        ...

    def live_protected_of(self, owner: str) -> int:
        """How many of an owner are kept as live."""
        ...

    def forget_protected(self, ids: Iterable[bytes]) -> None:
        """Delete entries, to whom they were given and who opened them."""
        ...

    def save_given(self, row: GivenRow) -> None:
        """Insert or replace."""
        ...

    def given(self, id_: bytes) -> tuple[GivenRow, ...]:
        """How each recipient has an entry of ours, by audience."""
        ...

    def sealed_to(self, audience: str, key: bytes) -> tuple[bytes, ...]:
        """The live entries of ours that are sealed to a key of a recipient."""
        ...

    def save_read(self, row: ReadRow) -> None:
        """Keep a read; of one statement once."""
        ...

    def reads(self, after: bytes, limit: int) -> tuple[ReadRow, ...]:
        """A page of the reads of entries of ours by others, oldest first, after one statement."""
        ...

    def reads_since(self, party: str, owner: str, since_us: int) -> int:
        """How many entries of an owner a party has opened since then."""
        ...

    def operations_near(self, box: VolumeBox) -> tuple[SubjectRow, ...]:
        """All operations, live or over, whose boxes meet `box`, longitude aside. Never truncated.

        Cancelled ones are left out.
        """
        ...
