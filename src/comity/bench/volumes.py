"""Volumes to search among: octagons of some 20 km, an hour each, heights mixed; the same each run.

`spread` lie anywhere over 32 x 20 degrees within two days. `crowded` lie in one square of 300 km
within 30 days. Neither knows an index. Called by airspace.
"""

from collections.abc import Iterator
from math import cos, pi, radians, sin
from random import Random  # noqa: TID251 - seeded, so that each run searches the same

from comity.model.quantity import Position
from comity.model.volume import HeightBand, Polygon, Volume4D, Window

__all__ = ["crowded", "spread"]

_CORNERS = 8
_KM_PER_DEGREE = 111.2
_START_US = 1_800_000_000_000_000
_HOUR_US = 3_600_000_000
_TOP_MM = 12_000_000
_E7 = 10_000_000


def spread(seed: int, count: int) -> Iterator[Volume4D]:
    """Between 30 and 50 degrees north, 0 and 32 east: a continent's day and the next."""
    return _octagons(seed, count, (30.0, 20.0), (0.0, 32.0), 48)


def crowded(seed: int, count: int) -> Iterator[Volume4D]:
    """All within 300 km of one place: the same hour and height are what few of them share."""
    return _octagons(seed, count, (35.0, 2.7), (35.0, 3.3), 30 * 24)


def _octagons(
    seed: int, count: int, lats: tuple[float, float], lons: tuple[float, float], hours: int
) -> Iterator[Volume4D]:
    chance = Random(seed)  # noqa: S311 - as above
    for _ in range(count):
        lat = lats[0] + lats[1] * chance.random()
        lon = lons[0] + lons[1] * chance.random()
        start_us = _START_US + int(hours * _HOUR_US * chance.random())
        lower_mm = int(_TOP_MM * chance.random())
        yield Volume4D(
            footprint=Polygon(vertices=_ring(chance, lat, lon)),
            heights=HeightBand(lower_mm=lower_mm, upper_mm=lower_mm + 500_000),
            window=Window(start_us=start_us, end_us=start_us + _HOUR_US),
        )


def _ring(chance: Random, lat: float, lon: float) -> tuple[Position, ...]:
    across = _KM_PER_DEGREE * cos(radians(lat))
    corners = []
    for number in range(_CORNERS):
        turn, reach_km = number * 2 * pi / _CORNERS, 7 + 6 * chance.random()
        corners.append(
            Position(
                lat_e7=int((lat + reach_km * sin(turn) / _KM_PER_DEGREE) * _E7),
                lon_e7=int((lon + reach_km * cos(turn) / across) * _E7),
            )
        )
    return tuple(corners)
