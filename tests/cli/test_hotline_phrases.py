"""`comity hotline phrases`: every code, its label beside the English, and what a language lacks."""

import pytest

from comity.cli.exit_codes import ExitCode
from comity.cli.show import phrase_line
from comity.hotline.phrases import phrasebook, phrasebook_from
from tests.cli.stand_in import Comity
from tests.tidy.tree import ROOT

FOLDER = ROOT / "src" / "comity" / "hotline" / "phrasebook"
LRI, PDI = "\u2066", "\u2069"


def test_every_code_has_a_line_with_its_english(comity: Comity) -> None:
    book = phrasebook()
    answer = comity("hotline", "phrases")
    assert answer.code == ExitCode.OK
    assert [line.split()[0] for line in answer.out.splitlines()] == list(book.phrases)


def test_a_language_shows_its_drafts_as_drafts_and_how_they_are_said(comity: Comity) -> None:
    lines = comity("hotline", "phrases", "--language", "he").out.splitlines()
    (stop,) = (line for line in lines if line.startswith("X "))
    assert "Stop immediately" in stop
    assert "(he, not reviewed)" in stop
    assert "\u2068" in stop  # a right-to-left label is isolated on a terminal too
    assert stop.endswith("[a-TSOR mee-YAD: sa-ka-NAT kha-YEEM]")
    assert len(lines) == len(phrasebook().phrases)  # none is said to be without a label


def test_what_a_language_lacks_is_said(comity: Comity, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {
        path.name.removesuffix(".toml"): path.read_text("utf-8") for path in FOLDER.glob("*.toml")
    }
    texts["he"] = texts["he"].partition("[label.L4]")[0]
    lacking = phrasebook_from(texts)
    monkeypatch.setattr("comity.cli.hotline_phrases.phrasebook", lambda: lacking)
    lines = comity("hotline", "phrases", "--language", "he").out.splitlines()
    assert lines[-1] == "no label in Hebrew: L4, T1, T2"


def test_one_code_is_shown_whole(comity: Comity) -> None:
    shown = comity("hotline", "phrases", "KC").out
    for part in ("within 120 s", "W, U, S, RX", "KEY-LOH", "until (time, needed)", "Pub. 102"):
        assert part in shown
    found = comity("hotline", "phrases", "KC", "--language", "ru", "--json").json()
    assert isinstance(found, dict)
    assert found["reviewed_by"] == ""
    assert found["say"] == "dyer-ZHEE-tyes' f sta-ra-NYE at ra-YO-na"
    assert found["answer_us"] == 120_000_000


@pytest.mark.parametrize(
    ("words", "code"),
    [(("--language", "xx"), "unknown_language"), (("ZZ",), "unknown_code")],
)
def test_what_is_not_there_is_refused_by_name(
    comity: Comity, words: tuple[str, ...], code: str
) -> None:
    answer = comity("hotline", "phrases", *words)
    assert answer.code == ExitCode.BAD_INPUT
    assert code in answer.err


def test_isolates_that_do_not_end_are_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    phrase_line(f"a {LRI}1{PDI}\x1b")
    phrase_line(f"a {LRI}1")
    assert capsys.readouterr().out == f"a {LRI}1{PDI}?\na ?1\n"
