"""Builds every room and hands each door its desk; the only file that knows them all.

`serve_node` runs one party's node, `serve_witness` one neutral witness; both return an exit code
after a graceful stop. Start-up is recovery: the same loader runs after a clean stop and after a
crash.
"""

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

import uvloop
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from comity.clock import Clock, SystemClock, VirtualClock
from comity.config import Home, WitnessHome, key_path, load_cosigners, load_identity
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
from comity.exchange.watch_due import DueWatcher
from comity.exchange.watch_time import TimeWarner
from comity.exchange.witness import Witness, witness_routes
from comity.home import settle_key
from comity.intake.renew import lives_of, renewed
from comity.intake.terms import agreed
from comity.journal.scribe import Scribe
from comity.model.clock_error import SURE
from comity.model.fault import Corrupt, Full
from comity.model.party import parse_address
from comity.model.quantity import SECOND_US
from comity.storage.ballast import Ballast
from comity.storage.inspect import Inspected
from comity.storage.rows import CallerRow
from comity.storage.sqlite.copy import copy_database, look_over, write_lock
from comity.storage.sqlite.inspect import SqliteInspected
from comity.storage.sqlite.open import newest_schema
from comity.storage.sqlite.store import SqliteStore, reading_of
from comity.storage.sqlite.upgrade import schema_at, upgrade_file
from comity.storage.store import Store
from comity.storage.times import AUTHORITY, WITNESS
from comity.trust.card import open_card
from comity.trust.identity import Identity, Role
from comity.trust.keyfile import read_key, read_secret
from comity.trust.keys import VerifierKey, keys_by_name, parse_verifier_key
from comity.trust.lives import present
from comity.trust.note import parse_note
from comity.trust.roster import Peer, Roster, peer_of
from comity.upkeep.backup import Database, Upgrade
from comity.upkeep.notify import Notifier
from comity.web.app import make_app, make_bare_app
from comity.web.board import Board
from comity.web.clock_socket import serve_clock
from comity.web.machine import disk_conditions, keep_room, machine_gauges, tell_of_room
from comity.web.metrics import Metrics
from comity.web.node import Node, RosterBox, Vault
from comity.web.route import mounted
from comity.web.server import serve
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import parse_entry

__all__ = [
    "DATABASE",
    "UPGRADE",
    "desks_of",
    "open_inspected",
    "open_store",
    "own_identity",
    "serve_node",
    "serve_witness",
]

_LOG = logging.getLogger("comity")
_ADMIN_SCOPES = "read declare answer admin metrics register"
_SECRET_BYTES_MAX = 128
_EXIT_OK, _EXIT_FATAL, _EXIT_FORCED = 0, 70, 130
_EXERCISE_START_US = 946_684_800_000_000  # 2000-01-01: an exercise's clock is set by its referee


# What backups need of the database.
DATABASE = Database(
    newest_schema=newest_schema(),
    copy=copy_database,
    look_over=look_over,
    reading=reading_of,
    write_lock=write_lock,
)


UPGRADE = Upgrade(newest=newest_schema(), schema_of=schema_at, run=upgrade_file)


def open_store(folder: Path) -> Store:
    """The store of a node in `folder`, created if it is new."""
    return SqliteStore(folder)


