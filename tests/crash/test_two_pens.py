"""Two processes on one home: one writes, the other ends with 75; and two pens never both sign."""

import json
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from comity.journal.scribe import Scribe
from comity.model.fault import Fault, Unavailable
from comity.storage.sqlite.store import SqliteStore
from tests.crash.test_kill_node import ENV, ROOT, comity, end, start
from tests.crash.writer import NOW_US, identity, write
from tests.loopback import free_port
from tests.model.saying_no import says_no

RACES = 50
RACES_LONG = 1_000


def races(folder: Path, count: int, mode: str) -> tuple[dict[str, int], int]:
    """How the pairs ended, and how many entries there are."""
    command = [sys.executable, "-m", "tests.crash.pens", str(folder), str(count), mode]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["races"] == count
    return found["ends"], found["size"]


@pytest.mark.timeout(60)
def test_of_two_processes_exactly_one_writes(tmp_path: Path) -> None:
    assert races(tmp_path, RACES, "held") == ({"75 100": RACES}, RACES + 1)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_1000_races(tmp_path: Path) -> None:
    assert races(tmp_path, RACES_LONG, "held") == ({"75 100": RACES_LONG}, RACES_LONG + 1)


@pytest.mark.timeout(60)
def test_control_without_the_lock_both_get_in(tmp_path: Path) -> None:
    """Both write, or the one that comes late is stopped by its own pen: nobody is turned away."""
    ends, _ = races(tmp_path, 10, "free")
    assert sum(ends.values()) == 10
    assert not any("75" in each for each in ends)


def test_a_pen_that_is_not_alone_stops_before_it_signs(tmp_path: Path) -> None:
    """Also where the home's lock failed: on a file system without locks, or through a copy."""
    fatal: list[Fault] = []

    def pen() -> tuple[SqliteStore, Scribe]:
        store = SqliteStore(tmp_path)
        scribe = Scribe(
            store=store,
            identity=identity(),
            seeds=lambda: secrets.token_bytes(32),
            witnesses=(),
            on_commit=lambda: None,
            on_fatal=fatal.append,
        )
        return store, scribe

    one_store, one = pen()
    other_store, other = pen()
    one.submit(write, NOW_US).result(5)
    before = other.head
    with says_no("journal_stopped", Unavailable):
        other.submit(write, NOW_US).result(5)
    assert other.head == before
    assert [fault.code for fault in fatal] == ["invariant_broken"]
    one.submit(write, NOW_US).result(5)
    one.close()
    one_store.close()
    other_store.close()


@pytest.mark.timeout(60)
def test_a_second_real_node_ends_and_names_the_first(tmp_path: Path) -> None:
    home = tmp_path / "alpha"
    comity(
        *("init", str(home), "--name", "alpha", "--origin", "alpha.example/comity/2026"),
        *("--address", f"http://127.0.0.1:{free_port()}"),
    )
    node = start(home)
    try:
        command = [sys.executable, "-m", "comity", "serve", "--home", str(home)]
        done = subprocess.run(
            command, cwd=ROOT, env=ENV, capture_output=True, text=True, timeout=20, check=False
        )
        assert done.returncode == 75
        assert f"process {node.pid}" in done.stderr
    finally:
        end(node)
