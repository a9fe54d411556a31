"""A stick carries everything between two real nodes that never reach each other.

A folder stands for the stick. What it brings is what the network would have brought: receipts,
both journals bound, bundles that prove.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.cli.main import run as cli
from comity.config import load_identity, read_certificate, read_home
from comity.journal.parcel import (
    PARCEL_BYTES_MAX,
    parcel_file,
    parcel_text,
    parse_parcel,
)
from comity.trust.card import card_note, fingerprint
from comity.trust.note import sign_note
from tests.exchange.net import make_identity
from tests.exchange.test_catch_up import NAMES, CutNodes
from tests.exchange.test_tls import comity
from tests.loopback import free_port

pytestmark = pytest.mark.timeout(90)


class Apart(CutNodes):
    """Two nodes that are enrolled with addresses at which nobody is."""

    def make_apart(self) -> None:
        """Homes, running nodes, cards exchanged by hand."""
        for name in NAMES:
            origin, address = f"{name}.example/comity/2026", f"http://127.0.0.1:{free_port()}"
            words = ("--name", name, "--origin", origin, "--address", address)
            assert cli(["init", str(self.folder / name), *words]) == 0
            self.start(name)
        for ours, theirs in (NAMES, NAMES[::-1]):
            home = read_home(self.folder / theirs)
            nowhere = f"http://127.0.0.1:{free_port()}"
            card = card_note(load_identity(home), nowhere, read_certificate(home))
            self.ask(ours, "parties", {"card": card.decode(), "fingerprint": fingerprint(card)})
        self.stick = self.folder / "stick"
        self.stick.mkdir()

    def at(self, name: str, *words: str | Path) -> int:
        """A command at a node; its exit code."""
        return cli([*map(str, words), "--home", str(self.folder / name)])

    def export(self, here: str, there: str) -> Path:
        """Pack onto the stick; the new file."""
        before = set(self.stick.iterdir())
        assert self.at(here, "export", self.stick, "--to", there) == 0
        (made,) = set(self.stick.iterdir()) - before
        return made

    def carry(self, here: str, there: str) -> Path:
        """From one to the other."""
        parcel = self.export(here, there)
        assert self.at(there, "import", parcel) == 0
        return parcel

    def hazard(self, here: str = "alpha", there: str = "bravo", lat: str = "35.5") -> str:
        """Give a hazard; its id."""
        words = ("--circle", f"{lat},35.7,20km", "--heights", "0m..9000m", "--start", "now")
        more = ("--end", "+30m", "--source", "duty officer", "--expires", "+1h", "--json")
        place = str(self.folder / here)
        told = comity("hazard", "give", "--home", place, "--to", there, *words, *more)
        found: str = json.loads(told)["id"]
        return found

    def size(self, name: str) -> int:
        """Entries in a journal."""
        return int(str(self.ask(name, "status")["journal_size"]))

    def known(self, name: str) -> set[str]:
        """The notices that a node knows."""
        return {row["id"] for row in self.ask(name, "notices")["items"]}

    def proven(self, here: str, there: str, notice: str) -> int:
        """Bundle and verdict."""
        trust, bundle = self.folder / f"{here}.trust", self.folder / f"bundle-{notice[:8]}"
        if not trust.exists():
            assert self.at(here, "party", "trust", "--out", trust) == 0
        assert self.at(here, "notice", "bundle", notice, "--to", there, "--out", bundle) == 0
        return cli(["verify", str(bundle), "--trust", str(trust)])


@pytest.fixture
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apart]:
    """Both running; ended whatever happens."""
    made = Apart(tmp_path_factory.mktemp("nodes"))
    try:
        made.make_apart()
        yield made
    finally:
        made.close()


def test_a_stick_replaces_the_network_and_no_other_file_does_harm(
    nodes: Apart, capsys: pytest.CaptureFixture[str]
) -> None:
    """One test, since starting two nodes takes longer than either part."""
    everything_is_carried(nodes, capsys)
    what_is_not_for_us_or_not_whole_is_refused_by_name(nodes, capsys)


def everything_is_carried(nodes: Apart, capsys: pytest.CaptureFixture[str]) -> None:
    for here, there in (NAMES, NAMES[::-1], NAMES, NAMES[::-1]):
        nodes.carry(here, there)
    assert all(nodes._agreed(name) for name in NAMES)
    assert nodes.queued() == 0

    ours, theirs = nodes.hazard("alpha", "bravo"), nodes.hazard("bravo", "alpha", "20.5")
    nodes.export("alpha", "bravo")  # lost on the way: the next one has it all
    more = nodes.hazard("alpha", "bravo", "25.5")
    first = nodes.carry("alpha", "bravo")
    assert {ours, more} <= nodes.known("bravo")
    second = nodes.carry("bravo", "alpha")
    assert theirs in nodes.known("alpha")
    for here, there in (NAMES, NAMES[::-1], NAMES):
        nodes.carry(here, there)
    assert nodes.queued() == 0

    assert nodes.at("alpha", "notice", "cancel", ours) == 0
    for here, there in (NAMES, NAMES[::-1], NAMES, NAMES[::-1]):
        nodes.carry(here, there)
    states = {row["id"]: row["state"] for row in nodes.ask("bravo", "notices")["items"]}
    assert states[ours] == "cancelled"

    before = [nodes.size(name) for name in NAMES]
    assert nodes.at("bravo", "import", first) == 0
    assert nodes.at("alpha", "import", second) == 0
    assert nodes.at("bravo", "import", first, "--json") == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["already"] is True
    assert [nodes.size(name) for name in NAMES] == before

    assert nodes.proven("alpha", "bravo", ours) == 0
    assert nodes.proven("alpha", "bravo", more) == 0
    assert nodes.proven("bravo", "alpha", theirs) == 0
    said = capsys.readouterr().out
    assert said.count("cosigned by the receiver at") == 3  # bound, as over the network
    assert said.count("of both signed with ML-DSA-44 too") == 3


def what_is_not_for_us_or_not_whole_is_refused_by_name(
    nodes: Apart, capsys: pytest.CaptureFixture[str]
) -> None:
    nodes.hazard()
    capsys.readouterr()
    good = nodes.export("alpha", "bravo")
    data = good.read_bytes()
    note, parcel, pieces = parse_parcel(data)
    stranger = make_identity("carol.example/comity/2026")
    alpha = load_identity(read_home(nodes.folder / "alpha"))
    old = parcel_text(parcel).replace(f"made {parcel.made_us}", f"made {10**15}")
    bad = {
        "cut_short": data[:-200],
        "changed_file": data.replace(b'"index":', b'"iNdex":', 1),
        "extra_file": data + b"more\n",
        "bad_note": b"",
        "too_large": b" " * (PARCEL_BYTES_MAX + 1),
        "not_signed": parcel_file(sign_note(note.text, stranger.entry), pieces),
        "bad_signature": data.replace(b"\nnumber ", b"\nnumber 1", 1),
        "expired": parcel_file(sign_note(old, alpha.entry), pieces),
        "stranger": parcel_file(
            sign_note(note.text.replace("from alpha.", "from carol."), stranger.entry), pieces
        ),
    }
    before = nodes.size("bravo")
    path = nodes.folder / "edited.parcel"
    for code, found in bad.items():
        path.write_bytes(found)
        assert nodes.at("bravo", "import", path, "--json") != 0, code
        assert json.loads(capsys.readouterr().err)["code"] == code
    assert nodes.at("alpha", "import", good, "--json") != 0  # its own: nobody is enrolled as it
    assert json.loads(capsys.readouterr().err)["code"] == "stranger"
    assert nodes.at("bravo", "export", nodes.stick, "--to", "carol") != 0
    assert nodes.size("bravo") == before
    assert nodes.at("bravo", "import", good) == 0  # the control
    assert nodes.size("bravo") > before
