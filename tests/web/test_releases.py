"""Messages that wait for a second person, at the door; nobody waits unless it is agreed."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from comity.intake.agree import sign, take_note
from comity.journal.pen import Pen
from comity.storage.store import Transaction
from comity.trust.note import serialise, sign_note
from comity.wire.agreement_v1 import agreement_text, fields_of_note
from comity.wire.canonical import Json
from tests.agreement.samples import agreement, clause
from tests.web.problems import problem
from tests.web.support import ABSENT, NOW_US, Rig, identity_of, origin_of, served

pytestmark = pytest.mark.serial
PATH = "/api/v1/held-messages"
STOP: dict[str, Json] = {
    "code": "X",
    "to": "bravo",
    "role": "duty officer",
    "values": {"where": [35.3, 40.14], "radius": 5000.0},
}


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A node for each test: they sign."""
    with served(tmp_path) as found:
        yield found


def test_nothing_waits_unless_it_is_agreed(rig: Rig, client: httpx.Client) -> None:
    before = rig.marks()
    answer = client.post(PATH, json={"by": "A. Ivri", "message": STOP})
    assert (problem(answer).code, answer.status_code) == ("no_release_needed", 409)
    assert rig.marks() == before


@pytest.fixture
def two(rig: Rig) -> None:
    """Alpha and bravo sign that two persons release."""
    sets = clause("release", release_persons=2)
    text = agreement_text(agreement(sets, from_us=NOW_US))
    note = serialise(sign_note(text, identity_of("bravo").entry)).decode()

    def work(tx: Transaction, pen: Pen) -> None:
        take_note(tx, pen, origin_of("bravo"), fields_of_note(note))
        sign(tx, pen, text)

    rig.node.scribe.submit(work, NOW_US).result(10)


@pytest.mark.usefixtures("two")
def test_a_stop_is_said_by_the_second_person(rig: Rig, client: httpx.Client) -> None:
    before = rig.size()
    refused = client.post("/api/v1/messages", json=STOP)
    assert (problem(refused).code, refused.status_code) == ("needs_release", 409)
    assert problem(refused).basis
    assert rig.size() == before
    held = client.post(PATH, json={"by": "A. Ivri", "message": STOP})
    assert held.status_code == 201, held.text
    assert held.json()["standing"] == "waiting_for_release"
    assert "X STOP" in held.json()["wording"]  # who releases it sees what it says
    assert "5000 m" in held.json()["wording"]
    path = f"{PATH}/{held.json()['id']}"
    assert client.get("/api/v1/messages").json()["items"] == []
    same = client.post(f"{path}/releases", json={"by": "A. Ivri"})
    assert problem(same).code == "same_person"
    said = client.post(f"{path}/releases", json={"by": "B. Sade"})
    assert said.status_code == 201, said.text
    assert said.json()["code"] == "X"
    (row,) = client.get(PATH).json()["items"]
    assert (row["standing"], row["message"]) == ("released", said.json()["id"])
    assert (row["by"], row["by_second"]) == ("A. Ivri", "B. Sade")
    again = client.post(f"{path}/withdrawals", json={"by": "A. Ivri"})
    assert (problem(again).code, again.status_code) == ("already_released", 409)


@pytest.mark.usefixtures("two")
def test_what_waits_can_be_withdrawn(client: httpx.Client) -> None:
    held = client.post(PATH, json={"by": "A. Ivri", "message": STOP}).json()
    gone = client.post(f"{PATH}/{held['id']}/withdrawals", json={"by": "A. Ivri"})
    assert (gone.json()["standing"], gone.json()["wording"]) == ("withdrawn", "")


@pytest.mark.parametrize("act", ["releases", "withdrawals"])
def test_what_does_not_wait_is_not_found(client: httpx.Client, act: str) -> None:
    answer = client.post(f"{PATH}/{ABSENT}/{act}", json={"by": "B. Sade"})
    assert (problem(answer).code, answer.status_code) == ("not_found", 404)
