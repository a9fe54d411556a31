"""A node on a loopback port for the tests of its door: real store, scribe and server, one peer.

The clock stands still. `alpha` is the node; `bravo` is enrolled with an agreement in force and has
declared one operation; `charlie` is enrolled without; `delta` is a card that nobody has enrolled.
"""

import asyncio
import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import httpx
from starlette.routing import BaseRoute

from comity.clock import VirtualClock
from comity.intake.enrol import enrol, take_agreement
from comity.intake.receive import take_declaration
from comity.journal.pen import Pen
from comity.journal.scribe import Scribe
from comity.model.agreement import DEFAULT, Terms
from comity.model.fault import Fault
from comity.model.notice import Code, Craft, Declaration, Domain, Onward, Purpose
from comity.model.quantity import Position, instant_us
from comity.model.volume import Circle, HeightBand, Volume4D, Window
from comity.storage.rows import CallerRow
from comity.storage.sqlite.store import SqliteStore
from comity.storage.store import Transaction
from comity.trust.card import card_note, fingerprint, open_card
from comity.trust.envelope import seal_own
from comity.trust.identity import Identity, cosigner_key_name, entry_key_name
from comity.trust.keys import KeyType, SigningKey
from comity.trust.note import Note, serialise
from comity.trust.possession import prove_possession
from comity.trust.roster import Peer, Roster, peer_of
from comity.web.api.keys import new_key
from comity.web.app import make_app
from comity.web.node import Node, RosterBox, Vault
from comity.web.scope import Scope
from comity.web.server import serve
from comity.web.streams import Streams
from comity.wire.canonical import Json, sha256
from comity.wire.fields import text_field
from comity.wire.key_v1 import KeyText, statement_text
from comity.wire.terms_v1 import terms_text
from tests.loopback import free_port, plain_client

T = TypeVar("T")

NOW = "2026-03-01T12:00:00Z"
NOW_US = instant_us(NOW)
MINUTE_US = 60_000_000
ABSENT = "ab" * 32
PEER_NOTICE = hashlib.sha256(b"a notice of bravo").digest()
ALL = tuple(scope.value for scope in Scope)


def origin_of(name: str) -> str:
    return f"{name}.example/comity/2026"


def identity_of(name: str) -> Identity:
    origin = origin_of(name)

    def key(key_name: str, kind: KeyType) -> SigningKey:
        seed = hashlib.sha256(f"{key_name} {kind}".encode()).digest()
        return SigningKey(name=key_name, key_type=kind, seed=seed)

    return Identity(
        origin=origin,
        entry=key(entry_key_name(origin), KeyType.ED25519),
        log=key(origin, KeyType.ED25519),
        cosigner=key(cosigner_key_name(origin), KeyType.COSIGNATURE_V1),
    )


def card_of(name: str) -> bytes:
    return card_note(identity_of(name), "http://127.0.0.1:7999", b"")


def party_request(name: str) -> dict[str, Json]:
    card = card_of(name)
    return {"card": card.decode(), "fingerprint": fingerprint(card)}


def peer(name: str) -> Peer:
    return peer_of(open_card(card_of(name)))


def volume(**changes: Json) -> dict[str, Json]:
    """A valid volume in JSON, an hour from now, 20 km wide."""
    whole: dict[str, Json] = {
        "footprint": {"centre": [35.0, 35.5], "radius_m": 10_000},
        "lower_m": 0,
        "upper_m": 3_000,
        "start": "2026-03-01T13:00:00Z",
        "end": "2026-03-01T14:00:00+00:00",
    }
    return whole | changes


def notice(**changes: Json) -> dict[str, Json]:
    """A valid declaration in JSON."""
    whole: dict[str, Json] = {"kind": "operation", "to": ["bravo"], "volumes": [volume()]}
    return whole | changes


def protection(**changes: Json) -> dict[str, Json]:
    """A valid entry for the register in JSON: on the grid, 2 km around, for a day."""
    area: dict[str, Json] = {"centre": [35.51, 35.77], "radius_m": 2_000}
    site = volume(footprint=area, start="2026-03-01T12:00:00Z", end="2026-03-02T12:00:00Z")
    whole: dict[str, Json] = {"to": ["bravo"], "volumes": [site]}
    return whole | changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """A served node, its address, and a bearer key for each set of scopes."""

    node: Node
    clock: VirtualClock
    folder: Path
    address: str
    keys: dict[str, str]
    enrolled: list[str]

    def client(self, key: str | None) -> httpx.Client:
        return plain_client(self.address, None if key is None else self.keys.get(key, key))

    def size(self) -> int:
        return self.node.read(lambda r: r.journal.size())

    def marks(self) -> tuple[object, ...]:
        """All of the state that a request could have changed."""
        return self.node.read(
            lambda r: (
                r.journal.size(),
                r.sky.subjects(None, None, b"", 1_000),
                r.sky.conflicts(),
                r.sky.warnings(),
                r.people.units(),
                r.people.calls(),
                r.people.callers(),
                r.post.peers(),
                r.register.live_protected(0),
                r.register.reads(b"", 1_000),
                r.relay.units(),
                r.relay.tasks_to_tell(),
            )
        )


