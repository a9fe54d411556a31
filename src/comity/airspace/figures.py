"""How is a length, a height or a moment said to a reader, metric or aeronautical? Pure integers.

Rounding has a side, and the caller says which: a distance that separates is rounded down, what
lacks of one is rounded up, so that no text claims more room than there is. Heights are above the
WGS84 ellipsoid; no flight level is made of one. Called by `explain`.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from comity.model.quantity import NAUTICAL_MILE_MM, SECOND_US
from comity.model.units import Units
from comity.model.volume import HeightBand, Window

__all__ = [
    "Round",
    "asked_height",
    "asked_length",
    "band_text",
    "down",
    "height_text",
    "length_text",
    "range_text",
    "span_text",
    "up",
    "window_text",
]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_M_MM, _KM_MM = 1_000, 1_000_000
_FAR_KM, _FAR_NM = 100, 100  # from here on in whole kilometres and miles
_FEET = (10, 3_048)  # a foot is 3,048 tenths of a millimetre
_DAY_S, _HOUR_S, _MINUTE_S = 86_400, 3_600, 60

Round: TypeAlias = Callable[[int, int], int]


def down(value: int, step: int) -> int:
    """Whole steps in a value, rounded down."""
    return value // step


def up(value: int, step: int) -> int:
    """Whole steps in a value, rounded up."""
    return -(-value // step)


def length_text(length_mm: int, units: Units, rounded: Round) -> str:
    """A length along the ground: to 1 m, 10 m from 1 km and 1 km from 100 km on; to 0.01 NM, 1 NM.

    What is rounded down to nothing is said to be less than the least step.
    """
    if units is Units.AERONAUTICAL:
        if length_mm >= _FAR_NM * NAUTICAL_MILE_MM:
            return _counted(length_mm, NAUTICAL_MILE_MM, 0, "NM", rounded)
        return _counted(length_mm, NAUTICAL_MILE_MM // 100, 2, "NM", rounded)
    if length_mm < _KM_MM:
        return _counted(length_mm, _M_MM, 0, "m", rounded)
    if length_mm < _FAR_KM * _KM_MM:
        return _counted(length_mm, _KM_MM // 100, 2, "km", rounded)
    return _counted(length_mm, _KM_MM, 0, "km", rounded)


def height_text(height_mm: int, units: Units, rounded: Round) -> str:
    """A height or a gap in height, to the metre or the foot."""
    if units is Units.AERONAUTICAL:
        return _counted(height_mm * _FEET[0], _FEET[1], 0, "ft", rounded)
    return _counted(height_mm, _M_MM, 0, "m", rounded)


def asked_length(length_mm: int, units: Units) -> str:
    """A length that is asked for: exact if it has two digits after the point, else rounded up."""
    if units is Units.AERONAUTICAL:
        return _counted(length_mm, NAUTICAL_MILE_MM // 100, 2, "NM", up)
    return _exact(length_mm)


def asked_height(height_mm: int, units: Units) -> str:
    """A gap in height that is asked for: exact in metres, in feet rounded up if it must be."""
    if units is Units.AERONAUTICAL:
        return _counted(height_mm * _FEET[0], _FEET[1], 0, "ft", up)
    return f"{_decimal(height_mm, 3)} m"


def range_text(length_mm: int, units: Units) -> str:
    """How far something is from a place: to the nearest 0.1 below 10, else to the nearest 1."""
    size, unit = (NAUTICAL_MILE_MM, "NM") if units is Units.AERONAUTICAL else (_KM_MM, "km")
    tenths = (20 * length_mm + size) // (2 * size)
    return f"{tenths / 10:.1f} {unit}" if tenths < 100 else f"{_nearest(length_mm, size):,} {unit}"  # noqa: PLR2004


def band_text(band: HeightBand, units: Units) -> str:
    """A band of heights, outward to the metre or foot, above the ellipsoid."""
    lower = height_text(band.lower_mm, units, down)
    upper = height_text(band.upper_mm, units, up)
    where = "above the WGS84 ellipsoid"
    return f"{upper} {where}" if lower == upper else f"{lower} to {upper} {where}"


def span_text(span_us: int, rounded: Round) -> str:
    """A span of time to the second: `2 min 5 s`."""
    left = rounded(span_us, SECOND_US)
    if left == 0:
        return "less than 1 s" if span_us else "0 s"
    parts: list[str] = []
    for size, unit in ((_DAY_S, "d"), (_HOUR_S, "h"), (_MINUTE_S, "min"), (1, "s")):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts)


def window_text(window: Window) -> str:
    """A window in UTC, outward to the second: `12:00 to 13:00 UTC on 1 May 2026`."""
    first = _EPOCH + timedelta(seconds=down(window.start_us, SECOND_US))
    last = _EPOCH + timedelta(seconds=up(window.end_us, SECOND_US))
    if first == last:
        return f"{_clock(first)} UTC on {_day(first)}"
    if first.date() == last.date():
        return f"{_clock(first)} to {_clock(last)} UTC on {_day(first)}"
    return f"{_clock(first)} UTC on {_day(first)} to {_clock(last)} UTC on {_day(last)}"


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"


def _counted(value: int, step: int, places: int, unit: str, rounded: Round) -> str:
    count = rounded(value, step)
    if count == 0 and value > 0:
        return f"less than {_decimal(1, places)} {unit}"
    return f"{_decimal(count, places)} {unit}"


def _exact(length_mm: int) -> str:
    if length_mm >= _KM_MM:
        return f"{_decimal(length_mm, 6)} km"
    return f"{_decimal(length_mm, 3)} m"


def _decimal(count: int, places: int) -> str:
    """An integer of 10 to the minus `places`, thousands set apart and no nought at the end."""
    sign, (whole, rest) = "-" * (count < 0), divmod(abs(count), 10**places)
    if rest == 0:
        return f"{sign}{whole:,}"
    return f"{sign}{whole:,}.{rest:0{places}d}".rstrip("0")


def _nearest(value: int, step: int) -> int:
    return (2 * value + step) // (2 * step)
