"""The failure modes as exercises on real nodes, by the command line: who saw what, by when."""

import importlib.util
import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from comity.cli.main import run as cli
from comity.exercise.check_steps import BUNDLES
from comity.exercise.judge import judged_keys
from comity.exercise.load import failures, find, read
from comity.exercise.plan import plan
from comity.exercise.record import Happened, Outcome, Record
from comity.exercise.summary import variant_summary
from comity.exercise.verbs import Say
from tests.exercise.evening import ran
from tests.exercise.recorded import party

pytestmark = pytest.mark.timeout(400)

ROOT = Path(__file__).parents[2]
NOTHING = Record(
    variant="none",
    parties=(party("alpha"), party("bravo"), party("host")),
    sightings=(),
    happened=(),
    labels={},
    judged="",
    assessment=None,
)
STATES = re.compile(r"\b(Russia|Israel|Syria|United States|US|Iran|Ukraine|Korea|Azerbaijan)\b")
LATER = {"F10", "F16", "F17", "F20"}  # they need rooms that are not built yet
ALL = sorted({f"F{number:02}" for number in range(1, 24)} - LATER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    code: int
    said: str
    out: Path
    summary: dict[str, Any]

    def of(self, code: str) -> Any:  # noqa: ANN401 - JSON of any shape
        return self.summary["exercises"][code]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("failures")
    words = ["failures", "--keep-homes", "--json", str(folder / "all.json")]
    done = ran(folder / "out", *words, within_s=360)
    assert done.code in (0, 1), done.said
    summary = json.loads((folder / "all.json").read_text("utf-8"))
    return Played(code=done.code, said=done.said, out=folder / "out", summary=summary)


def seconds(later: str, earlier: str) -> float:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


def warnings(exercise: Any, kind: str, to: str) -> list[Any]:  # noqa: ANN401 - JSON
    return [each for each in exercise["warnings"] if (each["kind"], each["to"]) == (kind, to)]


def test_all_of_them_are_exercises() -> None:
    assert list(failures()) == ALL


def test_all_of_them_pass(played: Played) -> None:
    assert played.code == 0, played.said
    assert sorted(played.summary["exercises"]) == ALL
    assert played.summary["passed"] is True
    for code in ALL:
        found = played.of(code)
        assert found["passed"] is True
        assert len(found["expected"]) == len(found["outcome"]) >= 4
        assert {line["passed"] for line in found["outcome"]} == {True}
        assert f"{code} passed" in played.said


def test_nobody_there_is_named_within_180_s_and_the_offset_is_pointed_at(played: Played) -> None:
    found = played.of("F04")
    (stop,) = (each for each in found["messages"] if each["at_node"] == "alpha")
    for node in ("alpha", "bravo"):
        (unanswered,) = warnings(found, "message_unanswered", node)
        assert 0 < seconds(unanswered["raised_at"], stop["first_shown"]) <= 180
        assert unanswered["about"] == "bravo/stop"
        (differs,) = warnings(found, "read_back_differs", node)
        assert "9.0 km" in differs["text"]
        assert differs["raised_at"] < stop["first_shown"]


@pytest.mark.parametrize(
    ("code", "home", "unit", "elsewhere"),
    [("F05", "bravo", "post-2", ["alpha"]), ("F08", "host", "battery-1", ["bravo", "alpha"])],
)
def test_who_was_not_reached_is_shown_on_both_nodes_within_5_s(
    played: Played, code: str, home: str, unit: str, elsewhere: list[str]
) -> None:
    (open_risk,) = played.of(code)["unreached"]
    known = {each["party"]: each for each in open_risk["known_to"]}
    assert list(known) == [home, *elsewhere]
    assert open_risk["unit"] == unit
    assert "as" not in known[home]
    assert len({known[party]["as"] for party in elsewhere}) == len(elsewhere)
    for each in known.values():
        assert 0 <= seconds(each["at"], open_risk["at"]) <= 5


@pytest.mark.parametrize(("party", "unit"), [("alpha", "post-2"), ("alpha", "battery-1")])
def test_names_of_units_stay_at_home(played: Played, party: str, unit: str) -> None:
    homes = played.out / "failures/homes"
    files = [path for path in (homes / party / "data").rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if unit.encode() in path.read_bytes()]
    bravo = [path for path in (homes / "bravo/data").rglob("*") if path.is_file()]
    assert [path for path in bravo if b"post-2" in path.read_bytes()]  # the control


def test_only_what_is_about_the_record_leaves_bundles(played: Played) -> None:
    assert [path.name for path in (played.out / BUNDLES).iterdir()] == ["f13"]
    assert played.of("F13")["bundle"].endswith("alpha-activity-to-bravo")


def test_one_alone_shows_what_it_shows_among_all(played: Played, tmp_path: Path) -> None:
    done = ran(tmp_path / "out", "F05", "--json", str(tmp_path / "one.json"))
    assert done.code == 0, done.said
    one = json.loads((tmp_path / "one.json").read_text("utf-8"))
    assert (one["exercise"], one["passed"]) == ("F05", True)
    assert one["expected"] == one["variants"]["f05"]["expected"] == played.of("F05")["expected"]
    times = [line["found"] for line in one["outcome"] if "T0" in str(line["found"])]
    among = [line["found"] for line in played.of("F05")["outcome"] if "T0" in str(line["found"])]
    assert len(times) > 4
    assert times == among
    assert "What happened:" in done.said
    assert "- yes bravo: the unit that was not reached, by name by" in done.said


# --- the command line, without nodes -------------------------------------------------------------


def test_each_is_listed_on_a_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli(["exercise", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for code in ALL:
        assert f"  {code}: {read(find(code)).title}" in lines
    assert cli(["exercise", "list", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows.keys() == {*ALL, "failures", "latakia", "northern-shield"}
    assert rows["F04"]["precedent"].startswith("Deir ez-Zor, 17 September 2016: by published")


@pytest.mark.parametrize("words", [["--variant", "f01"], ["--carry", "stick"]])
def test_all_together_are_played_whole_over_the_network(
    tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert cli(["exercise", "run", "failures", *words, "--out", str(out)]) == 64
    assert "played whole" in capsys.readouterr().err
    assert not out.exists()


# --- the files, without nodes --------------------------------------------------------------------


def on_nodes_that_show_nothing(code: str) -> Any:  # noqa: ANN401 - JSON
    """The judgement where all steps went well, and no node shows anything of them."""
    play = plan(read(find(code)), code.lower())
    happened = [
        Happened(
            at_us=step.at_us,
            by=step.by,
            do=step.do,
            name=None,
            of=None,
            outcome=Outcome.REFUSED_AS_EXPECTED if step.expect_refusal else Outcome.DONE,
            text="",
            where=step.where,
            claims=(),
        )
        for step in play.steps
    ]
    return judged_keys(play, happened, variant_summary(NOTHING, None))


@pytest.mark.parametrize("code", ALL)
def test_nodes_that_show_nothing_do_not_pass(code: str) -> None:
    judged = on_nodes_that_show_nothing(code)
    assert judged["passed"] is False
    empty = [
        wanted
        for wanted, found in zip(judged["expected"], judged["outcome"], strict=True)
        if found["passed"] is True and not wanted["that"].count(" is refused as ")
    ]
    assert all(wanted["wanted"] == "0" for wanted in empty)  # what must not be shown is not shown


@pytest.mark.parametrize("code", ALL)
def test_each_says_where_it_was_seen_and_takes_no_side(code: str) -> None:
    scenario = read(find(code))
    assert scenario.failure is not None
    assert scenario.failure.code == code
    assert scenario.name == scenario.variants[0].name == code.lower()
    assert {party.id for party in scenario.parties} == {"alpha", "bravo", "host"}
    said = [party.role for party in scenario.parties] + [scenario.title]
    said += [each.that for each in scenario.variants[0].expect]
    assert not [text for text in said if STATES.search(text)]
    assert all(each.that for each in scenario.variants[0].expect)
    assert scenario.links == (("alpha", "bravo"), ("bravo", "host"))


def test_a_thousand_ordinary_words_stand_before_the_one_that_is_not() -> None:
    play = plan(read(find("F23")), "f23")
    counts = [getattr(step.details, "count", 1) for step in play.steps]
    first = next(n for n, s in enumerate(play.steps) if getattr(s.details, "code", "") == "X")
    assert isinstance(play.steps[first].details, Say)
    assert sum(count for count in counts[:first] if count > 1) == 1000


# --- the page -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    path = ROOT / "tools" / "failures_page.py"
    spec = importlib.util.spec_from_file_location("failures_page", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_tool_writes(tool: ModuleType) -> None:
    page = (ROOT / "docs" / "reference" / "failures.md").read_text("utf-8")
    assert page == tool.page(), "run tools/failures_page.py"
    assert sorted(tool.LATER) == sorted(LATER)
