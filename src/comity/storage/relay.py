"""Rows and contract of the table group `relay`: whom we can reach, and who has yet to be told.

Part of `storage.store`. The newest word on a unit, as its notice's owner knows it too, is a row of
`people`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Relay", "RelayTaskRow", "RelayUnitRow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayUnitRow:
    """A unit or neighbour that we can reach: by what means, and within which time."""

    name: str
    kind: str
    means: str
    channel: str
    expected_us: int
    added_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayTaskRow:
    """A unit and the notice `of` (of the subject `subject`): to tell, or what became of it.

    `means` and `channel` are how it was told, or would be; `since_us` is when there was something
    to tell, `at_us` when its state came about. `due_us` is until when somebody is to say that it
    was told, None once somebody did or need not, `ground` on what that rests. `body` is the hash of
    what the newest page for it passed on, which is read back until `until_us`; `wrong` counts wrong
    codes in a row, the last one at `wrong_us`.

    Under a `subject` that is none it is what an owner was told under: `hotline.owner_sees`.
    """

    of: bytes
    unit: str
    subject: bytes
    handle: bytes
    state: str
    means: str
    channel: str
    since_us: int
    at_us: int
    due_us: int | None
    ground: str
    body: bytes | None = None
    until_us: int | None = None
    wrong: int = 0
    wrong_us: int = 0


class Relay(Protocol):
    """The list of units, and the tasks."""

    def save_unit(self, row: RelayUnitRow) -> None:
        """Insert or replace, by name."""
        ...

    def unit(self, name: str) -> RelayUnitRow | None:
        """One unit."""
        ...

    def units(self) -> tuple[RelayUnitRow, ...]:
        """All of them, by name."""
        ...

    def drop_unit(self, name: str) -> None:
        """Take it off the list; what is to be done about it stays."""
        ...

    def save_task(self, row: RelayTaskRow) -> None:
        """Insert or replace, by notice and unit."""
        ...

    def task(self, of: bytes, unit: str) -> RelayTaskRow | None:
        """One task."""
        ...

    def tasks_of(self, subject: bytes) -> tuple[RelayTaskRow, ...]:
        """The tasks for all notices about a subject, by unit, the oldest first."""
        ...

    def tasks_to_tell(self) -> tuple[RelayTaskRow, ...]:
        """The tasks about which nobody has said anything yet, by deadline."""
        ...

    def next_due(self) -> int | None:
        """The earliest deadline."""
        ...

    def overdue(self, now_us: int) -> tuple[RelayTaskRow, ...]:
        """The tasks whose deadline has passed, by notice and unit."""
        ...

    def forget(self, ids: Iterable[bytes]) -> None:
        """Delete the tasks of notices or subjects."""
        ...
