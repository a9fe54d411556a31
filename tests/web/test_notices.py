"""Notices as a caller sees them: declared, moved, listed page by page, answered, judged."""

from collections.abc import Iterator

import httpx
import msgspec
import pytest

from comity.hotline.answer import take_answer
from comity.hotline.attest import take_attestation
from comity.journal.pen import Pen
from comity.model.answer import Answer, Attestation, KeyFields, Step, UnitReport, UnitState
from comity.model.lifecycle import LifeState
from comity.model.quantity import Position
from comity.storage.rows import TakenRow
from comity.storage.store import Transaction
from comity.web.api import notices
from comity.web.api.shapes import KeyFields as KeyFieldsView
from comity.web.api.shapes import NoticeReceipt, NoticeView
from comity.wire.answer_v1 import fields_of_answer, fields_of_attestation
from comity.wire.canonical import Json
from comity.wire.entry_v1 import EntryType
from tests.web.problems import problem
from tests.web.support import (
    MINUTE_US,
    NOW,
    NOW_US,
    PEER_NOTICE,
    Rig,
    notice,
    origin_of,
    served,
    volume,
)

BRAVO = origin_of("bravo")


def declare(client: httpx.Client, **changes: Json) -> NoticeReceipt:
    answer = client.post("/api/v1/notices", json=notice(**changes))
    assert answer.status_code == 201, answer.text
    return msgspec.json.decode(answer.content, type=NoticeReceipt)


def show(client: httpx.Client, id_: str) -> NoticeView:
    answer = client.get(f"/api/v1/notices/{id_}")
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=NoticeView)


def test_a_receipt_says_what_was_written(rig: Rig, client: httpx.Client) -> None:
    before = rig.size()
    receipt = declare(client)
    assert receipt.id == receipt.subject
    assert receipt.state is LifeState.DECLARED
    (entry,) = receipt.entries
    assert (entry.to, entry.index, entry.delivered) == (BRAVO, before, None)
    shown = client.get(f"/api/v1/entries/{before}").json()
    assert shown["leaf"] == entry.leaf
    assert f"to {BRAVO}\n" in shown["note"]


def test_what_was_declared_is_shown(client: httpx.Client) -> None:
    polygon: Json = [[10.0, 10.0], [10.0, 11.0], [11.0, 11.0]]
    receipt = declare(
        client,
        kind="presence",
        name="ORBIT 1",
        purpose="survey",
        craft="unarmed",
        onward="derived",
        clear_needs_s=90.5,
        volumes=[volume(), volume(footprint={"polygon": polygon}, uncertainty_lateral_m=12.5)],
    )
    shown = show(client, receipt.id)
    assert (shown.kind, shown.code, shown.name) == ("presence", "V1", "ORBIT 1")
    assert (shown.purpose, shown.craft, shown.onward) == ("survey", "unarmed", "derived")
    assert (shown.owner, shown.issued, shown.delivered) == (origin_of("alpha"), NOW, None)
    assert (shown.clear_needs_s, shown.assessment) == (90.5, None)
    assert shown.volumes[1].footprint.polygon == [(10.0, 10.0), (10.0, 11.0), (11.0, 11.0)]
    assert shown.volumes[1].uncertainty_lateral_m == 12.5
    assert shown.read_back_to_give == KeyFieldsView(
        start="2026-03-01T13:00:00Z",
        end="2026-03-01T14:00:00Z",
        points=[(35.0, 35.5), (10.0, 10.0)],
        lower_m=0.0,
        upper_m=3_000.0,
    )


LEVELS = volume(
    datum="agl",
    upper_datum="flight-level",
    upper_m=5_943.6,
    reference={"qnh_hpa": 1008, "qnh_at": NOW, "terrain_lower_m": 0, "terrain_upper_m": 340},
)


