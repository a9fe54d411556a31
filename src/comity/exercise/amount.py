"""Durations and lengths as a person writes them: `15m`, `2m30s`, `3nm`, `5556m`.

Text in, whole microseconds or millimetres out, and durations back to text. Exact: decimals never
pass through a float. Which key of a scenario holds which kind is `agreement`'s and `moment`'s
matter.
"""

import re
from decimal import Decimal

from comity.model.fault import Malformed
from comity.model.quantity import FOOT_MM, NAUTICAL_MILE_MM, SECOND_US

__all__ = ["DURATION", "duration_text", "duration_us", "length_mm"]

_UNIT_US = {
    "d": 86_400 * SECOND_US,
    "h": 3_600 * SECOND_US,
    "m": 60 * SECOND_US,
    "s": SECOND_US,
    "ms": SECOND_US // 1_000,
}
_UNIT_MM = {"nm": Decimal(NAUTICAL_MILE_MM), "km": Decimal(1_000_000), "m": Decimal(1_000)}
_UNIT_MM["ft"] = Decimal(str(FOOT_MM))

# At most nine digits before the point and six behind it: no parser is slow on such a number.
_NUMBER = r"\d{1,9}(?:\.\d{1,6})?"
_PART = re.compile(rf"({_NUMBER})(ms|[dhms])", re.ASCII)
DURATION = re.compile(rf"(?:{_NUMBER}(?:ms|[dhms])){{1,5}}", re.ASCII)
_LENGTH = re.compile(rf"({_NUMBER})(nm|km|m|ft)", re.ASCII)


def duration_us(text: str) -> int:
    """`20m`, `2m30s`, `1.5h`, `500ms` in microseconds; Malformed for anything else."""
    if not DURATION.fullmatch(text):
        raise Malformed(f"{text[:40]!r} is no duration like 20m, 90s or 1h30m", code="bad_duration")
    return round(sum(Decimal(number) * _UNIT_US[unit] for number, unit in _PART.findall(text)))


def length_mm(text: str) -> int:
    """`3nm`, `5.5km`, `5556m`, `3000ft` in millimetres, to the nearest; Malformed otherwise."""
    found = _LENGTH.fullmatch(text)
    if not found:
        raise Malformed(f"{text[:40]!r} is no length like 3nm, 5556m or 3000ft", code="bad_length")
    return round(Decimal(found[1]) * _UNIT_MM[found[2]])


def duration_text(seconds: float) -> str:
    """Seconds for people, rounded: `20 min`, `10 min 43 s`, `-45 s`."""
    whole = round(abs(seconds))
    sign = "-" if seconds < 0 and whole else ""
    minutes, rest = divmod(whole, 60)
    parts = [f"{minutes} min"] if minutes else []
    if rest or not minutes:
        parts.append(f"{rest} s")
    return sign + " ".join(parts)
