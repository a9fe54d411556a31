import os
import socket
import sys
from pathlib import Path

import pytest

from comity.exercise import process
from comity.exercise.process import Ports, ServingProcess, run_comity
from comity.model.fault import Unavailable


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in for the interpreter: runs the script `program.py` with whatever it is given."""
    script = tmp_path / "program.py"
    stand_in = tmp_path / "python"
    stand_in.write_text(f'#!/bin/sh\nexec {sys.executable} {script} "$@"\n')
    stand_in.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(stand_in))
    return script


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_ready_and_stopped(program: Path, tmp_path: Path) -> None:
    program.write_text("import time\nprint('ready here', flush=True)\ntime.sleep(60)\n")
    service = ServingProcess("alpha", ["serve"], tmp_path / "alpha.log")
    assert service.wait_ready() == "ready here"
    service.stop()
    assert gone(service.pid)


def test_one_that_will_not_end_is_made_to(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_STOP_DEADLINE_S", 0.3)
    program.write_text(
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('ready', 'x', flush=True)\ntime.sleep(60)\n"
    )
    service = ServingProcess("alpha", ["serve"], tmp_path / "alpha.log")
    service.wait_ready()
    service.stop()
    assert gone(service.pid)


def test_one_that_dies_shows_what_it_said(program: Path, tmp_path: Path) -> None:
    program.write_text("import sys\nsys.exit('no home there')\n")
    service = ServingProcess("alpha", ["serve"], tmp_path / "alpha.log")
    with pytest.raises(Unavailable, match="alpha did not start: no home there"):
        service.wait_ready()
    service.stop()


def test_one_that_says_nothing_is_not_waited_for(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "READY_DEADLINE_S", 0.2)
    program.write_text("import time\ntime.sleep(60)\n")
    service = ServingProcess("alpha", ["serve"], tmp_path / "alpha.log")
    with pytest.raises(Unavailable, match="did not start"):
        service.wait_ready()
    service.stop()
    assert gone(service.pid)


def test_a_verb_runs_to_its_end(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program.write_text("import sys\nprint(sys.argv[1:])\nsys.exit(10)\n")
    assert run_comity(["verify", "x"]) == (10, "['-m', 'comity', 'verify', 'x']\n", "")
    monkeypatch.setattr(process, "RUN_DEADLINE_S", 0.2)
    program.write_text("import time\ntime.sleep(60)\n")
    with pytest.raises(Unavailable, match="verify x"):
        run_comity(["verify", "x"])


def test_an_interrupt_in_the_terminal_reaches_only_us(program: Path, tmp_path: Path) -> None:
    program.write_text("import time\nprint('ready', 'x', flush=True)\ntime.sleep(60)\n")
    service = ServingProcess("alpha", ["serve"], tmp_path / "alpha.log")
    service.wait_ready()
    assert os.getsid(service.pid) != os.getsid(0)
    service.stop()


def test_a_held_port_is_free_for_its_server_only() -> None:
    ports = Ports()
    port = ports.take()
    assert ports.take() != port
    with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
        stranger.bind(("127.0.0.1", port))
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", port))
        server.listen()
    ports.release()
    with socket.socket() as anybody:
        anybody.bind(("127.0.0.1", port))
