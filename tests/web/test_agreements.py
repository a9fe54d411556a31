"""Agreements at the door: signed, shown, asked, suspended; and what others would be told."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from comity.intake.agree import take_note
from comity.journal.pen import Pen
from comity.model.clause import Agreement
from comity.model.parameter import PARAMETERS
from comity.storage.store import Transaction
from comity.trust.note import serialise, sign_note
from comity.wire.agreement_v1 import agreement_hash, agreement_text, fields_of_note
from comity.wire.canonical import Json
from tests.agreement.samples import ALPHA, BRAVO, agreement, clause
from tests.web.problems import problem
from tests.web.support import NOW, NOW_US, Rig, identity_of, notice, served

pytestmark = pytest.mark.serial
BOTH = agreement(
    clause("notice", lead_short_notice_us=7_200_000_000),
    clause("disclosure", disclosure_step=1),
    from_us=NOW_US,
)
HASH = agreement_hash(agreement_text(BOTH)).hex()
STANDING = f"/api/v1/agreements/{HASH}/standing"


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A node for each test: they sign and suspend."""
    with served(tmp_path) as found:
        yield found


def sign(client: httpx.Client, found: Agreement) -> httpx.Response:
    return client.post("/api/v1/agreements", json={"text": agreement_text(found)})


def bravo_signs(rig: Rig, found: Agreement) -> None:
    """As the exchange would bring it."""
    note = serialise(sign_note(agreement_text(found), identity_of("bravo").entry)).decode()

    def work(tx: Transaction, pen: Pen) -> None:
        take_note(tx, pen, BRAVO, fields_of_note(note))

    rig.node.scribe.submit(work, NOW_US).result(5)


def items(answer: httpx.Response) -> list[dict[str, Json]]:
    assert answer.is_success, answer.text
    found: list[dict[str, Json]] = answer.json()["items"]
    return found


def test_a_text_is_signed_shown_and_in_force_with_the_last_signature(
    rig: Rig, client: httpx.Client
) -> None:
    made = sign(client, BOTH)
    assert (made.status_code, made.json()["state"]) == (201, "proposed")
    assert (made.json()["hash"], made.json()["missing"]) == (HASH, [BRAVO])
    bravo_signs(rig, BOTH)
    [listed] = items(client.get("/api/v1/agreements"))
    assert (listed["state"], listed["missing"], listed["in_force"]) == ("in-force", [], NOW)
    assert listed["text"] == agreement_text(BOTH)
    assert str(listed["note"]).count("\u2014 ") == 2
    assert client.get(f"/api/v1/agreements/{HASH}").json() == listed
    assert problem(client.get(f"/api/v1/agreements/{'0' * 64}")).code == "not_found"


def test_what_counts_is_said_for_every_parameter_with_its_clause(
    rig: Rig, client: httpx.Client
) -> None:
    sign(client, BOTH)
    bravo_signs(rig, BOTH)
    asked = "/api/v1/rulings?with=bravo&kind=operation&craft=uav"
    found = {str(each["parameter"]): each for each in items(client.get(asked))}
    assert found.keys() == PARAMETERS.keys()
    assert found["lead_short_notice_us"]["sentence"] == (
        "by clause notice of flight-safety, version 1, lead_short_notice_us is 2 h"
    )
    assert found["margin_us"]["clause"] == "block"
    assert found["retention_us"]["version"] == 0
    assert problem(client.get("/api/v1/rulings")).code == "missing_parameter"
    assert problem(client.get("/api/v1/rulings?with=zulu")).code == "unknown_party"
    assert problem(client.get("/api/v1/rulings?with=bravo&craft=tank")).code == "bad_query"


