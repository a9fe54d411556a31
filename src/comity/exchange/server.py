"""The door for peers: seven routes, bytes in, bytes out. Decides nothing.

Bytes are capped, the envelope proves the caller, only then is anything parsed. Faults become
problems in `web.problem`. Called by assembly, which mounts the routes.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from comity.exchange.accuse import accuse, keep_fork
from comity.exchange.compare_clocks import CLOCK_PATH
from comity.exchange.conduct import FALSE
from comity.exchange.given import Desks
from comity.exchange.keys import about_log_keys, introduced
from comity.exchange.line import (
    ACK_PATH,
    BEAT_PATH,
    ENVELOPE_HEADER,
    GIVE_PATH,
    LEAVES_PATH,
    RECALL_PATH,
    UNRECORDED_PATH,
    aside,
)
from comity.exchange.messages import (
    Ack,
    Acked,
    AskClock,
    Beat,
    ClockTold,
    Give,
    NotKept,
    Recall,
    Recalled,
    Want,
    decode,
    encode,
)
from comity.exchange.rate import Rates
from comity.exchange.receive import (
    Own,
    beaten_for,
    cosignature_for,
    leaves_for,
    open_ack,
    open_beat,
    open_give,
    take_for,
)
from comity.exchange.shown import Shown
from comity.exchange.unrecorded import show_given, show_unrecorded
from comity.intake.renew import renewed
from comity.journal.heads import Forked
from comity.journal.pen import NotRecorded, Pen
from comity.journal.scribe import Committed, SignedHead
from comity.model.fault import Corrupt, Fault, Malformed, Untrusted
from comity.storage.store import Transaction
from comity.trust.clock_note import CLOCK_NOTE_BYTES_MAX, checked_nonce, clock_note
from comity.trust.envelope import open_transport, sent_at
from comity.trust.note import parse_note
from comity.trust.roster import Peer
from comity.web.app import admit_bytes, problem_response
from comity.web.node import Node
from comity.wire.canonical import unb64
from comity.wire.entry_v1 import EntryType, parse_entry
from comity.wire.limits import BODY_BYTES_MAX

__all__ = ["exchange_routes"]

_BY_TIME = frozenset({"from_the_future", "expired"})
_JSON = "application/json"
_SAFETY = f"comity/{EntryType.SAFETY}@v1\n"
_WRITING = frozenset({GIVE_PATH, ACK_PATH, BEAT_PATH})
_BODY_COPIES = 3  # a content is kept as it came, in its subject, and in the subject's volumes
_ENTRY_STORED_BYTES = 4_096  # an entry of ours with its nodes, its opening and its rows
_SHRUNK = "it came with a smaller head than it signed before"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """A request: who sent what and when, the one clock reading for it, and who counts its bytes."""

    peer: Peer
    body: bytes
    sent_us: int
    now_us: int
    charge: Callable[[int], None]


T = TypeVar("T")
Serve = Callable[[_Call], Awaitable[bytes]]


def exchange_routes(node: Node, desks: Desks, shown: Shown | None = None) -> list[Route]:
    """What peers may ask; `shown` is shared with the node's couriers."""
    heads = Shown() if shown is None else shown
    door = _Door(node, heads)
    return [
        door.route(GIVE_PATH, partial(_give, node, desks, heads)),
        door.route(ACK_PATH, partial(_ack, node, heads)),
        door.route(BEAT_PATH, partial(_beat, node, heads)),
        door.route(LEAVES_PATH, partial(_leaves, node)),
        door.route(UNRECORDED_PATH, partial(_unrecorded, node)),
        door.route(RECALL_PATH, partial(_recall, node)),
        door.route(CLOCK_PATH, partial(_clock, node)),
    ]


