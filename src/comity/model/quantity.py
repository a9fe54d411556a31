"""Fixed-point numbers: the only home of unit conversion.

Everything that is hashed or signed is an integer: 1e-7 degree, millimetre, microsecond of UTC.
Nothing here reads a clock. Called by every room.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from comity.model.fault import Malformed

__all__ = [
    "DEGREE_E7",
    "FOOT_MM",
    "INSTANT_US_MAX",
    "LAT_E7_MAX",
    "LON_E7_MAX",
    "NAUTICAL_MILE_MM",
    "SECOND_US",
    "Position",
    "checked_instant_us",
    "degrees",
    "e7_from_degrees",
    "instant_text",
    "instant_us",
    "seconds",
]

DEGREE_E7 = 10_000_000
LAT_E7_MAX = 90 * DEGREE_E7
LON_E7_MAX = 180 * DEGREE_E7
FOOT_MM = 304.8
NAUTICAL_MILE_MM = 1_852_000
SECOND_US = 1_000_000

_TURN_DEG = 360.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII
)
# 2000-01-01 and 2100-01-01: an instant outside is a unit error, not a plan.
_INSTANT_US_MIN = 946_684_800_000_000
INSTANT_US_MAX = 4_102_444_799_999_999


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Position:
    """A point on the ellipsoid: geodetic WGS84 latitude and longitude in 1e-7 degree."""

    lat_e7: int
    lon_e7: int

    def __post_init__(self) -> None:
        """Refuse what is not on the globe."""
        for name, value, limit in (
            ("lat", self.lat_e7, LAT_E7_MAX),
            ("lon", self.lon_e7, LON_E7_MAX),
        ):
            if type(value) is not int:
                raise Malformed(f"{name} must be an integer of 1e-7 degree")
            if not -limit <= value <= limit:
                raise Malformed(
                    f"{name} {value / DEGREE_E7} is not on the globe", code="off_the_globe"
                )


def degrees(value_e7: int) -> float:
    """1e-7 degree to degrees, for arithmetic and display only."""
    return value_e7 / DEGREE_E7


def e7_from_degrees(value: float) -> int:
    """Degrees to the nearest 1e-7 degree (1.1 cm at most); Malformed for NaN and infinities."""
    if not -_TURN_DEG <= value <= _TURN_DEG:  # false for NaN too
        raise Malformed("an angle must be a finite number of degrees")
    return round(value * DEGREE_E7)


def seconds(value_us: int) -> float:
    """Microseconds to seconds, for display only."""
    return value_us / SECOND_US


def instant_us(text: str) -> int:
    """An RFC 3339 date-time *with an offset* to microseconds of UTC; anything else is Malformed."""
    if not _INSTANT.fullmatch(text):
        raise Malformed(f"{text[:40]!r} is not an RFC 3339 time with an offset", code="bad_time")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Malformed(f"{text[:40]!r} is not a time that exists", code="bad_time") from error
    return checked_instant_us((moment - _EPOCH) // timedelta(microseconds=1))


def checked_instant_us(value: int) -> int:
    """Return the instant if it lies in this century, else raise Malformed."""
    if type(value) is not int or not _INSTANT_US_MIN <= value <= INSTANT_US_MAX:
        raise Malformed("an instant must lie between 2000 and 2100", code="bad_time")
    return value


def instant_text(value_us: int) -> str:
    """Microseconds of UTC as RFC 3339 with `Z`, fraction only when there is one."""
    moment = _EPOCH + timedelta(microseconds=value_us)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f".{moment.microsecond:06d}".rstrip("0") if moment.microsecond else ""
    return f"{text}{fraction}Z"
