"""A fault at each call to the disk, and a second one on the way back: nothing lost, none doubled.

Every twelfth call here, beginning at another one with each order of the tests; all of them in the
long form. The WAL index (-shm) is not reached: apsw leaves its calls to SQLite.
"""

import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest

from tests.crash.faults import (
    Forgiving,
    Kind,
    Node,
    Phase,
    Tally,
    calls_in,
    deaths,
    prepare,
    sweep,
    twice,
)
from tests.crash.power_cut import SCRATCH, check

EVERY = 12
TWICE = 40
TWICE_LONG = 2_000
REAL_DEATHS = 4
ROOT = Path(__file__).parents[2]


def clean(found: Tally) -> None:
    """As many fired as planned, and nothing wrong after any of them."""
    assert found.fired == found.planned > 0
    assert (found.lost, found.faults) == (0, Counter()), "\n".join(found.again)


@pytest.mark.parametrize("phase", list(Phase))
def test_a_fault_at_every_twelfth_call_loses_nothing(phase: Phase) -> None:
    first, calls = random.randrange(EVERY), calls_in(phase)
    clean(deaths(phase, every=EVERY, first=first))
    clean(sweep(phase, Kind.EIO, range(first, calls, EVERY)))
    clean(sweep(phase, Kind.ENOSPC, range((first + 6) % EVERY, calls, EVERY)))


@pytest.mark.long
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("phase", list(Phase))
def test_a_fault_at_every_call_loses_nothing(phase: Phase) -> None:
    clean(deaths(phase))
    for kind in (Kind.EIO, Kind.ENOSPC):
        clean(sweep(phase, kind, range(calls_in(phase))))


def test_control_an_acknowledgement_before_the_commit_is_caught() -> None:
    assert deaths(Phase.APPEND, Node(hasty=True)).lost > 0


def test_control_a_failed_sync_that_is_taken_for_a_full_disk_is_caught() -> None:
    """The entry was refused, and the next start finds it."""
    node = Node(store=Forgiving)
    calls = range(calls_in(Phase.APPEND))
    assert sweep(Phase.APPEND, Kind.EIO, calls, node).faults["refused, and there"] > 0
    assert sweep(Phase.APPEND, Kind.EIO, calls).faults == Counter()


def compound(count: int) -> None:
    """A fault, then one during what follows it."""
    fired, wrong = 0, list[str]()
    start = random.getrandbits(32)
    for step in range(count):
        with tempfile.TemporaryDirectory(dir=SCRATCH) as scratch:
            times, found = twice(str(start + step), Path(scratch))
        fired += times
        wrong += [f"{start + step}: {dict(found)}"] if found else []
    assert wrong == []
    assert fired > count  # many of them twice


def test_a_second_fault_while_it_comes_back_loses_nothing() -> None:
    compound(TWICE)


@pytest.mark.long
@pytest.mark.timeout(1_200)
def test_2000_second_faults() -> None:
    compound(TWICE_LONG)


@pytest.mark.timeout(60)
def test_real_processes_die_at_their_call(tmp_path: Path) -> None:
    """What the images of the other tests stand for: SIGKILL, in the middle of a call."""
    phase = Phase.CHECKPOINT
    ready = tmp_path / "ready"
    ready.mkdir()
    known = prepare(phase, ready)
    for number in random.sample(range(calls_in(phase)), REAL_DEATHS):
        folder = tmp_path / str(number)
        shutil.copytree(ready, folder)
        command = [sys.executable, "-m", "tests.crash.faults", phase.value, "death"]
        done = subprocess.run(
            [*command, str(number), str(folder)], cwd=ROOT, timeout=20, check=False
        )
        assert done.returncode == -signal.SIGKILL
        found = check(folder, tuple(known), go_on=True)
        assert found.clean, (number, found)
