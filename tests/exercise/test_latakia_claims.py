"""The shipped scenario against the rules for claims: attributed, complete, no State as a party."""

import re

import pytest

from comity.exercise.load import find, read
from comity.exercise.plan import plan
from comity.exercise.scenario import Scenario
from comity.model.notice import FORBIDDEN_FIELDS

IDS = [f"C{n:02}" for n in range(1, 31) if n != 5]
MORE = ["C04a", "C05a", "C05b", "C05c", "C06a", "C06b", "C12a", "C25a"]
STATES = re.compile(r"\b(russia|israel|syria|france|usa|united states|iran)", re.IGNORECASE)


@pytest.fixture(scope="module")
def latakia() -> Scenario:
    return read(find("latakia"))


def test_every_claim_of_the_register_is_there(latakia: Scenario) -> None:
    assert sorted(claim.id for claim in latakia.claims) == sorted(IDS + MORE)


def test_parties_are_nobody_in_particular(latakia: Scenario) -> None:
    for party in latakia.parties:
        assert not STATES.search(party.id + party.role)
    assert [party.role for party in latakia.parties] == [
        "the acting State",
        "the presence State",
        "the State whose air defence answers raids",
    ]


def test_contradictions_are_stated_by_both_or_by_one_side_only(latakia: Scenario) -> None:
    claims = {claim.id: claim for claim in latakia.claims}
    for claim in latakia.claims:
        for other in claim.contradicts:
            assert claims[other].claimant.code != claim.claimant.code, (claim.id, other)
        if claim.supersedes:
            assert claims[claim.supersedes].claimant.code == claim.claimant.code
            assert claims[claim.supersedes].status == "superseded"


def test_the_firing_place_stays_unknown(latakia: Scenario) -> None:
    assert not [place for place in latakia.places if "s-200" in place or "battery" in place]
    assert any("air defence fired" in sentence for sentence in latakia.unstated)


def test_tracks_are_marked_and_reach_no_node(latakia: Scenario) -> None:
    assert all(track.reconstruction for track in latakia.tracks)
    named = {track.id for track in latakia.tracks}
    for variant in latakia.variants:
        for step in plan(latakia, variant.name).steps:
            assert named.isdisjoint({step.details.id})


def test_no_step_has_a_forbidden_field(latakia: Scenario) -> None:
    for variant in latakia.variants:
        for step in variant.steps:
            assert FORBIDDEN_FIELDS.isdisjoint(step.details)


def test_alpha_and_host_are_not_linked(latakia: Scenario) -> None:
    assert latakia.peers_of("alpha") == ("bravo",)
    assert latakia.peers_of("host") == ("bravo",)
    assert latakia.peers_of("bravo") == ("alpha", "host")
