"""The ladder on the page is the ladder of the code, field by field."""

import re
from dataclasses import fields, replace
from pathlib import Path

import pytest

from comity.intake.ladder import as_told, is_told
from comity.model.disclosure import DisclosureStep
from comity.model.notice import Code, Craft, Declaration, Onward, Purpose, SubjectKind
from comity.model.parameter import STEP_NAMES
from tests.model.samples import declaration

PAGE = (Path(__file__).parents[2] / "docs" / "explanation" / "disclosure.md").read_text("utf-8")
GRID = (10_000_000, 3_600_000_000)
PLAN = replace(
    declaration(),
    name="blue line",
    purpose=Purpose.TRAINING,
    craft=Craft.COMBAT,
    onward=Onward.FULL,
)


def table() -> dict[str, list[str]]:
    """The cells of the table of fields, by the first."""
    part = PAGE[PAGE.index("| field |") :].partition("\n\n")[0]
    rows = [[cell.strip(" `") for cell in row.strip("|").split("|")] for row in part.splitlines()]
    assert rows[0][1:] == list(STEP_NAMES)
    return {cells[0]: cells[1:] for cells in rows[2:]}


@pytest.mark.parametrize("step", DisclosureStep)
def test_each_field_is_told_as_the_page_says(step: DisclosureStep) -> None:
    told, rows = as_told(PLAN, step, GRID), table()
    for name in ("kind", "domain", "onward", "volumes", "purpose", "craft", "name"):
        said, given, whole = rows[name][step - 1], getattr(told, name), getattr(PLAN, name)
        if said in {"told", "coarse"}:
            assert (given == whole) is (said == "told")
        else:
            assert given == ("" if said == "empty" else said)
    for row, code in (
        ("START", Code.START),
        ("END, CANCEL", Code.END),
        ("END, CANCEL", Code.CANCEL),
    ):
        assert is_told(code, step) is (rows[row][step - 1] == "told")


def test_no_field_of_a_declaration_is_left_out_of_the_table() -> None:
    beside = {"code", "needs_us", "basis"}  # the kind's other form; of presences; of hazards
    shown = {field.name for field in fields(Declaration)} - beside
    assert shown <= table().keys()


@pytest.mark.parametrize("kind", [SubjectKind.HAZARD, SubjectKind.PRESENCE])
def test_what_protects_life_is_told_whole(kind: SubjectKind) -> None:
    code = {SubjectKind.HAZARD: Code.HAZARD, SubjectKind.PRESENCE: Code.PROTECT}[kind]
    whole = replace(declaration(code=code), name="smoke")
    assert {as_told(whole, step, GRID) for step in DisclosureStep} == {whole}
    assert "Hazards and protected presences are told whole" in " ".join(PAGE.split())


def test_the_steps_are_named_as_in_an_agreement() -> None:
    assert re.findall(r"^\| D\d \| `(\w+)`", PAGE, re.MULTILINE) == list(STEP_NAMES)