class _Door:
    """What all routes share: who may pass and how often, and who is named for what."""

    def __init__(self, node: Node, shown: Shown) -> None:
        self._node = node
        self._shown = shown
        self._rates = Rates(lambda: asyncio.get_running_loop().time())
        self._questions = Rates(lambda: asyncio.get_running_loop().time())
        self._named: set[tuple[str, str]] = set()

    def route(self, path: str, serve: Serve) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                body = await admit_bytes(request, BODY_BYTES_MAX)
                now_us = self._node.clock.now_us()  # when it has arrived whole, not when it began
                call = self._call(request, path, body, now_us)
                return await self._served(path, serve, call)
            except Corrupt:
                raise
            except Fault as fault:
                return problem_response(fault)

        return Route(path, endpoint, methods=["POST"])

    def _call(self, request: Request, path: str, body: bytes, now_us: int) -> _Call:
        header = request.headers.get(ENVELOPE_HEADER)
        if header is None:
            raise Untrusted("a request between nodes comes in an envelope", code="no_envelope")
        envelope = unb64(header)
        peer = self._peer(envelope, path, body, now_us)
        sent_us = sent_at(envelope)
        return _Call(peer=peer, body=body, sent_us=sent_us, now_us=now_us, charge=_nothing)

    def _peer(self, envelope: bytes, path: str, body: bytes, now_us: int) -> Peer:
        """Who asks. By a clock that is known to be wrong nobody is turned away."""
        if path == CLOCK_PATH:
            return open_transport(envelope, path, body, self._node.roster.now, None).value
        try:
            return self._known(envelope, path, body, now_us)
        except Malformed as fault:
            correction_us = self._node.scribe.standing().correction_us
            if fault.code not in _BY_TIME or not correction_us:
                raise
            return self._known(envelope, path, body, now_us + correction_us)

    def _known(self, envelope: bytes, path: str, body: bytes, now_us: int) -> Peer:
        """A party whose new key we do not know may introduce it by a GIVE about it."""
        roster = self._node.roster.now
        try:
            return open_transport(envelope, path, body, roster, now_us).value
        except Untrusted as fault:
            if fault.code != "stranger" or path != GIVE_PATH:
                raise
        give = decode(body, Give, BODY_BYTES_MAX)
        if not give.entries:
            raise Malformed("a GIVE holds an entry", code="bad_message")
        first = give.entries[0].entry.encode("utf-8", "surrogatepass")
        sender = parse_entry(parse_note(first).text).sender
        known = introduced(give.statements, sender, roster)
        return open_transport(envelope, path, body, known, now_us).value

    async def _served(self, path: str, serve: Serve, call: _Call) -> Response:
        peer = call.peer
        if path == CLOCK_PATH:  # may be asked again by whoever overhears it: nobody is named for it
            self._questions.admit(peer.origin, is_safety=lambda: False)
            return Response(await serve(call), media_type=_JSON)
        try:
            is_safety = partial(_is_safety, path, call.body)
            charge = self._rates.admit(peer.origin, is_safety=is_safety, writes=path in _WRITING)
            answer = Response(await serve(replace(call, charge=charge)), media_type=_JSON)
        except Forked as fork:
            await self._node.commit(partial(keep_fork, peer=peer, fork=fork), call.now_us)
            raise
        except Fault as fault:
            await self._judge(call, fault)
            raise
        if self._shown.shrank(peer.origin, call.sent_us):
            await self._name(call, "shrunk", _SHRUNK)
        return answer

    async def _judge(self, call: _Call, fault: Fault) -> None:
        if fault.code == "too_many":
            await self._name(call, "flooded", "it asks for more than a peer may ask")
        elif isinstance(fault, Untrusted) and fault.code in FALSE:
            await self._name(call, "false_statement", f"{fault.reason} ({fault.code})")
        elif self._shown.shrank(call.peer.origin, call.sent_us):
            await self._name(call, "shrunk", _SHRUNK)

    async def _name(self, call: _Call, kind: str, text: str) -> None:
        """Once while this process runs: a flood of offences must not become a flood of commits."""
        if (call.peer.origin, kind) in self._named:
            return
        self._named.add((call.peer.origin, kind))
        await self._node.commit(lambda tx, pen: accuse(tx, pen, call.peer, kind, text), call.now_us)


def _is_safety(path: str, body: bytes) -> bool:
    """Whether a GIVE holds safety entries alone."""
    if path != GIVE_PATH:
        return False
    try:
        give = decode(body, Give, BODY_BYTES_MAX)
    except Malformed:
        return False
    return all(gift.entry.startswith(_SAFETY) for gift in give.entries)


