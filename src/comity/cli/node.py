"""The running node as its own command line sees it: HTTP with the home's key and certificate.

A problem that the node names, and a node that is silent, come back as `Failed` with words for a
person. The standard library's client is enough here and loads ten times as fast as others. Called
by the verbs.
"""

import http.client
import re
import secrets
import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from typing import TypeVar
from urllib.parse import quote, urlencode

import msgspec

from comity.cli.exit_codes import ExitCode
from comity.cli.failure import Failed, Failure
from comity.config import Home, read_admin_key, read_certificate
from comity.model.fault import Malformed
from comity.model.party import parse_address
from comity.web.api.shapes import Problem
from comity.wire.canonical import Json, dumps, loads

__all__ = ["Node", "body", "shaped"]

_DEADLINE_S = 30.0  # a node answers in milliseconds; a busy one gets its time
_ANSWER_BYTES_MAX = 16_777_216  # a page of 500 notices with large polygons
_PAGES_MAX = 1_000
_EVENT_BYTES_MAX = 65_536  # one line of an event; the longest has a warning's words in it
_NO_ENTRY = frozenset({"no_key", "unknown_key", "scope_missing"})  # the key, not the request
_OWN_FAULTS = range(500, 600)
_LOST = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)

_PATH = re.compile(r"GET /api/v1/([a-z-]+)")
# What a person types for a list that a program would GET.
_LISTS = {
    "agreements": "comity agreement list",
    "handovers": "comity hotline handover list",
    "messages": "comity hotline inbox",
    "notices": "comity notice list",
    "requests": "comity request list",
}

_Shape = TypeVar("_Shape")


