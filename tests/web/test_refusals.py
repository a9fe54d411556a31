"""What is counted of those who ask about the register: bounded, and right when the clock jumps."""

from comity.web.refusals import CHECKS_AN_HOUR_MAX, Checks, Refusals

HOUR_US = 3_600_000_000


def test_a_record_is_due_at_once_and_then_hourly_with_the_count() -> None:
    refusals = Refusals()
    assert refusals.due("a", "no_key", 0) == 1
    assert [refusals.due("a", "no_key", at) for at in (1, 2, HOUR_US - 1)] == [None] * 3
    assert refusals.due("b", "no_key", 3) == 1
    assert refusals.due("a", "not_found", 3) == 1
    assert refusals.due("a", "no_key", HOUR_US) == 4
    assert refusals.due("a", "no_key", HOUR_US + 1) is None
    assert refusals.due("a", "no_key", 5) == 2  # the clock was set back: rather once too often


def test_whoever_asks_under_many_names_fills_no_memory() -> None:
    refusals = Refusals()
    for number in range(2_000):
        assert refusals.due(f"{number}", "no_key", 0) == 1
    assert len(refusals._counts) == 512
    assert refusals.due("1999", "no_key", 1) is None


def test_so_many_answers_an_hour_and_each_hour_anew() -> None:
    checks = Checks()
    assert all(checks.admit(b"a", at) for at in range(CHECKS_AN_HOUR_MAX))
    assert not checks.admit(b"a", HOUR_US - 1)
    assert checks.admit(b"b", HOUR_US - 1)
    assert checks.admit(b"a", HOUR_US)  # the first is an hour old
    assert not checks.admit(b"a", HOUR_US)
    assert checks.admit(b"a", 0)  # set back: what lies ahead is forgotten
