"""What the people of a simulated party do: declare, amend, start, end; drawn from chance.

Areas stand on a grid so that two of them meet, beyond any doubt of geometry, exactly when they
share cell, band and hour: `spots_of` is an oracle without geometry.
"""

import random
from dataclasses import dataclass

from comity.intake.order import DeclareOrder, MoveOrder
from comity.intake.subject import declaration_of, volumes_of
from comity.model.lifecycle import LifeState
from comity.model.notice import (
    Code,
    Confidence,
    Craft,
    Declaration,
    Domain,
    HazardBasis,
    Onward,
    Purpose,
    SubjectKind,
)
from comity.model.quantity import Position
from comity.model.volume import Circle, HeightBand, Volume4D, Window
from comity.storage.rows import SubjectRow
from tests.simulation.life import NOON_US
from tests.simulation.loop import SECOND_US

__all__ = ["Spot", "declaration", "order_of", "spots_of"]

CELLS, BANDS, HOURS = 6, 2, 2
HOUR_US = 3_600 * SECOND_US
BAND_MM = 10_000_000
DEGREE_E7 = 10_000_000
CODES = (Code.NOTIFY, Code.NOTIFY, Code.NOTIFY, Code.PROTECT, Code.HAZARD)
MOVES = (Code.AMEND, Code.AMEND, Code.START, Code.END, Code.CANCEL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where and when, on the grid."""

    cell: int
    band: int
    hour: int


def _volume(chance: random.Random) -> Volume4D:
    spot = Spot(
        cell=chance.randrange(CELLS), band=chance.randrange(BANDS), hour=chance.randrange(HOURS)
    )
    start_us = NOON_US + (4 + 4 * spot.hour) * HOUR_US
    return Volume4D(
        footprint=Circle(
            centre=Position(lat_e7=(20 + 2 * spot.cell) * DEGREE_E7, lon_e7=30 * DEGREE_E7),
            radius_mm=chance.choice((2_000_000, 8_000_000)),
        ),
        heights=HeightBand(lower_mm=spot.band * BAND_MM, upper_mm=spot.band * BAND_MM + 3_000_000),
        window=Window(start_us=start_us, end_us=start_us + HOUR_US),
    )


def _spot(volume: Volume4D) -> Spot:
    """Back from a volume to the grid."""
    assert isinstance(volume.footprint, Circle)
    return Spot(
        cell=(volume.footprint.centre.lat_e7 // DEGREE_E7 - 20) // 2,
        band=volume.heights.lower_mm // BAND_MM,
        hour=((volume.window.start_us - NOON_US) // HOUR_US - 4) // 4,
    )


def spots_of(row: SubjectRow) -> frozenset[Spot]:
    """Where a subject is now. Two live ones of different owners meet if they share a spot."""
    return frozenset(_spot(volume) for volume in volumes_of(row))


def declaration(chance: random.Random, code: Code | None = None) -> Declaration:
    """Something to declare."""
    code = code or chance.choice(CODES)
    hazard = code is Code.HAZARD
    volume = _volume(chance)
    return Declaration(
        code=code,
        purpose=Purpose.DANGER_AREA if hazard else Purpose.TRAINING,
        domain=Domain.AIR,
        craft=Craft.NONE if hazard else Craft.UAV,
        onward=Onward.NONE,
        name="",
        volumes=(volume,),
        basis=HazardBasis(
            source="seen", confidence=Confidence.PROBABLE, expires_us=volume.window.end_us
        )
        if hazard
        else None,
    )


def order_of(
    chance: random.Random, others: list[str], own: list[SubjectRow]
) -> DeclareOrder | MoveOrder:
    """Declare something to some of `others`, or move one of our `own` live subjects."""
    if own and chance.random() < 0.35:
        row = chance.choice(own)
        code = chance.choice(MOVES)
        if code is Code.CANCEL and row.state != LifeState.DECLARED:
            code = Code.AMEND
        if code is Code.START and row.state != LifeState.DECLARED:
            code = Code.END
        volumes = (_volume(chance),) if code is Code.AMEND else ()
        if code is Code.AMEND and declaration_of(row).kind is SubjectKind.HAZARD:
            code, volumes = Code.END, ()
        return MoveOrder(subject=row.id, code=code, at_us=NOON_US, volumes=volumes)
    some = chance.sample(others, chance.randint(0 if chance.random() < 0.1 else 1, len(others)))
    return DeclareOrder(notice=declaration(chance), to=tuple(some))
