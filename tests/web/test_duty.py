"""The duty roster at the door: set and shown, answers without the role refused and recorded."""

from collections.abc import Iterator

import httpx
import pytest

from comity.exchange.watch_due import DueWatcher
from comity.hotline.watch import watch_notice
from comity.intake.terms import agreed_with
from comity.journal.pen import Pen
from comity.model.message import Message
from comity.storage.store import Transaction
from comity.trust.note import parse_note
from comity.wire.canonical import Json
from comity.wire.entry_v1 import EntryType, parse_entry
from tests.web.problems import problem
from tests.web.support import ABSENT, NOW, NOW_US, PEER_NOTICE, Rig, notice, origin_of
from tests.web.test_messages import STOP, VALUES, said_to_us
from tests.web.test_requests import put_to_us

pytestmark = pytest.mark.serial

CHAIN: list[Json] = ["duty officer", "alternate", "chief"]
SECOND_US = 1_000_000


@pytest.fixture
def roster(client: httpx.Client) -> Iterator[None]:
    """A chain of three, and one person."""
    posted(client, "chain", roles=CHAIN)
    posted(client, "shifts", role="duty officer", person="A. Levi")
    yield
    posted(client, "chain", roles=[])


def posted(client: httpx.Client, what: str, **body: Json) -> dict[str, Json]:
    answer = client.post(f"/api/v1/roster/{what}", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Json] = answer.json()
    return found


def types(rig: Rig) -> list[EntryType]:
    rows = rig.node.read(lambda r: r.journal.entries(0, 10_000))
    return [parse_entry(parse_note(row.body).text).type for row in rows]


def test_a_roster_is_set_shown_and_taken_away(client: httpx.Client, rig: Rig) -> None:
    assert client.get("/api/v1/roster").json() == {"chain": [], "shifts": [], "away": []}
    refused = problem(
        client.post("/api/v1/roster/shifts", json={"role": "chief", "person": "C. Katz"})
    )
    assert (refused.status, refused.code) == (409, "no_roster")
    posted(client, "chain", roles=CHAIN)
    until = "2026-03-01T20:00:00Z"
    posted(client, "shifts", role="duty officer", person="A. Levi", until=until)
    posted(client, "shifts", role="chief", person="C. Katz", start="2026-03-01T18:00:00Z")
    found = posted(client, "presence", person="a. levi", present=False)
    assert found == client.get("/api/v1/roster").json()
    assert found == {
        "chain": [{"role": role, "present": []} for role in CHAIN],
        "shifts": [
            {
                "role": "duty officer",
                "person": "A. Levi",
                "start": NOW,
                "until": until,
                "now": False,
            },
            {
                "role": "chief",
                "person": "C. Katz",
                "start": "2026-03-01T18:00:00Z",
                "until": None,
                "now": False,
            },
        ],
        "away": ["A. Levi"],
    }
    assert posted(client, "presence", person="A. Levi", present=True)["away"] == []
    left = posted(client, "leaves", role="duty officer", person="A. Levi")
    assert "A. Levi" not in str(left["shifts"])
    before = rig.size()
    assert posted(client, "chain", roles=[])["chain"] == []
    assert types(rig)[before:] == [EntryType.PARTY]


@pytest.mark.parametrize(
    ("what", "body", "no"),
    [
        ("chain", {"roles": ["a", "b", "c", "d"]}, (422, "bad_roster")),
        ("chain", {"roles": ["chief", "Chief"]}, (422, "bad_roster")),
        ("chain", {"roles": [""]}, (422, "no_role")),
        ("shifts", {"role": "chief", "person": ""}, (422, "bad_roster")),
        ("shifts", {"role": "chief", "person": "x" * 41}, (422, "text_too_long")),
        ("shifts", {"role": "chief", "person": "x", "until": NOW}, (422, "shift_over")),
        ("shifts", {"role": "chief", "person": "x", "until": "noon"}, (422, "bad_time")),
        ("leaves", {"role": "chief", "person": "nobody"}, (409, "not_on_duty")),
        ("presence", {"person": "nobody", "present": False}, (409, "not_on_duty")),
        ("presence", {"person": "-", "present": False}, (422, "no_person")),
    ],
)
@pytest.mark.usefixtures("roster")
def test_what_is_no_roster_changes_nothing(
    client: httpx.Client, rig: Rig, what: str, body: Json, no: tuple[int, str]
) -> None:
    before = client.get("/api/v1/roster").json(), rig.size()
    refused = problem(client.post(f"/api/v1/roster/{what}", json=body))
    assert (refused.status, refused.code) == no
    assert (client.get("/api/v1/roster").json(), rig.size()) == before


