"""kill -9 of a real node under load: 20 times; nothing acknowledged is lost, nothing is doubled.

Clients declare operations over HTTP, each under its own idempotency key. After every kill the
node comes back by its normal start; what was acknowledged is there, and what was not is sent
again under its key.
"""

import asyncio
import random
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.loopback import free_port

ROOT = Path(__file__).parents[2]
KILLS = 20
CLIENTS = 4
ENV = {"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
BODY = {
    "kind": "operation",
    "volumes": [
        {
            "footprint": {"centre": [35.5, 35.7], "radius_m": 20_000},
            "lower_m": 0,
            "upper_m": 9_000,
            "start": "2099-01-01T00:00:00Z",
            "end": "2099-01-01T01:00:00Z",
        }
    ],
    "purpose": "training",
    "craft": "combat",
}


@dataclass
class Told:
    """What the clients were told: id by key, and the keys that were never answered."""

    acked: dict[str, str] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)


def comity(*words: str) -> None:
    """Run a verb that ends by itself."""
    command = [sys.executable, "-m", "comity", *words]
    subprocess.run(command, cwd=ROOT, env=ENV, check=True, capture_output=True, timeout=30)


def start(home: Path) -> subprocess.Popen[bytes]:
    """Start the node and wait until it says that it is ready."""
    command = [sys.executable, "-m", "comity", "serve", "--home", str(home)]
    with (home / "log").open("ab") as log:
        node = subprocess.Popen(command, cwd=ROOT, env=ENV, stdout=subprocess.PIPE, stderr=log)
    assert node.stdout is not None
    line = node.stdout.readline()
    assert line.startswith(b"ready"), (home / "log").read_text()
    return node


def end(node: subprocess.Popen[bytes]) -> None:
    """Make sure that it is gone, and let go of its pipe."""
    node.kill()
    node.wait(10)
    assert node.stdout is not None
    node.stdout.close()


async def load(client: httpx.AsyncClient, told: Told, life: int) -> None:
    """Declare until the node dies."""

    async def one(number: int) -> None:
        for turn in range(10_000):
            key = f"{life}-{number}-{turn}"
            try:
                answer = await client.post(
                    "/api/v1/notices", json=BODY, headers={"Idempotency-Key": key}
                )
            except httpx.HTTPError:
                told.open.append(key)
                return
            assert answer.status_code == 201, answer.text
            told.acked[key] = answer.json()["id"]

    await asyncio.gather(*(one(number) for number in range(CLIENTS)))


async def life(
    node: subprocess.Popen[bytes], address: str, key: str, told: Told, number: int
) -> None:
    """One life: repeat what was not answered, check the newest of what was, load, die."""
    chance = random.Random(number)
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=10) as client:
        for waiting in told.open:
            answer = await client.post(
                "/api/v1/notices", json=BODY, headers={"Idempotency-Key": waiting}
            )
            assert answer.status_code == 201, answer.text
            told.acked[waiting] = answer.json()["id"]
        told.open.clear()
        for id_ in list(told.acked.values())[-20:]:
            assert (await client.get(f"/api/v1/notices/{id_}")).status_code == 200
        loading = asyncio.create_task(load(client, told, number))
        await asyncio.sleep(chance.uniform(0.02, 0.3))
        node.send_signal(signal.SIGKILL)
        node.wait(10)
        await loading


async def total(address: str, key: str, told: Told) -> int:
    """How many operations there are in the end; every acknowledged one must be among them."""
    headers = {"Authorization": f"Bearer {key}"}
    found: set[str] = set()
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=10) as client:
        after = ""
        for _ in range(1_000):
            query = {"limit": "500", **({"after": after} if after else {})}
            page = (await client.get("/api/v1/notices", params=query)).json()
            found |= {item["id"] for item in page["items"]}
            after = page["next"] or ""
            if not after:
                break
    assert set(told.acked.values()) <= found
    return len(found)


@pytest.mark.timeout(150)
def test_20_kills_of_a_real_node(tmp_path: Path) -> None:
    """Acknowledged means there after the next start; a repeated key means one effect."""
    storm(tmp_path, KILLS)


@pytest.mark.long
@pytest.mark.timeout(1_200)
def test_200_kills_of_a_real_node(tmp_path: Path) -> None:
    """The long form of the same."""
    storm(tmp_path, 10 * KILLS)


def storm(tmp_path: Path, kills: int) -> None:
    """Start, load, kill, `kills` times; then count."""
    address = f"http://127.0.0.1:{free_port()}"
    home = tmp_path / "alpha"
    comity(
        *("init", str(home), "--name", "alpha", "--origin", "alpha.example/comity/2026"),
        *("--address", address),
    )
    key = (home / "keys/admin.key").read_text().strip()
    told = Told()
    for number in range(kills):
        node = start(home)
        try:
            asyncio.run(life(node, address, key, told, number))
        finally:
            end(node)
        assert node.returncode == -signal.SIGKILL  # a kill that never happened would pass
    assert len(told.acked) >= kills * CLIENTS
    node = start(home)
    try:
        for waiting in told.open:  # what the last life left unanswered may or may not be there
            told.acked.pop(waiting, None)
        count = asyncio.run(total(address, key, told))
        assert len(told.acked) <= count <= len(told.acked) + len(told.open)
    finally:
        node.terminate()
        code = node.wait(15)
        end(node)
        assert code == 0
