"""The standard atmosphere, as far as heights need it: ICAO Doc 7488/3, equations of its chapter 1.

Heights are geopotential metres, as altimeters count them; pressures pascal. Two layers: 6.5 K less
for each km up to 11 km, then 216.65 K up to 20 km. Called by `heights`.
"""

from math import log
from typing import Final

__all__ = ["STANDARD_PA", "altitude_m", "column_m_per_k"]

STANDARD_PA: Final = 101_325.0
_SEA_LEVEL_K = 288.15
_LAPSE_K_PER_M = 0.0065
_GRAVITY = 9.80665
_GAS = 287.05287  # J/(kg K), of dry air
_TROPOPAUSE_M = 11_000.0
_TROPOPAUSE_K = _SEA_LEVEL_K - _LAPSE_K_PER_M * _TROPOPAUSE_M
_EXPONENT = _LAPSE_K_PER_M * _GAS / _GRAVITY
_TROPOPAUSE_PA: Final[float] = STANDARD_PA * (_TROPOPAUSE_K / _SEA_LEVEL_K) ** (1 / _EXPONENT)


def altitude_m(pressure_pa: float) -> float:
    """The height at which the standard atmosphere has a pressure; for 54.8 to 1,278 hPa."""
    if pressure_pa >= _TROPOPAUSE_PA:
        share: float = (pressure_pa / STANDARD_PA) ** _EXPONENT
        return _SEA_LEVEL_K / _LAPSE_K_PER_M * (1 - share)
    above = log(_TROPOPAUSE_PA / pressure_pa) * _GAS * _TROPOPAUSE_K / _GRAVITY
    return _TROPOPAUSE_M + above


def column_m_per_k(height_m: float) -> float:
    """How much higher a level of pressure stands for each kelvin that the air below is warmer.

    The integral of dh/T from sea level to `height_m` (not below 0), as layers of air between two
    pressures are as thick as they are warm (hypsometric equation). Above 20 km a little too much.
    """
    below = min(height_m, _TROPOPAUSE_M)
    found = log(_SEA_LEVEL_K / (_SEA_LEVEL_K - _LAPSE_K_PER_M * below)) / _LAPSE_K_PER_M
    return found + (height_m - below) / _TROPOPAUSE_K
