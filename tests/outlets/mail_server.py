"""A real mail server on loopback (aiosmtpd) in its own thread, that answers as a test wishes."""

import asyncio
import email
import socket
import ssl
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "comity", "correct horse"


@dataclass
class Taken:
    """A mail that the server took."""

    sender: str
    to: list[str]
    data: bytes
    tls: bool

    @property
    def mail(self) -> EmailMessage:
        """The mail, read by the standard library."""
        found = email.message_from_bytes(self.data, policy=default)
        assert isinstance(found, EmailMessage)
        return found

    @property
    def text(self) -> str:
        """Its words."""
        return str(self.mail.get_content())


@dataclass
class Door:
    """What aiosmtpd asks."""

    taken: list[Taken] = field(default_factory=list)
    to_rcpt: list[str] = field(default_factory=list)  # answers for the next ones, then 250
    to_data: list[str] = field(default_factory=list)
    hold: threading.Event | None = None  # the answer to DATA waits for it
    on_data: Callable[[], None] = lambda: None

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd looks for
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        rcpt_options: list[str],
    ) -> str:
        """Take a mailbox, or not."""
        del server, session, rcpt_options
        if self.to_rcpt:
            return self.to_rcpt.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - as above
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take a mail, or not."""
        del server
        if self.to_data:
            return self.to_data.pop(0)
        assert isinstance(envelope.content, bytes)
        self.taken.append(
            Taken(
                sender=str(envelope.mail_from),
                to=list(envelope.rcpt_tos),
                data=envelope.content,
                tls=session.ssl is not None,
            )
        )
        self.on_data()
        if self.hold is not None:
            await asyncio.to_thread(self.hold.wait, 15)
        return "250 2.0.0 taken"


class MailServer:
    """Serves while it is entered. `starttls`, `tls`: contexts; `login` asks for a password."""

    def __init__(
        self,
        *,
        starttls: ssl.SSLContext | None = None,
        tls: ssl.SSLContext | None = None,
        login: bool = False,
    ) -> None:
        self.door = Door()
        self._starttls, self._tls, self._login = starttls, tls, login
        self._loop = asyncio.new_event_loop()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]

    @property
    def taken(self) -> list[Taken]:
        """What it took."""
        return self.door.taken

    def __enter__(self) -> Self:
        """Serve."""
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,))
        self._thread.start()
        assert ready.wait(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        assert not self._thread.is_alive()

    def _protocol(self) -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a password goes without TLS: on loopback
            return SMTP(
                self.door,
                hostname="mail.test",
                ident="test",
                enable_SMTPUTF8=False,
                tls_context=self._starttls,
                authenticator=_authenticate if self._login else None,
                auth_required=self._login,
                auth_require_tls=False,
                loop=self._loop,
            )

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve(ready))
        self._loop.close()

    async def _serve(self, ready: threading.Event) -> None:
        self._stop = asyncio.Event()
        server = await self._loop.create_server(self._protocol, sock=self._socket, ssl=self._tls)
        ready.set()
        await self._stop.wait()
        server.close()
        await server.wait_closed()
        sessions = asyncio.all_tasks() - {asyncio.current_task()}
        if sessions:  # whoever was let go of ends by itself
            _, left = await asyncio.wait(sessions, timeout=1)
            for task in left:
                task.cancel()
        await asyncio.sleep(0.01)


def _authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
) -> AuthResult:
    del server, session, envelope, mechanism
    right = isinstance(data, LoginPassword) and data == LoginPassword(
        USER.encode(), PASSWORD.encode()
    )
    return AuthResult(success=right, handled=right)
