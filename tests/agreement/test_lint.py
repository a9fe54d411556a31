"""What the lint finds, and what a node refuses for it."""

from dataclasses import replace

import pytest

from comity.agreement.lint import Severity, check, lint
from comity.model.clause import Agreement, Scope
from comity.model.fault import Malformed
from comity.model.notice import Craft
from comity.model.parameter import PARAMETERS, Stricter
from comity.model.quantity import Position
from tests.agreement.samples import FROM_US, agreement, clause, setting
from tests.model.samples import MINUTE_US

COMBAT, UAV = (Scope(crafts=frozenset({craft})) for craft in (Craft.COMBAT, Craft.UAV))
DEADLINES = clause(
    "deadlines",
    receipt_delivered_us=5_000_000,
    receipt_seen_us=60_000_000,
    receipt_readback_us=120_000_000,
    receipt_relayed_us=180_000_000,
    escalate_alternates_us=60_000_000,
    escalate_next_echelon_us=120_000_000,
    escalate_witness_us=180_000_000,
)


def codes(found: Agreement, now_us: int | None = None) -> list[str]:
    return [finding.code for finding in lint(found, now_us)]


def test_a_sound_agreement_has_no_findings() -> None:
    assert codes(agreement(DEADLINES), FROM_US - 1) == []


@pytest.mark.parametrize("name", [n for n, p in PARAMETERS.items() if p.floor is not None])
def test_nothing_is_weaker_than_the_floor(name: str) -> None:
    known = PARAMETERS[name]
    assert known.floor is not None
    step = -1 if known.stricter is Stricter.MORE else 1
    at_floor = agreement(DEADLINES, setting("x", {name: known.floor}, over=("deadlines",)))
    assert "weaker_than_floor" not in codes(at_floor)
    beyond = known.floor + step
    if known.least <= beyond <= known.most:
        with pytest.raises(Malformed) as caught:
            check(agreement(setting("x", {name: beyond})))
        assert caught.value.code == "weaker_than_floor"


def test_two_clauses_that_say_different_things_of_one_case_are_refused() -> None:
    one, other = clause("one", margin_us=1), clause("other", margin_us=2)
    with pytest.raises(Malformed) as caught:
        check(agreement(one, other))
    assert caught.value.code == "contradiction"
    assert "one and other" in caught.value.reason


def test_what_cannot_meet_or_is_ordered_does_not_contradict() -> None:
    check(agreement(clause("one", margin_us=1), clause("two", over=("one",), margin_us=2)))
    check(agreement(clause("c", scope=COMBAT, margin_us=1), clause("u", scope=UAV, margin_us=2)))
    check(agreement(clause("all", margin_us=1), clause("c", scope=COMBAT, margin_us=2)))
    check(agreement(clause("one", margin_us=1), clause("two", margin_us=1)))


def test_cautions_are_for_people_and_refuse_nothing() -> None:
    plain = agreement(clause("lead", lead_short_notice_us=20 * MINUTE_US))
    found = lint(plain, FROM_US)
    assert {finding.code for finding in found} == {
        "missing_deadline",
        "odd_order",  # short notice at 20 min, the least lead at 15
        "from_has_passed",
    }
    assert all(finding.severity is Severity.CAUTION for finding in found)
    check(plain)


def test_a_clause_that_never_decides_is_pointed_at() -> None:
    found = agreement(
        DEADLINES,
        clause("new", over=("old",), margin_us=2, heartbeat_us=30_000_000),
        clause("old", margin_us=1),
    )
    assert codes(found) == ["dead_clause"]


def test_an_agreement_that_is_over_is_an_error() -> None:
    over = agreement(DEADLINES, until_us=FROM_US + 1)
    assert codes(over, FROM_US + 1) == ["agreement_expired"]


def test_each_border_counts_by_itself() -> None:
    line = (Position(lat_e7=0, lon_e7=0), Position(lat_e7=0, lon_e7=1))
    east = replace(clause("east", buffer_combat_mm=40_000_000), line=line)
    west = replace(clause("west", buffer_combat_mm=20_000_000), line=line)
    check(agreement(east, west))


def test_a_buffer_and_its_border_stand_in_one_clause() -> None:
    line = (Position(lat_e7=0, lon_e7=0), Position(lat_e7=0, lon_e7=1))
    buffer = clause("buffer", buffer_combat_mm=40_000_000)
    border = replace(clause("border", margin_us=1), line=line)
    assert codes(agreement(DEADLINES, buffer, border)) == ["border_incomplete"] * 2
    whole = replace(buffer, line=line)
    assert codes(agreement(DEADLINES, whole)) == []
