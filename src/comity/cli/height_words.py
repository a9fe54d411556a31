"""Heights as people write them, each with what it is measured from, and back into words.

    limits     0m..20000ft | 3000ft msl..FL195 | GND..100m agl; FL is a flight level, GND 0 m agl
    qnh        1013@2030-01-01T10:00:00Z, 1013@now, 1013@-20m (hectopascal, and since when)
    terrain    120m..340m, above mean sea level; 120m..340m wgs84

Of two heights either both say what they are measured from or neither does: nothing is guessed.
Raises Malformed only. Called by `area` and `notice_view`.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from comity.cli.written import moment_us
from comity.exercise.amount import duration_us
from comity.model.fault import Malformed
from comity.model.given import HeightDatum, HeightTerm
from comity.web.api.shapes_heights import GivenHeights, HeightReference

__all__ = ["Limits", "added_text", "given_text", "is_of_now", "limits", "qnh", "terrain"]

_UNIT_M = {
    "m": Decimal(1),
    "km": Decimal(1_000),
    "ft": Decimal("0.3048"),
    "nm": Decimal(1_852),
}
_DATUMS = "|".join(HeightDatum)
_HEIGHT = re.compile(rf"(-?\d{{1,9}}(?:\.\d{{1,6}})?)(m|km|ft|nm)(?:[ -]+({_DATUMS}))?", re.ASCII)
_LEVEL = re.compile(r"fl ?(\d{1,3})", re.ASCII)
_GROUND = frozenset({"gnd", "sfc"})
_QNH = re.compile(r"(\d{3,4}(?:\.\d{1,2})?)@(.+)", re.ASCII)
_FOOT_M = 0.3048
_LEVEL_FT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Two heights in metres, each with its datum."""

    lower_m: float
    lower_datum: str
    upper_m: float
    upper_datum: str


def limits(text: str, datum: str | None) -> Limits:
    """Both ends of a band; `datum` is that of heights that do not say their own."""
    lower, dots, upper = text.partition("..")
    if not dots:
        raise Malformed(f"{text[:40]!r} are no heights like 0m..20000ft")
    (lower_m, lower_datum), (upper_m, upper_datum) = _limit(lower), _limit(upper)
    if datum is None and (lower_datum is None) != (upper_datum is None):
        raise Malformed("one of the heights does not say what it is measured from; see --datum")
    over = datum or HeightDatum.WGS84
    return Limits(
        lower_m=lower_m,
        lower_datum=lower_datum or over,
        upper_m=upper_m,
        upper_datum=upper_datum or over,
    )


def _limit(text: str) -> tuple[float, str | None]:
    words = text.strip().lower()
    if words in _GROUND:
        return 0.0, HeightDatum.AGL
    level = _LEVEL.fullmatch(words)
    if level:
        return float(int(level[1]) * _LEVEL_FT * _UNIT_M["ft"]), HeightDatum.FLIGHT_LEVEL
    found = _HEIGHT.fullmatch(words)
    if not found:
        raise Malformed(f"{text[:40]!r} is no height like 6000m, 3000ft msl, FL195 or GND")
    return float(Decimal(found[1]) * _UNIT_M[found[2]]), found[3]


def is_of_now(text: str) -> bool:
    """Whether the time of a QNH is counted from now."""
    return text.partition("@")[2].strip()[:1] in ("n", "-", "+")


def qnh(text: str, now_us: int) -> tuple[float, int]:
    """`1013@-20m` as hectopascal and the instant in microseconds."""
    found = _QNH.fullmatch(text.strip())
    if not found:
        raise Malformed(f"{text[:40]!r} is no QNH like 1013@2030-01-01T10:00:00Z or 1013@now")
    when = found[2].strip()
    at_us = now_us - duration_us(when[1:]) if when.startswith("-") else moment_us(when, now_us)
    return float(found[1]), at_us


def terrain(text: str) -> tuple[float, float, str]:
    """The lowest and the highest ground in metres, and what they are above."""
    lower, dots, upper = text.partition("..")
    if not dots:
        raise Malformed(f"{text[:40]!r} is no terrain like 120m..340m")
    (lower_m, lower_datum), (upper_m, upper_datum) = _limit(lower), _limit(upper)
    if lower_datum is not None and lower_datum != upper_datum:
        raise Malformed("the lowest and the highest ground are above the same thing")
    return lower_m, upper_m, upper_datum or HeightDatum.MSL


def given_text(given: GivenHeights) -> str:
    """What was given, as it would be written: `0 m agl to FL195; QNH 1008 hPa of ...`."""
    lower = _limit_text(given.lower_m, given.lower_datum)
    parts = [f"{lower} to {_limit_text(given.upper_m, given.upper_datum)}"]
    reference = given.reference
    if reference.qnh_hpa is not None:
        parts.append(f"QNH {reference.qnh_hpa:g} hPa of {reference.qnh_at}")
    if reference.isa_deviation_c is not None:
        parts.append(f"air {reference.isa_deviation_c:+d} degrees off standard")
    if reference.terrain_lower_m is not None:
        parts.append(_terrain_text(reference))
    return "; ".join(parts)


def _terrain_text(reference: HeightReference) -> str:
    lower_m, upper_m = reference.terrain_lower_m, reference.terrain_upper_m
    return f"ground {lower_m:g} to {upper_m:g} m {reference.terrain_datum}"


def added_text(given: GivenHeights) -> str:
    """What the conversion added, term by term."""
    return ", ".join(f"{_words(each.term)} {each.metres:,.1f} m" for each in given.added)


def _words(term: HeightTerm) -> str:
    return term.replace("-", " ").replace("qnh", "QNH")


def _limit_text(height_m: float, datum: str) -> str:
    hundreds = round(height_m / _FOOT_M / _LEVEL_FT, 6)
    if datum == HeightDatum.FLIGHT_LEVEL and hundreds >= 0 and hundreds.is_integer():
        return f"FL{hundreds:03.0f}"
    if datum == HeightDatum.FLIGHT_LEVEL:
        return f"{height_m:g} m on 1013.25 hPa"
    return f"{height_m:g} m {'on QNH' if datum == HeightDatum.PRESSURE else datum}"
