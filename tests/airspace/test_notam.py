"""NOTAM drafts: the grammar by a parser of this test's own, and everything outward.

The parser was written from ICAO's description of the format (PANS-AIM, Appendix 3), not from the
code.
"""

import re
from dataclasses import dataclass, replace
from math import ceil

import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng

from comity.airspace.notam import (
    GEOID_MM,
    MARK,
    PRESSURE_MM,
    PRESSURE_PARTS,
    Draft,
    NotamPurpose,
    NotamWords,
    draft_notam,
)
from comity.model.notice import Code, Confidence, Declaration, Domain, HazardBasis, Purpose
from comity.model.quantity import Position, instant_us
from comity.model.volume import (
    Circle,
    Corridor,
    Footprint,
    HeightBand,
    Polygon,
    Uncertainty,
    Volume4D,
    Window,
    margin_mm_of,
    places_of,
    rings_of,
)
from tests.airspace.samples import (
    at,
    beyond,
    circle,
    corridor,
    edges,
    place_on_earth,
    polygon,
    shape,
)
from tests.model.samples import declaration
from tests.model.saying_no import says_no

pytestmark = pytest.mark.timeout(120)  # seconds: the long profile draws 2,000 examples

NO_SPREAD = Uncertainty()
OSTT = NotamWords(fir="OSTT")
START_US, END_US = instant_us("2018-09-17T18:40:00Z"), instant_us("2018-09-17T19:30:00Z")
NOW_US = instant_us("2018-09-17T18:00:00Z")
NM_M = 1_852.0
LEVEL_M = 30.48
TEXT = re.compile(r"[A-Z0-9 \-?:().,'=/+]+")  # what the network's alphabet has
AREA = circle(35.53, 35.78, 20_000)


def vol(
    footprint: Footprint = AREA,
    *,
    lower_m: float = 0,
    upper_m: float = 9_000,
    spread: Uncertainty = NO_SPREAD,
    window_us: tuple[int, int] = (START_US, END_US),
) -> Volume4D:
    return Volume4D(
        footprint=footprint,
        heights=HeightBand(lower_mm=round(lower_m * 1_000), upper_mm=round(upper_m * 1_000)),
        window=Window(start_us=window_us[0], end_us=window_us[1]),
        uncertainty=spread,
    )


def drafted(*volumes: Volume4D, words: NotamWords = OSTT) -> tuple[Draft, ...]:
    return draft_notam(declaration(*volumes), volumes, words, NOW_US)


def one(volume: Volume4D, words: NotamWords = OSTT) -> Draft:
    [draft] = drafted(volume, words=words)
    return draft


# --- a parser of the format ----------------------------------------------------------------------


@dataclass(frozen=True)
class Parsed:
    """A NOTAM as its receiver would read it."""

    series: str
    number: str
    fir: str
    code: str
    traffic: str
    purpose: str
    scope: str
    lower: int
    upper: int
    centre: tuple[float, float]
    radius_nm: int
    place: str
    start: str
    end: str
    text: str
    floor: str
    ceiling: str


def angle(text: str, degree_digits: int) -> float:
    digits, hemisphere = text[:-1], text[-1]
    whole, rest = int(digits[:degree_digits]), digits[degree_digits:]
    minutes, seconds = int(rest[:2]), int(rest[2:] or 0)
    assert minutes < 60
    assert seconds < 60
    value = whole + minutes / 60 + seconds / 3_600
    assert value <= (90 if degree_digits == 2 else 180)
    return -value if hemisphere in "SW" else value


def place(text: str) -> tuple[float, float]:
    found = re.fullmatch(r"(\d{4}|\d{6})([NS])(\d{5}|\d{7})([EW])", text)
    assert found, text
    return angle(found[1] + found[2], 2), angle(found[3] + found[4], 3)


def parsed(draft: Draft) -> Parsed:
    lines = []
    for line in draft.text.splitlines():
        assert line.startswith(f"{MARK}: ")  # whichever line is copied, the mark is with it
        lines.append(line.removeprefix(f"{MARK}: "))
    assert all(len(line) <= 69 and TEXT.fullmatch(line) for line in lines), lines
    whole = " ".join(lines)
    found = re.fullmatch(
        r"\(([A-Z])(\d{4}/\d\d) NOTAMN "
        r"Q\) ([A-Z]{4})/(Q[A-Z]{4})/(IV|I|V)/(NBO|BO|B|M|K)/(A|E|W|AE|AW)"
        r"/(\d{3})/(\d{3})/(\d{4}[NS]\d{5}[EW])(\d{3}) "
        r"A\) ([A-Z]{4}) B\) (\d{10}) C\) (\d{10}) "
        r"E\) (.+) F\) (SFC|FL\d{3}) G\) (FL\d{3}|UNL)\)",
        whole,
    )
    assert found, whole
    return Parsed(
        series=found[1],
        number=found[2],
        fir=found[3],
        code=found[4],
        traffic=found[5],
        purpose=found[6],
        scope=found[7],
        lower=int(found[8]),
        upper=int(found[9]),
        centre=place(found[10]),
        radius_nm=int(found[11]),
        place=found[12],
        start=found[13],
        end=found[14],
        text=found[15],
        floor=found[16],
        ceiling=found[17],
    )


