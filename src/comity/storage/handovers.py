"""Rows and contract of the table group `handovers`: what one officer handed over to the next.

Part of `storage.store`.
"""

from dataclasses import dataclass
from typing import Protocol

__all__ = ["HandoverItemRow", "HandoverRow", "Handovers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverRow:
    """A handover: who to whom, when, and who countersigned; None until somebody has.

    `acceptance` is the id of the countersigning statement. `over_us` is when another one took its
    place before it was accepted.
    """

    id: bytes
    giver: str
    taker: str
    note: str
    begun_us: int
    acceptance: bytes | None = None
    accepted_us: int | None = None
    over_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverItemRow:
    """An open item that the statement `of` (a handover or an acceptance) names, by number."""

    of: bytes
    number: int
    kind: str
    id: bytes
    due_us: int | None
    state: str


class Handovers(Protocol):
    """Handovers and the items that were signed with them."""

    def save_handover(self, row: HandoverRow) -> None:
        """Insert or replace."""
        ...

    def handover(self, id_: bytes) -> HandoverRow | None:
        """One handover."""
        ...

    def handovers(self, limit: int) -> tuple[HandoverRow, ...]:
        """The newest, newest first."""
        ...

    def waiting(self) -> tuple[HandoverRow, ...]:
        """Those that nobody has accepted and none has replaced, oldest first."""
        ...

    def save_item(self, row: HandoverItemRow) -> None:
        """Keep an item."""
        ...

    def items(self, of: bytes) -> tuple[HandoverItemRow, ...]:
        """The items of a statement, by number."""
        ...
