"""A plan is checked against everything known here, and not a byte of it goes anywhere."""

from dataclasses import fields, replace

import pytest

from comity.airspace.clearance import assess
from comity.airspace.explain import sentence
from comity.airspace.reach import TimeToClear, Unable, UnableReason
from comity.intake.foresee import Foreseen, foreseen
from comity.model.notice import Code, Craft, Declaration, SubjectKind
from comity.model.quantity import Position
from comity.model.units import Units
from tests.intake.guarded import DAY_US, files, give, hospital, rows, site
from tests.intake.table import Party, Table
from tests.model.samples import NOON_US, declaration, volume

Three = tuple[Party, Party, Party]
PLAN = declaration(volume(lat=35.51, lon=35.77, radius_m=8_000), name="PLAN-THAT-STAYS")


@pytest.fixture
def three(table: Table) -> Three:
    """A relief agency and two parties that fly, agreed with both."""
    relief, alpha, bravo = (table.seat(name) for name in ("relief", "alpha", "bravo"))
    table.join(relief, alpha)
    table.join(relief, bravo)
    table.join(alpha, bravo)
    return relief, alpha, bravo


def ask(party: Party, plan: Declaration = PLAN) -> tuple[Foreseen, ...]:
    keys, now_us = party.identity.entry_keys, party.table.now_us
    return party.read(lambda r: foreseen(r, keys, party.origin, now_us, plan))


def test_it_finds_what_declaring_would_find_and_the_register_of_ones_own_too(three: Three) -> None:
    relief, alpha, bravo = three
    give(relief, hospital(), alpha)
    operation = bravo.declare(declaration(volume(lat=35.51, lon=35.77)), alpha)
    own = give(alpha, hospital(), bravo)
    spared = alpha.declare(hospital())
    alpha.declare(declaration(volume(lat=35.51, lon=35.77)))  # an operation of ours is no danger
    [entry] = [row for row in rows(alpha) if not row.ours]
    found = ask(alpha)
    assert {(each.id, each.kind, each.sealed) for each in found} == {
        (entry.id, SubjectKind.PRESENCE, True),
        (own.subject, SubjectKind.PRESENCE, True),
        (operation.subject, SubjectKind.OPERATION, False),
        (spared.subject, SubjectKind.PRESENCE, False),
    }
    assert all(each.approach.meets for each in found)
    assert all("clearance_lateral_mm is 5.556 km" in each.clause for each in found)
    assert {each.owner for each in found} == {relief.origin, alpha.origin, bravo.origin}
    declared = alpha.declare(PLAN)
    assert len(declared.conflicts) == 2  # of others


def test_not_a_byte_leaves_or_stays(three: Three) -> None:
    """Entries, outboxes, everything handed over, and every byte of every file: as before."""
    relief, alpha, _ = three
    give(relief, hospital(), alpha)

    def marks() -> tuple[object, ...]:
        each = tuple(
            (
                party.read(lambda r: r.journal.size()),
                party.read(lambda r: [r.post.outbox_count(p.origin) for p in r.post.peers()]),
                party.read(lambda r: r.sky.conflicts()),
                party.read(lambda r: r.sky.warnings()),
                party.read(lambda r: r.register.reads(b"", 100)),
                files(party),
            )
            for party in three
        )
        return (*each, sum(map(len, relief.table.handed.values())))

    before = marks()
    for _ in range(3):
        assert len(ask(alpha)) == 1
    assert marks() == before
    alpha.table.hand_over()
    assert marks() == before
    assert b"PLAN-THAT-STAYS" not in files(alpha)


def test_of_a_sealed_entry_neither_place_nor_exact_distance_is_told(three: Three) -> None:
    relief, alpha, _ = three
    give(relief, hospital(), alpha)
    plan = declaration(volume(lat=35.64, lon=35.77, radius_m=8_000))
    [found] = ask(alpha, plan)
    exact = assess(plan.volumes[0], site())
    assert exact is None
    assert (found.approach.meets, found.approach.closest_mm) == (False, 4_000_000)
    assert found.approach.point == Position(lat_e7=355_000_000, lon_e7=355_000_000)
    assert {field.name for field in fields(found)} == {
        *("id", "owner", "kind", "sealed", "approach", "clause", "met", "pair"),
        *("needed", "published_us", "verdict"),
    }
    assert (found.pair, found.needed) == (None, None)
    assert (found.published_us, found.verdict) == (None, None)
    assert (found.met.heights, found.met.window, found.met.where) == (None, None, False)
    text = sentence(found.met, Units.METRIC)
    assert text.startswith("The plan and relief's register entry ")
    assert " come too close: 4 km or more apart sideways (up to " in text
    assert "35." not in text
    assert "UTC" not in text


def test_what_is_far_or_over_is_no_finding(three: Three) -> None:
    relief, alpha, _ = three
    give(relief, hospital(), alpha)
    assert ask(alpha, declaration(volume(lat=36.5, lon=35.77, radius_m=8_000))) == ()
    alpha.table.now_us = NOON_US + DAY_US
    assert ask(alpha) == ()


def test_the_nearest_stand_first(three: Three) -> None:
    relief, alpha, _ = three
    for lat in (35.64, 35.51, 35.62):
        give(relief, hospital(site(lat, 35.77)), alpha)
    found = ask(alpha)
    assert [(f.approach.meets, f.approach.closest_mm) for f in found] == [
        (True, 0),
        (False, 2_000_000),
        (False, 4_000_000),
    ]


def test_a_plan_learns_what_it_needs_and_what_others_have_published(three: Three) -> None:
    _, alpha, bravo = three
    area = volume(lat=35.51, lon=35.77, radius_m=8_000)
    hazard = bravo.declare(declaration(area), alpha).subject
    said = declaration(area, code=Code.PROTECT)
    presence = bravo.declare(replace(said, needs_us=8 * 60_000_000), alpha).subject
    plan = replace(declaration(area), craft=Craft.UNARMED)
    found = {each.id: each for each in ask(alpha, plan)}
    there, spared = found[hazard], found[presence]
    assert isinstance(there.needed, TimeToClear)
    # From the middle to the rim of 8 km and 5.556 km of clearance, at 125 m/s.
    assert there.needed.distance_us == pytest.approx((8_000 + 5_556) / 125 * 1e6, abs=1_000)
    assert (there.published_us, there.verdict) == (None, None)
    assert spared.needed is None
    assert spared.published_us == 8 * 60_000_000
    assert spared.verdict is not None
    lead = plan.volumes[0].window.start_us - alpha.table.now_us
    assert (spared.verdict.word == "sufficient") is (lead >= spared.published_us)
    alpha.table.now_us = plan.volumes[0].window.start_us - 60_000_000
    [late] = [each for each in ask(alpha, plan) if each.id == presence]
    assert late.verdict is not None
    assert late.verdict.reason == "lead_below_clear_needs"
    [balloon] = [e for e in ask(alpha, replace(plan, craft=Craft.BALLOON)) if e.id == hazard]
    assert balloon.needed == Unable(reason=UnableReason.NO_SPEED)
