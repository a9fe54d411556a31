"""Rows and contract of the table group `lines`: how each line stands and stood.

Beside them the order in which warnings were raised and cleared, for whoever follows it.
Part of `storage.store`. Times are microseconds UTC, indices places in our journal.
"""

from dataclasses import dataclass
from typing import Protocol

__all__ = ["CheckRow", "GapRow", "LineEntryRow", "LineRow", "Lines", "WarningChangeRow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """What the newest entry about a line says, the last proven contact, and its checks by people.

    `contact_index` is our entry that holds the head of the last contact. `down_until_us` is the
    latest start of this node that was put on record in a gap (0: none). A check is next due at
    `check_next_us`; one that nobody has made was due at `check_open_us`, and is overdue from
    `check_late_us` on, None once that was warned of.
    """

    peer: str
    state: str
    since_us: int
    reason: str = ""
    contact_us: int | None = None
    contact_index: int | None = None
    down_until_us: int = 0
    check_next_us: int | None = None
    check_open_us: int | None = None
    check_late_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineEntryRow:
    """An entry about a line. `gap_from_us` names the gap that it is about, if it is about one."""

    index: int
    peer: str
    at_us: int
    state: str
    since_us: int
    reason: str
    gap_from_us: int | None
    down_from_us: int | None
    down_until_us: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GapRow:
    """A time without proven contact; the indices are our entries that hold the heads around it."""

    peer: str
    from_us: int
    from_index: int | None
    until_us: int | None
    until_index: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """A line check that a person answered: `of` is the message, `peer` the other party.

    `asked_us` and `answered_us` are by our clock. `there_from_us` and `there_until_us` say when the
    other had the message and answered, by its own clock, where we asked.
    """

    of: bytes
    peer: str
    asker: str
    asker_role: str
    answerer_role: str
    asked_us: int
    answered_us: int
    there_from_us: int | None
    there_until_us: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningChangeRow:
    """A warning was raised or cleared; `size` is that of our journal before the change."""

    number: int
    warning: bytes
    kind: str
    raised: bool
    at_us: int
    size: int


class Lines(Protocol):
    """Lines, entries about them, gaps, checks; changes of warnings."""

    def save_line(self, row: LineRow) -> None:
        """Insert or replace."""
        ...

    def line(self, peer: str) -> LineRow | None:
        """One line."""
        ...

    def lines(self) -> tuple[LineRow, ...]:
        """All lines, by party."""
        ...

    def save_line_entry(self, row: LineEntryRow) -> None:
        """Keep what an entry says."""
        ...

    def line_entry(self, index: int) -> LineEntryRow | None:
        """What the entry at `index` says of a line, if it does."""
        ...

    def gap_entries(self, peer: str, from_us: int) -> tuple[LineEntryRow, ...]:
        """The entries about one gap, in order."""
        ...

    def save_gap(self, row: GapRow) -> None:
        """Insert or replace."""
        ...

    def open_gap(self, peer: str) -> GapRow | None:
        """The gap of a line that no contact has ended."""
        ...

    def gaps(
        self, peer: str | None, before: tuple[int, str] | None, limit: int
    ) -> tuple[GapRow, ...]:
        """The newest of one line or of all that began before that time (and party)."""
        ...

    def save_check(self, row: CheckRow) -> None:
        """Insert or replace."""
        ...

    def newest_check(self, peer: str) -> CheckRow | None:
        """The line check that was answered last."""
        ...

    def newest_change(self) -> int:
        """The number of the newest change of a warning; 0 for none."""
        ...

    def save_change(self, row: WarningChangeRow) -> None:
        """Keep a change; `row.number` is one more than the newest."""
        ...

    def changes(self, after: int, limit: int) -> tuple[WarningChangeRow, ...]:
        """The changes of warnings after a number, in order."""
        ...
