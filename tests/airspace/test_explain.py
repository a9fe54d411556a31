"""What a conflict says: never more room than there is, and words that a person can read aloud."""

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.airspace.clearance import Approach, Clearance, assess
from comity.airspace.explain import Encounter, border_words, place_text, point_text, sentence
from comity.airspace.figures import range_text
from comity.airspace.places import Place, nearest_place
from comity.airspace.shared import heights_between, window_between
from comity.model.fault import Malformed
from comity.model.quantity import LAT_E7_MAX, LON_E7_MAX, Position
from comity.model.units import Units, units_from
from comity.model.volume import HeightBand, Volume4D, Window
from tests.airspace.samples import HOUR_US, NOON_US, at, circle, volume

CLAUSE = "by clause lateral of flight-safety, version 2"
ASKED = Clearance(lateral_mm=5_556_000, vertical_mm=914_400, time_us=180_000_000)
MM = {
    "m": Fraction(1_000),
    "km": Fraction(1_000_000),
    "NM": Fraction(1_852_000),
    "ft": Fraction(3_048, 10),
}
AMOUNT = r"(less than )?([\d,]+(?:\.\d+)?) (km|m|NM|ft)"
# The least step of each unit as it is shown, in mm.
STEP = {"m": 1_000, "km": 1_000_000, "NM": 1_852_000, "ft": 305}

gaps_mm = st.one_of(st.integers(0, 10_000), st.integers(0, 400_000_000))
units = st.sampled_from(Units)


def amount_mm(found: tuple[str, str, str]) -> Fraction:
    """What a text claims at least: of `less than` nothing."""
    if found[0]:
        return Fraction(0)
    return Fraction(found[1].replace(",", "")) * MM[found[2]]


def span_us(text: str) -> int:
    size = {"d": 86_400, "h": 3_600, "min": 60, "s": 1}
    return sum(int(n) * size[u] * 1_000_000 for n, u in re.findall(r"(\d+) (d|h|min|s)\b", text))


def encounter(
    gap_mm: int, height_mm: int, time_us: int, lacks: tuple[int, int, int] = (0, 0, 0)
) -> Encounter:
    return Encounter(
        one="our operation 4f1d2c7a",
        other="bravo's hazard 9c0f11aa",
        approach=Approach(
            meets=gap_mm == height_mm == time_us == 0,
            closest_mm=gap_mm,
            vertical_gap_mm=height_mm,
            time_gap_us=time_us,
            point=at(35.6, 35.5),
            overlap_window=None,
        ),
        asked=Clearance(
            lateral_mm=gap_mm + lacks[0],
            vertical_mm=height_mm + lacks[1],
            time_us=time_us + lacks[2],
        ),
        grounds=(CLAUSE,),
    )


@given(gap=gaps_mm.filter(bool), lack=gaps_mm, shown=units)
def test_no_more_room_sideways_than_there_is(gap: int, lack: int, shown: Units) -> None:
    text = sentence(encounter(gap, 0, 0, (lack, 0, 0)), shown)
    (near,) = re.findall(f"{AMOUNT} apart sideways", text)
    assert amount_mm(near) <= gap
    assert gap - amount_mm(near) < STEP[near[2]]
    (asked,) = re.findall(f"the {AMOUNT} asked", text)
    assert amount_mm(asked) >= gap + lack
    if lack == 0:
        assert "(no more than the" in text
        return
    (short,) = re.findall(rf"\({AMOUNT} less than the", text)
    assert amount_mm(short) >= lack
    # What is left and what lacks make up what is asked, or more lacks.
    assert amount_mm(near) + amount_mm(short) >= gap + lack - STEP[near[2]]


@given(gap=gaps_mm.filter(bool), lack=gaps_mm.filter(bool), shown=units)
def test_no_more_room_in_height_than_there_is(gap: int, lack: int, shown: Units) -> None:
    gap, lack = gap // 8 + 1, lack // 8 + 1
    text = sentence(encounter(0, gap, 0, (0, lack, 0)), shown)
    (near,) = re.findall(f"{AMOUNT} apart in height", text)
    (short,) = re.findall(rf"\({AMOUNT} less than the", text)
    assert 0 <= gap - amount_mm(near) < STEP[near[2]]
    assert 0 <= amount_mm(short) - lack < STEP[short[2]]


@given(gap=st.integers(1, 3 * 86_400_000_000), lack=st.integers(1, 86_400_000_000), shown=units)
def test_no_more_room_in_time_than_there_is(gap: int, lack: int, shown: Units) -> None:
    text = sentence(encounter(0, 0, gap, (0, 0, lack)), shown)
    near = re.search(r"; ([^;]*) apart in time", text)
    short = re.search(r"\(([^(]*) less than the", text)
    assert near is not None
    assert short is not None
    shown_us = 0 if near[1].startswith("less than") else span_us(near[1])
    assert 0 <= gap - shown_us < 1_000_000
    assert 0 <= span_us(short[1]) - lack < 1_000_000


