import re
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from comity.exercise.flaw import BadScenario
from comity.exercise.load import SCHEMA, find, read, schema, shipped
from comity.exercise.verbs import WITH

Written = Callable[[str], Path]


def flaws(path: Path) -> list[str]:
    with pytest.raises(BadScenario) as caught:
        read(path)
    return caught.value.reason.split("\n")


def test_the_small_scenario_is_right(small: str, written: Written) -> None:
    assert [variant.name for variant in read(written(small)).variants] == ["one", "two"]


def test_every_shipped_scenario_is_right() -> None:
    assert shipped() == ("latakia", "northern-shield")
    for name in shipped():
        assert read(find(name)).name == name


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_the_schema_knows_every_verb() -> None:
    text = SCHEMA.read_text(encoding="utf-8")
    listed = re.search(r'"description": "What is done",\s*"enum": \[(.*?)\]', text, re.DOTALL)
    assert listed is not None
    assert set(re.findall(r'"(\w+)"', listed[1])) == set(WITH)


# What is spoilt, what it becomes, the path that is named, a word of the problem or remedy.
SPOILT = [
    ("format = 1", "format = 2", "format", "format = 1"),
    ('title = "A small scenario"', "", "file", "'title' is a required property"),
    ('title = "A small scenario"', 'titel = "x"\ntitle = "x"', "file", "titel"),
    ('date = "2018-09-17"', 'date = "2018-02-30"', "file", "not a time that exists"),
    ('date = "2018-09-17"', "date = 2018-09-17", "time.date", "like 2018-09-17"),
    ('offset = "+03:00"', 'offset = "3"', "time.offset", "+03:00"),
    ('claim = "C2"', 'claim = "C9"', "loss.claim", "C1, C2"),
    ('at = "22:03"', 'at = "22:63"', "loss.at", "21:39"),
    ('["bravo", "host"]', '["bravo", "hots"]', "links[1]", "hots"),
    ('["bravo", "host"]', '["bravo", "bravo"]', "links[1]", "itself"),
    ('["bravo", "host"]', '["bravo", "alpha"]', "links", "2 times"),
    ('id = "host"', 'id = "alpha"', "parties", "'alpha' is there 2 times"),
    ('party = "host"', 'party = "nobody"', "units[0].party", "nobody"),
    ('lead_cleartext_min = "15m"', 'lead_min = "15m"', "agreement.lead_min", "lead_cleartext_min"),
    ('lead_cleartext_min = "15m"', 'lead_cleartext_min = "soon"', "agreement.", "15m or 30s"),
    ('lead = "20m"', 'lead = "lead + 1m"', "times.lead", "leans on itself"),
    ('lead = "20m"', 'Lead = "20m"', "times.Lead", "no name"),
    ('lead = "20m"', "lead = 20", "times.lead", "in quotes"),
    ('sources = ["S1"]\ncontradicts', 'sources = ["S9"]\ncontradicts', "claims[0].sources", "S9"),
    ('contradicts = ["C2"]', 'contradicts = ["C7"]', "claims[0].contradicts", "C7"),
    ('contradicts = ["C2"]', 'contradicts = ["C1"]', "claims[0].contradicts", "no other claim"),
    ('contradicts = ["C2"]', 'supersedes = "C3"', "claims[0].supersedes", "C3"),
    ('earliest = "21:39"', 'earliest = "21:49"', "claims[0].event", "comes before"),
    ('status = "contested"', 'status = "true"', "claims[0].status", "asserted"),
    ("reconstruction = true", "reconstruction = false", "tracks[0].reconstruction", "= true"),
    ('{ at = "21:00", p', '{ at = "21:20", p', "tracks[0].points[1]", "comes before"),
    ('judged = "activity"', 'judged = "told"', "variants[0].judged", "activity"),
    ('until = "22:30"', 'until = "20:30"', "variants[0]", "no span"),
    ('by = "alpha"', 'by = "delta"', "variants[0].steps[0].by", "delta"),
    ('do = "declare"', 'do = "declair"', "variants[0].steps[0].do", "declare"),
    ('kind = "operation"', 'kind = "target"', "variants[0].steps[0].with.kind", "operation"),
    (
        'kind = "operation"',
        'kind = "operation"\nweapon = "x"',
        "variants[0].steps[0].with",
        "weapon",
    ),
    ('to = ["bravo"]', 'to = ["host"]', "variants[0].steps[0].with.to", "bravo"),
    ('place = "town"', 'place = "city"', "with.volumes[0].footprint", "town"),
    ('place = "town", r', "r", "with.volumes[0].footprint", "polygon"),
    ("radius_m = 40000", "radius_m = -1", "with.volumes[0].footprint.radius_m", "above 0"),
    ('end = "start_at + 18m"', 'end = "18m"', "with.volumes[0].end", "a time is needed"),
    ('claims = ["C1"]\n[[variants', 'claims = ["C9"]\n[[variants', "with.claims", "C9"),
    ('at = "notice_at + 20s"', 'at = "20:59"', "variants[0].steps[1].at", "outside the span"),
    ('at = "notice_at + 20s"', 'at = "21:19"', "variants[0].steps[1].with.of", "out of order"),
    (
        '{ of = "activity", role',
        '{ of = "nothing", role',
        "variants[0].steps[1].with.of",
        "activity",
    ),
    ('{ of = "activity", role', "{ role", "variants[0].steps[1].with", "'of' is a required"),
    (
        'unit = "transport-1"',
        'unit = "battery-1"',
        "variants[0].steps[2].with.units",
        "transport-1",
    ),
    ('do = "start"', 'do = "amend"', "variants[0].steps[3].with.volumes", "needs volumes"),
    (
        'by = "alpha"\ndo = "start"',
        'by = "bravo"\ndo = "start"',
        "steps[3].with.of",
        "declared nothing",
    ),
    ('path = "verdict"', 'path = "verdict["', "variants[0].expect[0].path", "[key=value]"),
    ('equals = "sufficient"', "", "variants[0].expect[0]", "one comparison"),
    (
        'equals = "sufficient"',
        "equals = 1\ncontains = 2",
        "variants[0].expect[0]",
        "one comparison",
    ),
    ('based_on = "one"', 'based_on = "two"', "variants[1].based_on", "one"),
    ('name = "two"', 'name = "one"', "variants", "2 times"),
    ('name = "two"', 'name = "bundles"', "variants[1].name", "another name"),
]


