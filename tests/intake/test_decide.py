"""Flags: each on its side of its clause; lead time is start minus delivery and nothing else."""

from dataclasses import replace

import pytest

from comity.intake.decide import flags_of, lead_us, start_us
from comity.model.agreement import DEFAULT
from comity.model.notice import Code
from tests.model.samples import MINUTE_US, NOON_US, declaration, volume

OPERATION = declaration()


@pytest.mark.parametrize(
    ("lead", "flags"),
    [
        (15 * MINUTE_US, ()),
        (15 * MINUTE_US - 1, ("below_agreed_lead",)),
        (10 * MINUTE_US, ("below_agreed_lead",)),
        (10 * MINUTE_US - 1, ("short_notice", "below_agreed_lead")),
        (0, ("short_notice", "below_agreed_lead")),
        (-1, ("late", "short_notice", "below_agreed_lead")),
    ],
)
def test_flags_begin_at_their_clauses(lead: int, flags: tuple[str, ...]) -> None:
    assert flags_of(OPERATION, DEFAULT, NOON_US - lead) == flags


def test_a_clause_is_the_agreements_to_set() -> None:
    strict = replace(DEFAULT, lead_cleartext_min_us=60 * MINUTE_US)
    assert flags_of(OPERATION, strict, NOON_US - 59 * MINUTE_US) == ("below_agreed_lead",)
    assert flags_of(OPERATION, None, NOON_US) == ()


@pytest.mark.parametrize("code", [Code.HAZARD, Code.PROTECT])
def test_a_warning_is_never_too_late_to_be_given(code: Code) -> None:
    assert flags_of(declaration(code=code), DEFAULT, NOON_US + 1) == ()


def test_the_earliest_window_counts() -> None:
    volumes = (volume(start_us=NOON_US + MINUTE_US), volume(), volume(start_us=NOON_US + 1))
    assert start_us(volumes) == NOON_US
    assert lead_us(volumes, NOON_US - 5) == 5
    assert lead_us(volumes, NOON_US + 5) == -5
