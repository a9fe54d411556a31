"""Flaws of messages, suspensions, cut lines, drafts and timed expectations: each is named."""

from collections.abc import Callable
from pathlib import Path

import pytest

from comity.exercise.flaw import BadScenario
from comity.exercise.load import failures, find, read

RIGHT = """
[failure]
code = "F99"
precedent = "By nobody's account."
sources = ["S1"]
protection = "None is needed."
"""
STEPS = """
[[variants]]
name = "three"
title = "On the hotline"
from = "21:00"
until = "22:30"
[[variants.steps]]
at = "21:10"
by = "alpha"
do = "say"
with = { id = "stop", to = "bravo", code = "X", role = "officer", times = { at = "21:10" } }
[[variants.steps]]
at = "21:11"
by = "bravo"
do = "answer"
with = { of = "stop", code = "W", role = "officer", mistake_m = [0.0, 9000.0] }
[[variants.steps]]
at = "21:12"
by = "alpha"
do = "suspend"
with = { other = "bravo", reason = "why" }
[[variants.steps]]
at = "21:13"
by = "bravo"
do = "cut"
with = { other = "host" }
[[variants.steps]]
at = "21:13"
by = "bravo"
do = "set_clock"
with = { ahead_s = 180.0 }
[[variants.steps]]
at = "21:14"
by = "bravo"
do = "say"
with = { id = "about", to = "alpha", code = "I", role = "officer", about = "stop" }
[[variants.expect]]
that = "STOP"
to = "bravo"
path = "messages[id=alpha/stop][at_node=bravo].first_shown"
no_later = "21:10 + 5s"
[[variants.expect]]
path = "counts[at_node=alpha].messages"
same_as = "counts[at_node=bravo].messages"
"""
Written = Callable[[str], Path]


def whole(small: str) -> str:
    """Tables of the top stand before the first list of tables, variants at the end."""
    return small.replace("[time]", f"{RIGHT}[time]", 1) + STEPS


def test_it_is_right(small: str, written: Written) -> None:
    scenario = read(written(whole(small)))
    assert scenario.failure is not None
    assert scenario.variant("three").judged == ""


@pytest.mark.parametrize(
    ("old", "new", "flaw"),
    [
        ('sources = ["S1"]\nprotection', 'sources = ["S9"]\nprotection', "failure.sources: 'S9'"),
        ('code = "F99"', 'code = "X99"', "failure.code"),
        (
            'id = "stop", to = "bravo"',
            'id = "stop", to = "host"',
            "alpha is not linked with 'host'",
        ),
        ('{ at = "21:10" }', '{ at = "soon" }', "with.times.at: "),
        ('of = "stop", code', 'of = "about", code', "out of order"),
        ('of = "stop", code', 'of = "activity", code', "no other step is called 'activity'"),
        ('by = "bravo"\ndo = "answer"', 'by = "host"\ndo = "answer"', "is no message to host"),
        ('other = "bravo", reason', 'other = "host", reason', "with.other: alpha is not linked"),
        ('do = "cut"\nwith = { other = "host" }', 'do = "cut"\nwith = { other = "x" }', "'x'"),
        ('about = "stop"', 'about = "nothing"', "with.about: no other step"),
        ('code = "X", role', 'code = "stop", role', "with.code"),
        ('no_later = "21:10 + 5s"', 'no_later = "early"', "expect[0].no_later: "),
        ('to = "bravo"\npath', 'to = "nobody"\npath', "expect[0].to: no party is called 'nobody'"),
        ('same_as = "counts', 'same_as = "[counts', "expect[1].same_as: "),
        ('no_later = "21:10 + 5s"', 'no_later = "21:10"\nsays = "x"', "makes one comparison"),
    ],
)
def test_a_flaw_is_named(small: str, written: Written, old: str, new: str, flaw: str) -> None:
    text = whole(small)
    assert text.count(old) == 1
    with pytest.raises(BadScenario) as caught:
        read(written(text.replace(old, new)))
    assert flaw in caught.value.reason


@pytest.mark.parametrize("number", ["nan", "-nan", "inf", "-inf", "1e999", "1e300", f"{10**400}"])
@pytest.mark.parametrize(
    ("old", "path"),
    [
        ("180.0", "steps[4].with.ahead_s"),
        ("9000.0", "steps[1].with.mistake_m[1]"),
        ("radius_m = 40000", "volumes[0].footprint.radius_m"),
        ("upper_m = 12000", "volumes[0].upper_m"),
    ],
)
def test_what_is_no_number_to_count_with_is_a_flaw(
    small: str, written: Written, old: str, path: str, number: str
) -> None:
    """A schema lets it pass: no bound holds for nan. Then it would end the run amid the play."""
    text, (_, equals, _) = whole(small), old.rpartition("= ")
    assert text.count(old) >= 1
    new = old.partition("= ")[0] + "= " + number if equals else number
    with pytest.raises(BadScenario) as caught:
        read(written(text.replace(old, new)))
    assert f"{path}: " in caught.value.reason


def test_a_number_that_is_too_long_to_be_read_is_a_flaw(small: str, written: Written) -> None:
    with pytest.raises(BadScenario, match="not TOML"):
        read(written(whole(small).replace("180.0", "9" * 5_000)))


@pytest.mark.parametrize(
    ("old", "new"),
    [("9000.0", "20000001.0"), ("180.0", "-86401.0")],
)
def test_a_mistake_is_bounded(small: str, written: Written, old: str, new: str) -> None:
    with pytest.raises(BadScenario, match="imum of "):
        read(written(whole(small).replace(old, new)))


@pytest.mark.parametrize("name", ["F05", "f05"])
def test_a_failure_mode_is_found_by_its_code(name: str) -> None:
    assert find(name).stem == "F05"


def test_whoever_looks_for_another_is_told_of_all() -> None:
    with pytest.raises(BadScenario) as caught:
        find("F10")
    assert all(code in caught.value.reason for code in (*failures(), "failures", "latakia"))
