"""Builds every room and hands each door its desk; the only file that knows them all.

`serve_node` runs one party's node, `serve_witness` one neutral witness; both return an exit code
after a graceful stop. Start-up is recovery: the same loader runs after a clean stop and after a
crash.
"""

import asyncio
import logging
import secrets
import signal
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

import uvloop
from starlette.applications import Starlette

from comity.clock import Clock, SystemClock, VirtualClock
from comity.config import Home, WitnessHome, load_identity
from comity.exchange.client import Wire
from comity.exchange.clock_watch import ClockWatch
from comity.exchange.compare_clocks import ClockAsker
from comity.exchange.courier import Courier
from comity.exchange.feed import Feeder
from comity.exchange.given import Desks, Given
from comity.exchange.line import Line
from comity.exchange.pace import Pacer
from comity.exchange.server import exchange_routes
from comity.exchange.stamp import AuthorityLine, Stamper
from comity.exchange.watch_time import TimeWarner
from comity.exchange.witness import Witness, witness_routes
from comity.hotline.answer import take_answer
from comity.hotline.attest import take_attestation
from comity.intake.enrol import take_agreement
from comity.intake.move import take_notice
from comity.intake.terms import parameters_with
from comity.journal.content import open_notice
from comity.journal.pen import Pen
from comity.journal.scribe import Scribe
from comity.model.agreement import DEFAULT
from comity.model.clock_error import SURE
from comity.model.quantity import SECOND_US
from comity.storage.rows import CallerRow
from comity.storage.sqlite.store import SqliteStore
from comity.storage.store import Store, Transaction
from comity.storage.times import AUTHORITY, WITNESS
from comity.trust.card import open_card
from comity.trust.identity import Identity
from comity.trust.keyfile import read_key, read_secret
from comity.trust.keys import VerifierKey, parse_verifier_key
from comity.trust.note import parse_note
from comity.trust.roster import Peer, Roster, peer_of
from comity.web.app import make_app, make_bare_app
from comity.web.clock_socket import serve_clock
from comity.web.node import Node, RosterBox
from comity.web.server import serve
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import EntryType, parse_entry

__all__ = ["desks_of", "open_store", "serve_node", "serve_witness"]

_LOG = logging.getLogger("comity")
_ADMIN_SCOPES = "read declare answer admin"
_SECRET_BYTES_MAX = 128
_EXIT_OK, _EXIT_FATAL = 0, 70
_EXERCISE_START_US = 946_684_800_000_000  # 2000-01-01: an exercise's clock is set by its referee


def open_store(folder: Path) -> Store:
    """The store of a node in `folder`, created if it is new."""
    return SqliteStore(folder)


def serve_node(home: Home, *, ready: Callable[[], None]) -> int:
    """Run a node until SIGTERM or SIGINT; 0 after a graceful stop, 70 after a fatal fault."""
    return uvloop.run(_NodeProcess(home, ready).run())


