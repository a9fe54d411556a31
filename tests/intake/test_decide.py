"""Flags: each on its side of its clause; lead time is start minus delivery and nothing else."""

from dataclasses import asdict, replace

import pytest

from comity.agreement.resolve import Case, Rules, book_of, case_of
from comity.intake.decide import flags_of, lead_us, start_us
from comity.model.agreement import DEFAULT, Parameters
from comity.model.clause import Clause, Scope
from comity.model.notice import Code, Declaration, Purpose
from tests.agreement.samples import ALPHA, BRAVO, agreement
from tests.model.samples import MINUTE_US, NOON_US, declaration, volume

OPERATION = declaration()
HOUR_US = 60 * MINUTE_US
CONVOY = replace(declaration(code=Code.PROTECT), purpose=Purpose.HUMANITARIAN)


def names(notice: Declaration, numbers: Parameters, delivered_us: int) -> tuple[str, ...]:
    found = flags_of(notice, Rules(books=(), block=asdict(numbers)), Case(), delivered_us)
    assert all(flag.ground for flag in found)
    return tuple(flag.name for flag in found)


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
    assert names(OPERATION, DEFAULT, NOON_US - lead) == flags


def test_a_clause_is_the_agreements_to_set() -> None:
    strict = replace(DEFAULT, lead_cleartext_min_us=60 * MINUTE_US)
    assert names(OPERATION, strict, NOON_US - 59 * MINUTE_US) == ("below_agreed_lead",)
    [flag] = flags_of(
        OPERATION, Rules(books=(), block=asdict(strict)), Case(), NOON_US - 59 * MINUTE_US
    )
    assert flag.ground == (
        "by clause block of terms, version 1, lead_cleartext_min_us is 1 h; it had 59 min"
    )


def test_without_any_agreement_the_defaults_count_and_say_so() -> None:
    flags = flags_of(OPERATION, Rules(books=()), Case(), NOON_US)
    assert [flag.name for flag in flags] == ["short_notice", "below_agreed_lead"]
    assert flags[0].ground.startswith("nothing else being agreed, lead_short_notice_us is 10 min")


@pytest.mark.parametrize("code", [Code.HAZARD, Code.PROTECT])
def test_a_warning_is_never_too_late_to_be_given(code: Code) -> None:
    assert names(declaration(code=code), DEFAULT, NOON_US + 1) == ()


@pytest.mark.parametrize(
    ("lead", "flags"),
    [
        (48 * HOUR_US, ()),
        (48 * HOUR_US - 1, ("below_foreseeable_lead",)),
        (24 * HOUR_US, ("below_foreseeable_lead",)),
        (24 * HOUR_US - 1, ("below_humanitarian_lead", "below_foreseeable_lead")),
        (-1, ("late", "below_humanitarian_lead", "below_foreseeable_lead")),
    ],
)
def test_a_humanitarian_presence_has_leads_of_its_own(lead: int, flags: tuple[str, ...]) -> None:
    assert names(CONVOY, DEFAULT, NOON_US - lead) == flags


def test_the_humanitarian_lead_is_the_clauses_that_holds_for_it() -> None:
    clause = Clause(
        id="convoys",
        title="Convoys",
        scope=Scope(purposes=frozenset({Purpose.HUMANITARIAN})),
        values=(("lead_foreseeable_us", 6 * HOUR_US), ("lead_humanitarian_us", 2 * HOUR_US)),
    )
    rules = Rules(books=(book_of(agreement(clause)),))
    [flag] = flags_of(CONVOY, rules, case_of(CONVOY, ALPHA, BRAVO), NOON_US - 5 * HOUR_US)
    assert (flag.name, flag.ground) == (
        "below_foreseeable_lead",
        "by clause convoys of flight-safety, version 1, lead_foreseeable_us is 6 h; it had 5 h",
    )


def test_a_hazard_with_a_humanitarian_purpose_is_still_a_hazard() -> None:
    hazard = replace(declaration(code=Code.HAZARD), purpose=Purpose.HUMANITARIAN)
    assert names(hazard, DEFAULT, NOON_US + 1) == ()


def test_the_earliest_window_counts() -> None:
    volumes = (volume(start_us=NOON_US + MINUTE_US), volume(), volume(start_us=NOON_US + 1))
    assert start_us(volumes) == NOON_US
    assert lead_us(volumes, NOON_US - 5) == 5
    assert lead_us(volumes, NOON_US + 5) == -5