def _nothing(_: int) -> None:
    """Until a request is admitted nothing is counted."""


async def _commit(node: Node, call: _Call, work: Callable[[Transaction, Pen], T]) -> Committed[T]:
    """Run a peer's work, and count what it made us store."""

    def counted(tx: Transaction, pen: Pen) -> tuple[T, int]:
        before = tx.journal.size()
        value = work(tx, pen)
        return value, tx.journal.size() - before

    done = await node.commit(counted, call.now_us)
    value, entries = done.value
    call.charge(_BODY_COPIES * len(call.body) + entries * _ENTRY_STORED_BYTES)
    return Committed(value=value, head=done.head)


async def _give(node: Node, desks: Desks, shown: Shown, call: _Call) -> bytes:
    give = decode(call.body, Give, BODY_BYTES_MAX)
    roster = introduced(give.statements, call.peer.origin, node.roster.now)
    peer = roster.peer(call.peer.origin)
    work = await aside(len(give.entries), lambda: open_give(give, peer, roster, desks, shown))
    try:
        done = await _commit(node, call, work)
    except NotRecorded as full:
        raise show_given(give, peer, node, call.now_us) from full
    if give.statements:
        await node.renew(renewed)
    own = _own(node, done.head, call, give.have, shown)
    return encode(node.read(lambda r: take_for(r, done.value, own)))


async def _ack(node: Node, shown: Shown, call: _Call) -> bytes:
    ack = decode(call.body, Ack, BODY_BYTES_MAX)
    done = await _commit(node, call, open_ack(ack, call.peer, shown))
    now_us = _cosigning_us(node, call)
    return encode(Acked(cosignature=cosignature_for(done.value, node.identity, now_us)))


async def _beat(node: Node, shown: Shown, call: _Call) -> bytes:
    beat = decode(call.body, Beat, BODY_BYTES_MAX)
    done = await _commit(node, call, open_beat(beat, call.peer, shown))
    own = _own(node, done.head, call, beat.have, shown)
    return encode(node.read(lambda r: beaten_for(r, done.value, own)))


async def _unrecorded(node: Node, call: _Call) -> bytes:
    kept = decode(call.body, NotKept, BODY_BYTES_MAX)
    peer, sent_us = call.peer, call.sent_us
    shown = show_unrecorded(kept, peer, node.identity, node.board, call.now_us, sent_us=sent_us)
    return encode(shown)


async def _leaves(node: Node, call: _Call) -> bytes:
    """Hashes only: they show how many entries there are, and nothing of them."""
    want = decode(call.body, Want, BODY_BYTES_MAX)
    return encode(await asyncio.to_thread(node.read, partial(leaves_for, want=want)))


async def _recall(node: Node, call: _Call) -> bytes:
    """Reads, so that it answers also where nothing can be written."""
    decode(call.body, Recall, BODY_BYTES_MAX)
    origin = call.peer.origin
    head, said = node.read(lambda r: (r.post.head(origin), about_log_keys(r, origin)))
    checkpoint = None if head is None else head.note.decode("utf-8")
    return encode(Recalled(checkpoint=checkpoint, statements=said))


def _own(node: Node, head: SignedHead, call: _Call, have: int, shown: Shown) -> Own:
    outside = node.scribe.published(head, call.now_us)
    now_us = _cosigning_us(node, call)
    return Own(head=outside, identity=node.identity, now_us=now_us, have=have, shown=shown)


def _cosigning_us(node: Node, call: _Call) -> int:
    return call.now_us + node.scribe.standing().cosigning_correction_us


async def _clock(node: Node, call: _Call) -> bytes:
    nonce = checked_nonce(unb64(decode(call.body, AskClock, CLOCK_NOTE_BYTES_MAX).nonce))
    now_us = node.clock.now_us()  # as late as can be
    note = clock_note(node.identity.entry, node.origin, call.peer.origin, nonce, now_us)
    return encode(ClockTold(note=note.decode("utf-8")))
