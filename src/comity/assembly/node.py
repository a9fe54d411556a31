"""`serve_node` runs one party's node: builds every room, hands each door its desk, serves, stops.

Returns an exit code after a graceful stop.
"""

import asyncio
import contextlib
import logging
import os
import secrets
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from types import MappingProxyType
from urllib.parse import urlsplit

import uvloop
from starlette.routing import BaseRoute

from comity.assembly.outlets import outlet_tailers, outlets_of
from comity.assembly.process import (
    EXIT_FATAL,
    EXIT_OK,
    cancelled,
    open_clock_socket,
    serve_app,
    stop_on_signals,
)
from comity.assembly.start import (
    SECRET_BYTES_MAX,
    admit_admin,
    clock_of,
    opened,
    own_identity,
    roster_of,
    settle_keys,
    tls_of,
)
from comity.clock import Clock, VirtualClock
from comity.config import Home, key_path
from comity.exchange.air_gap import air_gap_table
from comity.exchange.client import Wire
from comity.exchange.clock_watch import ClockWatch
from comity.exchange.compare_clocks import ClockAsker
from comity.exchange.copy import Copyist, step_of_all
from comity.exchange.courier import Courier
from comity.exchange.desks import desks_of
from comity.exchange.feed import Feeder
from comity.exchange.inquire import Inquiry, hold_of, of_line, of_witness
from comity.exchange.lapse import Lapser
from comity.exchange.line import Line
from comity.exchange.pace import Pacer, Tailer, WhileOpen
from comity.exchange.server import exchange_routes
from comity.exchange.shown import Shown
from comity.exchange.stamp import AuthorityLine, Stamper
from comity.exchange.unrecorded import call_out
from comity.exchange.watch_due import LOOK_S, DueWatcher
from comity.exchange.watch_line import LineWatcher
from comity.exchange.watch_time import TimeWarner
from comity.intake.terms import agreed
from comity.journal.quorum import Quorum
from comity.journal.scribe import Scribe
from comity.model.fault import Full
from comity.model.quantity import SECOND_US
from comity.storage.ballast import Ballast
from comity.storage.store import Store
from comity.storage.times import AUTHORITY, WITNESS
from comity.trust.card import open_card
from comity.trust.keyfile import read_key, read_secret
from comity.trust.keys import parse_verifier_key
from comity.trust.roster import Peer, peer_of
from comity.upkeep.notify import Notifier
from comity.web.app import make_app
from comity.web.board import Board
from comity.web.machine import disk_conditions, keep_room, machine_gauges, tell_of_room
from comity.web.metrics import Metrics
from comity.web.node import Node, RosterBox, Vault
from comity.web.route import mounted
from comity.web.streams import Streams

__all__ = ["serve_node"]

_LOG = logging.getLogger("comity")


def serve_node(home: Home, *, ready: Callable[[], None]) -> int:
    """Run a node until SIGTERM or SIGINT; 0 after a graceful stop, 70 after a fatal fault."""
    return uvloop.run(_NodeProcess(home, ready).run())


