"""Two real nodes, a line cut and healed: what was due on both sides arrives, once, in order.

The entries are written into the stores while the line is down, by the same desks and pen that a
node runs.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from comity.cli.main import run as cli
from comity.clock import SystemClock
from comity.config import load_identity, read_admin_key, read_certificate, read_home
from comity.intake.move import move
from comity.intake.order import DeclareOrder, MoveOrder
from comity.intake.receive import declare
from comity.journal.pen import Pen
from comity.journal.scribe import Scribe
from comity.model.notice import Code, Declaration
from comity.model.quantity import Position
from comity.model.volume import Circle, HeightBand, Volume4D, Window
from comity.storage.sqlite.store import SqliteStore
from comity.storage.store import Transaction
from comity.trust.card import card_note, fingerprint
from comity.trust.note import parse_note
from comity.wire.entry_v1 import ReceiptBody, parse_entry
from tests.exchange.proxy import CutLine
from tests.exchange.test_exchange import notice
from tests.exchange.test_tls import Nodes
from tests.loopback import free_port, plain_client

if TYPE_CHECKING:
    import httpx

NAMES = ("alpha", "bravo")
HOUR_US = 3_600_000_000
GROUP = 50  # notices written in one commit, and then withdrawn in another

pytestmark = [pytest.mark.serial]


class CutNodes(Nodes):
    """Alpha and bravo over plain loopback, each reached by way of a line that can be cut."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.lines: dict[str, CutLine] = {}
        self.clients: dict[str, httpx.Client] = {}

    def make(self) -> None:
        """Homes, lines, running nodes, and an agreement in force."""
        for name in NAMES:
            port = free_port()
            origin, address = f"{name}.example/comity/2026", f"http://127.0.0.1:{port}"
            words = ("--name", name, "--origin", origin, "--address", address)
            assert cli(["init", str(self.folder / name), *words]) == 0
            self.lines[name] = CutLine(port)
            self.start(name)
        for ours, theirs in (NAMES, NAMES[::-1]):
            home = read_home(self.folder / theirs)
            address = f"http://127.0.0.1:{self.lines[theirs].port}"
            card = card_note(load_identity(home), address, read_certificate(home))
            self.ask(ours, "parties", {"card": card.decode(), "fingerprint": fingerprint(card)})
        assert self.wait(15, lambda: all(map(self._agreed, NAMES)) and self.queued() == 0)

    def _agreed(self, name: str) -> bool:
        (party,) = self.ask(name, "status")["parties"]
        return bool(party["agreement"] and party["agreement"]["in_force_since"])

    def ask(
        self, name: str, path: str, body: dict[str, str] | None = None
    ) -> dict[str, list[dict]]:  # type: ignore[type-arg]
        """GET, or POST a body."""
        answer = self._client(name).request("GET" if body is None else "POST", path, json=body)
        assert answer.is_success, answer.text
        found: dict[str, list[dict]] = answer.json()  # type: ignore[type-arg]
        return found

    def _client(self, name: str) -> "httpx.Client":
        """One for each node: what asks again and again must not take the cores that it watches."""
        if name not in self.clients:
            home = read_home(self.folder / name)
            self.clients[name] = plain_client(f"{home.address}/api/v1/", read_admin_key(home))
        return self.clients[name]

    def close(self) -> None:
        """End everything that still runs."""
        for line in self.lines.values():
            line.close()
        for client in self.clients.values():
            client.close()
        for name in list(self.running):
            self.stop(name)

    def wait(self, seconds: float, holds: "Callable[[], bool]") -> bool:
        """Whether it holds within a time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if holds():
                return True
            time.sleep(0.1)
        return False

    def queued(self) -> int:
        """What is in both outboxes."""
        return sum(self.ask(name, "status")["parties"][0]["queued"] for name in NAMES)

    def write(self, name: str, count: int) -> list[bytes]:
        """Write `count` entries to the other into the store of a stopped node; their leaves."""
        home = read_home(self.folder / name)
        store = SqliteStore(home.path / "data")
        scribe = Scribe(
            store=store,
            identity=load_identity(home),
            seeds=lambda: secrets.token_bytes(32),
            witnesses=(),
            on_commit=lambda: None,
            on_fatal=_never,
        )
        try:
            return _written(scribe, f"{_other(name)}.example/comity/2026", count)
        finally:
            scribe.close()
            store.close()

    def receipts(self, name: str) -> list[bytes]:
        """The leaves that a stopped node has receipted, in its journal's order."""
        store = SqliteStore(self.folder / name / "data")
        try:
            rows = store.read(lambda r: r.journal.entries(0, 10**7))
        finally:
            store.close()
        bodies = (parse_entry(parse_note(row.body).text).body for row in rows)
        return [body.given_leaf for body in bodies if isinstance(body, ReceiptBody)]


