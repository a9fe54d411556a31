"""Corridors and holes through the desk: told, kept, given back, and found in conflicts."""

from dataclasses import replace

import pytest

from comity.intake.subject import declaration_of
from comity.model.notice import Code
from comity.model.quantity import Position
from comity.model.volume import Corridor, Footprint, Polygon, Volume4D
from tests.intake.table import Party, Table
from tests.model.samples import declaration, volume

E7 = 10_000_000


@pytest.fixture
def pair(table: Table) -> tuple[Party, Party]:
    """Alpha and bravo, agreed: 5.556 km of clearance."""
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    table.join(alpha, bravo)
    return alpha, bravo


Pair = tuple[Party, Party]


def over(shape: Footprint) -> Volume4D:
    return replace(volume(), footprint=shape)


def places(*spots: tuple[float, float]) -> tuple[Position, ...]:
    return tuple(Position(lat_e7=round(a * E7), lon_e7=round(b * E7)) for a, b in spots)


def square(half: float) -> tuple[Position, ...]:
    low, high = 35 - half, 35 + half
    return places((low, low), (low, high), (high, high), (high, low))


FRAME = over(Polygon(vertices=square(1.0), holes=(square(0.5),)))
ROUTE = over(
    Corridor(vertices=places((34.6, 34.4), (34.6, 35.6), (35.4, 35.6)), half_width_mm=5_000_000)
)


@pytest.mark.parametrize("shape", [FRAME, ROUTE], ids=["holes", "corridor"])
def test_both_sides_keep_the_very_shape(pair: Pair, shape: Volume4D) -> None:
    alpha, bravo = pair
    given = alpha.declare(declaration(shape), bravo)
    for party in pair:
        row = party.read(lambda r: r.sky.subject(given.subject))
        assert row is not None
        assert declaration_of(row).volumes == (shape,)


# In the hole, 11 km from its rim; and 3 km from it, nearer than the clearance.
@pytest.mark.parametrize(("lon", "found"), [(35.0, 0), (35.456, 1)])
def test_what_is_in_a_hole_is_no_conflict_until_it_is_near_the_rim(
    pair: Pair, lon: float, found: int
) -> None:
    alpha, bravo = pair
    alpha.declare(declaration(FRAME), bravo)
    inside = volume(lat=35.0, lon=lon, radius_m=1_000)
    assert len(bravo.declare(declaration(inside, code=Code.PROTECT), alpha).conflicts) == found


# 33 km from either arm of a bend; and on its turn.
@pytest.mark.parametrize(("lat", "lon", "found"), [(34.95, 35.2, 0), (34.62, 35.58, 1)])
def test_a_corridor_is_met_along_its_line_and_not_within_its_bend(
    pair: Pair, lat: float, lon: float, found: int
) -> None:
    alpha, bravo = pair
    bravo.declare(declaration(ROUTE, code=Code.PROTECT), alpha)
    outcome = alpha.declare(declaration(volume(lat=lat, lon=lon, radius_m=1_000)), bravo)
    assert len(outcome.conflicts) == found
