"""What is put in line: after its commit, once, nothing left out, nothing from before."""

from dataclasses import replace
from pathlib import Path

import pytest

from comity.intake.move import move
from comity.intake.order import MoveOrder
from comity.journal.pen import Pen
from comity.journal.warn import raise_warning
from comity.model.notice import Code
from comity.model.outlet import Group
from comity.outlets.lines import SOURCES
from comity.outlets.raised import Raised
from comity.outlets.teller import Teller
from comity.outlets.thing import Thing
from comity.storage.store import Reading, Transaction
from tests.exchange.net import Net, run
from tests.exchange.test_exchange import give, joined
from tests.exchange.test_full_disk import floor_only, hazard, say
from tests.exchange.test_message_floor import ALPHA_TO_BRAVO, Ends, Q, X
from tests.outlets.samples import FULL, night, pager
from tests.outlets.telling import Slot, fit, recorded, rows, warn

EVERYTHING = (*Group,)


async def story_of_a_day(net: Net) -> None:
    """Alpha tells bravo one thing of each group; bravo raises a warning of its own."""
    ends = Ends(net=net, **ALPHA_TO_BRAVO)
    given = await give(net, "alpha", "bravo", lat=50.0)
    await ends.says(X)
    await ends.says(Q)
    await say(net, "alpha", hazard())
    end = MoveOrder(subject=given.entry.body.root, code=Code.CANCEL, at_us=net.now())  # type: ignore[union-attr]
    await net.advance(2)
    await net.nodes["alpha"].commit(lambda tx, pen: move(tx, pen, end), net.now())
    await warn(net, "bravo", "unit_not_reached")
    await net.advance(2)


