"""The sides of volumes' boxes as plain integers: for many volumes at once, and fast for one.

What `broad.box` says of a volume, a little wider at most, as eight integers in a row: south, north
(1e-7 degree), west, width (1e-7 degree, east from west, over the antimeridian if need be), lower,
upper (millimetres), start, end (microseconds). An ordinary footprint, small and away from poles and
antimeridian, takes a shorter way with the same bounds; all others go through `broad.box`. Called by
`find`, `columns` and `index`.
"""

from collections.abc import Sequence
from enum import IntEnum
from itertools import chain
from math import ceil, cos, hypot, radians, tan
from typing import Final, TypeAlias

import numpy as np

from comity.airspace.broad import TURN_E7, box
from comity.airspace.clearance import NO_CLEARANCE, Clearance
from comity.airspace.earth import RADIUS_MIN_M, SEMI_MAJOR_M, Floats
from comity.airspace.sheets import Ints
from comity.model.quantity import DEGREE_E7, LAT_E7_MAX, LON_E7_MAX
from comity.model.volume import Volume4D, margin_mm_of
from comity.model.volume import places_of as core_of

__all__ = [
    "END",
    "LOWER",
    "NORTH",
    "SIDES",
    "SOUTH",
    "START",
    "UPPER",
    "WEST",
    "WIDTH",
    "Facts",
    "Sides",
    "facts_of",
    "places_of",
    "sides_of",
    "sides_of_many",
    "touch",
    "widened",
]

Sides: TypeAlias = tuple[int, int, int, int, int, int, int, int]

SOUTH, NORTH, WEST, WIDTH, LOWER, UPPER, START, END = range(8)
SIDES: Final = 8

_LAT_E7_MAX: Final = 70 * DEGREE_E7  # an ordinary footprint lies within, ...
_SPAN_E7_MAX: Final = 10 * DEGREE_E7  # ... is not wider, either way, ...
_REACH_MM_MAX: Final = 500_000_000  # ... and is not widened further: never beyond 82 degrees
_RADIANS_PER_E7: Final = radians(1 / DEGREE_E7)
_SLACK_MM: Final = 10  # as in `broad`: covers the 3 mm by which `narrow` errs outward, and rounding
_SLACK_E7: Final = 1
_APEX_MAX: Final = radians(89)  # no ordinary edge comes near it: only to keep tangents finite
_COS_MIN: Final = 0.1
_FLAT_MIN: Final = 1e-9  # a clearance goes around the pole long before
_E7_PER_MM: Final = 1 / (RADIUS_MIN_M * 1_000 * _RADIANS_PER_E7)
_E7_PER_EQUATOR_MM: Final = 1 / (SEMI_MAJOR_M * 1_000 * _RADIANS_PER_E7)


def places_of(volume: Volume4D) -> tuple[list[int], list[int]]:
    """Latitudes and longitudes of the core: rings, a line, or a centre (1e-7 degree)."""
    places = core_of(volume.footprint)
    return [p.lat_e7 for p in places], [p.lon_e7 for p in places]


