"""One life of a node, from its start to its end: the real rooms on a simulated disk and network.

Built as `assembly` builds a node, without a process, a thread or a socket. A life ends when its
disk loses power or when it is stopped; nothing that it does afterwards leaves it.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import httpx
from starlette.routing import Route

from comity.assembly import desks_of
from comity.clock import Clock
from comity.exchange.client import Wire
from comity.exchange.copy import Copyist, step_of_all
from comity.exchange.courier import Courier
from comity.exchange.feed import Feeder
from comity.exchange.line import Line
from comity.exchange.pace import Pacer
from comity.exchange.server import exchange_routes
from comity.exchange.shown import Shown
from comity.exchange.witness import Witness, witness_routes
from comity.intake.terms import agreed
from comity.journal.checkpoint import Checkpoint
from comity.journal.scribe import Committed, Scribe
from comity.storage.sqlite.store import SqliteStore
from comity.trust.card import open_card
from comity.trust.identity import Identity
from comity.trust.keys import KeyType, SigningKey, VerifierKey
from comity.trust.roster import Peer, Roster, peer_of
from comity.web.app import make_bare_app
from comity.web.node import Node, RosterBox
from tests.simulation.disk import Disk
from tests.simulation.ledger import Ledger
from tests.simulation.loop import SECOND_US, VirtualLoop
from tests.simulation.network import Answer, Parcel

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["WITNESS", "Life", "NodeLife", "Place", "SkewedClock", "WitnessLife", "identity_of"]

WITNESS = "witness"
NOON_US = 1_795_348_800 * SECOND_US  # 2026-11-22T12:00:00Z
FOLD_PAGES = 100  # folded in this often, a short history holds many checkpoints
HERE = "http://127.0.0.1:1"

Send = Callable[["Life", str, str, bytes, dict[str, str]], Any]


def key_of(name: str, seed: int, kind: KeyType = KeyType.ED25519) -> SigningKey:
    """The same key for the same name and seed."""
    return SigningKey(name=name, key_type=kind, seed=random.Random(f"{name}/{seed}").randbytes(32))


def identity_of(name: str, seed: int) -> Identity:
    """A party's keys."""
    origin = f"{name}.example/comity/2026"
    return Identity(
        origin=origin,
        entry=key_of(f"{origin}/desk", seed),
        log=key_of(origin, seed),
        cosigner=key_of(f"{origin}/cosigner", seed, KeyType.COSIGNATURE_V1),
    )


class SkewedClock:
    """A party's clock: virtual time and an error, never going back, as `clock.SystemClock`."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._newest = 0
        self.skew_us = 0

    def now_us(self) -> int:
        """Microseconds of UTC, as this party sees it."""
        self._newest = max(self._newest, NOON_US + self._loop.elapsed_us + self.skew_us)
        return self._newest

    def elapsed_us(self) -> int:
        """What nobody sets."""
        return self._loop.elapsed_us


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a life stands on; `send` is its way into the network, `broke` hears what must not be."""

    loop: VirtualLoop
    folder: Path
    disk: Disk
    clock: Clock
    ledger: Ledger
    send: Send
    broke: Callable[[BaseException], None]
    seed: int


