"""A witness that this project did not write cosigns our journal, and ours one that others wrote.

The witness is `aics-witness`, a process of its own (see requirements-foreign.lock). A real node of
ours feeds it, and has its head stamped by `openssl ts` behind a small HTTP server.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import msgspec
import pytest

from comity.journal.cosignature import cosigned_at
from comity.journal.merkle import consistency_proof
from comity.trust.keys import VerifierKey, parse_verifier_key
from comity.trust.note import Note, parse_note, serialise, sign_note
from comity.web.api.time_shapes import TimeView
from comity.wire.canonical import b64, sha256
from tests.foreign.test_foreign_verifiers import LOG, LOG_KEY, WrittenLog, get
from tests.journal.authority import StampMaker, make_authority, needs_openssl
from tests.loopback import free_port

ROOT = Path(__file__).parents[2]
FOREIGN = Path(sys.prefix) / "foreign"
NAME = "witness.other/w1"
ENV = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "PYTHONPATH": str(FOREIGN)}
OURS = ENV | {"PYTHONPATH": str(ROOT / "src")}


def _why_not() -> str:
    """Why the foreign witness does not run here; empty if it does."""
    if not FOREIGN.is_dir():
        return f"{FOREIGN} is not there: make lint installs it"
    words = [sys.executable, "-m", "aics_witness", "--version"]
    done = subprocess.run(words, env=ENV, capture_output=True, text=True, timeout=20, check=False)
    return "" if done.returncode == 0 else done.stderr.strip().rpartition("\n")[2]


WHY_NOT = _why_not()
pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.skipif(bool(WHY_NOT), reason=f"aics-witness does not run here: {WHY_NOT}"),
]


def run_verb(*words: str, env: dict[str, str] = OURS, module: str = "comity") -> str:
    """Run a command that ends by itself; what it printed."""
    command = [sys.executable, "-m", module, *words]
    done = subprocess.run(
        command, cwd=ROOT, env=env, check=False, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def foreign(*words: str) -> str:
    return run_verb(*words, env=ENV, module="aics_witness")


@contextmanager
def process(words: list[str], env: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program that runs until the end of the block."""
    with log.open("ab") as out:
        started = subprocess.Popen(words, cwd=ROOT, env=env, stdout=out, stderr=out)
    try:
        yield started
    finally:
        started.send_signal(signal.SIGTERM)
        try:
            started.wait(10)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait(10)


def until_answers(url: str, log: Path) -> None:
    for _ in range(200):  # bounded by 10 s
        try:
            httpx.get(url, timeout=1)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(log.read_text())


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """The foreign witness, running."""

    url: str
    key: VerifierKey

    def add(self, body: bytes) -> httpx.Response:
        return httpx.post(f"{self.url}/add-checkpoint", content=body, timeout=5)

    def newest(self, origin: str) -> Note:
        path = f"{self.url}/{sha256(origin.encode()).hex()}/checkpoint"
        return parse_note(httpx.get(path, timeout=5).content)


@contextmanager
def foreign_witness(folder: Path, *logs: str) -> Iterator[Foreign]:
    """Make one that knows these logs' keys, and run it."""
    folder.mkdir()
    config, log = str(folder / "witness.json"), folder / "log"
    address = f"127.0.0.1:{free_port()}"
    text = foreign("init", "--config", config, "--name", NAME, "--listen", address)
    vkey = next(word for word in text.split() if word.startswith(f"{NAME}+"))
    for key in logs:
        origin = parse_verifier_key(key).name
        foreign("add-log", "--config", config, "--origin", origin, "--vkey", key)
    words = [sys.executable, "-m", "aics_witness", "serve", "--config", config]
    with process(words, ENV, log):
        until_answers(f"http://{address}/healthz", log)
        yield Foreign(url=f"http://{address}", key=parse_verifier_key(vkey))


def body(note: Note, old: int, proof: tuple[bytes, ...]) -> bytes:
    lines = [f"old {old}", *map(b64, proof), ""]
    return "\n".join(lines).encode() + b"\n" + serialise(note)


