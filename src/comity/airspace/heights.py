"""From heights as given to a band above the ellipsoid, with the uncertainty that this adds.

Everything points outward: the true band lies within the converted one widened by what was added.
The geoid and the ground count with their extremes over the area. What cannot be converted honestly
is refused. Where each number comes from: `docs/explanation/heights.md`. Called by the doors,
notebooks, and intake, which holds what others converted against it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import ceil
from typing import Final

import numpy as np

from comity.airspace.broad import Box4D, box
from comity.airspace.earth import RADIUS_MAX_M
from comity.airspace.geoid import INTERPOLATION_MM, model_mm, range_mm
from comity.airspace.isa import STANDARD_PA, altitude_m, column_m_per_k
from comity.airspace.outline import volume_outline
from comity.model.fault import Malformed
from comity.model.given import (
    QNH_PA_MAX,
    QNH_PA_MIN,
    GivenHeights,
    HeightDatum,
    HeightLimit,
    HeightTerm,
    Qnh,
    Terrain,
)
from comity.model.quantity import SECOND_US
from comity.model.volume import Footprint, HeightBand, Uncertainty, Volume4D, Window

__all__ = [
    "QNH_AGE_US_MAX",
    "Converted",
    "Term",
    "agrees",
    "converted",
    "in_window",
    "with_heights",
]

QNH_AGE_US_MAX: Final = 24 * 3_600 * SECOND_US
# Twice what makes a storm's deepening explosive, 24 hPa in 24 h (Sanders and Gyakum 1980).
_QNH_PA_PER_HOUR = 200
_QNH_ROUNDING_PA = 100  # a QNH is told in whole hectopascal, rounded down (ICAO Annex 3)
# Along the area: rho f v, the gradient that balances a wind of 25 m/s, storm force, at 45 degrees.
_QNH_PA_PER_KM = 3.0
# Air off the standard atmosphere on the mean of the layer below: from -45 degrees (the coldest
# Siberian winters) to +25 (the hottest summers, moist air counted as warmer). Where the deviation
# was given: 10 degrees about it.
_UNKNOWN_AIR_K = 45.0
_KNOWN_AIR_K = 10.0
# What lies between the station whose QNH it is and the level counts, and warms it or cools it. The
# station may lie below the sea, and the layer higher than it seems, in a low: a kilometre more. It
# may lie up to 2,000 m high (rounded up for the like in a high): so much less.
_DEEPER_M = 1_000.0
_SHALLOWER_M = 2_500.0
# Geopotential to geometric: normal gravity is within 0.27 % of the standard 9.80665 (WGS84, equator
# and poles), and falls with height.
_GRAVITY_SHARE = 0.003
_GRAVITY_RADIUS_M = 6_300_000.0
# Twice the 16 m (90 %) that NASA specified for the global terrain of SRTM.
_TERRAIN_MM = 32_000
# Another's box about a footprint with edges of 1,000 km may be kilometres tighter than ours, and
# the geoid slopes by up to 0.1 m in a km. A third of the least that a conversion adds.
_TOLERANCE_MM = 1_000
_MM = 1_000
_BY_PRESSURE = (HeightDatum.PRESSURE, HeightDatum.FLIGHT_LEVEL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One part of the added uncertainty: what for, and how much."""

    name: HeightTerm
    mm: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """The band above WGS84, and what the conversion adds to its vertical uncertainty."""

    heights: HeightBand
    terms: tuple[Term, ...]

    @property
    def added_mm(self) -> int:
        """The terms together: a sum, as they may all err the same way."""
        return sum(term.mm for term in self.terms)


def with_heights(
    footprint: Footprint, given: GivenHeights, window: Window, uncertainty: Uncertainty
) -> Volume4D:
    """A volume whose heights are converted; `uncertainty` is what was stated besides.

    Raises:
        Malformed: as `converted`; `bad_uncertainty` for more than 100 km in all.
    """
    found = converted(given, footprint, window, uncertainty)
    return Volume4D(
        footprint=footprint,
        heights=found.heights,
        window=window,
        uncertainty=replace(uncertainty, vertical_mm=uncertainty.vertical_mm + found.added_mm),
        given=given,
    )


