"""Messages at the door: said, answered, listed; wrong ones refused with nothing changed."""

import httpx
import pytest

from comity.exchange.desks import desks_of
from comity.exchange.given import Given
from comity.journal.pen import Pen
from comity.model.message import Message
from comity.model.phrasebook import Values
from comity.model.quantity import Position
from comity.storage.store import Transaction
from comity.trust.envelope import seal_own
from comity.wire.canonical import Json, sha256
from comity.wire.entry_v1 import ContentBody, Entry, EntryType
from comity.wire.message_v1 import fields_of_message
from tests.web.problems import problem
from tests.web.support import ABSENT, NOW, NOW_US, PEER_NOTICE, Rig, origin_of

pytestmark = pytest.mark.serial

STOP: dict[str, Json] = {"where": [35.3, 40.14], "radius": 5000.0, "danger-to": "our-people"}
VALUES: Values = (
    ("danger-to", "our-people"),
    ("radius", 5_000_000),
    ("where", Position(lat_e7=353_000_000, lon_e7=401_400_000)),
)


def body(code: str = "X", **changes: Json) -> dict[str, Json]:
    values = STOP if code == "X" else {}
    whole: dict[str, Json] = {"code": code, "to": "bravo", "role": "duty officer", "values": values}
    return whole | changes


def said_to_us(rig: Rig, message: Message) -> str:
    """A message of bravo's, as the exchange would have brought it."""
    fields = fields_of_message(message)
    id_ = sha256(message.code.encode())
    entry = Entry(
        type=EntryType.SAFETY,
        sender=origin_of("bravo"),
        audience=origin_of("alpha"),
        seq=0,
        prev=None,
        issued_us=NOW_US,
        beacon=None,
        body=ContentBody(root=id_, leaves=8, seed_commit=id_),
    )

    def work(tx: Transaction, pen: Pen) -> None:
        desk = desks_of(rig.node.handle_secret)[EntryType.SAFETY]
        sealed = seal_own(entry, origin_of("bravo"))
        desk(tx, pen, Given(index=0, entry=sealed, leaf=id_, id=id_, fields=fields))

    rig.node.scribe.submit(work, NOW_US).result(10)
    return id_.hex()


def test_a_message_is_an_entry_of_the_safety_lane_and_stands_in_the_lists(
    rig: Rig, client: httpx.Client
) -> None:
    made = client.post("/api/v1/messages", json=body(words="now", language="ru"))
    assert made.status_code == 201, made.text
    found = made.json()
    wording = found.pop("sender_wording")
    assert wording.startswith("X STOP \u00b7 Stop immediately, safety of life \u00b7 ")
    assert "(ru, not reviewed)" in wording
    assert found.pop("reader_wording") == wording
    id_ = found.pop("id")
    assert found == {
        "code": "X",
        "precedence": "distress",
        "floor": True,
        "sender": origin_of("alpha"),
        "receiver": origin_of("bravo"),
        "about": None,
        "role": "duty officer",
        "values": STOP,
        "language": "ru",
        "words": "now",
        "at": NOW,
        "due": "2026-03-01T12:03:00Z",
        "ground": "nothing else being agreed, stop_answer_us is 3 min",
        "unanswered": False,
        "answer": None,
        "answers": [],
        "answers_allowed": ["W", "U", "S", "RX"],
        "read_back_needed": True,
        "delivered": None,
        "verdict": None,
    }
    hebrew = client.get(f"/api/v1/messages/{id_}", params={"language": "he"}).json()
    assert hebrew["sender_wording"] == wording
    assert "(he, not reviewed)" in hebrew["reader_wording"]
    for path in ("messages", "open-messages"):
        assert id_ in [each["id"] for each in client.get(f"/api/v1/{path}").json()["items"]]
    index = rig.size() - 1
    note = client.get(f"/api/v1/entries/{index}").json()["note"]
    assert note.startswith("comity/safety@v1\n")