# --- by hand -------------------------------------------------------------------------------------


def test_a_draft_made_by_hand() -> None:
    """Circle of 20 km about 35.53N 35.78E, ground to 9,000 m, 50 minutes.

    Centre to the minute: 3532N 03547E, 370 m north and 302 m east of the true one: 478 m off, so
    20,478 m: 11.06 NM, up to 12. Levels: down from 0 by 110 m, 600 m and 11 m: the ground; up from
    9,000 m: 9,110 + 600 + 911 = 10,621 m: FL348.5, up to 349. The area: 20,022 m: 10.81 NM.
    """
    assert one(vol()).lines == (
        "(A0000/18 NOTAMN",
        "Q) OSTT/QRDCA/IV/BO/W/000/349/3532N03547E012",
        "A) OSTT B) 1809171840 C) 1809171930",
        "E) DRAFT, NOT PUBLISHED. DANGER AREA ACTIVATED. ACTIVITY DANGEROUS TO",
        "AIR TRAFFIC. AREA WI 10.9NM OF 353148N0354648E. 0M TO 9000M ABOVE",
        "WGS84 ELLIPSOID, NOT MSL: LEVELS ARE WIDENED BY 110M FOR THE GEOID",
        "AND BY 600M PLUS ONE TENTH OF THE HEIGHT FOR PRESSURE.",
        "F) SFC G) FL349)",
    )


def test_a_polygon_by_hand_with_all_that_can_be_said() -> None:
    """A triangle, 3,000 to 4,000 m, with uncertainty; a hazard with a lapse; AW, no FIR, M.

    From 3305N 03515E the lower corners are 9.24 km south and 23.36 km away in longitude: 25.12 km,
    with 500 m of uncertainty 25.62 km: 13.8 NM, up to 14. In words 522 m are 0.28 NM, up to 0.3.
    """
    area = polygon((33.0, 35.0), (33.0, 35.5), (33.25, 35.25))
    spread = Uncertainty(lateral_mm=500_000, vertical_mm=50_000, time_us=90_000_000)
    hazard = replace(
        declaration(vol(area), code=Code.HAZARD),
        basis=HazardBasis(source="a", confidence=Confidence.PROBABLE, expires_us=END_US),
    )
    words = NotamWords(series="C", purpose=NotamPurpose.M, aerodrome="OLBA")
    volume = vol(area, lower_m=3_000, upper_m=4_000, spread=spread)
    [draft] = draft_notam(hazard, [volume], words, NOW_US)
    assert draft.lines == (
        "(C0000/18 NOTAMN",
        # 2,840 m less 600 less 284 is 1,956 m; 4,160 and 600 and 416 are 5,176 m.
        "Q) XXXX/QRDCA/IV/M/AW/064/170/3305N03515E014",
        "A) OLBA B) 1809171838 C) 1809171932",
        "E) DRAFT, NOT PUBLISHED. DANGER AREA ACTIVATED. REPORTED DANGER TO",
        "AIR TRAFFIC. REPORT PROBABLE, LAPSES 1809171930 UNLESS RENEWED. AREA",
        "WI 0.3NM OF AREA 330000N0350000E - 330000N0353000E - 331500N0351500E",
        "- 330000N0350000E. 3000M TO 4000M ABOVE WGS84 ELLIPSOID, NOT MSL:",
        "LEVELS ARE WIDENED BY 110M FOR THE GEOID AND BY 600M PLUS ONE TENTH",
        "OF THE HEIGHT FOR PRESSURE. HEIGHTS PLUS OR MINUS 50M. FIR TO BE",
        "FILLED IN.",
        "F) FL064 G) FL170)",
    )


def test_several_volumes_are_several_drafts_and_what_is_over_is_none() -> None:
    past = (NOW_US - 60_000_000, NOW_US)
    volumes = (vol(), vol(window_us=past), vol(circle(36, 36, 5_000)))
    found = drafted(*volumes)
    assert [draft.volume for draft in found] == [0, 2]
    assert parsed(found[1]).centre == (36, 36)
    with says_no("notam_over"):
        drafted(vol(window_us=past))


