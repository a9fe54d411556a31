"""Admits a request: head, caller, scope, bytes, and the time, each looked at once, in this order.

Nothing of a body is read before the caller is known and its size is, and nothing of it is parsed
here. The node's clock is read one time for each request, when it has arrived whole. Keys are looked
up by their SHA-256, so a comparison's duration tells nothing. Called by routes and the exchange.
"""

import asyncio
import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

from comity.model.fault import Malformed, Unreadable, Untrusted
from comity.storage.rows import CallerRow
from comity.storage.store import Reading
from comity.web.node import Node
from comity.web.problem import BadField
from comity.web.scope import Scope
from comity.wire.canonical import decimal, sha256
from comity.wire.limits import BODY_BYTES_MAX, IDEMPOTENCY_KEY_CHARS_MAX

__all__ = [
    "HEADERS_MAX",
    "HEAD_BYTES_MAX",
    "READ_DEADLINE_S",
    "Admitted",
    "Idempotency",
    "admit",
    "admit_bytes",
    "caller_of",
    "unknown_key",
]

HEADERS_MAX = 64  # a browser behind two proxies sends some 25
HEAD_BYTES_MAX = 16_384  # names, values and address; an envelope between nodes has 2.8 kB
READ_DEADLINE_S = 10.0  # for a whole body, real time: 1 MiB at 0.8 Mbit/s

