"""Give a mail to a mail server (RFC 5321) and hear whether it took it. That is all it proves.

A server that is not there, does not know us or is busy may be tried again; a 5xx to the sender, the
mailbox or the text is final. What comes back later as a bounce is not looked for. Called by the
sender and the command line.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Callable

import aiosmtplib
from aiosmtplib.errors import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from comity.model.fault import Fault
from comity.model.outlet import Mail, Tls
from comity.outlets.letter import Letter
from comity.outlets.outcome import SEND_DEADLINE_S, Outcome, accepted, not_now, refused

__all__ = ["MailTransport"]

_FINAL = range(500, 600)  # RFC 5321, 4.2.1: permanent negative completion
_QUIT_S = 2.0


class MailTransport:
    """See `outcome.Transport`. `password` is asked for at each try: it may be put right."""

    def __init__(
        self,
        mail: Mail,
        password: Callable[[], str | None],
        trust: Callable[[], ssl.SSLContext],
        deadline_s: float = SEND_DEADLINE_S,
    ) -> None:
        """Nothing is sent."""
        self._mail = mail
        self._password = password
        self._trust = trust
        self._deadline_s = deadline_s

    async def send(self, letter: Letter, now_us: int) -> Outcome:
        """Try once, with one connection."""
        del now_us
        try:
            async with asyncio.timeout(self._deadline_s):
                return await self._talk(self._client(), letter)
        except TimeoutError:
            return not_now(f"no answer within {self._deadline_s:g} s")
        except Fault as fault:  # its secret is not there
            return not_now(fault.reason)
        except SMTPResponseException as error:
            return not_now(f"{error.code} {error.message}")
        except (SMTPException, OSError, ValueError) as error:
            return not_now(f"not reached: {type(error).__name__}")

    def _client(self) -> aiosmtplib.SMTP:
        mail = self._mail
        return aiosmtplib.SMTP(
            hostname=mail.host,
            port=mail.port,
            use_tls=mail.tls is Tls.TLS,
            start_tls=mail.tls is Tls.STARTTLS,  # never only if the server offers it
            tls_context=None if mail.tls is Tls.NONE else self._trust(),
            local_hostname=mail.sender.partition("@")[2],  # the machine's own name is nobody's
            timeout=self._deadline_s,
        )

    async def _talk(self, client: aiosmtplib.SMTP, letter: Letter) -> Outcome:
        """Connect, sign in, give it; then let go at once, without the courtesies of TLS."""
        password = None if self._mail.user is None else self._password()
        try:
            await client.connect()
            transport = client.transport
            try:
                if self._mail.user is not None and password is not None:
                    await client.login(self._mail.user, password)
                return await self._give(client, letter)
            finally:
                if isinstance(transport, asyncio.WriteTransport):
                    transport.abort()
        finally:
            client.close()

    async def _give(self, client: aiosmtplib.SMTP, letter: Letter) -> Outcome:
        try:
            _, reply = await client.sendmail(self._mail.sender, [self._mail.to], letter.body)
        except SMTPRecipientsRefused as error:
            first = error.recipients[0]
            return _judged(first.code, first.message)
        except (SMTPSenderRefused, SMTPDataError) as error:
            return _judged(error.code, error.message)
        with contextlib.suppress(SMTPException, OSError, TimeoutError):
            async with asyncio.timeout(_QUIT_S):  # it has what it needs
                await client.quit()
        return accepted(f"250 {reply}")


def _judged(code: int, words: str) -> Outcome:
    said = f"{code} {words}"
    return refused(said) if code in _FINAL else not_now(said)
