"""What can be told elsewhere, and where such things come from: the seam between desks and outlets.

A source is read forward from a place that is kept, so that nothing is told before its commit, and
nothing is lost or told twice over a crash. One more source is one more object that has these four
methods, in the tuple of `sources`. Called by the teller and the sender.
"""

from dataclasses import dataclass
from typing import Protocol

from comity.model.outlet import Group
from comity.storage.store import Reading, Transaction

__all__ = ["Found", "Source", "Thing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something to tell our own people. `of` is its id, `about` what it speaks of.

    `kind` is a kind of warning, the code of a message or a group's name, `title` the same with the
    name that people know it by. `floor` says that it is of the safety floor, `at_us` when it came
    here, `due_us` by when somebody answers it, `over_us` since when it is over, `look` what a
    person types to see it. `words` may hold places and names of units: they leave only where
    `details` is full. What has a `role` goes to the outlets of that role.
    """

    of: bytes
    kind: str
    title: str
    group: Group
    floor: bool
    at_us: int
    look: str
    about: bytes | None = None
    party: str | None = None
    due_us: int | None = None
    over_us: int | None = None
    words: str = ""
    role: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a source found up to `place`, in order; `more` if it has not come to its end."""

    things: tuple[Thing, ...]
    place: int
    more: bool


class Source(Protocol):
    """Where things to tell come from. Its places only grow."""

    @property
    def name(self) -> str:
        """Under which its place is kept: never another."""
        ...

    def end(self, reading: Reading) -> int:
        """The place from which whoever has told nothing yet goes on."""
        ...

    def after(self, reading: Reading, place: int) -> Found:
        """What came after a place, in parts of a bounded size."""
        ...

    def thing(self, reading: Reading, of: bytes) -> Thing | None:
        """One thing as it stands now; None if it is not held any more."""
        ...

    def told(self, tx: Transaction, place: int) -> None:
        """All up to here stands in line: what only served to find it may go."""
        ...
