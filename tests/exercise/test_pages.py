"""The pages about scenarios are held to the code: every key, verb and example."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.exercise.agreement import KEYS
from comity.exercise.flaw import BadScenario
from comity.exercise.load import find, read, schema
from comity.exercise.summary import variant_summary
from comity.exercise.verbs import WITH
from comity.wire.canonical import Json
from tests.exercise.recorded import RECORD

ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / "docs/reference/scenario.md").read_text(encoding="utf-8")
HOW_TO = (ROOT / "docs/how-to/write-a-scenario.md").read_text(encoding="utf-8")


def keys_in(value: Json) -> Iterator[str]:
    """Every key that the schema gives to a table."""
    if isinstance(value, dict):
        properties = value.get("properties")
        if isinstance(properties, dict):
            yield from properties
        for inner in value.values():
            yield from keys_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_in(inner)


def said(word: str) -> bool:
    return re.search(rf"`[^`\n]*\b{re.escape(word)}\b[^`\n]*`", REFERENCE) is not None


def test_every_key_of_the_schema_is_on_the_page() -> None:
    keys = set(keys_in(schema()))
    assert len(keys) > 60
    assert sorted(key for key in keys if not said(key)) == []


def test_every_verb_parameter_and_summary_key_is_on_the_page() -> None:
    words = [*WITH, *KEYS, *variant_summary(RECORD, None)]
    assert [word for word in words if not said(word)] == []


def test_what_is_not_on_the_page_is_noticed() -> None:
    assert not said("warhead")


def example() -> str:
    """The TOML blocks of the how-to, one after the other."""
    blocks = re.findall(r"^ *```toml\n(.*?)^ *```", HOW_TO, re.MULTILINE | re.DOTALL)
    return "\n".join(re.sub(r"^ {3}", "", block, flags=re.MULTILINE) for block in blocks)


def test_the_example_can_be_played(tmp_path: Path) -> None:
    path = tmp_path / "crossing.toml"
    path.write_text(example(), encoding="utf-8")
    assert [variant.name for variant in read(path).variants] == ["told-in-time", "not-reached"]


def test_the_flaw_of_the_page_is_the_flaw_that_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "crossing.toml"
    spoilt = example().replace('with = { of = "firing", role', 'with = { of = "fireing", role')
    path.write_text(spoilt, encoding="utf-8")
    shown = re.search(r"```text\n(crossing\.toml: .*)\n```", HOW_TO)
    assert shown is not None
    with pytest.raises(BadScenario) as caught:
        read(path)
    assert shown[1] in caught.value.reason.split("\n")


@pytest.mark.parametrize("number", ['"5m"', '"12m"'])
def test_the_number_to_change_is_where_the_page_says(number: str, tmp_path: Path) -> None:
    text = find("latakia").read_text(encoding="utf-8")
    assert text.count('lead = "20m"') == 1
    path = tmp_path / "my.toml"
    path.write_text(text.replace('lead = "20m"', f"lead = {number}"), encoding="utf-8")
    assert read(path).times["lead"] == number.strip('"')
