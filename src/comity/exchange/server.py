"""The door for peers: four routes, bytes in, bytes out. Decides nothing.

Bytes are capped, the envelope proves the caller, only then is anything parsed. Faults become
problems in `web.problem`. Called by assembly, which mounts the routes.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from comity.exchange.given import Desks
from comity.exchange.line import (
    ACK_PATH,
    BEAT_PATH,
    ENVELOPE_HEADER,
    GIVE_PATH,
    UNRECORDED_PATH,
    aside,
)
from comity.exchange.messages import Ack, Acked, Beat, Give, NotKept, decode, encode
from comity.exchange.receive import (
    Own,
    beaten_for,
    cosignature_for,
    open_ack,
    open_beat,
    open_give,
    take_for,
)
from comity.exchange.shown import Shown
from comity.exchange.standing import keep_fork
from comity.exchange.unrecorded import show_given, show_unrecorded
from comity.journal.heads import Forked
from comity.journal.pen import NotRecorded
from comity.journal.scribe import SignedHead
from comity.model.fault import Corrupt, Fault, Untrusted
from comity.trust.envelope import open_transport
from comity.trust.roster import Peer
from comity.web.app import admit_bytes, problem_response
from comity.web.node import Node
from comity.wire.canonical import unb64
from comity.wire.limits import BODY_BYTES_MAX

__all__ = ["exchange_routes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """An admitted request: who sends what, and the one clock reading for it."""

    peer: Peer
    body: bytes
    now_us: int


Serve = Callable[[_Call], Awaitable[bytes]]


def exchange_routes(node: Node, desks: Desks, shown: Shown | None = None) -> list[Route]:
    """GIVE, ACK, BEAT and what has no entry; `shown` is shared with the node's couriers."""
    heads = Shown() if shown is None else shown
    return [
        _route(node, GIVE_PATH, partial(_give, node, desks, heads)),
        _route(node, ACK_PATH, partial(_ack, node, heads)),
        _route(node, BEAT_PATH, partial(_beat, node, heads)),
        _route(node, UNRECORDED_PATH, partial(_unrecorded, node)),
    ]


def _route(node: Node, path: str, serve: Serve) -> Route:
    async def endpoint(request: Request) -> Response:
        try:
            body = await admit_bytes(request, BODY_BYTES_MAX)
            now_us = node.clock.now_us()  # when it has arrived whole, not when it began
            peer = _caller(node, request, path, body, now_us)
            return await _served(node, serve, _Call(peer=peer, body=body, now_us=now_us))
        except Corrupt:
            raise
        except Fault as fault:
            return problem_response(fault)

    return Route(path, endpoint, methods=["POST"])


async def _served(node: Node, serve: Serve, call: _Call) -> Response:
    try:
        return Response(await serve(call), media_type="application/json")
    except Forked as fork:
        await node.commit(partial(keep_fork, peer=call.peer, fork=fork), call.now_us)
        raise


def _caller(node: Node, request: Request, path: str, body: bytes, now_us: int) -> Peer:
    header = request.headers.get(ENVELOPE_HEADER)
    if header is None:
        raise Untrusted("a request between nodes comes in an envelope", code="no_envelope")
    return open_transport(unb64(header), path, body, node.roster.now, now_us).value


async def _give(node: Node, desks: Desks, shown: Shown, call: _Call) -> bytes:
    give = decode(call.body, Give, BODY_BYTES_MAX)
    roster = node.roster.now
    work = await aside(len(give.entries), lambda: open_give(give, call.peer, roster, desks, shown))
    try:
        done = await node.commit(work, call.now_us)
    except NotRecorded as full:
        raise show_given(give, call.peer, node, call.now_us) from full
    own = _own(node, done.head, call, give.have, shown)
    return encode(node.read(lambda r: take_for(r, done.value, own)))


async def _ack(node: Node, shown: Shown, call: _Call) -> bytes:
    ack = decode(call.body, Ack, BODY_BYTES_MAX)
    done = await node.commit(open_ack(ack, call.peer, shown), call.now_us)
    return encode(Acked(cosignature=cosignature_for(done.value, node.identity, call.now_us)))


async def _beat(node: Node, shown: Shown, call: _Call) -> bytes:
    beat = decode(call.body, Beat, BODY_BYTES_MAX)
    done = await node.commit(open_beat(beat, call.peer, shown), call.now_us)
    own = _own(node, done.head, call, beat.have, shown)
    return encode(node.read(lambda r: beaten_for(r, done.value, own)))


async def _unrecorded(node: Node, call: _Call) -> bytes:
    kept = decode(call.body, NotKept, BODY_BYTES_MAX)
    return encode(show_unrecorded(kept, call.peer, node.identity, node.board, call.now_us))


def _own(node: Node, head: SignedHead, call: _Call, have: int, shown: Shown) -> Own:
    outside = node.scribe.published(head, call.now_us)
    return Own(head=outside, identity=node.identity, now_us=call.now_us, have=have, shown=shown)