def test_heights_are_kept_as_given_beside_what_they_became(client: httpx.Client) -> None:
    [shown] = show(client, declare(client, volumes=[LEVELS]).id).volumes
    assert (shown.datum, shown.upper_datum, shown.reference) == ("wgs84", None, None)
    given = shown.given
    assert given is not None
    assert (given.lower_m, given.lower_datum) == (0.0, "agl")
    assert (given.upper_m, given.upper_datum) == (5_943.6, "flight-level")
    assert (given.reference.qnh_hpa, given.reference.qnh_at) == (1008.0, NOW)
    assert given.reference.terrain_upper_m == 340.0
    assert sum(each.metres for each in given.added) == pytest.approx(shown.uncertainty_vertical_m)
    # what was shown may be declared again, as it is
    again = msgspec.to_builtins(shown)
    [twice] = show(client, declare(client, volumes=[again], name="again").id).volumes
    assert twice == shown


def test_a_preview_and_a_check_convert_too(client: httpx.Client) -> None:
    [told] = client.post("/api/v1/previews", json=notice(volumes=[LEVELS])).json()["items"]
    assert told["volumes"][0]["given"]["upper_datum"] == "flight-level"
    # 1.5 km above what bravo declared is far enough; a level of unknown air may stand lower
    high: dict[str, Json] = {"lower_m": 10_500, "upper_m": 10_600}
    high["footprint"] = {"centre": [36.0, 36.0], "radius_m": 10_000}
    found = {
        datum: client.post("/api/v1/checks", json=notice(volumes=[volume(datum=datum, **high)]))
        for datum in ("wgs84", "msl", "flight-level")
    }
    assert {datum: len(each.json()["items"]) for datum, each in found.items()} == {
        "wgs84": 0,
        "msl": 0,
        "flight-level": 1,
    }


def test_a_hazard_quotes_its_source(client: httpx.Client) -> None:
    basis: dict[str, Json] = {
        "source": "NOTAM A1/26",
        "confidence": "probable",
        "expires": "2026-03-01T15:00:00Z",
    }
    receipt = declare(client, kind="hazard", to=["bravo", "charlie"], basis=basis)
    assert msgspec.to_builtins(show(client, receipt.id).basis) == basis


def test_a_life_from_declaration_to_end(client: httpx.Client) -> None:
    first = declare(client)
    path = f"/api/v1/notices/{first.id}/moves"
    shifted = volume(start="2026-03-01T15:00:00Z", end="2026-03-01T16:00:00Z")
    amended = client.post(path, json={"move": "amend", "volumes": [shifted]}).json()
    assert amended["subject"] == first.id != amended["id"]
    shown = show(client, first.id)
    assert (shown.notice, shown.id) == (amended["id"], first.id)
    assert shown.volumes[0].start == "2026-03-01T15:00:00Z"
    assert show(client, amended["id"]) == shown  # any notice about it leads to it
    for move, state in (("start", "active"), ("end", "ended")):
        answer = client.post(f"/api/v1/notices/{amended['id']}/moves", json={"move": move})
        assert answer.json()["state"] == state
    assert problem(client.post(path, json={"move": "start"})).code == "no_such_move"


def test_a_declaration_kept_at_home_goes_to_nobody(rig: Rig, client: httpx.Client) -> None:
    receipt = declare(client, to=[])
    assert show(client, receipt.id).deliveries == []
    index = rig.size() - 1
    waiting = rig.node.read(lambda r: r.post.outbox(BRAVO, 500))
    assert [row for row in waiting if row.index == index] == []


def test_conflicts_are_told_at_once(client: httpx.Client) -> None:
    over_bravo = volume(
        footprint={"centre": [36.1, 36.1], "radius_m": 5_000}, start="2026-03-01T12:45:00Z"
    )
    receipt = declare(client, volumes=[over_bravo], craft="unarmed")
    (conflict,) = receipt.conflicts
    one = _one(client, "conflicts", "id", conflict)
    assert {one["a"], one["b"]} == {receipt.id, PEER_NOTICE.hex()}
    assert (one["meets"], one["over"], one["closest_m"]) == (True, None, 0.0)
    assert _one(client, "warnings", "about", conflict)["kind"] == "conflict"
    client.post(f"/api/v1/notices/{receipt.id}/moves", json={"move": "cancel"})
    assert _one(client, "conflicts", "id", conflict)["over"] == NOW


