from dataclasses import replace

import pytest

from comity.exercise.expect import value_at
from comity.exercise.record import Outcome, Record
from comity.exercise.summary import variant_summary
from comity.wire.canonical import Json
from tests.exercise.recorded import ACTIVITY, APPROACH, RECORD, SIGHTINGS, at, happened

LOSS_US = at("19:03:00")


@pytest.fixture
def summary() -> dict[str, Json]:
    return variant_summary(RECORD, LOSS_US)


def test_verdict_and_terms_are_the_nodes_own(summary: dict[str, Json]) -> None:
    assert summary["notice_lead_s"] == 1200.0
    assert summary["verdict"] == "sufficient"
    assert value_at(summary, "time_to_clear_terms_s.distance") == 263.7
    assert summary["judged"] == "alpha/activity"


def test_who_knew_of_the_unit_that_was_not_reached(summary: dict[str, Json]) -> None:
    assert summary["unreached"] == [
        {
            "unit": "battery-1",
            "party": "host",
            "notice": "bravo/approach",
            "at": "2018-09-17T18:22:40Z",
            "known_to": [
                {"party": "host", "at": "2018-09-17T18:22:40Z"},
                {"party": "bravo", "at": "2018-09-17T18:22:41Z", "as": "2b"},
                {"party": "alpha", "at": "2018-09-17T18:22:42Z", "as": "3c"},
            ],
            "closed_at": "2018-09-17T19:12:00Z",
        }
    ]


def test_who_was_told(summary: dict[str, Json]) -> None:
    assert value_at(summary, "told[*].state") == ["answered", "told"]
    assert value_at(summary, "told[*].unit") == ["transport-1", "battery-1"]
    assert value_at(summary, "told[0].known_to[*].party") == ["bravo", "alpha"]
    assert value_at(summary, "told[1].at") == "2018-09-17T19:12:00Z"


def test_a_handle_of_another_unit_is_not_taken_for_it() -> None:
    without = tuple(s for s in SIGHTINGS if s.risk.handle != "3c")
    summary = variant_summary(replace(RECORD, sightings=without), LOSS_US)
    assert value_at(summary, "unreached[0].known_to[*].party") == ["host", "bravo"]


def prompted(record: Record, causes: dict[str, str | None]) -> Record:
    """The record with other prompts, on every node."""
    parties = tuple(
        replace(
            found,
            notices=tuple(replace(n, prompted_by=causes.get(n.id)) for n in found.notices),
        )
        for found in record.parties
    )
    return replace(record, parties=parties)


def test_without_a_prompt_nothing_is_joined() -> None:
    summary = variant_summary(prompted(RECORD, {}), LOSS_US)
    assert value_at(summary, "unreached[0].known_to[*].party") == ["host", "bravo"]


def test_a_circle_of_prompts_ends() -> None:
    circle = prompted(RECORD, {APPROACH: ACTIVITY, ACTIVITY: APPROACH})
    assert variant_summary(circle, LOSS_US)["unreached"]


def test_a_conflict_that_two_nodes_found_is_one(summary: dict[str, Json]) -> None:
    assert summary["conflicts"] == [
        {
            "a": "alpha/activity",
            "b": "bravo/own-survey",
            "clause": "clearance",
            "closest_m": 0.0,
            "meets": True,
            "at": "2018-09-17T18:20:00Z",
            "over_at": None,
            "seen_by": ["bravo", "host"],
        }
    ]


def test_a_warning_about_a_conflict_names_the_pair() -> None:
    bravo = RECORD.parties[1]
    alarm = replace(bravo.alarms[0], kind="conflict", about="x")
    record = replace(RECORD, parties=(replace(bravo, alarms=(alarm,)),))
    summary = variant_summary(record, None)
    assert value_at(summary, "warnings[0].about") == "alpha/activity with bravo/own-survey"
    unknown = replace(record, parties=(replace(bravo, conflicts=(), alarms=(alarm,)),))
    assert value_at(variant_summary(unknown, None), "warnings[0].about") is None


def test_warnings_count_back_from_the_loss(summary: dict[str, Json]) -> None:
    assert value_at(summary, "warnings[*].to") == ["bravo", "host"]
    assert value_at(summary, "warnings[0].seconds_before_loss") == 2420.0
    assert value_at(variant_summary(RECORD, None), "warnings[0].seconds_before_loss") is None


def test_journals_are_as_the_nodes_show_them(summary: dict[str, Json]) -> None:
    assert value_at(summary, "parties.bravo") == {
        "journal_size": 15,
        "root": "root-of-bravo",
        "verified": None,
    }


def test_refusals_are_listed(summary: dict[str, Json]) -> None:
    assert summary["refusals"] == [
        {"by": "alpha", "at": "2018-09-17T18:20:00Z", "code": "no_area", "nothing_changed": True}
    ]
    changed = replace(RECORD, happened=(happened(Outcome.CHANGED, words="no_area: x"),))
    assert value_at(variant_summary(changed, None), "refusals[0].nothing_changed") is False


def test_unknown_is_null() -> None:
    empty = Record(
        variant="one",
        parties=(),
        sightings=(),
        happened=(),
        labels={},
        judged="",
        assessment=None,
    )
    summary = variant_summary(empty, None)
    assert summary["notice_lead_s"] is None
    assert summary["time_to_clear_s"] is None
    assert summary["time_to_clear_terms_s"] is None
    assert summary["verdict"] == "unknown"
    assert summary["judged"] is None
    assert summary["bundle"] is None
    assert summary["told"] == summary["unreached"] == summary["conflicts"] == []
