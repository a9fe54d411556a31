"""The door for peers: four routes, bytes in, bytes out. Decides nothing.

Bytes are capped, the envelope proves the caller, only then is anything parsed. Faults become
problems in `web.problem`. Called by assembly, which mounts the routes.
"""

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from comity.exchange.compare_clocks import CLOCK_PATH
from comity.exchange.given import Desks
from comity.exchange.line import ACK_PATH, BEAT_PATH, ENVELOPE_HEADER, GIVE_PATH
from comity.exchange.messages import Ack, Acked, AskClock, Beat, ClockTold, Give, decode, encode
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
from comity.journal.scribe import SignedHead
from comity.model.fault import Corrupt, Fault, Malformed, Untrusted
from comity.trust.clock_note import CLOCK_NOTE_BYTES_MAX, checked_nonce, clock_note
from comity.trust.envelope import open_transport
from comity.trust.roster import Peer
from comity.web.app import admit_bytes, problem_response
from comity.web.node import Node
from comity.wire.canonical import unb64
from comity.wire.limits import BODY_BYTES_MAX

__all__ = ["exchange_routes"]

_BY_TIME = frozenset({"from_the_future", "expired"})
Serve = Callable[[Peer, bytes, int], Awaitable[bytes]]


def exchange_routes(node: Node, desks: Desks) -> list[Route]:
    """GIVE, ACK, BEAT and CLOCK of one node."""
    return [
        _route(node, GIVE_PATH, lambda peer, body, now: _give(node, desks, peer, body, now)),
        _route(node, ACK_PATH, lambda peer, body, now: _ack(node, peer, body, now)),
        _route(node, BEAT_PATH, lambda peer, body, now: _beat(node, peer, body, now)),
        _route(node, CLOCK_PATH, lambda peer, body, now: _clock(node, peer, body, now)),
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
    envelope, roster = unb64(header), node.roster.now
    if path == CLOCK_PATH:
        return open_transport(envelope, path, body, roster, None).value
    try:
        return open_transport(envelope, path, body, roster, now_us).value
    except Malformed as fault:
        correction_us = node.scribe.standing().correction_us
        if fault.code not in _BY_TIME or not correction_us:
            raise  # else it is out of time by our clock, which is known to be wrong
        return open_transport(envelope, path, body, roster, now_us + correction_us).value


async def _give(node: Node, desks: Desks, peer: Peer, body: bytes, now_us: int) -> bytes:
    give = decode(body, Give, BODY_BYTES_MAX)
    work = open_give(give, peer, node.roster.now, desks)
    done = await node.commit(work, now_us)
    own = _own(node, done.head, now_us)
    return encode(node.read(lambda r: take_for(r, done.value, give, own)))


async def _ack(node: Node, peer: Peer, body: bytes, now_us: int) -> bytes:
    done = await node.commit(open_ack(decode(body, Ack, BODY_BYTES_MAX), peer), now_us)
    own = _own(node, done.head, now_us)
    return encode(Acked(cosignature=cosignature_for(done.value, node.identity, own.now_us)))


def _own(node: Node, head: SignedHead, now_us: int) -> Own:
    correction_us = node.scribe.standing().cosigning_correction_us
    return Own(head=head, identity=node.identity, now_us=now_us + correction_us)


async def _clock(node: Node, peer: Peer, body: bytes, _: int) -> bytes:
    nonce = checked_nonce(unb64(decode(body, AskClock, CLOCK_NOTE_BYTES_MAX).nonce))
    now_us = node.clock.now_us()  # as late as can be
    note = clock_note(node.identity.entry, node.origin, peer.origin, nonce, now_us)
    return encode(ClockTold(note=note.decode("utf-8")))


async def _beat(node: Node, peer: Peer, body: bytes, now_us: int) -> bytes:
    beat = decode(body, Beat, BODY_BYTES_MAX)
    done = await node.commit(open_beat(beat, peer), now_us)
    own = _own(node, done.head, now_us)
    return encode(node.read(lambda r: beaten_for(r, done.value, beat, own)))
