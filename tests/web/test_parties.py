"""Parties at the door: enrolled by fingerprint, one by one, and how their lines look."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from comity.journal.pen import Pen
from comity.storage.store import Transaction
from comity.wire.canonical import Json
from tests.web.problems import problem
from tests.web.support import NOW, NOW_US, Rig, card_of, origin_of, party_request, served

SECOND_US = 1_000_000


def parties(client: httpx.Client) -> dict[str, dict[str, Json]]:
    return {party["name"]: party for party in client.get("/api/v1/parties").json()["items"]}


def test_an_enrolled_party_is_shown(client: httpx.Client) -> None:
    found = parties(client)
    bravo = found["bravo"]
    assert bravo["origin"] == origin_of("bravo")
    assert bravo["card"] == card_of("bravo").decode()
    assert bravo["fingerprint"] == party_request("bravo")["fingerprint"]
    assert (bravo["line"], bravo["last_contact"]) == ("new", None)
    agreement = bravo["agreement"]
    assert isinstance(agreement, dict)
    assert (agreement["ours"], agreement["theirs"], agreement["in_force_since"]) == (
        True,
        True,
        NOW,
    )
    other = found["charlie"]["agreement"]
    assert isinstance(other, dict)
    assert (other["ours"], other["theirs"], other["in_force_since"]) == (True, False, None)
    assert "clearance_lateral_mm 5556000\n" in str(agreement["text"])
    assert client.get("/api/v1/status").json()["parties"] == list(found.values())


@pytest.mark.parametrize(("ago_s", "line"), [(0, "up"), (90, "up"), (91, "silent")])
def test_a_line_is_silent_after_three_heartbeats(
    rig: Rig, client: httpx.Client, ago_s: int, line: str
) -> None:
    def work(tx: Transaction, _: Pen) -> None:
        row = tx.post.peer(origin_of("charlie"))
        assert row is not None
        tx.post.save_peer(replace(row, contact_us=NOW_US - ago_s * SECOND_US))

    rig.node.scribe.submit(work, NOW_US).result(5)
    assert parties(client)["charlie"]["line"] == line


@pytest.mark.parametrize("name", ["delta", "echo", "foxtrot"])
def test_a_fingerprint_may_be_written_as_people_write(
    rig: Rig, client: httpx.Client, name: str
) -> None:
    request = party_request(name)
    written = str(request["fingerprint"])
    forms = {
        "delta": written.lower(),
        "echo": written.replace("-", " "),
        "foxtrot": written.replace("-", "\u2013"),
    }
    request |= {"fingerprint": forms[name], "parameters": {"heartbeat_us": 5_000_000}}
    answer = client.post("/api/v1/parties", json=request)
    assert answer.status_code == 201
    shown = answer.json()
    assert (shown["name"], shown["line"], shown["queued"]) == (name, "new", 1)
    assert "heartbeat_us 5000000\n" in shown["agreement"]["text"]
    assert parties(client)[name] == shown
    assert origin_of(name) in rig.node.roster.now.peers
    assert rig.enrolled.count(origin_of(name)) == 1


def test_another_card_of_the_same_party_is_refused(rig: Rig, client: httpx.Client) -> None:
    mixed = party_request("golf") | {"fingerprint": party_request("hotel")["fingerprint"]}
    before = rig.marks()
    found = problem(client.post("/api/v1/parties", json=mixed))
    assert (found.code, found.field) == ("fingerprint_differs", "fingerprint")
    assert rig.marks() == before


@pytest.mark.parametrize("damage", ["alpha.example", "http://127.0.0.1:7999", "desk+"])
def test_a_card_that_was_changed_is_refused(rig: Rig, client: httpx.Client, damage: str) -> None:
    card = str(party_request("golf")["card"])
    damaged = card.replace(damage, damage[:-1] + "x", 1) if damage in card else card + "\n"
    before = rig.marks()
    body: Json = {"card": damaged, "fingerprint": ""}
    assert 400 <= problem(client.post("/api/v1/parties", json=body)).status < 500
    assert rig.marks() == before


def test_parties_enrolled_at_once_are_all_there(tmp_path: Path) -> None:
    """Two enrolments in flight must not make one forget the other."""
    names = [f"party{number}" for number in range(8)]
    with served(tmp_path) as rig:

        def one(name: str) -> int:
            with rig.client("admin") as client:
                return client.post("/api/v1/parties", json=party_request(name)).status_code

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(one, names)) == {201}
        assert {origin_of(name) for name in names} <= set(rig.node.roster.now.peers)
        assert sorted(rig.enrolled) == sorted(origin_of(name) for name in names)


def test_a_party_enrolled_at_once_by_two_is_enrolled_once(tmp_path: Path) -> None:
    with served(tmp_path) as rig:

        def one(_: int) -> int:
            with rig.client("admin") as client:
                return client.post("/api/v1/parties", json=party_request("delta")).status_code

        with ThreadPoolExecutor(8) as pool:
            statuses = sorted(pool.map(one, range(8)))
        assert statuses == [201] + [409] * 7
        assert rig.enrolled == [origin_of("delta")]