_KEY = re.compile(r"[\x21-\x7e]{1,256}", re.ASCII)
_IDEMPOTENCY_KEY = re.compile(rf"[\x21-\x7e]{{1,{IDEMPOTENCY_KEY_CHARS_MAX}}}", re.ASCII)
_JSON = re.compile(r"application/json(?:\s*;\s*charset=\"?utf-8\"?)?", re.ASCII | re.IGNORECASE)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Idempotency:
    """A caller's own name for a request, and the SHA-256 of all that makes it the same request."""

    key: str
    request: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A request that may be answered: who asks for what, with which bytes, at what time.

    `resume` is the last event that the caller has. `caller` is None only where a route asks for no
    scope and no key was sent.
    """

    node: Node
    caller: CallerRow | None
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    now_us: int
    idempotency: Idempotency | None
    resume: str | None = None

    def read(self, query: Callable[[Reading], T]) -> T:
        """Ask one committed state; what cannot be shown of it is our own fault, whoever asks.

        It stops nothing: what somebody gave us must not end the node as soon as anybody looks.
        """
        try:
            return self.node.read(query)
        except Malformed as error:
            raise Unreadable(f"what is kept cannot be shown: {error.reason}") from error


async def admit(
    node: Node,
    request: Request,
    *,
    scope: Scope | None,
    query: Collection[str],
    with_body: bool,
) -> Admitted:
    """Admit a request to a route that needs `scope` and knows the query parameters `query`.

    Raises:
        Untrusted: no key (`no_key`), none in force (`unknown_key`), not for this (`scope_missing`).
        Malformed: everything else that is wrong with the request; see docs/reference/api.md.
    """
    _check_head(request)
    caller = _caller(node, request, scope)
    parameters = _parameters(request, query)
    body = await _body(request) if with_body else _no_body(request)
    return Admitted(
        node=node,
        caller=caller,
        path=MappingProxyType({name: str(value) for name, value in request.path_params.items()}),
        query=parameters,
        body=body,
        now_us=node.clock.now_us(),
        idempotency=_idempotency(request, body),
        resume=_one(request, "last-event-id"),
    )


async def admit_bytes(request: Request, bytes_max: int) -> bytes:
    """Read a body of at most `bytes_max` bytes within READ_DEADLINE_S of real time.

    Raises:
        Malformed: `too_large` (from the stated length, before a byte is read, or while reading),
            `slow_request`, `cut_short`, `bad_content_encoding`, or the head's codes.
    """
    _check_head(request)
    if (_one(request, "content-encoding") or "identity").lower() != "identity":
        raise Malformed("a body is sent uncompressed", code="bad_content_encoding")
    stated = _one(request, "content-length")
    if stated is not None and decimal(stated) > bytes_max:
        raise _too_large(bytes_max)
    parts = bytearray()
    try:
        async with asyncio.timeout(READ_DEADLINE_S):
            async for part in request.stream():
                parts += part
                if len(parts) > bytes_max:
                    raise _too_large(bytes_max)
    except TimeoutError as error:
        raise Malformed("the body took too long to arrive", code="slow_request") from error
    except ClientDisconnect as error:
        raise Malformed("the body was cut short", code="cut_short") from error
    return bytes(parts)


def caller_of(node: Node, request: Request) -> CallerRow | None:
    """Whose key in force a request carries, whatever its scopes; None for a stranger."""
    try:
        return _caller(node, request, None)
    except (Untrusted, Malformed):
        return None


def unknown_key() -> Untrusted:
    """The one answer for a key that never was, is misspelt or was revoked."""
    return Untrusted("that is no key in force at this node", code="unknown_key")


def _too_large(bytes_max: int) -> Malformed:
    return Malformed(f"a body has at most {bytes_max} bytes here", code="too_large")


def _check_head(request: Request) -> None:
    raw = request.headers.raw
    size = sum(len(name) + len(value) for name, value in raw)
    size += len(request.url.path) + len(request.url.query)
    if len(raw) > HEADERS_MAX or size > HEAD_BYTES_MAX:
        reason = f"a head has at most {HEADERS_MAX} headers and {HEAD_BYTES_MAX} bytes"
        raise Malformed(reason, code="head_too_large")


def _one(request: Request, name: str) -> str | None:
    """The value of a header that may stand there once."""
    values = request.headers.getlist(name)
    if len(values) > 1:
        raise BadField(f"the header {name} is there twice", code="duplicate_header", field=name)
    return values[0] if values else None


def _caller(node: Node, request: Request, scope: Scope | None) -> CallerRow | None:
    header = _one(request, "authorization")
    if header is None and scope is None:
        return None
    if header is None:
        raise Untrusted("this needs a bearer key", code="no_key")
    scheme, _, key = header.partition(" ")
    if scheme.lower() != "bearer" or not _KEY.fullmatch(key.strip()):
        raise unknown_key()
    caller = node.read(lambda r: r.people.caller(sha256(key.strip().encode("ascii"))))
    if caller is None or caller.revoked_us is not None:
        raise unknown_key()
    if scope is not None and scope not in caller.scopes.split():
        raise Untrusted(f"this needs a key with the scope `{scope}`", code="scope_missing")
    return caller


def _parameters(request: Request, known: Collection[str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in known:
            reason = f"no parameter is called {name[:40]!r}"
            raise BadField(reason, code="unknown_parameter", field=name[:40])
        if name in found:
            raise BadField(f"{name} is there twice", code="duplicate_parameter", field=name)
        found[name] = value
    return MappingProxyType(found)


async def _body(request: Request) -> bytes:
    if not _JSON.fullmatch((_one(request, "content-type") or "").strip()):
        raise Malformed("a body is JSON in UTF-8, and says so", code="bad_content_type")
    return await admit_bytes(request, BODY_BYTES_MAX)


def _no_body(request: Request) -> bytes:
    stated = _one(request, "content-length")
    if stated not in {None, "0"} or _one(request, "transfer-encoding") is not None:
        raise Malformed("this takes no body", code="unexpected_body")
    return b""


def _idempotency(request: Request, body: bytes) -> Idempotency | None:
    key = _one(request, "idempotency-key")
    if key is None:
        return None
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        reason = f"an Idempotency-Key is 1 to {IDEMPOTENCY_KEY_CHARS_MAX} visible ASCII characters"
        raise BadField(reason, code="bad_idempotency_key", field="idempotency-key")
    same = hashlib.sha256()
    for part in (request.method, request.url.path, request.url.query):
        same.update(part.encode("utf-8", "surrogatepass") + b"\0")
    same.update(body)
    return Idempotency(key=key, request=same.digest())