def test_setting_the_chain_is_for_administrators(rig: Rig) -> None:
    with rig.client("answer") as client:
        refused = problem(client.post("/api/v1/roster/chain", json={"roles": CHAIN}))
    assert refused.code == "scope_missing"


def refused_of(client: httpx.Client) -> list[str]:
    """What the open warnings of refused answers are about."""
    rows = client.get("/api/v1/warnings").json()["items"]
    return [r["about"] for r in rows if r["kind"] == "answer_refused" and r["cleared"] is None]


@pytest.mark.usefixtures("roster")
def test_an_answer_without_the_role_is_refused_and_recorded(client: httpx.Client, rig: Rig) -> None:
    path = f"/api/v1/notices/{PEER_NOTICE.hex()}/answers"
    before = len(types(rig))
    refused = problem(client.post(path, json={"step": "seen", "role": "chief"}))
    assert (refused.status, refused.code, refused.field) == (409, "not_on_duty", "role")
    assert "comity hotline roster take 'chief'" in refused.what_to_do
    assert types(rig)[before:] == [EntryType.WARNING]
    for _ in range(9):  # on record once, until somebody who may has answered
        assert problem(client.post(path, json={"step": "seen", "role": "chief"})).status == 409
    assert types(rig)[before:] == [EntryType.WARNING]
    [shown] = [
        each
        for each in client.get("/api/v1/warnings").json()["items"]
        if each["kind"] == "answer_refused"
    ]
    assert shown["about"] == PEER_NOTICE.hex()
    assert "nobody who is present holds the role 'chief'" in shown["text"]
    other = {"step": "seen", "role": "duty officer", "person": "C. Katz"}
    assert problem(client.post(path, json=other)).code == "not_on_duty"
    assert refused_of(client) == [PEER_NOTICE.hex()]
    assert client.post(path, json=other | {"person": "a. levi"}).status_code == 201
    assert refused_of(client) == []
    stop = said_to_us(rig, Message(code="X", role="duty officer", values=VALUES))
    answer: dict[str, Json] = {"code": "W", "role": "chief", "read_back": STOP}
    to = f"/api/v1/messages/{stop}/answers"
    before = len(types(rig))
    assert problem(client.post(to, json=answer)).code == "not_on_duty"
    assert types(rig)[before:] == [EntryType.WARNING]
    assert refused_of(client) == [stop]
    assert client.post(to, json=answer | {"role": "Duty-Officer"}).status_code == 201
    assert refused_of(client) == []
    path = f"/api/v1/requests/{put_to_us(rig)}/replies"
    before = len(types(rig))
    granted: dict[str, Json] = {"decision": "granted", "role": "chief"}
    assert problem(client.post(path, json=granted)).code == "not_on_duty"
    assert types(rig)[before:] == [EntryType.WARNING]
    granted |= {"role": "duty officer", "person": "A. Levi"}
    assert refused_of(client) != []
    assert client.post(path, json=granted).status_code == 201
    assert refused_of(client) == []
    unknown = problem(
        client.post(f"/api/v1/notices/{ABSENT}/answers", json={"step": "seen", "role": "chief"})
    )
    assert unknown.code == "not_found"  # and nothing is said of roles


@pytest.mark.usefixtures("roster")
def test_who_comes_on_duty_first_is_alerted_of_what_is_open(client: httpx.Client) -> None:
    rows = client.get("/api/v1/alerts").json()["items"]
    mine = [each for each in rows if each["about"] == PEER_NOTICE.hex()]
    assert [each["level"] for each in mine] == [0]


