"""What is to be said, at the door: by deadline, within so many seconds."""

import httpx
import pytest

from tests.web.problems import problem
from tests.web.support import NOW, PEER_NOTICE, Rig, origin_of

pytestmark = pytest.mark.serial


def test_what_is_due_is_listed_by_deadline(rig: Rig, client: httpx.Client) -> None:
    items = client.get("/api/v1/due").json()["items"]
    assert [item["duty"] for item in items] == ["see", "read-back", "attest"]
    assert {item["of"] for item in items} == {PEER_NOTICE.hex()}
    assert {item["party"] for item in items} == {origin_of("bravo")}
    assert [item["due"] for item in items] == [
        f"2026-03-01T12:0{minute}:00Z" for minute in (1, 2, 3)
    ]
    assert not any(item["overdue"] for item in items)
    assert client.get("/api/v1/due?within=60").json()["items"] == items[:1]
    assert items[0]["due"] > NOW
    assert rig.size() > 0


@pytest.mark.parametrize("within", ["-1", "soon", "99999999"])
def test_how_far_ahead_is_a_number(client: httpx.Client, within: str) -> None:
    answer = client.get(f"/api/v1/due?within={within}")
    assert (problem(answer).code, answer.status_code) == ("bad_query", 400)
