"""How answers look: tables that fit a terminal, the same words plain in a pipe, or JSON.

What other parties wrote is shown as text, never as markup or control codes. Called by the verbs.
"""

import re
import shutil
import sys
from collections.abc import Sequence

import typer

from comity.cli.layout import SAME_DAY, laid_out
from comity.model.wording import ISOLATES, is_balanced
from comity.wire.canonical import Json, dumps

__all__ = [
    "facts",
    "heading",
    "json_line",
    "line",
    "phrase_line",
    "plain_table",
    "printable",
    "short",
    "table",
]

_SHORT_CHARS = 12  # of an id: enough to name one among the notices of a year
_GAP = "  "
_INSTANT = re.compile(r"\b(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\.\d{1,6}Z")


def json_line(value: Json) -> None:
    """Print a JSON value on one line."""
    typer.echo(dumps(value).decode())


def line(text: str = "") -> None:
    """Print a line."""
    typer.echo(printable(text))


def phrase_line(text: str) -> None:
    """Print a line with a wording in it, whose isolates keep data left to right: they stay."""
    if not is_balanced(text):
        line(text)
        return
    parts = re.split(f"([{ISOLATES}])", text)
    typer.echo("".join(part if part in ISOLATES else printable(part) for part in parts))


def heading(text: str) -> None:
    """Print a line that begins a part."""
    typer.echo(typer.style(printable(text), bold=True))


def facts(pairs: Sequence[tuple[str, str]]) -> None:
    """Print names and values, one pair a line; empty values are left out."""
    shown = [(name, value) for name, value in pairs if value]
    width = max((len(name) for name, _ in shown), default=0)
    for name, value in shown:
        line(f"{name:<{width}}{_GAP}{value}")


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; a pipe gets aligned text."""
    clean = [[printable(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        typer.echo(plain_table(columns, clean))
        return
    # A pipe has no use for what rich takes to import.
    from rich.cells import cell_len  # noqa: PLC0415

    width = shutil.get_terminal_size().columns
    lines = laid_out(columns, clean, width, cell_len)
    names = int(lines[0].startswith(SAME_DAY))
    for at, text in enumerate(lines):
        typer.echo(typer.style(text, bold=True) if at == names else text)


def plain_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table as aligned text, without a line end."""
    widths = [max(map(len, cells)) for cells in zip(columns, *rows, strict=True)]
    return "\n".join(
        _GAP.join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (columns, *rows)
    )


def printable(text: str) -> str:
    """The text with every control character, line end or direction mark shown as `?`.

    Times are shown to the second; JSON has them whole.
    """
    plain = "".join(char if char.isprintable() else "?" for char in text)
    return _INSTANT.sub(r"\1Z", plain)


def short(identity: str) -> str:
    """The first digits of an id, for tables."""
    return identity[:_SHORT_CHARS]