def in_window(volume: Volume4D, window: Window) -> Volume4D:
    """The volume in another window; where a QNH was given it is older or newer there.

    Raises:
        Malformed: as `with_heights`.
    """
    given, spread = volume.given, volume.uncertainty
    if given is None:
        return replace(volume, window=window)
    before = converted(given, volume.footprint, volume.window, spread)
    stated_mm = max(0, spread.vertical_mm - before.added_mm)
    stated = replace(spread, vertical_mm=stated_mm)
    return with_heights(volume.footprint, given, window, stated)


def agrees(volume: Volume4D) -> bool:
    """Whether a volume's own band, its uncertainty added, holds what its given heights convert to.

    Raises:
        Malformed: as `converted`, where they cannot be converted at all.
    """
    if volume.given is None:
        return True
    found = converted(volume.given, volume.footprint, volume.window, volume.uncertainty)
    spare_mm = volume.uncertainty.vertical_mm - found.added_mm + _TOLERANCE_MM
    return (
        volume.heights.lower_mm - spare_mm <= found.heights.lower_mm
        and found.heights.upper_mm <= volume.heights.upper_mm + spare_mm
    )


def converted(
    given: GivenHeights,
    footprint: Footprint,
    window: Window,
    uncertainty: Uncertainty | None = None,
) -> Converted:
    """The band above WGS84 over a whole footprint that passed `footprint.check`, in a window.

    `uncertainty` widens the area and the window in which it has to hold; its height is not used.

    Raises:
        Malformed: `qnh_too_old` (more than 24 h from some instant of the window), `inverted_band`
            (limits of different datums that end up the wrong way round), `bad_height`, `too_wide`.
    """
    level = HeightBand(lower_mm=0, upper_mm=0)
    spread = uncertainty or Uncertainty()
    around = Volume4D(footprint=footprint, heights=level, window=window, uncertainty=spread)
    place = _Place(around)
    ends = [_ends(limit, given, place) for limit in (given.lower, given.upper)]
    (lowest_mm, _, below), (_, highest_mm, above) = ends
    return Converted(
        heights=HeightBand(lower_mm=lowest_mm, upper_mm=highest_mm),
        terms=_together((*below, *above)),
    )


class _Place:
    """What is asked of an area and a window, looked up once."""

    def __init__(self, around: Volume4D) -> None:
        self.box: Box4D = box(around)
        outline = volume_outline(around)
        across = float(np.linalg.norm(np.ptp(outline.normals, axis=0))) * RADIUS_MAX_M
        self.wide_km = (across + 2 * outline.margin_mm / _MM) / _MM
        self.geoid_mm = range_mm(self.box)
        self.geoid_terms = (
            Term(name=HeightTerm.GEOID_MODEL, mm=model_mm(self.box)),
            Term(name=HeightTerm.GEOID_INTERPOLATION, mm=INTERPOLATION_MM),
        )


_Ends = tuple[int, int, tuple[Term, ...]]  # lowest, highest (mm above WGS84), terms


def _ends(limit: HeightLimit, given: GivenHeights, place: _Place) -> _Ends:
    """One limit over the whole area."""
    low_mm, high_mm = place.geoid_mm
    if limit.datum in _BY_PRESSURE:
        level_m, terms = _by_pressure(limit, given, place)
        level_mm = level_m * _MM
        return -ceil(-level_mm - low_mm), ceil(level_mm + high_mm), (*terms, *place.geoid_terms)
    if limit.datum is HeightDatum.AGL and given.terrain is not None:
        return _above_ground(limit.height_mm, given.terrain, place)
    if limit.datum is HeightDatum.MSL:
        return limit.height_mm + low_mm, limit.height_mm + high_mm, place.geoid_terms
    return limit.height_mm, limit.height_mm, ()