class _NodeProcess:
    """One node in one process: builds, serves, stops."""

    def __init__(self, home: Home, ready: Callable[[], None]) -> None:
        self._home = home
        self._ready = ready
        self._shown = Shown()
        self._mirroring = step_of_all()
        self._streams = Streams()
        self._lines: dict[str, Line] = {}
        self._exit_code = EXIT_OK
        self._metrics = Metrics()
        self._notifier = Notifier(os.environ, os.getpid())

    async def run(self) -> int:
        self._loop = asyncio.get_running_loop()
        self._stop = stop_on_signals(self._notifier.stopping)
        self._began_ns = time.perf_counter_ns()
        async with AsyncExitStack() as stack:
            ballast = Ballast(self._home.path / "data" / "ballast", self._home.ballast_bytes)
            store = opened(self._home.path / "data", ballast)
            stack.callback(store.close)
            clock = clock_of(self._home, store)
            pacer = Pacer(clock, self._fatal)
            self._watch = ClockWatch(clock.now_us, clock.elapsed_us)
            node = self._node(store, ballast, clock, pacer, stack)
            stack.callback(node.scribe.close)
            tell_of_room(node, ballast)
            stack.push_async_callback(
                cancelled, asyncio.create_task(keep_room(ballast, self._stop))
            )
            admit_admin(self._home, store, clock)
            for peer in node.roster.now.peers.values():
                self._add_courier(node, pacer, stack, peer)
            self._add_feeders(node, pacer, stack)
            if node.scribe.held or not isinstance(clock, VirtualClock):
                pacer.add(self._inquiry)
            due = DueWatcher(store, node.scribe, elapsed_us=clock.elapsed_us)
            pacer.add(_while_open(due, node.scribe), look_s=LOOK_S)
            lines = LineWatcher(store, node.scribe, node.origin, clock.elapsed_us)
            pacer.add(_while_open(lines, node.scribe))
            self._add_time(node, pacer)
            for tailer in outlet_tailers(self._home, node):
                pacer.add(_while_open(tailer, node.scribe))
            pacer.add(_while_open(Lapser(node.store, node.scribe, node.identity), node.scribe))
            await self._start(clock, pacer, stack)
            feeding = asyncio.create_task(self._notifier.feed(lambda: node.scribe.is_alive))
            stack.callback(feeding.cancel)
            ending = asyncio.create_task(self._streams.until(self._stop))
            stack.callback(ending.cancel)
            app = make_app(node, self._doors(node))
            await serve_app(app, self._home.address, tls_of(self._home), self._up, self._stop)
        return self._exit_code

    def _doors(self, node: Node) -> list[BaseRoute]:
        """The doors beside our own: for peers, and for files that are carried."""
        desks = desks_of(node.handle_secret)
        air_gap = mounted(air_gap_table(self._lines, desks), node)
        return [*exchange_routes(node, desks, self._shown), *air_gap]

    def _up(self) -> None:
        """The node answers: say so to whoever started it."""
        self._metrics.recovered((time.perf_counter_ns() - self._began_ns) / 1e9)
        self._ready()
        self._notifier.ready()

    def _fatal(self, fault: BaseException) -> None:
        """From any thread: the node ends and comes back only through the loader."""
        _LOG.critical("fatal: %s", fault)
        self._exit_code = EXIT_FATAL
        self._loop.call_soon_threadsafe(self._stop.set)

    def _wake(self, pacer: Pacer) -> None:
        """From the scribe's thread: something was committed."""
        self._streams.ring()
        self._loop.call_soon_threadsafe(pacer.wake)

    def _node(
        self, store: Store, ballast: Ballast, clock: Clock, pacer: Pacer, stack: AsyncExitStack
    ) -> Node:
        identity, data = own_identity(self._home, store), self._home.path / "data"
        witnesses = tuple(parse_verifier_key(witness.key) for witness in self._home.witnesses)
        scribe = Scribe(
            store=store,
            identity=identity,
            seeds=lambda: secrets.token_bytes(32),
            witnesses=tuple(self._home.witnesses_by_name),
            on_commit=lambda: self._wake(pacer),
            on_fatal=self._fatal,
            ballast=ballast,
            on_group=self._metrics.committed,
            held=hold_of(store),
            standing=self._watch.standing,
            began_us=clock.now_us(),
        )
        board = Board()
        self._inquiry = Inquiry(
            store=store, scribe=scribe, clock=clock, roots=identity.roots, on_open=pacer.wake
        )
        self._stamper = self._make_stamper(scribe, clock, stack)
        cards = [open_card(row.card) for row in store.read(lambda r: r.post.peers())]
        peers = MappingProxyType({card.origin: peer_of(card) for card in cards})
        node = Node(
            name=self._home.name,
            exercise=self._home.exercise,
            identity=identity,
            store=store,
            scribe=scribe,
            clock=clock,
            roster=RosterBox(roster_of(identity, peers, witnesses, store)),
            handle_secret=read_secret(self._home.path / "keys/handle.secret", SECRET_BYTES_MAX),
            on_corrupt=self._fatal,
            vault=Vault(
                load=lambda role, key_id: read_key(key_path(self._home, role, key_id)),
                settle=lambda: settle_keys(self._home, store),
            ),
            on_enrolled=lambda peer: self._add_courier(node, pacer, stack, peer),
            call_out=partial(call_out, self._lines, board),
            board=board,
            restoring=self._inquiry,
            conditions=(lambda _: disk_conditions(data),),
            gauges=machine_gauges(data, lambda: scribe.standing().correction_us / SECOND_US),
            metrics=self._metrics,
            authorities=tuple(each.url for each in self._home.time_authorities),
            stamp=self._stamper.stamp,
            streams=self._streams,
            outlets=outlets_of(self._home),
        )
        return node

    @property
    def _live(self) -> bool:
        """None of an exercise's evidence need be fresh, and its clock is compared only if set."""
        return self._home.exercise is None

    def _make_stamper(self, scribe: Scribe, clock: Clock, stack: AsyncExitStack) -> Stamper:
        lines: list[AuthorityLine] = []
        for each in self._home.time_authorities:
            parts = urlsplit(each.url)
            wire = Wire(f"{parts.scheme}://{parts.netloc}", b"")
            stack.push_async_callback(wire.close)
            path = parts.path or "/"
            line = AuthorityLine(url=each.url, path=path, authority=each.authority, wire=wire)
            lines.append(line)
        return Stamper(
            authorities=lines,
            scribe=scribe,
            clock=clock,
            every_us=self._home.stamp_every_s * SECOND_US,
            watch=self._watch if self._live else None,
        )

    def _add_time(self, node: Node, pacer: Pacer) -> None:
        """Live: stamps at their interval, and warnings about clocks and witnesses."""
        warner = TimeWarner(
            store=node.store,
            scribe=node.scribe,
            quorum=self._home.quorum if self._live else Quorum(root=None),
            watch=self._watch,
            heartbeat_us=node.heartbeat_us,
            now_us=node.clock.now_us(),
        )
        pacer.add(_while_doubted(_while_open(warner, node.scribe), node.clock))
        if not self._live:
            return
        if self._home.time_authorities:
            pacer.add(_while_open(self._stamper, node.scribe))
        named = tuple(self._home.witnesses_by_name)
        with contextlib.suppress(Full):  # they are shown nowhere; the next start drops them
            node.store.write(lambda tx: tx.times.forget_onlookers(WITNESS, named))
            node.store.write(lambda tx: tx.times.forget_onlookers(AUTHORITY, node.authorities))

    def _add_courier(self, node: Node, pacer: Pacer, stack: AsyncExitStack, peer: Peer) -> None:
        wire = Wire(peer.card.address, peer.card.tls_certificate)
        stack.push_async_callback(wire.close)
        line = Line(
            enrolled=peer,
            roster=node.roster,
            wire=wire,
            identity=node.identity,
            store=node.store,
            scribe=node.scribe,
            clock=node.clock,
            shown=self._shown,
            on_taken=partial(self._metrics.taken, peer.origin),
        )
        self._lines[peer.origin] = line
        now_us, own = node.clock.now_us(), node.origin
        rules = node.read(lambda r: agreed(r, own, now_us)).with_party(peer.origin)
        beat_us = rules.value("heartbeat_us")
        pacer.add(_while_open(Courier(line, beat_us), node.scribe))
        pacer.add(_while_open(Copyist(line, self._mirroring), node.scribe))
        chance = partial(secrets.token_bytes, 32)
        asker = ClockAsker(line, self._watch, beat_us, chance)
        pacer.add(_while_doubted(asker, node.clock))
        self._inquiry.add(of_line(line))

    def _add_feeders(self, node: Node, pacer: Pacer, stack: AsyncExitStack) -> None:
        for name, named in self._home.witnesses_by_name.items():
            wire = Wire(named[0].address, b"")
            stack.push_async_callback(wire.close)
            feeder = Feeder(
                keys=tuple(parse_verifier_key(each.key) for each in named),
                wire=wire,
                store=node.store,
                scribe=node.scribe,
                clock=node.clock,
                refresh_us=node.heartbeat_us if self._live else None,
                watch=self._watch if self._live else None,
            )
            pacer.add(_while_open(feeder, node.scribe))
            self._inquiry.add(of_witness(name, wire, node.origin))

    async def _start(self, clock: Clock, pacer: Pacer, stack: AsyncExitStack) -> None:
        """Live: the tailers run. Exercise: they run when the referee advances the clock."""
        if isinstance(clock, VirtualClock):
            await open_clock_socket(self._home.path, clock, pacer, stack)
        else:
            pacer.start()
            stack.push_async_callback(pacer.stop)


def _while_doubted(tailer: Tailer, clock: Clock) -> Tailer:
    """An exercise's clock is right by definition, and compared only once it was set wrong."""
    return WhileOpen(tailer, lambda: clock.doubted) if isinstance(clock, VirtualClock) else tailer


def _while_open(tailer: Tailer, scribe: Scribe) -> WhileOpen:
    """A tailer commits what it hears: while the pen is held it would only ask in vain."""
    return WhileOpen(tailer, lambda: scribe.held is None)