def head(size: int, folder: Path) -> Note:
    """The head of a log of ours, with the log's line alone."""
    written = WrittenLog(size=size, directory=folder)
    return Note(text=written.note.text, signatures=written.note.signatures[:1])


def test_its_answers_are_the_ones_that_we_expect(tmp_path: Path) -> None:
    """200, 409 with the size, 422 for another history, 403 for a bad signature, 404."""
    with foreign_witness(tmp_path / "w", LOG_KEY) as witness:
        for old, size in ((0, 3), (3, 700), (700, 700)):
            proof = () if old in (0, size) else consistency_proof(old, size, get)
            note = head(size, tmp_path)
            answer = witness.add(body(note, old, proof))
            assert answer.status_code == 200, answer.text
            line = parse_note(note.text.encode() + b"\n" + answer.content)
            cosigned = cosigned_at(line, witness.key)
            assert cosigned is not None
            assert abs(cosigned - time.time()) < 30
        other = witness.add(body(head(1000, tmp_path), 3, consistency_proof(3, 1000, get)))
        assert (other.status_code, other.text) == (409, "700\n")
        assert other.headers["content-type"].startswith("text/x.tlog.size")
        text = head(700, tmp_path).text.splitlines()
        fork = sign_note(f"{text[0]}\n700\n{b64(bytes(32))}\n", LOG)
        assert witness.add(body(fork, 700, ())).status_code == 422
        bent = consistency_proof(700, 1000, get)[1:]
        assert witness.add(body(head(1000, tmp_path), 700, bent)).status_code == 422
        false = head(1000, tmp_path)
        blob = false.signatures[0].blob[:-1] + bytes([false.signatures[0].blob[-1] ^ 1])
        line_ = type(false.signatures[0])(
            name=LOG.name, key_id=false.signatures[0].key_id, blob=blob
        )
        forged = Note(text=false.text, signatures=(line_,))
        assert witness.add(body(forged, 700, consistency_proof(700, 1000, get))).status_code == 403
        stranger = sign_note(f"x.example/1\n1\n{b64(bytes(32))}\n", LOG)
        assert witness.add(body(stranger, 0, ())).status_code == 404
        assert witness.newest(LOG.name).text == head(700, tmp_path).text


def test_our_witness_cosigns_a_log_that_others_made_and_feed(tmp_path: Path) -> None:
    """Their log, their feeder, which verifies our cosignatures; and their fork, which we refuse."""
    script = [sys.executable, str(ROOT / "tests/foreign/foreign_log.py")]
    home, address = tmp_path / "w1", f"http://127.0.0.1:{free_port()}"
    run_verb("witness", "init", str(home), "--name", "w1.example/w", "--address", address)
    vkey = run_verb("witness", "key", "--home", str(home)).strip()
    key = subprocess.run([*script, "key"], env=ENV, check=True, capture_output=True, timeout=20)
    run_verb("witness", "add-log", "--home", str(home), key.stdout.decode().strip())
    words = [sys.executable, "-m", "comity", "witness", "serve", "--home", str(home)]
    with process(words, OURS, tmp_path / "log"):
        until_answers(f"{address}/x/checkpoint", tmp_path / "log")
        fed = subprocess.run(
            [*script, "feed", address, vkey],
            env=ENV,
            check=False,
            capture_output=True,
            text=True,
            timeout=30,
        )
    assert fed.returncode == 0, fed.stderr
    found = json.loads(fed.stdout)
    assert found["cosigned"] == ["w1.example/w"] * 6
    assert found["fork"].startswith("WitnessRejected")
    assert "422" in found["fork"]