def test_a_peers_notice_is_judged(client: httpx.Client) -> None:
    shown = show(client, PEER_NOTICE.hex())
    assert (shown.owner, shown.delivered, shown.deliveries) == (BRAVO, NOW, [])
    assert msgspec.to_builtins(shown.assessment) == {
        "lead_s": 1_800.0,
        "time_to_clear_s": None,
        "terms_s": None,
        "unable": None,
        "clear_needs_s": None,
        "verdict": "sufficient",
        "reason": "nothing_inside",
        "for_presence": None,
    }


def test_people_answer_a_peers_notice(client: httpx.Client) -> None:
    path = f"/api/v1/notices/{PEER_NOTICE.hex()}/answers"
    fields = msgspec.to_builtins(show(client, PEER_NOTICE.hex()).read_back_to_give)
    body = {"step": "read-back", "role": "duty", "read_back": fields}
    right = client.post(path, json=body).json()
    assert right["check"] == {"agrees": True, "moved_m": [0.0], "differs": []}
    assert (right["by"], right["of"]) == (origin_of("alpha"), PEER_NOTICE.hex())
    wrong = body | {"read_back": fields | {"points": [[36.1, 36.0]], "upper_m": 8_000}}
    check = client.post(path, json=wrong).json()["check"]
    assert (check["agrees"], check["differs"]) == (False, ["upper"])
    assert check["moved_m"][0] == pytest.approx(11_100, abs=20)
    unable = client.post(path, json={"step": "unable", "role": "duty", "reason": "low-fuel"}).json()
    assert (unable["reason"], unable["check"]) == ("low-fuel", None)
    steps = [answer.step for answer in show(client, PEER_NOTICE.hex()).answers]
    assert sorted(steps) == [Step.READ_BACK, Step.READ_BACK, Step.UNABLE]


def test_units_have_names_at_home_only(client: httpx.Client) -> None:
    path = f"/api/v1/notices/{PEER_NOTICE.hex()}/attestations"
    at = "2026-03-01T11:58:00Z"
    units: Json = [
        {"unit": "BATTERY 1", "state": "told"},
        {"unit": "BATTERY 2", "state": "not-reached", "at": at},
    ]
    items = client.post(path, json={"units": units}).json()["items"]
    assert [(i["unit"], i["state"], i["open"]) for i in items] == [
        ("BATTERY 1", "told", False),
        ("BATTERY 2", "not-reached", True),
    ]
    assert (items[1]["at"], items[1]["known"]) == (at, NOW)
    before = client.get("/api/v1/status").json()["open_risks"]
    told: Json = {"units": [{"unit": "BATTERY 2", "state": "answered"}]}
    assert client.post(path, json=told).json()["items"][0]["handle"] == items[1]["handle"]
    assert client.get("/api/v1/status").json()["open_risks"] == before - 1
    assert _one(client, "risks", "unit", "BATTERY 2")["open"] is False


def test_what_a_peer_did_with_a_notice_is_shown(rig: Rig, client: httpx.Client) -> None:
    receipt = declare(client)
    given = bytes.fromhex(receipt.id)
    delivery_of(rig, given, at_us=NOW_US + MINUTE_US)
    theirs(rig, given)
    (delivery,) = show(client, receipt.id).deliveries
    assert (delivery.to, delivery.delivered) == (BRAVO, "2026-03-01T12:01:00Z")
    assert delivery.verdict == "accepted"
    assert (delivery.seen, delivery.read_back) == ("2026-03-01T12:02:00Z", "2026-03-01T12:03:00Z")
    risk = _one(client, "risks", "notice", receipt.id)
    assert (risk["party"], risk["unit"], risk["open"]) == (BRAVO, None, True)


def test_what_was_said_of_an_older_notice_is_not_said_of_the_newest(
    rig: Rig, client: httpx.Client
) -> None:
    receipt = declare(client)
    given = bytes.fromhex(receipt.id)
    delivery_of(rig, given, at_us=NOW_US)
    theirs(rig, given)
    path = f"/api/v1/notices/{receipt.id}/moves"
    client.post(path, json={"move": "amend", "volumes": [volume(upper_m=4_000)]})
    shown = show(client, receipt.id)
    (delivery,) = shown.deliveries
    assert (delivery.delivered, delivery.seen, delivery.read_back) == (None, None, None)
    assert len(shown.answers) == 2


