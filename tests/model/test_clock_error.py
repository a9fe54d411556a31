"""What bounds of others' clocks say of ours: certain only if certain, and no liar among three."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.model.clock_error import ClockBound, ClockState, Standing, standing_of

SECOND = 1_000_000
MS = 1_000


def bounds(*seconds: float, width_us: int = 10 * MS) -> list[ClockBound]:
    """Sources whose clocks are off by so many seconds, each known to `width_us`."""
    return [
        ClockBound(by=f"p{i}", low_us=round(s * SECOND), high_us=round(s * SECOND) + width_us)
        for i, s in enumerate(seconds)
    ]


def state(*seconds: float) -> ClockState:
    return standing_of(bounds(*seconds)).state


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("offset", "wanted"),
    [
        (0.1, ClockState.SURE),
        (0.5, ClockState.SURE),
        (1.98, ClockState.SURE),
        (2.1, ClockState.UNSURE),
        (4.9, ClockState.UNSURE),
        (5.1, ClockState.UNTRUSTED),
        (60, ClockState.UNTRUSTED),
        (3600, ClockState.UNTRUSTED),
    ],
)
def test_an_offset_has_its_state(offset: float, wanted: ClockState, sign: int) -> None:
    for count in (1, 2, 3, 4):
        assert state(*[sign * offset] * count) is wanted


def test_an_error_that_may_be_none_is_none() -> None:
    wide = [ClockBound(by="w1", low_us=-SECOND, high_us=9 * SECOND)]
    assert standing_of(wide).state is ClockState.SURE


def test_with_one_peer_the_words_say_that_it_is_between_two() -> None:
    found = standing_of(bounds(-60))
    assert "p0" in found.text
    assert "two clocks cannot show" in found.text
    assert "ahead of" in found.text
    assert "behind" in standing_of(bounds(60)).text


def test_of_two_that_disagree_nothing_is_certain() -> None:
    assert state(0, 3600) is ClockState.SURE
    assert state(6, 3600) is ClockState.UNTRUSTED


@pytest.mark.parametrize("lie", [-3600, -6, -2.1, 2.1, 6, 3600])
def test_one_liar_among_three_moves_nothing(lie: float) -> None:
    for honest in (0.0, 0.4, 6.0):
        true = standing_of(bounds(honest, honest)).state
        for each in permutations((honest, honest, lie)):
            assert state(*each) is true


@given(
    st.lists(st.integers(-2 * SECOND, 2 * SECOND), min_size=2, max_size=8),
    st.integers(-4_000 * SECOND, 4_000 * SECOND),
)
def test_with_any_number_one_liar_stays_inside_of_the_honest(honest: list[int], lie: int) -> None:
    told = [*honest, lie]
    found = standing_of([ClockBound(by=str(i), low_us=us, high_us=us) for i, us in enumerate(told)])
    assert found.low_us is not None
    assert found.high_us is not None
    assert min(honest) <= found.low_us <= found.high_us <= max(honest)


def test_nobody_compared_is_no_error() -> None:
    found = standing_of(())
    assert (found.state, found.low_us, found.correction_us) == (ClockState.SURE, None, 0)


def test_a_correction_is_the_middle_and_for_cosignatures_needs_three() -> None:
    def corrected(count: int) -> Standing:
        return standing_of(bounds(*[10.0] * count, width_us=2 * MS))

    assert corrected(1).correction_us == 10 * SECOND + MS
    assert corrected(2).cosigning_correction_us == 0
    assert corrected(3).cosigning_correction_us == 10 * SECOND + MS
    assert standing_of(bounds(1.0)).correction_us == 0