def test_a_preview_changes_nothing_and_is_what_is_told(rig: Rig, client: httpx.Client) -> None:
    sign(client, BOTH)
    bravo_signs(rig, BOTH)
    request = notice(purpose="training", craft="combat", name="blue")
    before = rig.marks()
    [seen] = items(client.post("/api/v1/previews", json=request))
    assert rig.marks() == before
    assert (seen["step_name"], seen["purpose"], seen["craft"]) == (
        "caution",
        "danger-area",
        "none",
    )
    assert "clause disclosure of flight-safety" in str(seen["ground"])
    made = client.post("/api/v1/notices", json=request)
    assert made.status_code == 201, made.text
    [told] = items(client.get(f"/api/v1/notices/{made.json()['id']}/told"))
    changed = {"id", "picture"} & {key for key in seen if seen[key] != told[key]}
    assert changed == {"id"}
    assert told["content"] == seen["content"]
    assert told["id"] not in (None, made.json()["id"])
    shown = client.get(f"/api/v1/notices/{made.json()['id']}").json()
    assert shown["flags"] == ["short_notice"]
    assert "by clause notice of flight-safety, version 1" in shown["grounds"][0]
    [delivery] = shown["deliveries"]
    assert (delivery["step"], delivery["known_as"]) == ("caution", told["id"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"to": []}, "missing_field"),
        ({"volumes": []}, "no_area"),
        ({"to": ["zulu"]}, "unknown_party"),
        ({"target": "x"}, "forbidden_field"),
    ],
)
def test_a_preview_refuses_what_declaring_would(
    client: httpx.Client, change: dict[str, Json], code: str
) -> None:
    assert problem(client.post("/api/v1/previews", json=notice(**change))).code == code


def test_a_suspension_is_refused_by_name_until_it_is_taken_back(
    rig: Rig, client: httpx.Client
) -> None:
    sign(client, BOTH)
    early = client.post(STANDING, json={"change": "suspend", "reason": "not yet"})
    assert problem(early).code == "not_found"  # before all have signed there is nothing to suspend
    bravo_signs(rig, BOTH)
    made = client.post(STANDING, json={"change": "suspend", "reason": "the line was misused"})
    assert made.status_code == 201
    assert [(row["by"], row["over"]) for row in items(made)] == [(ALPHA, None)]
    again = client.post(STANDING, json={"change": "suspend", "reason": "x"})
    assert problem(again).code == "no_such_move"
    refused = problem(client.post("/api/v1/notices", json=notice()))
    assert (refused.status, refused.code) == (409, "agreement_suspended")
    assert "the line was misused" in refused.detail
    basis: Json = {"source": "s", "confidence": "confirmed", "expires": "2026-03-01T15:00:00Z"}
    hazard = notice(kind="hazard", basis=basis)
    assert client.post("/api/v1/notices", json=hazard).status_code == 201
    assert client.post(STANDING, json={"change": "resume", "reason": "done"}).status_code == 201
    assert client.post("/api/v1/notices", json=notice()).status_code == 201


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        ("hello\n", 422, "bad_agreement"),
        (agreement_text(BOTH) + "x", 422, "bad_agreement"),
        (
            agreement_text(agreement(clause("x", heartbeat_us=301_000_000))),
            422,
            "weaker_than_floor",
        ),
        (
            agreement_text(agreement(clause("x", margin_us=1), clause("y", margin_us=2))),
            422,
            "contradiction",
        ),
        (agreement_text(BOTH).replace("set disc", "set dist"), 400, "unknown_parameter"),
        (agreement_text(BOTH).replace("caution", "whisper"), 422, "parameter_out_of_range"),
        (agreement_text(BOTH).replace(BRAVO, "zulu.example/comity/2026"), 422, "unknown_party"),
        (
            agreement_text(agreement(until_us=NOW_US - 1, from_us=1_700_000_000_000_000)),
            409,
            "agreement_expired",
        ),
    ],
)
def test_what_is_not_signed_is_refused_by_name(
    rig: Rig, client: httpx.Client, text: str, status: int, code: str
) -> None:
    before = rig.marks()
    found = problem(client.post("/api/v1/agreements", json={"text": text}))
    assert (found.status, found.code) == (status, code)
    assert rig.marks() == before


def test_signing_and_suspending_want_the_scope_admin(rig: Rig) -> None:
    with rig.client("declare") as client:
        for path, body in (
            ("/api/v1/agreements", {"text": ""}),
            (STANDING, {"change": "suspend", "reason": "x"}),
        ):
            assert problem(client.post(path, json=body)).code == "scope_missing"
