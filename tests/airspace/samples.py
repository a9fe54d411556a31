"""Footprints, volumes and pairs for the tests of this room, and the judge that compares answers."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from math import asin, ceil, degrees

import numpy as np
from geographiclib.geodesic import Geodesic
from numpy.random import Generator, default_rng

from comity.airspace import brute, footprint
from comity.airspace.earth import Floats
from comity.model.fault import Malformed
from comity.model.quantity import Position, e7_from_degrees
from comity.model.volume import (
    Circle,
    Corridor,
    Footprint,
    HeightBand,
    Polygon,
    Uncertainty,
    Volume4D,
    Window,
)

NOON_US = 1_800_000_000_000_000
HOUR_US = 3_600_000_000
ALARM_M = 0.01  # the promise: nothing farther apart than this is said to meet
TOUCH_M = 1e-6  # float noise of a touch
ODD_PLACES = ((89.995, 10.0), (-89.9, 100.0), (80.0, 179.99), (0.0, -179.999), (0.001, 0.0))


def at(lat: float, lon: float) -> Position:
    """A position from degrees; longitudes may run past 180."""
    return Position(
        lat_e7=e7_from_degrees(lat), lon_e7=e7_from_degrees((lon + 180.0) % 360.0 - 180.0)
    )


def polygon(*corners: tuple[float, float]) -> Polygon:
    """A ring from pairs of latitude and longitude in degrees."""
    return Polygon(vertices=tuple(at(lat, lon) for lat, lon in corners))


def circle(lat: float, lon: float, radius_m: float) -> Circle:
    """A circle from degrees and metres."""
    return Circle(centre=at(lat, lon), radius_mm=round(radius_m * 1_000))


def holed(outer: Polygon, *holes: Polygon) -> Polygon:
    """The first ring less the open insides of the others."""
    return replace(outer, holes=tuple(hole.vertices for hole in holes))


def corridor(half_width_m: float, *line: tuple[float, float]) -> Corridor:
    """A line from pairs of latitude and longitude in degrees, and half its width in metres."""
    vertices = tuple(at(lat, lon) for lat, lon in line)
    return Corridor(vertices=vertices, half_width_mm=round(half_width_m * 1_000))


def edges(place: Polygon | Corridor) -> list[tuple[Position, Position]]:
    """Start and end of each edge; a line has none back to its start."""
    if isinstance(place, Corridor):
        return list(pairwise(place.vertices))
    rings = (place.vertices, *place.holes)
    return [edge for ring in rings for edge in pairwise((*ring, ring[0]))]


def volume(
    place: Footprint,
    *,
    heights_mm: tuple[int, int] = (0, 1_000_000),
    window_us: tuple[int, int] = (0, HOUR_US),
    spread: tuple[int, int, int] = (0, 0, 0),
) -> Volume4D:
    """A volume; the window counts from NOON_US, `spread` is uncertainty in mm, mm, us."""
    return Volume4D(
        footprint=place,
        heights=HeightBand(lower_mm=heights_mm[0], upper_mm=heights_mm[1]),
        window=Window(start_us=NOON_US + window_us[0], end_us=NOON_US + window_us[1]),
        uncertainty=Uncertainty(lateral_mm=spread[0], vertical_mm=spread[1], time_us=spread[2]),
    )


def widened(one: Volume4D, lateral_mm: int) -> Volume4D:
    """The volume with another lateral uncertainty."""
    return replace(one, uncertainty=replace(one.uncertainty, lateral_mm=lateral_mm))


def beyond(start: tuple[float, float], azimuth: float, length_m: float) -> tuple[float, float]:
    """The place (degrees) that far along a geodesic."""
    found = Geodesic.WGS84.Direct(*start, azimuth, length_m)
    return float(found["lat2"]), float(found["lon2"])


def blob(rng: Generator, centre: tuple[float, float], size_m: float, corners: int) -> Polygon:
    """A ring of random reach around a centre; not always simple when it is tiny."""
    azimuths = np.sort(rng.uniform(0, 360, corners)).tolist()
    return polygon(*(beyond(centre, az, size_m * rng.uniform(0.3, 1.0)) for az in azimuths))


def sliver(rng: Generator, centre: tuple[float, float], size_m: float) -> Polygon:
    """A strip of 3 cm to 3 m, as long as the size."""
    azimuth, width_m = rng.uniform(0, 360), 10 ** rng.uniform(-1.5, 0.5)
    far = beyond(centre, azimuth, size_m)
    sides = [beyond(end, azimuth + 90, width_m) for end in (far, centre)]
    return polygon(centre, far, *sides)


def path(rng: Generator, centre: tuple[float, float], size_m: float) -> Corridor:
    """A corridor of 2 to 7 vertices about a centre that may cross itself, come back or retrace."""
    spots = [
        beyond(centre, rng.uniform(0, 360), size_m * rng.uniform(0.1, 0.9))
        for _ in range(int(rng.integers(2, 7)))
    ]
    if rng.random() < 0.3:
        spots.append(spots[0])
    half_width_m = max(size_m * 10 ** rng.uniform(-4, -0.7), 0.005)
    return corridor(half_width_m, *spots)


def pierced(rng: Generator, centre: tuple[float, float], size_m: float) -> Polygon:
    """A ring about a centre with one to three holes; not always holes that are inside."""
    corners = int(rng.integers(4, 9))
    turned = np.sort(rng.uniform(0, 360, corners)).tolist()
    outer = polygon(*(beyond(centre, az, size_m * rng.uniform(0.7, 1.0)) for az in turned))
    away_m = 0.35 * size_m if (count := int(rng.integers(1, 4))) > 1 else 0.0
    spots = [beyond(centre, 360 * n / count, away_m) for n in range(count)]
    reach_m = size_m * rng.uniform(0.05, 0.5 if count == 1 else 0.28)
    return holed(outer, *(blob(rng, spot, reach_m, int(rng.integers(3, 7))) for spot in spots))


def place_on_earth(rng: Generator) -> tuple[float, float]:
    """Anywhere, and every third time somewhere odd."""
    if rng.random() < 1 / 3:
        return ODD_PLACES[rng.integers(len(ODD_PLACES))]
    return degrees(asin(rng.uniform(-1, 1))), float(rng.uniform(-180, 180))


def shape(rng: Generator, centre: tuple[float, float], size_m: float) -> Footprint:
    """A circle, a corridor or a ring, with holes or not, that `footprint.check` accepts."""
    for _ in range(20):
        found: Footprint
        kind = rng.random()
        if kind < 0.3:
            found = circle(*centre, max(size_m, 0.01))
        elif kind < 0.4:
            found = sliver(rng, centre, size_m)
        elif kind < 0.55:
            found = path(rng, centre, size_m)
        elif kind < 0.7:
            found = pierced(rng, centre, size_m)
        else:
            found = blob(rng, centre, size_m, int(rng.integers(3, 9)))
        try:
            footprint.check(found)
        except Malformed:
            continue
        return found
    return circle(*centre, max(size_m, 0.01))


def footprints(rng: Generator, largest_m: float = 1_600_000.0) -> tuple[Footprint, Footprint]:
    """Two footprints from 10 cm to 1,600 km that overlap, pass each other closely or do not."""
    size_m = 10 ** rng.uniform(-0.5, np.log10(largest_m))
    other_m = size_m * 10 ** rng.uniform(-1, 0.2)
    here = place_on_earth(rng)
    there = beyond(here, rng.uniform(0, 360), (size_m + other_m) * rng.uniform(0, 1.3))
    return shape(rng, here, size_m), shape(rng, there, other_m)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Two volumes that share an instant and a height; `gap_m` by the oracle, margins taken off."""

    a: Volume4D
    b: Volume4D
    gap_m: float


