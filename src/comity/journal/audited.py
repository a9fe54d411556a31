"""What an audit finds: flaws, each with a place and what is wrong there, and what was looked at.

An audit goes on after a flaw. Checks nothing by itself. Called by the parts of the audit and by
`comity audit`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from comity.model.fault import Corrupt, Fault

__all__ = ["Audited", "Flaw", "hold"]

_STEP = 1_000  # rows between two words on progress
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Something that is not as it was written, and where."""

    where: str
    what: str


@dataclass(kw_only=True)
class Audited:
    """What was found so far: flaws, and how many rows of each kind were looked at."""

    flaws: list[Flaw] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)
    progress: Progress = lambda _, __: None

    def count(self, kind: str) -> None:
        """One more row of a kind."""
        self.checked[kind] = self.checked.get(kind, 0) + 1
        if self.checked[kind] % _STEP == 0:
            self.progress(kind, self.checked[kind])

    def flaw(self, where: str, what: str) -> None:
        """Note a flaw."""
        self.flaws.append(Flaw(where=where, what=what))

    @contextmanager
    def at(self, where: str) -> Iterator[None]:
        """Whatever is wrong inside is a flaw at this place."""
        try:
            yield
        except Fault as fault:
            self.flaw(where, f"{fault.reason} ({fault.code})")


def hold(condition: object, sentence: str) -> None:
    """What is not so is a flaw in what is stored."""
    if not condition:
        raise Corrupt(sentence, code="damaged_journal")
