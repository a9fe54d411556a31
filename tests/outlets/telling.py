"""Nodes of the net with outlets: what a test looks at, and things that make somebody be told."""

from dataclasses import dataclass, field

from comity.journal.pen import Pen
from comity.journal.warn import raise_warning
from comity.model.outlet import Outlet
from comity.outlets.letter import Letter
from comity.outlets.lines import SOURCES
from comity.outlets.outcome import Outcome, Transport, accepted, not_now
from comity.outlets.sender import Sender
from comity.outlets.teller import Teller
from comity.storage.dispatches import DispatchRow
from comity.storage.store import Transaction
from comity.trust.note import parse_note
from comity.wire.canonical import sha256
from comity.wire.dispatch_v1 import DISPATCH_PATH
from comity.wire.entry_v1 import EntryType, parse_entry
from comity.wire.fields import parse_fields
from tests.exchange.net import Net


@dataclass
class Slot:
    """A way out that goes nowhere and answers as it is told; `accepted` when nothing is left."""

    says: list[Outcome] = field(default_factory=list)
    sent: list[Letter] = field(default_factory=list)
    at_us: list[int] = field(default_factory=list)
    dead: Outcome | None = None
    chokes_on: bytes | None = None  # in a letter: the server has a fault with it, and it alone

    async def send(self, letter: Letter, now_us: int) -> Outcome:
        """Take it down."""
        self.sent.append(letter)
        self.at_us.append(now_us)
        if self.dead is not None:
            return self.dead
        if self.chokes_on is not None and self.chokes_on in letter.body:
            return not_now("HTTP 500")
        return self.says.pop(0) if self.says else accepted("250 taken")


def fit(net: Net, name: str, outlets: dict[Outlet, Transport]) -> tuple[Teller, list[Sender]]:
    """Give a node outlets, as assembly does."""
    node = net.nodes[name]
    teller = Teller(node.store, node.scribe, tuple(outlets), SOURCES)
    senders = [
        Sender(
            outlet=outlet,
            transport=transport,
            sources={source.name: source for source in SOURCES},
            store=node.store,
            scribe=node.scribe,
            clock=node.clock,
            origin=node.origin,
            chance=lambda: 1.0,
        )
        for outlet, transport in outlets.items()
    ]
    net.pacers[name].add(teller)
    for sender in senders:
        net.pacers[name].add(sender)
    return teller, senders


def rows(net: Net, name: str) -> list[DispatchRow]:
    """All dispatches, oldest first."""
    found = net.nodes[name].read(lambda r: r.dispatches.dispatches(None, 10_000))
    return sorted(found, key=lambda row: (row.made_us, row.at_us))


def recorded(net: Net, name: str) -> list[dict[str, bytes]]:
    """What the node's own journal says of dispatches: each field by its path."""
    node, found = net.nodes[name], list[dict[str, bytes]]()
    for row in node.read(lambda r: r.journal.entries(0, 10_000)):
        if parse_entry(parse_note(row.body).text).type is EntryType.CALL:
            opening = node.read(lambda r, leaf=row.leaf: r.journal.opening(leaf))  # type: ignore[misc]
            assert opening is not None
            fields = parse_fields(opening.fields)
            if fields[0].path == DISPATCH_PATH:
                found.append({each.path: each.value for each in fields})
    return found


async def warn(net: Net, name: str, *kinds: str) -> None:
    """Raise warnings at a node."""

    def work(tx: Transaction, pen: Pen) -> None:
        for kind in kinds:
            raise_warning(tx, pen, kind, sha256(kind.encode()), text=f"{kind} happened")

    await net.nodes[name].commit(work, net.now())