def discs(rng: Generator) -> tuple[Footprint, Footprint]:
    """Two circles, the second from 10 m to 400 km off."""
    here = place_on_earth(rng)
    there = beyond(here, rng.uniform(0, 360), 10 ** rng.uniform(1, 5.6))
    return circle(*here, 5), circle(*there, 2)


def bends(rng: Generator) -> tuple[Footprint, Footprint]:
    """A corridor around three quarters of a turn, or all of it, and something small in its middle.

    What closes a line, or fills what it goes around, gets these wrong.
    """
    here, size_m = place_on_earth(rng), 10 ** rng.uniform(1, 5.9)
    turned, full = rng.uniform(0, 360), rng.random() < 0.5
    turns = np.linspace(0, 360 if full else 250, int(rng.integers(5, 9)))
    line = [beyond(here, turned + turn, size_m) for turn in turns.tolist()]
    inside = beyond(here, turned + rng.uniform(250, 360), size_m * rng.uniform(0, 0.8))
    return corridor(max(size_m / 50, 0.005), *line), shape(rng, inside, size_m / 20)


def in_holes(rng: Generator) -> tuple[Footprint, Footprint]:
    """A ring with holes, and something small in a hole of it, beside one, or over its rim.

    What forgets a hole, or takes only its corners for its rim, gets these wrong.
    """
    here, size_m = place_on_earth(rng), 10 ** rng.uniform(1, 5.9)
    while True:  # bounded by chance: most are rings with holes inside
        outer = pierced(rng, here, size_m)
        with suppress(Malformed):
            footprint.check(outer)
            break
    ring = outer.holes[int(rng.integers(len(outer.holes)))]
    lat, lon = (float(np.mean(unrolled(ring)[:, axis])) for axis in (0, 1))
    away_m = size_m * rng.choice([0.0, 0.05, 0.3])
    spot = beyond((lat, lon), rng.uniform(0, 360), away_m)
    return outer, shape(rng, spot, size_m * 10 ** rng.uniform(-2, -0.7))


def unrolled(ring: tuple[Position, ...]) -> Floats:
    """Latitudes and longitudes in degrees, (n, 2), each longitude near the first one."""
    found = np.array([(p.lat_e7 / 1e7, p.lon_e7 / 1e7) for p in ring])
    found[:, 1] = found[0, 1] + (found[:, 1] - found[0, 1] + 180) % 360 - 180
    return found


