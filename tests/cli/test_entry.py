"""`comity entry`: what is asked of the node for what was typed, and how it looks."""

import base64
from pathlib import Path

import pytest

from comity.cli.exit_codes import ExitCode
from comity.wire.canonical import Json
from tests.cli.stand_in import Comity, StandIn, status

FILES: Json = {"files": {"MANIFEST.note": base64.b64encode(b"text").decode()}}
NOTE = "comity/call@v1\nfrom a\n\n\u2014 a c2ln\n"


def row(index: int) -> dict[str, Json]:
    return {
        "index": index,
        "leaf": "0" * 64,
        "type": "call",
        "to": "alpha.example/comity/2026",
        "seq": 3,
        "issued": "2030-01-01T10:00:00Z",
    }


def test_the_newest_entries_are_listed(node: StandIn, ask: Comity) -> None:
    now = status()
    assert isinstance(now, dict)
    size = now["journal_size"]
    assert isinstance(size, int)
    node.says("GET", "status", now)
    node.says("GET", f"entries?limit=2&after={size - 3}", {"items": [row(4), row(5)], "next": None})
    answer = ask("entry", "list", "--last", "2")
    assert answer.code == 0
    assert "alpha.example/comity/2026" in answer.out
    assert answer.out.splitlines()[0].split() == ["entry", "type", "to", "seq", "issued"]
    node.says("GET", "status", status())
    assert ask("entry", "list", "--last", "2", "--json").json() == [row(4), row(5)]
    assert ask("entry", "list", "--last", "0").code == ExitCode.USAGE


def test_an_entry_is_shown_as_it_was_signed(node: StandIn, ask: Comity) -> None:
    view: dict[str, Json] = {"index": 5, "leaf": "0" * 64, "note": NOTE, "proof": "p"}
    node.says("GET", "entries/5", view | {"fields": [{"path": "words", "type": "text"}]})
    answer = ask("entry", "show", "5")
    assert answer.code == 0
    assert "comity/call@v1" in answer.out
    assert answer.out.splitlines()[-1].split() == ["words", "text"]
    node.says("GET", "entries/5", view | {"fields": None})
    assert "field" not in ask("entry", "show", "5").out


@pytest.mark.parametrize(
    ("words", "query"),
    [
        ((), ""),
        (("--show", "code", "--show", "volume/0"), "?show=code%2Cvolume%2F0"),
        (("--withhold", "name"), "?withhold=name"),
        (("--names-only",), "?opening=names"),
        (("--no-content", "--recorded"), "?opening=nothing&proves=recorded"),
    ],
)
def test_a_bundle_shows_what_was_asked_for(
    node: StandIn, ask: Comity, tmp_path: Path, words: tuple[str, ...], query: str
) -> None:
    node.says("GET", f"entries/5/bundle{query}", FILES)
    out = tmp_path / "evidence"
    answer = ask("entry", "bundle", "5", "--out", out, *words)
    assert answer.code == 0, answer.err
    assert (out / "MANIFEST.note").read_bytes() == b"text"
    assert ("--recorded" in answer.out) == ("--recorded" in words)


@pytest.mark.parametrize(
    "words",
    [("--show", "code", "--names-only"), ("--names-only", "--no-content"), ("--show",)],
)
def test_contradicting_words_are_refused(
    node: StandIn, ask: Comity, tmp_path: Path, words: tuple[str, ...]
) -> None:
    assert node is not None  # nothing is asked of it
    answer = ask("entry", "bundle", "5", "--out", tmp_path / "evidence", *words)
    assert answer.code == ExitCode.USAGE
    assert not (tmp_path / "evidence").exists()
