"""Answers, attestations, calls: what belongs together, each limit at n and n + 1."""

from dataclasses import replace

import pytest

from comity.model.answer import (
    Answer,
    Attestation,
    KeyFields,
    Reason,
    Step,
    UnitReport,
    UnitState,
    VoiceCall,
)
from comity.model.quantity import Position
from comity.model.volume import HEIGHT_MM_MAX, HEIGHT_MM_MIN
from tests.model.samples import ID, INSTANT_US_MAX, INSTANT_US_MIN, NOON_US
from tests.model.saying_no import says_no

HERE = Position(lat_e7=355_000_000, lon_e7=358_000_000)
KEY = KeyFields(start_us=NOON_US, end_us=NOON_US, points=(HERE,), lower_mm=0, upper_mm=1)
SEEN = Answer(of=ID, step=Step.SEEN, role="duty officer")
CALL = VoiceCall(
    other="alpha", received_us=None, start_us=None, area_stated=None, words="", account_of="bravo"
)


@pytest.mark.parametrize("step", Step)
def test_a_read_back_repeats_and_unable_has_a_reason(step: Step) -> None:
    reason = Reason.LOW_FUEL if step is Step.UNABLE else None
    key = KEY if step is Step.READ_BACK else None
    good = Answer(of=ID, step=step, role="duty officer", reason=reason, read_back=key)
    with says_no("no_key_fields"):
        replace(good, read_back=KEY if key is None else None)
    with says_no("no_reason"):
        replace(good, reason=Reason.OTHER if reason is None else None)


def test_an_answer_comes_from_a_role() -> None:
    assert len(replace(SEEN, role="x" * 40).role) == 40
    for role, code in (("", "no_role"), ("x" * 41, "text_too_long"), ("a\nb", "bad_text")):
        with says_no(code):
            replace(SEEN, role=role)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_ids_and_handles_have_32_bytes(size: int) -> None:
    with says_no("bad_id"):
        replace(SEEN, of=bytes(size))
    with says_no("bad_handle"):
        UnitReport(handle=bytes(size), state=UnitState.TOLD, at_us=NOON_US)
    with says_no("bad_id"):
        Attestation(of=bytes(size), units=(unit(0),))


def test_a_read_back_names_times_that_exist() -> None:
    for good in (INSTANT_US_MIN, INSTANT_US_MAX):
        assert replace(KEY, start_us=good, end_us=good).end_us == good
    for bad in (INSTANT_US_MIN - 1, INSTANT_US_MAX + 1, -(2**63)):
        with says_no("bad_time"):
            replace(KEY, start_us=bad)
        with says_no("bad_time"):
            replace(KEY, end_us=bad)


def test_a_read_back_names_heights_that_exist() -> None:
    for good in (HEIGHT_MM_MIN, HEIGHT_MM_MAX):
        assert replace(KEY, lower_mm=good, upper_mm=good).upper_mm == good
    for bad in (HEIGHT_MM_MIN - 1, HEIGHT_MM_MAX + 1, 2**63):
        with says_no("bad_height"):
            replace(KEY, lower_mm=bad)
        with says_no("bad_height"):
            replace(KEY, upper_mm=bad)


def test_what_was_heard_may_contradict_itself() -> None:
    heard = replace(KEY, start_us=NOON_US + 1, lower_mm=2)  # it ends before it starts
    assert heard.start_us > heard.end_us


def test_a_read_back_has_1_to_50_points() -> None:
    assert len(replace(KEY, points=(HERE,) * 50).points) == 50
    for count in (0, 51):
        with says_no("bad_key_fields"):
            replace(KEY, points=(HERE,) * count)


def unit(number: int) -> UnitReport:
    return UnitReport(handle=number.to_bytes(32, "big"), state=UnitState.TOLD, at_us=NOON_US)


def test_an_attestation_names_1_to_64_units_each_once() -> None:
    assert len(Attestation(of=ID, units=tuple(map(unit, range(64)))).units) == 64
    for units in ((), tuple(map(unit, range(65))), (unit(1), unit(1))):
        with says_no("bad_units"):
            Attestation(of=ID, units=units)


def test_a_call_is_somebodys_account_of_somebody() -> None:
    longest = replace(CALL, words="x" * 280, other="y" * 255, account_of="z" * 40)
    assert len(longest.words) == 280
    cases = (
        ({"account_of": ""}, "no_source"),
        ({"account_of": "z" * 41}, "text_too_long"),
        ({"words": "x" * 281}, "text_too_long"),
        ({"words": "a\nb"}, "bad_text"),
        ({"other": ""}, "no_party"),
        ({"other": "y" * 256}, "text_too_long"),
        ({"other": "\ud800"}, "bad_text"),
        ({"received_us": 0}, "bad_time"),
        ({"start_us": INSTANT_US_MAX + 1}, "bad_time"),
    )
    for change, code in cases:
        with says_no(code):
            replace(CALL, **change)
