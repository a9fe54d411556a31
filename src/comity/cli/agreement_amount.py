"""Values of an agreement's parameters as people write them, in templates and after `--set`.

Durations `15m`, lengths `3nm`, frequencies `121.5MHz`, angles `0.5deg`; names where a parameter has
names (`area`), else a whole number. A number without its unit is refused. Raises Malformed only.
Called by the verbs of `comity agreement`.
"""

import re
from decimal import Decimal

from comity.agreement.template import LINE, Setting
from comity.cli.written import point, split_pair
from comity.exercise.amount import duration_us, length_mm
from comity.model.fault import Malformed
from comity.model.parameter import parameter
from comity.model.quantity import DEGREE_E7, Position, e7_from_degrees
from comity.wire.canonical import decimal

__all__ = ["amount", "border", "setting"]

_HERTZ = {"Hz": 1, "kHz": 1_000, "MHz": 1_000_000, "GHz": 1_000_000_000}
_NUMBER = r"(\d{1,9}(?:\.\d{1,7})?)"
_FREQUENCY = re.compile(rf"{_NUMBER}({'|'.join(_HERTZ)})", re.ASCII)
_ANGLE = re.compile(rf"{_NUMBER}deg", re.ASCII)


def amount(name: str, text: str) -> int:
    """The value of a parameter; Malformed outside its range, or without its unit."""
    known, unit = parameter(name), name.rpartition("_")[2]
    if known.names:
        return known.read(text, None)
    if unit == "us":
        return known.checked(duration_us(text))
    if unit == "mm":
        return known.checked(length_mm(text))
    if unit == "hz":
        found = _found(_FREQUENCY, text, "a frequency like 121.5MHz")
        return known.checked(round(Decimal(found[1]) * _HERTZ[found[2]]))
    if unit == "e7":
        found = _found(_ANGLE, text, "an angle like 0.5deg")
        return known.checked(round(Decimal(found[1]) * DEGREE_E7))
    return known.checked(decimal(text))


def setting(text: str) -> Setting:
    """`clause.parameter=value`, or `clause.line=LAT,LON LAT,LON ...`."""
    place, value = split_pair(text)
    clause, dot, key = place.partition(".")
    if not (clause and dot and key):
        raise Malformed(f"{text[:60]!r} is not of the form CLAUSE.PARAMETER=VALUE")
    if key == LINE:
        return Setting(clause=clause, key=key, value=border(value))
    return Setting(clause=clause, key=key, value=amount(key, value))


def border(text: str) -> tuple[Position, ...]:
    """Points with spaces between them; how many there may be is the clause's to say."""
    spots = (point(word) for word in text.split())
    return tuple(
        Position(lat_e7=e7_from_degrees(lat), lon_e7=e7_from_degrees(lon)) for lat, lon in spots
    )


def _found(pattern: re.Pattern[str], text: str, what: str) -> re.Match[str]:
    found = pattern.fullmatch(text)
    if found is None:
        raise Malformed(f"{text[:40]!r} is not {what}", code="parameter_out_of_range")
    return found
