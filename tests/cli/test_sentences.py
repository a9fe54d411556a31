"""Conflicts and times to clear as people read them, in their own units."""

import json
from pathlib import Path

import msgspec

from comity.cli.exit_codes import ExitCode
from comity.config import Home
from comity.model.verdict import VerdictWord
from comity.web.api.shapes import AssessmentView, ConflictView, Said
from comity.wire.canonical import Json
from tests.cli.stand_in import NOTICE, Comity, StandIn, as_json, notice, receipt

AREA = ("--polygon", "35.5,35.7 35.6,35.7 35.6,35.9", "--heights", "0m..20000ft")
TIMES = ("--start", "2030-01-01T10:00:00Z", "--end", "+30m")
OTHER = NOTICE[:6] + "f" * 58
CONFLICT = "c0" * 32


def conflict() -> Json:
    return as_json(
        ConflictView(
            id=CONFLICT,
            a=NOTICE,
            b=OTHER,
            clause="by clause lateral of flight-safety, version 1",
            closest_m=2_000.0,
            vertical_gap_m=0.0,
            time_gap_s=0.0,
            point=(35.5, 35.7),
            meets=False,
            found="2030-01-01T09:00:00Z",
            over=None,
            sentence=Said(metric="They are 2 km apart.", aeronautical="They are 1.07 NM apart."),
        )
    )


def test_conflicts_are_sentences_in_the_readers_units(
    node: StandIn, ask: Comity, home: Home
) -> None:
    whole = receipt()
    assert isinstance(whole, dict)
    node.says("POST", "notices", whole | {"conflicts": [CONFLICT]}, 201)
    node.says("GET", f"notices/{NOTICE}", notice())
    node.lists(f"conflicts?subject={NOTICE}", [conflict()])
    metric, aeronautical = "They are 2 km apart.", "They are 1.07 NM apart."
    for words in (("notice", "give", *AREA, *TIMES), ("notice", "show", NOTICE)):
        assert metric in ask(*words).out
        assert CONFLICT in ask(*words).out
        said = ask(*words, "--units", "aeronautical").out
        assert aeronautical in said
        assert metric not in said
        assert ask(*words, "--units", "imperial").code == ExitCode.USAGE
    settings = home.path / "home.toml"
    kept = settings.read_text("utf-8")
    settings.write_text(f'units = "aeronautical"\n{kept}', "utf-8")
    assert aeronautical in ask("notice", "show", NOTICE).out
    assert metric in ask("notice", "show", NOTICE, "--units", "metric").out
    settings.write_text(f'units = "imperial"\n{kept}', "utf-8")
    assert ask("notice", "show", NOTICE).code == ExitCode.BAD_INPUT


def test_a_check_draws_its_overlaps(node: StandIn, ask: Comity, tmp_path: Path) -> None:
    drawn: Json = {"type": "FeatureCollection", "features": []}
    node.says("POST", "checks", {"items": [], "next": None})
    node.says("POST", "checks/overlaps", drawn)
    words = ("notice", "check", *AREA, *TIMES, "--geojson", tmp_path / "overlaps.geojson")
    assert ask(*words).code == 0
    asked = [each for each in node.script.asked if each.method == "POST"]
    assert asked[0].body == asked[1].body
    assert json.loads((tmp_path / "overlaps.geojson").read_text("utf-8")) == drawn
    again = ask(*words)
    assert again.code == ExitCode.REFUSED
    assert "was not touched" in again.err


def test_a_time_to_clear_is_shown_term_by_term(node: StandIn, ask: Comity) -> None:
    terms = dict.fromkeys(("delivery", "human", "relay", "decision"), 15.0)
    terms |= {"turn": 60.0, "distance": 200.0, "margin": 120.0}
    view = AssessmentView(
        lead_s=300.0,
        time_to_clear_s=440.0,
        terms_s=terms,
        unable=None,
        clear_needs_s=480.0,
        verdict=VerdictWord.INSUFFICIENT,
        reason="lead_below_time_to_clear",
        for_presence=OTHER,
    )
    whole = notice()
    assert isinstance(whole, dict)
    node.says("GET", f"notices/{NOTICE}", whole | {"assessment": as_json(view)})
    said = ask("notice", "show", NOTICE).out.splitlines()
    start = next(number for number, line in enumerate(said) if line.startswith("time to clear"))
    assert [line.split()[0] for line in said[start + 1 : start + 8]] == list(terms)
    assert said[start].split()[3:] == ["7", "min", "20", "s"]
    assert "clear_needs_s     480 (8 min)" in said
    unable = msgspec.structs.replace(view, time_to_clear_s=None, terms_s=None, unable="no_speed")
    node.says("GET", f"notices/{NOTICE}", whole | {"assessment": as_json(unable)})
    assert "UNABLE: no speed" in ask("notice", "show", NOTICE).out
