"""A file fits in one sitting, a function on one screen."""

import ast

import pytest

from tests.tidy.tree import Source, source, sources

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 60

EVERYWHERE = sources("src/comity") + sources("tests")


def long_files(module: Source) -> list[str]:
    """The file itself, if it has too many lines."""
    lines = len(module.text.splitlines())
    if lines <= FILE_LINES_MAX:
        return []
    return [module.at(lines, f"{lines} lines; a file has at most {FILE_LINES_MAX}")]


def long_functions(module: Source) -> list[str]:
    """Every function that has too many lines, decorators and docstring counted."""
    found = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            lines = (node.end_lineno or first) - first + 1
            if lines > FUNCTION_LINES_MAX:
                sentence = f"{node.name} has {lines} lines; at most {FUNCTION_LINES_MAX}"
                found.append(module.at(first, sentence))
    return found


def test_every_file_fits() -> None:
    assert [line for module in EVERYWHERE for line in long_files(module)] == []


def test_every_function_fits() -> None:
    assert [line for module in EVERYWHERE for line in long_functions(module)] == []


@pytest.mark.parametrize(("lines", "findings"), [(FILE_LINES_MAX, 0), (FILE_LINES_MAX + 1, 1)])
def test_the_file_check_sees_the_first_line_too_many(lines: int, findings: int) -> None:
    assert len(long_files(source("x = 1\n" * lines))) == findings


@pytest.mark.parametrize("head", ["def f():", "async def f():", "@decorated\ndef f():"])
@pytest.mark.parametrize("excess", [0, 1])
def test_the_function_check_sees_the_first_line_too_many(head: str, excess: int) -> None:
    body = FUNCTION_LINES_MAX - head.count("\n") - 1 + excess
    assert len(long_functions(source(head + "\n" + "    x = 1\n" * body))) == excess
