"""One ASGI application out of a node's own routes and those of other doors, one shape of error.

`make_app` is a node's, `make_bare_app` is for programs that have no node (a witness). Also hands
the other doors what they need of the frame: `admit_bytes`, `problem_response`, `status_of`. Called
by assembly.
"""

import asyncio
from collections.abc import Callable, Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from comity.model.fault import Corrupt, Unavailable
from comity.web.api.table import TABLE
from comity.web.gate import admit_bytes
from comity.web.metrics import measured
from comity.web.node import Node
from comity.web.problem import http_problem, problem_response, status_of
from comity.web.route import mounted

__all__ = ["admit_bytes", "make_app", "make_bare_app", "problem_response", "status_of"]


def make_app(node: Node, extra: Sequence[BaseRoute]) -> Starlette:
    """The application of a node; `extra` are the routes of other doors (the exchange)."""
    app = make_bare_app([*mounted(TABLE, node), *extra], node.on_corrupt)
    routes: dict[object, str] = {
        each.endpoint: each.path for each in app.routes if isinstance(each, Route)
    }
    app.add_middleware(measured, metrics=node.metrics, routes=routes)
    return app


def _nobody(_: Corrupt) -> None:
    """A program without a store of its own has nobody to tell."""


def make_bare_app(
    routes: Sequence[BaseRoute], on_corrupt: Callable[[Corrupt], None] = _nobody
) -> Starlette:
    """Routes in the frame: whatever goes wrong in one of them becomes a problem.

    A store that contradicts itself is more than that: `on_corrupt` hears of it and ends the node.
    """
    app = Starlette(
        routes=list(routes),
        middleware=[Middleware(_last_resort, on_corrupt=on_corrupt)],
        exception_handlers={HTTPException: http_problem},
    )
    app.router.redirect_slashes = False  # one address for each thing
    return app


def _last_resort(app: ASGIApp, on_corrupt: Callable[[Corrupt], None]) -> ASGIApp:
    """Answer every fault, raised on purpose or not, unless an answer has begun."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def watch(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await app(scope, receive, watch)
        except asyncio.CancelledError:
            if not begun:
                stopping = Unavailable("the node is stopping", code="stopping")
                await problem_response(stopping)(scope, receive, send)
            raise
        except Exception as error:
            if isinstance(error, Corrupt):
                on_corrupt(error)
            if begun:
                raise
            await problem_response(error)(scope, receive, send)

    return guarded
