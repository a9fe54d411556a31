"""A stick replaces the network for a whole exercise: the evening with Comity, carried by hand.

No node can reach another. Files of `comity export`, taken in by `comity import`, are all that
passes, and the record that they leave means what the network's means.
"""

import json
import sqlite3
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from comity.cli.export_parcel import exported
from comity.exercise.fleet import Fleet
from comity.exercise.load import find, read
from comity.exercise.plan import plan
from comity.exercise.stick import Stick, Verbs
from comity.journal.merkle import leaf_hash
from comity.journal.parcel import parse_parcel
from comity.model.fault import Unavailable
from comity.trust.note import parse_note
from comity.wire.entry_v1 import (
    Entry,
    EntryType,
    PeerCheckpointBody,
    ReceiptBody,
    parse_entry,
)
from tests.exercise.evening import Ran, ran, without_chance

pytestmark = [pytest.mark.serial, pytest.mark.timeout(120)]

NAME = "with-comity"
HEARTBEAT = 'heartbeat = "30s"'
PARTIES = ("alpha", "bravo", "host")
LINKS = {("alpha", "bravo"), ("bravo", "alpha"), ("bravo", "host"), ("host", "bravo")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """One evening, played twice."""

    stick: Ran
    network: Ran


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    """Side by side, with a heartbeat of five minutes in place of 30 s, to save time."""
    folder = tmp_path_factory.mktemp("both")
    text = find("latakia").read_text("utf-8")
    assert text.count(HEARTBEAT) == 1
    file = folder / "latakia.toml"
    file.write_text(text.replace(HEARTBEAT, 'heartbeat = "300s"'), encoding="utf-8")

    def played(carry: str) -> Ran:
        words = (str(file), "--variant", NAME, "--carry", carry, "--keep-homes")
        return ran(folder / carry, *words)

    with ThreadPoolExecutor(2) as pool:
        stick, network = pool.map(played, ("stick", "network"))
    return Both(stick=stick, network=network)


@pytest.fixture
def stick(both: Both) -> Ran:
    return both.stick


@pytest.fixture
def network(both: Both) -> Ran:
    return both.network


def summary(run: Ran) -> dict[str, Any]:
    """Less what ids make different: the texts of warnings and their order at one instant."""
    found: dict[str, Any] = without_chance(run.variant(NAME))  # type: ignore[assignment]
    warnings = [{k: v for k, v in each.items() if k != "text"} for each in found["warnings"]]
    return found | {"warnings": sorted(warnings, key=json.dumps)}


def journal(run: Ran, party: str) -> list[tuple[bytes, Entry]]:
    """Leaf and entry, in order."""
    path = run.out / NAME / "homes" / party / "data/journal.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        bodies = [body for (body,) in db.execute("SELECT body FROM entry ORDER BY idx")]
    return [(leaf_hash(body), parse_entry(parse_note(body).text)) for body in bodies]


Meaning = tuple[object, ...]


def record(run: Ran) -> Counter[Meaning]:
    """What all journals say, hashes aside: entries, receipts of which, bindings of which."""
    journals = {party: journal(run, party) for party in PARTIES}
    every = {leaf: entry for entries in journals.values() for leaf, entry in entries}

    def said(entry: Entry) -> Meaning:
        chain = 0 if entry.sender == entry.audience else entry.seq  # heads are noted at home too
        return (entry.type, entry.sender, entry.audience, chain, entry.issued_us)

    found: Counter[Meaning] = Counter()
    for entry in (entry for entries in journals.values() for _, entry in entries):
        if isinstance(entry.body, ReceiptBody):
            body = entry.body
            found[
                "receipt", *said(entry), said(every[body.given_leaf]), body.got, body.verdict
            ] += 1
        elif isinstance(entry.body, PeerCheckpointBody):
            found.update(("bound", entry.sender, said(every[ref])) for ref in entry.refs)
        elif entry.type is not EntryType.PARTY:  # how a line stands: by hand it is often silent
            found["said", *said(entry)] += 1
    return found


def verified(run: Ran, bundle: Path) -> dict[str, Any]:
    """What `comity verify` says; not hashes, places in journals and when witnesses cosigned."""
    words = ["verify", str(bundle), "--trust", str(run.out / "trust.note"), "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "comity", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    keys = ("outcome", "exit", "receipt", "opened", "misbehaviour", "exercise")
    kept = {key: found[key] for key in keys}
    kept["subject"] = {key: found["subject"][key] for key in ("type", "from", "to", "seq")}
    kept["claims"] = [(claim["level"], claim["standing"]) for claim in found["claims"]]
    of_witnesses = ("cosigned", "post_quantum", "quorum", "met")
    kept["witnesses"] = {key: found["witnesses"][key] for key in of_witnesses}
    kept["claimed"] = [found[end]["claimed"] for end in ("given", "acknowledged")]
    return kept


def test_the_evening_ends_as_over_the_network(stick: Ran, network: Ran) -> None:
    assert stick.code == 0, stick.said
    by_hand, over_network = summary(stick), summary(network)
    assert by_hand.pop("parcels") > 40
    assert over_network.pop("parcels") is None
    assert by_hand == over_network
    assert {party["verified"] for party in by_hand["parties"].values()} == {True}
    report = (stick.out / "report.md").read_text("utf-8")
    assert f"{stick.variant(NAME)['parcels']} files of `comity export`" in report
    assert "comity export" not in (network.out / "report.md").read_text("utf-8")


def test_the_journals_hold_the_same_notices_receipts_and_bindings(stick: Ran, network: Ran) -> None:
    by_hand, over_network = record(stick), record(network)
    assert by_hand == over_network
    kinds = Counter(meaning[0] for meaning in by_hand.elements())
    assert kinds["receipt"] == kinds["bound"] > 20
    types = {meaning[1] for meaning in by_hand if meaning[0] == "said"}
    assert types >= {"notice", "safety", "answer", "attestation", "agreement", "conflict"}


def test_the_bundles_prove_the_same(stick: Ran, network: Ran) -> None:
    folders = sorted((stick.out / "bundles" / NAME).iterdir())
    assert [folder.name for folder in folders] == [
        "alpha-activity-to-bravo",
        "bravo-approach-to-host",
    ]
    for folder in folders:
        one = verified(stick, folder)
        assert one == verified(network, network.out / folder.relative_to(stick.out))
        assert {standing for _, standing in one["claims"]} == {"held"}
        assert one["witnesses"]["post_quantum"] == ["witness.example/latakia-with-comity"]


def test_what_was_carried_is_signed_numbered_and_for_linked_parties_alone(stick: Ran) -> None:
    files = sorted((stick.out / NAME / "stick").iterdir())
    assert len(files) == stick.variant(NAME)["parcels"]
    numbers: dict[tuple[str, str], list[int]] = {}
    for file in files:
        _, parcel, _ = parse_parcel(file.read_bytes())
        way = (parcel.sender.partition(".")[0], parcel.audience.partition(".")[0])
        numbers.setdefault(way, []).append(parcel.number)
    assert set(numbers) == LINKS
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())


def test_without_the_files_nothing_arrives(tmp_path: Path) -> None:
    """The control: the same nodes, and a stick that is lost on every trip."""
    scenario, homes = read(find("latakia")), tmp_path / "homes"
    lost = Verbs(
        export=lambda home, party, folder: exported(home, party, folder).file,
        take_in=lambda _home, _file: None,
    )
    fleet = Fleet(scenario, "lost", homes, Stick(lost, homes, scenario.links, tmp_path / "stick"))
    with fleet:
        with pytest.raises(Unavailable, match="confirmed not all"):
            fleet.begin(plan(scenario, NAME).start_us, lambda _: None)
        for node in fleet.nodes.values():
            for line in node.status().parties:
                assert line.line == "new"  # not one byte was heard of anybody
                assert line.queued > 0
    assert list((tmp_path / "stick").iterdir())
