import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.exercise.amount import duration_text, duration_us, length_mm
from comity.model.fault import Malformed


@pytest.mark.parametrize(
    ("text", "us"),
    [
        ("20m", 1_200_000_000),
        ("2m30s", 150_000_000),
        ("1.5h", 5_400_000_000),
        ("500ms", 500_000),
        ("0s", 0),
        ("1d", 86_400_000_000),
    ],
)
def test_durations(text: str, us: int) -> None:
    assert duration_us(text) == us


@pytest.mark.parametrize(
    "text", ["", "20", "m", "-5m", "20 m", "1e3s", "5m 3s", "٣m", "9" * 10 + "s"]
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        duration_us(text)
    assert caught.value.code == "bad_duration"


@pytest.mark.parametrize(
    ("text", "mm"),
    [("3nm", 5_556_000), ("5556m", 5_556_000), ("3000ft", 914_400), ("5.5km", 5_500_000)],
)
def test_lengths(text: str, mm: int) -> None:
    assert length_mm(text) == mm


@pytest.mark.parametrize("text", ["3", "3 nm", "-1m", "3mi", "nm", "3nm4nm"])
def test_what_is_no_length(text: str) -> None:
    with pytest.raises(Malformed):
        length_mm(text)


@given(st.integers(0, 10**8), st.integers(0, 59))
def test_durations_add_up(minutes: int, seconds: int) -> None:
    assert duration_us(f"{minutes}m{seconds}s") == (minutes * 60 + seconds) * 1_000_000


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1200, "20 min"), (638.67, "10 min 39 s"), (45, "45 s"), (0, "0 s"), (-90, "-1 min 30 s")],
)
def test_duration_for_people(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text
