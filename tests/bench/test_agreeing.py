"""Agreements measured, in small: the figures are there, and what was measured was really done."""

from collections.abc import Callable

from comity.agreement.lint import check
from comity.bench.agreeing import AgreementPlan, measure_agreement, sample_agreement
from comity.bench.ground import Ground
from comity.model.disclosure import DisclosureStep
from comity.wire.agreement_v1 import agreement_text, parse_agreement

TINY = AgreementPlan(rounds=2, decisions=50, notices=3)


def test_it_measures_what_it_says(ground: Ground, all_told: Callable[[], bool]) -> None:
    found = measure_agreement(ground, TINY)
    assert set(found.figures) == {
        "decision_200_clauses",
        "notices_10000_to_20",
        "entries_of_notices",
    }
    assert all_told()
    store = ground.open_store(ground.folder / "agreement")
    try:
        [subject, *others] = store.read(lambda r: r.sky.subjects(None, True, b"", 10))
        told = store.read(lambda r: r.accords.told_of(subject.id))
    finally:
        store.close()
    assert len(others) == 5
    assert len(told) == 20
    assert {row.step for row in told} == set(DisclosureStep)
    assert len({row.declared for row in told}) == 4


def test_the_agreement_is_a_sound_one_of_200_clauses() -> None:
    agreement = sample_agreement()
    check(agreement)
    assert len(agreement.clauses) == 200
    assert parse_agreement(agreement_text(agreement)) == agreement
