"""An oracle for heights by pressure: air of any kind, and where a level of pressure stands in it.

It shares no formula with `airspace.heights` but the standard atmosphere's definition. Called by
`test_heights`.
"""

from dataclasses import dataclass
from math import radians, sin

import numpy as np
from numpy.random import Generator

SEA_PA, SEA_K, LAPSE, TROPOPAUSE_M, TROPOPAUSE_K = 101_325.0, 288.15, 0.0065, 11_000.0, 216.65
EXPONENT = 0.190263105  # R L / g
STEPS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Air:
    """Air over a station: its height, the QNH there in truth, and how far off standard it is.

    `off_k` is the deviation of the temperature in each of ten layers from the station upward.
    """

    station_m: float
    qnh_pa: float
    off_k: tuple[float, ...]

    def height_m(self, level_pressure_altitude_m: float, lat: float) -> float:
        """Metres above sea level of a level of pressure, geometric, at a latitude."""
        start = self.station_m + setting_m(self.qnh_pa)
        edges = np.linspace(start, level_pressure_altitude_m, STEPS + 1)
        middle = (edges[1:] + edges[:-1]) / 2
        standard = np.maximum(SEA_K - LAPSE * middle, TROPOPAUSE_K)
        off = np.array(self.off_k)[np.arange(STEPS) * len(self.off_k) // STEPS]
        geopotential = self.station_m + float((np.diff(edges) * (1 + off / standard)).sum())
        return geometric_m(geopotential, lat)


def setting_m(pressure_pa: float) -> float:
    """What an altimeter on 1013.25 hPa shows at a pressure (below 11 km)."""
    return SEA_K / LAPSE * (1 - float((pressure_pa / SEA_PA) ** EXPONENT))


def geometric_m(geopotential_m: float, lat: float) -> float:
    """Geopotential to geometric height by normal gravity of WGS84 (Somigliana) and its fall."""
    square = sin(radians(lat)) ** 2
    gravity = 9.7803253359 * (1 + 0.00193185265241 * square)
    gravity /= (1 - 0.00669437999013 * square) ** 0.5
    radius_m = 6_356_752.0
    flat_m = geopotential_m * 9.80665 / gravity
    return float(flat_m * radius_m / (radius_m - flat_m))


def air_within(
    chance: Generator, qnh_pa: tuple[float, float], off_k: tuple[float, float], below_m: float
) -> Air:
    """Air at random, half of the time at the ends of what is allowed."""

    def pick(low: float, high: float) -> float:
        return float(
            chance.choice((low, high)) if chance.random() < 0.5 else chance.uniform(low, high)
        )

    one = pick(*off_k)
    layers = (one,) * 10 if chance.random() < 0.5 else tuple(pick(*off_k) for _ in range(10))
    return Air(station_m=pick(-430.0, min(2_000.0, below_m)), qnh_pa=pick(*qnh_pa), off_k=layers)
