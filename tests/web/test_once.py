"""One request, one effect, one answer: however often it is sent, and by how many at once."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from comity.journal.pen import Pen
from comity.storage.store import Transaction
from comity.wire.canonical import Json
from tests.loopback import plain_client
from tests.web.problems import problem
from tests.web.support import (
    PEER_NOTICE,
    Rig,
    make_node,
    notice,
    party_request,
    served,
    serving,
    volume,
)

CALL: dict[str, Json] = {"other": "bravo", "account_of": "AA", "words": "they called"}
ANSWER: dict[str, Json] = {"step": "seen", "role": "duty officer"}
UNITS: dict[str, Json] = {"units": [{"unit": "one", "state": "told"}]}


def post(client: httpx.Client, path: str, body: Json, key: str | None) -> httpx.Response:
    headers = {} if key is None else {"idempotency-key": key}
    return client.post(f"/api/v1/{path}", json=body, headers=headers)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("notices", notice()),
        ("calls", CALL),
        (f"notices/{PEER_NOTICE.hex()}/answers", ANSWER),
        (f"notices/{PEER_NOTICE.hex()}/attestations", UNITS),
        ("parties", party_request("delta")),
    ],
)
def test_the_same_request_again_gets_the_same_answer(
    rig: Rig, client: httpx.Client, path: str, body: Json
) -> None:
    first = post(client, path, body, f"again-{path}")
    assert first.status_code == 201
    after = rig.marks()
    rig.clock.set(rig.clock.now_us() + 1_000_000)
    for _ in range(3):
        again = post(client, path, body, f"again-{path}")
        assert (again.status_code, again.content) == (201, first.content)
    assert rig.marks() == after


def test_without_a_key_it_is_done_again(rig: Rig, client: httpx.Client) -> None:
    """The control: what the tests above see is the key's work."""
    before = rig.size()
    answers = {post(client, "notices", notice(), None).json()["id"] for _ in range(2)}
    assert len(answers) == 2
    assert rig.size() == before + 2


def test_the_same_key_for_another_request_is_refused(rig: Rig, client: httpx.Client) -> None:
    first = post(client, "notices", notice(), "mine")
    after = rig.marks()
    others: list[tuple[str, Json]] = [
        ("notices", notice(name="other")),
        ("calls", CALL),
        (f"notices/{first.json()['id']}/moves", {"move": "start"}),
        ("keys", {"name": "x", "scopes": ["read"]}),
        ("parties", party_request("echo")),
    ]
    for path, body in others:
        found = problem(post(client, path, body, "mine"))
        assert (found.status, found.code) == (422, "idempotency_mismatch")
    assert rig.marks() == after


def test_keys_of_two_callers_are_two_keys(rig: Rig, client: httpx.Client) -> None:
    first = post(client, "notices", notice(), "shared")
    with rig.client("declare") as other:
        second = post(other, "notices", notice(), "shared")
    assert second.status_code == 201
    assert second.json()["id"] != first.json()["id"]


def test_a_refusal_is_not_remembered(client: httpx.Client) -> None:
    """Otherwise a request that failed for a passing reason could never be repeated."""
    move: dict[str, Json] = {"move": "cancel"}
    id_ = post(client, "notices", notice(), None).json()["id"]
    start = post(client, f"notices/{id_}/moves", {"move": "start"}, None)
    assert start.status_code == 201
    for _ in range(2):
        found = problem(post(client, f"notices/{id_}/moves", move, "no"))
        assert found.code == "no_such_move"


def test_many_at_once_are_one(rig: Rig) -> None:
    before = rig.size()

    def one(_: int) -> bytes:
        with rig.client("all") as client:
            answer = post(client, "notices", notice(name="at once"), "at-once")
            assert answer.status_code == 201
            return answer.content

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(one, range(16)))
    assert len(answers) == 1
    assert rig.size() == before + 1


def test_twins_of_an_enrolment_are_one(rig: Rig) -> None:
    body = party_request("foxtrot")

    def one(_: int) -> bytes:
        with rig.client("all") as client:
            answer = post(client, "parties", body, "foxtrot")
            assert answer.status_code == 201, answer.text
            return answer.content

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(one, range(8)))
    assert len(answers) == 1
    assert rig.enrolled.count("foxtrot.example/comity/2026") == 1


def test_a_new_key_is_shown_once(rig: Rig, client: httpx.Client) -> None:
    body: Json = {"name": "once", "scopes": ["read"]}
    first = post(client, "keys", body, "new-key")
    assert first.status_code == 201
    after = rig.marks()
    found = problem(post(client, "keys", body, "new-key"))
    assert (found.status, found.code) == (409, "answer_not_kept")
    assert rig.marks() == after


def test_no_secret_reaches_the_disk(rig: Rig, client: httpx.Client) -> None:
    answer = post(client, "keys", {"name": "secret", "scopes": ["read"]}, "secret-key")
    secret = answer.json()["key"].encode()
    paths = [Path(path) for path in (rig.folder / "data").iterdir()]
    assert paths
    assert [path.name for path in paths if secret in path.read_bytes()] == []


def test_answer_and_effect_are_on_the_disk_together(tmp_path: Path) -> None:
    """A node that came back answers from what it kept; nothing is done twice."""
    body = notice(volumes=[volume(lower_m=7)])
    with served(tmp_path) as rig, rig.client("all") as client:
        first = post(client, "notices", body, "before")
        size, keys = rig.size(), rig.keys
    node = make_node(tmp_path, rig.clock, [], [])
    with serving(node) as address, plain_client(address, keys["all"]) as client:
        again = post(client, "notices", body, "before")
        other = post(client, "notices", body, "after")
    assert again.content == first.content
    assert other.status_code == 201
    assert node.read(lambda r: r.journal.size()) == size + 1
    node.scribe.close()
    node.store.close()


def test_an_answer_that_nobody_awaits_stops_nothing(rig: Rig) -> None:
    """A caller that is cancelled while the pen writes must not take the pen down."""

    def work(_: Transaction, __: Pen) -> str:
        return "done"

    async def give_up() -> None:
        for _ in range(20):
            task = asyncio.create_task(rig.node.commit(work, rig.clock.now_us()))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(give_up())
    with rig.client("all") as client:
        assert post(client, "notices", notice(), None).status_code == 201


def test_the_order_of_keys_in_a_body_counts(client: httpx.Client) -> None:
    """The bytes are the request: what was sent is compared, not what was meant."""
    body = notice(name="ordered")
    headers = {"idempotency-key": "ordered", "content-type": "application/json"}
    sent = [json.dumps(body), json.dumps(dict(reversed(body.items())))]
    first, second = (client.post("/api/v1/notices", content=text, headers=headers) for text in sent)
    assert first.status_code == 201
    assert problem(second).code == "idempotency_mismatch"
