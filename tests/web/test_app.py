"""The frame around every route: whatever goes wrong inside has the one shape."""

import asyncio

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from comity.model.fault import Corrupt, Malformed, Refusal, Refused, Unavailable, Unreadable, must
from comity.storage.rows import SubjectRow
from comity.web.api import views
from comity.web.app import admit_bytes, make_bare_app
from comity.web.route import Answer
from comity.web.route import Route as OwnRoute
from tests.web.problems import problem
from tests.web.support import PEER_NOTICE, Rig

FAULTS: list[tuple[Exception, int]] = [
    (Malformed("no"), 400),
    (Refused(Refusal(code="not_found", reason="no", what_to_do="look")), 404),
    (Unavailable("no"), 503),
    (Unreadable("no"), 500),
    (Corrupt("no"), 500),
    (ZeroDivisionError("no"), 500),
]


def ask(app: object, path: str, **more: object) -> httpx.Response:
    async def one() -> httpx.Response:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return await client.request("POST" if more else "GET", path, **more)  # type: ignore[arg-type]

    return asyncio.run(one())


@pytest.mark.parametrize(("fault", "status"), FAULTS)
def test_other_doors_are_in_the_same_frame(fault: Exception, status: int) -> None:
    async def broken(_: Request) -> Response:
        raise fault

    stopped: list[Corrupt] = []
    app = make_bare_app([Route("/broken", broken)], stopped.append)
    assert problem(ask(app, "/broken")).status == status
    assert stopped == ([fault] if isinstance(fault, Corrupt) else [])  # nothing else ends a node
    assert problem(ask(app, "/elsewhere")).code == "no_such_route"


def test_other_doors_share_the_limits() -> None:
    async def echo(request: Request) -> Response:
        return Response(await admit_bytes(request, 10))

    app = make_bare_app([Route("/echo", echo, methods=["POST"])])
    assert ask(app, "/echo", content=b"x" * 10).content == b"x" * 10
    assert problem(ask(app, "/echo", content=b"x" * 11)).code == "too_large"


def test_an_answer_that_has_begun_is_not_begun_again() -> None:
    async def half(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("half")(scope, receive, send)
        raise ZeroDivisionError

    class Half:
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await half(scope, receive, send)

    app = make_bare_app([Route("/half", Half())])
    with pytest.raises(ZeroDivisionError):
        ask(app, "/half")


def test_a_route_without_a_scope_cannot_be_made() -> None:
    async def run(_: object) -> Answer:
        return Answer(body=b"")

    with pytest.raises(Corrupt):
        OwnRoute(method="GET", path="/open", scope=None, summary="open to all", run=run)
    health = OwnRoute(method="GET", path="/healthz", scope=None, summary="lives", run=run)
    assert health.scope is None


def test_what_cannot_be_shown_is_our_own_fault(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(row: SubjectRow) -> object:
        raise Malformed(f"cannot read {row.id.hex()}")

    monkeypatch.setattr(views, "declaration_of", damaged)
    with rig.client("read") as client:
        found = problem(client.get(f"/api/v1/notices/{PEER_NOTICE.hex()}"))
    assert (found.status, found.code) == (500, "internal")


def test_an_invariant_of_ours_is_corrupt() -> None:
    with pytest.raises(Corrupt):
        must(False, "the control of the tests above")
