"""What befalls the parties by the referee's hand: a line is cut and mended, a clock set wrong.

No node can do it. Called by perform.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from comity.exercise.node import Node
from comity.exercise.plan import PlannedStep
from comity.exercise.record import Cut
from comity.exercise.verbs import Clock, Line, Mishap
from comity.model.fault import Malformed
from comity.model.quantity import SECOND_US

__all__ = ["Lines", "Mishaps", "NoLines", "SetsClock", "befallen"]


class Lines(Protocol):
    """The wires between the nodes of an exercise."""

    def cut(self, one: str, other: str) -> None:
        """Let nothing pass between two parties any more."""

    def mend(self, one: str, other: str) -> None:
        """Let everything pass again."""


class NoLines:
    """Wires that nobody can cut."""

    def cut(self, one: str, other: str) -> None:
        """Raise Malformed."""
        raise Malformed(f"{one} and {other} have no line that can be cut", code="bad_scenario")

    mend = cut


class SetsClock(Protocol):
    """The clock of one node."""

    def be_off(self, by_us: int) -> None:
        """Let it say a time that is ahead of the exercise's by so much."""


class Mishaps:
    """Those of one variant, and what is noted of them."""

    def __init__(
        self, nodes: Mapping[str, Node], lines: Lines, clocks: Mapping[str, SetsClock]
    ) -> None:
        """Take the nodes with their wires and clocks; nothing befalls them yet."""
        self._nodes = nodes
        self._lines = lines
        self._clocks = clocks
        self.cuts: list[Cut] = []

    def befall(self, step: PlannedStep, details: Mishap) -> None:
        """Do it."""
        match details:
            case Line():
                self._wire(step.do, step.by, details)
            case Clock():
                self._clocks[step.by].be_off(round(details.ahead_s * SECOND_US))

    def _wire(self, step: str, by: str, details: Line) -> None:
        """What each of the two had in its journal is noted, to see what passes first afterwards."""
        change: Callable[[str, str], None] = getattr(self._lines, step)
        change(by, details.other)
        sizes = {name: self._nodes[name].status().journal_size for name in (by, details.other)}
        self.cuts.append(Cut(mended=step == "mend", sizes=sizes))


def befallen(step: str, details: Mishap) -> str:
    """What was done, in a few words."""
    match details:
        case Line():
            return f"has its line to {details.other} {'cut' if step == 'cut' else 'mended'}"
        case Clock(ahead_s=ahead_s):
            way = "fast" if ahead_s > 0 else "slow"
            return f"has its clock set {f'{abs(ahead_s):g} s {way}' if ahead_s else 'right again'}"
