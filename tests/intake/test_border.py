"""Borders: nearer than agreed is flagged and said to both, whether declared so or moved so."""

from dataclasses import replace

import pytest

from comity.intake.agree import sign
from comity.intake.order import MoveOrder
from comity.model.notice import Code, Craft, Declaration
from comity.model.quantity import Position
from comity.model.volume import Circle, Volume4D
from comity.wire.agreement_v1 import agreement_text
from tests.agreement.samples import agreement, clause
from tests.intake.table import Party, Table
from tests.model.samples import declaration, volume

KM_E7 = 89_900  # a kilometre of latitude, a little less
LINE = (Position(lat_e7=450_000_000, lon_e7=0), Position(lat_e7=450_000_000, lon_e7=20_000_000))
FLAG = "inside_border_buffer"


def at_km(distance_km: int) -> Volume4D:
    """A circle of 1 km whose rim is `distance_km` south of the line."""
    centre = Position(lat_e7=450_000_000 - (distance_km + 1) * KM_E7, lon_e7=10_000_000)
    return replace(volume(), footprint=Circle(centre=centre, radius_mm=1_000_000))


def plan(distance_km: int, craft: Craft = Craft.COMBAT) -> Declaration:
    return replace(declaration(at_km(distance_km)), craft=craft)


@pytest.fixture
def two(table: Table) -> tuple[Party, Party]:
    """Combat craft keep 10 km from the line, drones 40; helicopters are not spoken of."""
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    table.join(alpha, bravo)
    border = clause("border", buffer_combat_mm=10_000_000, buffer_uav_mm=40_000_000)
    text = agreement_text(agreement(replace(border, line=LINE)))
    for seat in (alpha, bravo):
        seat.do(lambda tx, pen: sign(tx, pen, text))
        table.hand_over()
    return alpha, bravo


@pytest.mark.parametrize(
    ("distance_km", "craft", "flagged"),
    [
        (9, Craft.COMBAT, True),
        (12, Craft.COMBAT, False),
        (30, Craft.UAV, True),
        (45, Craft.UAV, False),
        (1, Craft.ROTARY, False),
        (1, Craft.NONE, False),
    ],
)
def test_each_class_of_craft_has_its_distance(
    two: tuple[Party, Party], *, distance_km: int, craft: Craft, flagged: bool
) -> None:
    alpha, bravo = two
    outcome = alpha.declare(plan(distance_km, craft), bravo)
    assert (FLAG in outcome.flags) is flagged
    assert (FLAG in bravo.subject(outcome.subject).flags) is flagged
    assert (FLAG in [row.kind for row in bravo.warnings()]) is flagged
    if flagged:
        [ground] = [g for g in bravo.subject(outcome.subject).grounds.split("\n") if "buffer" in g]
        assert ground.startswith("by clause border of flight-safety, version 1, buffer_")
        assert "; it comes within " in ground
        assert "m less than the " in ground
        assert "° true) of " in ground


def test_who_moves_into_the_buffer_is_flagged_and_who_leaves_it_is_not(
    two: tuple[Party, Party],
) -> None:
    alpha, bravo = two
    subject = alpha.declare(plan(50), bravo).subject
    for distance_km, flagged in ((5, True), (6, True), (50, False), (3, True)):
        order = MoveOrder(subject=subject, code=Code.AMEND, at_us=0, volumes=(at_km(distance_km),))
        outcome = alpha.move(order)
        assert (FLAG in outcome.flags) is flagged
        for seat in two:
            row = seat.subject(subject)
            assert (FLAG in row.flags) is flagged
            assert len(row.flags.split()) == len([g for g in row.grounds.split("\n") if g])
        assert [row.kind for row in bravo.warnings()].count(FLAG) == flagged
    alpha.move(MoveOrder(subject=subject, code=Code.END, at_us=alpha.table.now_us))
    assert FLAG not in [row.kind for row in bravo.warnings()]
