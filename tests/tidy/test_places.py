"""The tree names no place that only its makers have: no package index, no path of a machine."""

import re

import pytest

from tests.tidy.tree import files, relative

# Written in pieces, so that this file passes its own check.
INDEXES = (
    ("py", "pi", ".org"),
    ("python", "hosted", ".org"),
    ("npm", "js", ".org"),
    ("npm", "js", ".com"),
    ("crates", ".io"),
    ("proxy.", "golang", ".org"),
    ("maven", ".org"),
    ("deb.", "debian", ".org"),
)
INDEX = re.compile("|".join(re.escape("".join(pieces)) for pieces in INDEXES), re.IGNORECASE)
MACHINE_PATH = re.compile(r"(?<![\w.~/-])/(?:work|root|home|Users|workspace|builds?)/\w")


def places(name: str, text: str) -> list[str]:
    """The lines of a text that name a package index or a folder of one machine."""
    return [
        f"{name}:{number}: names {hit.group()}"
        for number, line in enumerate(text.splitlines(), start=1)
        for hit in [INDEX.search(line) or MACHINE_PATH.search(line)]
        if hit
    ]


def test_no_file_names_a_place_of_its_makers() -> None:
    found = []
    for path in files():
        found += places(relative(path), path.read_text(encoding="utf-8", errors="replace"))
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        *(f"--index-url https://{''.join(pieces)}/simple" for pieces in INDEXES),
        "cache = '" + "/home" + "/somebody/cache'",
        "see " + "/work" + "/main/src",
        "PATH=" + "/root" + "/bin",
    ],
)
def test_the_check_sees_a_place(text: str) -> None:
    assert len(places("planted", text)) == 1


@pytest.mark.parametrize(
    "text", ["/var/lib/comity/home", "docs/home/page.md", "https://example.org/home/page", "/home"]
)
def test_the_check_leaves_other_paths_alone(text: str) -> None:
    assert places("planted", text) == []
