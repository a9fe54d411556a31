from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from comity.exercise import bundles
from comity.exercise.bundles import Bundle, fetch_bundles, verified
from comity.exercise.node import Node
from comity.model.fault import Malformed, Refusal, Refused, Unavailable
from comity.wire.canonical import b64
from tests.exercise.recorded import ACTIVITY, APPROACH, ORIGINS, RECORD, notice, party

Files = dict[str, str]
PLAIN: Files = {"MANIFEST.note": b64(b"a note"), "entry.note": b64(b"\x00\xff")}


class Giver(Node):
    """A node that answers every request for a bundle with the same files."""

    def __init__(self, name: str, files: Files) -> None:
        super().__init__(name, "http://127.0.0.1:1", "key")
        self.files = files
        self.asked: list[str] = []

    def get(self, path: str, shape: type[Any]) -> Any:  # noqa: ANN401 - as many shapes as asks
        self.asked.append(path)
        return shape(files=self.files)


Nodes = Callable[..., dict[str, Giver]]


@pytest.fixture
def nodes() -> Nodes:
    def make(files: Files = PLAIN) -> dict[str, Giver]:
        return {name: Giver(name, files) for name in ORIGINS}

    return make


def test_the_judged_notice_comes_first_and_every_party_is_in_one(
    nodes: Nodes, tmp_path: Path
) -> None:
    given = nodes()
    found = fetch_bundles(RECORD, given, tmp_path / "one")
    assert [(one.folder.name, one.parties, one.judged) for one in found] == [
        ("alpha-activity-to-bravo", ("alpha", "bravo"), True),
        ("bravo-approach-to-host", ("bravo", "host"), False),
    ]
    assert given["alpha"].asked == [f"notices/{ACTIVITY}/bundle?to={ORIGINS['bravo']}"]
    assert given["bravo"].asked == [f"notices/{APPROACH}/bundle?to={ORIGINS['host']}"]
    assert (found[0].folder / "entry.note").read_bytes() == b"\x00\xff"


def test_what_was_not_delivered_has_no_bundle(nodes: Nodes, tmp_path: Path) -> None:
    waiting = party("alpha", notices=(notice(ACTIVITY, "alpha", "bravo", None),))
    assert fetch_bundles(replace(RECORD, parties=(waiting,)), nodes(), tmp_path) == ()


@pytest.mark.parametrize("name", ["../out", "a/b", ".hidden", "", "a\x00b", "a b"])
def test_no_name_leads_out_of_the_folder(nodes: Nodes, tmp_path: Path, name: str) -> None:
    with pytest.raises(Malformed):
        fetch_bundles(RECORD, nodes({name: b64(b"x")}), tmp_path / "one")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []


def test_too_many_files(nodes: Nodes, tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="at most"):
        fetch_bundles(RECORD, nodes({f"f{n}": b64(b"") for n in range(65)}), tmp_path)


def test_a_refused_bundle_is_a_fault(
    nodes: Nodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: Giver, _path: str, _shape: type) -> object:
        raise Refused(Refusal(code="not_found", reason="no such notice", what_to_do="look"))

    monkeypatch.setattr(Giver, "get", refuse)
    with pytest.raises(Unavailable, match="alpha gives no bundle: no such notice"):
        fetch_bundles(RECORD, nodes(), tmp_path)


def test_one_bundle_that_is_not_proven_spoils_its_parties(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def verify(words: list[str]) -> tuple[int, str, str]:
        assert words[0] == "verify"
        assert words[2:] == ["--trust", str(tmp_path / "trust.note"), "--json"]
        return (10 if words[1].endswith("b") else 0), "", ""

    monkeypatch.setattr(bundles, "run_comity", verify)
    made = [
        Bundle(folder=tmp_path / "a", parties=("alpha", "bravo"), judged=True),
        Bundle(folder=tmp_path / "b", parties=("bravo", "host"), judged=False),
    ]
    trust = tmp_path / "trust.note"
    assert verified(made, trust) == {"alpha": True, "bravo": False, "host": False}
    assert verified(made[:1], trust) == {"alpha": True, "bravo": True}
