"""Boxes: a quick no that is never wrong.

`box` encloses a volume, widened by its uncertainty and a clearance, in latitude, longitude, height
and time (integers, rounded outward); `boxes_meet` compares two. It may say yes to volumes that do
not meet; it never says no to a pair that `narrow` or `clearance` would report. Called by `find`; an
index over boxes can take its place.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import ceil, cos, degrees, radians
from typing import Final

import numpy as np

from comity.airspace.clearance import NO_CLEARANCE, Clearance
from comity.airspace.earth import RADIUS_MIN_M, SEMI_MAJOR_M, Floats
from comity.airspace.outline import Outline, volume_outline
from comity.model.quantity import DEGREE_E7, LAT_E7_MAX, LON_E7_MAX
from comity.model.volume import Volume4D

__all__ = ["TURN_E7", "Box4D", "box", "boxes_meet"]

TURN_E7: Final = 360 * DEGREE_E7
_SLACK_MM = 10  # covers the 3 mm by which `narrow` errs outward, and rounding
_SLACK_E7 = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Box4D:
    """A closed box: 1e-7 degree, millimetres above WGS84, microseconds of UTC.

    Longitudes run east from `west_e7` (-180 <= west < 180 degrees) for `width_e7`, over the
    antimeridian if need be; a box that holds a pole is 360 degrees wide.
    """

    south_e7: int
    north_e7: int
    west_e7: int
    width_e7: int
    lower_mm: int
    upper_mm: int
    start_us: int
    end_us: int


def box(volume: Volume4D, clearance: Clearance = NO_CLEARANCE) -> Box4D:
    """The box of a volume, its uncertainty and a clearance, rounded outward.

    For a pair, one box carries the clearance and the other none.

    Raises:
        Malformed: `too_wide`, as `outline.outline_of`.
    """
    outline = volume_outline(volume)
    south_e7, north_e7 = _latitudes(outline)
    west_e7, width_e7, holds_pole = _longitudes(outline)
    if holds_pole and outline.cap.centre[2] > 0:
        north_e7 = LAT_E7_MAX
    elif holds_pole:
        south_e7 = -LAT_E7_MAX
    reach_m = (outline.margin_mm + clearance.lateral_mm + _SLACK_MM) / 1_000
    step_e7 = _ceil_e7(reach_m / RADIUS_MIN_M)
    south_e7, north_e7 = south_e7 - step_e7, north_e7 + step_e7
    west_e7, width_e7 = _widened(west_e7, width_e7, reach_m, max(-south_e7, north_e7))
    up_mm = volume.uncertainty.vertical_mm + clearance.vertical_mm
    around_us = volume.uncertainty.time_us + clearance.time_us
    return Box4D(
        south_e7=max(south_e7, -LAT_E7_MAX),
        north_e7=min(north_e7, LAT_E7_MAX),
        west_e7=west_e7,
        width_e7=width_e7,
        lower_mm=volume.heights.lower_mm - up_mm,
        upper_mm=volume.heights.upper_mm + up_mm,
        start_us=volume.window.start_us - around_us,
        end_us=volume.window.end_us + around_us,
    )


def boxes_meet(a: Box4D, b: Box4D) -> bool:
    """Whether two boxes share a point, sides included."""
    return (
        a.start_us <= b.end_us
        and b.start_us <= a.end_us
        and a.lower_mm <= b.upper_mm
        and b.lower_mm <= a.upper_mm
        and a.south_e7 <= b.north_e7
        and b.south_e7 <= a.north_e7
        and (
            (b.west_e7 - a.west_e7) % TURN_E7 <= a.width_e7
            or (a.west_e7 - b.west_e7) % TURN_E7 <= b.width_e7
        )
    )


def _latitudes(outline: Outline) -> tuple[int, int]:
    """South and north of the core, the poleward bulge of its edges included (1e-7 degree)."""
    lat = np.array([radians(p.lat_e7 / DEGREE_E7) for p in outline.core])
    following = lat[outline.after]
    step = np.linalg.norm(outline.normals - outline.normals[outline.after], axis=1)
    sweep = 2 * np.arcsin(np.minimum(1.0, step / 2))
    north = np.maximum(lat, following)
    south = np.maximum(-lat, -following)
    return (
        -_ceil_e7(float(np.max(south + _bulge(south, sweep)))),
        _ceil_e7(float(np.max(north + _bulge(north, sweep)))),
    )


def _bulge(top: Floats, sweep: Floats) -> Floats:
    """How far an edge can rise above its higher end, in radians; never too little.

    Along a great circle |lat''| <= tan(apex) and |lat'| <= 1, and the apex is at most sweep/2 above
    `top`.
    """
    apex = np.clip(top + sweep / 2, 0.0, radians(89.9))
    bent = np.where(top + sweep / 2 < radians(89.9), sweep**2 / 8 * np.tan(apex), np.inf)
    return np.asarray(np.minimum(sweep / 2, bent))


def _longitudes(outline: Outline) -> tuple[int, int, bool]:
    """West edge and width of the core (1e-7 degree), and whether a ring goes around a pole."""
    lon = [p.lon_e7 for p in outline.core[: outline.rings[0]]]  # holes lie within
    east = west = here = 0
    ends = lon if outline.is_open else [*lon, lon[0]]
    for before, after in pairwise(ends):
        here += (after - before + LON_E7_MAX) % TURN_E7 - LON_E7_MAX
        west, east = min(west, here), max(east, here)
    return lon[0] + west, east - west, here != 0 and not outline.is_open


def _widened(west_e7: int, width_e7: int, reach_m: float, top_e7: int) -> tuple[int, int]:
    """Longitudes after moving `reach_m` any way at latitudes up to `top_e7`; all of them at a pole.

    A way of length s spans at most s/(a cos(lat)) of longitude, as the prime-vertical radius is
    never below a.
    """
    if top_e7 >= LAT_E7_MAX:
        return -LON_E7_MAX, TURN_E7
    step_e7 = _ceil_e7(reach_m / (SEMI_MAJOR_M * cos(radians(top_e7 / DEGREE_E7))))
    if width_e7 + 2 * step_e7 >= TURN_E7:
        return -LON_E7_MAX, TURN_E7
    west_e7 = (west_e7 - step_e7 + LON_E7_MAX) % TURN_E7 - LON_E7_MAX
    return west_e7, width_e7 + 2 * step_e7


def _ceil_e7(angle_rad: float) -> int:
    """Radians to 1e-7 degree, upward, with slack for rounding."""
    return ceil(degrees(angle_rad) * DEGREE_E7) + _SLACK_E7
