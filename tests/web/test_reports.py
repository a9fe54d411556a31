"""Reports on hazards at the door: filed, listed with the hazard by arrival, wrong ones refused."""

import httpx
import pytest

from comity.intake.take_report import take_report
from comity.journal.pen import Pen
from comity.model.notice import Confidence
from comity.model.report import HazardReport, Stance
from comity.storage.store import Transaction
from comity.wire.canonical import Json, sha256
from comity.wire.report_v1 import fields_of_report
from tests.web.problems import problem
from tests.web.support import ABSENT, NOW, NOW_US, PEER_NOTICE, Rig, notice, origin_of, volume

pytestmark = pytest.mark.serial

BASIS: dict[str, Json] = {
    "source": "a NOTAM",
    "confidence": "probable",
    "expires": "2026-03-01T15:00:00Z",
}


def hazard(client: httpx.Client) -> str:
    made = client.post("/api/v1/notices", json=notice(kind="hazard", basis=BASIS))
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def body(**changes: Json) -> dict[str, Json]:
    whole: dict[str, Json] = {
        "stance": "supports",
        "source": "own post",
        "confidence": "possible",
        "to": ["bravo"],
    }
    return whole | changes


def brought(rig: Rig, of: str) -> None:
    """A report of bravo's, as the exchange would have brought it."""
    said = HazardReport(
        of=bytes.fromhex(of),
        stance=Stance.CONTRADICTS,
        source="our patrol",
        confidence=Confidence.CONFIRMED,
    )

    def work(tx: Transaction, pen: Pen) -> None:
        take_report(tx, pen, origin_of("bravo"), sha256(of.encode()), fields_of_report(said))

    rig.node.scribe.submit(work, NOW_US).result(10)


def test_reports_stand_in_the_hazards_view_by_arrival(rig: Rig, client: httpx.Client) -> None:
    of = hazard(client)
    brought(rig, of)
    made = client.post(f"/api/v1/notices/{of}/reports", json=body(volumes=[volume()]))
    assert made.status_code == 201, made.text
    found = client.get(f"/api/v1/notices/{of}").json()
    assert found["state"] == "declared"
    assert found["reports"] == [
        {
            "id": sha256(of.encode()).hex(),
            "by": origin_of("bravo"),
            "stance": "contradicts",
            "source": "our patrol",
            "confidence": "confirmed",
            "volumes": [],
            "at": NOW,
            "to": [],
        },
        made.json(),
    ]
    own = made.json()
    assert (own["by"], own["to"]) == (origin_of("alpha"), [origin_of("bravo")])
    assert own["volumes"][0]["footprint"]["centre"] == [35.0, 35.5]
    note = client.get(f"/api/v1/entries/{rig.size() - 1}").json()["note"]
    assert note.startswith("comity/report@v1\n")
    raised = client.get("/api/v1/warnings").json()["items"]
    assert ("hazard_contradicted", of) in {(each["kind"], each["about"]) for each in raised}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"stance": "denies"}, "not_in_list"),
        ({"stance": "narrows"}, "no_area"),
        ({"source": ""}, "no_source"),
        ({"confidence": "sure"}, "not_in_list"),
        ({"to": ["nobody"]}, "unknown_party"),
        ({"volumes": [volume(lower_m=9_000)]}, "inverted_band"),
        ({"volumes": [volume(footprint={"centre": [35, 35], "radius_m": 10})]}, "area_too_small"),
        ({"target": "x"}, "forbidden_field"),
    ],
)
def test_a_wrong_report_changes_nothing(
    rig: Rig, client: httpx.Client, changes: dict[str, Json], code: str
) -> None:
    of = hazard(client)
    before = rig.marks()
    assert problem(client.post(f"/api/v1/notices/{of}/reports", json=body() | changes)).code == code
    assert rig.marks() == before
    assert client.get(f"/api/v1/notices/{of}").json()["reports"] == []


def test_only_hazards_are_reported_on(client: httpx.Client) -> None:
    for of in (PEER_NOTICE.hex(), ABSENT):
        assert problem(client.post(f"/api/v1/notices/{of}/reports", json=body())).code == (
            "not_found"
        )