@given(gap=gaps_mm.filter(bool), height=st.integers(1, 50_000_000))
def test_both_units_say_the_same(gap: int, height: int) -> None:
    met = encounter(gap, height, 0, (1_000_000, 1_000_000, 0))
    for words in ("apart sideways", "apart in height"):
        near = [re.findall(f"{AMOUNT} {words}", sentence(met, each))[0] for each in Units]
        steps = sum(STEP[each[2]] for each in near)
        assert abs(amount_mm(near[0]) - amount_mm(near[1])) < steps
    # The words around the numbers are one and the same.
    plain = set()
    for each in Units:
        text = sentence(met, each).replace(point_text(met.approach.point, each), "#")
        plain.add(re.sub(r"(less than )?[\d,.]+ (km|m|NM|ft)\b", "#", text))
    assert len(plain) == 1


@given(
    lat=st.integers(-LAT_E7_MAX, LAT_E7_MAX), lon=st.integers(-LON_E7_MAX, LON_E7_MAX), shown=units
)
def test_the_place_is_where_the_words_say(lat: int, lon: int, shown: Units) -> None:
    place = nearest_place(Position(lat_e7=lat, lon_e7=lon))
    text = place_text(place, shown)
    assert text.endswith(f" {place.name}")
    found = re.match(rf"{AMOUNT} ([a-z-]+) \(bearing (\d{{3}})° true\) of ", text)
    if found is None:
        assert place.distance_mm < 500_000
        return
    assert 1 <= int(found[5]) <= 360
    assert abs((int(found[5]) - place.bearing_deg + 180) % 360 - 180) <= 0.5
    toward = ("north", "north-east", "east", "south-east", "south", "south-west", "west")
    compass = 45 * [*toward, "north-west"].index(found[4])
    assert abs((compass - place.bearing_deg + 180) % 360 - 180) <= 22.5
    said_mm = Fraction(found[2].replace(",", "")) * MM[found[3]]
    step = Fraction(1, 10) if place.distance_mm < 9 * MM[found[3]] else Fraction(1)
    assert abs(said_mm - place.distance_mm) <= step * MM[found[3]] / 2


@given(lat=st.integers(-LAT_E7_MAX, LAT_E7_MAX), lon=st.integers(-LON_E7_MAX, LON_E7_MAX))
def test_a_point_reads_back(lat: int, lon: int) -> None:
    point = Position(lat_e7=lat, lon_e7=lon)
    found = re.fullmatch(r"(\S+)° ([NS]) (\S+)° ([EW])", point_text(point, Units.METRIC))
    assert found is not None
    assert abs(float(found[1]) * (-1 if found[2] == "S" else 1) - lat / 1e7) < 0.000051
    assert abs(float(found[3]) * (-1 if found[4] == "W" else 1) - lon / 1e7) < 0.000051
    minutes = r"(\d{2})°(\d\d\.\d)'([NS]) (\d{3})°(\d\d\.\d)'([EW])"
    read = re.fullmatch(minutes, point_text(point, Units.AERONAUTICAL))
    assert read is not None
    assert float(read[2]) < 60
    assert float(read[5]) < 60
    south, west = (-1 if read[3] == "S" else 1), (-1 if read[6] == "W" else 1)
    assert abs(south * (int(read[1]) + float(read[2]) / 60) - lat / 1e7) < 0.00084
    assert abs(west * (int(read[4]) + float(read[5]) / 60) - lon / 1e7) < 0.00084


def explained(a: Volume4D, b: Volume4D, asked: Clearance = ASKED) -> Encounter:
    approach = assess(a, b, asked)
    assert approach is not None
    return Encounter(
        one="our operation 4f1d2c7a",
        other="bravo's hazard 9c0f11aa",
        approach=approach,
        asked=asked,
        grounds=(CLAUSE,) * 3,
        heights=heights_between(a, b),
        window=window_between(a, b),
    )


def test_at_sea_and_too_close() -> None:
    a = volume(circle(35.53, 34.79, 10_000))
    b = volume(circle(35.53, 34.95, 2_000), heights_mm=(1_200_000, 9_000_000))
    text = sentence(explained(a, b), Units.AERONAUTICAL)
    assert text == (
        "Our operation 4f1d2c7a and bravo's hazard 9c0f11aa come too close at "
        "35°31.8'N 034°54.8'E, 26 NM east (bearing 099° true) of Rizokárpaso: 1.35 NM apart "
        "sideways (1.65 NM less than the 3 NM asked); 656 ft apart in height (2,344 ft less than "
        "the 3,000 ft asked), from 3,280 ft to 3,938 ft above the WGS84 ellipsoid; both from "
        "08:00 to 09:00 UTC on 15 January 2027; by clause lateral of flight-safety, version 2."
    )
    page = Path(__file__).parents[2] / "docs/explanation/sentences.md"
    assert text in " ".join(page.read_text("utf-8").split())


