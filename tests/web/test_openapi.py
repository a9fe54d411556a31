"""The published interface is the served one: as a file, as an answer, by requests made from it."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import CheckFunction
from schemathesis.core.failures import FailureGroup, ServerError
from schemathesis.openapi.checks import JsonSchemaError
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from comity.web.api import status
from comity.web.api.table import TABLE
from comity.web.openapi import document
from comity.web.route import HEALTH_PATH, Route
from tests.web.support import Rig

ROOT = Path(__file__).parents[2]
DOCUMENT = json.loads(document(TABLE))
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
LABELS = [f"{route.method} {route.path.replace(':path', '')}" for route in TABLE]
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# Paths below /tile hold slashes, which made-up parameters never do: `test_record` asks for them.
MADE_UP = [label for label in LABELS if label != "GET /tile/{path}"]
PROFILE = settings.get_current_profile_name()
EXAMPLES = max(5, settings.get_profile(PROFILE).max_examples // 20)  # 100 in the long profile


def test_the_file_in_the_reference_is_true() -> None:
    kept = (ROOT / "docs/reference/openapi.json").read_bytes()
    assert kept == document(TABLE), "run: .venv/bin/python tools/openapi_page.py"


def test_the_document_is_the_same_each_time() -> None:
    assert document(TABLE) == document(list(TABLE))


def test_the_node_gives_what_is_in_the_reference(rig: Rig) -> None:
    with rig.client("read") as client:
        assert client.get("/api/v1/openapi.json").content == document(TABLE)


@pytest.mark.parametrize("route", TABLE, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_is_described(route: Route) -> None:
    operation = DOCUMENT["paths"][route.path.replace(":path", "")][route.method.lower()]
    assert operation["summary"] == route.summary
    assert operation["security"] == ([] if route.path == HEALTH_PATH else [{"bearer": []}])
    stopped = {"503"} if route.path == HEALTH_PATH else set()  # the same shape, another status
    assert set(operation["responses"]) == {str(route.status), "4XX", "5XX"} | stopped
    names = {(p["in"], p["name"]) for p in operation["parameters"]}
    assert {name for where, name in names if where == "path"} == set(
        re.findall(r"{(\w+)", route.path)
    )
    assert (("header", "Idempotency-Key") in names) == (route.method == "POST")
    assert ("requestBody" in operation) == (route.body is not None)


def test_no_two_routes_share_a_name() -> None:
    operations = [one for path in DOCUMENT["paths"].values() for one in path.values()]
    assert len({one["operationId"] for one in operations}) == len(operations) == len(TABLE)


def test_the_guide_names_every_route() -> None:
    guide = (ROOT / "docs/reference/api.md").read_text(encoding="utf-8")
    rows = (f"| {route.method} {route.path.replace(':path', '')} | " for route in TABLE)
    missing = [row for row in rows if row not in guide]
    assert missing == []


@pytest.mark.timeout(60)
@pytest.mark.parametrize("label", MADE_UP)
def test_requests_made_from_the_document_find_no_fault(rig: Rig, label: str) -> None:
    probe(rig, label, schemathesis.GenerationMode.POSITIVE, CHECKS)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("label", [label for label in MADE_UP if label != f"GET {HEALTH_PATH}"])
def test_requests_against_the_document_are_refused(rig: Rig, label: str) -> None:
    checks = [*CHECKS, negative_data_rejection]
    probe(rig, label, schemathesis.GenerationMode.NEGATIVE, checks)


def test_the_probe_sees_a_fault(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "party_views", lambda *_: 1 / 0)
    with pytest.raises(FailureGroup) as caught:
        probe(rig, "GET /api/v1/status", schemathesis.GenerationMode.POSITIVE, CHECKS)
    assert caught.group_contains(ServerError)


def test_the_probe_sees_another_shape(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "instant_text", lambda instant_us: instant_us)
    with pytest.raises(FailureGroup) as caught:
        probe(rig, "GET /api/v1/status", schemathesis.GenerationMode.POSITIVE, CHECKS)
    assert caught.group_contains(JsonSchemaError)


def probe(
    rig: Rig, label: str, mode: schemathesis.GenerationMode, checks: Sequence[CheckFunction]
) -> None:
    """Send requests made for one operation, and hold each answer to the checks."""
    operation = SCHEMA.find_operation_by_label(label)
    assert operation is not None
    headers = {"Authorization": f"Bearer {rig.keys['all']}"}

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None)
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case: schemathesis.Case) -> None:  # type: ignore[type-arg] # theirs are all Any
        response = case.call(base_url=rig.address, headers=headers)
        case.validate_response(response, checks=list(checks))

    one()
