"""The draft of a NOTAM (ICAO Annex 15, PANS-AIM) for one volume: pure, and outward in all it says.

The circle of item Q holds the whole area, its levels all of the band, its times all of the window.
Heights here are above the WGS84 ellipsoid and no geoid ships, so levels are widened by the worst
undulation there is and by an allowance for pressure; both are said in item E. It is a draft and
says so on every line. What a NOTAM cannot say is refused. Called by the doors.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from comity.airspace.earth import latlon
from comity.airspace.geodesic import LatLon, distance_m
from comity.airspace.outline import Outline, volume_outline
from comity.model.fault import Malformed
from comity.model.notice import Declaration, Domain, Purpose, SubjectKind
from comity.model.quantity import NAUTICAL_MILE_MM, Position, degrees, instant_text
from comity.model.volume import Circle, Corridor, Volume4D, places_of, rings_of

__all__ = [
    "GEOID_MM",
    "MARK",
    "PRESSURE_MM",
    "PRESSURE_PARTS",
    "Draft",
    "NotamPurpose",
    "NotamWords",
    "draft_notam",
]

MARK = "DRAFT, NOT PUBLISHED"
# EGM96 and EGM2008 (NGA): the geoid lies between 107 m below and 86 m above the ellipsoid.
GEOID_MM = 110_000
# From mean sea level to pressure altitude: some 70 hPa from standard at the ground, and a column of
# air 25 K warmer or colder than standard, which stretches or shrinks it by a tenth.
PRESSURE_MM = 600_000
PRESSURE_PARTS = 10
_LEVEL_MM = 30_480  # a flight level is 100 ft
_LEVEL_MAX = 999
_RADIUS_NM_MAX = 999
_WINDOW_US_MAX = 90 * 86_400 * 1_000_000  # three months: longer goes into an AIP supplement
_MINUTE_US = 60_000_000
_LINE_CHARS = 69  # of the fixed telecommunication network
_CORNERS_MAX = 30  # more than a person reads back; then the circle stands for the area
_SECOND_MM = 22_000  # half a second of latitude and of longitude, together
_TENTH_NM_MM = NAUTICAL_MILE_MM // 10
# A great circle of geodetic coordinates is 62 m from the geodesic on 1,000 km, by the square.
_EDGE_M_PER_KM2 = 1e-4
_INDICATOR = re.compile(r"[A-Z]{4}", re.ASCII)
_SERIES = re.compile(r"[A-Z]", re.ASCII)
_NO_FIR = "XXXX"  # no indicator: the office that publishes fills it in
_SAID = {
    SubjectKind.HAZARD: "REPORTED DANGER TO AIR TRAFFIC",
    SubjectKind.OPERATION: "ACTIVITY DANGEROUS TO AIR TRAFFIC",
    SubjectKind.PRESENCE: "PROTECTED AIRCRAFT, KEEP CLEAR",
}


class NotamPurpose(StrEnum):
    """Item Q's purpose: of operational significance and in bulletins, or on request only."""

    BO = "BO"
    M = "M"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotamWords:
    """What no volume says: the flight information region, the series, purpose and aerodrome.

    With an aerodrome the scope is AW, else W.
    """

    fir: str | None = None
    series: str = "A"
    purpose: NotamPurpose = NotamPurpose.BO
    aerodrome: str | None = None

    def __post_init__(self) -> None:
        """Hold the forms."""
        for text in (self.fir, self.aerodrome):
            if text is not None and not _INDICATOR.fullmatch(text):
                raise Malformed("a location indicator has four letters A-Z", code="bad_notam")
        if not _SERIES.fullmatch(self.series):
            raise Malformed("a series is one letter A-Z", code="bad_notam")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The draft for volume `volume` of a notice: the text, each line under the mark."""

    volume: int
    lower_level: int
    upper_level: int
    centre: LatLon
    radius_nm: int
    start_us: int
    end_us: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """Every line with the mark, so that none is taken for a NOTAM without it."""
        return "".join(f"{MARK}: {line}\n" for line in self.lines)


def draft_notam(
    notice: Declaration, volumes: Sequence[Volume4D], words: NotamWords, now_us: int
) -> tuple[Draft, ...]:
    """A draft for each volume that is not over.

    Raises:
        Malformed: `notam_not_a_danger`, for what is no warning to air traffic; `notam_too_wide`,
            `notam_too_long`, `notam_too_high`, `notam_below_ground`; `notam_over`, if all is over.
    """
    _check_kind(notice)
    drafts = [
        _draft(notice, number, volume, words, instant_text(now_us)[2:4])
        for number, volume in enumerate(volumes)
        if volume.window.end_us + volume.uncertainty.time_us > now_us
    ]
    if not drafts:
        raise Malformed("all of it is over already", code="notam_over")
    return tuple(drafts)


def _check_kind(notice: Declaration) -> None:
    unsaid = notice.domain in (Domain.SUBSURFACE, Domain.ELECTROMAGNETIC)
    grounded = notice.kind is SubjectKind.PRESENCE and notice.domain is not Domain.AIR
    if unsaid or grounded or notice.purpose is Purpose.INTERFERENCE:
        raise Malformed(
            f"a {notice.domain} {notice.kind} ({notice.purpose}) is no danger area in the air",
            code="notam_not_a_danger",
        )


def _draft(
    notice: Declaration, number: int, volume: Volume4D, words: NotamWords, year: str
) -> Draft:
    lower, upper = _levels(volume)
    start_us, end_us = _times(volume)
    outline = volume_outline(volume)
    minutes, radius_nm = _circle(outline)
    fir, aerodrome = words.fir or _NO_FIR, words.aerodrome
    place = _minutes_text(minutes)
    scope = "W" if aerodrome is None else "AW"
    said = _item_e(notice, volume, outline, words, f"{radius_nm}NM OF {place}")
    lines = (
        f"({words.series}0000/{year} NOTAMN",
        f"Q) {fir}/QRDCA/IV/{words.purpose}/{scope}/{lower:03d}/{upper:03d}/{place}{radius_nm:03d}",
        f"A) {aerodrome or fir} B) {_when(start_us)} C) {_when(end_us)}",
        *_wrapped(f"E) {said}"),
        f"F) {_level(lower)} G) {_level(upper)})",
    )
    return Draft(
        volume=number,
        lower_level=lower,
        upper_level=upper,
        centre=(minutes[0] / 60, minutes[1] / 60),
        radius_nm=radius_nm,
        start_us=start_us,
        end_us=end_us,
        lines=lines,
    )


def _levels(volume: Volume4D) -> tuple[int, int]:
    """Flight levels: down and up by uncertainty, geoid and pressure, then to whole levels."""
    spread = volume.uncertainty.vertical_mm + GEOID_MM
    least, most = volume.heights.lower_mm - spread, volume.heights.upper_mm + spread
    lower = (least - _pressure_mm(least)) // _LEVEL_MM
    upper = -(-(most + _pressure_mm(most)) // _LEVEL_MM)
    if upper <= 0:
        raise Malformed("it lies wholly below the ground", code="notam_below_ground")
    if lower > _LEVEL_MAX:
        raise Malformed(f"it begins above flight level {_LEVEL_MAX}", code="notam_too_high")
    return max(lower, 0), min(upper, _LEVEL_MAX)


def _pressure_mm(height_mm: int) -> int:
    return PRESSURE_MM + abs(height_mm) // PRESSURE_PARTS + 1


def _level(level: int) -> str:
    """Item F or G: the ground and beyond the highest level have names of their own."""
    return {0: "SFC", _LEVEL_MAX: "UNL"}.get(level, f"FL{level:03d}")


def _times(volume: Volume4D) -> tuple[int, int]:
    """Whole minutes, outward; a window without length lasts a minute."""
    spread_us = volume.uncertainty.time_us
    start_us = (volume.window.start_us - spread_us) // _MINUTE_US * _MINUTE_US
    end_us = -(-(volume.window.end_us + spread_us) // _MINUTE_US) * _MINUTE_US
    end_us = max(end_us, start_us + _MINUTE_US)
    if end_us - start_us > _WINDOW_US_MAX:
        raise Malformed("a NOTAM lasts three months at most", code="notam_too_long")
    return start_us, end_us


def _when(instant_us: int) -> str:
    """YYMMDDhhmm."""
    return re.sub(r"\D", "", instant_text(instant_us))[2:12]


def _circle(outline: Outline) -> tuple[tuple[int, int], int]:
    """A centre in whole minutes, and whole nautical miles that hold the area from there.

    On a surface that curves one way a disc holds the geodesic between any two of its points, so
    corners decide; an edge leaves its geodesic by what is added for the longest.
    """
    lat, lon = latlon(outline.cap.centre)
    minutes = (round(lat * 60), round(lon * 60))
    centre = (minutes[0] / 60, minutes[1] / 60)
    ring = [_latlon(position) for position in outline.core]
    longest_km = (
        max(distance_m(a, ring[b]) for a, b in zip(ring, outline.after, strict=True)) / 1_000
    )
    reach_m = max(distance_m(centre, corner) for corner in ring)
    reach_m += longest_km**2 * _EDGE_M_PER_KM2 + outline.margin_mm / 1_000
    radius_nm = max(1, ceil(reach_m * 1_000 / NAUTICAL_MILE_MM))
    if radius_nm > _RADIUS_NM_MAX:
        raise Malformed(f"it is wider than {_RADIUS_NM_MAX} NM", code="notam_too_wide")
    return minutes, radius_nm


def _latlon(position: Position) -> LatLon:
    return degrees(position.lat_e7), degrees(position.lon_e7)


def _minutes_text(minutes: tuple[int, int]) -> str:
    """DDMMN DDDMME without the space."""
    (north, south), (east, west) = "NS", "EW"
    lat, lon = (divmod(abs(each), 60) for each in minutes)
    return (
        f"{lat[0]:02d}{lat[1]:02d}{south if minutes[0] < 0 else north}"
        f"{lon[0]:03d}{lon[1]:02d}{west if minutes[1] < 0 else east}"
    )


def _seconds_text(position: Position) -> str:
    """DDMMSSN DDDMMSSE without the space, to the nearest second."""
    lat, lon = (
        round(abs(each) * 3_600 / 10_000_000) for each in (position.lat_e7, position.lon_e7)
    )
    hemispheres = ("S" if position.lat_e7 < 0 else "N", "W" if position.lon_e7 < 0 else "E")
    return (
        f"{lat // 3600:02d}{lat // 60 % 60:02d}{lat % 60:02d}{hemispheres[0]}"
        f"{lon // 3600:03d}{lon // 60 % 60:02d}{lon % 60:02d}{hemispheres[1]}"
    )


def _item_e(
    notice: Declaration, volume: Volume4D, outline: Outline, words: NotamWords, circle: str
) -> str:
    """The plain words: what, where, and what was added to the levels. No name, no free text."""
    lower_m, upper_m = volume.heights.lower_mm // 1_000, -(-volume.heights.upper_mm // 1_000)
    parts = [f"{MARK}.", f"DANGER AREA ACTIVATED. {_SAID[notice.kind]}."]
    if notice.basis is not None:
        lapses = _when(notice.basis.expires_us)
        parts.append(f"REPORT {notice.basis.confidence.upper()}, LAPSES {lapses} UNLESS RENEWED.")
    parts.append(f"AREA WI {_area(volume, outline) or circle}.")
    parts.append(
        f"{lower_m}M TO {upper_m}M ABOVE WGS84 ELLIPSOID, NOT MSL: LEVELS ARE WIDENED BY "
        f"{GEOID_MM // 1_000}M FOR THE GEOID AND BY {PRESSURE_MM // 1_000}M PLUS ONE TENTH OF THE "
        "HEIGHT FOR PRESSURE."
    )
    if volume.uncertainty.vertical_mm:
        parts.append(f"HEIGHTS PLUS OR MINUS {ceil(volume.uncertainty.vertical_mm / 1_000)}M.")
    if words.fir is None:
        parts.append("FIR TO BE FILLED IN.")
    return " ".join(parts)


def _area(volume: Volume4D, outline: Outline) -> str | None:
    """The area to the second, with what rounding and uncertainty add; None if it is intricate."""
    tenths = -(-(outline.margin_mm + _SECOND_MM) // _TENTH_NM_MM)
    reach = f"{tenths // 10}.{tenths % 10}NM OF"
    footprint = volume.footprint
    corners = places_of(footprint)[: rings_of(footprint)[0]]  # what is in a hole is warned too
    if len(corners) > _CORNERS_MAX:
        return None
    kind = {Circle: "", Corridor: "LINE "}.get(type(footprint), "AREA ")
    ends = corners if kind != "AREA " else (*corners, corners[0])
    return f"{reach} {kind}{' - '.join(map(_seconds_text, ends))}"


def _wrapped(text: str) -> Iterator[str]:
    """Lines of the length that the network carries, broken at spaces."""
    line = ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > _LINE_CHARS:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line
