"""A real node with a mailbox and a webhook; and an exercise, which sends nothing."""

import contextlib
import io
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from comity.cli.main import run as cli
from comity.exercise.clocks import ClockLine
from tests.loopback import free_port, plain_client
from tests.outlets.hook_server import HookServer
from tests.outlets.mail_server import PASSWORD, USER, MailServer
from tests.outlets.samples import SECRET
from tests.outlets.test_webhook import holds

ROOT = Path(__file__).parents[2]
TOKEN = "T0-secret-token"  # noqa: S105 - a webhook's own, which nobody may be shown
CALL = {
    "other": "bravo.example/comity/2026",
    "account_of": "alpha",
    "words": "x",
    "area_stated": False,
}
WAIT_S = 10


def comity(*words: str | Path) -> str:
    """Run a verb that ends by itself; what it printed."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = cli([str(word) for word in words])
    assert code == 0, said.getvalue()
    return said.getvalue()


def init(home: Path, *more: str) -> str:
    address = f"http://127.0.0.1:{free_port()}"
    names = ("--name", "alpha", "--origin", "alpha.example/comity/2026", "--address", address)
    comity("init", home, *names, *more)
    return address


def fit(home: Path, mail: MailServer, hook: HookServer) -> None:
    """A mailbox behind a password, and a webhook whose path is a secret."""
    (home.parent / "password").write_text(f"{PASSWORD}\n")
    (home.parent / "secret").write_text(SECRET)
    comity(
        *("outlet", "add", "mail", "night", "--to", "duty@alpha.example", "--tls", "none"),
        *("--server", f"127.0.0.1:{mail.port}", "--user", USER, "--home", home),
        *("--password-file", home.parent / "password"),
    )
    comity(
        *("outlet", "add", "webhook", "pager", "--url", f"{hook.address}/{TOKEN}", "--home", home),
        *("--secret-file", home.parent / "secret", "--on", "no_area"),
    )


@contextmanager
def served(home: Path, *more: str) -> Iterator[None]:
    """The node of a home, until the block ends."""
    words = [sys.executable, "-m", "comity", "serve", "--home", str(home), *more]
    environment = {"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
    with (home / "log").open("ab") as log:
        node = subprocess.Popen(
            words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log
        )
    try:
        assert node.stdout is not None
        assert node.stdout.readline().startswith(b"ready"), (home / "log").read_text()
        yield
        node.terminate()
        assert node.wait(15) == 0
    finally:
        node.kill()
        node.wait(10)
        assert node.stdout is not None
        node.stdout.close()


def client_of(home: Path, address: str) -> httpx.Client:
    return plain_client(address, (home / "keys/admin.key").read_text().strip())


def until(there: Callable[[], bool]) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + WAIT_S
    while not there():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


@pytest.mark.timeout(60)
def test_a_live_node_tells_by_mail_and_webhook_and_shows_no_secret(tmp_path: Path) -> None:
    home = tmp_path / "alpha"
    address = init(home)
    with MailServer(login=True) as mail, HookServer() as hook:
        fit(home, mail, hook)
        assert "accepted" in comity("outlet", "test", "night", "--home", home)
        comity("outlet", "test", "pager", "--home", home)
        assert "nothing has happened" in mail.taken[0].text
        with served(home), client_of(home, address) as client:
            call = client.post("/api/v1/calls", json=CALL)
            assert call.status_code == 201, call.text
            until(lambda: len(mail.taken) == 2 and len(hook.posted) == 2)
            posted = hook.posted[1]
            assert holds(SECRET, posted.headers, posted.body)
            assert json.loads(posted.body)["data"]["kind"] == "no_area"
            assert f"about:        {call.json()['id']}" in mail.taken[1].text
            until(lambda: comity("outlet", "sent", "--home", home).count("accepted") == 3)
            sent = json.loads(
                comity("outlet", "sent", "--about", call.json()["id"], "--json", "--home", home)
            )
            assert [each["state"] for each in sent] == ["accepted"] * 2
            shown = [
                comity("outlet", "list", "--home", home),
                comity("outlet", "show", "pager", "--json", "--home", home),
                client.get("/api/v1/outlets").text,
                client.get("/api/v1/dispatches").text,
            ]
            assert [
                (each["name"], each["accepted"])
                for each in client.get("/api/v1/outlets").json()["items"]
            ] == [("night", 1), ("pager", 1)]
        shown += [(home / "log").read_text()]
        for text in shown:
            for secret in (TOKEN, SECRET, PASSWORD):
                assert secret not in text
        assert PASSWORD in (home / "keys/outlet-night.key").read_text()  # the control: it is one
        database = (home / "data/journal.db").read_bytes()
        assert TOKEN.encode() not in database
        assert b"duty@alpha.example" in database  # the control: the record says where it went


@pytest.mark.timeout(60)
def test_an_exercise_sends_nothing_to_anybody(tmp_path: Path) -> None:
    """Its home has a live node's files, and the same happens; the test above is the control."""
    live, drill = tmp_path / "live", tmp_path / "drill"
    init(live)
    address = init(drill, "--exercise", "spring-1")
    with MailServer(login=True) as mail, HookServer() as hook:
        fit(live, mail, hook)
        for name in ("outlets.toml", "keys/outlet-night.key", "keys/outlet-pager.key"):
            shutil.copy(live / name, drill / name)
        for words in (
            ("outlet", "test", "night"),
            (
                "outlet",
                "add",
                "mail",
                "more",
                "--to",
                "a@b.example",
                "--server",
                "127.0.0.1:25",
                "--tls",
                "none",
            ),
        ):
            with contextlib.redirect_stderr(io.StringIO()) as said:
                assert cli([*words, "--home", str(drill)]) != 0
            assert "exercise_sends_nothing" in said.getvalue()
        with served(drill, "--exercise", "spring-1"), client_of(drill, address) as client:
            line = ClockLine("alpha", drill)
            line.advance(line.now() + 1_000_000)
            call = client.post(
                "/api/v1/calls",
                json=CALL | {"other": "bravo.example/comity/2026/exercise/spring-1"},
            )
            assert call.status_code == 201, call.text
            line.advance(line.now() + 3_600_000_000)
            kinds = [each["kind"] for each in client.get("/api/v1/warnings").json()["items"]]
            assert kinds == ["no_area"]
            assert client.get("/api/v1/dispatches").json()["items"] == []
            assert client.get("/api/v1/outlets").json()["items"] == []
            line.close()
        assert mail.taken == []
        assert hook.posted == []
