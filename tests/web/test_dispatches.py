"""Outlets and dispatches at the door: pages, one thing's, no secret; bad queries refused."""

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from comity.clock import VirtualClock
from comity.model.fault import Fault
from comity.storage.store import Transaction
from comity.web.api.keys import new_key
from tests.loopback import plain_client
from tests.outlets.samples import night, pager
from tests.storage.sqlite.samples import DISPATCH, id_
from tests.web.problems import problem
from tests.web.support import NOW_US, make_node, serving, settle_in

pytestmark = pytest.mark.serial
COUNT = 5


@pytest.fixture(scope="module")
def key() -> str:
    return new_key()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, key: str) -> Iterator[str]:
    faults = list[Fault]()
    clock = VirtualClock(NOW_US)
    plain = make_node(tmp_path_factory.mktemp("outlets"), clock, faults, [])
    hook = pager("https://alerts.alpha.example/T0-secret-token")
    node = replace(plain, outlets=(night(role="duty-officer"), hook))
    settle_in(node, {"read": key, "declare": f"{key}x"})

    def work(tx: Transaction) -> None:
        for number in range(COUNT):
            row = replace(DISPATCH, id=id_(200 + number), made_us=NOW_US + number, at_us=NOW_US)
            row = replace(row, due_us=NOW_US + number, about=id_(number))
            if number == 0:
                row = replace(
                    row, state="accepted", due_us=None, done_us=NOW_US, answer="250 taken"
                )
            tx.dispatches.save_dispatch(row)

    node.store.write(work)
    with serving(node) as found:
        yield found
    node.scribe.close()
    node.store.close()
    assert faults == []


@pytest.fixture
def client(address: str, key: str) -> Iterator[httpx.Client]:
    with plain_client(address, key) as found:
        yield found


def test_outlets_are_shown_with_their_counts_and_without_secrets(client: httpx.Client) -> None:
    answer = client.get("/api/v1/outlets")
    first, second = answer.json()["items"]
    assert (first["name"], first["channel"], first["to"], first["role"]) == (
        *("night", "mail", "duty@alpha.example", "duty-officer"),
    )
    assert (first["waiting"], first["accepted"], first["refused"], first["given_up"]) == (
        4,
        1,
        0,
        0,
    )
    assert second["to"] == "https://alerts.alpha.example"
    assert "secret-token" not in answer.text


def test_pages_go_back_in_time_and_words_claim_no_more_than_accepted(client: httpx.Client) -> None:
    found, after = [], ""
    for _ in range(COUNT):
        query = {"limit": "2", **({"after": after} if after else {})}
        page = client.get("/api/v1/dispatches", params=query).json()
        found += page["items"]
        after = page["next"] or ""
        if not after:
            break
    assert [each["id"] for each in found] == [id_(200 + n).hex() for n in reversed(range(COUNT))]
    last = found[-1]
    assert (last["state"], last["answer"], last["next"]) == ("accepted", "250 taken", None)
    assert {each["state"] for each in found} == {"waiting", "accepted"}


def test_what_tells_of_one_thing(client: httpx.Client) -> None:
    def about(number: int) -> list[str]:
        answer = client.get("/api/v1/dispatches", params={"about": id_(number).hex()})
        return [each["id"] for each in answer.json()["items"]]

    assert about(3) == [id_(203).hex()]
    assert len(about(7)) == COUNT  # the warning itself
    assert about(99) == []


@pytest.mark.parametrize("query", [{"about": "x"}, {"limit": "0"}, {"after": "x"}, {"more": "1"}])
def test_bad_queries_are_refused_by_name(client: httpx.Client, query: dict[str, str]) -> None:
    answer = client.get("/api/v1/dispatches", params=query)
    assert answer.status_code == 400
    assert problem(answer).code in {"bad_id", "bad_query", "unknown_parameter", "malformed"}


def test_another_scope_sees_nothing(address: str, key: str) -> None:
    with plain_client(address, f"{key}x") as client:
        for path in ("outlets", "dispatches"):
            assert client.get(f"/api/v1/{path}").status_code == 403
