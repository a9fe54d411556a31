"""Units at the door: the list, what became of each, pages; wrong codes leave their mark."""

from dataclasses import replace

import httpx
import pytest

from comity.hotline.relay_page import Form, checked_page, note_in
from comity.intake.receive import take_declaration
from comity.journal.pen import Pen
from comity.model.notice import Onward
from comity.storage.store import Transaction
from comity.trust.envelope import seal_own
from comity.wire.canonical import Json, sha256
from tests.web.problems import problem
from tests.web.support import (
    ABSENT,
    NOW,
    NOW_US,
    PEER_NOTICE,
    Rig,
    identity_of,
    notice,
    origin_of,
    peer_declaration,
    volume,
)

pytestmark = pytest.mark.serial

RELAY = f"/api/v1/notices/{PEER_NOTICE.hex()}/relay"
ATC: dict[str, Json] = {"name": "ATC", "kind": "atc", "means": "telephone", "channel": "room 4"}
WORD: dict[str, Json] = {"unit": "ATC", "state": "told", "role": "duty officer"}
OPEN_NOTICE = sha256(b"a notice that may be passed on")


@pytest.fixture(autouse=True)
def listed(client: httpx.Client) -> None:
    """ATC is on the list."""
    assert client.post("/api/v1/relay/units", json=ATC).status_code == 201


@pytest.fixture
def passable(rig: Rig) -> str:
    """The relay of a notice of bravo's that may be passed on in full."""

    def work(tx: Transaction, pen: Pen) -> None:
        if tx.sky.subject(OPEN_NOTICE) is None:
            said = replace(peer_declaration(), onward=Onward.FULL)
            given = seal_own(said, origin_of("bravo"))
            take_declaration(tx, pen, given, OPEN_NOTICE, NOW_US - 1_000_000)

    rig.node.scribe.submit(work, NOW_US).result(10)
    return f"/api/v1/notices/{OPEN_NOTICE.hex()}/relay"


def state_of(client: httpx.Client, unit: str = "ATC", relay: str = RELAY) -> str:
    units = client.get(relay).json()["units"]
    return str(next(each["state"] for each in units if each["unit"] == unit))


def test_a_unit_is_listed_changed_and_removed(client: httpx.Client) -> None:
    changed = client.post("/api/v1/relay/units", json=ATC | {"within_s": 90}).json()
    assert changed == ATC | {"within_s": 90.0, "added": NOW}
    assert client.get("/api/v1/relay/units").json()["items"] == [changed]
    gone = client.post("/api/v1/relay/removals", json={"name": "ATC"})
    assert gone.json()["items"] == []
    again = problem(client.post("/api/v1/relay/removals", json={"name": "ATC"}))
    assert (again.status, again.code, again.field) == (422, "unknown_unit", "unit")


def test_a_new_unit_is_to_be_told_of_what_is_live(client: httpx.Client) -> None:
    """And it is said by when, and why by then; the owner's handle is shown beside the name."""
    name = "One more"
    client.post("/api/v1/relay/units", json=ATC | {"name": name, "within_s": 30})
    view = client.get(RELAY).json()
    assert (view["owner"], view["others"]) == (origin_of("bravo"), [])
    [task] = [each for each in view["units"] if each["unit"] == name]
    assert (task["state"], task["due"]) == ("to-tell", "2026-03-01T12:00:30Z")
    assert task["ground"] == "it is expected to be reached within 30 s"
    assert len(task["handle"]) == 64
    opened = client.get("/api/v1/relay/open").json()
    assert name in [each["unit"] for each in opened["to_tell"]]
    client.post("/api/v1/relay/removals", json={"name": name})


def test_words_on_units_are_told_by_name_here_and_open_a_risk(client: httpx.Client) -> None:
    view = client.post(f"{RELAY}/words", json=WORD | {"state": "not-reached"}).json()
    assert state_of(client) == "not-reached"
    [task] = [each for each in view["units"] if each["unit"] == "ATC"]
    risks = client.get("/api/v1/relay/open").json()["risks"]
    assert ("ATC", task["handle"]) in [(each["unit"], each["handle"]) for each in risks]
    before = client.get("/api/v1/status").json()["open_risks"]
    told = WORD | {"state": "answered", "means": "radio", "channel": "118.1"}
    [task] = [
        each
        for each in client.post(f"{RELAY}/words", json=told).json()["units"]
        if each["unit"] == "ATC"
    ]
    assert (task["state"], task["means"], task["channel"]) == ("answered", "radio", "118.1")
    assert client.get("/api/v1/status").json()["open_risks"] == before - 1


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("words", WORD | {"unit": "nobody"}, "unknown_unit"),
        ("words", WORD | {"role": ""}, "no_role"),
        ("words", WORD | {"state": "to-tell"}, "not_in_list"),
        ("words", WORD | {"channel": "x" * 41}, "text_too_long"),
        ("picks", {"units": ["nobody"], "role": "x"}, "unknown_unit"),
        ("pages", {"unit": "ATC"}, "nothing_derived"),
        ("pages", {"unit": "ATC", "valid_for_s": 90_000}, "nothing_derived"),
        ("codes", {"unit": "ATC", "code": "ABCDY EFGHS", "role": "x"}, "no_page"),
        ("codes", {"unit": "ATC", "code": "ABCDE EFGHS", "role": "x"}, "voice_check"),
        ("codes", {"unit": "ATC", "code": "ABCDY", "role": "x"}, "voice_length"),
        ("codes", {"unit": "ATC", "code": "AB1DY EFGHS", "role": "x"}, "voice_letter"),
    ],
)
def test_what_is_wrong_changes_nothing(
    rig: Rig, client: httpx.Client, path: str, body: dict[str, Json], code: str
) -> None:
    before = rig.marks()
    assert problem(client.post(f"{RELAY}/{path}", json=body)).code == code
    assert rig.marks() == before