def sides_of(volume: Volume4D, clearance: Clearance = NO_CLEARANCE) -> Sides:
    """The sides of one volume, its uncertainty and a clearance, rounded outward.

    Raises:
        Malformed: `too_wide`, as `outline.outline_of`.
    """
    lat, lon = places_of(volume)
    radius_mm = margin_mm_of(volume.footprint)
    south, north, west, east = min(lat), max(lat), min(lon), max(lon)
    doubt, window, heights = volume.uncertainty, volume.window, volume.heights
    reach_mm = radius_mm + doubt.lateral_mm + clearance.lateral_mm + _SLACK_MM
    up_mm = doubt.vertical_mm + clearance.vertical_mm
    around_us = doubt.time_us + clearance.time_us
    ordinary = (
        max(-south, north) <= _LAT_E7_MAX
        and east - west <= _SPAN_E7_MAX
        and north - south <= _SPAN_E7_MAX
        and reach_mm <= _REACH_MM_MAX
    )
    if not ordinary:
        return _general(volume, clearance)
    # No edge is longer than the diagonal; how far it bulges toward a pole: broad._bulge.
    sweep = hypot(
        (north - south) * _RADIANS_PER_E7,
        (east - west) * _RADIANS_PER_E7 * cos(max(south, -north, 0) * _RADIANS_PER_E7),
    )
    bent = sweep * sweep / 8 / _RADIANS_PER_E7
    step = ceil(reach_mm * _E7_PER_MM) + _SLACK_E7
    above = ceil(bent * tan(max(0.0, north * _RADIANS_PER_E7 + sweep / 2)))
    below = ceil(bent * tan(max(0.0, -south * _RADIANS_PER_E7 + sweep / 2)))
    north += above + step + _SLACK_E7
    south -= below + step + _SLACK_E7
    top = cos(max(-south, north) * _RADIANS_PER_E7)
    aside = ceil(reach_mm * _E7_PER_EQUATOR_MM / top) + _SLACK_E7
    return (
        *(south, north, (west - aside + LON_E7_MAX) % TURN_E7 - LON_E7_MAX),
        *(east - west + 2 * aside, heights.lower_mm - up_mm, heights.upper_mm + up_mm),
        *(window.start_us - around_us, window.end_us + around_us),
    )


def touch(one: Sides, other: Sides) -> bool:
    """`broad.boxes_meet`: whether two boxes share a point, sides included."""
    return (
        one[START] <= other[END]
        and other[START] <= one[END]
        and one[LOWER] <= other[UPPER]
        and other[LOWER] <= one[UPPER]
        and one[SOUTH] <= other[NORTH]
        and other[SOUTH] <= one[NORTH]
        and (
            (other[WEST] - one[WEST]) % TURN_E7 <= one[WIDTH]
            or (one[WEST] - other[WEST]) % TURN_E7 <= other[WIDTH]
        )
    )


class Facts(IntEnum):
    """The columns of `facts_of`: uncertainties and radius, then heights and window as stated.

    The radius is a circle's, or the half-width of a corridor; a polygon has 0.
    """

    LATERAL = 0
    VERTICAL = 1
    TIME = 2
    RADIUS = 3
    LOWER = 4
    UPPER = 5
    START = 6
    END = 7


def facts_of(volumes: Sequence[Volume4D]) -> Ints:
    """The single numbers of volumes, shape (n, 8): millimetres and microseconds."""
    flat = chain.from_iterable(map(_facts, volumes))
    return np.fromiter(flat, dtype=np.int64).reshape(-1, len(Facts))


def _facts(volume: Volume4D) -> Sides:
    doubt = volume.uncertainty
    heights, window = volume.heights, volume.window
    return (
        *(doubt.lateral_mm, doubt.vertical_mm, doubt.time_us),
        margin_mm_of(volume.footprint),
        *(heights.lower_mm, heights.upper_mm, window.start_us, window.end_us),
    )


