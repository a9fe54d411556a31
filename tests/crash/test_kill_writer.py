"""kill -9 of a bare writer: nothing acknowledged is lost, and the journal comes back by itself.

This proves atomicity and recovery. It says nothing about power cuts: the page cache outlives a
process.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KILLS = 300


def run(folder: Path, kills: int, seed: int, mode: str) -> dict[str, int]:
    """One run of writer.py; its seed is in the arguments that pytest shows on failure."""
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "tests/crash/writer.py", str(folder), str(kills), str(seed), mode],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, int] = json.loads(done.stdout)
    return found


@pytest.mark.timeout(120)
def test_300_kills_lose_nothing_acknowledged(tmp_path: Path) -> None:
    """After each kill the loader brings back every acknowledged entry, under its own leaf hash."""
    found = run(tmp_path, KILLS, 1, "honest")
    assert found["kills"] == KILLS
    assert found["acks"] >= KILLS
    assert (found["lost"], found["faults"]) == (0, 0)


@pytest.mark.timeout(60)
def test_control_a_writer_that_acknowledges_too_early_is_caught(tmp_path: Path) -> None:
    """Negative control: the same harness finds what a hasty writer loses."""
    found = run(tmp_path, 25, 2, "hasty")
    assert found["lost"] > 0


@pytest.mark.long
@pytest.mark.timeout(1_200)
def test_5000_kills(tmp_path: Path) -> None:
    """The long form of the same."""
    for seed in range(10):
        found = run(tmp_path / str(seed), 500, seed, "honest")
        assert (found["lost"], found["faults"]) == (0, 0)
