"""Rows and contract of the table group `requests`: what was asked of whom, and what was said to it.

Part of `storage.store`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

__all__ = ["ReplyRow", "RequestRow", "Requests"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """A request, ours or a peer's; `subject` is the row that it is about, `content` its fields.

    `due_us` is the deadline of the reply, None once there is a final one; `ground` says on what the
    deadline rests, `warned` whether its passing was warned of.
    """

    id: bytes
    subject: bytes
    asker: str
    asked: str
    content: bytes
    at_us: int
    due_us: int | None
    ground: str
    warned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyRow:
    """A reply to the request `of`; `content` is its serialised fields, `number` counts from 0."""

    id: bytes
    of: bytes
    number: int
    content: bytes
    at_us: int


class Requests(Protocol):
    """Requests and replies."""

    def save_request(self, row: RequestRow) -> None:
        """Insert or replace."""
        ...

    def request(self, id_: bytes) -> RequestRow | None:
        """One request."""
        ...

    def requests(self) -> tuple[RequestRow, ...]:
        """All of them, oldest first."""
        ...

    def requests_about(self, subject: bytes) -> tuple[RequestRow, ...]:
        """Those about one subject, oldest first."""
        ...

    def undecided(self, asker: str, asked: str) -> int:
        """How many of one party's requests to another have no final reply."""
        ...

    def next_due(self) -> int | None:
        """The earliest deadline of those that are undecided and not warned of."""
        ...

    def overdue(self, now_us: int) -> tuple[RequestRow, ...]:
        """The undecided ones whose deadline has passed, not warned of, by deadline."""
        ...

    def save_reply(self, row: ReplyRow) -> None:
        """Keep a reply."""
        ...

    def replies(self, of: bytes) -> tuple[ReplyRow, ...]:
        """The replies to a request, by number."""
        ...

    def forget(self, ids: Iterable[bytes]) -> None:
        """Delete requests and the replies to them."""
        ...