def _above_ground(height_mm: int, terrain: Terrain, place: _Place) -> _Ends:
    """Above the lowest ground, and above the highest."""
    low_mm, high_mm = terrain.lower_mm + height_mm, terrain.upper_mm + height_mm
    if terrain.datum is HeightDatum.WGS84:
        return low_mm, high_mm, (_GROUND,)
    geoid_low_mm, geoid_high_mm = place.geoid_mm
    return low_mm + geoid_low_mm, high_mm + geoid_high_mm, (_GROUND, *place.geoid_terms)


_GROUND = Term(name=HeightTerm.TERRAIN, mm=_TERRAIN_MM)


def _by_pressure(
    limit: HeightLimit, given: GivenHeights, place: _Place
) -> tuple[float, tuple[Term, ...]]:
    """A level of pressure as metres above sea level in the air that was given, and what adds up.

    An altimeter on a setting shows the standard atmosphere's height of its pressure less that of
    the setting; so the level stands where it shows, less what the true pressure at sea level makes.
    """
    set_pa = STANDARD_PA
    if limit.datum is HeightDatum.PRESSURE and given.qnh is not None:
        set_pa = given.qnh.pressure_pa
    true_pa = STANDARD_PA if given.qnh is None else given.qnh.pressure_pa
    shown_m = limit.height_mm / _MM + altitude_m(set_pa)
    level_m = shown_m - altitude_m(true_pa)
    low_pa, high_pa = _pressures(given.qnh, place)
    pressure_m = max(
        altitude_m(low_pa) - altitude_m(true_pa), altitude_m(true_pa) - altitude_m(high_pa)
    )
    column = column_m_per_k(abs(level_m) + pressure_m + _DEEPER_M)
    nominal = column_m_per_k(max(0.0, level_m))
    off = max(column - nominal, min(nominal, column_m_per_k(_SHALLOWER_M)))
    deviation_k = given.isa_deviation_c or 0
    spread_k = _UNKNOWN_AIR_K if given.isa_deviation_c is None else _KNOWN_AIR_K
    warm_m, air_m = nominal * deviation_k, column * spread_k + off * abs(deviation_k)
    top_m = abs(level_m + warm_m) + pressure_m + air_m
    terms = (
        _term(HeightTerm.PRESSURE if given.qnh is None else HeightTerm.QNH, pressure_m),
        _term(HeightTerm.TEMPERATURE, air_m),
        _term(HeightTerm.GRAVITY, top_m * _GRAVITY_SHARE + top_m**2 / _GRAVITY_RADIUS_M),
    )
    return level_m + warm_m, terms


def _pressures(qnh: Qnh | None, place: _Place) -> tuple[float, float]:
    """The least and the greatest pressure at sea level anywhere in the area and window, pascal."""
    if qnh is None:
        return QNH_PA_MIN, QNH_PA_MAX
    age_us = max(abs(place.box.start_us - qnh.at_us), abs(place.box.end_us - qnh.at_us))
    if age_us > QNH_AGE_US_MAX:
        raise Malformed(
            "the QNH is more than 24 h away from a part of the window", code="qnh_too_old"
        )
    age_h = age_us / (3_600 * SECOND_US)
    off_pa = _QNH_ROUNDING_PA + _QNH_PA_PER_HOUR * age_h + _QNH_PA_PER_KM * place.wide_km
    low_pa, high_pa = qnh.pressure_pa - off_pa, qnh.pressure_pa + off_pa
    return max(float(QNH_PA_MIN), low_pa), min(float(QNH_PA_MAX), high_pa)


def _term(name: HeightTerm, metres: float) -> Term:
    return Term(name=name, mm=ceil(metres * _MM))


def _together(terms: Iterable[Term]) -> tuple[Term, ...]:
    """Of each name the greatest, in the order in which they came."""
    found: dict[HeightTerm, int] = {}
    for term in terms:
        found[term.name] = max(found.get(term.name, 0), term.mm)
    return tuple(Term(name=name, mm=mm) for name, mm in found.items())
