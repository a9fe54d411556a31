"""Conflicts with sealed entries: as found as with open presences, and telling less."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.airspace.clearance import assess
from comity.intake import near_miss
from comity.intake.order import MoveOrder
from comity.intake.sealed import blurred, cell_of, presence_of
from comity.intake.terms import agreed
from comity.model.notice import Code, Declaration
from comity.model.quantity import Position
from comity.model.volume import Circle
from comity.storage.rows import ConflictRow
from comity.wire.entry_v1 import EntryType
from tests.intake.guarded import DAY_US, give, hospital, let_go, rows, site, withdraw
from tests.intake.table import MORNING_US, Party, Table
from tests.model.samples import MINUTE_US, NOON_US, declaration, volume

Three = tuple[Party, Party, Party]
KM_LAT = 1 / 110.95


@pytest.fixture
def three(table: Table) -> Three:
    """A relief agency and two parties that fly, agreed with both."""
    relief, alpha, bravo = (table.seat(name) for name in ("relief", "alpha", "bravo"))
    table.join(relief, alpha)
    table.join(relief, bravo)
    table.join(alpha, bravo)
    return relief, alpha, bravo


def holding(party: Party) -> list[ConflictRow]:
    return [row for row in party.read(lambda r: r.sky.conflicts()) if row.over_us is None]


def test_both_orders_find_the_same_conflict_and_say_the_clause(three: Three) -> None:
    relief, alpha, bravo = three
    give(relief, hospital(), alpha)
    alpha.declare(declaration(volume(lat=35.51, lon=35.77)), bravo)
    bravo.declare(declaration(volume(lat=35.51, lon=35.77)), relief)
    give(relief, hospital(name="later"), bravo)
    [ours] = holding(alpha)[:1]
    assert ours.meets
    assert "clearance_lateral_mm is 5.556 km" in ours.clause
    warned = [row.text for row in alpha.warnings() if row.kind == "conflict"]
    assert any("presence" in text and "relief" in text for text in warned)
    assert len([row for row in holding(bravo) if row.meets]) >= 1
    assert len([row for row in holding(relief) if row.meets]) >= 1  # the owner sees it too


def test_two_entries_of_the_register_are_no_conflict(three: Three) -> None:
    relief, alpha, bravo = three
    give(relief, hospital(), alpha)
    give(bravo, hospital(), alpha)
    assert holding(alpha) == []


def test_ones_own_operation_over_ones_own_hospital_is_no_conflict(three: Three) -> None:
    relief, alpha, _ = three
    give(relief, hospital(), alpha)
    relief.declare(declaration(volume(lat=35.51, lon=35.77)))
    assert holding(relief) == []


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    north=st.floats(-60, 60),
    later=st.integers(-70, 1_510),
    higher_m=st.integers(0, 12_000),
)
def test_a_sealed_entry_is_met_by_exactly_what_meets_an_open_presence(
    three: Three, north: float, later: int, higher_m: int
) -> None:
    """The same site once sealed and once open: the same operations conflict with both."""
    relief, alpha, _ = three
    near = volume(
        lat=35.51 + north * KM_LAT, lon=35.77, radius_m=8_000, start_us=NOON_US + later * MINUTE_US
    )
    lifted = replace(near.heights, lower_mm=higher_m * 1_000, upper_mm=20_000_000)
    sealed = give(relief, hospital(), alpha)
    open_ = relief.declare(hospital(), alpha)
    operation = alpha.declare(declaration(replace(near, heights=lifted)))
    partners = {row.b if row.a == operation.subject else row.a for row in holding(alpha)}
    [entry] = rows(alpha)
    assert (entry.id in partners) == (open_.subject in partners)
    for id_ in (operation.subject, open_.subject):
        owner = alpha if id_ == operation.subject else relief
        owner.move(MoveOrder(subject=id_, code=Code.CANCEL, at_us=MORNING_US))
    withdraw(relief, sealed.subject)


def test_what_is_recorded_tells_the_cell_and_whole_kilometres(three: Three) -> None:
    relief, alpha, _ = three
    give(relief, hospital(), alpha)
    near = volume(lat=35.51 + 14.7 * KM_LAT, lon=35.77, radius_m=8_000)
    operation = declaration(near)
    exact = assess(near, site())
    assert exact is None
    alpha.declare(operation)
    for party in (alpha, relief):
        for row in holding(party):
            assert (row.lat_e7, row.lon_e7) == (355_000_000, 355_000_000)
            assert (row.closest_mm, row.meets) == (4_000_000, False)
    kinds = {EntryType.CONFLICT}
    size = alpha.read(lambda r: r.journal.size())
    last = alpha.read(lambda r: r.journal.entries(0, size))
    assert any(f"comity/{kind}@v1".encode() in row.body for kind in kinds for row in last)


@pytest.mark.parametrize(
    ("lat", "lon", "south", "west"),
    [
        (35.99, 35.01, 350_000_000, 350_000_000),
        (-0.01, -0.01, -10_000_000, -10_000_000),
        (89.9, 179.99, 890_000_000, 1_790_000_000),
        (-89.9, -179.99, -900_000_000, -1_800_000_000),
    ],
)
def test_a_list_tells_one_cell_however_near_to_its_side(
    three: Three, lat: float, lon: float, south: int, west: int
) -> None:
    relief, alpha, _ = three
    give(relief, hospital(site(lat, lon)), alpha)
    [row] = rows(alpha)
    presence = presence_of(row, alpha.identity.entry_keys)
    assert presence is not None
    found = alpha.read(lambda r: agreed(r, alpha.origin, MORNING_US))
    cell = cell_of(found, presence)
    assert (cell.south_e7, cell.west_e7, cell.size_e7) == (south, west, 10_000_000)
    assert abs(cell.middle.lat_e7) <= 900_000_000


def test_blurring_never_says_farther_than_it_is(three: Three) -> None:
    relief, alpha, _ = three
    give(relief, hospital(), alpha)
    [row] = rows(alpha)
    presence = presence_of(row, alpha.identity.entry_keys)
    assert presence is not None
    found = alpha.read(lambda r: agreed(r, alpha.origin, MORNING_US))
    exact = assess(volume(lat=35.51, lon=35.77), site())
    assert exact is not None
    for closest_mm in (0, 1, 999_999, 1_000_000, 5_555_999):
        shown = blurred(found, presence, replace(exact, closest_mm=closest_mm))
        assert shown.closest_mm <= closest_mm
        assert closest_mm - shown.closest_mm < 1_000_000
        assert shown.overlap_window is None


# --- the owner's self-test -----------------------------------------------------------------------


def misses(party: Party, now_us: int) -> list[tuple[int, ...]]:
    keys = party.identity.entry_keys
    return [
        each.counts
        for each in party.read(lambda r: near_miss.tested(r, keys, party.origin, now_us))
    ]


def at_km(distance_km: float) -> Declaration:
    """An operation whose rim is so far from the site's."""
    return declaration(volume(lat=35.51 + (10 + distance_km) * KM_LAT, lon=35.77, radius_m=8_000))


