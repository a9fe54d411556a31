"""Times of entries never go back, unless the clock was badly wrong; then the entry says so."""

import pytest

from comity.journal.issued import IssueTimes

SECOND = 1_000_000
NOON = 1_795_348_800 * SECOND


@pytest.mark.parametrize("back_s", [0.000001, 0.5, 4.9, 5])
def test_a_small_step_back_is_waited_out(back_s: float) -> None:
    times = IssueTimes(NOON)
    assert times.next(NOON - round(back_s * SECOND)) == (NOON, False)
    assert times.next(NOON + 1) == (NOON + 1, False)


@pytest.mark.parametrize("back_s", [5.1, 60, 3600])
def test_a_large_step_back_is_followed_and_marked(back_s: float) -> None:
    times = IssueTimes(NOON)
    back = NOON - round(back_s * SECOND)
    assert times.next(back) == (back, True)
    assert times.next(back + 1) == (back + 1, False)


def test_a_jump_forward_is_for_others_to_notice() -> None:
    assert IssueTimes(NOON).next(NOON + 3_600 * SECOND) == (NOON + 3_600 * SECOND, False)
