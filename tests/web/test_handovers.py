"""Handovers at the door: signed over, shown, countersigned only as it was shown."""

import httpx
import pytest

from tests.web.problems import problem
from tests.web.support import ABSENT, Rig

pytestmark = pytest.mark.serial
PATH = "/api/v1/handovers"
PERSONS = {"giver": "A. Ivri", "taker": "B. Sade"}


def test_a_handover_is_countersigned_as_it_was_shown(rig: Rig, client: httpx.Client) -> None:
    made = client.post(PATH, json={**PERSONS, "note": "the line is slow"})
    assert made.status_code == 201, made.text
    view = made.json()
    assert view["standing"] == "waiting"
    now = client.get("/api/v1/open-items").json()
    assert now["list_hash"] == view["list_hash"]
    assert now["items"] == view["items"]
    assert [item["kind"] for item in view["items"]] == ["notice"]
    path = f"{PATH}/{view['id']}"
    client.post(
        "/api/v1/messages", json={"code": "L1", "to": "bravo", "role": "duty", "values": {}}
    )
    old = {"by": "B. Sade", "list_hash": view["list_hash"]}
    before = rig.size()
    refused = client.post(f"{path}/acceptances", json=old)
    assert (problem(refused).code, refused.status_code) == ("items_changed", 409)
    assert rig.size() == before
    shown = client.get(path).json()
    assert [item["kind"] for item in shown["added"]] == ["message"]
    again = {"by": "B. Sade", "list_hash": shown["list_hash"]}
    taken = client.post(f"{path}/acceptances", json=again)
    assert taken.status_code == 201, taken.text
    assert taken.json()["standing"] == "accepted"
    assert client.get(PATH).json()["items"][0] == taken.json()
    assert rig.size() == before + 1


@pytest.mark.parametrize(
    ("body", "code", "status"),
    [
        ({"giver": "a", "taker": "a"}, "same_person", 422),
        ({"giver": "", "taker": "a"}, "no_person", 422),
        ({"giver": "x" * 41, "taker": "a"}, "text_too_long", 422),
        ({"giver": "a"}, "missing_field", 422),
    ],
)
def test_a_handover_names_two_persons(
    rig: Rig, client: httpx.Client, body: dict[str, str], code: str, status: int
) -> None:
    before = rig.marks()
    answer = client.post(PATH, json=body)
    assert (problem(answer).code, answer.status_code) == (code, status)
    assert rig.marks() == before


@pytest.mark.parametrize(
    ("id_", "list_hash", "code", "status"),
    [
        (ABSENT, ABSENT, "not_found", 404),
        ("zz", ABSENT, "bad_id", 400),
        (ABSENT, "1", "bad_id", 400),
    ],
)
def test_what_cannot_be_accepted(
    client: httpx.Client, id_: str, list_hash: str, code: str, status: int
) -> None:
    answer = client.post(f"{PATH}/{id_}/acceptances", json={"by": "b", "list_hash": list_hash})
    assert problem(answer).code == code
    assert answer.status_code == status
