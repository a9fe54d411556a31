"""Conflicts: found by both sides from the same notices, over when they no longer hold."""

from dataclasses import astuple, replace

import pytest
from numpy.random import default_rng

from comity.airspace.clearance import Clearance, assess
from comity.airspace.sides import sides_of, touch
from comity.intake import subject
from comity.intake.order import MoveOrder
from comity.model.agreement import DEFAULT
from comity.model.notice import Code
from comity.model.volume import Volume4D
from comity.storage.rows import ConflictRow
from comity.wire.entry_v1 import EntryType
from tests.airspace.samples import footprints
from tests.airspace.samples import volume as drawn
from tests.intake.table import Party, Table
from tests.model.samples import MINUTE_US, NOON_US, declaration, volume

KM_LAT = 1 / 110.95  # degrees of latitude in a kilometre at 35.5 north


@pytest.fixture
def pair(table: Table) -> tuple[Party, Party]:
    """Alpha and bravo, agreed."""
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    table.join(alpha, bravo)
    return alpha, bravo


Pair = tuple[Party, Party]


def holding(party: Party) -> list[ConflictRow]:
    return [row for row in party.read(lambda r: r.sky.conflicts()) if row.over_us is None]


def amend(party: Party, subject: bytes, *volumes: Volume4D) -> tuple[bytes, ...]:
    order = MoveOrder(subject=subject, code=Code.AMEND, at_us=NOON_US, volumes=volumes)
    return party.move(order).conflicts


def test_both_find_the_same_conflict(pair: Pair) -> None:
    alpha, bravo = pair
    ours = bravo.declare(declaration(volume(lat=35.7), code=Code.PROTECT), alpha)
    theirs = alpha.declare(declaration(), bravo)
    [one], [other] = holding(alpha), holding(bravo)
    assert one == other
    assert theirs.conflicts == (one.id,)
    assert (one.a, one.b) == tuple(sorted((ours.subject, theirs.subject)))
    assert (one.meets, one.closest_mm) == (True, 0)
    assert one.clause == (
        "by clause block of terms, version 1, clearance_lateral_mm is 5.556 km, "
        "clearance_vertical_mm is 914.4 m, clearance_time_us is 3 min"
    )
    for party in pair:
        assert [row.kind for row in party.warnings()] == ["conflict"]


@pytest.mark.parametrize(
    ("gap_km", "later_us", "higher_mm", "found"),
    [
        (-1.0, 0, 0, "meets"),
        (5.5, 0, 0, "close"),
        (5.6, 0, 0, "far"),  # 3 NM are 5.556 km
        (-1.0, 63 * MINUTE_US, 0, "close"),
        (-1.0, 63 * MINUTE_US + 1, 0, "far"),
        (-1.0, 0, 10_914_400, "close"),  # 3,000 ft are 914.4 m
        (-1.0, 0, 10_914_401, "far"),
        (5.5, 63 * MINUTE_US, 10_914_400, "close"),
    ],
)
def test_the_clause_decides(
    pair: Pair, gap_km: float, later_us: int, higher_mm: int, found: str
) -> None:
    alpha, bravo = pair
    alpha.declare(declaration(), bravo)
    near = volume(lat=35.5 + (80 + gap_km) * KM_LAT, start_us=NOON_US + later_us)
    heights = replace(near.heights, lower_mm=higher_mm, upper_mm=higher_mm + 10_000)
    near = replace(near, heights=heights)
    clearance = Clearance(
        lateral_mm=DEFAULT.clearance_lateral_mm,
        vertical_mm=DEFAULT.clearance_vertical_mm,
        time_us=DEFAULT.clearance_time_us,
    )
    expected = assess(volume(), near, clearance)
    bravo.declare(declaration(near), alpha)
    rows = holding(alpha)
    assert rows == holding(bravo)
    if found == "far":
        assert expected is None
        assert rows == []
        return
    assert expected is not None
    [row] = rows
    assert row.meets is (found == "meets") is expected.meets
    assert (row.closest_mm, row.vertical_mm, row.time_us) == (
        *(expected.closest_mm, expected.vertical_gap_mm, expected.time_gap_us),
    )


def test_what_is_ones_own_is_no_conflict(pair: Pair) -> None:
    alpha, bravo = pair
    alpha.declare(declaration(), bravo)
    alpha.declare(declaration(code=Code.PROTECT), bravo)
    assert holding(alpha) == holding(bravo) == []


def test_two_peers_of_ours_conflict_before_our_eyes(table: Table) -> None:
    alpha, bravo, host = (table.seat(name) for name in ("alpha", "bravo", "host"))
    table.join(alpha, bravo)
    table.join(bravo, host)
    host.declare(declaration(code=Code.PROTECT), bravo)
    alpha.declare(declaration(), bravo)
    assert len(holding(bravo)) == 1
    assert holding(alpha) == holding(host) == []  # neither was told of the other


