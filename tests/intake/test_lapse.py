"""The belief in a hazard lapses: no conflict from then on, found or new; its state stays."""

import asyncio
from dataclasses import replace

import pytest

from comity.exchange.watch_due import DueWatcher
from comity.intake.order import MoveOrder
from comity.model.lifecycle import LifeState
from comity.model.notice import Code, Confidence, Declaration, HazardBasis
from tests.intake.table import Party, Table
from tests.model.samples import MINUTE_US, NOON_US, declaration, volume

LAPSES_US = NOON_US + 10 * MINUTE_US  # its window goes on for 50 minutes more
PRESENCE = declaration(code=Code.PROTECT)
Pair = tuple[Party, Party]


def hazard(expires_us: int = LAPSES_US) -> Declaration:
    basis = HazardBasis(source="x", confidence=Confidence.CONFIRMED, expires_us=expires_us)
    return replace(declaration(code=Code.HAZARD), basis=basis)


@pytest.fixture
def pair(table: Table) -> Pair:
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    table.join(alpha, bravo)
    return alpha, bravo


def conflicts(party: Party) -> int:
    return len([row for row in party.read(lambda r: r.sky.conflicts()) if row.over_us is None])


def watch(party: Party) -> None:
    """What the pacer does, at the table's time."""
    watcher = DueWatcher(party.store, party.scribe)
    for _ in range(9):
        due_us = watcher.next_due(party.table.now_us)
        if due_us is None or due_us > party.table.now_us:
            return
        asyncio.run(watcher.tick(party.table.now_us))
    raise AssertionError("a watcher that does not come to rest")


def test_a_lapsed_hazard_is_found_by_nothing_new(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    alpha.declare(hazard(), bravo)
    table.now_us = LAPSES_US - 1
    first = bravo.declare(PRESENCE, alpha)
    assert len(first.conflicts) == conflicts(alpha) == 1
    bravo.move(MoveOrder(subject=first.subject, code=Code.END, at_us=table.now_us))
    table.now_us = LAPSES_US
    assert bravo.declare(PRESENCE, alpha).conflicts == ()
    assert conflicts(alpha) == conflicts(bravo) == 0


def test_the_conflicts_of_a_hazard_are_over_when_it_lapses(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    of = alpha.declare(hazard(), bravo).subject
    bravo.declare(PRESENCE, alpha)
    table.now_us = LAPSES_US - 1
    for party in pair:
        watch(party)
        assert conflicts(party) == 1
    table.now_us = LAPSES_US
    for party in pair:
        watch(party)
        assert conflicts(party) == 0
        [row] = party.read(lambda r: r.sky.conflicts())
        assert row.over_us == LAPSES_US
        assert party.subject(of).state == LifeState.DECLARED  # who declared it ends it
        [warning] = party.warnings()
        assert (warning.kind, warning.party) == ("hazard_lapsed", alpha.origin)
        assert warning.text == (
            f"the belief in hazard {of.hex()[:8]} of alpha lapsed at 2026-09-22T12:10:00Z: it "
            "stands in no conflict any more"
        )
        assert party.read(lambda r: r.reports.next_lapse()) is None
    alpha.move(MoveOrder(subject=of, code=Code.END, at_us=table.now_us))
    assert alpha.warnings() == bravo.warnings() == []


def test_an_amendment_does_not_renew_the_belief(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    of = alpha.declare(hazard(), bravo).subject
    bravo.declare(PRESENCE, alpha)
    table.now_us = LAPSES_US
    moved = MoveOrder(subject=of, code=Code.AMEND, at_us=table.now_us, volumes=(volume(lat=35.6),))
    assert alpha.move(moved).conflicts == ()
    assert conflicts(alpha) == conflicts(bravo) == 0


def test_a_hazard_that_ended_lapses_in_silence(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    of = alpha.declare(hazard(), bravo).subject
    alpha.move(MoveOrder(subject=of, code=Code.END, at_us=table.now_us))
    table.now_us = LAPSES_US
    for party in pair:
        watch(party)
        assert party.warnings() == []


def test_a_hazard_of_an_older_release_is_looked_at_again(pair: Pair, table: Table) -> None:
    """An upgrade cannot read contents, so it asks to look at every live hazard at once."""
    alpha, bravo = pair
    of = alpha.declare(hazard(), bravo).subject
    alpha.do(lambda tx, _: tx.reports.save_lapse(of, 0))
    watch(alpha)
    assert alpha.read(lambda r: r.reports.next_lapse()) == LAPSES_US
    assert alpha.warnings() == []
    table.now_us = LAPSES_US
    watch(alpha)
    assert [row.kind for row in alpha.warnings()] == ["hazard_lapsed"]


def test_operations_and_presences_do_not_lapse(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    alpha.declare(declaration(), bravo)
    bravo.declare(PRESENCE, alpha)
    assert alpha.read(lambda r: r.reports.next_lapse()) is None
    table.now_us = NOON_US + 59 * MINUTE_US
    watch(alpha)
    assert conflicts(alpha) == 1
