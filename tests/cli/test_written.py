"""Areas, heights and moments as people write them; a number without a unit is never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.cli.written import (
    circle,
    corners,
    height_m,
    is_from_now,
    moment_us,
    point,
    split_pair,
)
from comity.model.fault import Malformed

START_US = 1_893_492_000_000_000  # 2030-01-01T10:00:00Z


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("0m", 0.0),
        ("6000m", 6000.0),
        ("6km", 6000.0),
        ("20000ft", 6096.0),
        ("20000FT", 6096.0),
        ("-50m", -50.0),
        ("0.5nm", 926.0),
        (" 100m ", 100.0),
    ],
)
def test_a_height_has_a_unit(text: str, metres: float) -> None:
    assert height_m(text) == metres


@pytest.mark.parametrize("text", ["", "100", "m", "100 miles", "1e3m", "--5m", "+5m", "٣m", "nanm"])
def test_a_height_without_a_known_unit_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        height_m(text)


@pytest.mark.parametrize("text", ["FL200", "fl 95"])
def test_a_flight_level_is_a_pressure(text: str) -> None:
    with pytest.raises(Malformed, match="is a pressure") as caught:
        height_m(text)
    assert caught.value.code == "bad_datum"


@given(
    st.integers(-900_000_000, 900_000_000),
    st.integers(-1_800_000_000, 1_800_000_000),
)
def test_a_point_keeps_its_seven_decimals(lat_e7: int, lon_e7: int) -> None:
    found = point(f"{lat_e7 / 10**7:.7f},{lon_e7 / 10**7:.7f}")
    assert (round(found[0] * 10**7), round(found[1] * 10**7)) == (lat_e7, lon_e7)


@pytest.mark.parametrize(
    "text",
    ["", "35.5", "35.5,", "35.5,35.7,1", "35.5, 35.7", "90.1,0", "0,180.1", "N35,E35", "nan,nan"],
)
def test_what_is_no_point_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        point(text)


def test_a_closed_ring_is_opened() -> None:
    ring = [(35.5, 35.7), (35.6, 35.7), (35.6, 35.9)]
    assert corners("35.5,35.7 35.6,35.7\n35.6,35.9") == ring
    assert corners("35.5,35.7 35.6,35.7 35.6,35.9 35.5,35.7") == ring


def test_corners_have_a_limit() -> None:
    with pytest.raises(Malformed) as caught:
        corners("0,0 " * 200_000)
    assert caught.value.code == "too_large"


def test_a_circle_is_centre_and_radius() -> None:
    assert circle("35.5,-35.9,10km") == ((35.5, -35.9), 10_000.0)
    assert circle("35.5,35.9,5NM") == ((35.5, 35.9), 9_260.0)
    for text in ("", "10km", "35.5,35.9", "35.5,35.9,10", "35.5,10km"):
        with pytest.raises(Malformed):
            circle(text)


@pytest.mark.parametrize(
    ("text", "at_us"),
    [
        ("now", START_US),
        ("+20m", START_US + 1_200_000_000),
        ("+1h30m", START_US + 5_400_000_000),
        ("2030-01-01T10:00:00Z", START_US),
        ("2030-01-01T13:00+03:00", START_US),
        ("2030-01-01T10:00:00.5Z", START_US + 500_000),
    ],
)
def test_a_moment_is_a_time_or_counted(text: str, at_us: int) -> None:
    assert moment_us(text, START_US) == at_us


@pytest.mark.parametrize(
    "text", ["", "10:00", "2030-01-01T10:00:00", "2030-01-01", "+", "+20", "-20m", "tomorrow"]
)
def test_a_time_without_an_offset_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        moment_us(text, START_US)


def test_only_some_moments_need_the_present() -> None:
    assert [is_from_now(text) for text in ("now", "+5m", "2030-01-01T10:00:00Z")] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("text", ["", "=", "name", "name=", "=value"])
def test_a_pair_has_both_sides(text: str) -> None:
    assert split_pair("a=b=c") == ("a", "b=c")
    with pytest.raises(Malformed):
        split_pair(text)


@given(st.text(max_size=40))
def test_any_text_is_understood_or_malformed(text: str) -> None:
    for parse in (point, corners, circle, height_m, split_pair):
        try:
            parse(text)
        except Malformed:
            continue
