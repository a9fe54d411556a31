"""Heights in words: each with its unit and what it is measured from, exact, and nothing guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.cli.height_words import (
    Limits,
    added_text,
    given_text,
    is_of_now,
    limits,
    qnh,
    terrain,
)
from comity.model.fault import Malformed
from comity.model.given import HeightTerm
from comity.model.quantity import instant_us
from comity.web.api.shapes_heights import AddedTerm, GivenHeights, HeightReference

NOW_US = instant_us("2030-01-01T10:00:00Z")


def four(text: str, datum: str | None = None) -> tuple[float, str, float, str]:
    found = limits(text, datum)
    return found.lower_m, found.lower_datum, found.upper_m, found.upper_datum


@pytest.mark.parametrize(
    ("text", "datum", "wanted"),
    [
        ("0m..20000ft", None, (0.0, "wgs84", 6096.0, "wgs84")),
        ("0m..20000ft", "msl", (0.0, "msl", 6096.0, "msl")),
        ("0m..20000ft", "egm2008", (0.0, "egm2008", 6096.0, "egm2008")),  # the node's to refuse
        ("3000ft msl..FL195", None, (914.4, "msl", 5943.6, "flight-level")),
        ("FL180..FL240", None, (5486.4, "flight-level", 7315.2, "flight-level")),
        ("fl 5..FL95", "msl", (152.4, "flight-level", 2895.6, "flight-level")),
        ("GND..FL95", None, (0.0, "agl", 2895.6, "flight-level")),
        ("sfc .. 100m-agl", None, (0.0, "agl", 100.0, "agl")),
        ("-50m..1km", None, (-50.0, "wgs84", 1000.0, "wgs84")),
        ("0ft..1ft", None, (0.0, "wgs84", 0.3048, "wgs84")),
        ("1000ft pressure..2000FT PRESSURE", None, (304.8, "pressure", 609.6, "pressure")),
        ("100m..FL195", "msl", (100.0, "msl", 5943.6, "flight-level")),
        ("1800m flight-level..FL195", None, (1800.0, "flight-level", 5943.6, "flight-level")),
    ],
)
def test_limits(text: str, datum: str | None, wanted: tuple[float, str, float, str]) -> None:
    assert four(text, datum) == wanted


@pytest.mark.parametrize(
    "text",
    [
        *("6000m", "0m-6000m", "..", "0m..", "0..6000m", "0m..6000", "0m..FL1955", "0m..FL"),
        *("0m..FL200", "GND..100m", "3000ft..5000ft msl"),  # one of them does not say
        *("3000ft qfe..5000ft qfe", "0m..100m above", "--5m..6m", "1e3m..2e3m", "GND agl..FL10"),
    ],
)
def test_nothing_is_guessed(text: str) -> None:
    with pytest.raises(Malformed):
        limits(text, None)


@given(st.text(max_size=30))
def test_any_text_is_heights_or_malformed(text: str) -> None:
    for read in (lambda: limits(text, None), lambda: terrain(text), lambda: qnh(text, NOW_US)):
        try:
            read()
        except Malformed:
            continue


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1013@now", "2030-01-01T10:00:00Z"),
        ("1013.25@-20m", "2030-01-01T09:40:00Z"),
        ("998@2029-12-31T23:00:00Z", "2029-12-31T23:00:00Z"),
    ],
)
def test_a_qnh_has_a_time(text: str, at: str) -> None:
    assert qnh(text, NOW_US) == (float(text.partition("@")[0]), instant_us(at))
    assert is_of_now(text) is not text.endswith("Z")


@pytest.mark.parametrize("text", ["1013", "1013@", "29.92@now", "Q1013@now", "1013@then", "@now"])
def test_what_is_no_qnh(text: str) -> None:
    with pytest.raises(Malformed):
        qnh(text, NOW_US)


def test_terrain() -> None:
    assert terrain("120m..340m") == (120.0, 340.0, "msl")
    assert terrain("-430m wgs84..0ft wgs84") == (-430.0, 0.0, "wgs84")
    assert terrain("120m..340m wgs84") == (120.0, 340.0, "wgs84")
    for text in ("120m", "120m msl..340m wgs84", "120m msl..340m", "120..340"):
        with pytest.raises(Malformed):
            terrain(text)


def test_what_was_given_is_shown_as_it_is_written() -> None:
    reference = HeightReference(
        qnh_hpa=1008.0,
        qnh_at="2030-01-01T09:40:00Z",
        isa_deviation_c=-5,
        terrain_lower_m=0.0,
        terrain_upper_m=340.0,
    )
    given_heights = GivenHeights(
        lower_datum="agl",
        lower_m=0.0,
        upper_datum="flight-level",
        upper_m=5943.6,
        reference=reference,
        added=[
            AddedTerm(term=HeightTerm.QNH, metres=32.0),
            AddedTerm(term=HeightTerm.TEMPERATURE, metres=1095.166),
        ],
    )
    assert given_text(given_heights) == (
        "0 m agl to FL195; QNH 1008 hPa of 2030-01-01T09:40:00Z; air -5 degrees off standard; "
        "ground 0 to 340 m msl"
    )
    assert added_text(given_heights) == "QNH age and place 32.0 m, temperature 1,095.2 m"
    plain = GivenHeights(
        lower_datum="pressure", lower_m=300.0, upper_datum="flight-level", upper_m=1800.0
    )
    assert given_text(plain) == "300 m on QNH to 1800 m on 1013.25 hPa"


def test_limits_are_nouns() -> None:
    assert limits("FL180..FL180", None) == Limits(
        lower_m=5486.4,
        lower_datum="flight-level",
        upper_m=5486.4,
        upper_datum="flight-level",
    )