def _never(fault: Exception) -> None:
    raise fault


def _other(name: str) -> str:
    return NAMES[1 - NAMES.index(name)]


def _written(scribe: Scribe, to: str, count: int) -> list[bytes]:
    """Notices, and their withdrawal: a peer takes only so many live ones."""
    clock = SystemClock()
    leaves: list[bytes] = []
    while len(leaves) < count:
        now_us = clock.now_us()

        def declared(tx: Transaction, pen: Pen, at_us: int = now_us) -> list[tuple[bytes, bytes]]:
            orders = [DeclareOrder(notice=_far(i, at_us), to=(to,)) for i in range(GROUP)]
            done = [declare(tx, pen, order) for order in orders]
            return [(each.written[0].leaf, each.subject) for each in done]

        made = scribe.submit(declared, now_us).result().value

        def withdrawn(
            tx: Transaction,
            pen: Pen,
            subjects: list[bytes] = [subject for _, subject in made],  # noqa: B006
            at_us: int = now_us,
        ) -> list[bytes]:
            orders = [MoveOrder(subject=s, code=Code.CANCEL, at_us=at_us) for s in subjects]
            return [move(tx, pen, order).written[0].leaf for order in orders]

        leaves += [leaf for leaf, _ in made]
        leaves += scribe.submit(withdrawn, now_us).result().value
    return leaves


def _far(number: int, now_us: int) -> Declaration:
    """An operation somewhere, in an hour."""
    volume = Volume4D(
        footprint=Circle(
            centre=Position(lat_e7=100_000_000 + number * 5_000_000, lon_e7=357_000_000),
            radius_mm=5_000_000,
        ),
        heights=HeightBand(lower_mm=0, upper_mm=9_000_000),
        window=Window(start_us=now_us + HOUR_US, end_us=now_us + 2 * HOUR_US),
    )
    found = notice()
    return Declaration(
        code=found.code,
        purpose=found.purpose,
        domain=found.domain,
        craft=found.craft,
        onward=found.onward,
        name="",
        volumes=(volume,),
    )


@pytest.fixture
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CutNodes]:
    """Both running, agreed; ended whatever happens."""
    made = CutNodes(tmp_path_factory.mktemp("nodes"))
    try:
        made.make()
        yield made
    finally:
        made.close()


def starved(nodes: CutNodes, name: str) -> float:
    """Seconds that the threads of a node were ready to run, and others had the cores."""
    tasks = Path(f"/proc/{nodes.running[name].pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[1]) for task in tasks) / 1e9


def heal_after(nodes: CutNodes, count: int, seconds: float) -> float:
    """Cut; `count` entries on both sides together; heal: the seconds until both hold all.

    The promise is for idle cores: what the threads of one node, which seldom run at once, waited
    for a core is not counted. So it comes out the same on a machine with four times the work.
    """
    for line in nodes.lines.values():
        line.cut()
    leaves = {}
    for name in NAMES:
        nodes.stop(name)
        leaves[name] = nodes.write(name, count // 2)
        nodes.start(name)
    assert nodes.wait(10, lambda: all(line.refused for line in nodes.lines.values()))
    assert nodes.queued() == count
    began, waited = time.monotonic(), {name: starved(nodes, name) for name in NAMES}
    for line in nodes.lines.values():
        line.heal()
    assert nodes.wait(seconds, lambda: nodes.queued() == 0), f"{nodes.queued()} are still due"
    took = time.monotonic() - began
    print(f"{took:.2f} s by the clock")
    took -= max(starved(nodes, name) - waited[name] for name in NAMES)
    for name in NAMES:
        nodes.stop(name)
    for name in NAMES:
        due = leaves[_other(name)]
        receipted = nodes.receipts(name)
        assert receipted[-len(due) :] == due  # all, in order
        assert len(set(receipted)) == len(receipted)  # each once
    return took


@pytest.mark.timeout(120)
def test_what_was_due_after_a_cut_is_there_in_five_seconds(nodes: CutNodes) -> None:
    took = heal_after(nodes, 1_000, 40)
    print(f"1,000 entries in {took:.2f} s")
    assert took < 5


@pytest.mark.long
@pytest.mark.timeout(600)
def test_what_was_due_after_a_long_cut_is_there_in_a_minute(nodes: CutNodes) -> None:
    took = heal_after(nodes, 10_000, 300)
    print(f"10,000 entries in {took:.2f} s")
    assert took < 60
