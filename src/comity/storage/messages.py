"""Rows and contract of the table group `messages`: what people on duty said to each other in codes.

Part of `storage.store`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

__all__ = ["MessageAnswerRow", "MessageRow", "Messages"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """A message, ours or a peer's; `content` is its fields, `about` the id that it names.

    `due_us` is the deadline of an answer, None once there is one that settles it; `ground` says on
    what the deadline rests, `floor` whether it is of the safety floor, `warned` whether its passing
    was warned of.
    """

    id: bytes
    code: str
    sender: str
    receiver: str
    about: bytes | None
    content: bytes
    at_us: int
    due_us: int | None
    ground: str
    floor: bool
    warned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAnswerRow:
    """An answer to the message `of`; `content` is its fields, `number` counts from 0."""

    id: bytes
    of: bytes
    number: int
    content: bytes
    at_us: int


class Messages(Protocol):
    """Messages and the answers to them."""

    def save_message(self, row: MessageRow) -> None:
        """Insert or replace."""
        ...

    def message(self, id_: bytes) -> MessageRow | None:
        """One message."""
        ...

    def messages(self, before: tuple[int, bytes] | None, limit: int) -> tuple[MessageRow, ...]:
        """The newest that came before the one of that time and id, newest first."""
        ...

    def open_messages(self, limit: int) -> tuple[MessageRow, ...]:
        """Those that no answer has settled, by deadline."""
        ...

    def open_count(self) -> int:
        """How many no answer has settled."""
        ...

    def count_between(
        self, sender: str, receiver: str, *, floor: bool, code: str | None = None
    ) -> int:
        """How many of one party's to another are not settled, of the safety floor or not.

        With a `code` only those of it.
        """
        ...

    def messages_about(self, id_: bytes) -> tuple[MessageRow, ...]:
        """Those that name a notice or a message, oldest first."""
        ...

    def settled_before(self, before_us: int) -> tuple[bytes, ...]:
        """The ids of those that came before a time and are settled."""
        ...

    def next_due(self) -> int | None:
        """The earliest deadline of those that are open and not warned of."""
        ...

    def overdue(self, now_us: int) -> tuple[MessageRow, ...]:
        """The open ones whose deadline has passed, not warned of, by deadline."""
        ...

    def save_answer(self, row: MessageAnswerRow) -> None:
        """Keep an answer."""
        ...

    def answer(self, id_: bytes) -> MessageAnswerRow | None:
        """One answer."""
        ...

    def answers(self, of: bytes) -> tuple[MessageAnswerRow, ...]:
        """The answers to a message, by number."""
        ...

    def forget(self, ids: Iterable[bytes]) -> None:
        """Delete messages and the answers to them."""
        ...