def test_what_is_not_there_is_not_found(client: httpx.Client) -> None:
    absent = f"/api/v1/notices/{ABSENT}/relay"
    assert problem(client.get(absent)).code == "not_found"
    for path, body in (("words", WORD), ("pages", {"unit": "ATC"})):
        assert problem(client.post(f"{absent}/{path}", json=body)).code == "not_found"


def test_a_page_is_signed_and_its_code_answers(
    rig: Rig, client: httpx.Client, passable: str
) -> None:
    keys, code = (identity_of("alpha").entry.verifier(),), ""
    for form in Form:
        request: Json = {"unit": "ATC", "form": form.value, "valid_for_s": 600}
        made = client.post(f"{passable}/pages", json=request).json()
        page = checked_page(made["page"].encode(), lambda _: keys)
        assert note_in(made["page"].encode()) == (made["note"].encode(), form)
        assert (made["shows"], list(page.code)) == (OPEN_NOTICE.hex(), made["code"])
        assert made["until"] == "2026-03-01T12:10:00Z"
        assert "ATC" not in made["page"]
        code = " ".join(made["code"])
    answer = client.post(
        f"{passable}/codes", json={"unit": "ATC", "code": code.lower(), "role": "duty officer"}
    )
    assert answer.status_code == 201
    assert answer.json()["right"] is True
    assert state_of(client, relay=passable) == "answered"
    assert rig.node.read(lambda r: r.people.units_of(OPEN_NOTICE))[0].name == "ATC"


def test_a_wrong_code_is_refused_and_on_record_and_guessing_is_slow(
    rig: Rig, client: httpx.Client, passable: str
) -> None:
    client.post(f"{passable}/pages", json={"unit": "ATC"})
    guess: Json = {"unit": "ATC", "code": "ABCDY EFGHS", "role": "duty officer"}
    once = {"Idempotency-Key": "a-guess"}
    before = rig.size()
    for _ in range(2):  # sent again it is one guess
        found = problem(client.post(f"{passable}/codes", json=guess, headers=once))
        assert (found.status, found.code) == (409, "wrong_code")
    assert rig.size() == before + 1
    for _ in range(4):
        assert problem(client.post(f"{passable}/codes", json=guess)).code == "wrong_code"
    found = problem(client.post(f"{passable}/codes", json=guess))
    assert (found.status, found.code) == (429, "too_many_codes")
    assert rig.size() == before + 5


def test_our_own_notice_is_ours_to_show(client: httpx.Client) -> None:
    area: Json = {"centre": [20.0, 20.0], "radius_m": 5_000}
    own = client.post(
        "/api/v1/notices", json=notice(volumes=[volume(footprint=area)], name="PLAN 9")
    ).json()["id"]
    made = client.post(f"/api/v1/notices/{own}/relay/pages", json={"unit": "ATC", "form": "txt"})
    assert made.status_code == 201, made.text
    assert made.json()["shows"] == own
    assert "PLAN 9" not in made.json()["page"]


def test_the_code_of_a_page_of_what_is_over_is_refused(client: httpx.Client) -> None:
    area: Json = {"centre": [21.0, 21.0], "radius_m": 5_000}
    body = notice(volumes=[volume(footprint=area)])
    own = client.post("/api/v1/notices", json=body).json()["id"]
    code = client.post(f"/api/v1/notices/{own}/relay/pages", json={"unit": "ATC"}).json()["code"]
    assert client.post(f"/api/v1/notices/{own}/moves", json={"move": "cancel"}).status_code == 201
    said: Json = {"unit": "ATC", "code": " ".join(code), "role": "duty officer"}
    found = problem(client.post(f"/api/v1/notices/{own}/relay/codes", json=said))
    assert (found.status, found.code) == (409, "page_over")
