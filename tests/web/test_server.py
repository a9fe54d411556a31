"""Listening, TLS, stopping."""

import asyncio
import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from comity.model.fault import Refused
from comity.web.app import make_bare_app
from comity.web.server import serve
from tests.loopback import free_port
from tests.web.support import Rig, serving


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "alpha.example")])
    start = datetime.now(UTC) - timedelta(hours=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=2))
        .sign(key, hashes.SHA256())
    )
    (folder / "tls.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "tls.key").write_bytes(private)
    return str(folder / "tls.crt"), str(folder / "tls.key")


def pinned(certificate: str, newest: ssl.TLSVersion) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(certificate)
    context.maximum_version = newest
    return context


def test_tls_is_1_3_and_nothing_else(rig: Rig, tls: tuple[str, str]) -> None:
    with serving(rig.node, tls) as address:
        modern = pinned(tls[0], ssl.TLSVersion.TLSv1_3)
        assert httpx.get(f"{address}/healthz", verify=modern).json() == {"status": "ok"}
        old = pinned(tls[0], ssl.TLSVersion.TLSv1_2)
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{address}/healthz", verify=old)
        with pytest.raises(httpx.HTTPError):
            httpx.get(address.replace("https", "http") + "/healthz")


async def _refused(port: int, tls: tuple[str, str] | None, host: str = "127.0.0.1") -> str:
    ready: list[bool] = []
    with pytest.raises(Refused) as caught:
        await serve(
            make_bare_app([]),
            host=host,
            port=port,
            tls=tls,
            ready=lambda: ready.append(True),
            stop=asyncio.Event(),
        )
    assert ready == []
    return caught.value.code


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert asyncio.run(_refused(taken.getsockname()[1], None)) == "port_taken"


def test_an_address_of_another_machine_is_named() -> None:
    assert asyncio.run(_refused(0, None, "192.0.2.1")) == "no_such_address"


def test_a_certificate_that_is_none_is_named(tmp_path: Path, tls: tuple[str, str]) -> None:
    (tmp_path / "x").write_text("no certificate")
    for pair in ((str(tmp_path / "x"), tls[1]), (tls[0], str(tmp_path / "none"))):
        assert asyncio.run(_refused(0, pair)) == "bad_certificate"


def _served(route: Route, seconds: float) -> tuple[list[httpx.Response | Exception], float]:
    """Ask once, stop meanwhile; what came back, and how long stopping took."""
    port = free_port()
    answers: list[httpx.Response | Exception] = []

    def ask() -> None:
        try:
            answers.append(httpx.get(f"http://127.0.0.1:{port}/slow", timeout=20))
        except httpx.HTTPError as error:
            answers.append(error)

    async def run() -> float:
        stop = asyncio.Event()
        thread = threading.Thread(target=ask)
        app = make_bare_app([route])
        task = asyncio.create_task(
            serve(app, host="127.0.0.1", port=port, tls=None, ready=thread.start, stop=stop)
        )
        await asyncio.sleep(seconds)
        start = time.monotonic()
        stop.set()
        await task
        took = time.monotonic() - start
        await asyncio.to_thread(thread.join, 10)
        return took

    return answers, asyncio.run(run())


@pytest.mark.serial
def test_an_answer_that_was_begun_is_finished() -> None:
    async def slow(_: Request) -> Response:
        await asyncio.sleep(1)
        return PlainTextResponse("done")

    answers, took = _served(Route("/slow", slow), 0.4)
    assert isinstance(answers[0], httpx.Response)
    assert answers[0].text == "done"
    assert took < 2.5


@pytest.mark.serial
@pytest.mark.timeout(30)
def test_an_answer_that_never_comes_is_not_waited_for() -> None:
    async def stuck(_: Request) -> Response:
        await asyncio.sleep(60)
        return PlainTextResponse("never")

    answers, took = _served(Route("/slow", stuck), 0.4)
    assert took < 5
    assert isinstance(answers[0], httpx.Response)
    assert answers[0].status_code == 503
    assert answers[0].json()["code"] == "stopping"
