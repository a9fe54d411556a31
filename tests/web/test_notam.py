"""NOTAM drafts at the door: ours, and hazards that may be passed on; nothing is written."""

from dataclasses import replace

import httpx
import pytest

from comity.intake.receive import take_declaration
from comity.journal.pen import Pen
from comity.model.notice import Code, Confidence, HazardBasis, Onward
from comity.storage.store import Transaction
from comity.trust.envelope import seal_own
from comity.wire.canonical import Json, sha256
from tests.web.problems import problem
from tests.web.support import (
    ABSENT,
    MINUTE_US,
    NOW_US,
    PEER_NOTICE,
    Rig,
    notice,
    origin_of,
    peer_declaration,
    volume,
)

pytestmark = pytest.mark.serial


def declared(client: httpx.Client, **changes: Json) -> str:
    made = client.post("/api/v1/notices", json=notice(to=[]) | changes)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def hazard_of_bravo(rig: Rig, onward: Onward) -> str:
    basis = HazardBasis(
        source="x", confidence=Confidence.PROBABLE, expires_us=NOW_US + 90 * MINUTE_US
    )
    hazard = replace(peer_declaration(), code=Code.HAZARD, onward=onward, basis=basis)
    id_ = sha256(f"a hazard of bravo {onward}".encode())

    def work(tx: Transaction, pen: Pen) -> None:
        take_declaration(tx, pen, seal_own(hazard, origin_of("bravo")), id_, NOW_US)

    rig.node.scribe.submit(work, NOW_US).result(10)
    return id_.hex()


def test_each_volume_of_a_notice_of_ours_is_a_draft(rig: Rig, client: httpx.Client) -> None:
    area = volume(footprint={"centre": [35.2, 35.5], "radius_m": 10_000})
    id_ = declared(client, volumes=[volume(), area])
    before = rig.marks()
    found = client.get(f"/api/v1/notices/{id_}/notam?fir=OSTT&series=C").json()["items"]
    assert [(each["volume"], each["radius_nm"]) for each in found] == [(0, 6), (1, 6)]
    assert found[1]["centre"] == [35.2, 35.5]
    for each in found:
        lines = each["text"].splitlines()
        assert all(line.startswith("DRAFT, NOT PUBLISHED: ") for line in lines)
        assert lines[0].endswith("(C0000/26 NOTAMN")
        assert "Q) OSTT/QRDCA/IV/BO/W/000/132/" in lines[1]
        assert (each["start"], each["end"]) == ("2026-03-01T13:00:00Z", "2026-03-01T14:00:00Z")
    assert rig.marks() == before


def test_a_peers_hazard_is_drafted_only_if_its_owner_lets_it_be_passed_on(
    rig: Rig, client: httpx.Client
) -> None:
    full = hazard_of_bravo(rig, Onward.FULL)
    text = client.get(f"/api/v1/notices/{full}/notam").json()["items"][0]["text"]
    assert "REPORT PROBABLE, LAPSES 2603011330 UNLESS RENEWED" in text.replace(
        "\nDRAFT, NOT PUBLISHED: ", " "
    )
    for onward in (Onward.NONE, Onward.DERIVED):
        held = hazard_of_bravo(rig, onward)
        assert problem(client.get(f"/api/v1/notices/{held}/notam")).code == "notam_not_onward"
    theirs = problem(client.get(f"/api/v1/notices/{PEER_NOTICE.hex()}/notam"))
    assert (theirs.status, theirs.code) == (422, "notam_not_ours")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("fir=oslo", "bad_notam"),
        ("series=7", "bad_notam"),
        ("purpose=K", "bad_query"),
        ("aerodrome=OL", "bad_notam"),
        ("altitude=3", "unknown_parameter"),
    ],
)
def test_wrong_words_are_named(client: httpx.Client, query: str, code: str) -> None:
    id_ = declared(client)
    assert problem(client.get(f"/api/v1/notices/{id_}/notam?{query}")).code == code


def test_what_cannot_be_drafted_is_refused(client: httpx.Client) -> None:
    ended = declared(client)
    for move in ("start", "end"):
        client.post(f"/api/v1/notices/{ended}/moves", json={"move": move})
    below = declared(client, volumes=[volume(lower_m=-3_000, upper_m=-1_000)])
    convoy = declared(client, kind="presence", domain="ground", purpose="humanitarian")
    for id_, code in (
        (ended, "notam_over"),
        (below, "notam_below_ground"),
        (convoy, "notam_not_a_danger"),
        (ABSENT, "not_found"),
    ):
        assert problem(client.get(f"/api/v1/notices/{id_}/notam")).code == code
