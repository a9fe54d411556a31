"""Whatever the other side answers, or does not, a request ends as an answer or as Unavailable."""

import asyncio

import pytest

from comity.exchange.client import Wire
from comity.exchange.standing import cosignature_row
from comity.journal.cosignature import cosign
from comity.journal.tlog_proof import TlogProof, kept_proof
from comity.model.fault import Malformed, Unavailable, Untrusted
from comity.wire.limits import PEER_RESPONSE_BYTES_MAX
from tests.exchange.net import NOON
from tests.exchange.test_witness import KEY, LEAVES, LOG, head

ANSWERS = {
    "a redirect to nowhere": b"HTTP/1.1 302 F\r\nLocation: http:a@b\r\nContent-Length: 0\r\n\r\n",
    "a redirect to no name": b"HTTP/1.1 302 F\r\nLocation: http://xn--\r\n\r\n",
    "not HTTP": b"hello\r\n\r\n",
    "nothing": b"",
    "cut short": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
    "a flood": b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (PEER_RESPONSE_BYTES_MAX + 1),
    "false compression": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
}


async def asked(answer: bytes) -> int:
    """What a Wire makes of raw bytes from a server on loopback: the status, 0 for Unavailable."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    wire = Wire(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", b"")
    try:
        return (await wire.post("/exchange/v1/beat", b"{}")).status
    except Unavailable:
        return 0
    finally:
        await wire.close()
        server.close()


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_is_none_ends_no_node(name: str) -> None:
    assert asyncio.run(asked(ANSWERS[name])) in (0, 200, 302)


def test_control_a_true_answer_arrives() -> None:
    true = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    assert asyncio.run(asked(true)) == 200


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "https://xn--:7101"])
def test_an_address_that_cannot_be_reached_is_unavailable(address: str) -> None:
    async def once() -> None:
        wire = Wire(address, b"")
        try:
            await wire.post("/", b"")
        finally:
            await wire.close()

    with pytest.raises(Unavailable):
        asyncio.run(once())


def test_a_proof_with_something_extra_is_not_kept() -> None:
    """Nothing authenticates it, and it would spoil the evidence that it stands in."""
    good = TlogProof(index=0, hashes=(), checkpoint=head(1))
    assert kept_proof(good, LEAVES[0], LOG.verifier()) == good
    spoiled = TlogProof(index=0, hashes=(), checkpoint=head(1), extra=b"x")
    with pytest.raises(Malformed):
        kept_proof(spoiled, LEAVES[0], LOG.verifier())


@pytest.mark.parametrize(("seconds", "good"), [(0, True), (-59, True), (-61, False), (31, False)])
def test_a_cosignature_is_of_now(seconds: int, good: bool) -> None:  # noqa: FBT001 - a case
    text, now_s = head(1).text, NOON // 1_000_000
    line = cosign(text, KEY, now_s + seconds)
    if good:
        assert cosignature_row(text, line, KEY.verifier(), NOON).time_s == now_s + seconds
        return
    with pytest.raises(Untrusted):
        cosignature_row(text, line, KEY.verifier(), NOON)
