"""Units beside a receipt chain: how many were told, and that one was NOT REACHED."""

import pytest

from comity.model.answer import UnitState
from comity.model.duty import ChainStep, WatchKind
from comity.model.relay import Means, RelayState
from comity.web.api.shapes import RiskView
from comity.web.api.shapes_duty import ChainView, LinkView
from comity.web.api.shapes_relay import RelayTaskView, RelayView
from comity.wire.canonical import Json
from tests.cli.stand_in import NOTICE, PEER, Comity, StandIn, as_json, notice

AT, LATER = "2030-01-01T10:00:00Z", "2030-01-01T10:01:00Z"
OLDER = "8" * 64


def chain(kind: WatchKind, *, done: bool) -> Json:
    relayed = LinkView(
        step=ChainStep.RELAYED,
        by=PEER,
        done=done,
        late=not done,
        at=AT if done else None,
        other=None,
        due=LATER,
        ground="",
        leaf=None,
    )
    view = ChainView(about=NOTICE, party=PEER, kind=kind, watched=True, steps=[relayed], alerts=[])
    return as_json(view)


def risk(
    handle: str, state: UnitState, *, unit: str | None = None, of: str = NOTICE, known: str = LATER
) -> RiskView:
    return RiskView(
        notice=of,
        party=PEER,
        unit=unit,
        handle=handle * 64,
        state=state,
        at=AT,
        known=known,
        open=state is UnitState.NOT_REACHED,
    )


def relay(*others: RiskView, units: tuple[RelayTaskView, ...] = ()) -> Json:
    return as_json(
        RelayView(id=NOTICE, owner=PEER, state="declared", units=[*units], others=[*others])
    )


def task(unit: str, state: RelayState) -> RelayTaskView:
    return RelayTaskView(
        notice=NOTICE,
        unit=unit,
        handle="0" * 64,
        state=state,
        means=Means.RADIO,
        channel="",
        since=AT,
        at=AT,
        due=None,
        ground="",
        page_until=None,
    )


@pytest.fixture(autouse=True)
def known(node: StandIn) -> None:
    node.lists("notices", [notice()])
    node.says("GET", f"notices/{NOTICE}", notice())


def last_row(ask: Comity, *words: str) -> str:
    (row,) = [line for line in ask(*words, NOTICE[:8]).out.splitlines() if "relayed" in line]
    return row


@pytest.mark.parametrize("words", [("notice", "show"), ("hotline", "chain")])
def test_who_gave_it_sees_that_a_unit_was_not_reached(
    node: StandIn, ask: Comity, words: tuple[str, ...]
) -> None:
    node.lists(f"chains/{NOTICE}", [chain(WatchKind.GIVEN, done=True)])
    told, missed = risk("1", UnitState.TOLD), risk("2", UnitState.NOT_REACHED)
    node.says("GET", f"notices/{NOTICE}/relay", relay(told, missed))
    assert last_row(ask, *words).endswith("1 told, 1 NOT REACHED")


def test_a_unit_is_counted_once_for_each_area_and_what_is_open_stays(
    node: StandIn, ask: Comity
) -> None:
    node.lists(f"chains/{NOTICE}", [chain(WatchKind.GIVEN, done=False)])
    of_before = (
        risk("1", UnitState.TOLD, of=OLDER, known=AT),
        risk("2", UnitState.NOT_REACHED, of=OLDER, known=AT),
    )
    now = risk("3", UnitState.TOLD)
    node.says("GET", f"notices/{NOTICE}/relay", relay(*of_before, now))
    assert last_row(ask, "hotline", "chain").endswith("OVERDUE: 1 told, 1 NOT REACHED")


def test_our_own_units_are_counted_by_name_also_those_of_no_list(
    node: StandIn, ask: Comity
) -> None:
    node.lists(f"chains/{NOTICE}", [chain(WatchKind.NOTICE, done=True)])
    units = (task("Falcon 1", RelayState.ANSWERED), task("Tower", RelayState.TO_TELL))
    node.says("GET", f"notices/{NOTICE}/relay", relay(units=units))
    missed = risk("2", UnitState.NOT_REACHED, unit="patrol-2")
    other = risk("3", UnitState.NOT_REACHED, unit="patrol-3", of="9" * 64)
    node.lists("risks", [as_json(each) for each in (missed, other)])
    assert last_row(ask, "hotline", "chain").endswith("1 answered, 1 to tell, 1 NOT REACHED")


def test_where_nobody_spoke_of_units_the_step_says_how_it_stands(
    node: StandIn, ask: Comity
) -> None:
    node.lists(f"chains/{NOTICE}", [chain(WatchKind.GIVEN, done=True)])
    assert last_row(ask, "hotline", "chain").endswith("done")