class _NodeProcess:
    """One node in one process: builds, serves, stops."""

    def __init__(self, home: Home, ready: Callable[[], None]) -> None:
        self._home = home
        self._ready = ready
        self._exit_code = _EXIT_OK

    async def run(self) -> int:
        self._loop = asyncio.get_running_loop()
        self._stop = _stop_on_signals()
        async with AsyncExitStack() as stack:
            store = SqliteStore(self._home.path / "data")
            stack.callback(store.close)
            clock = _clock(self._home, store)
            pacer = Pacer(clock, self._fatal)
            self._watch = ClockWatch(clock.now_us, clock.elapsed_us)
            node = self._node(store, clock, pacer, stack)
            stack.callback(node.scribe.close)
            _admit_admin(self._home, store, clock)
            for peer in node.roster.now.peers.values():
                self._add_courier(node, pacer, stack, peer)
            self._add_feeders(node, pacer, stack)
            self._add_time(node, pacer)
            await self._start(clock, pacer, stack)
            app = make_app(node, exchange_routes(node, desks_of(node.handle_secret)))
            await _serve(app, self._home.address, _tls(self._home), self._ready, self._stop)
        return self._exit_code

    def _fatal(self, fault: BaseException) -> None:
        """From any thread: the node ends and comes back only through the loader."""
        _LOG.critical("fatal: %s", fault)
        self._exit_code = _EXIT_FATAL
        self._loop.call_soon_threadsafe(self._stop.set)

    def _wake(self, pacer: Pacer) -> None:
        """From the scribe's thread: something was committed."""
        self._loop.call_soon_threadsafe(pacer.wake)

    def _node(self, store: Store, clock: Clock, pacer: Pacer, stack: AsyncExitStack) -> Node:
        identity = load_identity(self._home)
        witnesses = tuple(parse_verifier_key(witness.key) for witness in self._home.witnesses)
        scribe = Scribe(
            store=store,
            identity=identity,
            seeds=lambda: secrets.token_bytes(32),
            witnesses=tuple(key.name for key in witnesses),
            on_commit=lambda: self._wake(pacer),
            on_fatal=self._fatal,
            standing=self._watch.standing if self._live else lambda: SURE,
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
            roster=RosterBox(_roster(identity, peers, witnesses)),
            handle_secret=read_secret(self._home.path / "keys/handle.secret", _SECRET_BYTES_MAX),
            on_corrupt=self._fatal,
            on_enrolled=lambda peer: self._add_courier(node, pacer, stack, peer),
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
            pacer.add(self._stamper)
        warner = TimeWarner(
            store=node.store,
            scribe=node.scribe,
            quorum=self._home.quorum,
            watch=self._watch,
            heartbeat_us=node.heartbeat_us,
            now_us=node.clock.now_us(),
        )
        pacer.add(warner)
        named = [key.name for key in node.roster.now.witnesses]
        urls = node.authorities
        node.store.write(lambda tx: tx.times.forget_onlookers(WITNESS, named))
        node.store.write(lambda tx: tx.times.forget_onlookers(AUTHORITY, urls))

    def _add_courier(self, node: Node, pacer: Pacer, stack: AsyncExitStack, peer: Peer) -> None:
        wire = Wire(peer.card.address, peer.card.tls_certificate)
        stack.push_async_callback(wire.close)
        line = Line(
            peer=peer,
            wire=wire,
            identity=node.identity,
            store=node.store,
            scribe=node.scribe,
            clock=node.clock,
        )
        parameters = node.read(lambda r: parameters_with(r, peer.origin)) or DEFAULT
        pacer.add(Courier(line, node.roster, parameters.heartbeat_us))
        if self._live:
            chance = partial(secrets.token_bytes, 32)
            pacer.add(ClockAsker(line, self._watch, parameters.heartbeat_us, chance))

    def _add_feeders(self, node: Node, pacer: Pacer, stack: AsyncExitStack) -> None:
        for witness in self._home.witnesses:
            wire = Wire(witness.address, b"")
            stack.push_async_callback(wire.close)
            pacer.add(
                Feeder(
                    key=parse_verifier_key(witness.key),
                    wire=wire,
                    store=node.store,
                    scribe=node.scribe,
                    clock=node.clock,
                    refresh_us=node.heartbeat_us if self._live else None,
                    watch=self._watch if self._live else None,
                )
            )

    async def _start(self, clock: Clock, pacer: Pacer, stack: AsyncExitStack) -> None:
        """Live: the tailers run. Exercise: they run when the referee advances the clock."""
        if isinstance(clock, VirtualClock):
            await _open_clock_socket(self._home.path, clock, pacer, stack)
        else:
            pacer.start()
            stack.push_async_callback(pacer.stop)


def _roster(
    identity: Identity, peers: Mapping[str, Peer], witnesses: tuple[VerifierKey, ...]
) -> Roster:
    own = (identity.entry, identity.log, identity.cosigner)
    keys = frozenset(key.verifier().public for key in own)
    return Roster(own=identity.origin, peers=peers, witnesses=witnesses, own_keys=keys)


def desks_of(handle_secret: bytes) -> Desks:
    """Which desk takes which type of entry."""

    def agreement(tx: Transaction, pen: Pen, given: Given) -> None:
        take_agreement(tx, pen, given.entry.by, given.fields)

    def notice(tx: Transaction, pen: Pen, given: Given) -> None:
        take_notice(tx, pen, open_notice(given.entry, given.fields), given.id, given.entry.value)

    def answer(tx: Transaction, pen: Pen, given: Given) -> None:
        take_answer(tx, pen, given.entry.by, given.leaf, given.fields)

    def attestation(tx: Transaction, pen: Pen, given: Given) -> None:
        take_attestation(tx, pen, handle_secret, given.entry.by, given.fields)

    return MappingProxyType(
        {
            EntryType.AGREEMENT: agreement,
            EntryType.NOTICE: notice,
            EntryType.SAFETY: notice,
            EntryType.ANSWER: answer,
            EntryType.ATTESTATION: attestation,
        }
    )


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
    if store.read(lambda r: r.people.caller(key_hash)) is None:
        row = CallerRow(
            key_hash=key_hash,
            name="admin",
            scopes=_ADMIN_SCOPES,
            created_us=clock.now_us(),
            revoked_us=None,
        )
        store.write(lambda tx: tx.people.save_caller(row))


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
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
    parts = urlsplit(address)
    host, port = parts.hostname or "127.0.0.1", parts.port or 0
    await serve(app, host=host, port=port, tls=tls, ready=ready, stop=stop)


def serve_witness(home: WitnessHome, *, ready: Callable[[], None]) -> int:
    """Run a neutral witness until SIGTERM or SIGINT."""
    return uvloop.run(_serve_witness(home, ready))


async def _serve_witness(home: WitnessHome, ready: Callable[[], None]) -> int:
    stop = _stop_on_signals()
    logs = {key.name: key for key in map(parse_verifier_key, home.logs)}
    async with AsyncExitStack() as stack:
        store = SqliteStore(home.path / "data")
        stack.callback(store.close)
        clock: Clock = SystemClock()
        if home.exercise is not None:
            clock = VirtualClock(_EXERCISE_START_US)
            await _open_clock_socket(home.path, clock, Pacer(clock, _raise), stack)
        key = read_key(home.path / "keys" / "cosigner.key")
        witness = Witness(key=key, logs=logs, store=store, clock=clock)
        app = make_bare_app(witness_routes(witness))
        await _serve(app, home.address, _tls(home), ready, stop)
    return _EXIT_OK


def _raise(fault: BaseException) -> None:
    raise fault