def test_the_closest_of_several_volumes_is_named(pair: Pair) -> None:
    alpha, bravo = pair
    alpha.declare(declaration(volume(lat=30), volume()), bravo)
    bravo.declare(declaration(volume(lat=35.5 + 85 * KM_LAT), volume(lat=35.6)), alpha)
    [row] = holding(alpha)
    assert row.meets


def test_an_amendment_settles_it_anew(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    subject = alpha.declare(declaration(), bravo).subject
    bravo.declare(declaration(code=Code.PROTECT), alpha)
    [first] = holding(alpha)
    table.now_us += 1
    [second] = amend(alpha, subject, volume(lat=35.6))
    assert second != first.id
    table.now_us += 1
    assert amend(alpha, subject, volume(lat=30)) == ()
    for party in pair:
        rows = {row.id: row for row in party.read(lambda r: r.sky.conflicts())}
        assert rows[first.id].over_us == table.now_us - 1
        assert rows[second].over_us == table.now_us
        assert party.warnings() == []
    assert len(amend(alpha, subject, volume())) == 1
    assert len(holding(alpha)) == len(holding(bravo)) == 1


@pytest.mark.parametrize("code", [Code.END, Code.CANCEL])
def test_an_end_is_the_end_of_its_conflicts(pair: Pair, code: Code) -> None:
    alpha, bravo = pair
    subject = alpha.declare(declaration(), bravo).subject
    bravo.declare(declaration(code=Code.PROTECT), alpha)
    assert len(holding(alpha)) == 1
    alpha.move(MoveOrder(subject=subject, code=code, at_us=NOON_US))
    assert holding(alpha) == holding(bravo) == []
    bravo.declare(declaration(code=Code.HAZARD), alpha)
    assert holding(alpha) == holding(bravo) == []  # what has ended meets nobody


def test_a_conflict_is_our_own_record(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    bravo.declare(declaration(code=Code.PROTECT), alpha)
    alpha.declare(declaration(), bravo)
    kinds = {kind for kind, _ in table.verdicts(alpha, bravo) + table.verdicts(bravo, alpha)}
    assert EntryType.CONFLICT not in kinds
    for party in pair:
        size = party.read(lambda r: r.journal.size())
        entries = party.read(lambda r, n=size: r.journal.entries(0, n))  # type: ignore[misc]
        own = [e for e in entries if e.body.startswith(b"comity/conflict@v1\n")]
        assert len(own) == 1
        assert f"to {party.origin}\n".encode() in own[0].body


def test_nothing_found_is_recorded_twice(pair: Pair) -> None:
    alpha, bravo = pair
    alpha.declare(declaration(), bravo)
    first = bravo.declare(declaration(volume(lat=35.6), code=Code.PROTECT), alpha)
    second = bravo.declare(declaration(volume(lat=35.7), code=Code.PROTECT), alpha)
    assert len(holding(alpha)) == 2
    assert {*first.conflicts, *second.conflicts} == {row.id for row in holding(alpha)}


@pytest.mark.parametrize(
    ("places", "west", "width"),
    [
        ([(0, 10)], 0, 10),
        ([(0, 10), (5, 20)], 0, 25),
        ([(170, 20), (-175, 5)], 170, 20),
        ([(170, 5), (-175, 5)], 170, 20),
        ([(-10, 5), (10, 5)], -10, 25),
        ([(170, 230), (-175, 5), (20, 10)], 170, 230),  # the widest covers the others from behind
        ([(-180, 120), (-60, 120), (60, 120)], -180, 360),
        ([(-180, 360), (5, 5)], -180, 360),
    ],
)
def test_longitudes_leave_out_the_widest_gap(
    places: list[tuple[int, int]], west: int, width: int
) -> None:
    boxes = [(0, 0, w * 10**7, e * 10**7, 0, 0, 0, 0) for w, e in places]
    for turned in (boxes, boxes[::-1]):
        assert subject._longitudes(turned) == (west * 10**7, width * 10**7)


def test_a_widened_box_touches_whatever_comes_too_close() -> None:
    rng, lost = default_rng(62), {"plain": 0, "widened": 0}
    for _ in range(400):
        one, other = map(drawn, footprints(rng))
        clearance = Clearance(
            lateral_mm=int(rng.choice([10_000, 5_556_000, 900_000_000])),
            vertical_mm=914_400,
            time_us=MINUTE_US,
        )
        if assess(one, other, clearance) is None:
            continue
        plain = subject.around((one,))
        for name, box in (("plain", plain), ("widened", subject.wider(plain, clearance))):
            lost[name] += not touch(astuple(box), sides_of(other))
    assert lost["widened"] == 0
    assert lost["plain"] > 20  # a box that was not widened is seen
