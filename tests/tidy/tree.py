"""The checkout as the tidy checks see it: which files there are, each read and parsed once."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MADE_HERE = frozenset({"out", "build", "dist", "__pycache__", "node_modules"})
DOTTED_AND_OURS = frozenset({".ci", ".gitignore"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One Python file: `path` is relative to the checkout, with slashes."""

    path: str
    text: str
    tree: ast.Module

    @property
    def dotted(self) -> str:
        """The module's name as an import writes it."""
        parts = Path(self.path.removeprefix("src/")).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def at(self, line: int, finding: str) -> str:
        """A finding as editors like it: path, line, sentence."""
        return f"{self.path}:{line}: {finding}"


def source(text: str, path: str = "src/comity/planted.py") -> Source:
    """Parse a text as if it stood at the path."""
    return Source(path=path, text=text, tree=ast.parse(text, path))


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        hidden = path.name.startswith(".") and path.name not in DOTTED_AND_OURS
        if hidden or path.name in MADE_HERE:
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path


@cache
def files() -> tuple[Path, ...]:
    """Every file of ours, in a stable order; nothing that a tool or a run has made."""
    return tuple(_walk(ROOT))


def relative(path: Path) -> str:
    """A path as findings print it."""
    return path.relative_to(ROOT).as_posix()


@cache
def sources(top: str) -> tuple[Source, ...]:
    """Every Python file under a top folder ("src/comity", "tests")."""
    return tuple(
        source(path.read_text(encoding="utf-8"), relative(path))
        for path in files()
        if path.suffix == ".py" and relative(path).startswith(f"{top}/")
    )
