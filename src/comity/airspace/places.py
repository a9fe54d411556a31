"""Near which named place is a position? For sentences that people read; it decides nothing.

`nearest_place` looks the position up in the list that ships with the package: 35,000 populated
places of the world, thinned from GeoNames (CC BY 4.0) by `tools/gazetteer.py`, which says what was
changed. Names are GeoNames' own, without a country: to name a place is to take no side. Read at
first use. Called by `explain` and by whoever wants to say where something is.
"""

import lzma
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from math import acos, cos, pi
from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity.airspace.arcs import at_most_m, chord_m
from comity.airspace.earth import RADIUS_MAX_M, RADIUS_MIN_M, Floats, normals_of, surface
from comity.airspace.geodesic import line
from comity.model.fault import must
from comity.model.quantity import Position, degrees

__all__ = ["SOURCE", "Place", "nearest_place"]

SOURCE: Final = "GeoNames (https://www.geonames.org), CC BY 4.0, thinned"
_FILE: Final = "gazetteer.xz"
_HEAD: Final = b"comity/gazetteer/v1"
_REMEMBERED: Final = 4_096  # positions: a list of conflicts is read again and again
_E7: Final = 10_000  # from thousandths of a degree
# Both far above rounding: a candidate more costs nothing.
_SLACK_M: Final = 1e-3
_SLACK_RAD: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A named place, how far a position is from it, and in which direction from there.

    `distance_mm` is the WGS84 geodesic to the nearest millimetre from the place's listed point,
    which stands to 0.001 degree (80 m) for a town that may be kilometres wide. `bearing_deg` is
    that geodesic's azimuth at the place, degrees from true north, 0 to below 360.
    """

    name: str
    position: Position
    distance_mm: int
    bearing_deg: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Gazetteer:
    """Names, thousandths of a degree (n, 2) and unit normals (n, 3)."""

    names: tuple[str, ...]
    spots: NDArray[np.int64]
    normals: Floats

    def position(self, number: int) -> Position:
        """Where a place is."""
        lat, lon = self.spots[number].tolist()
        return Position(lat_e7=lat * _E7, lon_e7=lon * _E7)


@lru_cache(maxsize=_REMEMBERED)
def nearest_place(position: Position) -> Place:
    """The listed place whose geodesic to the position is the shortest; of equals the first listed.

    A position at sea has the nearest place of any coast. Some 0.2 ms after the first call, which
    reads the list (some 30 ms).
    """
    known, normal = _gazetteer(), normals_of((position,))[0]
    near = _candidates(known.normals, normal)
    chords = np.linalg.norm(surface(known.normals[near]) - surface(normal), axis=1)
    reach = chord_m(at_most_m(float(chords.min())) + _SLACK_M)
    seen = [_seen_from(known, int(at), position) for at in near[chords <= reach]]
    return min(seen, key=lambda place: place.distance_mm)


def _candidates(normals: Floats, normal: Floats) -> NDArray[np.intp]:
    """Of all places those that may be nearest: a geodesic is Rmin to Rmax times the angle."""
    cosines = normals @ normal
    nearest_rad = acos(min(1.0, float(cosines.max())))
    reach_rad = min(pi, nearest_rad * RADIUS_MAX_M / RADIUS_MIN_M + _SLACK_RAD)
    return np.flatnonzero(cosines >= cos(reach_rad))


def _seen_from(known: _Gazetteer, number: int, position: Position) -> Place:
    there = known.position(number)
    length_m, azimuth = line(
        (degrees(there.lat_e7), degrees(there.lon_e7)),
        (degrees(position.lat_e7), degrees(position.lon_e7)),
    )
    return Place(
        name=known.names[number],
        position=there,
        distance_mm=round(length_m * 1_000),
        bearing_deg=azimuth % 360.0 % 360.0,  # twice: -1e-15 % 360 is 360
    )


@cache
def _gazetteer() -> _Gazetteer:
    data = lzma.decompress(files("comity.airspace").joinpath(_FILE).read_bytes())
    head, _, rest = data.partition(b"\n")
    magic, count = head.split(b" ")
    must(magic == _HEAD, "the gazetteer in the package is of another version")
    size = int(count)
    steps_at, lons_at, names_at = 4, 4 + 2 * (size - 1), 4 + 2 * (size - 1) + 4 * size
    first = np.frombuffer(rest[:steps_at], "<i4").astype(np.int64)
    steps = np.frombuffer(rest[steps_at:lons_at], "<u2").astype(np.int64)
    lats = np.cumsum(np.concatenate((first, steps)))
    lons = np.frombuffer(rest[lons_at:names_at], "<i4").astype(np.int64)
    angles = np.radians(np.column_stack((lats, lons)) / 1e3)
    flat = np.cos(angles[:, 0])
    normals = np.column_stack(
        (flat * np.cos(angles[:, 1]), flat * np.sin(angles[:, 1]), np.sin(angles[:, 0]))
    )
    return _Gazetteer(
        names=tuple(rest[names_at:].decode().splitlines()),
        spots=np.column_stack((lats, lons)),
        normals=normals,
    )
