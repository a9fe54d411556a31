"""What was started and not ended is overdue: told once on both sides, until an end or more time."""

import asyncio

import pytest

from comity.exchange.watch_due import DueWatcher
from comity.intake.order import MoveOrder
from comity.model.notice import Code
from tests.intake.table import Party, Table
from tests.model.samples import MINUTE_US, NOON_US, declaration, volume

END_US = NOON_US + 60 * MINUTE_US
Pair = tuple[Party, Party]


@pytest.fixture
def pair(table: Table) -> Pair:
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    table.join(alpha, bravo)
    return alpha, bravo


def watch(party: Party) -> list[str]:
    """What the pacer does, at the table's time; the kinds of warning that are open then."""
    watcher = DueWatcher(party.store, party.scribe)
    for _ in range(9):
        due_us = watcher.next_due(party.table.now_us)
        if due_us is None or due_us > party.table.now_us:
            return [row.kind for row in party.warnings() if row.kind == "overdue_end"]
        asyncio.run(watcher.tick(party.table.now_us))
    raise AssertionError("a watcher that does not come to rest")


def started(pair: Pair, table: Table) -> bytes:
    alpha, bravo = pair
    of = alpha.declare(declaration(), bravo).subject
    table.now_us = NOON_US
    alpha.move(MoveOrder(subject=of, code=Code.START, at_us=NOON_US))
    return of


def test_it_is_told_on_both_sides_when_the_end_has_passed(pair: Pair, table: Table) -> None:
    of = started(pair, table)
    table.now_us = END_US  # the window is closed: its last instant is in it
    assert [watch(party) for party in pair] == [[], []]
    table.now_us = END_US + 1
    for party in pair:
        assert watch(party) == watch(party) == ["overdue_end"]
        [warning] = [row for row in party.warnings() if row.kind == "overdue_end"]
        assert (warning.about, warning.party) == (of, pair[0].origin)
        assert warning.text == (
            f"operation {of.hex()[:8]} of alpha was to end by 2026-09-22T13:00:00Z and nobody has "
            "ended it"
        )


@pytest.mark.parametrize(
    ("order", "still"),
    [
        ({"code": Code.END}, []),
        ({"code": Code.AMEND, "volumes": (volume(start_us=NOON_US + 30 * MINUTE_US),)}, []),
        ({"code": Code.AMEND, "volumes": (volume(lat=36),)}, ["overdue_end"]),
    ],
)
def test_an_end_or_more_time_clears_it(
    pair: Pair, table: Table, order: dict[str, object], still: list[str]
) -> None:
    of = started(pair, table)
    table.now_us = END_US + 1
    assert [watch(party) for party in pair] == [["overdue_end"]] * 2
    pair[0].move(MoveOrder(subject=of, at_us=table.now_us, **order))  # type: ignore[arg-type]
    assert [watch(party) for party in pair] == [still] * 2
    if order["code"] is Code.AMEND and not still:
        table.now_us = END_US + 30 * MINUTE_US + 1
        assert [watch(party) for party in pair] == [["overdue_end"]] * 2  # and again


def test_what_never_started_is_not_overdue(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    alpha.declare(declaration(), bravo)
    table.now_us = END_US + 1
    assert [watch(party) for party in pair] == [[], []]
