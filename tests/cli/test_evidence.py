"""`comity evidence`: lists, shows and saves what the node holds."""

from pathlib import Path

from comity.web.api.record_shapes import EvidenceView
from tests.cli.stand_in import Comity, StandIn, as_json

FILE = "comity/fork@v1\nkind same-size\n\nx\n"


def held(node: StandIn) -> None:
    """Two pieces."""
    rows = [
        EvidenceView(
            id=number * 64,
            party="bravo.example/comity/2026",
            kind="same-size",
            at="2026-11-22T12:00:00Z",
            file=FILE,
        )
        for number in ("3", "4")
    ]
    node.lists("evidence", [as_json(row) for row in rows])


def test_it_is_listed_shown_and_saved(ask: Comity, node: StandIn, tmp_path: Path) -> None:
    held(node)
    assert "bravo.example" in ask("evidence", "list").out
    assert len(ask("evidence", "list", "--json").json()) == 2  # type: ignore[arg-type]
    assert ask("evidence", "show", "3333").out == FILE
    path = tmp_path / "bravo.fork"
    saved = ask("evidence", "save", "33", path)
    assert saved.code == 0
    assert path.read_text() == FILE
    assert "comity verify" in saved.out


def test_what_is_not_there_or_not_one_is_refused(
    ask: Comity, node: StandIn, tmp_path: Path
) -> None:
    held(node)
    for begins in ("5", "", "zz"):
        assert ask("evidence", "show", begins).code == 1
    path = tmp_path / "there"
    path.write_text("mine")
    assert ask("evidence", "save", "3", path).code != 0
    assert path.read_text() == "mine"
