"""Peers that stall, drip, flood or ask too much: each is named, the line says so, and it passes."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from comity.exchange import client, rate
from comity.exchange.client import Wire
from comity.exchange.line import BEAT_PATH, GIVE_PATH, LEAVES_PATH
from comity.exchange.messages import Leaves, Want, decode, encode
from comity.exchange.rate import Rates
from comity.model.fault import Refused, Unavailable
from comity.wire.canonical import b64, loads, unb64
from comity.wire.limits import LEAVES_MAX, PEER_RESPONSE_BYTES_MAX
from tests.exchange.net import Net, run
from tests.exchange.test_exchange import give, joined
from tests.exchange.test_forks import line_state, named
from tests.exchange.test_hostile import Request, post

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


async def silence(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read(1)
    await asyncio.sleep(30)


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    for byte in HEAD * 100:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.1)


async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.write(HEAD + b"transfer-encoding: chunked\r\n\r\n")
    for _ in range(PEER_RESPONSE_BYTES_MAX // 65_536 + 4):
        writer.write(b"10000\r\n" + b" " * 65_536 + b"\r\n")
        await writer.drain()


@contextlib.asynccontextmanager
async def hostile(serve: Serve) -> AsyncIterator[str]:
    """A server on loopback that answers in its own way."""

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await serve(reader, writer)
        writer.close()

    server = await asyncio.start_server(guarded, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@pytest.mark.parametrize(
    ("serve", "code"), [(silence, "stalled"), (drip, "stalled"), (flood, "too_large")]
)
def test_each_is_told_apart_from_a_broken_line(
    serve: Serve, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PEER_DEADLINE_S", 0.5)

    async def ask() -> str:
        async with hostile(serve) as address:
            wire = Wire(address, b"")
            with pytest.raises(Unavailable) as caught:
                await wire.post("/x", b"{}")
            await wire.close()
            return caught.value.code

    assert asyncio.run(ask()) == code


def test_a_broken_line_is_no_stall() -> None:
    async def ask() -> str:
        async with hostile(silence) as address:
            pass
        wire = Wire(address, b"")
        with pytest.raises(Unavailable) as caught:
            await wire.post("/x", b"{}")
        await wire.close()
        return caught.value.code

    assert asyncio.run(ask()) == "no_answer"


@pytest.mark.parametrize(
    ("error", "kind"), [(httpx.ReadTimeout("slow"), "stalled"), (None, "flooded")]
)
def test_it_is_named_and_the_line_is_degraded_until_it_works(
    tmp_path: Path, error: Exception | None, kind: str
) -> None:
    """Bravo asks alpha, which stalls, or floods."""

    async def misbehave(_: httpx.Request) -> httpx.Response:
        if error is not None:
            raise error
        data = b" " * (PEER_RESPONSE_BYTES_MAX + 1)
        return httpx.Response(200, stream=httpx.ByteStream(data))

    async def story(net: Net) -> None:
        await joined(net)
        assert line_state(net) == "up"
        line = net.lines["bravo", "alpha"]
        line.handle_async_request = misbehave  # type: ignore[assignment, method-assign]
        await give(net, "bravo", "alpha")
        await net.advance(10)
        assert named(net) == [kind]
        assert line_state(net) == "degraded"
        del line.handle_async_request
        await net.advance(125)
        await give(net, "bravo", "alpha", lat=20.0)
        await net.advance(61)
        await give(net, "bravo", "alpha", lat=22.0)
        await net.advance(1)
        assert named(net) == []
        assert line_state(net) == "up"

    run(tmp_path, story)


def test_a_false_answer_is_named_once(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        line = net.lines["bravo", "alpha"]
        honest = line.handle_async_request

        async def lie(request: httpx.Request) -> httpx.Response:
            response = await honest(request)
            body = await response.aread()
            if request.url.path != GIVE_PATH or response.status_code != 200:
                return response
            return httpx.Response(
                200, stream=httpx.ByteStream(body.replace(b"verdict accepted", b"verdict expired"))
            )

        line.handle_async_request = lie  # type: ignore[method-assign]
        await give(net, "bravo", "alpha")
        await net.advance(10)
        assert named(net) == ["false_statement"]
        assert line_state(net) == "degraded"

    run(tmp_path, story)


def test_leaves_are_bounded_and_false_ones_are_not_kept(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        size = net.nodes["bravo"].head.checkpoint.size
        asked = {
            (0, size, size): 200,
            (size, size, size): 200,
            (0, size + 1, size): 400,
            (2, 1, size): 400,
            (0, LEAVES_MAX + 1, LEAVES_MAX + 1): 409,
            (0, 1, size + 1): 409,
        }
        for (start, stop, of), status in asked.items():
            body = encode(Want(start=start, stop=stop, size=of))
            response = await post(net, Request(body=body, path=LEAVES_PATH))
            assert response.status_code == status, (start, stop, of)
        line = net.lines["bravo", "alpha"]
        honest = line.handle_async_request

        async def lie(request: httpx.Request) -> httpx.Response:
            response = await honest(request)
            if request.url.path != LEAVES_PATH:
                return response
            true = decode(await response.aread(), Leaves, PEER_RESPONSE_BYTES_MAX)
            false = Leaves(
                hashes=b64(bytes(len(unb64(true.hashes)))),
                root=true.root,
                consistency=true.consistency,
            )
            return httpx.Response(200, stream=httpx.ByteStream(encode(false)))

        line.handle_async_request = lie  # type: ignore[method-assign]
        await net.advance(700)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        kept = bravo.read(lambda r: r.mirror.size(alpha.origin))
        head = bravo.read(lambda r: r.mirror.head(alpha.origin))
        assert kept == (0 if head is None else head.size)  # nothing of what came since
        assert named(net) == ["false_statement"]

    run(tmp_path, story)


def test_requests_are_capped_and_safety_passes_up_to_a_bound() -> None:
    now = [0.0]
    rates = Rates(lambda: now[0])

    def admitted(count: int, *, safety: bool = False, peer: str = "a") -> int:
        passed = 0
        for _ in range(count):
            with contextlib.suppress(Refused):
                rates.admit(peer, is_safety=lambda: safety)
                passed += 1
        return passed

    assert admitted(300) == 200
    assert admitted(10, peer="b") == 10  # each has its own
    assert admitted(50, safety=True) == 20
    now[0] += 1
    assert admitted(100) == 50
    now[0] += 100
    assert admitted(300) == 200


def test_a_flood_of_requests_is_refused_by_name_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate, "_BURST", 20.0)
    monkeypatch.setattr(rate, "_PER_S", 0.1)

    async def story(net: Net) -> None:
        await joined(net)
        line = net.lines["alpha", "bravo"]
        seen = [(path, body, headers) for path, body, headers in line.seen if path == BEAT_PATH]
        path, body, headers = seen[-1]
        codes = []
        async with httpx.AsyncClient(transport=line.inner, base_url="http://b") as caller:
            for _ in range(30):
                response = await caller.post(path, content=body, headers=headers)
                found = loads(response.content, bytes_max=10**6)
                assert isinstance(found, dict)
                codes.append(found.get("code"))
        assert codes[0] != "too_many"
        assert codes[-1] == "too_many"
        assert named(net) == ["flooded"]

    run(tmp_path, story)