def test_a_meeting_says_what_was_to_be_kept_and_where_it_stands() -> None:
    a = volume(circle(35.53, 35.79, 10_000), window_us=(15 * HOUR_US, 17 * HOUR_US))
    met = explained(a, replace(a, footprint=circle(35.5, 35.79, 500)))
    met = replace(met, grounds=(CLAUSE, "nothing else being agreed", "nothing else being agreed"))
    text = sentence(met, Units.METRIC)
    assert text == (
        "Our operation 4f1d2c7a and bravo's hazard 9c0f11aa meet at 35.5023° N 35.7900° E, 3.2 km "
        "south (bearing 182° true) of Latakia; both at 0 m to 1,000 m above the WGS84 ellipsoid; "
        "both from 23:00 UTC on 15 January 2027 to 01:00 UTC on 16 January 2027; they are to keep "
        "5.556 km sideways (by clause lateral of flight-safety, version 2), 914.4 m in height "
        "(nothing else being agreed) or 3 min in time (nothing else being agreed) apart."
    )


def test_over_the_antimeridian_and_at_the_pole() -> None:
    west, east = circle(-16.8, 179.95, 20_000), circle(-16.8, -179.95, 20_000)
    text = sentence(explained(volume(west), volume(east)), Units.METRIC)
    assert " meet at 16.8000° S 180.0000° " in text
    pole = explained(volume(circle(89.9, 0, 5_000)), volume(circle(89.9, 180, 14_000)))
    assert "Longyearbyen" in sentence(pole, Units.METRIC)


def test_what_is_coarse_says_so() -> None:
    met = replace(encounter(3_000_000, 0, 0), asked=ASKED, coarse=True)
    text = sentence(met, Units.METRIC)
    assert "in the cell about 35.6000° N 35.5000° E" in text
    assert "3 km or more apart sideways (up to 2.56 km less than the 5.556 km asked)" in text
    assert "at heights that they share, or less than 100 m apart" in text


def test_without_a_place_none_is_said() -> None:
    text = sentence(replace(encounter(3_000_000, 0, 0), where=False), Units.METRIC)
    assert "come too close: 3 km apart" in text
    assert "35.6" not in text


def test_what_only_meets_when_it_meets() -> None:
    met = replace(encounter(0, 0, 0), asked=Clearance())
    assert sentence(met, Units.METRIC).endswith(f"; they are not to meet; {CLAUSE}.")


@pytest.mark.parametrize(
    ("band", "text"),
    [
        ((0, 0), "both at 0 ft above"),
        ((-1, 1), "both at -1 ft to 1 ft above"),
        ((914_400, 3_048_000), "both at 3,000 ft to 10,000 ft above"),
    ],
)
def test_heights_are_outward(band: tuple[int, int], text: str) -> None:
    heights = HeightBand(lower_mm=band[0], upper_mm=band[1])
    assert text in sentence(replace(encounter(0, 0, 0), heights=heights), Units.AERONAUTICAL)


@pytest.mark.parametrize(
    ("window", "text"),
    [
        ((0, 0), "both from 08:00 UTC on 15 January 2027"),
        ((1, 2), "both from 08:00 to 08:00:01 UTC on 15 January 2027"),
        (
            (15 * HOUR_US, 17 * HOUR_US),
            "both from 23:00 UTC on 15 January 2027 to 01:00 UTC on 16 January 2027",
        ),
    ],
)
def test_windows_are_outward(window: tuple[int, int], text: str) -> None:
    when = Window(start_us=NOON_US + window[0], end_us=NOON_US + window[1])
    assert text in sentence(replace(encounter(0, 0, 0), window=when), Units.METRIC)


@pytest.mark.parametrize(
    ("closest_mm", "text"),
    [
        (
            3_204_999,
            (
                "comes within 3.2 km of the border at 35.6000° N 35.5000° E, 27 km west (bearing "
                "286° true) of Latakia, 6.8 km less than the 10 km asked"
            ),
        ),
        (
            0,
            (
                "reaches the border at 35.6000° N 35.5000° E, 27 km west (bearing 286° true) of "
                "Latakia, 10 km less than the 10 km asked"
            ),
        ),
    ],
)
def test_a_border_says_where_and_by_how_much(closest_mm: int, text: str) -> None:
    assert border_words(at(35.6, 35.5), closest_mm, 10_000_000, Units.METRIC) == text
    just = border_words(at(35.6, 35.5), 10_000_000, 10_000_000, Units.METRIC)
    assert just.endswith(", no more than the 10 km asked")


def test_a_town_is_named_from_within() -> None:
    here = Place(name="Haifa", position=at(32.8, 35.0), distance_mm=499_999, bearing_deg=0.0)
    assert place_text(here, Units.METRIC) == "at Haifa"
    north = replace(here, distance_mm=9_949_999, bearing_deg=359.7)
    assert place_text(north, Units.METRIC) == "9.9 km north (bearing 360° true) of Haifa"
    assert range_text(9_950_000, Units.METRIC) == "10 km"


def test_other_units_are_refused() -> None:
    with pytest.raises(Malformed) as caught:
        units_from("imperial")
    assert caught.value.code == "unknown_units"
