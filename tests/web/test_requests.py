"""Requests at the door: asked, replied to, listed; wrong ones refused with nothing changed."""

from itertools import count

import httpx
import pytest

from comity.exchange.desks import desks_of
from comity.exchange.given import Given
from comity.journal.pen import Pen
from comity.model.request import Request, Wanted
from comity.storage.store import Transaction
from comity.trust.envelope import seal_own
from comity.wire.canonical import Json, sha256
from comity.wire.entry_v1 import ContentBody, Entry, EntryType
from comity.wire.request_v1 import fields_of_request
from tests.web.problems import problem
from tests.web.support import ABSENT, MINUTE_US, NOW, NOW_US, PEER_NOTICE, Rig, notice, origin_of

pytestmark = pytest.mark.serial

BY = "2026-03-01T12:20:00Z"
_NUMBERS = count()  # what is put to us twice is refused


def given(client: httpx.Client) -> str:
    made = client.post("/api/v1/notices", json=notice())
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def body(of: str, **changes: Json) -> dict[str, Json]:
    whole: dict[str, Json] = {"of": of, "to": "bravo", "wanted": "close", "by": BY}
    return whole | changes


def put_to_us(rig: Rig, wanted: Wanted = Wanted.DELAY) -> str:
    """A request of bravo's about its own notice, as the exchange would have brought it."""
    fields = fields_of_request(
        Request(of=PEER_NOTICE, wanted=wanted, by_us=NOW_US + 20 * MINUTE_US)
    )
    id_ = sha256(f"{wanted} {next(_NUMBERS)}".encode())
    entry = Entry(
        type=EntryType.REQUEST,
        sender=origin_of("bravo"),
        audience=origin_of("alpha"),
        seq=0,
        prev=None,
        issued_us=NOW_US,
        beacon=None,
        body=ContentBody(root=id_, leaves=8, seed_commit=id_),
    )

    def work(tx: Transaction, pen: Pen) -> None:
        sealed = seal_own(entry, origin_of("bravo"))
        desk = desks_of(rig.node.handle_secret)[EntryType.REQUEST]
        desk(tx, pen, Given(index=0, entry=sealed, leaf=id_, id=id_, fields=fields))

    rig.node.scribe.submit(work, NOW_US).result(10)
    return id_.hex()


def test_a_request_is_an_entry_to_the_party_and_stands_in_the_list(
    rig: Rig, client: httpx.Client
) -> None:
    of = given(client)
    made = client.post("/api/v1/requests", json=body(of, words="north of the airway"))
    assert made.status_code == 201, made.text
    found = made.json()
    assert found | {"id": ""} == {
        "id": "",
        "of": of,
        "asker": origin_of("alpha"),
        "asked": origin_of("bravo"),
        "wanted": "close",
        "by": BY,
        "words": "north of the airway",
        "at": NOW,
        "due": "2026-03-01T12:05:00Z",
        "ground": "nothing else being agreed, request_answer_us is 5 min",
        "unanswered": False,
        "decision": None,
        "replies": [],
        "delivered": None,
        "verdict": None,
    }
    assert client.get(f"/api/v1/requests/{found['id']}").json() == found
    assert found in client.get("/api/v1/requests").json()["items"]
    index = rig.size() - 1
    note = client.get(f"/api/v1/entries/{index}").json()["note"]
    assert note.startswith("comity/request@v1\n")
    assert f"to {origin_of('bravo')}\n" in note


def test_a_request_that_is_put_to_us_is_replied_to_once(rig: Rig, client: httpx.Client) -> None:
    path = f"/api/v1/requests/{put_to_us(rig)}/replies"
    standby = {"decision": "standby", "role": "supervisor", "standby_minutes": 10}
    found = client.post(path, json=standby).json()
    assert (found["decision"], found["due"]) == ("standby", "2026-03-01T12:10:00Z")
    declined = {"decision": "declined", "role": "supervisor", "reason": "traffic", "words": "two"}
    found = client.post(path, json=declined).json()
    assert (found["decision"], found["due"]) == ("declined", None)
    assert [(r["decision"], r["reason"], r["standby_minutes"]) for r in found["replies"]] == [
        ("standby", None, 10),
        ("declined", "traffic", None),
    ]
    refused = problem(client.post(path, json={"decision": "granted", "role": "supervisor"}))
    assert (refused.status, refused.code) == (409, "already_decided")


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"of": "x"}, "bad_id", "of"),
        ({"of": ABSENT}, "not_known_there", None),
        ({"of": PEER_NOTICE.hex(), "to": "charlie"}, "not_known_there", None),
        ({"to": "nobody"}, "unknown_party", "to[0]"),
        ({"wanted": "strike"}, "not_in_list", "wanted"),
        ({"by": "soon"}, "bad_time", "by"),
        ({"by": NOW}, "too_late_to_ask", None),
        ({"words": "w" * 41}, "text_too_long", None),
        ({"weapon": "x"}, "forbidden_field", "weapon"),
    ],
)
def test_a_wrong_request_changes_nothing(
    rig: Rig, client: httpx.Client, changes: dict[str, Json], code: str, field: str | None
) -> None:
    before = rig.marks()
    found = problem(client.post("/api/v1/requests", json=body(PEER_NOTICE.hex()) | changes))
    assert (found.code, found.field) == (code, field)
    assert found.status in {400, 422}
    assert rig.marks() == before


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ({"decision": "granted", "role": ""}, "no_role"),
        ({"decision": "declined", "role": "x"}, "no_reason"),
        ({"decision": "standby", "role": "x"}, "bad_standby"),
        ({"decision": "standby", "role": "x", "standby_minutes": 10**15}, "bad_standby"),
        ({"decision": "granted", "role": "x", "standby_minutes": 5}, "bad_standby"),
        ({"decision": "approved", "role": "x"}, "not_in_list"),
    ],
)
def test_a_wrong_reply_changes_nothing(
    rig: Rig, client: httpx.Client, reply: dict[str, Json], code: str
) -> None:
    id_ = put_to_us(rig, Wanted.CORRIDOR)
    before = rig.marks()
    assert problem(client.post(f"/api/v1/requests/{id_}/replies", json=reply)).code == code
    assert rig.marks() == before


def test_what_is_not_there_is_not_there(client: httpx.Client) -> None:
    assert problem(client.get(f"/api/v1/requests/{ABSENT}")).code == "not_found"
    granted = {"decision": "granted", "role": "x"}
    assert problem(client.post(f"/api/v1/requests/{ABSENT}/replies", json=granted)).code == (
        "not_found"
    )


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "requests", "read"),
        ("POST", "requests", "declare"),
        ("POST", f"requests/{ABSENT}/replies", "answer"),
    ],
)
def test_each_has_its_scope(rig: Rig, method: str, path: str, scope: str) -> None:
    others = {"read", "declare", "answer", "admin", "metrics"} - {scope}
    for each in others:
        with rig.client(each) as client:
            answer = client.request(
                method, f"/api/v1/{path}", json={} if method == "POST" else None
            )
            assert problem(answer).code == "scope_missing"
