"""Lines that are cut, clocks that are set wrong: done by the referee, noted, and told in words."""

from dataclasses import dataclass, field, replace

import pytest

from comity.exercise.mishaps import Mishaps, NoLines, befallen
from comity.exercise.plan import PlannedStep
from comity.exercise.verbs import Clock, Line, Mishap
from comity.model.fault import Malformed
from tests.exercise.recorded import RECORD


class Counting:
    def status(self) -> object:
        return replace(RECORD.parties[0].status, journal_size=7)


@dataclass
class Wired:
    done: list[str] = field(default_factory=list)

    def cut(self, one: str, other: str) -> None:
        self.done.append(f"cut {one} {other}")

    def mend(self, one: str, other: str) -> None:
        self.done.append(f"mend {one} {other}")


@dataclass
class Watch:
    off_us: int = 0

    def be_off(self, by_us: int) -> None:
        self.off_us = by_us


def befall(mishaps: Mishaps, do: str, details: Mishap) -> None:
    step = PlannedStep(
        at_us=0, by="alpha", do=do, details=details, expect_refusal=None, where="here"
    )
    mishaps.befall(step, details)


def test_a_cut_line_is_noted_with_both_journals() -> None:
    nodes, wires = {name: Counting() for name in ("alpha", "bravo")}, Wired()
    mishaps = Mishaps(nodes, wires, {})  # type: ignore[arg-type]
    for do in ("cut", "mend"):
        befall(mishaps, do, Line(other="bravo"))
    assert wires.done == ["cut alpha bravo", "mend alpha bravo"]
    assert [cut.mended for cut in mishaps.cuts] == [False, True]
    assert mishaps.cuts[0].sizes == {"alpha": 7, "bravo": 7}
    with pytest.raises(Malformed, match="no line that can be cut"):
        NoLines().mend("alpha", "bravo")


def test_a_clock_is_set_by_the_microsecond() -> None:
    clock = Watch()
    mishaps = Mishaps({}, NoLines(), {"alpha": clock})
    befall(mishaps, "set_clock", Clock(ahead_s=-0.25))
    assert clock.off_us == -250_000


@pytest.mark.parametrize(
    ("do", "details", "words"),
    [
        ("cut", Line(other="bravo"), "has its line to bravo cut"),
        ("mend", Line(other="bravo"), "has its line to bravo mended"),
        ("set_clock", Clock(ahead_s=180.0), "has its clock set 180 s fast"),
        ("set_clock", Clock(ahead_s=-2.5), "has its clock set 2.5 s slow"),
        ("set_clock", Clock(ahead_s=0.0), "has its clock set right again"),
    ],
)
def test_it_is_told_in_words(do: str, details: Mishap, words: str) -> None:
    assert befallen(do, details) == words
