"""Heights above other datums, for notebooks and scripts: numbers and texts to `GivenHeights`.

`notebook.volume` converts them; desks get theirs from the doors. Called by users.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import ceil, floor, isfinite
from typing import Final, TypeAlias

from comity.model.fault import Malformed
from comity.model.given import GivenHeights, HeightDatum, HeightLimit, Qnh, Terrain
from comity.model.quantity import instant_us

__all__ = ["Limit", "given_heights", "instant_of"]

Limit: TypeAlias = tuple[float, str] | str

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LEVEL: Final = re.compile(r"FL(\d{1,3})", re.ASCII)
_LEVEL_MM: Final = 30_480  # a hundred feet
_MM: Final = 1_000
_HPA_PA: Final = 100


def given_heights(
    lower: Limit,
    upper: Limit,
    *,
    qnh: tuple[float, datetime | str] | None = None,
    isa_deviation_c: int | None = None,
    terrain_m: tuple[float, float] | None = None,
    terrain_datum: str = "msl",
) -> GivenHeights:
    """A band whose limits are measured from something else than the ellipsoid; rounded outward.

    Args:
        lower: metres and `wgs84`, `msl`, `pressure` (on the QNH), `flight-level` (on 1013.25 hPa)
            or `agl`; or a text like `FL195`.
        upper: likewise, above a datum of its own.
        qnh: hectopascal, and the instant at which it was so; `pressure` needs it.
        isa_deviation_c: how much warmer than standard the air below is, whole degrees, if known.
        terrain_m: the lowest and the highest ground of the area; `agl` needs it.
        terrain_datum: what the ground is above, `msl` or `wgs84`.

    Raises:
        Malformed: `datum_not_convertible` for another datum; else as `GivenHeights`.
    """
    terrain = None
    if terrain_m is not None:
        terrain = Terrain(
            datum=_datum(terrain_datum),
            lower_mm=_millimetres(terrain_m[0], floor),
            upper_mm=_millimetres(terrain_m[1], ceil),
        )
    return GivenHeights(
        lower=_limit(lower, floor),
        upper=_limit(upper, ceil),
        qnh=None if qnh is None else _qnh(*qnh),
        isa_deviation_c=isa_deviation_c,
        terrain=terrain,
    )


def instant_of(given: datetime | str) -> int:
    """A datetime with a zone, or an RFC 3339 text, as microseconds of UTC.

    Raises:
        Malformed: `bad_time`.
    """
    if isinstance(given, str):
        return instant_us(given)
    if given.tzinfo is None:
        raise Malformed("a datetime needs a zone", code="bad_time")
    return (given - _EPOCH) // timedelta(microseconds=1)


def _limit(given: Limit, outward: Callable[[float], int]) -> HeightLimit:
    if isinstance(given, str):
        found = _LEVEL.fullmatch(given)
        if not found:
            raise Malformed(f"{given[:40]!r} is no level like FL195", code="bad_height")
        height_mm = int(found[1]) * _LEVEL_MM
        return HeightLimit(datum=HeightDatum.FLIGHT_LEVEL, height_mm=height_mm)
    return HeightLimit(datum=_datum(given[1]), height_mm=_millimetres(given[0], outward))


def _qnh(hpa: float, at: datetime | str) -> Qnh:
    if not isfinite(hpa):
        raise Malformed("a QNH is a pressure", code="bad_qnh")
    return Qnh(pressure_pa=round(hpa * _HPA_PA), at_us=instant_of(at))


def _datum(word: str) -> HeightDatum:
    try:
        return HeightDatum(word)
    except ValueError as error:
        reason = f"heights above {word[:40]!r} cannot be converted"
        raise Malformed(reason, code="datum_not_convertible") from error


def _millimetres(metres: float, outward: Callable[[float], int]) -> int:
    if not isfinite(metres):
        raise Malformed("a height is a finite number", code="bad_height")
    return outward(metres * _MM)
