"""A node of `tests.exchange.net` that dies, and comes back from a copy of its journal.

What is copied, locked and marked is what `comity backup` and `comity restore` copy, lock and mark.
"""

import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path
from types import MappingProxyType

import httpx
from starlette.applications import Starlette

from comity.assembly import DATABASE, desks_of
from comity.exchange.client import Wire
from comity.exchange.courier import Courier
from comity.exchange.inquire import Inquiry, hold_of, of_line, of_witness
from comity.exchange.line import Line
from comity.exchange.pace import Pacer, WhileOpen
from comity.exchange.server import exchange_routes
from comity.exchange.witness import Witness, witness_routes
from comity.journal.restored import Mark
from comity.journal.scribe import Scribe
from comity.journal.whole import hashed_whole
from comity.model.agreement import DEFAULT
from comity.storage.sqlite.store import SqliteStore
from comity.trust.card import open_card
from comity.trust.roster import Roster, peer_of
from comity.web.node import Node, RosterBox
from comity.wire.canonical import b64
from tests.exchange.net import WITNESS, Lossy, Net

BEAT_US = DEFAULT.heartbeat_us


def copied(net: Net, name: str) -> Path:
    """A copy of a running node's journal, as a backup holds it."""
    place = net.folder / f"copy-{secrets.token_hex(4)}"
    place.mkdir()
    DATABASE.copy(net.folder / name / "journal.db", place / "journal.db")
    return place


def die(net: Net, name: str) -> Node:
    """The node is gone, and so is its disk."""
    node = net.nodes.pop(name)
    del net.pacers[name]
    node.scribe.close()
    node.store.close()
    shutil.rmtree(net.folder / name)
    return node


def reborn(
    net: Net,
    dead: Node,
    copy: Path,
    *,
    witness: Witness | None = None,
    lost: Iterable[str] = (),
    checked: bool = True,
) -> tuple[Node, Inquiry, dict[str, Lossy]]:
    """The node again, from a copy; `lost` cannot be reached. Without `checked`: the control."""
    name = dead.name
    with DATABASE.reading(copy / "journal.db") as reading:
        size, root = hashed_whole(reading)
    mark = Mark(size=size, root=b64(root), made_us=net.now())
    DATABASE.write_lock(copy / "lock.db", size, root, mark.bytes())
    store = SqliteStore(copy)
    if not checked:
        store.lock().set_restored(None)
    pacer = Pacer(net.clock, net.fatal.append)
    scribe = Scribe(
        store=store,
        identity=dead.identity,
        seeds=lambda: secrets.token_bytes(32),
        witnesses=(WITNESS,),
        on_commit=lambda: None,
        on_fatal=net.fatal.append,
        held=hold_of(store),
    )
    inquiry = Inquiry(
        store=store, scribe=scribe, clock=net.clock, roots=dead.identity.roots, on_open=pacer.wake
    )
    peers = {
        row.origin: peer_of(open_card(row.card)) for row in store.read(lambda r: r.post.peers())
    }
    node = Node(
        name=name,
        exercise=None,
        identity=dead.identity,
        store=store,
        scribe=scribe,
        clock=net.clock,
        roster=RosterBox(Roster(own=dead.origin, peers=MappingProxyType(peers))),
        handle_secret=dead.handle_secret,
        on_enrolled=lambda _: None,
        restoring=inquiry,
    )
    doors = _lines(net, node, inquiry, pacer)
    if witness is not None:
        door = doors[WITNESS] = Lossy(Starlette(routes=witness_routes(witness)))
        wire = Wire("http://127.0.0.1:2", b"", door)
        inquiry.add(of_witness(witness.keys[0].name, wire, node.origin))
    for each in lost:
        doors[each].cut = True
    if checked:
        pacer.add(inquiry)
    net.nodes[name], net.pacers[name] = node, pacer
    return node, inquiry, doors


def _lines(net: Net, node: Node, inquiry: Inquiry, pacer: Pacer) -> dict[str, Lossy]:
    """Lines to all others and from them; the doors through which it asks, by name."""
    doors: dict[str, Lossy] = {}
    for other in net.nodes.values():
        door = Lossy(Starlette(routes=exchange_routes(other, desks_of(other.handle_secret))))
        doors[other.name] = net.lines[node.name, other.name] = door
        back = Starlette(routes=exchange_routes(node, desks_of(node.handle_secret)))
        net.lines[other.name, node.name].inner = httpx.ASGITransport(back)
        line = Line(
            enrolled=node.roster.now.peers[other.origin],
            roster=node.roster,
            wire=Wire("http://127.0.0.1:1", b"", door),
            identity=node.identity,
            store=node.store,
            scribe=node.scribe,
            clock=net.clock,
        )
        courier = Courier(line, BEAT_US)
        pacer.add(WhileOpen(courier, lambda: node.scribe.held is None))
        inquiry.add(of_line(line))
    return doors
