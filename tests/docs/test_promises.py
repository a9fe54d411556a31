"""Each promise names tests that exist, and says how far it goes."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "promises.md"
LINK = re.compile(r"\[([^\]]+)\]\(\.\./tests/([^)]+)\)")
TEST = re.compile(r"^(?:async )?def test_\w+\(", re.MULTILINE)
PROMISES_MIN = 20


def rows(page: str) -> list[list[str]]:
    """The cells of each promise: below the head of the page's one table."""
    lines = [line for line in page.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def flaws(page: str) -> list[str]:
    """Promises without a test or a limit; tests that are not there or are called otherwise."""
    found = []
    for cells in rows(page):
        promise = cells[0]
        if len(cells) != 3 or not all(cells):
            found.append(f"{promise}: wants a promise, tests and limits")
            continue
        named = LINK.findall(cells[1])
        if not named or LINK.sub("", cells[1]).strip():
            found.append(f"{promise}: wants links to tests and nothing else")
        found += [f"{promise}: {path} {why}" for text, path in named if (why := flaw(text, path))]
    return found


def flaw(text: str, path: str) -> str | None:
    """What is wrong with a link to a test."""
    file = ROOT / "tests" / path
    if text != path:
        return f"is called {text}"
    if not file.name.startswith("test_") or not file.is_file():
        return "is not there"
    return None if TEST.search(file.read_text("utf-8")) else "tests nothing"


def test_every_promise_names_tests_that_exist() -> None:
    page = PAGE.read_text("utf-8")
    assert len(rows(page)) >= PROMISES_MIN
    assert flaws(page) == []


def test_every_path_on_the_page_exists() -> None:
    paths = re.findall(r"`(tests/[^`]+)`", PAGE.read_text("utf-8"))
    assert paths
    assert [path for path in paths if not (ROOT / path).is_file()] == []


@pytest.mark.parametrize(
    "row",
    [
        "| It holds. | | None. |",
        "| It holds. | by construction | None. |",
        "| It holds. | [docs/test_promises.py](../tests/docs/test_promises.py) | |",
        "| It holds. | [docs/test_gone.py](../tests/docs/test_gone.py) | None. |",
        "| It holds. | [docs/test_readme.py](../tests/docs/test_promises.py) | None. |",
        "| It holds. | [conftest.py](../tests/conftest.py) | None. |",
        "| It holds. | [docs/test_promises.py](../tests/docs/test_promises.py) and more | None. |",
    ],
)
def test_the_check_sees_a_promise_that_is_not_earned(row: str) -> None:
    assert len(flaws(f"| promise | tests | limits |\n|---|---|---|\n{row}\n")) == 1


def test_the_check_leaves_a_promise_that_is_earned_alone() -> None:
    row = "| It holds. | [docs/test_promises.py](../tests/docs/test_promises.py) | None. |"
    assert flaws(f"| promise | tests | limits |\n|---|---|---|\n{row}\n") == []
