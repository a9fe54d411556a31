"""The how-to, done by real processes: serve under a manager, watch, back up, lose, restore, stop.

Two nodes and a witness on loopback. What is measured by eye in the how-to is asserted here.
"""

import json
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from comity.config import load_identity, read_home
from comity.home import add_log, create_home, create_witness_home
from comity.trust.card import card_note, fingerprint
from comity.trust.keyfile import read_key
from comity.wire.canonical import b64
from tests.crash.test_kill_node import BODY, ENV, ROOT, comity, end
from tests.loopback import free_port, plain_client
from tests.upkeep.homes import NOW_US

pytestmark = pytest.mark.timeout(120)


def said(*words: str) -> dict[str, object]:
    """A verb's JSON."""
    command = [sys.executable, "-m", "comity", *words, "--json"]
    done = subprocess.run(command, cwd=ROOT, env=ENV, capture_output=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr.decode()
    found: dict[str, object] = json.loads(done.stdout)
    return found


@contextmanager
def running(
    home: Path,
    *words: str,
    verb: tuple[str, ...] = ("serve",),
    environ: dict[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that serves; killed at the end if it still runs."""
    command = [sys.executable, "-m", "comity", *verb, "--home", str(home), *words]
    with (home / "log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**ENV, **(environ or {})}, stdout=subprocess.PIPE, stderr=log
        )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"ready"), (home / "log").read_text()
        yield process
    finally:
        end(process)


class Party:
    """A home on a port of its own."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name, self.home = name, folder / name
        self.address = f"http://127.0.0.1:{free_port()}"
        self.origin = f"{name}.example/comity/2026"
        create_home(
            self.home,
            name=name,
            origin=self.origin,
            address=self.address,
            exercise=None,
            seeds=lambda: secrets.token_bytes(32),
            now_us=NOW_US,
        )

    def client(self, key: str | None = "admin") -> httpx.Client:
        text = (self.home / "keys/admin.key").read_text().strip() if key == "admin" else key
        return plain_client(self.address, text)

    def enrol(self, other: "Party") -> None:
        card = card_note(load_identity(read_home(other.home)), other.address, b"")
        asked = {"card": card.decode(), "fingerprint": fingerprint(card)}
        with self.client() as client:
            answer = client.post("/api/v1/parties", json=asked)
            assert answer.status_code == 201, answer.text

    def give(self, to: list[str]) -> str:
        with self.client() as client:
            answer = client.post("/api/v1/notices", json={**BODY, "to": to})
            assert answer.status_code == 201, answer.text
            return str(answer.json()["id"])

    def health(self, key: str | None = "admin") -> tuple[int, dict[str, object]]:
        with self.client(key) as client:
            answer = client.get("/healthz")
            return answer.status_code, answer.json()


def until(what: Callable[[], bool], seconds: float = 15) -> None:
    """Wait, with an end."""
    last = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < last
        time.sleep(0.05)


def settled(one: Party) -> bool:
    """Nothing waits in its outbox, and the line is up."""
    with one.client() as client:
        parties = client.get("/api/v1/parties").json()["items"]
    return all(party["queued"] == 0 and party["line"] == "up" for party in parties)


def witnessed(one: Party) -> bool:
    """The witness has the newest head: it is shown one a second at most."""
    with one.client() as client:
        return bool(client.get("/api/v1/status").json()["witnessed"])


def code_of(one: Party) -> str:
    """What a person gets who declares something."""
    with one.client() as client:
        answer = client.post("/api/v1/notices", json={**BODY, "to": []})
        return "written" if answer.status_code == 201 else str(answer.json()["code"])


def restored(one: Party) -> dict[str, object]:
    """How far it is after the restore."""
    with one.client() as client:
        found: dict[str, object] = client.get("/api/v1/restored").json()
        return found


def metrics(one: Party) -> dict[str, float]:
    """Every line of `/metrics`."""
    with one.client() as client:
        answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_from_the_first_start_to_the_restored_node(tmp_path: Path) -> None:
    alpha, bravo = Party(tmp_path, "alpha"), Party(tmp_path, "bravo")
    witness = tmp_path / "w1"
    where = f"http://127.0.0.1:{free_port()}"
    log_key = read_key(alpha.home / "keys/log.key").verifier().text()
    home = create_witness_home(
        witness,
        name="witness.example/w1",
        address=where,
        seeds=lambda: secrets.token_bytes(32),
        now_us=NOW_US,
    )
    add_log(home, log_key)
    key = read_key(witness / "keys/cosigner.key").verifier().text()
    watched = ("--witness", f"{key}@{where}")
    with ExitStack() as stack:
        witnessing = stack.enter_context(running(witness, verb=("witness", "serve")))
        stack.enter_context(running(bravo.home))
        with running(alpha.home, *watched) as process:
            alpha.enrol(bravo)
            bravo.enrol(alpha)
            until(lambda: settled(alpha) and settled(bravo))
            alpha.give(["bravo"])
            until(lambda: settled(alpha))
            backup = said("backup", str(tmp_path / "old.tar"), "--home", str(alpha.home))
            assert backup["keys"] == "none"
            alpha.give(["bravo"])
            until(lambda: settled(alpha))
            until(lambda: witnessed(alpha))
            check_metrics(alpha, bravo)
            until(lambda: alpha.health() == (200, {"status": "ok", "reasons": []}))
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        assert not list((alpha.home / "data").glob("*-wal"))  # folded in
        newest = said("backup", str(tmp_path / "new"), "--home", str(alpha.home))
        size = newest["size"]
        assert isinstance(size, int)
        check_the_old_one(tmp_path, alpha, watched, size)
        witnessing.send_signal(signal.SIGTERM)
        assert witnessing.wait(10) == 0
        check_the_new_one(tmp_path, alpha, watched)


def check_metrics(alpha: Party, bravo: Party) -> None:
    found = metrics(alpha)
    with alpha.client() as client:
        size = client.get("/api/v1/status").json()["journal_size"]
    assert found["comity_journal_entries"] <= size
    assert found["comity_entries_total"] > 4
    assert found["comity_commit_seconds_count"] == found["comity_group_works_count"] > 0
    assert found[f'comity_line_state{{party="{bravo.origin}",state="up"}}'] == 1
    assert found[f'comity_outbox_entries{{party="{bravo.origin}"}}'] == 0
    assert 0 <= found[f'comity_last_contact_age_seconds{{party="{bravo.origin}"}}'] < 60
    assert found["comity_disk_free_bytes"] > 0
    assert 0 < found["comity_recovery_seconds"] < 10
    route = 'method="POST",route="/api/v1/notices",status="2xx"'
    assert found[f"comity_request_seconds_count{{{route}}}"] == 2
    with alpha.client("comity_" + "x" * 52) as stranger:
        assert stranger.get("/metrics").status_code == 401
    assert metrics(alpha)['comity_refusals_total{code="unknown_key"}'] == 1


def check_the_old_one(folder: Path, alpha: Party, watched: tuple[str, ...], size: int) -> None:
    """An hour old or a minute: peers and witness have more. It never writes."""
    lost = folder / "lost"
    alpha.home.rename(lost)
    restore(folder / "old.tar", alpha, lost / "keys")
    with running(alpha.home, *watched):
        until(lambda: code_of(alpha) == "rollback_detected")
        status, health = alpha.health()
        assert (status, health["status"]) == (503, "stopped")
        assert "witness.example/w1" in str(health["reasons"])
        assert "bravo.example/comity/2026" in str(health["reasons"])
        assert alpha.health(None) == (503, {"status": "stopped"})
        assert alpha.health("comity_" + "x" * 52)[0] == 401
        view = said("restore", "--show", "--home", str(alpha.home))
        assert view["state"] == "contradicted"
        with alpha.client() as client:  # reading goes on
            assert len(client.get("/api/v1/notices").json()["items"]) == 1
            assert client.get("/checkpoint").json()["code"] == "rollback_detected"
            assert client.get("/api/v1/status").json()["checkpoint"] == ""
        assert metrics(alpha)['comity_health{status="stopped"}'] == 1
        assert metrics(alpha)["comity_journal_entries"] < size
    shutil.rmtree(alpha.home)
    lost.rename(alpha.home)


def check_the_new_one(folder: Path, alpha: Party, watched: tuple[str, ...]) -> None:
    """Nothing is lost, bravo agrees, the witness is gone: a named person says so."""
    lost = folder / "lost"
    alpha.home.rename(lost)
    restore(folder / "new", alpha, lost / "keys")
    with running(alpha.home, *watched) as process:
        until(lambda: "said" in str(restored(alpha)["words"]))
        assert restored(alpha)["state"] == "waiting"
        assert code_of(alpha) == "restored"
        words = ("--accept-missing", "witness.example/w1", "--by", "Major Tom")
        comity("restore", *words, "--home", str(alpha.home))
        until(lambda: restored(alpha)["state"] == "open")
        alpha.give(["bravo"])
        until(lambda: settled(alpha))
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


def restore(source: Path, alpha: Party, keys: Path) -> None:
    comity("restore", str(source), "--keys", str(keys), "--home", str(alpha.home))
    assert (alpha.home / "home.toml").exists()


def test_under_a_manager_that_is_told(tmp_path: Path) -> None:
    """Type=notify: READY when it answers, the watchdog meanwhile, STOPPING before it is drained."""
    alpha = Party(tmp_path, "alpha")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(10)
        environ = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"}
        with running(alpha.home, environ=environ) as process:
            heard = [manager.recv(4_096) for _ in range(4)]
            assert b"READY=1" in heard
            assert heard.count(b"WATCHDOG=1") == 3
            assert alpha.health(None) == (200, {"status": "ok"})
            process.send_signal(signal.SIGTERM)
            while (message := manager.recv(4_096)) == b"WATCHDOG=1":
                pass
            assert message == b"STOPPING=1"
            assert process.wait(10) == 0


@pytest.mark.serial
def test_what_was_begun_is_finished_and_a_second_signal_forces(tmp_path: Path) -> None:
    """A slow request is waited for; who signals twice does not wait, and loses nothing kept."""
    alpha = Party(tmp_path, "alpha")
    whole = json.dumps({**BODY, "to": []}).encode()
    port = int(alpha.address.rpartition(":")[2])
    key = (alpha.home / "keys/admin.key").read_text().strip()
    head = (
        f"POST /api/v1/notices HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(whole)}\r\n\r\n"
    ).encode()
    with running(alpha.home) as process, socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(head + whole[:-1])
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        line.sendall(whole[-1:])
        assert line.recv(4_096).startswith(b"HTTP/1.1 201")
        assert process.wait(10) == 0
    with running(alpha.home) as process, socket.create_connection(("127.0.0.1", port)) as line:
        assert code_of(alpha) == "written"
        line.sendall(head + whole[:-1])
        time.sleep(0.3)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 130
        assert time.monotonic() - began < 2.5  # the drain would have taken 3 s
    with running(alpha.home), alpha.client() as client:
        assert len(client.get("/api/v1/notices").json()["items"]) == 2
    check_no_secret(alpha)


def check_no_secret(alpha: Party) -> None:
    """Nothing of a key is in the diagnostics, in any form that we write keys in."""
    text = (alpha.home / "log").read_text()
    assert text
    for name in ("entry.key", "log.key", "cosigner.key"):
        seed = read_key(alpha.home / "keys" / name).seed
        assert seed.hex() not in text
        assert b64(seed) not in text
        assert repr(seed) not in text
    assert (alpha.home / "keys/admin.key").read_text().strip() not in text
    assert re.search(r"comity_[a-z2-7]{20}", text) is None