def test_a_message_that_is_said_to_us_is_read_back_and_settled(
    rig: Rig, client: httpx.Client
) -> None:
    id_ = said_to_us(rig, Message(code="X", role="duty officer", values=VALUES))
    path = f"/api/v1/messages/{id_}/answers"
    answer: dict[str, Json] = {"code": "W", "role": "duty officer"}
    assert problem(client.post(path, json=answer)).code == "no_read_back"
    moved = STOP | {"where": [35.38, 40.14]}
    found = client.post(path, json=answer | {"read_back": moved}).json()
    assert found["answers"][0]["differs"] == ["where moved 8.9 km"]
    assert (found["answer"], found["due"]) == ("W", "2026-03-01T12:03:00Z")
    found = client.post(path, json=answer | {"read_back": STOP}).json()
    assert (found["answer"], found["due"]) == ("W", None)
    assert [each["read_back"] for each in found["answers"]] == [moved, STOP]
    refused = problem(client.post(path, json=answer | {"read_back": STOP}))
    assert (refused.status, refused.code) == (409, "already_answered")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code": "ZZ"}, "unknown_code"),
        ({"code": "N1", "values": {}}, "not_a_message"),
        ({"values": {}}, "no_place"),
        ({"values": {"radius": 5000}}, "no_place"),
        ({"values": STOP | {"where": 5}}, "bad_value"),
        ({"values": STOP | {"where": [91, 0]}}, "off_the_globe"),
        ({"values": STOP | {"radius": 10.0}}, "bad_value"),
        ({"values": STOP | {"radius": 1e300}}, "bad_value"),
        ({"values": STOP | {"danger-to": "somebody"}}, "bad_value"),
        ({"values": STOP | {"target": "x"}}, "forbidden_field"),
        ({"values": STOP | {"speed": 5}}, "unknown_value"),
        ({"values": STOP | {"where": [1, 2, 3]}}, "wrong_type"),
        ({"language": "xx"}, "unknown_language"),
        ({"words": "x" * 141}, "text_too_long"),
        ({"role": ""}, "no_role"),
        ({"about": ABSENT}, "not_known_there"),
        ({"about": "x"}, "bad_id"),
        ({"to": "nobody"}, "unknown_party"),
        ({"more": 1}, "unknown_field"),
    ],
)
def test_what_no_message_can_say_changes_nothing(
    rig: Rig, client: httpx.Client, changes: dict[str, Json], code: str
) -> None:
    before = rig.marks()
    found = problem(client.post("/api/v1/messages", json=body() | changes))
    assert found.code == code
    assert found.status in {400, 422}
    assert rig.marks() == before


def test_a_message_may_name_a_notice(client: httpx.Client) -> None:
    about = PEER_NOTICE.hex()
    found = client.post("/api/v1/messages", json=body(values={}, about=about)).json()
    assert found["about"] == about
    ask = body("Q", values={"asks": "meaning"}, about=found["id"])
    assert client.post("/api/v1/messages", json=ask).json()["about"] == found["id"]


def test_pages_hold_every_message_once_and_status_counts_the_open_ones(
    client: httpx.Client,
) -> None:
    before = client.get("/api/v1/status").json()["open_messages"]
    for _ in range(5):
        client.post("/api/v1/messages", json=body("L1"))
    assert client.get("/api/v1/status").json()["open_messages"] == before + 5
    found: list[str] = []
    after: dict[str, str] = {}
    for _ in range(99):
        page = client.get("/api/v1/messages", params={"limit": "2", **after}).json()
        found += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    whole = client.get("/api/v1/messages", params={"limit": "500"}).json()["items"]
    assert found == [each["id"] for each in whole]
    urgent = client.get("/api/v1/open-messages").json()["items"]
    ranks = [["distress", "urgency", "safety", "routine"].index(m["precedence"]) for m in urgent]
    assert ranks == sorted(ranks)


def test_what_is_not_there_is_not_found(client: httpx.Client) -> None:
    assert problem(client.get(f"/api/v1/messages/{ABSENT}")).code == "not_found"
    answer = {"code": "RC", "role": "duty officer"}
    assert problem(client.post(f"/api/v1/messages/{ABSENT}/answers", json=answer)).code == (
        "not_found"
    )
    bad = client.get("/api/v1/messages", params={"language": "xx"})
    assert problem(bad).code == "unknown_language"