@pytest.mark.usefixtures("roster")
def test_an_answer_to_what_was_amended_is_refused_and_recorded(
    client: httpx.Client, rig: Rig
) -> None:
    old, new = bytes([7] * 32), bytes([8] * 32)

    def amend(tx: Transaction, _: Pen) -> None:
        tx.sky.link_notice(old, PEER_NOTICE)
        tx.sky.amended(old, new, NOW_US)

    rig.node.scribe.submit(amend, NOW_US).result(10)
    path = f"/api/v1/notices/{old.hex()}/answers"
    before = len(types(rig))
    late = problem(client.post(path, json={"step": "seen", "role": "duty officer"}))
    assert (late.status, late.code, late.field) == (409, "superseded", "id")
    assert types(rig)[before:] == [EntryType.WARNING]
    now = f"/api/v1/notices/{PEER_NOTICE.hex()}/answers"
    assert client.post(now, json={"step": "seen", "role": "duty officer"}).status_code == 201
    assert refused_of(client) == []


@pytest.mark.usefixtures("roster")
def test_alerts_and_chains_are_shown_as_they_stand(client: httpx.Client, rig: Rig) -> None:
    seen = {"step": "seen", "role": "duty officer"}
    path = f"/api/v1/notices/{PEER_NOTICE.hex()}/answers"
    assert client.post(path, json=seen).status_code == 201

    def work(tx: Transaction, pen: Pen) -> None:
        watch_notice(tx, pen, PEER_NOTICE, agreed_with(tx, pen), opens=True)

    rig.node.scribe.submit(work, NOW_US).result(10)
    rows = client.get("/api/v1/alerts").json()["items"]
    mine = [each for each in rows if each["about"] == PEER_NOTICE.hex()]
    assert [(each["level"], each["role"], each["persons"]) for each in mine] == [
        (0, "duty officer", ["A. Levi"]),
    ]
    assert (mine[0]["step"], mine[0]["at"], mine[0]["party"], mine[0]["leaf"]) == (
        *("read-back", NOW, origin_of("bravo")),
        None,
    )
    [found] = client.get(f"/api/v1/chains/{PEER_NOTICE.hex()}").json()["items"]
    assert (found["kind"], found["watched"], found["party"]) == (
        *("notice", True),
        origin_of("bravo"),
    )
    steps = {each["step"]: each for each in found["steps"]}
    assert list(steps) == ["sent", "delivered", "seen", "read-back", "relayed"]
    assert [steps[name]["done"] for name in steps] == [True, True, True, False, False]
    assert steps["seen"]["due"] == "2026-03-01T12:01:00Z"
    assert steps["relayed"]["ground"].endswith("receipt_relayed_us is 3 min")


def test_a_notice_of_ours_is_watched_as_soon_as_it_is_given(client: httpx.Client, rig: Rig) -> None:
    posted(client, "chain", roles=CHAIN)
    given = client.post("/api/v1/notices", json=notice()).json()
    [found] = client.get(f"/api/v1/chains/{given['id']}").json()["items"]
    assert (found["kind"], found["watched"]) == ("given", True)
    sent, delivered = found["steps"][:2]
    assert (sent["done"], delivered["done"], delivered["late"]) == (True, False, False)
    assert sent["leaf"] == given["entries"][0]["leaf"]
    row = rig.node.read(lambda r: r.duty.watches(bytes.fromhex(given["id"])))[0]
    assert (row.step, row.next_us) == ("delivered", NOW_US + 5 * SECOND_US)
    watcher = DueWatcher(rig.node.store, rig.node.scribe)
    assert (watcher.next_due(NOW_US) or 0) <= NOW_US + 5 * SECOND_US
    posted(client, "chain", roles=[])
    [found] = client.get(f"/api/v1/chains/{given['id']}").json()["items"]
    assert [each["due"] for each in found["steps"]][1:3] == [
        "2026-03-01T12:00:05Z",
        "2026-03-01T12:01:00Z",
    ]


def test_a_chain_of_what_is_not_there_is_not_found(client: httpx.Client) -> None:
    assert problem(client.get(f"/api/v1/chains/{ABSENT}")).code == "not_found"