def test_no_name_and_no_free_text_gets_out() -> None:
    hazard = replace(
        declaration(vol(), code=Code.HAZARD, name="HERON"),
        basis=HazardBasis(source="HERON", confidence=Confidence.CONFIRMED, expires_us=END_US),
    )
    [draft] = draft_notam(hazard, hazard.volumes, NotamWords(), NOW_US)
    assert "HERON" not in draft.text


def test_an_intricate_area_is_its_circle() -> None:
    corners = [beyond((35.5, 35.8), 360 * i / 40, 20_000 - 3_000 * (i % 2)) for i in range(40)]
    found = parsed(one(vol(polygon(*corners))))
    assert " - " not in found.text
    assert f"WI {found.radius_nm}NM OF 3530N03548E." in found.text


# --- what it cannot say --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "volume"),
    [
        ("notam_too_wide", vol(circle(35, 35, 1_851_000))),
        ("notam_too_long", vol(window_us=(START_US, START_US + 90 * 86_400_000_000 + 1))),
        ("notam_too_high", vol(lower_m=40_000, upper_m=50_000)),
        ("notam_below_ground", vol(lower_m=-3_000, upper_m=-1_000)),
    ],
)
def test_what_a_notam_cannot_say_is_refused(code: str, volume: Volume4D) -> None:
    with says_no(code):
        one(volume)


@pytest.mark.parametrize(
    "notice",
    [
        replace(declaration(vol()), domain=Domain.SUBSURFACE),
        replace(declaration(vol()), domain=Domain.ELECTROMAGNETIC),
        replace(declaration(vol()), purpose=Purpose.INTERFERENCE),
        replace(declaration(vol(), code=Code.PROTECT), domain=Domain.GROUND),
    ],
)
def test_what_is_no_danger_area_in_the_air_is_refused(notice: Declaration) -> None:
    with says_no("notam_not_a_danger"):
        draft_notam(notice, notice.volumes, NotamWords(), NOW_US)


def test_a_ground_blast_and_a_protected_aircraft_are_drafted() -> None:
    for notice in (
        replace(declaration(vol(), code=Code.HAZARD), domain=Domain.GROUND),
        declaration(vol(), code=Code.PROTECT),
    ):
        [draft] = draft_notam(notice, notice.volumes, NotamWords(), NOW_US)
        assert parsed(draft).code == "QRDCA"


@pytest.mark.parametrize(
    "words",
    [
        {"fir": "OST"},
        {"fir": "ostt"},
        {"series": "AB"},
        {"series": ""},
        {"aerodrome": "OL)A"},
        {"fir": "OSTT\nE) ALL IS WELL"},
    ],
)
def test_what_is_no_indicator_is_refused(words: dict[str, str]) -> None:
    with says_no("bad_notam"):
        NotamWords(**words)  # type: ignore[arg-type]


def test_a_corridor_is_said_as_a_line() -> None:
    line = corridor(1_000, (35.5, 35.75), (36.0, 36.0), (35.5, 35.75))
    text = parsed(one(vol(line))).text
    # 1,000 m and half a second each way are 0.552 NM, rounded up to tenths.
    said = "AREA WI 0.6NM OF LINE 353000N0354500E - 360000N0360000E - 353000N0354500E."
    assert said in text


# --- outward -------------------------------------------------------------------------------------


def rim(volume: Volume4D, rng_seed: int) -> list[tuple[float, float]]:
    """Points on the edge of the area, and beyond it by its lateral uncertainty."""
    spread_m = volume.uncertainty.lateral_mm / 1_000
    footprint = volume.footprint
    rng = default_rng(rng_seed)
    if isinstance(footprint, Circle):
        centre = (footprint.centre.lat_e7 / 1e7, footprint.centre.lon_e7 / 1e7)
        reach_m = footprint.radius_mm / 1_000 + spread_m
        return [beyond(centre, float(az), reach_m) for az in range(0, 360, 5)]
    found: list[tuple[float, float]] = []
    spread_m += margin_mm_of(footprint) / 1_000
    for a, b in edges(footprint):
        found += [
            beyond(spot, float(rng.uniform(0, 360)), spread_m) for spot in along_edge(a, b, 12)
        ]
    return found


