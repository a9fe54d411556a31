"""What a process manager hears, on a real datagram socket."""

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.upkeep.notify import Notifier


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as found:
        found.bind(str(tmp_path / "notify"))
        found.settimeout(5)
        yield found


def heard(manager: socket.socket) -> bytes:
    return manager.recv(4_096)


def test_ready_status_stopping(manager: socket.socket, tmp_path: Path) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": str(tmp_path / "notify")}, os.getpid())
    notifier.ready()
    notifier.status("40 entries")
    notifier.stopping()
    assert [heard(manager) for _ in range(3)] == [b"READY=1", b"STATUS=40 entries", b"STOPPING=1"]
    assert notifier.watchdog_s is None


def test_an_abstract_socket() -> None:
    name = f"comity-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{name}")
        manager.settimeout(5)
        Notifier({"NOTIFY_SOCKET": f"@{name}"}, 1).ready()
        assert heard(manager) == b"READY=1"


def test_the_watchdog_is_fed_while_the_pen_stands_ready(
    manager: socket.socket, tmp_path: Path
) -> None:
    environ = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "40000"}
    notifier = Notifier(environ, 7)
    assert notifier.watchdog_s == 0.04
    well = [True, True, False, False]

    async def feed() -> None:
        task = asyncio.create_task(notifier.feed(lambda: well.pop(0) if well else False))
        await asyncio.sleep(0.2)
        task.cancel()

    asyncio.run(feed())
    manager.setblocking(False)
    assert [heard(manager), heard(manager)] == [b"WATCHDOG=1"] * 2
    with pytest.raises(BlockingIOError):
        heard(manager)


def test_the_watchdog_of_another_process_is_not_ours(tmp_path: Path) -> None:
    environ = {"NOTIFY_SOCKET": str(tmp_path / "n"), "WATCHDOG_USEC": "40000", "WATCHDOG_PID": "8"}
    assert Notifier(environ, 7).watchdog_s is None
    for text in ("", "0", "-1", "many", "\u0664"):
        assert (
            Notifier({**environ, "WATCHDOG_PID": "7", "WATCHDOG_USEC": text}, 7).watchdog_s is None
        )


def test_nobody_listens_and_nothing_fails(tmp_path: Path) -> None:
    for environ in ({}, {"NOTIFY_SOCKET": str(tmp_path / "gone")}):
        notifier = Notifier(environ, 1)
        notifier.ready()
        notifier.stopping()
        assert asyncio.run(asyncio.wait_for(notifier.feed(lambda: True), 1)) is None
