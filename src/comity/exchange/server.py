"""The door for peers: four routes, bytes in, bytes out. Decides nothing.

Bytes are capped, the envelope proves the caller, only then is anything parsed. Faults become
problems in `web.problem`. Called by assembly, which mounts the routes.
"""

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from comity.exchange.given import Desks
from comity.exchange.line import ACK_PATH, BEAT_PATH, ENVELOPE_HEADER, GIVE_PATH, RECALL_PATH
from comity.exchange.messages import Ack, Acked, Beat, Give, Recall, Recalled, decode, encode
from comity.exchange.receive import (
    Own,
    beaten_for,
    cosignature_for,
    open_ack,
    open_beat,
    open_give,
    take_for,
)
from comity.exchange.standing import keep_fork
from comity.journal.heads import Forked
from comity.model.fault import Corrupt, Fault, Untrusted
from comity.trust.envelope import open_transport
from comity.trust.roster import Peer
from comity.web.app import admit_bytes, problem_response
from comity.web.node import Node
from comity.wire.canonical import unb64
from comity.wire.limits import BODY_BYTES_MAX

__all__ = ["exchange_routes"]

Serve = Callable[[Peer, bytes, int], Awaitable[bytes]]


def exchange_routes(node: Node, desks: Desks) -> list[Route]:
    """GIVE, ACK, BEAT and RECALL of one node."""
    return [
        _route(node, GIVE_PATH, lambda peer, body, now: _give(node, desks, peer, body, now)),
        _route(node, ACK_PATH, lambda peer, body, now: _ack(node, peer, body, now)),
        _route(node, BEAT_PATH, lambda peer, body, now: _beat(node, peer, body, now)),
        _route(node, RECALL_PATH, lambda peer, body, _: _recall(node, peer, body)),
    ]


def _route(node: Node, path: str, serve: Serve) -> Route:
    async def endpoint(request: Request) -> Response:
        try:
            body = await admit_bytes(request, BODY_BYTES_MAX)
            now_us = node.clock.now_us()  # when it has arrived whole, not when it began
            peer = _caller(node, request, path, body, now_us)
            return await _served(node, serve, peer, body, now_us)
        except Corrupt:
            raise
        except Fault as fault:
            return problem_response(fault)

    return Route(path, endpoint, methods=["POST"])


async def _served(node: Node, serve: Serve, peer: Peer, body: bytes, now_us: int) -> Response:
    try:
        return Response(await serve(peer, body, now_us), media_type="application/json")
    except Forked as fork:
        await node.commit(partial(keep_fork, peer=peer, fork=fork), now_us)
        raise


def _caller(node: Node, request: Request, path: str, body: bytes, now_us: int) -> Peer:
    header = request.headers.get(ENVELOPE_HEADER)
    if header is None:
        raise Untrusted("a request between nodes comes in an envelope", code="no_envelope")
    return open_transport(unb64(header), path, body, node.roster.now, now_us).value


async def _give(node: Node, desks: Desks, peer: Peer, body: bytes, now_us: int) -> bytes:
    give = decode(body, Give, BODY_BYTES_MAX)
    work = open_give(give, peer, node.roster.now, desks)
    done = await node.commit(work, now_us)
    own = Own(head=done.head, identity=node.identity, now_us=now_us)
    return encode(node.read(lambda r: take_for(r, done.value, give, own)))


async def _ack(node: Node, peer: Peer, body: bytes, now_us: int) -> bytes:
    done = await node.commit(open_ack(decode(body, Ack, BODY_BYTES_MAX), peer), now_us)
    return encode(Acked(cosignature=cosignature_for(done.value, node.identity, now_us)))


async def _beat(node: Node, peer: Peer, body: bytes, now_us: int) -> bytes:
    beat = decode(body, Beat, BODY_BYTES_MAX)
    done = await node.commit(open_beat(beat, peer), now_us)
    own = Own(head=done.head, identity=node.identity, now_us=now_us)
    return encode(node.read(lambda r: beaten_for(r, done.value, beat, own)))


async def _recall(node: Node, peer: Peer, body: bytes) -> bytes:
    """Reads, so that it answers also where nothing can be written."""
    decode(body, Recall, BODY_BYTES_MAX)
    head = node.read(lambda r: r.post.head(peer.origin))
    return encode(Recalled(checkpoint=None if head is None else head.note.decode("utf-8")))
