"""How what waits goes out: again after pauses, given up by name, recorded for what it is."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.model.clock_error import ClockState, Standing
from comity.model.outlet import Group
from comity.model.quantity import SECOND_US
from comity.outlets.finish import LATE_US, warning_about
from comity.outlets.outcome import not_now, refused
from comity.outlets.rest import PAUSE_US_FIRST, PAUSE_US_MAX, pause_us
from comity.outlets.sender import AGE_US_MAX, TRIES_MAX
from comity.storage.rows import WarningRow
from tests.exchange.net import Net, run
from tests.exchange.test_exchange import give, joined
from tests.exchange.test_full_disk import floor_only, hazard, say
from tests.outlets.samples import night, pager
from tests.outlets.telling import Slot, fit, recorded, rows, warn

EVERYTHING = (*Group,)
HOUR_S = 3_600


def open_warnings(net: Net, name: str, outlet: str = "night") -> tuple[WarningRow, ...]:
    return net.nodes[name].read(lambda r: r.sky.open_warnings(warning_about(outlet)))


def words(found: list[dict[str, bytes]], path: str) -> list[str]:
    return [each[path].decode() for each in found]


def test_what_was_taken_is_an_entry_that_claims_no_more(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        net.add("alpha")
        slot = Slot()
        fit(net, "alpha", {night(): slot})
        await net.advance()
        await warn(net, "alpha", "unit_not_reached")
        await net.advance()
        (row,), (entry,), (letter,) = rows(net, "alpha"), recorded(net, "alpha"), slot.sent
        assert (row.state, row.attempts, row.due_us, row.answer) == (
            *("accepted", 1, None),
            "250 taken",
        )
        assert list(entry) == [
            *("dispatch", "id", "of", "about", "kind", "outlet", "channel", "to"),
            *("attempts", "sent", "answer"),
        ]
        assert words([entry], "dispatch") == ["accepted"]
        assert words([entry], "to") == ["duty@alpha.example"]
        assert entry["sent"] == letter.digest
        assert (entry["id"], letter.id) == (row.id, row.id)
        assert "seen" not in str(entry)

    run(tmp_path, story)


def test_an_outlet_that_is_down_is_tried_with_growing_pauses_and_then_given_up(
    tmp_path: Path,
) -> None:
    async def story(net: Net) -> None:
        net.add("alpha")
        slot = Slot(dead=not_now("no answer within 20 s"))
        fit(net, "alpha", {night(): slot})
        await net.advance()
        await warn(net, "alpha", "unit_not_reached")
        await net.advance(7 * HOUR_S)
        (row,) = rows(net, "alpha")
        assert (row.state, row.attempts) == ("given-up", TRIES_MAX)
        pauses = [b - a for a, b in zip(slot.at_us, slot.at_us[1:], strict=False)]
        assert pauses == [pause_us(number, 1.0) for number in range(1, TRIES_MAX)]
        assert len({letter.body for letter in slot.sent}) == 1
        assert words(recorded(net, "alpha"), "dispatch") == ["given-up"]
        (warning,) = open_warnings(net, "alpha")
        assert warning.kind == "not_dispatched"
        assert warning.raised_us - row.made_us < LATE_US + PAUSE_US_MAX  # not after hours only
        slot.dead = None
        await warn(net, "alpha", "conflict")
        await net.advance(2)
        assert open_warnings(net, "alpha") == ()

    run(tmp_path, story)


def test_what_is_old_is_given_up_however_seldom_it_was_tried(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        net.add("alpha")
        fit(net, "alpha", {night(): Slot(dead=not_now("busy"))})
        await net.advance()
        await warn(net, "alpha", "unit_not_reached")
        await net.advance(1)
        net.clock.set(net.now() + AGE_US_MAX)  # the machine slept
        await net.advance(1)
        (row,) = rows(net, "alpha")
        assert row.state == "given-up"
        assert row.attempts < TRIES_MAX

    run(tmp_path, story)


def test_what_is_too_old_is_not_sent_though_the_server_answers_again(tmp_path: Path) -> None:
    """The node was off for days: nobody is alarmed by old things, and a person hears that."""

    async def story(net: Net) -> None:
        net.add("alpha")
        slot, alive = Slot(dead=not_now("busy")), Slot()
        fit(net, "alpha", {night(): slot, pager(on=("not_dispatched",)): alive})
        await net.advance()
        await warn(net, "alpha", "unit_not_reached", "conflict", "unable")
        await net.advance(2)
        tried = len(slot.sent)
        net.clock.set(net.now() + AGE_US_MAX)
        slot.dead = None
        await net.advance(1)
        night_rows = [row for row in rows(net, "alpha") if row.outlet == "night"]
        assert {row.state for row in night_rows} == {"given-up"}
        assert {(row.attempts, row.answer) for row in night_rows} == {
            (1, "too old to be sent; busy"),
            (0, "too old to be sent"),
        }
        assert len(slot.sent) == tried == 2
        (warning,) = open_warnings(net, "alpha")
        assert "too old to be sent" in warning.text
        assert len(alive.sent) == 1  # somebody else is told
        await warn(net, "alpha", "nobody_answers")
        await net.advance(1)
        assert len(slot.sent) == tried + 1
        assert open_warnings(net, "alpha") == ()

    run(tmp_path, story)


def test_a_refusal_is_final_and_holds_up_nothing_else(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        net.add("alpha")
        slot = Slot(says=[refused("550 no such mailbox")])
        fit(net, "alpha", {night(): slot})
        await net.advance()
        await warn(net, "alpha", "unit_not_reached", "conflict", "unable")
        await net.advance(1)
        assert sorted(row.state for row in rows(net, "alpha")) == [
            *("accepted", "accepted", "refused")
        ]
        assert len(slot.sent) == 3
        refusals = [each for each in recorded(net, "alpha") if each["dispatch"] == b"refused"]
        assert words(refusals, "answer") == ["550 no such mailbox"]

    run(tmp_path, story)


def test_the_safety_floor_goes_first(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        slot = Slot(dead=not_now("busy"))
        fit(net, "bravo", {night(on=EVERYTHING): slot})
        await net.advance()
        await warn(net, "bravo", "unable")
        await net.advance(1)
        await give(net, "alpha", "bravo", lat=50.0)
        await say(net, "alpha", hazard())
        await net.advance(2)
        slot.dead, before = None, len(slot.sent)
        await net.advance(60)
        order = [next(r for r in rows(net, "bravo") if r.id == s.id) for s in slot.sent[before:]]
        assert [row.floor for row in order] == [True, False, False]
        assert order[0].kind == "hazard"

    run(tmp_path, story)


def test_a_letter_that_the_server_chokes_on_holds_up_no_other(tmp_path: Path) -> None:
    """It is of the floor and goes first, and the outlet rests for it; what else there is passes."""

    async def story(net: Net) -> None:
        net.add("alpha")
        slot = Slot(chokes_on=b"unit_not_reached")
        fit(net, "alpha", {night(): slot})
        await net.advance()
        await warn(net, "alpha", "unit_not_reached")
        await net.advance(2 * HOUR_S)
        slot.dead = not_now("busy")  # and what was tried once, in vain, comes to its turn too
        await warn(net, "alpha", "forked")
        await net.advance(PAUSE_US_MAX // SECOND_US)
        slot.dead = None
        await warn(net, "alpha", "conflict", "nobody_answers", "message_unanswered")
        await net.advance(1)
        states = {row.kind: row.state for row in rows(net, "alpha")}
        assert states["nobody_answers"] == states["conflict"] == "accepted"
        await net.advance(2 * PAUSE_US_MAX // SECOND_US)
        states = {row.kind: row.state for row in rows(net, "alpha")}
        assert states.pop("unit_not_reached") == "waiting"
        assert set(states.values()) == {"accepted"}

    run(tmp_path, story)


def test_what_is_new_of_the_floor_does_not_wait_for_an_ordinary_letter(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        net.add("alpha")
        slot = Slot(chokes_on=b"conflict")
        fit(net, "alpha", {night(): slot})
        await net.advance()
        await warn(net, "alpha", "conflict")
        await net.advance(2 * HOUR_S)
        before = len(slot.sent)
        while len(slot.sent) == before:
            await net.advance(5)
        await warn(net, "alpha", "nobody_answers")
        await net.advance(1)
        told = {row.kind: row for row in rows(net, "alpha")}
        assert told["nobody_answers"].state == "accepted"
        assert told["conflict"].state == "waiting"

    run(tmp_path, story)


def test_a_server_that_is_down_is_not_asked_once_for_each_letter(tmp_path: Path) -> None:
    """A rest is passed by one ordinary letter and one of the floor at most, however many wait."""

    async def story(net: Net) -> None:
        net.add("alpha")
        slot = Slot(dead=not_now("not reached"))
        fit(net, "alpha", {night(): slot})
        await net.advance()
        kinds = tuple(f"{kind}_{number}" for kind in ("conflict", "unable") for number in range(40))
        await warn(net, "alpha", *kinds, "unit_not_reached", "nobody_answers", "escalated")
        await net.advance(HOUR_S)
        rests, at_us = 1, slot.at_us[0]
        while (at_us := at_us + pause_us(rests, 1.0)) <= slot.at_us[0] + HOUR_S * SECOND_US:
            rests += 1
        assert rests == 12
        assert rests < len(slot.sent) <= 3 * rests
        for end_us in slot.at_us:
            last = [each for each in slot.at_us if end_us - PAUSE_US_FIRST < each <= end_us]
            assert len(last) <= 3

    run(tmp_path, story)


def test_other_outlets_are_told_that_one_takes_nothing_and_it_is_not_told_of_itself(
    tmp_path: Path,
) -> None:
    async def story(net: Net) -> None:
        net.add("alpha")
        dead, alive = Slot(dead=not_now("busy")), Slot()
        fit(net, "alpha", {night(): dead, pager(): alive})
        await net.advance()
        await warn(net, "alpha", "unit_not_reached")
        await net.advance(HOUR_S)
        told = [(row.outlet, row.kind) for row in rows(net, "alpha")]
        assert sorted(told) == [
            ("night", "unit_not_reached"),
            ("pager", "not_dispatched"),
            ("pager", "unit_not_reached"),
        ]

    run(tmp_path, story)


def test_when_none_takes_anything_it_comes_to_rest(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        net.add("alpha")
        slots = {night(): Slot(dead=refused("550")), pager(): Slot(dead=refused("HTTP 410"))}
        fit(net, "alpha", slots)  # type: ignore[arg-type]
        await net.advance()
        await warn(net, "alpha", "unit_not_reached")
        await net.advance(7 * HOUR_S)
        assert sum(len(slot.sent) for slot in slots.values()) == 4
        assert all(len(open_warnings(net, "alpha", each.name)) == 1 for each in slots)

    run(tmp_path, story)


def test_what_cannot_be_recorded_is_not_sent_a_second_time(tmp_path: Path) -> None:
    """The disk is full after the send: the result waits in memory, and the floor goes on."""

    async def story(net: Net) -> None:
        await joined(net)
        slot = Slot()
        fit(net, "bravo", {night(on=EVERYTHING): slot})
        await net.advance()
        await warn(net, "bravo", "unable")
        teller = net.pacers["bravo"]._tailers[-2]
        await teller.tick(net.now())
        floor_only(net, "bravo", tmp_path)
        await net.advance(120)
        assert len(slot.sent) == 1
        assert [row.state for row in rows(net, "bravo")] == ["waiting"]
        await say(net, "alpha", hazard())
        await net.advance(120)
        assert [(row.kind, row.state) for row in rows(net, "bravo")] == [
            ("unable", "waiting"),
            ("hazard", "accepted"),
        ]
        net.nodes["bravo"].scribe._ballast = None
        await net.advance(120)
        assert [row.state for row in rows(net, "bravo")] == ["accepted"] * 2
        assert len(slot.sent) == 2

    run(tmp_path, story)


def test_what_happened_is_recorded_by_a_wrong_clock_too(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        node = net.add("alpha")
        slot = Slot()
        fit(net, "alpha", {night(): slot})
        await net.advance()
        wrong = replace(node.scribe.standing(), state=ClockState.UNTRUSTED)
        assert isinstance(wrong, Standing)
        node.scribe.standing = lambda: wrong
        await warn(net, "alpha", "unable")
        await net.advance(60)
        assert [row.state for row in rows(net, "alpha")] == ["accepted"]
        assert len(slot.sent) == 1

    run(tmp_path, story)


def test_what_was_purged_meanwhile_is_told_to_nobody(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        node = net.add("alpha")
        slot = Slot(says=[not_now("busy")])
        fit(net, "alpha", {night(): slot})
        await net.advance()
        await warn(net, "alpha", "unable")
        await net.advance(1)
        (row,) = rows(net, "alpha")
        assert row.about is not None
        about = row.about
        await node.commit(lambda tx, _: tx.sky.forget(about, ()), net.now())
        await net.advance(60)
        assert len(slot.sent) == 1
        assert [each.state for each in rows(net, "alpha")] == ["given-up"]
        assert open_warnings(net, "alpha") == ()

    run(tmp_path, story)


def test_a_clock_that_was_set_back_holds_nothing_up(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        node = net.add("alpha")
        slot = Slot(says=[not_now("busy")])
        _, (sender,) = fit(net, "alpha", {night(): slot})
        await net.advance()
        await warn(net, "alpha", "unable")
        await net.advance()
        assert len(slot.sent) == 1
        before_us = net.now() - 24 * HOUR_S * 1_000_000
        assert sender.next_due(before_us) == before_us
        assert await sender.tick(before_us) == 1
        assert len(slot.sent) == 2
        del node

    run(tmp_path, story)


@given(attempts=st.integers(0, 100), chance=st.floats(0, 1))
def test_a_pause_is_never_none_and_never_long(attempts: int, chance: float) -> None:
    found = pause_us(attempts, chance)
    assert PAUSE_US_FIRST // 2 <= found <= PAUSE_US_MAX
    assert found <= pause_us(attempts, 1.0)
    assert pause_us(attempts, chance) <= pause_us(attempts + 1, 1.0)


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 5), (2, 10), (7, 320), (8, 600), (30, 600)])
def test_pauses_double(attempts: int, seconds: int) -> None:
    assert pause_us(attempts, 1.0) == seconds * 1_000_000