class Authority(ThreadingHTTPServer):
    """`openssl ts` behind HTTP on loopback."""

    daemon_threads = True

    def __init__(self, maker: StampMaker) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.maker = maker
        self.thread = Thread(target=self.serve_forever, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.shutdown()
        self.thread.join()
        self.server_close()


class _Door(BaseHTTPRequestHandler):
    server: Authority

    def do_POST(self) -> None:
        query = self.rfile.read(int(self.headers["content-length"]))
        assert self.headers["content-type"] == "application/timestamp-query"
        data = self.server.maker.answer(query)
        self.send_response(200)
        self.send_header("content-type", "application/timestamp-reply")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
        del format, args


@needs_openssl
def test_a_node_of_ours_is_witnessed_and_stamped_by_programs_of_others(tmp_path: Path) -> None:
    home, log = tmp_path / "alpha", tmp_path / "log"
    address = f"http://127.0.0.1:{free_port()}"
    origin = "alpha.example/comity/2026"
    run_verb("init", str(home), "--name", "alpha", "--origin", origin, "--address", address)
    log_key = next(
        line.removeprefix("log-key ")
        for line in run_verb("party", "card", "--home", str(home)).splitlines()
        if line.startswith("log-key ")
    )
    authority = Authority(make_authority(tmp_path / "tsa"))
    (home / "tsa.pem").write_bytes(authority.maker.root.pem)
    with foreign_witness(tmp_path / "w", log_key) as witness:
        (home / "policy.txt").write_text(
            f"witness w1 {witness.key.text()} {witness.url}\nquorum w1\n"
        )
        url = f"http://127.0.0.1:{authority.server_port}/tsr"
        with (home / "home.toml").open("a") as file:
            file.write('policy = "policy.txt"\n\n[[time_authorities]]\n')
            file.write(f'url = "{url}"\ncertificates = "tsa.pem"\n')
        words = [sys.executable, "-m", "comity", "serve", "--home", str(home)]
        with process(words, OURS, log):
            until_answers(f"{address}/healthz", log)
            key = (home / "keys" / "admin.key").read_text().strip()
            headers = {"Authorization": f"Bearer {key}"}
            with httpx.Client(base_url=address, headers=headers, timeout=10) as client:
                _declare(client)
                run_verb("time", "stamp", "--home", str(home))
                view = _until_vouched(client)
            (seen,), (stamped,) = view.witnesses, view.authorities
            assert (seen.name, seen.fresh, seen.error) == (NAME, True, None)
            assert (stamped.name, stamped.error) == (url, None)
            assert view.clock.state == "sure"
            assert {each.by for each in view.clock.sources} == {NAME, url}
            shown = run_verb("status", "--home", str(home))
            assert NAME in shown
            newest = witness.newest(origin)
            assert cosigned_at(newest, witness.key) is not None
    authority.stop()


def _declare(client: httpx.Client) -> None:
    """One hazard that stays at home: something for the witness to see."""
    hazard = {
        "kind": "hazard",
        "volumes": [
            {
                "footprint": {"centre": [35.5, 35.7], "radius_m": 20_000},
                "lower_m": 0,
                "upper_m": 9_000,
                "start": "2099-01-01T00:00:00Z",
                "end": "2099-01-01T01:00:00Z",
            }
        ],
        "purpose": "danger-area",
        "craft": "none",
        "basis": {
            "source": "seen",
            "confidence": "confirmed",
            "expires": "2099-01-01T01:00:00Z",
        },
    }
    answer = client.post("/api/v1/notices", json=hazard)
    assert answer.status_code == 201, answer.text


def _until_vouched(client: httpx.Client) -> TimeView:
    """How the node stands in time, once the witness has seen the stamped head."""
    for _ in range(200):  # bounded by 20 s
        view = msgspec.json.decode(client.get("/api/v1/time").content, type=TimeView)
        (witness,), (authority,) = view.witnesses, view.authorities
        if witness.size and authority.size and witness.size > authority.size:
            return view
        time.sleep(0.1)
    raise AssertionError(client.get("/api/v1/time").text)


def test_the_harness_sees_a_witness_that_does_not_run(tmp_path: Path) -> None:
    """Without the foreign package the program is not there: nothing of ours answers for it."""
    words = [sys.executable, "-m", "aics_witness", "--version"]
    env = ENV | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(words, env=env, capture_output=True, timeout=20, check=False)
    assert done.returncode != 0
    assert os.fspath(FOREIGN) not in sys.path
