"""Shapes that review would have to look for again and again: frozen nouns, bounded loops."""

import ast

import pytest

from tests.tidy.tree import Source, source, sources

NOUN_FLAGS = frozenset({"frozen", "slots", "kw_only"})
BOUND = "# bounded by "


def _name(node: ast.expr) -> str:
    return ast.unparse(node.func if isinstance(node, ast.Call) else node).rpartition(".")[2]


def soft_nouns(module: Source) -> list[str]:
    """Dataclasses that can change, grow attributes or be built by position."""
    found = []
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.ClassDef):
            continue
        for decorator in (each for each in node.decorator_list if _name(each) == "dataclass"):
            keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
            given = {each.arg for each in keywords if ast.unparse(each.value) == "True"}
            found += [
                module.at(node.lineno, f"{node.name} lacks {flag}=True")
                for flag in sorted(NOUN_FLAGS - given)
            ]
    return found


def endless_loops(module: Source) -> list[str]:
    """Loops on a constant, without the limit that ends them written beside or above."""
    lines = module.text.splitlines()
    return [
        module.at(node.lineno, f"say what ends this loop: {BOUND}...")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.While) and isinstance(node.test, ast.Constant)
        if not any(BOUND in line for line in lines[max(0, node.lineno - 2) : node.lineno])
    ]


def test_nouns_are_frozen() -> None:
    modules = [each for each in sources("src/comity") if each.path.startswith("src/comity/model/")]
    assert modules
    assert [line for module in modules for line in soft_nouns(module)] == []


def test_every_loop_has_an_end() -> None:
    assert [line for module in sources("src/comity") for line in endless_loops(module)] == []


@pytest.mark.parametrize(
    ("decorator", "findings"),
    [
        ("dataclass", 3),
        ("dataclasses.dataclass", 3),
        ("dataclass(frozen=True)", 2),
        ("dataclass(frozen=True, slots=False, kw_only=True)", 1),
        ("dataclass(frozen=True, slots=True, kw_only=True)", 0),
        ("final", 0),
    ],
)
def test_the_check_sees_a_soft_noun(decorator: str, findings: int) -> None:
    assert len(soft_nouns(source(f"@{decorator}\nclass Party:\n    name: str\n"))) == findings


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("while True:\n    pass\n", 1),
        ("while 1:\n    pass\n", 1),
        ("while True:  # bounded by TRIES_MAX\n    pass\n", 0),
        ("# bounded by TRIES_MAX\nwhile True:\n    pass\n", 0),
        ("# bounded by TRIES_MAX\n\nwhile True:\n    pass\n", 1),
        ("while waiting:\n    pass\n", 0),
    ],
)
def test_the_check_sees_an_endless_loop(text: str, findings: int) -> None:
    assert len(endless_loops(source(text))) == findings