def lattice(rng: Generator) -> tuple[Footprint, Footprint]:
    """Two rings on one coarse grid: shared corners, shared edges, corners on edges abound."""
    step = float(rng.choice([1e-6, 1e-3, 0.5, 2.0]))
    corner = ((0.0, 10.0), (-1.5, -1.0), (35.0, 179.0), (86.0, -179.0), (-88.0, 60.0))
    south, west = corner[rng.integers(len(corner))]
    rings: list[Footprint] = []
    while len(rings) < 2:
        spots = rng.integers(0, 4, size=(int(rng.integers(3, 6)), 2)).tolist()
        ring = polygon(*((min(south + step * i, 90.0), west + step * j) for i, j in spots))
        with suppress(Malformed):
            footprint.check(ring)
            rings.append(ring)
    return rings[0], rings[1]


def cases(
    seed: int,
    pairs: int,
    draw: Callable[[Generator], tuple[Footprint, Footprint]] = footprints,
) -> Iterator[Case]:
    """Random pairs; where they are apart, twice more: just made to touch, and just short of it."""
    rng = default_rng(seed)
    for _ in range(pairs):
        one, other = draw(rng)
        a, b = volume(one), volume(other)
        apart_m = brute.apart_m(one, other)
        yield Case(a=a, b=b, gap_m=apart_m)
        needed_mm = ceil(apart_m * 1_000)
        if not 40 <= needed_mm <= 190_000_000:
            continue
        for total_mm in (needed_mm, needed_mm - 12):
            share_mm = int(total_mm * rng.uniform(0.48, 0.52))
            yield Case(
                a=widened(a, share_mm),
                b=widened(b, total_mm - share_mm),
                gap_m=apart_m - total_mm / 1_000,
            )


def _touching(one: Footprint, other: Footprint) -> Case:
    return Case(a=volume(one), b=volume(other), gap_m=0.0)


def touches() -> list[Case]:
    """Footprints that touch and do nothing else, by construction exact."""
    square = polygon((0, 0), (0, 1), (1, 1), (1, 0))
    dateline = polygon((10, 179), (10, 180), (11, 180), (11, 179))
    west_of_it = Position(lat_e7=10**8, lon_e7=-18 * 10**8)
    beyond_it = Polygon(vertices=(at(10, -179), at(11, -179), at(11, -180), west_of_it))
    frame = holed(square, polygon((0.3, 0.3), (0.3, 0.7), (0.7, 0.7), (0.7, 0.3)))
    cap = polygon((85, 0), (85, 90), (85, 180), (85, -90))
    return [
        _touching(square, polygon((1, 1), (1, 2), (2, 2))),  # a vertex
        _touching(square, polygon((0, 1), (0, 2), (1, 2), (1, 1))),  # an edge along a meridian
        _touching(square, polygon((-1, 0.2), (-1, 0.8), (0, 0.8), (0, 0.2))),  # part of the equator
        _touching(square, polygon((0.3, 1), (0.1, 2), (0.5, 2))),  # a vertex within an edge
        _touching(square, polygon((1, 0), (1, 1), (2, 0.5))),  # a slanting edge, the same corners
        _touching(dateline, beyond_it),  # an edge on the antimeridian, named from both sides
        _touching(polygon((90, 7), (80, 0), (80, 20)), polygon((90, -90), (80, 100), (80, 140))),
        _touching(cap, polygon((85, 90), (85, 180), (70, 135))),  # a cap over the pole
        _touching(polygon((5, 5), (5, 6), (6, 5)), polygon((6, 5), (7, 4), (7, 5))),
        _touching(frame, polygon((0.3, 0.3), (0.3, 0.7), (0.7, 0.7), (0.7, 0.3))),  # fills the hole
        _touching(frame, polygon((0.3, 0.3), (0.4, 0.5), (0.5, 0.4))),  # a corner of the hole
        _touching(frame, polygon((0.5, 0.3), (0.6, 0.5), (0.4, 0.5))),  # within an edge of the hole
        _touching(frame, holed(polygon((-1, -1), (-1, 2), (2, 2), (2, -1)), square)),  # two rims
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What an engine got wrong: missed cases, false alarms, and the widest gap called a touch."""

    misses: tuple[Case, ...]
    alarms: tuple[Case, ...]
    widest_m: float


def judge(engine: Callable[[Volume4D, Volume4D], bool], tried: Iterable[Case]) -> Judgement:
    """Compare an engine's answers with the oracle's gaps."""
    answers = [(case, engine(case.a, case.b)) for case in tried]
    return Judgement(
        misses=tuple(case for case, said in answers if not said and case.gap_m <= TOUCH_M),
        alarms=tuple(case for case, said in answers if said and case.gap_m > ALARM_M),
        widest_m=max((case.gap_m for case, said in answers if said), default=0.0),
    )
