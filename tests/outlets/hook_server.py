"""A real HTTP server on loopback that takes webhooks, and answers as a test wishes."""

import contextlib
import ssl
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import TracebackType
from typing import Self


@dataclass
class Posted:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Script:
    """What came, and what is answered: statuses for the next requests, then 204."""

    posted: list[Posted] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    location: str = ""
    flood: bool = False  # a body without an end
    hold: Event | None = None  # the answer waits for it


class HookServer:
    """Serves while it is entered."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.script = Script()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _door(self.script))
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        self.address = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"

    @property
    def posted(self) -> list[Posted]:
        """What came."""
        return self.script.posted

    def __enter__(self) -> Self:
        """Serve."""
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _door(script: Script) -> type[BaseHTTPRequestHandler]:
    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            script.posted.append(Posted(path=self.path, headers=headers, body=body))
            if script.hold is not None:
                script.hold.wait(15)
            with contextlib.suppress(OSError):  # whoever asked may have gone
                self._answer(script.statuses.pop(0) if script.statuses else 204)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            if script.location:
                self.send_header("Location", script.location)
            if not script.flood:
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_header("Content-Length", str(1 << 40))
            self.end_headers()
            for _ in range(1 << 14):  # at most 1 GiB: whoever reads it all is too slow
                self.wfile.write(bytes(1 << 16))

        do_GET = do_POST  # noqa: N815 - as above

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Door
