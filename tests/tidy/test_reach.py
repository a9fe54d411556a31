"""No dead modules: each can be reached from a command by following imports."""

import ast
import tomllib
from collections.abc import Iterable, Iterator, Sequence

from tests.tidy.tree import ROOT, Source, source, sources


def _mentions(module: Source) -> Iterator[str]:
    """Every dotted name that a module imports, or spells out for an import by name."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(origin), names=names):
                yield origin
                yield from (f"{origin}.{alias.name}" for alias in names)
            case ast.Constant(value=str(text)) if text.startswith("comity."):
                yield text.partition(":")[0]


def _with_packages(name: str) -> Iterator[str]:
    """A module's name and those of the packages that are imported on the way to it."""
    while name:
        yield name
        name = name.rpartition(".")[0]


def unreachable(modules: Sequence[Source], roots: Iterable[str]) -> list[str]:
    """The modules that no chain of imports connects with a root."""
    by_name = {module.dotted: module for module in modules}
    reached: set[str] = set()
    waiting = [step for root in roots for step in _with_packages(root)]
    while waiting:
        name = waiting.pop()
        if name in by_name and name not in reached:
            reached.add(name)
            waiting += [step for hit in _mentions(by_name[name]) for step in _with_packages(hit)]
    return [
        module.at(1, "nothing that a command runs imports this module")
        for name, module in sorted(by_name.items())
        if name not in reached
    ]


def commands() -> list[str]:
    """The modules that a command line starts."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [target.partition(":")[0] for target in project["scripts"].values()]


# Shipped so that anyone can doubt the engine that answers; no command needs it.
ORACLE = "comity.airspace.brute"


def test_no_module_is_dead() -> None:
    assert unreachable(sources("src/comity"), [*commands(), "comity.__main__", ORACLE]) == []


def test_the_check_follows_every_kind_of_import() -> None:
    modules = [
        source("from comity.a import b\nimport comity.c", "src/comity/main.py"),
        source("", "src/comity/__init__.py"),
        source("", "src/comity/a/__init__.py"),
        source("server = 'comity.d:app'", "src/comity/a/b.py"),
        source("", "src/comity/c.py"),
        source("", "src/comity/d.py"),
    ]
    assert unreachable(modules, ["comity.main"]) == []


def test_the_check_sees_two_dead_modules_that_hold_each_other() -> None:
    modules = [
        source("", "src/comity/main.py"),
        source("import comity.b", "src/comity/a.py"),
        source("import comity.a", "src/comity/b.py"),
    ]
    found = unreachable(modules, ["comity.main"])
    assert [line.partition(":")[0] for line in found] == ["src/comity/a.py", "src/comity/b.py"]
