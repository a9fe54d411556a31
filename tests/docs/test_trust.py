"""What docs/trust.md claims rests on tests that are named there, or on an assumption that is."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "trust.md"


def flaws(page: str) -> list[str]:
    """Marks that stand for no test, tests that no sentence rests on, cells that say too little."""
    above, _, below = page.partition("\n## The tests\n")
    named = set(re.findall(r"^\| (T\d+) \| \[", below, re.MULTILINE))
    used = set(re.findall(r"\[(T\d+)\]", above))
    assumed = set(re.findall(r"^\| (A\d+) \|", above, re.MULTILINE))
    relied = set(re.findall(r"\((A\d+)\)", above))
    found = [f"{mark} is no test" for mark in sorted(used - named)]
    found += [f"nothing rests on {mark}" for mark in sorted(named - used)]
    found += [f"{mark} is not assumed" for mark in sorted(relied - assumed)]
    for line in above.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) > 3 and not cells[1]:
            found.append(f"{cells[0]}: could at most what?")
    return found


def test_every_claim_names_its_test() -> None:
    page = PAGE.read_text("utf-8")
    assert len(re.findall(r"\[T\d+\]", page)) > 30
    assert flaws(page) == []


@pytest.mark.parametrize(
    "change",
    [("[T8]", "[T99]"), ("| T8 | [", "| T98 | ["), ("(A4)", "(A9)")],
)
def test_the_check_sees_a_claim_without_a_test(change: tuple[str, str]) -> None:
    page = PAGE.read_text("utf-8")
    assert change[0] in page
    assert flaws(page.replace(*change))
