import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.bench.figure import Aim, Bound, Figure, figures_json, latencies, percentile

AT_MOST_2 = Aim(bound=Bound.AT_MOST, value=2)
AT_LEAST_2 = Aim(bound=Bound.AT_LEAST, value=2)


@given(st.lists(st.integers(0, 1_000), min_size=1, max_size=250), st.integers(1, 100))
def test_a_percentile_is_the_smallest_that_so_many_do_not_exceed(
    values: list[int], percent: int
) -> None:
    def enough(limit: int) -> bool:
        return 100 * sum(value <= limit for value in values) >= percent * len(values)

    assert percentile(values, percent) == min(value for value in values if enough(value))


def test_p99_of_a_few_is_the_slowest() -> None:
    assert percentile([3, 1, 2], 99) == 3


@pytest.mark.parametrize(("values", "percent"), [([], 50), ([1], 0), ([1], 101)])
def test_no_percentile_of_nothing(values: list[int], percent: int) -> None:
    with pytest.raises(Exception, match="percentile"):
        percentile(values, percent)


@pytest.mark.parametrize(
    ("aim", "found", "met"),
    [
        (AT_MOST_2, 2, True),
        (AT_MOST_2, 2.1, False),
        (AT_LEAST_2, 2, True),
        (AT_LEAST_2, 1.9, False),
    ],
)
def test_an_aim_is_met_on_its_own_side(aim: Aim, found: float, *, met: bool) -> None:
    assert Figure(unit="ms", rounds=(found,), samples=1, aim=aim).met is met


def test_a_figure_is_the_middle_round_with_its_spread() -> None:
    figure = Figure(unit="ms", rounds=(3.0, 9.0, 1.0), samples=7, aim=AT_MOST_2)
    assert figures_json({"it": figure}) == {
        "it": {
            "unit": "ms",
            "median": 3.0,
            "min": 1.0,
            "max": 9.0,
            "rounds": 3,
            "samples": 7,
            "aim": {"at_most": 2},
            "met": False,
        }
    }


def test_without_an_aim_nothing_is_met_or_missed() -> None:
    figure = Figure(unit="ms", rounds=(1.0,), samples=1)
    assert figure.met is None
    assert not {"aim", "met"} & figure.json().keys()


def test_a_figure_of_nothing_is_no_figure() -> None:
    with pytest.raises(Exception, match="at least one sample"):
        Figure(unit="ms", rounds=(), samples=1)


def test_latencies_are_percentiles_of_each_round() -> None:
    rounds = [[2_000_000, 1_000_000, 8_000_000], [5_000_000]]
    found = latencies("way", rounds, {50: AT_MOST_2})
    assert found["way_p50"].rounds == (2.0, 5.0)
    assert found["way_p99"].rounds == (8.0, 5.0)
    assert found["way_p50"].aim == AT_MOST_2
    assert found["way_p99"].aim is None
    assert found["way_p99"].samples == 1  # the smallest round: what every round has at least