def _one(client: httpx.Client, path: str, key: str, value: str) -> dict[str, Json]:
    """The one item of a list that has a value."""
    items: list[dict[str, Json]] = client.get(f"/api/v1/{path}").json()["items"]
    (found,) = [item for item in items if item[key] == value]
    return found


def delivery_of(rig: Rig, given: bytes, at_us: int) -> None:
    """As if bravo had taken it."""

    def work(tx: Transaction, _: Pen) -> None:
        index = tx.journal.index_of_content(given, BRAVO)
        assert index is not None
        tx.post.save_taken(
            TakenRow(
                index=index,
                peer=BRAVO,
                receipt=b"",
                receipt_proof=b"",
                give_proof=b"",
                bind_index=index,
                taken_us=at_us,
                verdict="accepted",
            )
        )

    rig.node.scribe.submit(work, NOW_US).result(5)


def theirs(rig: Rig, given: bytes) -> None:
    """As if people at bravo had seen it, read it back wrongly and missed a unit."""
    heard = KeyFields(
        start_us=NOW_US,
        end_us=NOW_US,
        points=(Position(lat_e7=0, lon_e7=0),),
        lower_mm=0,
        upper_mm=0,
    )
    seen = Answer(of=given, step=Step.SEEN, role="duty officer")
    back = Answer(of=given, step=Step.READ_BACK, role="duty officer", read_back=heard)
    unit = UnitReport(handle=b"u" * 32, state=UnitState.NOT_REACHED, at_us=NOW_US)
    for minutes, answer in ((2, seen), (3, back)):

        def answered(tx: Transaction, pen: Pen, answer: Answer = answer) -> None:
            leaf = bytes([answer.step == Step.SEEN]) * 16 + given[:16]
            take_answer(tx, pen, BRAVO, EntryType.ANSWER, leaf, fields_of_answer(answer))

        rig.node.scribe.submit(answered, NOW_US + minutes * MINUTE_US).result(5)

    def attested(tx: Transaction, pen: Pen) -> None:
        fields = fields_of_attestation(Attestation(of=given, units=(unit,)))
        take_attestation(tx, pen, rig.node.handle_secret, BRAVO, fields)

    rig.node.scribe.submit(attested, NOW_US).result(5)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A node with thirty notices of its own and one of a peer's."""
    with served(tmp_path_factory.mktemp("crowd")) as rig, rig.client("all") as client:
        for number in range(30):
            kind = ("operation", "presence")[number % 2]
            area: Json = {"centre": [-20 + number / 10, 20], "radius_m": 1_000}
            declare(client, kind=kind, to=[], volumes=[volume(footprint=area)])
        yield rig


def pages(client: httpx.Client, query: str) -> list[list[str]]:
    found: list[list[str]] = []
    after = ""
    while len(found) < 100:
        page = client.get(f"/api/v1/notices?{query}{after}").json()
        found.append([item["id"] for item in page["items"]])
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"
    raise AssertionError("pages without an end")


@pytest.mark.parametrize(("limit", "count"), [(1, 31), (10, 4), (30, 2), (31, 1), (500, 1)])
def test_pages_are_whole_and_apart(crowd: Rig, limit: int, count: int) -> None:
    with crowd.client("read") as client:
        found = pages(client, f"limit={limit}")
    assert len(found) == count
    ids = [id_ for page in found for id_ in page]
    assert len(ids) == len(set(ids)) == 31
    assert all(len(page) <= limit for page in found)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("owner=own", 30),
        ("owner=peer", 1),
        ("kind=presence", 15),
        ("kind=operation", 16),
        ("kind=operation&owner=own", 15),
        ("kind=hazard", 0),
    ],
)
def test_lists_can_be_narrowed(crowd: Rig, query: str, count: int) -> None:
    with crowd.client("read") as client:
        assert sum(map(len, pages(client, f"limit=7&{query}"))) == count


def test_a_page_has_a_sane_size_and_says_that_there_is_more(
    crowd: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "_PAGE_CONTENT_BYTES_MAX", 2_000)
    with crowd.client("read") as client:
        found = pages(client, "limit=500")
    assert len(found) > 5
    assert sum(map(len, found)) == 31
