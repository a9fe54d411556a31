"""Units over real lines: who was not reached is seen on both nodes, and on a third by handle."""

from pathlib import Path

from comity.exchange.watch_due import DueWatcher
from comity.hotline.attest import settle_over
from comity.hotline.relay import Word, relayed_subject, say
from comity.hotline.relay_list import RelayTerms, list_unit
from comity.intake.move import move
from comity.intake.order import DeclareOrder, MoveOrder
from comity.intake.receive import declare
from comity.intake.terms import agreed
from comity.journal.pen import Pen
from comity.model.answer import UnitState
from comity.model.notice import Code, Declaration, Onward
from comity.model.quantity import SECOND_US
from comity.model.relay import Means, ReachableUnit, UnitKind
from comity.storage.rows import UnitRow
from comity.storage.store import Transaction
from tests.exchange.net import NOON, Net, run
from tests.model.samples import MINUTE_US, declaration, volume

SEEN_S = 5.0  # F05 and F08: the open risk is on both nodes within this
WITHIN_S = 40
BATTERY = "Battery 2"


def unit(name: str) -> ReachableUnit:
    return ReachableUnit(
        name=name,
        kind=UnitKind.AIR_DEFENCE,
        means=Means.TELEPHONE,
        channel="room 4",
        expected_us=WITHIN_S * SECOND_US,
    )


def said(onward: Onward = Onward.DERIVED, code: Code = Code.NOTIFY, lat: float = 35) -> Declaration:
    start_us = NOON + 30 * MINUTE_US + round(lat * 1_000)
    area = volume(lat=lat, radius_m=20_000 + lat, start_us=start_us)
    return declaration(area, code=code, onward=onward)


class Told:
    """Some nodes on a net, with their watchers of deadlines."""

    def __init__(self, net: Net) -> None:
        self.net = net

    def add(self, *names: str) -> None:
        for name in names:
            node = self.net.add(name)
            self.net.pacers[name].add(DueWatcher(node.store, node.scribe))

    def terms(self, name: str, tx: Transaction, pen: Pen) -> RelayTerms:
        found = agreed(tx, pen.origin, pen.now_us)
        return RelayTerms(secret=self.net.nodes[name].handle_secret, toward=found.toward)

    async def lists(self, name: str, each: str) -> None:
        await self.net.nodes[name].commit(
            lambda tx, pen: list_unit(tx, pen, self.terms(name, tx, pen), unit(each)),
            self.net.now(),
        )

    async def declares(
        self, by: str, to: str, notice: Declaration, prompted_by: bytes | None = None
    ) -> bytes:
        order = DeclareOrder(
            notice=notice, to=(self.net.nodes[to].origin,), prompted_by=prompted_by
        )
        node = self.net.nodes[by]
        done = await node.commit(lambda tx, pen: declare(tx, pen, order), self.net.now())
        return done.value.notice

    async def says(self, name: str, of: bytes, each: str) -> None:
        word = Word(unit=each, state=UnitState.TOLD, at_us=self.net.now(), role="duty officer")
        await self.net.nodes[name].commit(
            lambda tx, pen: say(tx, pen, self.terms(name, tx, pen), relayed_subject(tx, of), word),
            self.net.now(),
        )

    def risks(self, name: str) -> tuple[UnitRow, ...]:
        return self.net.nodes[name].read(lambda r: r.people.open_risks())

    def warned(self, name: str) -> list[str]:
        rows = self.net.nodes[name].read(lambda r: r.sky.warnings())
        return [row.text for row in rows if row.cleared_us is None]

    def sent(self, by: str) -> bytes:
        """Every byte of every request that a node sent to others."""
        lines = self.net.lines
        return b"".join(
            body for (here, _), line in lines.items() if here == by for _, body, _ in line.seen
        )


def test_silence_about_a_unit_is_seen_on_both_nodes_and_ends_on_both(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        told = Told(net)
        told.add("alpha", "bravo")
        await net.join("alpha", "bravo")
        await net.advance(1)
        await told.lists("bravo", BATTERY)
        await net.advance(1)
        notice = await told.declares("alpha", "bravo", said())
        await net.advance(1)
        await net.advance(WITHIN_S - 2)
        assert told.risks("alpha") == told.risks("bravo") == ()
        await net.advance(SEEN_S)
        [home], [away] = told.risks("bravo"), told.risks("alpha")
        assert (home.name, away.name, home.handle) == (BATTERY, None, away.handle)
        assert told.warned("bravo")[0].startswith("Battery 2 of bravo was not reached: nobody said")
        assert told.warned("alpha") == [f"unit {away.handle.hex()[:8]} of bravo was not reached"]
        for secret in (b"Battery", b"room 4"):
            assert secret not in told.sent("bravo")
        await told.says("bravo", notice, BATTERY)
        await net.advance(SEEN_S)
        assert told.risks("alpha") == told.risks("bravo") == ()
        assert told.warned("alpha") == told.warned("bravo") == []

    run(tmp_path, story)


def test_a_line_that_is_cut_tells_it_when_it_is_back(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        told = Told(net)
        told.add("alpha", "bravo")
        await net.join("alpha", "bravo")
        await net.advance(1)
        await told.lists("bravo", BATTERY)
        await told.declares("alpha", "bravo", said())
        await net.advance(2)
        for line in net.lines.values():
            line.cut = True
        await net.advance(WITHIN_S + 60)
        assert len(told.risks("bravo")) == 1
        assert told.risks("alpha") == ()
        for line in net.lines.values():
            line.cut = False
        await net.advance(SEEN_S + 60)
        assert len(told.risks("alpha")) == 1

    run(tmp_path, story)


def test_of_three_each_sees_what_is_its_own(tmp_path: Path) -> None:
    """Alpha strikes, bravo protects, host's battery is not reached: alpha learns it by handle."""

    async def story(net: Net) -> None:
        told = Told(net)
        told.add("alpha", "bravo", "host")
        await net.join("alpha", "bravo")
        await net.join("bravo", "host")
        await net.advance(1)
        await told.lists("host", BATTERY)
        await net.advance(1)
        cause = await told.declares("alpha", "bravo", said(lat=35))
        await net.advance(1)
        own = await told.declares("bravo", "host", said(code=Code.PROTECT, lat=35.2), cause)
        await net.advance(WITHIN_S + SEEN_S)
        [home], [between], [far] = (told.risks(name) for name in ("host", "bravo", "alpha"))
        assert [home.name, between.name, far.name] == [BATTERY, None, None]
        assert (home.of, between.of, far.of) == (own, own, cause)
        assert home.handle == between.handle != far.handle
        assert far.party == net.nodes["bravo"].origin
        sent = told.sent("bravo")
        assert b"Battery" not in told.sent("host") + sent
        node = net.nodes["bravo"]
        order = MoveOrder(subject=own, code=Code.RELEASE, at_us=net.now())
        await node.commit(lambda tx, pen: move(tx, pen, order), net.now())
        await net.advance(SEEN_S)
        assert told.risks("host") == told.risks("bravo") == ()
        assert len(told.risks("alpha")) == 1  # its own notice goes on: somebody was not told of it
        order = MoveOrder(subject=cause, code=Code.CANCEL, at_us=net.now())
        await net.nodes["alpha"].commit(lambda tx, pen: move(tx, pen, order), net.now())
        await net.advance(SEEN_S)
        assert told.risks("alpha") == ()
        await node.commit(settle_over, net.now())  # nothing is left to be settled

    run(tmp_path, story)
