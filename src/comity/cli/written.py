"""What people write on a command line: areas, a height and moments, each with its unit.

    corners   "35.5,35.7 35.6,35.7 35.6,35.9", latitude,longitude in degrees
    points    the same for a line, which may end where it begins
    circle    35.5,35.9,10km: the centre and the radius
    moment    2030-01-01T10:00:00Z, now, or +20m (after the moment that it is counted from)

A number without its unit is refused, never guessed. Raises Malformed only. Called by the verbs.
"""

import re

from comity.exercise.amount import duration_us, length_mm
from comity.model.fault import Malformed
from comity.model.quantity import DEGREE_E7, SECOND_US, Position, e7_from_degrees, instant_us

__all__ = [
    "circle",
    "corners",
    "height_m",
    "is_from_now",
    "length_m",
    "moment_us",
    "point",
    "points",
    "split_pair",
    "whole_minutes",
]

_CHARS_MAX = 600_000  # 10,000 corners with 7 decimals take half of it
_NUMBER = r"[+-]?\d{1,3}(?:\.\d{1,12})?"
_POINT = re.compile(rf"({_NUMBER}),({_NUMBER})", re.ASCII)
_FLIGHT_LEVEL = re.compile(r"FL\s*\d+", re.ASCII | re.IGNORECASE)
_METRE_MM = 1_000
_MINUTE_US = 60 * SECOND_US
_MINUTES_DIGITS_MAX = 4  # the node says how many are too many


def point(text: str) -> tuple[float, float]:
    """`35.5,35.7` as latitude and longitude in degrees, rounded to 1e-7 degree."""
    found = _POINT.fullmatch(text)
    if not found:
        raise Malformed(f"{text[:40]!r} is no point like 35.5,35.7 (latitude,longitude)")
    spot = Position(
        lat_e7=e7_from_degrees(float(found[1])), lon_e7=e7_from_degrees(float(found[2]))
    )
    return spot.lat_e7 / DEGREE_E7, spot.lon_e7 / DEGREE_E7


def corners(text: str) -> list[tuple[float, float]]:
    """Points with spaces between them; a ring that was closed is opened. The node counts them."""
    ring = points(text)
    if len(ring) > 1 and ring[0] == ring[-1]:
        ring.pop()
    return ring


def points(text: str) -> list[tuple[float, float]]:
    """Points with spaces between them, as they stand."""
    if len(text) > _CHARS_MAX:
        raise Malformed("too long for 10,000 corners; put it into a file", code="too_large")
    return [point(word) for word in text.split()]


def length_m(text: str) -> float:
    """`10km` in metres."""
    return length_mm(text.strip().lower()) / _METRE_MM


def circle(text: str) -> tuple[tuple[float, float], float]:
    """`35.5,35.9,10km` as the centre in degrees and the radius in metres."""
    centre, comma, radius = text.rpartition(",")
    if not comma:
        raise Malformed(f"{text[:40]!r} is no circle like 35.5,35.9,10km")
    return point(centre), length_m(radius)


def height_m(text: str) -> float:
    """`6000m`, `20000ft` or `-50m` in metres above the WGS84 ellipsoid."""
    if _FLIGHT_LEVEL.fullmatch(text.strip()):
        raise Malformed(
            f"{text[:20]!r} is a pressure, not a height; give metres or feet above the ellipsoid",
            code="bad_datum",
        )
    words = text.strip().lower()
    sign = -1 if words.startswith("-") else 1
    return sign * length_mm(words.removeprefix("-")) / _METRE_MM


def moment_us(text: str, base_us: int) -> int:
    """A moment in microseconds of UTC; `now` is `base_us`, and `+20m` is counted from it."""
    if text == "now":
        return base_us
    if text.startswith("+"):
        return base_us + duration_us(text[1:])
    try:
        return instant_us(text)
    except Malformed as fault:
        reason = f"{fault.reason}, as 2030-01-01T18:00:00Z or +40m"
        raise Malformed(reason, code=fault.code) from fault


def whole_minutes(text: str) -> int:
    """`10m`, or `10` as an officer writes it where minutes are asked for."""
    if text.isascii() and text.isdigit() and len(text) <= _MINUTES_DIGITS_MAX:
        return int(text)
    minutes, rest = divmod(duration_us(text), _MINUTE_US)
    if rest:
        raise Malformed("stand by for whole minutes, as 10m")
    return minutes


def is_from_now(text: str) -> bool:
    """Whether a moment needs another one from which it is counted."""
    return text == "now" or text.startswith("+")


def split_pair(text: str) -> tuple[str, str]:
    """`name=value` in two; Malformed unless both are there."""
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise Malformed(f"{text[:60]!r} is not of the form NAME=VALUE")
    return name, value
