"""Send bytes to a peer or a witness and get bytes back: pinned TLS, a deadline, a byte cap.

A problem that the other side names comes back as `Answered`; silence and broken lines are
Unavailable. Knows HTTP and nothing of what is sent. Called by courier, beat and feed.
"""

import asyncio
import ssl
from dataclasses import dataclass

import httpx

from comity.model.fault import Unavailable
from comity.wire.limits import PEER_DEADLINE_S, PEER_RESPONSE_BYTES_MAX

__all__ = ["Answered", "Wire"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Status and body; the body is at most PEER_RESPONSE_BYTES_MAX bytes."""

    status: int
    body: bytes


class Wire:
    """One HTTP client for one address; `certificate` is the pinned DER, empty on loopback."""

    def __init__(
        self, address: str, certificate: bytes, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """Prepare; nothing is sent. `transport` replaces the network for callers in one process."""
        self._address = address
        self._client = httpx.AsyncClient(
            base_url=address,
            verify=_trust(address, certificate),
            # Who cannot be reached is found out before the deadline: it does not stall.
            timeout=httpx.Timeout(PEER_DEADLINE_S, connect=PEER_DEADLINE_S / 2),
            trust_env=False,
            transport=transport,
            follow_redirects=False,
        )

    async def post(self, path: str, body: bytes, headers: dict[str, str] | None = None) -> Answered:
        """POST and read the whole answer; Unavailable on silence, a broken line or a flood."""
        return await self._asked("POST", path, body, headers or {})

    async def get(self, path: str) -> Answered:
        """GET; the same limits."""
        return await self._asked("GET", path, b"", {})

    async def _asked(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> Answered:
        try:
            async with asyncio.timeout(PEER_DEADLINE_S):
                request = self._client.build_request(
                    method, path, content=body or None, headers=headers
                )
                return await self._sent(request)
        except Unavailable:
            raise
        except (TimeoutError, httpx.ReadTimeout, httpx.WriteTimeout) as error:
            raise Unavailable(f"{self._address} does not answer in time", code="stalled") from error
        except Exception as error:  # whatever a peer's answer makes a library raise is no answer
            raise Unavailable(f"no answer from {self._address}", code="no_answer") from error

    async def _sent(self, request: httpx.Request) -> Answered:
        response = await self._client.send(request, stream=True)
        try:
            parts = bytearray()
            async for part in response.aiter_raw():
                parts += part
                if len(parts) > PEER_RESPONSE_BYTES_MAX:
                    raise Unavailable(f"{self._address} floods", code="too_large")
        finally:
            await response.aclose()
        return Answered(status=response.status_code, body=bytes(parts))

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()


def _trust(address: str, certificate: bytes) -> ssl.SSLContext | bool:
    """The pinned certificate alone, else the system's authorities; nobody's for plain http."""
    if certificate:
        return _pinned(certificate)
    # Reading a hundred authorities takes 20 ms for each line that has no use for them.
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if address.startswith("http:") else True


def _pinned(certificate: bytes) -> ssl.SSLContext:
    """Trust this one certificate and no authority; the pin stands for the host's name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=certificate)
    return context
