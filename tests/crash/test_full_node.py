"""A real node on a real file system that fills up: refused, read, the floor, and whole again.

Needs leave to mount 24 MiB of tmpfs; without it the quota of test_disk_full has to do.
"""

import contextlib
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from comity.config import read_home
from tests.crash.test_kill_node import BODY, comity, end, start
from tests.loopback import free_port, plain_client

SIZE = 24 << 20
HAZARD = BODY | {
    "kind": "hazard",
    "basis": {"source": "radio", "confidence": "probable", "expires": "2099-01-01T01:00:00Z"},
}


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own; skipped where it may not be mounted."""
    place = tmp_path / "small"
    place.mkdir()
    command = ["/bin/mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(place)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=10, check=False)
    except OSError:
        pytest.skip("there is no mount here")
    if done.returncode:
        pytest.skip("a file system may not be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["/bin/umount", "--lazy", str(place)], timeout=10, check=True)


def fill(path: Path) -> None:
    """Take all that is left."""
    with path.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        for block in (1 << 20, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while True:  # bounded by the file system
                    file.write(b"\0" * block)


def declare(client: httpx.Client, body: Mapping[str, object], key: str) -> httpx.Response:
    return client.post("/api/v1/notices", json=body, headers={"Idempotency-Key": key})


def eventually(client: httpx.Client, wanted: list[str]) -> dict[str, object]:
    """The status once it shows these conditions; within 5 s or not at all."""
    found: dict[str, object] = {}
    until = time.monotonic() + 5
    while time.monotonic() < until:
        found = client.get("/api/v1/status").json()
        codes = [each["code"] for each in found["reasons"]]  # type: ignore[attr-defined]
        if [code for code in codes if code == "disk_full"] == wanted:
            return found
        time.sleep(0.1)
    raise AssertionError(found)


@pytest.fixture
def home(small: Path) -> Path:
    """A home with a small ballast."""
    found = small / "alpha"
    comity(
        *("init", str(found), "--name", "alpha", "--origin", "alpha.example/comity/2026"),
        *("--address", f"http://127.0.0.1:{free_port()}"),
    )
    with (found / "home.toml").open("a") as file:
        file.write("ballast_mib = 4\n")
    return found


@contextlib.contextmanager
def running(home: Path) -> Iterator[httpx.Client]:
    """The node of a home; it stops when it is told to, whatever its disk."""
    key = (home / "keys/admin.key").read_text().strip()
    node = start(home)
    try:
        with plain_client(read_home(home).address, key) as client:
            yield client
        node.terminate()
        assert node.wait(15) == 0
    finally:
        end(node)


def open_kinds(client: httpx.Client) -> list[str]:
    """Kinds of the open warnings."""
    warnings = client.get("/api/v1/warnings").json()["items"]
    return [warning["kind"] for warning in warnings if warning["cleared"] is None]


@pytest.mark.serial
@pytest.mark.timeout(60)
def test_a_real_node_on_a_real_full_disk(home: Path, small: Path) -> None:
    filler, ballast = small / "filler", home / "data/ballast"
    with running(home) as client:
        assert ballast.stat().st_blocks * 512 == 4 << 20
        assert ballast.stat().st_mode & 0o777 == 0o600
        assert declare(client, BODY, "before").status_code == 201
        fill(filler)
        eventually(client, ["disk_full"])  # nobody wrote: it looks by itself
        began = time.monotonic()
        refused = declare(client, BODY, "full")
        assert time.monotonic() - began <= 1
        assert (refused.status_code, refused.json()["code"]) == (503, "disk_full")
        assert declare(client, HAZARD, "hazard").status_code == 201
        assert declare(client, BODY, "before").status_code == 201  # again: nothing is written
        assert len(client.get("/api/v1/notices").json()["items"]) == 2
        assert open_kinds(client) == ["no_room"]
        filler.unlink()
        eventually(client, [])
        assert declare(client, BODY, "full").status_code == 201
        assert open_kinds(client) == []


@pytest.mark.serial
@pytest.mark.timeout(60)
def test_a_real_node_without_any_room(home: Path, small: Path) -> None:
    filler = small / "filler"
    with running(home) as client:
        assert declare(client, BODY, "before").status_code == 201
        fill(filler)
        eventually(client, ["disk_full"])
        recorded = until_nothing_fits(client, filler)
        assert client.get("/api/v1/status").json()["name"] == "alpha"
    filler.unlink()
    with running(home) as client:
        eventually(client, [])
        assert declare(client, HAZARD, "last").status_code == 201
        items = client.get("/api/v1/notices", params={"limit": "500"}).json()["items"]
        assert len({item["id"] for item in items}) == len(items) == recorded + 2


def until_nothing_fits(client: httpx.Client, filler: Path) -> int:
    """Take what the ballast left, too: then not even a hazard is recorded, and it says so."""
    for turn in range(200):
        fill(filler)
        answer = declare(client, HAZARD, f"floor-{turn}")
        if answer.status_code == 201:
            continue
        assert (answer.status_code, answer.json()["code"]) == (503, "not_recorded")
        assert "NOT RECORDED" in answer.json()["detail"]
        return turn
    raise AssertionError("there was always room")
