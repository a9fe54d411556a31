"""Rows and contract of the table group `releases`: messages that wait for a second person.

Part of `storage.store`.
"""

from dataclasses import dataclass
from typing import Protocol

__all__ = ["HeldRow", "Releases"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRow:
    """A message that one person wants said; `content` is its fields while it waits, then empty.

    `over_us` is when it was released, withdrawn or expired, `by_second` who released or withdrew
    it (None: nobody), `message` the id under which it was said (None: it was not).
    """

    id: bytes
    code: str
    receiver: str
    content: bytes
    by: str
    at_us: int
    expires_us: int
    over_us: int | None = None
    by_second: str | None = None
    message: bytes | None = None


class Releases(Protocol):
    """Messages that wait for a second person, or did."""

    def save_held(self, row: HeldRow) -> None:
        """Insert or replace."""
        ...

    def held(self, id_: bytes) -> HeldRow | None:
        """One of them."""
        ...

    def newest(self, limit: int) -> tuple[HeldRow, ...]:
        """The newest, newest first."""
        ...

    def waiting(self) -> tuple[HeldRow, ...]:
        """Those that are not over, by their expiry."""
        ...