class _Way(httpx.AsyncBaseTransport):
    """The network as one life sees it, toward one other."""

    def __init__(self, life: "Life", there: str) -> None:
        self._life = life
        self._there = there

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send, unless dead; an answer to the dead is no answer."""
        if self._life.dead:
            raise httpx.ConnectError("this node is dead")
        body = await request.aread()
        headers = {name: value for name, value in request.headers.items() if "comity" in name}
        answer: Answer = await self._life.place.send(
            self._life, self._there, request.url.path, body, headers
        )
        if self._life.dead:
            raise httpx.ReadError("this node is dead")
        return httpx.Response(answer.status, stream=httpx.ByteStream(answer.body))


class Life:
    """What witness and node have in common: a store on a disk, a door, tasks."""

    def __init__(self, name: str, place: Place) -> None:
        self.name = name
        self.place = place
        self.twin = False
        self.store = SqliteStore(place.folder)
        self.store._writer.fold_pages = FOLD_PAGES
        self._stopped = False
        self._tasks: set[asyncio.Task[Answer]] = set()
        self._door: httpx.ASGITransport | None = None

    @property
    def dead(self) -> bool:
        """Nothing that it does counts any more."""
        return self._stopped or self.place.disk.dead

    def _open(self, routes: list[Route]) -> None:
        self._door = httpx.ASGITransport(make_bare_app(routes, self.fatal))

    def fatal(self, fault: BaseException) -> None:
        """The node would end here; without power that is what it should do."""
        if not self.dead:
            self.place.broke(fault)
        self._hush()

    def _hush(self) -> None:
        """Cancel whatever it is doing."""
        for task in self._tasks:
            task.cancel()

    async def serve(self, parcel: Parcel) -> Answer:
        """Answer a request, as long as there is life."""
        door = self._door
        if self.dead or door is None:
            raise httpx.ConnectError("nobody is there")
        task = self.place.loop.create_task(self._answer(door, parcel))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.wait({task})
        if task.cancelled() or self._stopped or self.place.disk.dead:
            raise httpx.ReadError("it fell silent")
        return task.result()

    async def _answer(self, door: httpx.ASGITransport, parcel: Parcel) -> Answer:
        request = httpx.Request(
            "POST", f"{HERE}{parcel.path}", content=parcel.body, headers=list(parcel.headers)
        )
        response = await door.handle_async_request(request)
        return Answer(status=response.status_code, body=await response.aread())

    def stop(self) -> None:
        """End it at once: no goodbye, nothing more written."""
        self._stopped = True
        self._hush()
        self.place.disk.bury()


class WitnessLife(Life):
    """A neutral witness."""

    def __init__(self, place: Place, logs: tuple[VerifierKey, ...]) -> None:
        super().__init__(WITNESS, place)
        self.key = key_of(f"{WITNESS}.example/w1", place.seed, KeyType.COSIGNATURE_V1)
        witness = Witness(
            keys=(self.key,),
            logs={key.name: (key,) for key in logs},
            store=self.store,
            clock=place.clock,
        )
        self._open(witness_routes(witness))


class WatchedScribe(Scribe):
    """The pen; the world remembers what its callers are told."""

    ledger: Ledger | None = None

    def submit(self, work: Any, now_us: int) -> "Future[Committed[Any]]":
        """As the pen does."""
        future: Future[Committed[Any]] = super().submit(work, now_us)
        future.add_done_callback(self._told)
        return future

    def _told(self, future: "Future[Committed[Any]]") -> None:
        if self.ledger is not None and future.exception() is None:
            self.ledger.committed(future.result().head)


@dataclass
class _Seeds:
    chance: random.Random = field(default_factory=random.Random)

    def __call__(self) -> bytes:
        return self.chance.randbytes(32)


class NodeLife(Life):
    """A party's node."""

    def __init__(self, name: str, identity: Identity, place: Place, witness: VerifierKey) -> None:
        """Recover and open the door; `begin` starts the tailers."""
        super().__init__(name, place)
        self._witness = witness
        self._shown = Shown()
        self._mirroring = step_of_all()
        self.pacer = Pacer(place.clock, self.fatal)
        self.scribe = WatchedScribe(
            store=self.store,
            identity=identity,
            seeds=_Seeds(random.Random(f"{name}/{place.folder.name}/{place.seed}")),
            witnesses=(witness.name,),
            on_commit=self._woken,
            on_fatal=self.fatal,
            later=place.loop.call_soon,
        )
        self.scribe.ledger = place.ledger
        place.ledger.recovered(self.scribe.head, self._roots(place.ledger, identity.origin))
        peers = [peer_of(open_card(row.card)) for row in self.store.read(lambda r: r.post.peers())]
        roster = Roster(
            own=identity.origin,
            peers=MappingProxyType({peer.origin: peer for peer in peers}),
            witnesses=(witness,),
        )
        self.node = Node(
            name=name,
            exercise=None,
            identity=identity,
            store=self.store,
            scribe=self.scribe,
            clock=place.clock,
            roster=RosterBox(roster),
            handle_secret=bytes(32),
            on_enrolled=self._add_courier,
            on_corrupt=self.fatal,
        )
        for peer in peers:
            self._add_courier(peer)
        self.pacer.add(
            Feeder(
                keys=(witness,),
                wire=Wire(HERE, b"", _Way(self, WITNESS)),
                store=self.store,
                scribe=self.scribe,
                clock=place.clock,
            )
        )
        desks = desks_of(self.node.handle_secret)
        self._open(exchange_routes(self.node, desks, self._shown))

    def _woken(self) -> None:
        self.place.loop.call_soon(self.pacer.wake)

    def _roots(self, ledger: Ledger, origin: str) -> dict[int, bytes]:
        told = ledger.told.get(origin)
        if told is None or told.size > self.scribe.head.checkpoint.size:
            return {}
        return {told.size: self.head_at(told.size).root}

    def head_at(self, size: int) -> Checkpoint:
        """Our head at an earlier size."""
        return self.scribe.head_of(size).checkpoint

    @property
    def origin(self) -> str:
        """The name of its journal."""
        return self.node.origin

    def begin(self) -> None:
        """Let the tailers run."""
        self.pacer.start()

    def _hush(self) -> None:
        super()._hush()
        self.pacer._live = False
        for task in self.pacer._tasks:
            task.cancel()

    def _add_courier(self, peer: Peer) -> None:
        there = peer.origin.partition(".")[0]
        line = Line(
            enrolled=peer,
            roster=self.node.roster,
            wire=Wire(HERE, b"", _Way(self, there)),
            identity=self.node.identity,
            store=self.store,
            scribe=self.scribe,
            clock=self.place.clock,
            shown=self._shown,
        )
        own, now_us = self.node.origin, self.node.clock.now_us()
        found = self.node.read(lambda r: agreed(r, own, now_us))
        rules = found.with_party(peer.origin)
        self.pacer.add(Courier(line, rules.value("heartbeat_us")))
        self.pacer.add(Copyist(line, self._mirroring))
