import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.exercise.moment import LocalDay, Moments
from comity.model.fault import Malformed
from comity.model.quantity import instant_text

BASE = LocalDay(date="2018-09-17", offset="+03:00")
NAMES = {
    "lead": "20m",
    "start": "21:40",
    "notice_at": "start - lead",
    "gap": "start - notice_at",
    "round": "about",
    "about": "round",
}


def said(text: str) -> str:
    return instant_text(Moments(BASE, NAMES).instant_us(text))


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("21:39", "2018-09-17T18:39:00Z"),
        ("21:39:30", "2018-09-17T18:39:30Z"),
        ("2018-09-17T18:39:00Z", "2018-09-17T18:39:00Z"),
        ("start", "2018-09-17T18:40:00Z"),
        ("start - lead", "2018-09-17T18:20:00Z"),
        ("notice_at + 15s", "2018-09-17T18:20:15Z"),
        ("start - lead + 1m30s - 30s", "2018-09-17T18:21:00Z"),
        ("21:00 + gap", "2018-09-17T18:20:00Z"),
        ("2018-09-17T21:40:00+03:00 - 20m", "2018-09-17T18:20:00Z"),
    ],
)
def test_what_times_mean(text: str, instant: str) -> None:
    assert said(text) == instant


@pytest.mark.parametrize(
    "text",
    [
        "lead",
        "20m",
        "start + start",
        "lead - start",
        "nobody",
        "round",
        "25:00",
        "21:39 +5m",
        "",
        "2018-09-17T18:39:00",
    ],
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        said(text)
    assert caught.value.code == "bad_time"


def test_a_circle_of_names_is_named() -> None:
    with pytest.raises(Malformed, match="leans on itself"):
        said("round")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(Malformed, match="known: about, gap, lead"):
        said("start - led")


def test_too_many_terms() -> None:
    with pytest.raises(Malformed, match="terms"):
        said("start" + " + 1s" * 9)


@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_the_clock_shows_what_was_written(hour: int, minute: int, second: int) -> None:
    text = f"{hour:02}:{minute:02}:{second:02}"
    assert BASE.clock_text(BASE.instant_us(text)) == text


def test_west_of_greenwich() -> None:
    base = LocalDay(date="2018-09-17", offset="-05:30")
    assert instant_text(base.instant_us("21:40")) == "2018-09-18T03:10:00Z"
    assert base.clock_text(base.instant_us("21:40")) == "21:40:00"


@pytest.mark.parametrize(("date", "offset"), [("2018-02-30", "+03:00"), ("2018-09-17", "+3")])
def test_a_base_that_does_not_exist(date: str, offset: str) -> None:
    with pytest.raises(Malformed):
        LocalDay(date=date, offset=offset)
