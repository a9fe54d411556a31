"""Very many pairs of small footprints all over the globe, quickly made; and fresh sets for indexes.

Rings are stars about a centre on its tangent plane, so they are simple; poles and antimeridian are
places like any other. Called by the tests of the fast half of the room.
"""

import numpy as np
from numpy.random import Generator

from comity.airspace.earth import Floats, position_of
from comity.model.quantity import Position
from comity.model.volume import Circle, Corridor, Footprint, Polygon, Volume4D
from tests.airspace.samples import HOUR_US, volume

_EARTH_M = 6_371_000.0
_ODD = ((89.99, 10.0), (-90.0, 0.0), (40.0, 180.0), (0.0, -179.9999), (50.0, 10.0), (70.0, 30.0))


def centre(rng: Generator) -> Floats:
    """A unit vector anywhere; every third time at a pole, the antimeridian or a sheet's corner."""
    if rng.random() < 1 / 3:
        lat, lon = np.radians(_ODD[rng.integers(len(_ODD))])
        return np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    found = rng.normal(size=3)
    return np.asarray(found / np.linalg.norm(found))


def _beside(centre_: Floats, east_m: Floats, north_m: Floats) -> list[Position]:
    """Positions on the tangent plane of a centre, metres east and north of it."""
    east = np.cross((0.0, 0.0, 1.0), centre_) if abs(centre_[2]) < 0.999 else np.eye(3)[0]
    east = east - np.dot(east, centre_) * centre_
    east /= np.linalg.norm(east)
    north = np.cross(centre_, east)
    spots = centre_ + (np.outer(east_m, east) + np.outer(north_m, north)) / _EARTH_M
    return [position_of(spot / np.linalg.norm(spot)) for spot in spots]


def star(
    rng: Generator, centre_: Floats, size_m: float, off_m: tuple[float, float] = (0.0, 0.0)
) -> Footprint:
    """A ring of 3 to 8 corners about a place beside the centre; every fifth time a circle.

    Every fifth time a corridor along those corners but for the last edge, or along some twice; and
    every seventh time the ring has a hole, of the same corners drawn nearer to the place.
    """
    corners = int(rng.integers(3, 9))
    angles = (np.arange(corners) + rng.uniform(0.1, 0.9, corners)) * (2 * np.pi / corners)
    reach = size_m * rng.uniform(0.4, 1.0, corners)
    kind = rng.random()
    if kind < 0.2:
        spot = _beside(centre_, np.array([off_m[0]]), np.array([off_m[1]]))[0]
        return Circle(centre=spot, radius_mm=round(size_m * 1_000))
    east, north = off_m[0] + reach * np.cos(angles), off_m[1] + reach * np.sin(angles)
    ring = tuple(_beside(centre_, east, north))
    if kind < 0.4:
        turns = int(rng.integers(2, 2 * corners))
        half_width_mm = max(5, round(size_m * 10 ** rng.uniform(0, 2.5)))
        return Corridor(vertices=(ring * 2)[:turns], half_width_mm=half_width_mm)
    if kind < 0.6 and corners >= 5:  # with fewer the place may lie outside its own ring
        hole = tuple(_beside(centre_, *_nearer((east, north), off_m, rng.uniform(0.2, 0.9))))
        return Polygon(vertices=ring, holes=(hole,))
    return Polygon(vertices=ring)


def _nearer(
    spots_m: tuple[Floats, Floats], off_m: tuple[float, float], share: float
) -> tuple[Floats, Floats]:
    east, north = (off + (each - off) * share for each, off in zip(spots_m, off_m, strict=True))
    return east, north


def pair(rng: Generator) -> tuple[Footprint, Footprint]:
    """Two footprints of 10 m to 100 km that overlap, nearly touch, or pass each other."""
    size_m = float(10 ** rng.uniform(1, 5))
    here = centre(rng)
    away, angle = size_m * rng.uniform(0, 2.2), rng.uniform(0, 2 * np.pi)
    off_m = (away * float(np.cos(angle)), away * float(np.sin(angle)))
    return star(rng, here, size_m), star(rng, here, size_m * rng.uniform(0.2, 1), off_m)


def crowd(seed: int, count: int, *, around: Floats | None = None) -> list[Volume4D]:
    """Volumes of 20 km near one place (or near odd ones), an hour each, stacked."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        here = centre(rng) if around is None else around
        off_m = (float(rng.uniform(-1e5, 1e5)), float(rng.uniform(-1e5, 1e5)))
        hours = 24 if around is None else 2
        start_us, lower_mm = int(rng.integers(0, hours * HOUR_US)), int(rng.integers(0, 10**7))
        found.append(
            volume(
                star(rng, here, float(10 ** rng.uniform(2, 4.3)), off_m),
                heights_mm=(lower_mm, lower_mm + int(rng.integers(0, 3_000_000))),
                window_us=(start_us, start_us + int(rng.integers(0, HOUR_US))),
                spread=(int(rng.choice([0, 10, 10**6])), int(rng.integers(0, 10)), 7),
            )
        )
    return found
