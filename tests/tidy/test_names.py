"""One word per idea, and no word that says nothing."""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest

from tests.tidy.tree import Source, source, sources

EMPTY_WORDS = frozenset(
    {
        *("base", "common", "core", "handler", "handlers", "helper", "helpers", "manager"),
        *("misc", "processor", "service", "services", "util", "utils"),
    }
)
SYNONYMS = {"flight": "operation", "mission": "operation", "intent": "operation"}
STANDARDS_ROOMS = ("src/comity/faces/", "src/comity/directory/", "src/comity/feeds/")
TERMS = re.compile(r"flight_?levels?", re.IGNORECASE)  # a height datum, not an operation


def words(name: str) -> set[str]:
    """The words of a snake_case or CamelCase name, in lower case."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return set(spaced.lower().split("_"))


def _definitions(module: Source) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name


def empty_names(module: Source) -> list[str]:
    """Modules, folders and classes named with a word that would fit any other as well."""
    path = PurePosixPath(module.path)
    names = [(1, part) for part in (*path.parent.parts, path.stem)]
    names += [
        (node.lineno, node.name) for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)
    ]
    return [
        module.at(line, f"{name}: {word} says nothing; name what it is or does")
        for line, name in names
        for word in sorted(words(name) & EMPTY_WORDS)
    ]


def synonyms(module: Source) -> list[str]:
    """Modules, classes and functions that use a second word for an idea that has one."""
    if module.path.startswith(STANDARDS_ROOMS):
        return []
    names = [(1, PurePosixPath(module.path).stem), *_definitions(module)]
    return [
        module.at(line, f"{name}: say {SYNONYMS[word]}, not {word}")
        for line, name in names
        for word in sorted(words(TERMS.sub("", name)) & SYNONYMS.keys())
    ]


def test_names_say_something() -> None:
    everywhere = sources("src/comity") + sources("tests")
    assert [line for module in everywhere for line in empty_names(module)] == []


def test_one_word_per_idea() -> None:
    assert [line for module in sources("src/comity") for line in synonyms(module)] == []


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", "src/comity/wire/utils.py"),
        ("", "src/comity/common/note.py"),
        ("", "tests/journal/test_helpers.py"),
        ("class NoticeManager: ...", "src/comity/wire/note.py"),
        ("class HTTPHandler: ...", "src/comity/wire/note.py"),
    ],
)
def test_the_check_sees_an_empty_word(text: str, path: str) -> None:
    assert len(empty_names(source(text, path))) == 1


def test_the_check_knows_words_from_syllables() -> None:
    text = "class Scoreboard: ...\nclass Database: ...\n"
    assert empty_names(source(text, "src/comity/storage/based.py")) == []


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("def open_mission(): ...", 1),
        ("class OperationalIntent: ...", 1),
        ("def flight_level_mm(): ...", 0),
        ("class Operation: ...", 0),
    ],
)
def test_the_check_sees_a_second_word(text: str, findings: int) -> None:
    assert len(synonyms(source(text))) == findings
    assert synonyms(source(text, "src/comity/faces/f3548.py")) == []
