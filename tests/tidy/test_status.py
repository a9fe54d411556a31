"""HTTP error statuses are chosen in one place, `web/problem.py`; nobody else writes one."""

import ast
from collections.abc import Iterator

import pytest

from tests.tidy.tree import Source, source, sources

THE_PLACE = "src/comity/web/problem.py"
ERROR_STATUSES = range(400, 600)


def _is_error_status(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Constant) and type(node.value) is int and node.value in ERROR_STATUSES
    )


def _about_status(node: ast.AST) -> bool:
    text = ast.unparse(node).lower()
    return "status" in text or "response" in text or "httpexception" in text


def _suspects(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a node that hold a status, if the words around them speak of one."""
    match node:
        case ast.Call(func=function, args=arguments) if _about_status(function):
            yield from arguments
        case ast.keyword(arg=str(name), value=value) if "status" in name:
            yield value
        case ast.Compare(left=left, comparators=others) if _about_status(node):
            yield from (left, *others)
        case ast.Assign(targets=targets, value=value) if any(map(_about_status, targets)):
            yield from ast.walk(value)
        case ast.AnnAssign(target=target, value=ast.expr() as value) if _about_status(target):
            yield from ast.walk(value)


def statuses(module: Source) -> list[str]:
    """Error statuses written as numbers, or taken by name from `http.HTTPStatus`."""
    if module.path == THE_PLACE:
        return []
    found = {
        part.lineno
        for node in ast.walk(module.tree)
        for part in _suspects(node)
        if isinstance(part, ast.expr) and _is_error_status(part)
    }
    found |= {
        node.lineno
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith("HTTPStatus")
    }
    return [module.at(line, f"raise a fault; {THE_PLACE} chooses") for line in sorted(found)]


def test_statuses_are_chosen_in_one_place() -> None:
    assert [line for module in sources("src/comity") for line in statuses(module)] == []


@pytest.mark.parametrize(
    "text",
    [
        "answer(status=404)",
        "JSONResponse({}, status_code=503)",
        "Response(b'', 500)",
        "refused = response.status_code == 409",
        "STATUSES = {'malformed': 400}",
        "status: int = 422",
        "code = http.HTTPStatus.NOT_FOUND",
    ],
)
def test_the_check_sees_a_status(text: str) -> None:
    assert len(statuses(source(text))) == 1
    assert statuses(source(text, THE_PLACE)) == []


@pytest.mark.parametrize(
    "text", ["WINDOW_US_MAX = 400 * 86_400", "ok = response.status_code == 200", "f(status='404')"]
)
def test_the_check_leaves_other_numbers_alone(text: str) -> None:
    assert statuses(source(text)) == []
