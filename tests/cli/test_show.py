"""Tables in a pipe and on a terminal; nothing foreign moves the cursor."""

import sys

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from comity.cli.show import facts, plain_table, printable, table


def test_a_plain_table_is_aligned() -> None:
    assert plain_table(("id", "name"), [("1", "alpha"), ("22", "b")]) == (
        "id  name\n1   alpha\n22  b"
    )
    assert plain_table(("id", "name"), []) == "id  name"


def test_a_row_has_as_many_cells_as_the_head() -> None:
    with pytest.raises(ValueError, match="zip"):
        plain_table(("id", "name"), [("1",)])


@given(st.text())
def test_what_is_shown_stays_on_its_line(text: str) -> None:
    assert printable(text).isprintable()
    assert len(printable(text)) == len(text)


def test_direction_marks_are_not_printed() -> None:
    assert printable("a\u202eb\u2066c\x9b") == "a?b?c?"


def test_empty_facts_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    facts([("name", "alpha"), ("nothing", ""), ("x", "y\n")])
    assert capsys.readouterr().out == "name  alpha\nx     y?\n"


def test_a_terminal_gets_the_same_words_without_markup(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    table(("id", "name"), [("1", "[bold]alpha[/bold]\x1b[2J")])
    shown = capsys.readouterr().out
    assert "[bold]alpha[/bold]?[2J" in shown
    assert "\x1b[2J" not in shown


def test_a_terminal_gets_the_names_in_bold_below_the_day(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    bold: list[str] = []

    def style(text: str, **_: bool) -> str:
        bold.append(text)
        return text

    monkeypatch.setattr(typer, "style", style)
    moment = "2030-01-01T10:00:00.123Z"
    table(("time", "until", "outlet"), [(moment, moment, "night")])
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["times of 2030-01-01", *bold, "10:00:00Z  10:00:00Z  night"]
    assert [text.split() for text in bold] == [["time", "until", "outlet"]]
