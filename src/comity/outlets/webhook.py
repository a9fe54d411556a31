"""POST signed JSON to one address (Standard Webhooks) and see whether the answer is a 2xx.

No redirect is followed, no proxy asked, and nothing of an answer's body is read. The address is the
home's own: nothing that another party says can change it. Called by the sender and the command
line.
"""

import asyncio
import hmac
import ssl
from collections.abc import Callable

import httpx

from comity.model.fault import Fault
from comity.model.outlet import Webhook
from comity.model.quantity import SECOND_US
from comity.outlets.letter import Letter
from comity.outlets.outcome import SEND_DEADLINE_S, Outcome, accepted, not_now, refused
from comity.wire.canonical import b64

__all__ = ["WebhookTransport", "signed_headers"]

_OK = range(200, 300)
_ELSEWHERE = range(300, 400)
_FINAL = range(400, 500)
_AGAIN = frozenset({408, 425, 429})  # time-out, too early, too many: not about this letter


def signed_headers(key: bytes, letter: Letter, now_us: int) -> dict[str, str]:
    """The three headers of Standard Webhooks, version 1: HMAC-SHA256 over id, time and body."""
    id_, time_s = letter.id.hex(), str(now_us // SECOND_US)
    signature = hmac.digest(key, f"{id_}.{time_s}.".encode() + letter.body, "sha256")
    return {
        "webhook-id": id_,
        "webhook-timestamp": time_s,
        "webhook-signature": f"v1,{b64(signature)}",
    }


class WebhookTransport:
    """See `outcome.Transport`. `key` is asked for at each try: it may be put right."""

    def __init__(
        self,
        webhook: Webhook,
        key: Callable[[], bytes],
        trust: Callable[[], ssl.SSLContext],
        deadline_s: float = SEND_DEADLINE_S,
    ) -> None:
        """Nothing is sent."""
        self._webhook = webhook
        self._key = key
        self._trust = trust
        self._deadline_s = deadline_s

    async def send(self, letter: Letter, now_us: int) -> Outcome:
        """Try once, with one connection."""
        try:
            headers = signed_headers(self._key(), letter, now_us)
            headers["content-type"] = "application/json"
            async with asyncio.timeout(self._deadline_s):
                return _judged(await self._post(letter.body, headers))
        except (TimeoutError, httpx.TimeoutException):
            return not_now(f"no answer within {self._deadline_s:g} s")
        except Fault as fault:  # its secret is not there
            return not_now(fault.reason)
        except Exception as error:  # noqa: BLE001 - whatever an answer makes a library raise is none
            return not_now(f"not reached: {type(error).__name__}")

    async def _post(self, body: bytes, headers: dict[str, str]) -> int:
        """The status of the answer; its body is let go of unread."""
        async with (
            httpx.AsyncClient(
                verify=self._trust(),
                timeout=self._deadline_s,
                trust_env=False,
                follow_redirects=False,
            ) as client,
            client.stream("POST", self._webhook.url, content=body, headers=headers) as response,
        ):
            return response.status_code


def _judged(code: int) -> Outcome:
    said = f"HTTP {code}"
    if code in _OK:
        return accepted(said)
    if code in _ELSEWHERE:
        return refused(f"{said}: redirects are not followed")
    return refused(said) if code in _FINAL and code not in _AGAIN else not_now(said)
