"""Nodes in one process, joined by their real doors: routes, envelopes, stores and pens are real.

Only the network between them is an in-process transport, which can be told to lose answers.
"""

import asyncio
import secrets
import shutil
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

import httpx
from starlette.applications import Starlette

from comity.assembly import desks_of
from comity.clock import Clock, VirtualClock
from comity.exchange.client import Wire
from comity.exchange.clock_watch import ClockWatch
from comity.exchange.compare_clocks import ClockAsker
from comity.exchange.copy import Copyist, step_of_all
from comity.exchange.courier import Courier
from comity.exchange.feed import Feeder
from comity.exchange.line import Line
from comity.exchange.pace import Pacer
from comity.exchange.rate import Bucket
from comity.exchange.server import exchange_routes
from comity.exchange.shown import Shown
from comity.exchange.watch_line import LineWatcher
from comity.exchange.witness import Witness, witness_routes
from comity.intake.enrol import enrol
from comity.journal.scribe import Scribe
from comity.model.agreement import DEFAULT, Parameters
from comity.model.clock_error import SURE, Standing
from comity.model.quantity import instant_us
from comity.storage.sqlite.store import SqliteStore
from comity.trust.card import card_note, open_card
from comity.trust.identity import Identity
from comity.trust.keys import KeyType, SigningKey, VerifierKey
from comity.trust.roster import Roster, peer_of
from comity.web.node import Node, RosterBox

NOON = instant_us("2026-11-22T12:00:00Z")
WITNESS = "witness.example/w1"


def make_identity(origin: str) -> Identity:
    """Fresh keys."""

    def key(name: str, kind: KeyType) -> SigningKey:
        return SigningKey(name=name, key_type=kind, seed=secrets.token_bytes(32))

    return Identity(
        origin=origin,
        entry=key(f"{origin}/desk", KeyType.ED25519),
        log=key(origin, KeyType.ED25519),
        cosigner=key(f"{origin}/cosigner", KeyType.COSIGNATURE_V1),
    )


def sure() -> Standing:
    """The standing of a clock that nobody compares."""
    return SURE


class OffClock:
    """The net's clock, wrong by what the test says."""

    def __init__(self, right: VirtualClock, off_us: int = 0) -> None:
        self._right = right
        self.off_us = off_us

    def now_us(self) -> int:
        """The wrong time."""
        return self._right.now_us() + self.off_us

    def elapsed_us(self) -> int:
        """What nobody sets."""
        return self._right.now_us()