def sides_of_many(
    volumes: Sequence[Volume4D], facts: Ints, lat: Ints, lon: Ints, starts: Ints
) -> Ints:
    """The sides of volumes without a clearance, shape (n, 8).

    Args:
        volumes: n of them.
        facts: theirs, shape (n, 8).
        lat: latitudes of all cores, one after another; `lon` likewise (1e-7 degree).
        lon: see `lat`.
        starts: where each volume's core starts in them, shape (n,).

    Raises:
        Malformed: `too_wide`, as `outline.outline_of`.
    """
    found = np.empty((len(volumes), SIDES), dtype=np.int64)
    south, north = np.minimum.reduceat(lat, starts), np.maximum.reduceat(lat, starts)
    west, east = np.minimum.reduceat(lon, starts), np.maximum.reduceat(lon, starts)
    reach_mm = facts[:, Facts.LATERAL] + facts[:, Facts.RADIUS] + _SLACK_MM
    ordinary = (
        (np.maximum(-south, north) <= _LAT_E7_MAX)
        & (east - west <= _SPAN_E7_MAX)
        & (north - south <= _SPAN_E7_MAX)
        & (reach_mm <= _REACH_MM_MAX)
    )
    equatorward = np.cos(np.maximum(np.maximum(south, -north), 0) * _RADIANS_PER_E7)
    tall, wide = (north - south) * _RADIANS_PER_E7, (east - west) * _RADIANS_PER_E7
    sweep = np.hypot(tall, wide * equatorward)
    step = np.ceil(reach_mm * _E7_PER_MM) + 2 * _SLACK_E7
    found[:, NORTH] = north + _bulges(north, sweep) + step
    found[:, SOUTH] = south - _bulges(-south, sweep) - step
    top = np.cos(np.maximum(-found[:, SOUTH], found[:, NORTH]) * _RADIANS_PER_E7)
    aside = np.ceil(reach_mm * _E7_PER_EQUATOR_MM / np.maximum(top, _COS_MIN)) + _SLACK_E7
    found[:, WEST] = (west - aside + LON_E7_MAX) % TURN_E7 - LON_E7_MAX
    found[:, WIDTH] = east - west + 2 * aside
    around = facts[:, [Facts.VERTICAL, Facts.VERTICAL, Facts.TIME, Facts.TIME]]
    found[:, LOWER:] = facts[:, Facts.LOWER :] + around * (-1, 1, -1, 1)
    for row in np.flatnonzero(~ordinary).tolist():
        found[row] = _general(volumes[row], NO_CLEARANCE)
    return found


def widened(sides: Ints, clearance: Clearance) -> Ints:
    """Sides (n, 8) with a clearance around them, outward; wider than `sides_of` by little."""
    found = sides.copy()
    step = ceil(clearance.lateral_mm * _E7_PER_MM) + _SLACK_E7
    south, north = sides[:, SOUTH] - step, sides[:, NORTH] + step
    top = np.maximum(-south, north)
    flat = np.cos(np.minimum(top, LAT_E7_MAX) * _RADIANS_PER_E7)
    aside = np.ceil(clearance.lateral_mm * _E7_PER_EQUATOR_MM / np.maximum(flat, _FLAT_MIN))
    width = sides[:, WIDTH] + 2 * (aside + _SLACK_E7)
    west = (sides[:, WEST] - aside - _SLACK_E7 + LON_E7_MAX) % TURN_E7 - LON_E7_MAX
    around = (top >= LAT_E7_MAX) | (width >= TURN_E7)
    found[:, SOUTH], found[:, NORTH] = np.maximum(south, -LAT_E7_MAX), np.minimum(north, LAT_E7_MAX)
    found[:, WEST] = np.where(around, -LON_E7_MAX, west)
    found[:, WIDTH] = np.where(around, TURN_E7, width)
    up_mm, around_us = clearance.vertical_mm, clearance.time_us
    found[:, LOWER:] += np.array([-up_mm, up_mm, -around_us, around_us])
    return found


def _bulges(side: Ints, sweep: Floats) -> Floats:
    """How far edges rise above a side toward its pole, at most (1e-7 degree): broad._bulge."""
    apex = np.clip(side * _RADIANS_PER_E7 + sweep / 2, 0.0, _APEX_MAX)
    return np.ceil(sweep * sweep / 8 * np.tan(apex) / _RADIANS_PER_E7)


def _general(volume: Volume4D, clearance: Clearance) -> Sides:
    whole = box(volume, clearance)
    return (
        *(whole.south_e7, whole.north_e7, whole.west_e7, whole.width_e7),
        *(whole.lower_mm, whole.upper_mm, whole.start_us, whole.end_us),
    )
