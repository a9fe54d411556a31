"""`comity serve` and `witness serve`: lock, witnesses, exercise, a line when ready, a clean end."""

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from comity.cli.exit_codes import ExitCode
from comity.config import Home, Witness, WitnessHome
from comity.home import create_witness_home, hold_lock
from comity.trust.keys import KeyType, SigningKey
from tests.cli.stand_in import NOW_US, Comity, make_home

WITNESS = (
    SigningKey(name="witness.example/w1", key_type=KeyType.COSIGNATURE_V1, seed=b"1" * 32)
    .verifier()
    .text()
)
LOG = (
    SigningKey(name="alpha.example/comity/2026", key_type=KeyType.ED25519, seed=b"2" * 32)
    .verifier()
    .text()
)
AT = "http://127.0.0.1:7109"


class Assembly(ModuleType):
    """In the place of `comity.assembly`: says that it serves, and ends as it is told."""

    def __init__(self) -> None:
        """Nothing was served yet."""
        super().__init__("comity.assembly")
        self.served: list[Home | WitnessHome] = []
        self.on_ready: Callable[[], None] = lambda: None
        self.code = 0

    def serve_node(self, home: Home, *, ready: Callable[[], None]) -> int:
        """Be a node."""
        return self._serve(home, ready)

    def serve_witness(self, home: WitnessHome, *, ready: Callable[[], None]) -> int:
        """Be a witness."""
        return self._serve(home, ready)

    def _serve(self, home: Home | WitnessHome, ready: Callable[[], None]) -> int:
        self.served.append(home)
        ready()
        self.on_ready()
        return self.code


@pytest.fixture
def assembly(monkeypatch: pytest.MonkeyPatch) -> Iterator[Assembly]:
    found = Assembly()
    monkeypatch.setitem(sys.modules, "comity.assembly", found)
    monkeypatch.setattr("comity.assembly", found, raising=False)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    before = signal.getsignal(signal.SIGTERM)
    yield found
    signal.signal(signal.SIGTERM, before)
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_node_says_when_it_serves(comity: Comity, assembly: Assembly, tmp_path: Path) -> None:
    home = make_home(tmp_path / "a", "http://127.0.0.1:7101")
    answer = comity("serve", "--home", home.path)
    assert answer.out == "ready alpha.example/comity/2026 http://127.0.0.1:7101\n"
    assert (answer.code, assembly.served) == (0, [home])
    assert comity("serve", "--home", home.path, "--json").json() == {
        "ready": True,
        "origin": home.origin,
        "address": home.address,
    }


def test_the_exit_code_is_the_nodes(comity: Comity, assembly: Assembly, tmp_path: Path) -> None:
    assembly.code = 70
    home = make_home(tmp_path / "a", "http://127.0.0.1:7101")
    assert comity("serve", "--home", home.path).code == ExitCode.INTERNAL


def test_the_lock_is_held_while_it_serves(
    comity: Comity, assembly: Assembly, tmp_path: Path
) -> None:
    home = make_home(tmp_path / "a", "http://127.0.0.1:7101")
    second = []
    assembly.on_ready = lambda: second.append(comity("serve", "--home", home.path))
    assert comity("serve", "--home", home.path).code == 0
    assert second[0].code == ExitCode.LOCKED
    assert f"process {os.getpid()}" in second[0].err
    assert len(assembly.served) == 1
    with hold_lock(home.path):
        pass


def test_sigterm_before_the_server_is_up_ends_with_0(
    comity: Comity, assembly: Assembly, tmp_path: Path
) -> None:
    assembly.on_ready = lambda: os.kill(os.getpid(), signal.SIGTERM)
    assembly.code = 70
    home = make_home(tmp_path / "a", "http://127.0.0.1:7101")
    assert comity("serve", "--home", home.path).code == 0


def test_witnesses_of_the_line_join_those_of_the_file(
    comity: Comity, assembly: Assembly, tmp_path: Path
) -> None:
    home = make_home(tmp_path / "a", "http://127.0.0.1:7101")
    named = ("--witness", f"{WITNESS}@{AT}")
    assert comity("serve", "--home", home.path, *named).code == 0
    (served,) = assembly.served
    assert isinstance(served, Home)
    assert served.witnesses == (Witness(key=WITNESS, address=AT),)


@pytest.mark.parametrize(
    "text", ["", WITNESS, f"{LOG}@{AT}", f"{WITNESS}@http://192.0.2.1:80", f"@{AT}"]
)
def test_a_witness_is_a_key_and_an_address(
    comity: Comity, assembly: Assembly, tmp_path: Path, text: str
) -> None:
    home = make_home(tmp_path / "a", "http://127.0.0.1:7101")
    assert comity("serve", "--home", home.path, "--witness", text).code == ExitCode.USAGE
    assert assembly.served == []


@pytest.mark.parametrize(("made", "asked"), [("x1", None), (None, "x1"), ("x1", "x2")])
def test_live_and_exercise_are_never_mixed_up(
    comity: Comity, assembly: Assembly, tmp_path: Path, made: str | None, asked: str | None
) -> None:
    home = make_home(tmp_path / "a", "http://127.0.0.1:7101", exercise=made)
    words = ("--exercise", asked) if asked else ()
    answer = comity("serve", "--home", home.path, *words)
    assert answer.code == ExitCode.REFUSED
    assert "exercise_mismatch" in answer.err
    assert assembly.served == []
    right = ("--exercise", made) if made else ()
    assert comity("serve", "--home", home.path, *right).code == 0


def test_a_witness_serves_its_logs(comity: Comity, assembly: Assembly, tmp_path: Path) -> None:
    home = create_witness_home(
        tmp_path / "w",
        name="witness.example/w1",
        address=AT,
        seeds=lambda: b"3" * 32,
        now_us=NOW_US,
    )
    words = ("--log", LOG, "--exercise", "x1", "--home", home.path)
    answer = comity("witness", "serve", *words)
    assert answer.out == f"ready witness.example/w1 {AT}\n"
    (served,) = assembly.served
    assert isinstance(served, WitnessHome)
    assert (served.logs, served.exercise) == ((LOG,), "x1")
    wrong = comity("witness", "serve", "--log", WITNESS, "--home", home.path)
    assert wrong.code == ExitCode.USAGE


def test_a_nodes_home_is_no_witnesss(comity: Comity, assembly: Assembly, tmp_path: Path) -> None:
    home = make_home(tmp_path / "a", "http://127.0.0.1:7101")
    assert comity("witness", "serve", "--home", home.path).code == ExitCode.BAD_INPUT
    assert assembly.served == []