def open_inspected(folder: Path) -> Inspected:
    """The store of a node in `folder`, to be audited; beside the node or without it."""
    return SqliteInspected(folder)


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
        self._lines: dict[str, Line] = {}
        self._exit_code = _EXIT_OK
        self._metrics = Metrics()
        self._notifier = Notifier(os.environ, os.getpid())

    async def run(self) -> int:
        self._loop = asyncio.get_running_loop()
        self._stop = _stop_on_signals(self._notifier.stopping)
        self._began_ns = time.perf_counter_ns()
        async with AsyncExitStack() as stack:
            ballast = Ballast(self._home.path / "data" / "ballast", self._home.ballast_bytes)
            store = _opened(self._home.path / "data", ballast)
            stack.callback(store.close)
            clock = _clock(self._home, store)
            pacer = Pacer(clock, self._fatal)
            self._watch = ClockWatch(clock.now_us, clock.elapsed_us)
            node = self._node(store, ballast, clock, pacer, stack)
            stack.callback(node.scribe.close)
            tell_of_room(node, ballast)
            stack.push_async_callback(
                _cancelled, asyncio.create_task(keep_room(ballast, self._stop))
            )
            _admit_admin(self._home, store, clock)
            for peer in node.roster.now.peers.values():
                self._add_courier(node, pacer, stack, peer)
            self._add_feeders(node, pacer, stack)
            if node.scribe.held or not isinstance(clock, VirtualClock):
                pacer.add(self._inquiry)
            pacer.add(_while_open(DueWatcher(store, node.scribe), node.scribe))
            self._add_time(node, pacer)
            pacer.add(_while_open(Lapser(node.store, node.scribe, node.identity), node.scribe))
            await self._start(clock, pacer, stack)
            feeding = asyncio.create_task(self._notifier.feed(lambda: node.scribe.is_alive))
            stack.callback(feeding.cancel)
            app = make_app(node, self._doors(node))
            await _serve(app, self._home.address, _tls(self._home), self._up, self._stop)
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
        self._exit_code = _EXIT_FATAL
        self._loop.call_soon_threadsafe(self._stop.set)

    def _wake(self, pacer: Pacer) -> None:
        """From the scribe's thread: something was committed."""
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
            standing=self._watch.standing if self._live else lambda: SURE,
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
            roster=RosterBox(_roster(identity, peers, witnesses, store)),
            handle_secret=read_secret(self._home.path / "keys/handle.secret", _SECRET_BYTES_MAX),
            on_corrupt=self._fatal,
            vault=Vault(
                load=lambda role, key_id: read_key(key_path(self._home, role, key_id)),
                settle=lambda: _settle(self._home, store),
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
        )
        return node

    @property
    def _live(self) -> bool:
        """An exercise's clock is right by definition; none of its evidence need be fresh."""
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
        if not self._live:
            return
        if self._home.time_authorities:
            pacer.add(_while_open(self._stamper, node.scribe))
        warner = TimeWarner(
            store=node.store,
            scribe=node.scribe,
            quorum=self._home.quorum,
            watch=self._watch,
            heartbeat_us=node.heartbeat_us,
            now_us=node.clock.now_us(),
        )
        pacer.add(_while_open(warner, node.scribe))
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
        )
        self._lines[peer.origin] = line
        now_us, own = node.clock.now_us(), node.origin
        rules = node.read(lambda r: agreed(r, own, now_us)).with_party(peer.origin)
        beat_us = rules.value("heartbeat_us")
        pacer.add(_while_open(Courier(line, beat_us), node.scribe))
        pacer.add(_while_open(Copyist(line, self._mirroring), node.scribe))
        if self._live:
            chance = partial(secrets.token_bytes, 32)
            pacer.add(ClockAsker(line, self._watch, beat_us, chance))
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
            await _open_clock_socket(self._home.path, clock, pacer, stack)
        else:
            pacer.start()
            stack.push_async_callback(pacer.stop)


def _opened(folder: Path, ballast: Ballast) -> SqliteStore:
    """The store; where there is no room even to open it, with the ballast's."""
    try:
        return SqliteStore(folder)
    except Full:
        if not ballast.release():
            raise
        return SqliteStore(folder)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _settle(home: Home, store: Store) -> None:
    """Make the key files say what the journal says: a node may have stopped between the two."""
    lives = store.read(lambda r: lives_of(r, home.origin))
    for role in Role:
        key = present(lives, role)
        if key is not None:
            settle_key(home, role, key)


def own_identity(home: Home, store: Store) -> Identity:
    """Our keys, the earlier log keys that go on signing, and earlier entry keys: they open."""
    _settle(home, store)
    lives = store.read(lambda r: lives_of(r, home.origin))
    identity = load_identity(home)
    own = identity.log.verifier()
    before = [life.key for life in lives if life.role is Role.LOG and life.living]
    keys = [read_key(key_path(home, Role.LOG, key.key_id.hex())) for key in before if key != own]
    ended = [life.key for life in lives if life.role is Role.ENTRY and not life.living]
    files = [key_path(home, Role.ENTRY, key.key_id.hex()) for key in ended]
    entries = tuple(read_key(file) for file in reversed(files) if file.exists())
    return replace(identity, logs_before=tuple(keys), entries_before=entries)


def _while_open(tailer: Tailer, scribe: Scribe) -> WhileOpen:
    """A tailer commits what it hears: while the pen is held it would only ask in vain."""
    return WhileOpen(tailer, lambda: scribe.held is None)