def along_edge(a: Position, b: Position, count: int) -> list[tuple[float, float]]:
    """Points of the great circle of geodetic coordinates: what an edge is by definition."""
    from comity.airspace.earth import latlon, normals_of  # noqa: PLC0415 - the vectors alone

    start, end = normals_of((a, b))
    mixed = (start * (1 - i / count) + end * (i / count) for i in range(count + 1))
    return [latlon(each) for each in mixed]


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_area_is_inside_the_circle_everywhere_on_earth(seed: int) -> None:
    rng = default_rng(seed)
    size_m = 10 ** rng.uniform(1, 6)
    footprint = shape(rng, place_on_earth(rng), size_m)
    spread = Uncertainty(lateral_mm=round(10 ** rng.uniform(0, 7)))
    volume = vol(footprint, spread=spread)
    found = parsed(one(volume))
    for spot in rim(volume, seed):
        apart_m = Geodesic.WGS84.Inverse(*found.centre, *spot)["s12"]
        assert apart_m <= found.radius_nm * NM_M


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_area_in_words_holds_the_corners(seed: int) -> None:
    rng = default_rng(seed)
    footprint = shape(rng, place_on_earth(rng), 10 ** rng.uniform(3, 5))
    spread = Uncertainty(lateral_mm=int(rng.integers(0, 5_000_000)))
    text = parsed(one(vol(footprint, spread=spread))).text
    found = re.search(r"AREA WI (\d+\.\d)NM OF (?:AREA |LINE )?([0-9NSEW -]+?)\.", text)
    assert found, text
    reach_m, said = float(found[1]) * NM_M, [place(each) for each in found[2].split(" - ")]
    true, needed_m = places_of(footprint)[: rings_of(footprint)[0]], margin_mm_of(footprint) / 1_000
    if isinstance(footprint, Polygon):
        true = (*true, true[0])
    assert (" OF LINE " in text) is isinstance(footprint, Corridor)
    for spot, corner in zip(said, true, strict=True):
        off_m = Geodesic.WGS84.Inverse(*spot, corner.lat_e7 / 1e7, corner.lon_e7 / 1e7)["s12"]
        assert off_m + needed_m + spread.lateral_mm / 1_000 <= reach_m


heights = st.floats(-11_000, 29_000)


off = st.floats(-1, 1)


@given(heights, st.floats(0, 60_000), st.tuples(off, off, off), st.integers(0, 2_000))
def test_levels_hold_the_band_whatever_geoid_and_pressure_are(
    lower_m: float, thick_m: float, offs: tuple[float, float, float], spread_m: int
) -> None:
    """Any undulation, sea-level pressure and temperature within the stated bounds."""
    geoid, ground, column = offs
    upper_m = lower_m + thick_m
    volume = vol(lower_m=lower_m, upper_m=upper_m, spread=Uncertainty(vertical_mm=spread_m * 1_000))
    true_upper_m = upper_m + spread_m
    if true_upper_m + GEOID_MM / 1_000 + PRESSURE_MM / 1_000 < abs(true_upper_m) / 5 + 200:
        return  # below the ground, and refused
    found = parsed(one(volume))
    for height_m, bound in ((lower_m - spread_m, found.lower), (upper_m + spread_m, found.upper)):
        msl_m = height_m + geoid * GEOID_MM / 1_000
        pressure_m = msl_m + ground * PRESSURE_MM / 1_000 + column * abs(msl_m) / PRESSURE_PARTS
        if bound == found.lower and found.lower > 0:
            assert pressure_m >= found.lower * LEVEL_M
        if bound == found.upper and found.upper < 999:
            assert pressure_m <= found.upper * LEVEL_M
    assert found.floor == ("SFC" if found.lower == 0 else f"FL{found.lower:03d}")
    assert found.ceiling == ("UNL" if found.upper == 999 else f"FL{found.upper:03d}")
    assert found.lower < found.upper


@given(st.integers(0, 86_399_999_999), st.integers(0, 86_400_000_000), st.integers(0, 10**10))
def test_times_hold_the_window(offset_us: int, length_us: int, spread_us: int) -> None:
    window = (START_US + offset_us, START_US + offset_us + length_us)
    found = parsed(one(vol(window_us=window, spread=Uncertainty(time_us=spread_us))))
    start, end = (
        instant_us(f"20{t[:2]}-{t[2:4]}-{t[4:6]}T{t[6:8]}:{t[8:]}Z")
        for t in (found.start, found.end)
    )
    assert start <= window[0] - spread_us < start + 60_000_000
    assert window[1] + spread_us <= end
    assert end - (window[1] + spread_us) <= 60_000_000
    assert start < end


def test_the_parser_sees_what_is_not_the_format() -> None:
    good = one(vol())
    for change in (
        ("/IV/", "/XY/"),
        ("3532N", "3572N"),
        ("F) SFC", "F) GND"),
        ("NOTAMN", "NOTAM"),
        ("C) 18", "C) 8"),
        ("WGS84", "wgs84"),
    ):
        bad = replace(good, lines=tuple(line.replace(*change) for line in good.lines))
        with pytest.raises(AssertionError):
            parsed(bad)
    assert parsed(good).radius_nm == ceil(20_478 / NM_M)
    assert at(35.53, 35.78) == AREA.centre
