"""The register over HTTP: what each answer tells, what none does, and who asked in vain."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from comity.intake.guard import take_read, take_sealed
from comity.journal.pen import Pen
from comity.model.notice import Code, Craft, Declaration, Domain, Onward, Purpose
from comity.model.protected import EntryRead, Protected, Sealed
from comity.model.quantity import Position
from comity.model.volume import Circle, HeightBand, Volume4D, Window
from comity.storage.store import Transaction
from comity.trust.sealed_box import box_name, seal_to
from comity.web.refusals import CHECKS_AN_HOUR_MAX
from comity.wire.canonical import sha256
from comity.wire.fields import Field
from comity.wire.register_v1 import (
    clear_text,
    commitment_of,
    fields_of_read,
    fields_of_sealed,
)
from tests.web.problems import problem
from tests.web.support import MINUTE_US, NOW_US, Rig, notice, origin_of, protection, served, volume
from tests.web.test_purge import ended, files, second

pytestmark = pytest.mark.serial

DAY_US = 1_440 * MINUTE_US
LAT, LON = 362_200_000, 363_300_000  # bravo's clinic
CLEAR = (b"36.22", b"36.33", b"RIVER-CLINIC", LAT.to_bytes(4, "big"), LON.to_bytes(4, "big"))


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Rig]:
    """A node of its own: what is recorded is looked at."""
    with served(tmp_path) as found:
        yield found


def clinic(end_us: int = NOW_US + DAY_US) -> Declaration:
    area = Circle(centre=Position(lat_e7=LAT, lon_e7=LON), radius_mm=2_000_000)
    site = Volume4D(
        footprint=area,
        heights=HeightBand(lower_mm=0, upper_mm=100_000),
        window=Window(start_us=NOW_US, end_us=end_us),
    )
    return Declaration(
        code=Code.PROTECT,
        purpose=Purpose.MEDICAL,
        domain=Domain.GROUND,
        craft=Craft.NONE,
        onward=Onward.NONE,
        name="RIVER-CLINIC",
        volumes=(site,),
    )


def sealed(rig: Rig, notice_: Declaration, number: int) -> tuple[Field, ...]:
    entry = Protected(
        owner=origin_of("bravo"),
        to=rig.node.origin,
        salt=sha256(b"salt" + bytes([number])),
        declaration=notice_,
    )
    clear, key = clear_text(entry), rig.node.identity.entry.verifier()
    data = seal_to(key, clear, sha256(b"chance" + bytes([number])))
    return fields_of_sealed(Sealed(key=box_name(key), commitment=commitment_of(clear), data=data))


def given(rig: Rig, number: int = 0) -> str:
    """Bravo gives alpha an entry; its handle."""
    id_, leaf = sha256(b"entry" + bytes([number])), sha256(b"leaf" + bytes([number]))
    fields = sealed(rig, clinic(), number)

    def work(tx: Transaction, pen: Pen) -> None:
        take_sealed(tx, pen, origin_of("bravo"), leaf, id_, NOW_US, fields)

    rig.node.scribe.submit(work, NOW_US).result(10)
    return id_.hex()


def opening(client: httpx.Client, id_: str, **changes: str) -> httpx.Response:
    body = {"role": "duty officer", "reason": "route of convoy 7"} | changes
    return client.post(f"/api/v1/register/{id_}/openings", json=body)


def test_one_answer_holds_volumes_and_the_owner_is_told_of_it_first(fresh: Rig) -> None:
    id_ = given(fresh)
    with fresh.client("all") as client:
        size = fresh.size()
        answer = opening(client, id_)
        assert answer.status_code == 201, answer.text
        shown = answer.json()
        assert shown["volumes"][0]["footprint"] == {
            "centre": [36.22, 36.33],
            "radius_m": 2000.0,
            "polygon": None,
            "line": None,
            "half_width_m": None,
            "holes": None,
        }
        assert (shown["handle"], shown["owner"]) == (id_, origin_of("bravo"))
    assert fresh.size() == size + 1
    [waiting] = [
        row
        for row in fresh.node.read(lambda r: r.post.outbox(origin_of("bravo"), 100))
        if row.index == size
    ]
    entry = fresh.node.read(lambda r: r.journal.entry(waiting.index))
    assert entry is not None
    assert b"comity/read@v1" in entry.body
    said = fresh.node.read(lambda r: r.journal.opening(entry.leaf))
    assert said is not None
    for word in (b"duty officer", b"route of convoy 7"):
        assert word in said.fields
    assert b"all" not in said.fields  # the caller's own name stays at home


def test_no_other_answer_metric_or_line_of_the_diagnostics_holds_it(
    fresh: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    """Everything that can be asked, after it was opened, met and renewed."""
    caplog.set_level("DEBUG")
    id_ = given(fresh)
    with fresh.client("all") as client:
        assert opening(client, id_).status_code == 201
        area = volume(footprint={"centre": [36.2, 36.3], "radius_m": 9_000})
        met = client.post("/api/v1/notices", json=notice(volumes=[area])).json()
        assert len(met["conflicts"]) == 1
        checked = client.post("/api/v1/checks", json=notice(volumes=[area])).json()
        said = json.dumps(checked)
        for path in (
            *("/metrics", "/healthz"),
            *(
                f"/api/v1/{name}"
                for name in (
                    *("status", "notices", "conflicts", "risks", "warnings", "calls"),
                    *("parties", "entries", "evidence", "register", "register/reads"),
                    *("register/test", "agreements", "purges", "signing-keys"),
                )
            ),
            *(f"/api/v1/entries/{index}" for index in range(fresh.size())),
            f"/api/v1/notices/{met['id']}",
        ):
            answer = client.get(path)
            assert answer.status_code == 200, (path, answer.text)
            said += answer.text
        (conflict,) = met["conflicts"]
        view = client.get(f"/api/v1/conflicts/{conflict}").json()["sentence"]
        said += (
            json.dumps(view)
            + client.post("/api/v1/checks/overlaps", json=notice(volumes=[area])).text
        )
        assert f"bravo's register entry {id_[:8]} meet in the cell about 36.5" in view["metric"]
        assert "both at" not in view["metric"]
        drawn = client.get(f"/api/v1/conflicts/{conflict}/overlap")
        assert problem(drawn).code == "not_drawn"
        said += drawn.text
        assert problem(client.get(f"/api/v1/notices/{id_}")).code == "not_found"
        assert problem(client.get(f"/api/v1/register/{id_}")).code == "no_such_route"
    held = said.encode() + "".join(record.getMessage() for record in caplog.records).encode()
    assert [word for word in CLEAR if word in held] == []
    assert [word for word in CLEAR if word in files(fresh.folder)] == []
    assert "36°13" not in held.decode()  # nor in degrees and minutes
    assert b"36.2" in held  # our own area is there: the search finds what is there


def test_a_list_shows_owner_cell_expiry_and_handle_page_by_page(fresh: Rig) -> None:
    handles = sorted(given(fresh, number) for number in range(3))
    with fresh.client("read") as client:
        page = client.get("/api/v1/register", params={"limit": 2}).json()
        assert [row["handle"] for row in page["items"]] == handles[:2]
        rest = client.get("/api/v1/register", params={"after": page["next"]}).json()
        assert [row["handle"] for row in rest["items"]] == handles[2:]
        assert rest["next"] is None
    assert page["items"][0] == {
        "handle": handles[0],
        "owner": origin_of("bravo"),
        "cell": {"south": 36.0, "west": 36.0, "size": 1.0},
        "expires": "2026-03-02T12:00:00Z",
        "deliveries": [],
    }


def test_giving_is_refused_by_name_and_snapping_is_asked_for(fresh: Rig) -> None:
    fine = volume(
        footprint={"centre": [35.5123456, 35.7654321], "radius_m": 500},
        start="2026-03-01T12:00:00Z",
        end="2026-03-02T12:00:00Z",
    )
    with fresh.client("all") as client:
        no = problem(client.post("/api/v1/register", json=protection(volumes=[fine])))
        assert (no.status, no.code) == (422, "precision_below_floor")
        assert no.basis == "defaults/0#-:register_grid_e7"
        no = problem(client.post("/api/v1/register", json=protection(to=[])))
        assert no.code == "missing_field"
        no = problem(client.post("/api/v1/register", json=protection(to=["charlie"])))
        assert no.code == "no_agreement"
        body = protection(volumes=[fine], snap=True)
        made = client.post("/api/v1/register", json=body)
        assert made.status_code == 201, made.text
        for word in ("35.5", "35.7"):
            assert word not in made.text
        id_ = made.json()["id"]
        [row] = client.get("/api/v1/register").json()["items"]
        assert row["deliveries"][0]["to"] == origin_of("bravo")
        shown = opening(client, id_, role="", reason="").json()  # our own: nobody is told
        assert shown["volumes"][0]["footprint"]["centre"] == [35.51, 35.77]
        assert shown["volumes"][0]["footprint"]["radius_m"] == 1_300
    assert b"355123456" not in files(fresh.folder)
    assert (355_123_456).to_bytes(4, "big") not in files(fresh.folder)


def test_renewed_and_withdrawn_over_http(fresh: Rig) -> None:
    with fresh.client("all") as client:
        id_ = client.post("/api/v1/register", json=protection()).json()["id"]
        path = f"/api/v1/register/{id_}"
        body = {"until": "2026-03-09T12:00:00Z"}
        assert client.post(f"{path}/renewals", json=body).status_code == 201
        assert client.get("/api/v1/register").json()["items"][0]["expires"] == body["until"]
        far = {"until": "2027-03-09T12:00:00Z"}
        assert problem(client.post(f"{path}/renewals", json=far)).code == "expiry_too_long"
        done = client.post(f"{path}/release", json={})
        assert (done.status_code, done.json()["state"]) == (201, "ended")
        assert client.get("/api/v1/register").json()["items"] == []
        assert problem(client.post(f"{path}/release", json={})).code == "no_such_move"
        assert problem(opening(client, id_)).code == "not_found"


def test_an_answer_that_holds_a_volume_is_kept_for_no_repetition(fresh: Rig) -> None:
    id_ = given(fresh)
    with fresh.client("all") as client:
        once = {"idempotency-key": "the-same"}
        body = {"role": "duty officer", "reason": "a route"}
        path = f"/api/v1/register/{id_}/openings"
        assert client.post(path, json=body, headers=once).status_code == 201
        again = client.post(path, json=body, headers=once)
        assert problem(again).code == "answer_not_kept"
    assert [word for word in CLEAR if word in files(fresh.folder)] == []


def test_a_check_declares_nothing_and_tells_no_volume(fresh: Rig) -> None:
    id_ = given(fresh)
    before = (fresh.marks(), files(fresh.folder))
    area = volume(footprint={"centre": [36.22, 36.33], "radius_m": 9_000})
    with fresh.client("declare") as client:
        answer = client.post("/api/v1/checks", json=notice(volumes=[area]))
        assert answer.status_code == 200
    found = {row["id"]: row for row in answer.json()["items"]}
    assert found[id_] == {
        "id": id_,
        "owner": origin_of("bravo"),
        "kind": "presence",
        "sealed": True,
        "meets": True,
        "closest_m": 0.0,
        "vertical_gap_m": 0.0,
        "time_gap_s": 0.0,
        "clause": found[id_]["clause"],
        "sentence": found[id_]["sentence"],
        "time_to_clear_s": None,
        "terms_s": None,
        "unable": None,
        "clear_needs_s": None,
        "verdict": None,
        "reason": None,
    }
    assert found[id_]["sentence"]["metric"] == (
        f"The plan and bravo's register entry {id_[:8]} meet; they are to keep 5.556 km sideways, "
        "914.4 m in height or 3 min in time apart; by clause block of terms, version 1."
    )
    with fresh.client("declare") as client:
        drawn = client.post("/api/v1/checks/overlaps", json=notice(volumes=[area]))
    assert id_ not in {feature["id"] for feature in drawn.json()["features"]}
    assert "clearance_lateral_mm is 5.556 km" in found[id_]["clause"]
    assert (fresh.marks(), files(fresh.folder)) == before


# --- who asks in vain ----------------------------------------------------------------------------


def refusals(rig: Rig) -> list[str]:
    rows = rig.node.read(lambda r: r.sky.warnings())
    return [row.text for row in rows if row.kind == "register_refused"]


def test_who_asks_in_vain_is_named_in_our_record_once_an_hour(fresh: Rig) -> None:
    id_ = given(fresh)
    size = fresh.size()
    with fresh.client(None) as stranger, fresh.client("read") as reader:
        for client, code in ((stranger, "no_key"), (reader, "scope_missing")):
            for _ in range(3):
                assert problem(opening(client, id_)).code == code
    assert refusals(fresh) == [
        "a stranger asked for the protected register and was refused (no_key)",
        "read asked for the protected register and was refused (scope_missing)",
    ]
    assert fresh.size() == size + 2
    for index in (size, size + 1):
        entry = fresh.node.read(lambda r, at=index: r.journal.entry(at))  # type: ignore[misc]
        assert entry is not None
        assert b"comity/warning@v1" in entry.body
    fresh.clock.set(NOW_US + 60 * MINUTE_US)
    with fresh.client("read") as reader:
        assert problem(opening(reader, id_)).code == "scope_missing"
    assert fresh.size() == size + 3
    last = fresh.node.read(lambda r: r.journal.entry(size + 2))
    assert last is not None
    kept = fresh.node.read(lambda r: r.journal.opening(last.leaf))
    assert kept is not None
    assert b"refused (scope_missing), 3 times since the last record" in kept.fields


def test_an_entitled_caller_is_named_for_what_is_not_there_and_not_for_a_slip(fresh: Rig) -> None:
    id_ = given(fresh)
    with fresh.client("register") as client:
        assert problem(opening(client, id_, reason="")).code == "no_reason"
        assert refusals(fresh) == []
        assert problem(opening(client, "ab" * 32)).code == "not_found"
    assert len(refusals(fresh)) == 1


def test_answers_about_sealed_entries_are_numbered_and_no_others(fresh: Rig) -> None:
    """A check leaves no record, so nobody may ask until the edge is found."""
    given(fresh)
    near = notice(volumes=[volume(footprint={"centre": [36.22, 36.33], "radius_m": 9_000})])
    far = notice(volumes=[volume(footprint={"centre": [10.0, 10.0], "radius_m": 9_000})])
    with fresh.client("declare") as client, fresh.client("all") as other:
        for _ in range(CHECKS_AN_HOUR_MAX):
            assert client.post("/api/v1/checks", json=near).status_code == 200
        no = problem(client.post("/api/v1/checks", json=near))
        assert (no.status, no.code) == (429, "too_many_checks")
        assert client.post("/api/v1/checks", json=far).status_code == 200
        assert other.post("/api/v1/checks", json=near).status_code == 200
        assert "refused (too_many_checks)" in refusals(fresh)[-1]
        fresh.clock.set(NOW_US + 60 * MINUTE_US)
        assert client.post("/api/v1/checks", json=near).status_code == 200


# --- reads, tests, purge -------------------------------------------------------------------------


def test_the_owner_sees_the_reads_and_the_near_misses(fresh: Rig) -> None:
    with fresh.client("all") as client:
        id_ = client.post("/api/v1/register", json=protection()).json()["id"]
        known_as = client.get("/api/v1/register").json()["items"][0]["deliveries"][0]["known_as"]
        read = EntryRead(of=bytes.fromhex(known_as), role="pilot", reason="my route", at_us=NOW_US)
        leaf = sha256(b"a statement")
        fresh.node.scribe.submit(
            lambda tx, pen: take_read(tx, pen, origin_of("bravo"), leaf, fields_of_read(read)),
            NOW_US,
        ).result(10)
        [seen] = client.get("/api/v1/register/reads").json()["items"]
        assert (seen["handle"], seen["party"]) == (id_, origin_of("bravo"))
        assert (seen["role"], seen["reason"]) == ("pilot", "my route")
        area = volume(footprint={"centre": [35.51, 35.77], "radius_m": 1_000}, upper_m=90_000)
        client.post("/api/v1/notices", json=notice(volumes=[area]))
        [tested] = client.get("/api/v1/register/test").json()["items"]
        assert (tested["handle"], tested["within"]) == (id_, 1)
        assert tested["misses"][0]["meets"] is True


def test_a_purge_takes_what_is_sealed_and_who_read_it(fresh: Rig) -> None:
    with fresh.client("all") as client, second(fresh) as other:
        live = client.post("/api/v1/register", json=protection()).json()["id"]
        mine = client.post("/api/v1/register", json=protection(name="OVER")).json()["id"]
        no = problem(client.post("/api/v1/purges", json={"notice": live}))
        assert no.code == "still_live"
        client.post(f"/api/v1/register/{mine}/release", json={})
        no = problem(client.post("/api/v1/purges", json={"notice": mine}))
        assert no.code == "still_waiting"
        for row in fresh.node.read(lambda r: r.post.outbox(origin_of("bravo"), 100)):
            fresh.node.scribe.submit(
                lambda tx, _, at=row.index: tx.post.drop_out(origin_of("bravo"), at),  # type: ignore[misc]
                NOW_US,
            ).result(10)
        kept = fresh.node.read(lambda r: r.register.protected(bytes.fromhex(mine)))
        assert kept is not None
        openings = fresh.node.read(lambda r: r.journal.opening(kept.leaf))
        assert openings is not None  # the owner can still prove what it gave, until it is purged
        late = {"before": "2026-04-01T00:00:00Z"}
        proposal = client.post("/api/v1/purges", json=late).json()
        assert mine in proposal["subjects"]
        assert live not in proposal["subjects"]
        done = other.post(f"/api/v1/purges/{proposal['id']}/confirm", json={})
        assert done.status_code == 201, done.text
        assert fresh.node.read(lambda r: r.register.protected(bytes.fromhex(mine))) is None
        assert fresh.node.read(lambda r: r.journal.opening(kept.leaf)) is None
        assert openings.fields not in files(fresh.folder)
        assert client.get("/api/v1/register").json()["items"][0]["handle"] == live


def test_what_ended_is_purged_with_nothing_else(fresh: Rig) -> None:
    """A plain notice is purged as before, beside the register."""
    with fresh.client("all") as client, second(fresh) as other:
        made = client.post("/api/v1/notices", json=notice(to=[])).json()["id"]
        id_ = given(fresh)
        ended(client, made)
        proposal = client.post("/api/v1/purges", json={"notice": made}).json()
        assert other.post(f"/api/v1/purges/{proposal['id']}/confirm", json={}).status_code == 201
        assert [row["handle"] for row in client.get("/api/v1/register").json()["items"]] == [id_]


def test_ids_of_no_kind_do_not_confuse_it(fresh: Rig) -> None:
    with fresh.client("all") as client:
        for verb, body in (("renewals", {"until": "2026-03-09T12:00:00Z"}), ("release", {})):
            answer = client.post(f"/api/v1/register/{'ab' * 32}/{verb}", json=body)
            assert problem(answer).code == "not_found"
        assert problem(client.post("/api/v1/register/zz/release", json={})).code == "bad_id"
