"""Every module says in a few lines what it does, what it does not, and who calls it."""

import ast

import pytest

from tests.tidy.tree import Source, source, sources

DOCSTRING_LINES_MAX = 14


def docstrings(module: Source) -> list[str]:
    """A module without a docstring, or with one that nobody reads to its end."""
    text = ast.get_docstring(module.tree)
    if not text:
        return [module.at(1, "say what this module does, what it does not and who calls it")]
    lines = len(text.splitlines())
    if lines > DOCSTRING_LINES_MAX:
        return [module.at(1, f"the docstring has {lines} lines; at most {DOCSTRING_LINES_MAX}")]
    return []


def test_every_module_says_what_it_does() -> None:
    assert [line for module in sources("src/comity") for line in docstrings(module)] == []


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("", 1),
        ("x = 1\n", 1),
        ('"""One sentence."""\n', 0),
        ('"""' + "line\n" * DOCSTRING_LINES_MAX + '"""\n', 0),
        ('"""' + "line\n" * (DOCSTRING_LINES_MAX + 1) + '"""\n', 1),
    ],
)
def test_the_check_sees_silence_and_speeches(text: str, findings: int) -> None:
    assert len(docstrings(source(text))) == findings
