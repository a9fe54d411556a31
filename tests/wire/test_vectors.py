"""The golden vectors and the made parts of the pages are what the code makes today."""

import tomllib

import pytest

from tools import make_vectors


@pytest.mark.parametrize("name", make_vectors.files())
def test_committed_vectors_are_the_ones_that_are_made(name: str) -> None:
    text = make_vectors.files()[name]
    assert (make_vectors.VECTORS / name).read_text("utf-8") == text
    assert tomllib.loads(text)


def test_no_vector_file_is_left_over() -> None:
    prefixes = ("notice_v1", "content", "entry_v1", "card", "terms", "register", "agreement")
    there = {path.name for path in make_vectors.VECTORS.iterdir() if path.name.startswith(prefixes)}
    assert there == set(make_vectors.files())


def test_the_page_holds_what_is_made() -> None:
    page = make_vectors.PAGE.read_text("utf-8")
    assert page.count("<!-- made: ") == page.count("<!-- end -->") == len(make_vectors.parts())
    assert make_vectors.filled(page) == page


def test_the_page_of_agreements_holds_what_is_made() -> None:
    page, made = make_vectors.AGREEMENT_PAGE.read_text("utf-8"), make_vectors.agreement_parts()
    assert page.count("<!-- made: ") == page.count("<!-- end -->") == len(made)
    assert make_vectors.filled(page, made) == page
    spoilt = page.replace("craft", "crafts", 1).replace("over combat-craft", "over combat")
    assert make_vectors.filled(spoilt, made) != spoilt


def test_a_changed_page_is_seen() -> None:
    page = make_vectors.PAGE.read_text("utf-8")
    for old, new in (("| active |", "| ended |"), ("118a1d4f", "118a1d4e"), ("warhead ", "")):
        assert old in page
        spoilt = page.replace(old, new)
        assert make_vectors.filled(spoilt) != spoilt
