"""Fixed-point numbers: limits on both sides, one text for each instant, nothing lenient."""

import math
from contextlib import suppress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from comity.model.fault import Malformed
from comity.model.quantity import (
    DEGREE_E7,
    FOOT_MM,
    LAT_E7_MAX,
    LON_E7_MAX,
    NAUTICAL_MILE_MM,
    Position,
    checked_instant_us,
    degrees,
    e7_from_degrees,
    instant_text,
    instant_us,
    seconds,
)
from tests.model.samples import INSTANT_US_MAX, INSTANT_US_MIN, MINUTE_US, instants, positions
from tests.model.saying_no import says_no


def test_units_are_the_standard_ones() -> None:
    assert FOOT_MM == 304.8  # international foot, exact
    assert NAUTICAL_MILE_MM == 1_852_000  # international nautical mile, exact
    assert degrees(DEGREE_E7) == 1.0
    assert seconds(1_500_000) == 1.5


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize(("name", "limit"), [("lat_e7", LAT_E7_MAX), ("lon_e7", LON_E7_MAX)])
def test_positions_end_at_the_globe(name: str, limit: int, sign: int) -> None:
    good = {"lat_e7": 0, "lon_e7": 0, name: sign * limit}
    assert getattr(Position(**good), name) == sign * limit
    with says_no("off_the_globe"):
        Position(**(good | {name: sign * (limit + 1)}))


@pytest.mark.parametrize("value", [1.0, True, "1", None])
def test_positions_are_integers(value: object) -> None:
    for pair in ({"lat_e7": value, "lon_e7": 0}, {"lat_e7": 0, "lon_e7": value}):
        with pytest.raises(Malformed):
            Position(**pair)  # type: ignore[arg-type]


@given(positions)
def test_degrees_and_back_lose_nothing(position: Position) -> None:
    assert e7_from_degrees(degrees(position.lat_e7)) == position.lat_e7
    assert e7_from_degrees(degrees(position.lon_e7)) == position.lon_e7


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 360.000_000_1, -1e300])
def test_an_angle_is_a_finite_turn_at_most(value: float) -> None:
    with pytest.raises(Malformed):
        e7_from_degrees(value)
    assert e7_from_degrees(360.0) == 360 * DEGREE_E7


@pytest.mark.parametrize("value", [INSTANT_US_MIN, INSTANT_US_MAX])
def test_instants_lie_in_this_century(value: int) -> None:
    assert checked_instant_us(value) == value


@pytest.mark.parametrize("value", [INSTANT_US_MIN - 1, INSTANT_US_MAX + 1, 0, -1, 1.8e15, True])
def test_instants_outside_are_unit_errors(value: int) -> None:
    with says_no("bad_time"):
        checked_instant_us(value)


@given(instants)
def test_an_instant_has_one_text(value: int) -> None:
    text = instant_text(value)
    assert instant_us(text) == value
    assert text.endswith("Z")
    assert ".000000" not in text


@given(instants, st.integers(-14 * 60, 14 * 60))
def test_an_offset_changes_the_text_not_the_instant(value: int, minutes: int) -> None:
    sign, size = ("-", -minutes) if minutes < 0 else ("+", minutes)
    shifted = value + minutes * MINUTE_US
    assume(INSTANT_US_MIN <= shifted <= INSTANT_US_MAX)
    text = instant_text(shifted).removesuffix("Z") + f"{sign}{size // 60:02d}:{size % 60:02d}"
    assert instant_us(text) == value


NO_INSTANTS = [
    "",
    "2026-09-22",
    "2026-09-22T12:00:00",  # no offset: the fault that cost more than one hour somewhere
    "2026-09-22T12:00:00 Z",
    "2026-09-22T12:00:00z",
    "2026-09-22T12:00:00+0200",
    "2026-09-22T12:00:00.1234567Z",
    "2026-02-30T12:00:00Z",
    "2026-09-22T24:00:01Z",
    "2026-09-22T12:00:60Z",
    "2026-09-22T12:00:00Z\n",
    "\uff12026-09-22T12:00:00Z",  # a full-width digit
    "1999-12-31T23:59:59Z",
    "2100-01-01T00:00:00Z",
]


@pytest.mark.parametrize("text", NO_INSTANTS)
def test_other_texts_are_refused(text: str) -> None:
    with says_no("bad_time"):
        instant_us(text)


@given(st.text())
def test_any_text_is_read_or_malformed(text: str) -> None:
    with suppress(Malformed):
        assert checked_instant_us(instant_us(text))
