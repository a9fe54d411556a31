"""kill -9 of a node that is watched: `comity hotline watch` prints every event, and none twice.

The node comes back by its normal start; the watcher goes on by itself.
"""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from comity.config import read_home
from tests.crash.test_kill_node import BODY, ENV, ROOT, comity, end, start
from tests.loopback import free_port

pytestmark = [pytest.mark.serial, pytest.mark.timeout(90)]
KILLS = 2
STREAMS = 10


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("watched") / "alpha"
    address = f"http://127.0.0.1:{free_port()}"
    origin = "alpha.example/comity/2026"
    comity("init", str(folder), "--name", "alpha", "--origin", origin, "--address", address)
    return folder


@contextmanager
def watching(home: Path, *words: str) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "comity", "hotline", "watch", "--all", "--json"]
    command += ["--home", str(home), "--after", "0-0", *words]
    with (home / "watched").open("wb") as out, (home / "told").open("wb") as told:
        watcher = subprocess.Popen(command, cwd=ROOT, env=ENV, stdout=out, stderr=told)
    try:
        yield watcher
    finally:
        watcher.kill()
        watcher.wait(10)


def printed(home: Path) -> list[str]:
    """The ids that the watcher printed; whole lines."""
    lines = (home / "watched").read_text().split("\n")[:-1]
    return [str(json.loads(line)["event_id"]) for line in lines]


def test_a_watcher_outlives_the_node_and_misses_nothing(home: Path) -> None:
    key = (home / "keys/admin.key").read_text().strip()
    node = start(home)
    try:
        with watching(home):
            declare(home, key)
            until(lambda: printed(home) != [])
            for number in range(2 * KILLS):
                if number % 2 == 1:
                    end(node)
                    node = start(home)
                declare(home, key)
            wanted = all_there_is(home, key)
            assert len(wanted) > 2 * KILLS
            until(lambda: len(printed(home)) >= len(wanted))
            assert printed(home) == wanted
        assert is_stopped_promptly(home, key, node)
    finally:
        end(node)


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def client(home: Path, key: str) -> httpx.Client:
    address = read_home(home).address
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.Client(base_url=address, headers=headers, timeout=10, trust_env=False)


def declare(home: Path, key: str) -> None:
    with client(home, key) as caller:
        assert caller.post("/api/v1/notices", json=BODY).status_code == 201


def all_there_is(home: Path, key: str) -> list[str]:
    """Every event up to now, in one go."""
    with client(home, key) as caller, caller.stream("GET", "/api/v1/events") as answer:
        lines = (line for line in answer.iter_lines() if line.startswith("id: "))
        newest = next(lines).removeprefix("id: ")
    found, whole = [], {"after": "0-0"}
    with (
        client(home, key) as caller,
        caller.stream("GET", "/api/v1/events", params=whole) as answer,
    ):
        for line in answer.iter_lines():
            if line.startswith("id: ") and line != "id: 0-0":
                found.append(line.removeprefix("id: "))
                if found[-1] == newest:
                    return found
    raise AssertionError("the stream ended before its end")


def is_stopped_promptly(home: Path, key: str, node: "subprocess.Popen[bytes]") -> bool:
    """With ten streams open a node ends as fast as without, and each of them ends well."""
    with ExitStack() as stack:
        streams = []
        for _ in range(STREAMS):
            caller = stack.enter_context(client(home, key))
            answer = stack.enter_context(caller.stream("GET", "/api/v1/events"))
            streams.append(answer.iter_lines())
        began = time.monotonic()
        node.send_signal(signal.SIGTERM)
        assert node.wait(10) == 0
        spent_s = time.monotonic() - began
        for stream in streams:
            list(stream)  # ends, and without an error: whole chunks to the last
    return spent_s < 2
