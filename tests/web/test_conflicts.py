"""Conflicts over HTTP: one sentence each, what they draw, and what they keep to themselves."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
import shapely

from comity.airspace.explain import sentence
from comity.intake.recount import recounted
from comity.intake.terms import agreed
from comity.model.units import Units
from tests.web.problems import problem
from tests.web.support import ABSENT, NOW_US, PEER_NOTICE, Rig, notice, volume

OVER_BRAVO = volume(
    footprint={"centre": [36.1, 36.1], "radius_m": 5_000}, start="2026-03-01T12:45:00Z"
)
BESIDE_BRAVO = volume(
    footprint={"centre": [36.0, 36.3], "radius_m": 5_000}, start="2026-03-01T12:45:00Z"
)


def conflict_of(client: httpx.Client, area: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The subject and the conflict that a new declaration makes with bravo's operation."""
    receipt = client.post("/api/v1/notices", json=notice(volumes=[area])).json()
    (id_,) = receipt["conflicts"]
    view: dict[str, Any] = client.get(f"/api/v1/conflicts/{id_}").json()
    return receipt["subject"], view


def test_a_meeting_is_one_sentence_in_each_kind_of_units(client: httpx.Client) -> None:
    subject, view = conflict_of(client, OVER_BRAVO)
    said = view["sentence"]
    assert said["metric"].startswith(
        f"Our operation {subject[:8]} and bravo's operation {PEER_NOTICE.hex()[:8]} meet at 36."
    )
    assert " km " in said["metric"]
    assert said["metric"].endswith(
        "; they are to keep 5.556 km sideways, 914.4 m in height or 3 min in time apart; "
        "by clause block of terms, version 1."
    )
    assert "they are to keep 3 NM sideways, 3,000 ft in height" in said["aeronautical"]
    assert " NM " in said["aeronautical"]
    client.post(f"/api/v1/notices/{subject}/moves", json={"move": "cancel"})


WIDE = {"polygon": [[-60, -60], [60, -60], [60, 60], [-60, 60]]}
HALF_WAY = {"polygon": [[0, 0], [0, 180], [10, 0]]}
CROSSING = {"polygon": [[35, 35], [36, 36], [35, 36], [36, 35]]}


@pytest.mark.parametrize(
    ("area", "code"),
    [(WIDE, "too_wide"), (HALF_WAY, "antipodal_edge"), (CROSSING, "self_crossing")],
)
@pytest.mark.parametrize("path", ["checks", "checks/overlaps", "previews"])
def test_a_plan_with_no_area_is_refused_before_anything_is_read(
    client: httpx.Client, path: str, area: dict[str, Any], code: str
) -> None:
    plan = notice(volumes=[volume(footprint=area)])
    assert problem(client.post(f"/api/v1/{path}", json=plan)).code == code


def test_the_list_of_one_subject_has_what_holds(client: httpx.Client) -> None:
    subject, view = conflict_of(client, OVER_BRAVO)
    ask = {"subject": subject}
    assert client.get("/api/v1/conflicts", params=ask).json()["items"] == [view]
    client.post(f"/api/v1/notices/{subject}/moves", json={"move": "cancel"})
    assert client.get("/api/v1/conflicts", params=ask).json()["items"] == []
    after = client.get(f"/api/v1/conflicts/{view['id']}").json()
    # What was recorded is told as it was; heights and times, which were not, are left out.
    head, _, tail = view["sentence"]["metric"].partition("; both at")
    assert after["sentence"]["metric"] == f"{head}; {tail.partition('2026; ')[2]}"
    assert problem(client.get("/api/v1/conflicts", params={"subject": "x"})).code == "bad_id"


def test_an_overlap_is_geojson(client: httpx.Client) -> None:
    subject, view = conflict_of(client, OVER_BRAVO)
    answer = client.get(f"/api/v1/conflicts/{view['id']}/overlap")
    assert answer.headers["content-type"] == "application/geo+json"
    (feature,) = answer.json()["features"]
    assert feature["id"] == view["id"]
    assert feature["properties"]["role"] == "overlap"
    shape = shapely.geometry.shape(feature["geometry"])
    assert shape.is_valid
    assert shape.covers(shapely.Point(view["point"][::-1]))
    # Amended, the conflict is another; of the former the areas are not those of now.
    move = {"move": "amend", "volumes": [BESIDE_BRAVO]}
    client.post(f"/api/v1/notices/{subject}/moves", json=move)
    gone = client.get(f"/api/v1/conflicts/{view['id']}/overlap")
    assert (gone.status_code, problem(gone).code) == (409, "not_drawn")
    former = client.get(f"/api/v1/conflicts/{view['id']}").json()["sentence"]["metric"]
    assert former.startswith("Our operation")
    assert "both at" not in former  # the heights now may be others
    client.post(f"/api/v1/notices/{subject}/moves", json={"move": "cancel"})


def test_what_is_not_there_is_not_found(client: httpx.Client) -> None:
    for path in (ABSENT, f"{ABSENT}/overlap"):
        assert problem(client.get(f"/api/v1/conflicts/{path}")).code == "not_found"


def test_a_check_draws_what_it_finds_and_writes_nothing(rig: Rig, client: httpx.Client) -> None:
    before = rig.marks()
    found = client.post("/api/v1/checks", json=notice(volumes=[OVER_BRAVO])).json()["items"]
    answer = client.post("/api/v1/checks/overlaps", json=notice(volumes=[OVER_BRAVO]))
    assert answer.headers["content-type"] == "application/geo+json"
    drawn = [feature["id"] for feature in answer.json()["features"]]
    assert drawn == [each["id"] for each in found if not each["sealed"]]
    assert PEER_NOTICE.hex() in drawn
    words = found[drawn.index(PEER_NOTICE.hex())]["sentence"]["metric"]
    assert words.startswith("The plan and bravo's operation")
    assert rig.marks() == before


@pytest.mark.parametrize("clause", ["by clause gone of another, version 9, all is 1 km", ""])
def test_numbers_that_the_record_does_not_say_are_not_said(
    rig: Rig, client: httpx.Client, clause: str
) -> None:
    subject, view = conflict_of(client, OVER_BRAVO)

    def told(clause: str) -> str:
        def query(reading: Any) -> str:  # noqa: ANN401 - a reading
            (row,) = reading.sky.conflicts_of(bytes.fromhex(subject))
            found = agreed(reading, rig.node.origin, NOW_US)
            return sentence(recounted(reading, found, replace(row, clause=clause)), Units.METRIC)

        return rig.node.read(query)

    assert told(view["clause"]) == view["sentence"]["metric"]
    other = told(clause)
    assert "they are to keep" not in other
    assert other.endswith(f"; {clause}.")
    client.post(f"/api/v1/notices/{subject}/moves", json={"move": "cancel"})