class Lossy(httpx.AsyncBaseTransport):
    """Hands requests to an app; loses the answers (not the effects) of the next `lose` requests."""

    def __init__(self, app: Starlette) -> None:
        self.inner = httpx.ASGITransport(app)
        self.lose = 0
        self.cut = False
        self.before: Callable[[bytes], None] | None = None
        self.seen: list[tuple[str, bytes, dict[str, str]]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Deliver, then perhaps pretend that nothing came back."""
        body = await request.aread()
        if self.before is not None:
            self.before(body)
        if self.cut:
            raise httpx.ConnectError("cut")
        self.seen.append((request.url.path, body, dict(request.headers)))
        response = await self.inner.handle_async_request(request)
        if self.lose > 0:
            self.lose -= 1
            raise httpx.ReadTimeout("lost")
        return response


@dataclass
class Net:
    """Some nodes, one clock, a witness."""

    folder: Path
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(NOON))
    nodes: dict[str, Node] = field(default_factory=dict)
    pacers: dict[str, Pacer] = field(default_factory=dict)
    lines: dict[tuple[str, str], Lossy] = field(default_factory=dict)
    shown: dict[str, Shown] = field(default_factory=lambda: defaultdict(Shown))
    mirroring: dict[str, Bucket] = field(default_factory=lambda: defaultdict(step_of_all))
    senders: dict[tuple[str, str], Line] = field(default_factory=dict)
    fatal: list[BaseException] = field(default_factory=list)
    clocks: dict[str, OffClock] = field(default_factory=dict)
    watches: dict[str, ClockWatch] = field(default_factory=dict)
    witness_keys: tuple[VerifierKey, ...] = ()
    feeds: dict[str, Lossy] = field(default_factory=dict)

    def add(
        self, name: str, identity: Identity | None = None, *, off_us: int | None = None
    ) -> Node:
        """A new node, or with its `identity` one whose store lies in the folder already.

        With `off_us` it has a clock of its own, and compares it.
        """
        clock: Clock = self.clock
        standing = sure
        if off_us is not None:
            clock = self.clocks[name] = OffClock(self.clock, off_us)
            watch = self.watches[name] = ClockWatch(clock.now_us, clock.elapsed_us)
            standing = watch.standing
        identity = identity or make_identity(f"{name}.example/comity/2026")
        place = self.folder / name
        place.mkdir(exist_ok=True)
        store = SqliteStore(place)
        cards = [open_card(row.card) for row in store.read(lambda r: r.post.peers())]
        peers = MappingProxyType({card.origin: peer_of(card) for card in cards})
        scribe = Scribe(
            store=store,
            identity=identity,
            seeds=lambda: secrets.token_bytes(32),
            witnesses=(WITNESS,),
            on_commit=lambda: None,
            on_fatal=self.fatal.append,
            standing=standing,
            began_us=clock.now_us(),
        )
        node = Node(
            name=name,
            exercise=None,
            identity=identity,
            store=store,
            scribe=scribe,
            clock=clock,
            roster=RosterBox(Roster(own=identity.origin, peers=peers)),
            handle_secret=secrets.token_bytes(32),
            on_enrolled=lambda _: None,
        )
        self.nodes[name] = node
        self.pacers[name] = Pacer(self.clock, self.fatal.append)
        self.pacers[name].add(LineWatcher(store, scribe, identity.origin, clock.elapsed_us))
        return node

    async def join(self, one: str, other: str, parameters: Parameters = DEFAULT) -> None:
        """Enrol two nodes with each other, by cards."""
        for here, there in ((one, other), (other, one)):
            await self.enrol(here, there, parameters)

    async def enrol(self, here: str, there: str, parameters: Parameters = DEFAULT) -> None:
        """Enrol `there` at `here`."""
        node, peer_node = self.nodes[here], self.nodes[there]
        card = card_note(peer_node.identity, "http://127.0.0.1:1", b"")
        peer = peer_of(open_card(card))
        await node.enrol(peer, lambda tx, pen: enrol(tx, pen, peer, card, parameters), self.now())
        self.connect(here, there, parameters)

    def connect(self, here: str, there: str, parameters: Parameters = DEFAULT) -> None:
        """The line from `here` to `there`, which it has enrolled."""
        node, peer_node = self.nodes[here], self.nodes[there]
        peer = node.roster.now.peers[peer_node.origin]
        desks = desks_of(peer_node.handle_secret)
        app = Starlette(routes=exchange_routes(peer_node, desks, self.shown[there]))
        transport = Lossy(app)
        self.lines[here, there] = transport
        line = Line(
            enrolled=peer,
            roster=node.roster,
            wire=Wire(peer.card.address, b"", transport),
            identity=node.identity,
            store=node.store,
            scribe=node.scribe,
            clock=node.clock,
            shown=self.shown[here],
        )
        self.senders[here, there] = line
        self.pacers[here].add(Courier(line, parameters.heartbeat_us))
        self.pacers[here].add(Copyist(line, self.mirroring[here]))
        if here in self.watches:
            nonces = partial(secrets.token_bytes, 32)
            beat_us = parameters.heartbeat_us
            self.pacers[here].add(ClockAsker(line, self.watches[here], beat_us, nonces))

    def restore(self, name: str, backup: Path) -> Node:
        """A second node with the keys of `name`, on a copy of its data; peers reach this one."""
        old = self.nodes[name]
        store = SqliteStore(backup)
        scribe = Scribe(
            store=store,
            identity=old.identity,
            seeds=lambda: secrets.token_bytes(32),
            witnesses=(WITNESS,),
            on_commit=lambda: None,
            on_fatal=self.fatal.append,
        )
        node = replace(old, store=store, scribe=scribe)
        twin = f"{name}-restored"
        self.nodes[twin], self.pacers[twin] = node, Pacer(self.clock, self.fatal.append)
        self.pacers[name] = Pacer(self.clock, self.fatal.append)  # the first one is silent
        app = Starlette(routes=exchange_routes(node, desks_of(node.handle_secret)))
        for (here, there), transport in list(self.lines.items()):
            if there == name:
                transport.inner = httpx.ASGITransport(app)
            if here == name:
                peer = node.roster.now.peer(self.nodes[there].origin)
                line = Line(
                    enrolled=peer,
                    roster=node.roster,
                    wire=Wire(peer.card.address, b"", transport),
                    identity=node.identity,
                    store=store,
                    scribe=scribe,
                    clock=self.clock,
                )
                self.pacers[twin].add(Courier(line, DEFAULT.heartbeat_us))
        return node

    def backup(self, name: str) -> Path:
        """A copy of a node's data, as it is now; nothing may be under way."""
        place = self.folder / f"{name}-{secrets.token_hex(4)}"
        shutil.copytree(self.folder / name, place)
        return place

    def add_witness(
        self,
        *,
        refresh_us: int | None = None,
        types: tuple[KeyType, ...] = (KeyType.COSIGNATURE_V1,),
        wanted: tuple[KeyType, ...] | None = None,
    ) -> Witness:
        """A neutral witness that all present nodes feed, with a key of each of `types`.

        The nodes want a line by each of the types `wanted`, which are the same unless said.
        """
        everyone = {
            each: SigningKey(name=WITNESS, key_type=each, seed=secrets.token_bytes(32))
            for each in dict.fromkeys((*types, *(wanted or ())))
        }
        (self.folder / "witness").mkdir()
        witness = Witness(
            keys=tuple(everyone[each] for each in types),
            logs={n.origin: (n.identity.log.verifier(),) for n in self.nodes.values()},
            store=SqliteStore(self.folder / "witness"),
            clock=self.clock,
        )
        self.witness_keys = tuple(everyone[each].verifier() for each in wanted or types)
        app = Starlette(routes=witness_routes(witness))
        for name, node in self.nodes.items():
            transport = self.feeds[name] = Lossy(app)
            wire = Wire("http://127.0.0.1:2", b"", transport)
            self.pacers[name].add(
                Feeder(
                    keys=self.witness_keys,
                    wire=wire,
                    store=node.store,
                    scribe=node.scribe,
                    clock=node.clock,
                    refresh_us=refresh_us,
                    watch=self.watches.get(name),
                )
            )
        return witness

    def now(self) -> int:
        """The one clock."""
        return self.clock.now_us()

    async def advance(self, seconds: float = 0) -> None:
        """All nodes in lockstep, as an exercise's referee does it."""
        to_us = self.now() + round(seconds * 1_000_000)
        for _ in range(10_000):
            while await self._round():
                pass
            dues = [due for p in self.pacers.values() if (due := p.next_due()) is not None]
            moment = min([to_us, *dues])
            if moment >= to_us and self.now() == to_us:
                return
            self.clock.set(max(moment, self.now()))
        raise AssertionError("never idle")

    async def _round(self) -> int:
        rounds = (p.advance(self.clock, self.now()) for p in self.pacers.values())
        return sum(await asyncio.gather(*rounds))

    def close(self) -> None:
        """Let go of everything."""
        for node in self.nodes.values():
            node.scribe.close()
            node.store.close()


def run(folder: Path, story: Callable[[Net], Awaitable[None]]) -> None:
    """Run an async story over a fresh net, then close it; a fatal fault fails the test."""

    async def whole() -> None:
        net = Net(folder)
        try:
            await story(net)
        finally:
            net.close()
        assert net.fatal == []

    asyncio.run(whole())
