"""The table of routes: what each needs, takes and gives, as data; and from it Starlette's routes.

A route without a scope cannot be made, but for `/healthz`. OpenAPI is written from the same table
(`web.openapi`). Decides nothing and knows no other route by name. Called by `web.api.table` and
`web.app`.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from types import MappingProxyType
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as StarletteRoute

from comity.model.fault import Corrupt, Fault, must
from comity.web.gate import Admitted, admit
from comity.web.json_body import shaped
from comity.web.node import Node
from comity.web.scope import Scope

__all__ = [
    "HEALTH_PATH",
    "JSON",
    "Answer",
    "Query",
    "Route",
    "asking",
    "deleting",
    "mounted",
    "reading",
    "writing",
]

HEALTH_PATH = "/healthz"
JSON = "application/json"
_FOUND, _MADE, _GONE = 200, 201, 204
# Answers are for the caller alone, and of one moment.
_PRIVATE = MappingProxyType({"cache-control": "no-store", "x-content-type-options": "nosniff"})

# Hears of each no that a route gives, before the caller does.
OnRefusal = Callable[[Node, Request, Fault], Awaitable[None]]
A = TypeVar("A", bound=msgspec.Struct)
B = TypeVar("B", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Bytes to give back, with headers beside the usual ones; or a `stream` that goes on."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: _PRIVATE)
    status: int | None = None  # another than the route's
    stream: Response | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One query parameter; `needed` ones have no default."""

    name: str
    about: str
    needed: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method of one path. `body` and `answer` are shapes of JSON; None is none, or bytes.

    `on_refusal` hears of every no that it gives; as a rule nobody does.
    """

    method: str
    path: str
    scope: Scope | None
    summary: str
    run: Callable[[Admitted], Awaitable[Answer]]
    query: tuple[Query, ...] = ()
    body: type[msgspec.Struct] | None = None
    answer: type[msgspec.Struct] | None = None
    status: int = _FOUND
    media_type: str = JSON
    on_refusal: OnRefusal | None = None

    def __post_init__(self) -> None:
        """Nobody passes without a key, except to ask whether the node lives."""
        must(self.scope is not None or self.path == HEALTH_PATH, "a route asks for a scope")


def reading(
    path: str,
    scope: Scope | None,
    answer: type[A],
    read: Callable[[Admitted], A],
    *,
    summary: str,
    query: tuple[Query, ...] = (),
) -> Route:
    """GET: an answer made from one reading."""

    async def run(call: Admitted) -> Answer:
        return Answer(body=msgspec.json.encode(read(call)))

    return Route(
        method="GET",
        path=path,
        scope=scope,
        summary=summary,
        run=run,
        query=query,
        answer=answer,
    )


def asking(
    path: str,
    scope: Scope,
    body: type[B],
    answer: type[A],
    ask: Callable[[Admitted, B], A],
    *,
    summary: str,
) -> Route:
    """POST: a question of one shape, answered from one reading; nothing changes."""

    async def run(call: Admitted) -> Answer:
        return Answer(body=msgspec.json.encode(ask(call, shaped(call.body, body))))

    return Route(
        method="POST",
        path=path,
        scope=scope,
        summary=summary,
        run=run,
        body=body,
        answer=answer,
    )


def writing(
    path: str,
    scope: Scope,
    body: type[B],
    answer: type[msgspec.Struct],
    write: Callable[[Admitted, B], Awaitable[bytes]],
    *,
    summary: str,
) -> Route:
    """POST: a body of one shape, and the answer's bytes once the change is durable."""

    async def run(call: Admitted) -> Answer:
        return Answer(body=await write(call, shaped(call.body, body)))

    return Route(
        method="POST",
        path=path,
        scope=scope,
        summary=summary,
        run=run,
        body=body,
        answer=answer,
        status=_MADE,
    )


def deleting(
    path: str, scope: Scope, delete: Callable[[Admitted], Awaitable[bytes]], *, summary: str
) -> Route:
    """DELETE: no body, no answer; the same however often it is sent."""

    async def run(call: Admitted) -> Answer:
        return Answer(body=await delete(call))

    return Route(method="DELETE", path=path, scope=scope, summary=summary, run=run, status=_GONE)


def mounted(table: Sequence[Route], node: Node) -> list[StarletteRoute]:
    """Starlette's routes: one for each path, so that a wrong method is told all the right ones."""
    by_path = groupby(sorted(table, key=lambda route: route.path), key=lambda route: route.path)
    return [
        _mount(path, {route.method: route for route in routes}, node) for path, routes in by_path
    ]


def _mount(path: str, methods: Mapping[str, Route], node: Node) -> StarletteRoute:
    async def endpoint(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await _respond(methods[method], node, request)

    return StarletteRoute(path, endpoint, methods=list(methods), name=path)


async def _respond(route: Route, node: Node, request: Request) -> Response:
    try:
        return await _answered(route, node, request)
    except Corrupt:
        raise
    except Fault as fault:
        if route.on_refusal is not None:
            await route.on_refusal(node, request, fault)
        raise


async def _answered(route: Route, node: Node, request: Request) -> Response:
    call = await admit(
        node,
        request,
        scope=route.scope,
        query=_names(route.query),
        with_body=route.body is not None,
    )
    answer = await route.run(call)
    if answer.stream is not None:
        return answer.stream
    return Response(
        answer.body,
        status_code=answer.status or route.status,
        headers=dict(answer.headers),
        media_type=None if route.status == _GONE else route.media_type,
    )


def _names(query: Iterable[Query]) -> frozenset[str]:
    return frozenset(parameter.name for parameter in query)