@pytest.mark.parametrize("spoilt", SPOILT)
def test_each_flaw_is_named(
    small: str, written: Written, spoilt: tuple[str, str, str, str]
) -> None:
    old, new, path, word = spoilt
    assert old in small
    lines = flaws(written(small.replace(old, new, 1)))
    named = [line for line in lines if line.startswith("small.toml: ") and path in line]
    assert any(word in line for line in named), lines


def test_every_line_says_what_to_do(small: str, written: Written) -> None:
    spoilt = small.replace('lead = "20m"', 'lead = "x"').replace('by = "bravo"', 'by = "delta"')
    lines = flaws(written(spoilt))
    assert len(lines) > 3
    for line in lines:
        assert re.fullmatch(r"small\.toml: [^:]+: .+\. [A-Z].+\.", line), line


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"\xff", "not TOML"),
        (b"a = ", "not TOML"),
        (b"a = 1\na = 2", "not TOML"),
        (b"[" * 5_000, "not TOML"),
        (b"#" * 1_048_577, "more than"),
        (b"", "required"),
    ],
)
def test_foreign_bytes(tmp_path: Path, data: bytes, word: str) -> None:
    path = tmp_path / "foreign.toml"
    path.write_bytes(data)
    assert word in flaws(path)[0]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "No such file" in flaws(tmp_path / "nowhere.toml")[0]


def test_an_unknown_name_lists_the_shipped_ones() -> None:
    with pytest.raises(BadScenario, match="latakia"):
        find("nowhere")
