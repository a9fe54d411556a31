"""What strangers can do to a connection before there is a request: bounded, answered, hung up."""

import re
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from comity.web import connection
from comity.web.gate import HEAD_BYTES_MAX
from tests.web.support import Rig

ALIVE = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"


def dial(rig: Rig) -> socket.socket:
    parts = urlsplit(rig.address)
    return socket.create_connection((parts.hostname, parts.port), timeout=10)


def rest(line: socket.socket) -> bytes:
    """Everything until the other side hangs up."""
    data = b""
    try:
        while part := line.recv(65_536):
            data += part
    except ConnectionResetError:
        data += b"(reset)"
    return data


def test_what_is_no_http_is_a_problem(rig: Rig) -> None:
    for noise in (b"\x16\x03\x01\x02\x00", b"HELO x\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\0" * 100):
        with dial(rig) as line:
            line.sendall(noise)
            answer = rest(line)
        assert answer.startswith(b"HTTP/1.1 400 "), noise
        assert b"application/problem+json" in answer
        assert b'"code":"bad_http"' in answer


@pytest.mark.parametrize(
    "head",
    [
        b"content-length: 5\r\ncontent-length: 6\r\n",
        b"content-length: 5\r\ntransfer-encoding: chunked\r\n",
        b"content-length: -1\r\n",
        b"content-length: 1e3\r\n",
        b"transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n",
        b"bad header: x\r\n",
        b"x: a\rb\r\n",
    ],
)
def test_requests_that_two_readers_would_split_differently_are_refused(
    rig: Rig, head: bytes
) -> None:
    with dial(rig) as line:
        line.sendall(b"POST /api/v1/notices HTTP/1.1\r\nhost: x\r\n" + head + b"\r\nhello" + ALIVE)
        answer = rest(line)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"status":"ok"' not in answer


def test_a_head_that_never_ends_is_cut(rig: Rig) -> None:
    with dial(rig) as line:
        line.sendall(b"GET /healthz HTTP/1.1\r\n")
        sent = 0
        try:
            while sent < 100 * HEAD_BYTES_MAX:
                sent += line.send(b"x: " + b"y" * 1_000 + b"\r\n")
                time.sleep(0.0005)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert sent < 20 * HEAD_BYTES_MAX


def test_a_large_head_is_told_so(rig: Rig) -> None:
    with dial(rig) as line:
        line.sendall(b"GET /healthz HTTP/1.1\r\nx: ")
        for _ in range(3):  # in pieces, of which the node sees at least two
            time.sleep(0.05)
            line.sendall(b"y" * HEAD_BYTES_MAX)
        answer = rest(line)
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b'"code":"head_too_large"' in answer


@pytest.mark.parametrize(
    "begun", [b"", b"G", b"GET /healthz HTTP/1.1\r\nhost: x\r\n", ALIVE + b"GE"]
)
def test_a_head_that_dribbles_is_given_up(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(connection, "HEAD_DEADLINE_S", 0.3)
    with dial(rig) as line:
        start = time.monotonic()
        line.sendall(begun)
        answer = rest(line)
        assert time.monotonic() - start < 5
    assert answer.count(b"HTTP/1.1 408 ") == 1
    assert b'"code":"slow_request"' in answer


def test_a_body_that_dribbles_past_its_answer_is_cut(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gate has refused long ago; the line must not stay for as long as bytes come."""
    monkeypatch.setattr(connection, "_WHOLE_DEADLINE_S", 0.3)
    with dial(rig) as line:
        line.sendall(b"POST /api/v1/notices HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n")
        start = time.monotonic()
        answer = rest(line)
        assert 0.2 < time.monotonic() - start < 5
    assert answer.startswith(b"HTTP/1.1 401 ")


def test_a_flood_after_the_answer_is_cut(rig: Rig) -> None:
    with dial(rig) as line:
        line.sendall(
            b"POST /api/v1/notices HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        sent = 0
        chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
        try:
            while sent < 64 * 1_048_576:
                line.sendall(chunk)
                sent += len(chunk)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert sent < 32 * 1_048_576


def test_requests_one_after_the_other_need_no_new_connection(rig: Rig) -> None:
    with dial(rig) as line:
        line.sendall(ALIVE * 20)
        data = b""
        while data.count(b'{"status":"ok"}') < 20:
            data += line.recv(65_536)
    assert data.count(b"HTTP/1.1 200 ") == 20


@pytest.mark.serial
def test_no_answer_waits_for_an_acknowledgement(rig: Rig) -> None:
    """Nagle's algorithm would hold each body back for some 40 ms after its head."""
    with rig.client(None) as client:
        client.get("/healthz")
        start = time.monotonic()
        for _ in range(30):
            client.get("/healthz")
        assert time.monotonic() - start < 30 * 0.035


def test_connections_are_counted(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "CONNECTIONS_MAX", 3)
    lines = [dial(rig) for _ in range(3)]
    for line in lines:  # each of them is seen
        line.sendall(ALIVE)
        assert line.recv(65_536).startswith(b"HTTP/1.1 200 ")
    with dial(rig) as surplus:
        answer = rest(surplus)
    assert re.match(rb"HTTP/1.1 503 .*retry-after: 1.*\"code\":\"busy\"", answer, re.DOTALL)
    for line in lines:
        line.close()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        with dial(rig) as again:
            again.sendall(ALIVE)
            if again.recv(65_536).startswith(b"HTTP/1.1 200 "):
                return
    raise AssertionError("places were not given back")


@pytest.fixture(autouse=True)
def _still_alive(rig: Rig) -> Iterator[None]:
    yield
    with rig.client(None) as client:
        assert client.get("/healthz").status_code == 200
