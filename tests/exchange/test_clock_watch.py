"""The clock watch on a clock that the test sets: offsets, jumps, drift, steps back; all virtual."""

from dataclasses import dataclass

import pytest

from comity.exchange.clock_watch import ClockWatch
from comity.model.clock_error import ClockState

SECOND = 1_000_000
NOON = 1_795_348_800 * SECOND
OFFSETS = (0.1, 0.5, 4.9, 5.1, 60, 3600)
STATES = {0.1: "sure", 0.5: "sure", 4.9: "unsure", 5.1: "untrusted", 60: "untrusted"}


@dataclass
class Machine:
    """True time, and a machine's wall clock beside it."""

    true_us: int = NOON
    off_us: int = 0

    def wall_us(self) -> int:
        return self.true_us + self.off_us

    def elapsed_us(self) -> int:
        return self.true_us - NOON

    def pass_s(self, seconds: float) -> None:
        self.true_us += round(seconds * SECOND)


def watching(machine: Machine) -> ClockWatch:
    return ClockWatch(machine.wall_us, machine.elapsed_us)


def compare(watch: ClockWatch, machine: Machine, *peers: str, trip_s: float = 0.02) -> None:
    """Ask each peer, whose clock is right and who answers in the middle of the trip."""
    for peer in peers:
        asked = machine.wall_us()
        machine.pass_s(trip_s / 2)
        said = machine.true_us
        machine.pass_s(trip_s / 2)
        watch.heard(peer, said, asked, machine.wall_us())


def wanted(offset: float) -> str:
    return STATES.get(offset, "untrusted")


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("offset", OFFSETS)
def test_a_clock_that_starts_wrong_is_found_by_the_first_answer(offset: float, sign: int) -> None:
    machine = Machine(off_us=round(sign * offset * SECOND))
    watch = watching(machine)
    assert watch.standing().state is ClockState.SURE
    compare(watch, machine, "bravo")
    assert watch.standing().state == wanted(offset)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("offset", OFFSETS)
def test_a_jump_is_found_before_anyone_is_asked_again(offset: float, sign: int) -> None:
    machine = Machine()
    watch = watching(machine)
    compare(watch, machine, "bravo", "carol", "delta")
    machine.pass_s(5)
    machine.off_us += round(sign * offset * SECOND)
    assert watch.standing().state == wanted(offset)
    machine.off_us = 0  # set right again
    assert watch.standing().state is ClockState.SURE


@pytest.mark.parametrize("offset", [5.1, 60, -3600])
def test_a_jump_is_found_with_nobody_to_ask_and_forgotten_in_time(offset: float) -> None:
    machine = Machine()
    watch = watching(machine)
    machine.off_us += round(offset * SECOND)
    found = watch.standing()
    assert found.state is ClockState.UNTRUSTED
    assert "before its clock was set" in found.text
    machine.pass_s(601)
    assert watch.standing().state is ClockState.SURE


def test_the_first_answer_after_a_jump_outweighs_our_own_past() -> None:
    machine = Machine(off_us=-60 * SECOND)  # wrong from the start, nobody asked
    watch = watching(machine)
    machine.off_us = 0  # then set right: it looks like a jump
    assert watch.standing().state is ClockState.UNTRUSTED
    compare(watch, machine, "bravo")
    assert watch.standing().state is ClockState.SURE


@pytest.mark.parametrize("rate", [1e-3, -1e-3])
def test_drift_is_found_by_asking_every_heartbeat(rate: float) -> None:
    machine = Machine()
    watch = watching(machine)
    states = []
    for _ in range(200):  # 30 ms a heartbeat: 6 s after 200
        machine.pass_s(30)
        machine.off_us += round(30 * SECOND * rate)
        compare(watch, machine, "bravo", "carol")
        states.append(watch.standing().state)
    assert states.index(ClockState.UNSURE) in range(66, 70)
    assert states.index(ClockState.UNTRUSTED) in range(166, 170)
    assert states == sorted(states, key=[*ClockState].index)


def test_an_answer_across_a_jump_counts_for_nothing() -> None:
    machine = Machine()
    watch = watching(machine)
    asked = machine.wall_us()
    machine.off_us += 60 * SECOND
    watch.heard("bravo", machine.true_us, asked, machine.wall_us())
    assert [each.by for each in watch.standing().sources] != ["bravo"]


def test_a_slow_answer_is_no_error() -> None:
    machine = Machine()
    watch = watching(machine)
    compare(watch, machine, "bravo", trip_s=20)
    assert watch.standing().state is ClockState.SURE


def test_a_witness_bounds_us_to_its_second() -> None:
    machine = Machine(off_us=-6_500_000)
    watch = watching(machine)
    asked = machine.wall_us()
    watch.heard_second("w1", machine.true_us // SECOND, asked, machine.wall_us())
    (bound,) = watch.standing().sources
    assert bound.high_us - bound.low_us == SECOND
    assert watch.standing().state is ClockState.UNTRUSTED


def test_who_is_not_heard_for_ten_minutes_is_forgotten() -> None:
    machine = Machine(off_us=60 * SECOND)
    watch = watching(machine)
    compare(watch, machine, "bravo")
    machine.pass_s(599)
    assert watch.standing().state is ClockState.UNTRUSTED
    machine.pass_s(2)
    assert watch.standing().sources == ()
