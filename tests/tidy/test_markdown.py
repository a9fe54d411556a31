"""Every page has one title, links that lead somewhere, and decisions that fit on one page."""

import re
from pathlib import Path

import pytest

from tests.tidy.tree import ROOT, files, relative

DECISION_LINES_MAX = 70
LINK = re.compile(r"\[[^\]\[]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
FENCE = re.compile(r"^ {0,3}(```|~~~).*?^ {0,3}\1[^\S\n]*$", re.MULTILINE | re.DOTALL)
PAGES = [path for path in files() if path.suffix == ".md"]


def prose(text: str) -> str:
    """A page less its code, where `#` is a comment and brackets are brackets."""
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))


def titles(text: str) -> list[str]:
    """The page's headings of the first rank."""
    return re.findall(r"^# .+$", prose(text), re.MULTILINE)


def dead_links(page: Path, text: str) -> list[str]:
    """Links to files that are not there; other hosts and places in the page are not followed."""
    found = []
    for target in LINK.findall(prose(text)):
        path = target.partition("#")[0]
        if not path or ELSEWHERE.match(target):
            continue
        start = ROOT if path.startswith("/") else page.parent
        if not (start / path.lstrip("/")).exists():
            found.append(f"{page.name}: {target} leads nowhere")
    return found


def test_every_page_has_one_title() -> None:
    counts = {relative(page): len(titles(page.read_text(encoding="utf-8"))) for page in PAGES}
    assert {page: count for page, count in counts.items() if count != 1} == {}


def test_every_link_leads_somewhere() -> None:
    assert [
        line for page in PAGES for line in dead_links(page, page.read_text(encoding="utf-8"))
    ] == []


def test_every_decision_fits_on_one_page() -> None:
    decisions = [page for page in PAGES if relative(page).startswith("docs/decisions/")]
    assert decisions
    lines = {page.name: len(page.read_text(encoding="utf-8").splitlines()) for page in decisions}
    assert {name: count for name, count in lines.items() if count > DECISION_LINES_MAX} == {}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("no title\n", 0),
        ("# One\n\n## Below\n", 1),
        ("# One\n# Two\n", 2),
        ("# One\n```sh\n# a comment\n```\n", 1),
    ],
)
def test_the_check_counts_titles_outside_code(text: str, count: int) -> None:
    assert len(titles(text)) == count


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("[a](gone.md)", 1),
        ("![a](gone.png)", 1),
        ("[a](gone.md#part) [b](gone.md 'no')", 1),
        ("[a](here.md) [b](here.md#part) [c](#part)", 0),
        ("[a](https://example.org/gone.md)", 0),
        ("`[a](gone.md)`\n\n```\n[a](gone.md)\n```\n", 0),
    ],
)
def test_the_check_sees_a_dead_link(tmp_path: Path, text: str, findings: int) -> None:
    (tmp_path / "here.md").write_text("# Here\n", encoding="utf-8")
    assert len(dead_links(tmp_path / "page.md", text)) == findings
