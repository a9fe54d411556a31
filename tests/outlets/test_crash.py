"""Killed between sending and recording: sent again as the same mail, and never lost."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from comity.storage.sqlite.store import SqliteStore
from tests.outlets.dying import begin, send
from tests.outlets.mail_server import MailServer

ROOT = Path(__file__).parents[2]


def child(folder: Path, server: MailServer, how: str) -> int:
    """Run a process that does not come to its end; its code."""
    words = [sys.executable, "-m", "tests.outlets.dying", str(folder), str(server.port), how]
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    with subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as process:
        if how == "sending":
            server.door.on_data = lambda: os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=15)
    server.door.on_data = lambda: None
    return process.returncode


def states(folder: Path) -> list[str]:
    store = SqliteStore(folder)
    found = store.read(lambda r: r.dispatches.dispatches(None, 9))
    store.close()
    return [row.state for row in found]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("how", ["recording", "sending"])
def test_killed_before_it_is_recorded_it_is_sent_again_as_the_same_mail(
    tmp_path: Path, how: str
) -> None:
    """At DATA, before the server's answer has come; and after it, before the commit."""
    with MailServer() as server:
        begin(tmp_path, server.port)
        assert child(tmp_path, server, how) == -signal.SIGKILL
        assert len(server.taken) == 1
        assert states(tmp_path) == ["waiting"]
        assert send(tmp_path, server.port) == 0
        assert send(tmp_path, server.port) == 0  # and no third time
        first, second = server.taken
        assert first.mail["Message-ID"] == second.mail["Message-ID"]
        assert first.data == second.data
        assert states(tmp_path) == ["accepted"]


@pytest.mark.timeout(60)
def test_the_check_sees_a_mail_that_is_lost(tmp_path: Path) -> None:
    """The control: recorded first, sent then: the same kill leaves a mail that never goes out."""
    with MailServer() as server:
        begin(tmp_path, server.port)
        assert child(tmp_path, server, "boasting") == -signal.SIGKILL
        assert send(tmp_path, server.port) == 0
        assert server.taken == []
        assert states(tmp_path) == ["accepted"]
