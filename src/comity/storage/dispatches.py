"""Rows and contract of the table group `dispatches`: what goes out by mail or webhook, and how far.

Part of `storage.store`. Rows hold ids and never words: what is sent is made anew from the store.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

__all__ = ["DispatchRow", "Dispatches"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchRow:
    """One thing on its way to one outlet. `state` is a `model.outlet.DispatchState`.

    `of` is the thing told (a warning, or the leaf of an entry), `about` what it speaks of, `at_us`
    when it came here, `made_us` when it was put in line, `due_us` when it is tried next (None: it
    is over), `answer` what the other end said last.
    """

    id: bytes
    outlet: str
    source: str
    kind: str
    of: bytes
    about: bytes | None
    party: str | None
    floor: bool
    at_us: int
    made_us: int
    state: str
    attempts: int
    due_us: int | None
    answer: str
    done_us: int | None


class Dispatches(Protocol):
    """Dispatches, the line of warnings to be told, and how far each source was read."""

    def put_raised(self, warning: bytes) -> None:
        """Put a warning at the end of the line; its number is above all that there were."""
        ...

    def raised_after(self, number: int, limit: int) -> tuple[tuple[int, bytes], ...]:
        """The next warnings in line after a number, with theirs."""
        ...

    def newest_raised(self) -> int:
        """The newest number; 0 if there was none."""
        ...

    def raised_count(self) -> int:
        """How many stand in line."""
        ...

    def drop_raised(self, up_to: int) -> None:
        """Forget numbers up to this one, but never the newest: its number must not come again."""
        ...

    def place(self, source: str) -> int | None:
        """How far a source was read; None if it was not."""
        ...

    def save_place(self, source: str, place: int) -> None:
        """Move it."""
        ...

    def drop_places(self) -> None:
        """Nothing was read."""
        ...

    def save_dispatch(self, row: DispatchRow) -> None:
        """Insert or replace."""
        ...

    def dispatch(self, id_: bytes) -> DispatchRow | None:
        """One dispatch."""
        ...

    def dispatches(self, before: tuple[int, bytes] | None, limit: int) -> tuple[DispatchRow, ...]:
        """The newest that were put in line before the one of that time and id, newest first."""
        ...

    def dispatches_about(self, id_: bytes) -> tuple[DispatchRow, ...]:
        """Those that tell of a thing, or of something about it, oldest first."""
        ...

    def due_dispatches(
        self, outlet: str, now_us: int, beyond_us: int, limit: int, *, floor_only: bool = False
    ) -> tuple[DispatchRow, ...]:
        """An outlet's that are due: the safety floor's first, then the least tried, then by time.

        What is due after `beyond_us` was put off under another clock: it is due as well.
        """
        ...

    def least_tried(
        self, outlet: str, now_us: int, tries: int, limit: int, *, floor_only: bool = False
    ) -> tuple[DispatchRow, ...]:
        """Those due that were tried less often than `tries`: the least tried, the floor's first."""
        ...

    def next_dispatch_due(self, outlet: str) -> int | None:
        """When the next of an outlet is due."""
        ...

    def waiting_elsewhere(self, outlets: Collection[str]) -> tuple[DispatchRow, ...]:
        """Those that wait for none of these outlets."""
        ...

    def dispatch_counts(self) -> dict[tuple[str, str], int]:
        """How many there are of each outlet and state."""
        ...

    def drop_done(self, before_us: int) -> None:
        """Forget those that were over before a time."""
        ...

    def forget(self, ids: Iterable[bytes]) -> None:
        """Delete what tells of these, or of something about them."""
        ...