class Node:
    """The node of one home."""

    def __init__(self, home: Home, key: str | None = None) -> None:
        """Read the certificate, and the home's own key unless another is given; nothing is sent."""
        self._home = home
        self._address = parse_address(home.address)
        self._key = read_admin_key(home) if key is None else key
        self._pin = read_certificate(home)

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Json:
        """GET one answer."""
        return self._ask("GET", _target(path, query), None, {})

    def items(self, path: str, query: Mapping[str, str] | None = None) -> list[Json]:
        """GET a list to its end, page by page."""
        found: list[Json] = []
        asked = dict(query or {})
        for _ in range(_PAGES_MAX):
            page = self.get(path, asked)
            rows = page.get("items") if isinstance(page, dict) else None
            if not isinstance(page, dict) or not isinstance(rows, list):
                raise Malformed(f"the node answers {path} without items", code="bad_answer")
            found += rows
            if not page.get("next"):
                return found
            asked["after"] = str(page["next"])
        raise Malformed(f"the node has more than {_PAGES_MAX} pages of {path}", code="bad_answer")

    def post(self, path: str, body: Json, once: str | None = None) -> Json:
        """POST; `once` is the key under which the node does it one time only.

        Malformed (`bad_idempotency_key`) if it is none that can be sent.
        """
        if once is not None and not (once.isascii() and once.isprintable()):
            raise Malformed("--once is 1 to 128 visible characters", code="bad_idempotency_key")
        headers = {"Idempotency-Key": once or f"cli-{secrets.token_hex(16)}"}
        return self._ask("POST", _target(path, None), dumps(body), headers)

    def ask(self, path: str, body: Json) -> Json:
        """POST a question: nothing changes, so it may be asked again."""
        return self._ask("POST", _target(path, None), dumps(body), {})

    def delete(self, path: str) -> None:
        """DELETE."""
        self._ask("DELETE", _target(path, None), None, {})

    def follow(self, path: str, query: Mapping[str, str], last: str | None) -> Iterator[str]:
        """GET a stream of events line by line, after the event `last`; ends when the line breaks.

        Failed if no stream begins: nobody answers, or the node says no.
        """
        headers = {"Authorization": f"Bearer {self._key}"}
        if last is not None:
            headers["Last-Event-ID"] = last
        with closing(self._connection()) as connection:
            try:
                connection.request("GET", _target(path, query), headers=headers)
                answer = connection.getresponse()
            except ssl.SSLCertVerificationError as error:
                raise Failed(self._impostor()) from error
            except (OSError, http.client.HTTPException) as error:
                raise Failed(self._silent(error, {})) from error
            if answer.status != http.client.OK:
                raise Failed(_problem(answer.status, answer.read(_ANSWER_BYTES_MAX)))
            with suppress(OSError, http.client.HTTPException):  # whoever reads comes again
                while text := answer.readline(_EVENT_BYTES_MAX):
                    yield text.decode("utf-8", "replace").rstrip("\r\n")

    def _ask(
        self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Json:
        """Send and read; a broken line is tried once more, which the key of a POST makes safe."""
        whole = {"Authorization": f"Bearer {self._key}", **headers}
        if body is not None:
            whole["Content-Type"] = "application/json"
        try:
            try:
                status, content = self._send(method, target, body, whole)
            except _LOST:
                status, content = self._send(method, target, body, whole)
        except ssl.SSLCertVerificationError as error:
            raise Failed(self._impostor()) from error
        except (OSError, http.client.HTTPException) as error:
            raise Failed(self._silent(error, headers)) from error
        if not 200 <= status < 300:  # noqa: PLR2004 - success, as HTTP counts
            raise Failed(_problem(status, content))
        return loads(content, bytes_max=_ANSWER_BYTES_MAX) if content else None

    def _send(
        self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        with closing(self._connection()) as connection:
            connection.request(method, target, body=body, headers=dict(headers))
            with connection.getresponse() as answer:
                content = answer.read(_ANSWER_BYTES_MAX + 1)
        if len(content) > _ANSWER_BYTES_MAX:
            raise Malformed("the node's answer is too large", code="too_large")
        return answer.status, content

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._address.host, self._address.port
        if not self._address.tls:
            return http.client.HTTPConnection(host, port, timeout=_DEADLINE_S)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.check_hostname = False  # the certificate is pinned; its name adds nothing
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_verify_locations(cadata=self._pin)
        return http.client.HTTPSConnection(host, port, timeout=_DEADLINE_S, context=context)

    def _silent(self, error: Exception, headers: Mapping[str, str]) -> Failure:
        start = f"Start it: comity serve --home {self._home.path}"
        cause = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
        why = f"no node answers at {self._home.address}: {cause}"
        if isinstance(error, TimeoutError):
            why = f"the node at {self._home.address} did not answer in {_DEADLINE_S:g} s"
            once = headers.get("Idempotency-Key")
            start = f"Try again, with --once {once} so that nothing is done twice" if once else ""
        return Failure(
            exit_code=ExitCode.NOT_REACHED,
            code="node_not_reached",
            what="not available",
            why=why,
            what_to_do=start,
        )

    def _impostor(self) -> Failure:
        return Failure(
            exit_code=ExitCode.NO_PERMISSION,
            code="other_certificate",
            what="not trusted",
            why=f"whoever answers at {self._home.address} has not the certificate of this home",
            what_to_do="See which process listens there. Nothing was sent.",
        )


def body(request: msgspec.Struct) -> Json:
    """A request as JSON."""
    value: Json = msgspec.to_builtins(request)
    return value


def shaped(answer: Json, shape: type[_Shape]) -> _Shape:
    """An answer as the shape that the interface promises; Malformed (`bad_answer`) if it is not."""
    try:
        return msgspec.convert(answer, shape)
    except msgspec.ValidationError as error:
        raise Malformed(f"the node answers in another form: {error}", code="bad_answer") from error


def _target(path: str, query: Mapping[str, str] | None) -> str:
    where = f"/api/v1/{quote(path)}"
    return f"{where}?{urlencode(query)}" if query else where


def _command(found: re.Match[str]) -> str:
    return _LISTS.get(found[1], found[0])


def _problem(status: int, content: bytes) -> Failure:
    """The words of an RFC 9457 problem, or of an answer that is none."""
    exit_code = ExitCode.NOT_REACHED if status in _OWN_FAULTS else ExitCode.REFUSED
    try:
        problem = shaped(loads(content, bytes_max=_ANSWER_BYTES_MAX), Problem)
    except Malformed:
        return Failure(
            exit_code=exit_code,
            code="no_problem_named",
            what="not available",
            why=f"the node answered {status} without saying why",
            what_to_do="Look at the node's diagnostics.",
        )
    return Failure(
        exit_code=ExitCode.NO_PERMISSION if problem.code in _NO_ENTRY else exit_code,
        code=problem.code,
        what=problem.title,
        why=problem.detail,
        what_to_do=_PATH.sub(_command, problem.what_to_do),
        field=problem.field,
        error_id=problem.error_id,
    )
