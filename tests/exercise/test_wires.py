"""Lines that can be cut: bytes pass, break off, and pass again."""

import socket
import threading
from collections.abc import Iterator

import pytest

from comity.exercise.wires import Wires


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of somebody who says everything back, until the test is over."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        for _ in range(10):
            try:
                line, _ = listener.accept()
            except OSError:
                return
            with line:
                line.sendall(line.recv(100))

    threading.Thread(target=answer, daemon=True).start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@pytest.fixture
def wires() -> Iterator[Wires]:
    found = Wires()
    yield found
    found.close()


def said(address: str) -> bytes:
    """What comes back over a line; nothing if it is cut."""
    port = int(address.rpartition(":")[2])
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as line:
            line.sendall(b"hello")
            return line.recv(100)
    except OSError:
        return b""


def test_a_line_is_cut_and_mended(wires: Wires, echo: int) -> None:
    there = wires.lay("alpha", "bravo", f"http://127.0.0.1:{echo}")
    back = wires.lay("bravo", "alpha", f"http://127.0.0.1:{echo}")
    assert said(there) == said(back) == b"hello"
    wires.cut("bravo", "alpha")
    assert said(there) == said(back) == b""
    wires.mend("alpha", "bravo")
    assert said(there) == said(back) == b"hello"


def test_a_cut_breaks_off_what_is_under_way(wires: Wires) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        at = f"http://127.0.0.1:{silent.getsockname()[1]}"
        address = wires.lay("alpha", "bravo", at)
        wires.lay("bravo", "alpha", at)
        with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), 5) as line:
            line.sendall(b"is anybody there?")
            far, _ = silent.accept()
            with far:
                assert far.recv(100)
                wires.cut("alpha", "bravo")
                assert far.recv(100) == b""
                assert line.recv(100) == b""


def test_nobody_is_at_the_other_end(wires: Wires) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        address = wires.lay("alpha", "bravo", f"http://127.0.0.1:{held.getsockname()[1]}")
        assert said(address) == b""
