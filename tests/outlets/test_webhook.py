"""Webhooks against a real HTTP server: the signature as others check it, and no step elsewhere."""

import asyncio
import base64
import hashlib
import hmac
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.model.fault import Malformed
from comity.model.outlet import Webhook
from comity.outlets.book import signing_key_of
from comity.outlets.letter import Letter, letter_of
from comity.outlets.outcome import Outcome, Took
from comity.outlets.webhook import WebhookTransport, signed_headers
from tests.loopback import free_port
from tests.model.saying_no import says_no
from tests.outlets.hook_server import HookServer
from tests.outlets.samples import AT_US, ID, KEY, ORIGIN, SECRET, certified, pager, thing


def letter() -> Letter:
    return letter_of(pager(), thing(), ID, origin=ORIGIN, made_us=AT_US)


def send(url: str, trust: Path | None = None, deadline_s: float = 10) -> Outcome:
    """One try."""

    def context() -> ssl.SSLContext:
        return ssl.create_default_context(cafile=trust)

    transport = WebhookTransport(Webhook(url=url), lambda: KEY, context, deadline_s)
    return asyncio.run(transport.send(letter(), AT_US))


@pytest.fixture
def server() -> Iterator[HookServer]:
    with HookServer() as found:
        yield found


def holds(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Whether a signature is right, as a receiver finds out by the published rules."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = b".".join(
        (headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body)
    )
    right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return f"v1,{right}" in headers["webhook-signature"].split(" ")


def test_the_signature_is_that_of_the_published_example() -> None:
    """The vector that the libraries of Standard Webhooks test themselves with."""
    key = signing_key_of(b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")
    id_, time_s, body = "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}'

    class Named(bytes):
        """An id that is written as it is."""

        def hex(self, *_: object) -> str:
            return id_

    headers = signed_headers(key, Letter(id=Named(), body=body), int(time_s) * 1_000_000)
    assert headers == {
        "webhook-id": id_,
        "webhook-timestamp": time_s,
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_2xx_is_taken_and_the_signature_holds_for_these_bytes_alone(server: HookServer) -> None:
    outcome = send(f"{server.address}/hook?to=night")
    assert outcome == Outcome(took=Took.ACCEPTED, words="HTTP 204")
    (posted,) = server.posted
    assert (posted.path, posted.body) == ("/hook?to=night", letter().body)
    assert posted.headers["content-type"] == "application/json"
    assert posted.headers["webhook-id"] == ID.hex()
    assert holds(SECRET, posted.headers, posted.body)
    assert not holds(SECRET, posted.headers, posted.body + b" ")
    assert not holds(SECRET, posted.headers | {"webhook-timestamp": "1"}, posted.body)


@pytest.mark.parametrize(
    ("status", "took"),
    [
        (200, Took.ACCEPTED),
        (299, Took.ACCEPTED),
        (301, Took.REFUSED),
        (307, Took.REFUSED),
        (400, Took.REFUSED),
        (404, Took.REFUSED),
        (408, Took.NOT_NOW),
        (410, Took.REFUSED),
        (425, Took.NOT_NOW),
        (429, Took.NOT_NOW),
        (500, Took.NOT_NOW),
        (503, Took.NOT_NOW),
    ],
)
def test_what_each_answer_means(server: HookServer, status: int, took: Took) -> None:
    server.script.statuses.append(status)
    assert send(server.address).took is took


def test_no_redirect_and_no_proxy_is_followed(
    server: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HookServer() as elsewhere:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, elsewhere.address)
        server.script.statuses.append(307)
        server.script.location = f"{elsewhere.address}/inside"
        outcome = send(server.address)
        assert outcome == Outcome(took=Took.REFUSED, words="HTTP 307: redirects are not followed")
        assert elsewhere.posted == []
        assert send(elsewhere.address).took is Took.ACCEPTED  # the control: it would have answered


def test_an_answer_without_an_end_is_not_read(server: HookServer) -> None:
    server.script.flood = True
    server.script.statuses.append(200)
    began = time.monotonic()
    assert send(server.address).took is Took.ACCEPTED
    assert time.monotonic() - began < 5


def test_silence_ends_at_the_deadline(server: HookServer) -> None:
    server.script.hold = threading.Event()
    try:
        outcome = send(server.address, deadline_s=0.3)
    finally:
        server.script.hold.set()
    assert outcome == Outcome(took=Took.NOT_NOW, words="no answer within 0.3 s")


def test_nobody_there_is_tried_again() -> None:
    assert send(f"http://127.0.0.1:{free_port()}").took is Took.NOT_NOW


def test_tls_is_judged_by_the_named_certificate(tmp_path: Path) -> None:
    context, right = certified(tmp_path)
    _, other = certified(tmp_path, "other")
    with HookServer(context) as server:
        assert send(server.address, trust=right).took is Took.ACCEPTED
        assert send(server.address, trust=other).took is Took.NOT_NOW
        assert len(server.posted) == 1


def test_a_secret_that_cannot_be_read_is_no_end_of_the_dispatch(server: HookServer) -> None:
    def missing() -> bytes:
        raise Malformed("its secret is not there", code="key_file_missing")

    transport = WebhookTransport(
        Webhook(url=server.address), missing, ssl.create_default_context, 5
    )
    outcome = asyncio.run(transport.send(letter(), AT_US))
    assert outcome == Outcome(took=Took.NOT_NOW, words="its secret is not there")
    assert server.posted == []


@pytest.mark.parametrize("secret", [b"", b"short", b"whsec_AAAA", b"whsec_" + b"A" * 200, b"\xff"])
def test_a_weak_secret_is_refused_and_not_repeated(secret: bytes) -> None:
    with says_no("bad_outlet_secret"):
        signing_key_of(secret)
