import logging
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.journal.heads import OtherSize
from comity.model.fault import (
    Corrupt,
    Fault,
    Malformed,
    Refusal,
    Refused,
    Unavailable,
    Untrusted,
)
from comity.web.api.shapes import Problem
from comity.web.problem import (
    STATUS_OF_CODE,
    BadField,
    problem_response,
    raw_problem,
    status_of,
)

REFERENCE = Path(__file__).parents[2] / "docs/reference/api.md"


def refused(code: str) -> Refused:
    return Refused(Refusal(code=code, reason="no", what_to_do="do this", field="to"))


def shown(error: BaseException) -> Problem:
    return msgspec.json.decode(bytes(problem_response(error).body), type=Problem)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Malformed("x"), 400),
        (Malformed("x", code="too_large"), 413),
        (Malformed("x", code="bad_content_type"), 415),
        (Malformed("x", code="slow_request"), 408),
        (Malformed("x", code="head_too_large"), 431),
        (Malformed("x", code="no_area"), 422),
        (BadField("x", code="unknown_field", field="y"), 422),
        (Untrusted("x"), 403),
        (Untrusted("x", code="no_key"), 401),
        (Untrusted("x", code="unknown_key"), 401),
        (Untrusted("x", code="unknown_log"), 404),
        (Untrusted("x", code="inconsistent"), 422),
        (refused("whatever"), 422),
        (refused("not_found"), 404),
        (refused("no_such_move"), 409),
        (refused("no_agreement"), 409),
        (OtherSize(7), 409),
        (Unavailable("x"), 503),
        (Unavailable("x", code="not_found"), 503),
        (Corrupt("x"), 500),
        (Corrupt("x", code="not_found"), 500),
        (RuntimeError("x"), 500),
        (KeyError("x"), 500),
    ],
)
def test_a_status_follows_from_blame_and_code(error: BaseException, status: int) -> None:
    assert status_of(error) == status
    assert problem_response(error).status_code == shown(error).status == status


@pytest.mark.parametrize("code", ["not_found", "no_area", "made_up"])
@pytest.mark.parametrize("kind", [Malformed, Untrusted])
def test_only_our_own_faults_are_500(kind: type[Fault], code: str) -> None:
    assert status_of(kind("x", code=code)) < 500


def test_a_refusal_says_what_to_do_and_where() -> None:
    found = shown(refused("no_agreement"))
    assert (found.detail, found.what_to_do, found.field) == ("no", "do this", "to")
    assert found.type == "urn:comity:problem:no_agreement"


def test_other_size_carries_the_size() -> None:
    assert shown(OtherSize(7)).size == 7
    assert b"size" not in bytes(problem_response(refused("no_agreement")).body)


def test_nothing_of_the_inside_is_shown(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "comity.web"):
        for error in (ZeroDivisionError("secret"), Corrupt("secret", code="secret")):
            found = shown(error)
            assert found.code == "internal"
            assert "secret" not in msgspec.json.encode(found).decode()
    assert all(record.exc_info for record in caplog.records)


def test_the_error_id_stands_in_the_diagnostics(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "comity.web"):
        ids = [shown(error).error_id for error in (Malformed("x"), RuntimeError("x"))]
    assert [record.__dict__["error_id"] for record in caplog.records] == ids
    assert ids[0] != ids[1]


def test_the_headers_that_http_asks_for() -> None:
    assert (
        problem_response(Untrusted("x", code="no_key"))
        .headers["www-authenticate"]
        .startswith("Bearer")
    )
    assert "www-authenticate" not in problem_response(Untrusted("x")).headers
    assert problem_response(Unavailable("x")).headers["retry-after"] == "1"
    slow = problem_response(Malformed("x", code="slow_request"))
    assert slow.headers["connection"] == "close"


@given(st.text())
def test_a_reason_is_one_short_printable_line(reason: str) -> None:
    found = shown(Malformed(reason))
    assert len(found.detail) <= 410
    assert found.detail.isprintable()


def test_a_problem_without_a_request_is_whole_http() -> None:
    head, _, body = raw_problem(Malformed("x", code="bad_http")).partition(b"\r\n\r\n")
    lines = head.decode("ascii").split("\r\n")
    assert lines[0] == "HTTP/1.1 400 Bad Request"
    assert f"content-length: {len(body)}" in lines
    assert "connection: close" in lines
    assert msgspec.json.decode(body, type=Problem).code == "bad_http"


def test_every_code_with_a_status_of_its_own_is_in_the_reference() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    assert [code for code in STATUS_OF_CODE if f"`{code}`" not in text] == []