def test_one_dispatch_for_each_outlet_and_thing_that_it_wants(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        await warn(net, "bravo", "unable")  # before there was an outlet: nobody is told
        all_, floor = Slot(), Slot()
        fit(net, "bravo", {night(on=EVERYTHING): all_, pager(on=("floor", "Q")): floor})
        await net.advance(2)
        await story_of_a_day(net)
        found = [(row.outlet, row.kind, row.state) for row in rows(net, "bravo")]
        kinds = ["X", "Q", "hazard", "end", "notice", "unit_not_reached"]
        on_floor = ["X", "Q", "hazard", "end", "unit_not_reached"]
        want = [("night", kind, "accepted") for kind in kinds]
        want += [("pager", kind, "accepted") for kind in on_floor]
        assert sorted(found) == sorted(want)
        assert len(all_.sent) == len(kinds)
        assert len(floor.sent) == len(on_floor)
        assert len({letter.id for letter in (*all_.sent, *floor.sent)}) == len(found)

    run(tmp_path, story)


def test_by_default_no_place_of_another_party_leaves(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        least, full = Slot(), Slot()
        night_, pager_ = night(on=EVERYTHING), pager(on=EVERYTHING, details=FULL)
        fit(net, "bravo", {night_: least, pager_: full})
        await net.advance()
        await story_of_a_day(net)
        words = [b" ".join(letter.body for letter in slot.sent) for slot in (least, full)]
        for place in (b"35.3", b"40.14", b"35.5000", b"50.0000"):
            assert place not in words[0]
            assert place in words[1]

    run(tmp_path, story)


def test_free_text_leaves_by_no_outlet(tmp_path: Path) -> None:
    """Neither that of a message nor that which a warning quotes; the control is another warning."""

    async def story(net: Net) -> None:
        await joined(net)
        full = Slot()
        fit(net, "bravo", {pager(on=EVERYTHING, details=FULL): full})
        await net.advance()
        await Ends(net=net, **ALPHA_TO_BRAVO).says(replace(X, words="tell nobody"))
        await warn(net, "bravo", "agreement_suspended", "unable")
        await net.advance(2)
        words = b" ".join(letter.body for letter in full.sent)
        assert b"tell nobody" not in words
        assert b"there is free text: read it at the node" in words
        assert b"agreement_suspended happened" not in words
        assert b"unable happened" in words

    run(tmp_path, story)


def test_nothing_is_told_twice_or_left_out_by_a_teller_that_begins_anew(tmp_path: Path) -> None:
    """As after each crash: another teller goes on from the place that is kept."""

    async def story(net: Net) -> None:
        await joined(net)
        node, outlet, slot = net.nodes["bravo"], night(on=EVERYTHING), Slot()
        fit(net, "bravo", {outlet: slot})
        await net.advance()
        for number in range(5):
            await give(net, "alpha", "bravo", lat=40.0 + number)
            await warn(net, "bravo", f"unable{number}")
            await net.advance(2)
            anew = Teller(node.store, node.scribe, (outlet,), SOURCES)
            while await anew.tick(net.now()):
                pass
        await net.advance(2)
        kinds = [row.kind for row in rows(net, "bravo")]
        assert kinds.count("notice") == 5
        assert sum(kind.startswith("unable") for kind in kinds) == 5
        assert len(slot.sent) == 10

    run(tmp_path, story)


def test_the_place_moves_with_the_rows_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A work that is undone between the two leaves neither; the next tick does both."""

    async def story(net: Net) -> None:
        await joined(net)
        node, outlet = net.nodes["bravo"], night(on=EVERYTHING)
        teller = Teller(node.store, node.scribe, (outlet,), SOURCES)
        await teller.tick(net.now())
        await warn(net, "bravo", "unable", "conflict")
        source = SOURCES[0]

        def breaks(_: Transaction, __: int) -> None:
            raise OSError("planted")

        with monkeypatch.context() as broken:
            broken.setattr(type(source), "told", lambda _, tx, place: breaks(tx, place))
            with pytest.raises(OSError, match="planted"):
                await teller.tick(net.now())
        assert rows(net, "bravo") == []
        assert await teller.tick(net.now()) == 2
        assert {row.kind for row in rows(net, "bravo")} == {"unable", "conflict"}
        assert await teller.tick(net.now()) == 0

    run(tmp_path, story)


def test_on_a_full_disk_the_floor_waits_for_nothing_that_is_not_of_it(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        slot = Slot()
        fit(net, "bravo", {night(on=EVERYTHING): slot})
        await net.advance()
        floor_only(net, "bravo", tmp_path)

        def work(tx: Transaction, pen: Pen) -> None:
            pen.claim_floor()
            raise_warning(tx, pen, "conflict", bytes(32), text="found by what is of the floor")

        await net.nodes["bravo"].commit(work, net.now())
        await say(net, "alpha", hazard())
        await net.advance(60)
        states = {row.kind: row.state for row in rows(net, "bravo")}
        assert states["hazard"] == "accepted"
        assert states["conflict"] == "waiting"  # sent, and recorded when there is room
        assert len(slot.sent) == len(states)

    run(tmp_path, story)


def test_an_outlet_that_is_gone_has_nobody_waiting_for_it(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        node = net.nodes["bravo"]
        teller = Teller(node.store, node.scribe, (night(), pager()), SOURCES)
        await teller.tick(net.now())
        await warn(net, "bravo", "unable")
        await teller.tick(net.now())
        assert [row.state for row in rows(net, "bravo")] == ["waiting"] * 2
        await Teller(node.store, node.scribe, (pager(),), SOURCES).tick(net.now())
        assert {row.outlet: row.state for row in rows(net, "bravo")} == {
            "night": "given-up",
            "pager": "waiting",
        }
        assert [each["outlet"] for each in recorded(net, "bravo")] == [b"night"]
        await Teller(node.store, node.scribe, (), SOURCES).tick(net.now())
        assert [row.state for row in rows(net, "bravo")] == ["given-up"] * 2
        await warn(net, "bravo", "conflict")  # while there is none
        last = Teller(node.store, node.scribe, (night(),), SOURCES)
        await last.tick(net.now())
        await last.tick(net.now())
        assert len(rows(net, "bravo")) == 2

    run(tmp_path, story)


def test_without_outlets_the_line_of_warnings_stays_short_and_its_numbers_grow(
    tmp_path: Path,
) -> None:
    async def story(net: Net) -> None:
        node = net.add("alpha")

        def line(reading: Reading) -> tuple[int, int]:
            return reading.dispatches.raised_count(), reading.dispatches.newest_raised()

        teller = Teller(node.store, node.scribe, (), SOURCES)
        await warn(net, "alpha", *(f"kind{number}" for number in range(1_024)))
        assert await teller.tick(net.now()) == 0
        assert node.read(line) == (1_024, 1_024)
        await warn(net, "alpha", "more")
        assert await teller.tick(net.now()) == 0  # it was looked at a moment ago
        net.clock.set(net.now() + 60_000_000)
        assert await teller.tick(net.now()) == 1
        assert node.read(line) == (1, 1_025)
        await warn(net, "alpha", "again")
        assert node.read(line) == (2, 1_026)

    run(tmp_path, story)


def test_what_is_for_a_role_goes_to_outlets_of_that_role_alone(tmp_path: Path) -> None:
    """One more source is one more object: here one that tells duty officers of one thing."""

    class Roster(Raised):
        """Every warning, for the duty officer."""

        name = "roster"

        def thing(self, reading: Reading, of: bytes) -> Thing | None:
            found = super().thing(reading, of)
            return None if found is None else replace(found, role="duty-officer")

    async def story(net: Net) -> None:
        node = net.add("alpha")
        outlets = (night(on=("floor",), role="duty-officer"), pager())
        teller = Teller(node.store, node.scribe, outlets, (Roster(),))
        await teller.tick(net.now())
        await warn(net, "alpha", "conflict")
        await teller.tick(net.now())
        assert [(row.outlet, row.source) for row in rows(net, "alpha")] == [("night", "roster")]

    run(tmp_path, story)