def _roster(
    identity: Identity,
    peers: Mapping[str, Peer],
    witnesses: tuple[VerifierKey, ...],
    store: Store,
) -> Roster:
    keys = frozenset(key.verifier().public for key in identity.keys)
    roster = Roster(own=identity.origin, peers=peers, witnesses=witnesses, own_keys=keys)
    return store.read(lambda reading: renewed(reading, roster))


def _clock(home: Home, store: Store) -> Clock:
    """The machine's clock, or for an exercise one that starts where its journal ended."""
    if home.exercise is None:
        return SystemClock()
    size = store.read(lambda r: r.journal.size())
    last = store.read(lambda r: r.journal.entry(size - 1)) if size else None
    if last is None:
        return VirtualClock(_EXERCISE_START_US)
    return VirtualClock(parse_entry(parse_note(last.body).text).issued_us)


async def _open_clock_socket(
    folder: Path, clock: VirtualClock, pacer: Pacer, stack: AsyncExitStack
) -> None:
    async def advance(to_us: int) -> int:
        return await pacer.advance(clock, to_us)

    path = folder / "clock.sock"
    path.unlink(missing_ok=True)
    server = await serve_clock(path, clock, pacer.next_due, advance)
    stack.callback(server.close)
    stack.callback(path.unlink, missing_ok=True)


def _admit_admin(home: Home, store: Store, clock: Clock) -> None:
    """The home's own bearer key: whoever can read the file runs the node."""
    key_hash = sha256(read_secret(home.path / "keys" / "admin.key", _SECRET_BYTES_MAX).strip())
    row = store.read(lambda r: r.people.caller(key_hash))
    if row is None:
        row = CallerRow(
            key_hash=key_hash,
            name="admin",
            scopes=_ADMIN_SCOPES,
            created_us=clock.now_us(),
            revoked_us=None,
        )
    elif row.scopes == _ADMIN_SCOPES:
        return
    admitted = replace(row, scopes=_ADMIN_SCOPES)  # an older release knew fewer scopes
    store.write(lambda tx: tx.people.save_caller(admitted))


def _stop_on_signals(stopping: Callable[[], None] = lambda: None) -> asyncio.Event:
    """Set at the first signal; a second one ends the process at once, as a power cut would."""
    stop = asyncio.Event()

    def heard() -> None:
        if stop.is_set():
            _LOG.warning("a second signal: ended at once, without waiting for answers")
            os._exit(_EXIT_FORCED)
        stop.set()
        stopping()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, heard)
    return stop


def _tls(home: Home | WitnessHome) -> tuple[str, str] | None:
    if not home.address.startswith("https://"):
        return None
    return str(home.path / "keys" / "tls.crt"), str(home.path / "keys" / "tls.key")


async def _serve(
    app: Starlette,
    address: str,
    tls: tuple[str, str] | None,
    ready: Callable[[], None],
    stop: asyncio.Event,
) -> None:
    at = parse_address(address)
    await serve(app, host=at.host, port=at.port, tls=tls, ready=ready, stop=stop)


def serve_witness(home: WitnessHome, *, ready: Callable[[], None]) -> int:
    """Run a neutral witness until SIGTERM or SIGINT."""
    return uvloop.run(_serve_witness(home, ready))


async def _serve_witness(home: WitnessHome, ready: Callable[[], None]) -> int:
    stop = _stop_on_signals()
    logs = keys_by_name(home.logs)
    async with AsyncExitStack() as stack:
        store = SqliteStore(home.path / "data")
        stack.callback(store.close)
        clock: Clock = SystemClock()
        if home.exercise is not None:
            clock = VirtualClock(_EXERCISE_START_US)
            await _open_clock_socket(home.path, clock, Pacer(clock, _raise), stack)
        witness = Witness(keys=load_cosigners(home), logs=logs, store=store, clock=clock)
        broken: list[Corrupt] = []

        def fatal(fault: Corrupt) -> None:
            _LOG.critical("fatal: %s", fault)
            broken.append(fault)
            stop.set()

        app = make_bare_app(witness_routes(witness), fatal)
        await _serve(app, home.address, _tls(home), ready, stop)
    return _EXIT_FATAL if broken else _EXIT_OK


def _raise(fault: BaseException) -> None:
    raise fault
