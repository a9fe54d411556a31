import re
from pathlib import Path

import pytest

from comity.exercise.bundles import Bundle
from comity.exercise.load import find, read
from comity.exercise.plan import plan
from comity.exercise.play import Played
from comity.exercise.report import report
from comity.exercise.report_claims import claims_part
from comity.exercise.scenario import Scenario
from comity.exercise.summary import variant_summary
from comity.exercise.table import table
from tests.exercise.recorded import RECORD, at


@pytest.fixture
def played(scenario: Scenario) -> Played:
    bundle = Bundle(
        folder=Path("b/alpha-activity-to-bravo"), parties=("alpha", "bravo"), judged=True
    )
    return Played(
        play=plan(scenario, "one"),
        record=RECORD,
        bundles=(bundle,),
        cards=(),
        witness_keys=(),
        summary=variant_summary(RECORD, at("19:03:00")),
    )


def test_a_person_can_read_it(scenario: Scenario, played: Played) -> None:
    text = report(scenario, [played])
    for words in (
        "# Exercise: A small scenario",
        "| `one` | 20 min | 10 min 39 s | **sufficient** |",
        "| `one` | 15 s | 1 min | 1 min 30 s | 30 s | 1 min | 4 min 24 s | 2 min |",
        "| 21:20:00 | 18:20:00Z | alpha | declares activity (C1) |",
        "battery-1 (host) | bravo/approach | **not reached**; told at 22:12:00",
        "alpha since 21:22:42 (only a handle)",
        "the node of bravo and host found that alpha/activity and bravo/own-survey meet",
        "unit not reached | bravo | bravo/approach | 21:22:40 | 22:12:00 | 40 min 20 s",
        "C1 (AA) and C2 (BB) contradict each other.",
        "no verdict on who is right",
        "comity verify bundles/one/alpha-activity-to-bravo --trust trust.note",
    ):
        assert words in text, words


def test_unknown_is_said_to_be_unknown(scenario: Scenario, played: Played) -> None:
    summary = played.summary | {"notice_lead_s": None, "time_to_clear_s": None}
    other = Played(
        play=played.play,
        record=played.record,
        bundles=(),
        cards=(),
        witness_keys=(),
        summary=summary | {"verdict": "unknown", "verdict_reason": "lead_and_area_unknown"},
    )
    text = report(scenario, [other])
    assert "| `one` | unknown | unknown | **unknown** | the account states neither" in text
    assert "`one` left no bundle" in text


def test_every_claim_of_latakia_is_attributed_and_sourced() -> None:
    scenario = read(find("latakia"))
    text = claims_part(scenario)
    for claim in scenario.claims:
        assert f"| {claim.id} | " in text
        assert claim.claimant.office in text
    for source in {source for claim in scenario.claims for source in claim.sources}:
        assert f"| {source} | " in text
    for track in scenario.tracks:
        assert f"*{track.title}* (reconstruction)" in text


def test_bars_and_line_ends_do_not_break_a_table() -> None:
    assert table(("a", "b"), [("x | y", "1\n2")]) == "| a | b |\n| --- | --- |\n| x \\| y | 1 2 |"


def test_tables_are_whole(scenario: Scenario, played: Played) -> None:
    widths: list[int] = []
    for line in [*report(scenario, [played]).split("\n"), ""]:
        cells = len(re.findall(r"(?<!\\)\|", line))
        if not line.startswith("|"):
            assert len(set(widths)) <= 1
            widths = []
        else:
            widths.append(cells)