def test_near_misses_are_counted_in_multiples_of_the_clearance(three: Three) -> None:
    relief, alpha, bravo = three
    give(relief, hospital(), alpha)
    assert misses(relief, MORNING_US) == [(0, 0, 0)]
    for distance_km in (-1, 4.5, 11, 27, 28.5):  # the clearance is 5.556 km
        alpha.declare(at_km(distance_km), relief)
    cancelled = bravo.declare(at_km(0), relief)
    bravo.move(MoveOrder(subject=cancelled.subject, code=Code.CANCEL, at_us=MORNING_US))
    assert misses(relief, MORNING_US) == [(2, 3, 4)]
    assert misses(alpha, MORNING_US) == []  # for the owner alone
    [found] = relief.read(
        lambda r: near_miss.tested(r, relief.identity.entry_keys, relief.origin, MORNING_US)
    )
    gaps = sorted((each.approach.meets, each.approach.closest_mm) for each in found.misses)
    assert gaps == [(False, 4_000_000), (True, 0)]


def test_what_ended_more_than_30_days_ago_is_not_counted(three: Three, table: Table) -> None:
    relief, alpha, _ = three
    long = hospital(site(until_us=MORNING_US + 30 * DAY_US))
    first = give(relief, long, alpha)
    done = alpha.declare(at_km(0), relief)
    for code in (Code.START, Code.END):
        alpha.move(MoveOrder(subject=done.subject, code=code, at_us=NOON_US))
    assert misses(relief, MORNING_US) == [(1, 1, 1)]  # over, and counted
    withdraw(relief, first.subject)
    assert misses(relief, MORNING_US) == []
    table.now_us = MORNING_US + 29 * DAY_US
    again = replace(long.volumes[0].window, end_us=table.now_us + 10 * DAY_US)
    give(relief, hospital(replace(long.volumes[0], window=again)), alpha)
    assert misses(relief, table.now_us) == [(1, 1, 1)]
    table.now_us = MORNING_US + 31 * DAY_US
    assert misses(relief, table.now_us) == [(0, 0, 0)]


def test_after_the_expiry_nothing_is_tested_and_no_conflict_stands(three: Three) -> None:
    relief, alpha, _ = three
    give(relief, hospital(), alpha)
    alpha.declare(declaration(volume(lat=35.51, lon=35.77)), relief)
    assert len(holding(relief)) == len(holding(alpha)) == 1
    relief.table.now_us = NOON_US + DAY_US
    assert misses(relief, relief.table.now_us) == []
    for party in (relief, alpha):
        assert let_go(party) == 1
        assert holding(party) == []


def test_a_movement_meets_only_where_it_is_at_the_time(three: Three) -> None:
    """A convoy as two volumes, one after the other."""
    relief, alpha, _ = three
    there = Circle(centre=Position(lat_e7=361_000_000, lon_e7=357_700_000), radius_mm=2_000_000)
    first = replace(site(), window=replace(site().window, end_us=NOON_US + 30 * MINUTE_US))
    later = replace(site().window, start_us=NOON_US + 40 * MINUTE_US)
    give(relief, hospital(first, replace(site(), footprint=there, window=later)), alpha)
    early = volume(lat=36.1, lon=35.77, radius_m=1_000, start_us=NOON_US - 30 * MINUTE_US)
    assert alpha.declare(declaration(early)).conflicts == ()
    late = volume(lat=36.1, lon=35.77, radius_m=1_000, start_us=NOON_US)
    assert len(alpha.declare(declaration(late)).conflicts) == 1
