"""Fits a table to a terminal: a word, an id, a time is never broken; long texts wrap at words.

Where a table is too wide, its times lose the day that they share, which is said once; then long
texts stand below their rows; last, each row becomes a block. Pure. Called by `show`.
"""

import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

__all__ = ["SAME_DAY", "laid_out"]

SAME_DAY = "times of "  # begins the line above the names, where there is one
_GAP = 2
_TEXT_WIDTH_MIN = 24  # of a column of sentences; a narrower one is hard to read
_INDENT = "    "
_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2}Z)")

Width = Callable[[str], int]  # of a text in columns of the terminal


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """Names of columns, rows of cells, and the names with cells of what stands below each row."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    below: tuple[tuple[tuple[str, str], ...], ...]
    day: str = ""


def laid_out(
    columns: Sequence[str], rows: Sequence[Sequence[str]], width: int, measure: Width
) -> list[str]:
    """The lines of a table in `width` columns; the first that is not a day holds the names.

    A line is longer only where one word is.
    """
    table = _Table(
        names=tuple(columns), rows=tuple(map(tuple, rows)), below=tuple(() for _ in rows)
    )
    short = _of_one_day(table)
    for each in (table, short, _moved(table, 1), _moved(short, 1), _moved(short, len(columns))):
        widths = _widths(each, width, measure)
        if widths is not None:
            return _lines(each, widths, width, measure)
    return _blocks(table, width)


def _of_one_day(table: _Table) -> _Table:
    """Times without their day, if all are of one."""
    days = {found[1] for row in table.rows for cell in row if (found := _TIME.fullmatch(cell))}
    if len(days) != 1:
        return table
    rows = tuple(tuple(_TIME.sub(_clock, cell) for cell in row) for row in table.rows)
    return replace(table, rows=rows, day=days.pop())


def _clock(found: re.Match[str]) -> str:
    return found[2] if found[0] == found.string else found[0]


def _is_text(table: _Table, at: int) -> bool:
    """Whether a column holds sentences: something that may wrap. The first one names its row."""
    return at > 0 and any(" " in row[at] for row in table.rows)


def _moved(table: _Table, count: int) -> _Table:
    """Up to `count` columns of sentences, the longest first, below their rows."""
    texts = [at for at in range(len(table.names)) if _is_text(table, at)]
    longest = sorted(texts, key=lambda at: -max(len(row[at]) for row in table.rows))
    gone = sorted(longest[:count])
    stay = [at for at in range(len(table.names)) if at not in gone]
    return replace(
        table,
        names=tuple(table.names[at] for at in stay),
        rows=tuple(tuple(row[at] for at in stay) for row in table.rows),
        below=tuple(tuple((table.names[at], row[at]) for at in gone) for row in table.rows),
    )


def _widths(table: _Table, width: int, measure: Width) -> list[int] | None:
    """How wide each column is: what it wants, sentences less, down to a least; None: no way."""
    cells = list(zip(table.names, *table.rows, strict=True))
    wants = [max(map(measure, column)) for column in cells]
    least = [
        min(
            want, max(_TEXT_WIDTH_MIN, *(measure(word) for cell in column for word in cell.split()))
        )
        if _is_text(table, at)
        else want
        for at, (want, column) in enumerate(zip(wants, cells, strict=True))
    ]
    over = sum(wants) + _GAP * (len(wants) - 1) - width
    for at in sorted(range(len(wants)), key=lambda at: least[at] - wants[at]):
        less = max(0, min(over, wants[at] - least[at]))
        wants[at] -= less
        over -= less
    return None if over > 0 else wants


def _lines(table: _Table, widths: Sequence[int], width: int, measure: Width) -> list[str]:
    found = [f"{SAME_DAY}{table.day}"] if table.day else []
    found.append(_joined(table.names, widths, measure))
    for row, below in zip(table.rows, table.below, strict=True):
        wrapped = [_wrapped(cell, each) for cell, each in zip(row, widths, strict=True)]
        for at in range(max(map(len, wrapped))):
            cells = [lines[at] if at < len(lines) else "" for lines in wrapped]
            found.append(_joined(cells, widths, measure))
        found += _pairs(below, width)
    return found


def _blocks(table: _Table, width: int) -> list[str]:
    """Each row as a block of names and values: what no width holds side by side."""
    found = ["  ".join(table.names)]
    for row in table.rows:
        found.append(row[0])
        found += _pairs(zip(table.names[1:], row[1:], strict=True), width)
    return found


def _pairs(pairs: Iterable[tuple[str, str]], width: int) -> list[str]:
    """Names with what stands under them, a pair a line; empty ones are left out."""
    texts = [f"{_INDENT}{name}: {cell}" if name else _INDENT + cell for name, cell in pairs if cell]
    return [line for text in texts for line in _wrapped(text, width)]


def _joined(cells: Sequence[str], widths: Sequence[int], measure: Width) -> str:
    padded = (cell + " " * (each - measure(cell)) for cell, each in zip(cells, widths, strict=True))
    return (" " * _GAP).join(padded).rstrip()


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        width,
        subsequent_indent=_INDENT + "  " if text.startswith(_INDENT) else "",
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]