def key_rows(keys: dict[str, str]) -> Iterator[CallerRow]:
    for name, key in keys.items():
        scopes = " ".join(ALL) if name in {"all", "revoked"} else name.replace("+", " ")
        yield CallerRow(
            key_hash=sha256(key.encode()),
            name=name,
            scopes=scopes,
            created_us=NOW_US,
            revoked_us=NOW_US if name == "revoked" else None,
        )


def peer_declaration() -> Declaration:
    """An operation of bravo over the north of alpha's usual place, on which nothing rests."""
    return Declaration(
        code=Code.NOTIFY,
        purpose=Purpose.MILITARY_ACTIVITY,
        domain=Domain.AIR,
        craft=Craft.COMBAT,
        onward=Onward.DERIVED,
        name="",
        volumes=(
            Volume4D(
                footprint=Circle(
                    centre=Position(lat_e7=360_000_000, lon_e7=360_000_000), radius_mm=20_000_000
                ),
                heights=HeightBand(lower_mm=0, upper_mm=9_000_000),
                window=Window(start_us=NOW_US + 30 * MINUTE_US, end_us=NOW_US + 90 * MINUTE_US),
            ),
        ),
    )


def make_node(
    folder: Path,
    clock: VirtualClock,
    faults: list[Fault],
    enrolled: list[str],
    *,
    name: str = "alpha",
    known: tuple[str, ...] = ("bravo", "charlie"),
) -> Node:
    identity = identity_of(name)
    (folder / "data").mkdir(exist_ok=True)
    store = SqliteStore(folder / "data")
    streams = Streams()
    counter = iter(range(store.read(lambda r: r.journal.size()) * 1_000, 1_000_000))
    scribe = Scribe(
        store=store,
        identity=identity,
        seeds=lambda: hashlib.sha256(str(next(counter)).encode()).digest(),
        witnesses=(),
        on_commit=streams.ring,
        on_fatal=faults.append,
    )
    peers = {each.origin: each for each in map(peer, known)}
    return Node(
        name=name,
        exercise=None,
        identity=identity,
        store=store,
        scribe=scribe,
        clock=clock,
        roster=RosterBox(Roster(own=identity.origin, peers=MappingProxyType(peers))),
        handle_secret=b"h" * 32,
        on_enrolled=lambda found: enrolled.append(found.origin),
        vault=Vault(load=lambda *_: next_cosigner(name), settle=lambda: None),
        streams=streams,
    )


def next_cosigner(name: str) -> SigningKey:
    return SigningKey(
        name=cosigner_key_name(origin_of(name)), key_type=KeyType.COSIGNATURE_V1, seed=b"n" * 32
    )


def key_statement(name: str) -> str:
    """A new cosigner key for a node that has no root keys."""
    old, new = identity_of(name).cosigner, next_cosigner(name)
    text = statement_text(
        KeyText(
            origin=origin_of(name),
            role="cosigner",
            because="rotation",
            old=old.verifier().text(),
            new=new.verifier().text(),
            made_us=1_800_000_000_000_000,
        )
    )
    lines = (prove_possession(text, new), prove_possession(text, old))
    return serialise(Note(text=text, signatures=lines)).decode()


def settle_in(node: Node, keys: dict[str, str]) -> None:
    """Keys, peers, agreement and a peer's notice, as an exchange would have brought them."""

    def work(tx: Transaction, pen: Pen) -> None:
        for row in key_rows(keys):
            tx.people.save_caller(row)
        for name in ("bravo", "charlie"):
            enrol(tx, pen, peer(name), card_of(name), DEFAULT)
        parties = (origin_of("alpha"), origin_of("bravo"))
        text = terms_text(Terms(parties=parties, version=1, parameters=DEFAULT))
        take_agreement(tx, pen, origin_of("bravo"), (text_field("terms", text),))
        given = seal_own(peer_declaration(), origin_of("bravo"))
        take_declaration(tx, pen, given, PEER_NOTICE, NOW_US - 1_000_000)

    node.scribe.submit(work, NOW_US).result(10)


@contextmanager
def served(folder: Path) -> Iterator[Rig]:
    """A node that answers, until the block ends."""
    clock, faults, enrolled = VirtualClock(NOW_US), list[Fault](), list[str]()
    node = make_node(folder, clock, faults, enrolled)
    keys = {name: new_key() for name in (*ALL, "all", "revoked")}
    settle_in(node, keys)
    with serving(node) as address:
        yield Rig(
            node=node,
            clock=clock,
            folder=folder,
            address=address,
            keys=keys,
            enrolled=enrolled,
        )
    node.scribe.close()
    node.store.close()
    assert faults == []


@contextmanager
def serving(
    node: Node, tls: tuple[str, str] | None = None, extra: Sequence[BaseRoute] = ()
) -> Iterator[str]:
    """The server in a thread with a loop of its own, on a port of its own."""
    port = free_port()
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    def run() -> None:
        app = make_app(node, extra)
        loop.run_until_complete(
            serve(app, host="127.0.0.1", port=port, tls=tls, ready=ready.set, stop=stop)
        )
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(10)
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    finally:
        node.streams.close()
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        assert not thread.is_alive()
