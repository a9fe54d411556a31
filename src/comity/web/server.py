"""Serves an application over HTTP/1.1, with TLS 1.3 or in plain, until it is told to stop.

Binds first, so that a port that is taken is named; says `ready` when it answers; stops within 5 s,
letting begun answers end. Sets no signal handlers and logs no requests. Called by assembly.
"""

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from comity.model.fault import Refusal, Refused
from comity.web.connection import Connection

__all__ = ["serve"]

_BACKLOG = 1_024  # connections that wait in the kernel
_KEEP_ALIVE_S = 15  # longer than httpx keeps a line idle (5 s), so that it never meets a closed one
_GRACE_S = 3  # what is not answered by then is cut off; with uvicorn's own steps it stays under 5 s
_WHY = {
    errno.EADDRINUSE: ("port_taken", "another process listens there", "stop it, or use another"),
    errno.EACCES: ("port_forbidden", "this user may not listen there", "use a port above 1023"),
    errno.EADDRNOTAVAIL: ("no_such_address", "this machine has no such address", "use its own"),
}


async def serve(
    app: ASGIApp,
    *,
    host: str,
    port: int,
    tls: tuple[str, str] | None,
    ready: Callable[[], None],
    stop: asyncio.Event,
) -> None:
    """Serve until `stop` is set. `tls` names the files of certificate and key (PEM).

    Raises:
        Refused: nobody can listen there (`port_taken`, `port_forbidden`, `no_such_address`), or the
            certificate or its key cannot be used (`bad_certificate`).
    """
    config = _config(app, tls)
    listening = _bound(host, port)
    try:
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[listening])
        ready()
        await _until(stop, server)
        await server.shutdown(sockets=[listening])
    finally:
        listening.close()


async def _until(stop: asyncio.Event, server: uvicorn.Server) -> None:
    """Run uvicorn's own loop, which keeps the Date header, until `stop`."""
    loop = asyncio.create_task(server.main_loop())
    try:
        await stop.wait()
    finally:
        server.should_exit = True
        await loop


def _config(app: ASGIApp, tls: tuple[str, str] | None) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACE_S,
        ssl_context_factory=None if tls is None else lambda _, __: _context(*tls),
    )
    config.load()
    return config


def _context(certificate: str, key: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:  # ssl.SSLError is one
        raise _refused(
            "bad_certificate", "certificate and key cannot be used", "make new ones"
        ) from error
    return context


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        code, why, what_to_do = _WHY.get(
            error.errno or 0, ("cannot_listen", str(error.strerror), "look at the address")
        )
        raise _refused(code, f"{host} port {port}: {why}", what_to_do) from error
    # Accepted sockets inherit it. asyncio sets it only where a socket names its protocol, which
    # this one does not; without it each answer waits 40 ms for an acknowledgement of its head.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _refused(code: str, reason: str, what_to_do: str) -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do=what_to_do))
