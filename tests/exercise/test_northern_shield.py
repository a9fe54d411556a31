"""The day of works on real node processes: agreement, windows, requests, reports, an overrun."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from tests.exercise.evening import Ran, ran
from tests.exercise.test_latakia import alive

pytestmark = [pytest.mark.serial, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return ran(tmp_path_factory.mktemp("works") / "out", "northern-shield", "--keep-homes")


def test_it_ends_as_expected_and_leaves_its_files(day: Ran) -> None:
    assert day.code == 0, day.said
    report = (day.out / "report.md").read_text("utf-8")
    assert "### Requests" in report
    assert "### Reports side by side" in report
    assert "no verdict on who is right" in report
    assert alive(day.out) == set()


def test_three_sign_one_text_and_its_clause_is_named(day: Ran) -> None:
    variant = day.variant("one-day")
    assert {row["party"]: row["state"] for row in variant["agreements"]} == dict.fromkeys(
        ("works", "other", "force"), "in-force"
    )
    flags = {row["id"]: (row["flags"], row["grounds"]) for row in variant["notices"]}
    assert flags["works/works-west"] == flags["works/digging-east"] == ([], [])
    names, grounds = flags["works/blast-two"]
    assert names == ["below_agreed_lead", "short_notice"]
    assert all("clause predictable of line-works" in ground for ground in grounds)
    for id_, (found, _) in flags.items():
        assert not found or id_ == "works/blast-two"  # hazards have no lead


def test_an_overrun_is_seen_by_all_and_cleared_by_more_time(day: Ran) -> None:
    found = warnings(day, "one-day", "overdue_end")
    assert {each["to"] for each in found} == {"works", "other", "force"}
    for each in found:
        assert each["about"] == "works/digging-east"
        assert each["cleared_at"] == "2018-12-11T08:12:00Z"


def warnings(day: Ran, variant: str, kind: str) -> list[dict[str, Any]]:
    return [each for each in day.variant(variant)["warnings"] if each["kind"] == kind]


def test_reports_that_contradict_stand_side_by_side_at_every_node(day: Ran) -> None:
    variant = day.variant("one-day")
    by_node: dict[str, list[tuple[str, str]]] = {}
    for each in variant["reports"]:
        by_node.setdefault(each["at_node"], []).append((each["by"], each["stance"]))
    in_order = [("other", "contradicts"), ("force", "supports")]
    assert by_node == dict.fromkeys(("works", "other", "force"), in_order)
    [cavity] = [row for row in variant["conflicts"] if row["b"] == "works/cavity"]
    assert (cavity["at"], cavity["over_at"]) == ("2018-12-11T07:30:00Z", "2018-12-11T09:40:00Z")
    assert len(warnings(day, "one-day", "hazard_lapsed")) == 3


def test_requests_are_answered_and_both_sides_show_the_same(day: Ran) -> None:
    rows = {row["id"]: row for row in day.variant("one-day")["requests"]}
    assert sorted(rows) == ["force/delay", "works/closure", "works/reopening"]
    for row in rows.values():
        assert {each["decision"] for each in row["shown_by"]} == {"granted"}
        assert {each["party"] for each in row["shown_by"]} == {row["asker"], row["asked"]}
    assert [r["decision"] for r in rows["works/closure"]["replies"]] == ["standby", "granted"]


def test_silence_is_named_at_both_sides(day: Ran) -> None:
    found = warnings(day, "no-answer", "request_unanswered")
    assert {(each["to"], each["raised_at"]) for each in found} == {
        ("works", "2018-12-11T03:50:00Z"),
        ("tower", "2018-12-11T03:50:00Z"),
    }
    assert warnings(day, "one-day", "request_unanswered") == []


def test_every_bundle_is_proven(day: Ran) -> None:
    for name in ("one-day", "no-answer"):
        variant = day.variant(name)
        assert {party["verified"] for party in variant["parties"].values()} == {True}


def test_requests_replies_and_reports_are_entries_of_their_own_types(day: Ran) -> None:
    kinds = {name: types_in(day, name) for name in ("works", "tower", "force", "other")}
    assert {"request", "reply", "safety", "agreement"} <= kinds["works"]
    assert "reply" in kinds["tower"]
    assert {"request", "report"} <= kinds["force"]
    assert "report" in kinds["other"]


def types_in(day: Ran, party: str) -> set[str]:
    """The types of a party's own entries, straight from the file."""
    path = day.out / f"one-day/homes/{party}/data/journal.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        bodies = [bytes(row[0]) for row in db.execute("SELECT body FROM entry")]
    assert len(bodies) > 50
    return {body.split(b"@")[0].removeprefix(b"comity/").decode() for body in bodies}
