"""The second scenario against the rules: claims attributed, no State a party, places rough."""

import re

import pytest

from comity.exercise.load import find, read
from comity.exercise.plan import plan
from comity.exercise.report_claims import claims_part
from comity.exercise.scenario import Scenario
from comity.exercise.verbs import Declare
from comity.model.notice import FORBIDDEN_FIELDS

STATES = re.compile(r"\b(russia|israel|lebanon|syria|idf|unifil|hezbollah)", re.IGNORECASE)
TEXT = find("northern-shield").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return read(find("northern-shield"))


def test_parties_are_nobody_in_particular(scenario: Scenario) -> None:
    for party in scenario.parties:
        assert not STATES.search(party.id + party.role)


def test_every_claim_is_attributed_and_sourced_and_stands_in_the_report(scenario: Scenario) -> None:
    text = claims_part(scenario)
    assert len(scenario.claims) >= 10
    assert {claim.claimant.code for claim in scenario.claims} == {"IL", "UN", "RU"}
    for claim in scenario.claims:
        assert f"| {claim.id} | " in text
        assert claim.claimant.office in text
        for source in claim.sources:
            assert scenario.sources[source].address


def test_no_source_goes_unused(scenario: Scenario) -> None:
    used = {source for claim in scenario.claims for source in claim.sources}
    assert used == set(scenario.sources)


def test_places_are_rough_and_say_so(scenario: Scenario) -> None:
    for place in scenario.places.values():
        assert "approximate" in place.note
        assert all(round(angle, 2) == angle for angle in place.at)  # a kilometre, no better


def test_nobody_stated_how_much_is_sufficient(scenario: Scenario) -> None:
    assert any("sufficient" in sentence for sentence in scenario.unstated)
    assert scenario.tracks == ()


def test_steps_name_no_state_and_no_forbidden_field(scenario: Scenario) -> None:
    for variant in scenario.variants:
        for step in plan(scenario, variant.name).steps:
            if isinstance(step.details, Declare):
                said = (step.details.name, step.details.basis.source if step.details.basis else "")
                assert not STATES.search(" ".join(said))
    keys = set(re.findall(r"^(\w+) = ", TEXT, re.MULTILINE))
    assert keys.isdisjoint(FORBIDDEN_FIELDS)
