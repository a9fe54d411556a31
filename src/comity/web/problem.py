"""Faults and refusals as HTTP: the only place where an error status is chosen.

Every error of every route is one RFC 9457 problem with a stable `urn:comity:problem:<code>`, a
reason, what to do, and an error id that stands in the diagnostics too. Nothing of the inside is
shown: what was not raised on purpose is `internal` and no more. 500 means our own fault and nothing
else. Reference: docs/reference/api.md. Called by the gate, routes, connections and the exchange.
"""

import logging
import secrets
from http import HTTPStatus
from types import MappingProxyType

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from comity.journal.heads import OtherSize
from comity.model.fault import (
    Corrupt,
    Fault,
    Malformed,
    Refusal,
    Refused,
    Unavailable,
    Unreadable,
    Untrusted,
)
from comity.web.api.shapes import Problem

__all__ = [
    "HEALTH_STATUS",
    "MEDIA_TYPE",
    "STATUS_OF_CODE",
    "BadField",
    "http_problem",
    "problem_response",
    "raw_problem",
    "status_of",
    "witness_response",
]

MEDIA_TYPE = "application/problem+json"
_LOG = logging.getLogger("comity.web")
_URN = "urn:comity:problem:"
_DETAIL_CHARS_MAX = 400  # a reason may quote the request
_RETRY_AFTER_S = 1
_HTTP = {HTTPStatus.NOT_FOUND: "no_such_route", HTTPStatus.METHOD_NOT_ALLOWED: "no_such_method"}

# What a code says more exactly than the class of its fault.
_CODES: dict[HTTPStatus, tuple[str, ...]] = {
    HTTPStatus.UNAUTHORIZED: ("no_key", "unknown_key", "no_envelope"),
    HTTPStatus.FORBIDDEN: ("scope_missing",),
    HTTPStatus.NOT_FOUND: ("not_found", "no_such_route", "unknown_log"),
    HTTPStatus.METHOD_NOT_ALLOWED: ("no_such_method",),
    HTTPStatus.REQUEST_TIMEOUT: ("slow_request",),
    HTTPStatus.CONFLICT: (
        *("already_enrolled", "already_declared", "answer_not_kept", "last_admin_key"),
        *("no_agreement", "agreement_suspended", "agreement_expired", "no_such_move"),
        *("unknown_version", "version_taken", "not_delivered", "not_yet"),
        *("other_size", "out_of_order", "ahead_of_us", "clock_untrusted"),
        *("rollback_detected", "not_restored", "not_silent", "already_decided", "not_drawn"),
        *("already_answered", "cut_not_reached", "already_accepted", "handover_replaced"),
        *("another_person", "items_changed", "not_on_duty", "no_roster", "superseded"),
        "already_said",
        *("notice_over", "no_page", "page_over", "wrong_code"),
        *("needs_release", "no_release_needed"),
        *("already_released", "release_expired"),
        "unknown_event",
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("too_large",),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: ("bad_content_type", "bad_content_encoding"),
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: ("head_too_large",),
    # The request can be read; what it says cannot be.
    HTTPStatus.UNPROCESSABLE_ENTITY: (
        *("unknown_field", "forbidden_field", "missing_field", "wrong_type", "not_in_list"),
        *("bad_value", "unknown_value", "value_missing", "no_place", "not_a_message"),
        *("wrong_answer", "no_read_back", "other_message", "unknown_code", "unknown_language"),
        *("unexpected_field", "no_area", "area_in_words", "bad_footprint", "bad_polygon"),
        *("too_many_vertices", "too_many_volumes", "too_many_fields", "too_intricate"),
        *("self_crossing", "zero_area", "duplicate_vertex", "antipodal_edge", "too_wide"),
        *("too_many_cells", "too_many_holes", "bad_hole"),
        *("off_the_globe", "bad_angle", "bad_radius", "bad_height"),
        *("inverted_band", "bad_time", "inverted_window", "window_too_long", "bad_uncertainty"),
        *("heights_disagree", "height_beyond_isa", "no_other_datum", "bad_isa_deviation"),
        *("qnh_missing", "qnh_too_old", "qnh_from_future", "bad_qnh"),
        *("terrain_missing", "bad_terrain"),
        *("datum_not_convertible", "bad_text", "text_too_long", "bad_code", "bad_needs"),
        *("no_source", "no_role", "no_reason", "no_key_fields", "bad_units", "bad_scopes"),
        "same_person",
        *("duplicate_party", "too_many_parties", "bad_parameter", "bad_choice", "bad_card"),
        *("shared_key", "weak_key", "inconsistent", "bad_standby", "bad_notam"),
        *("notam_not_a_danger", "notam_too_wide", "notam_too_long", "notam_too_high"),
        *("notam_below_ground", "notam_over", "voice_check", "voice_length", "voice_letter"),
        *("cannot_coarsen", "bad_agreement"),
        *("bad_clause", "bad_parties", "parameter_out_of_range", "circular_precedence"),
        *("contradiction", "weaker_than_floor", "bad_roster", "no_person", "shift_over"),
    ),
    HTTPStatus.TOO_MANY_REQUESTS: (
        *("too_many", "too_many_reads", "too_many_checks", "too_many_codes"),
        "too_many_streams",
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: ("stopping",),
}
STATUS_OF_CODE = MappingProxyType({c: int(s) for s, codes in _CODES.items() for c in codes})

# What a load balancer goes by: a node that does not write gets no new callers.
HEALTH_STATUS = MappingProxyType(
    {
        "ok": int(HTTPStatus.OK),
        "degraded": int(HTTPStatus.OK),
        "stopped": int(HTTPStatus.SERVICE_UNAVAILABLE),
    }
)

_CHALLENGES = {"no_envelope": "Comity-Envelope"}
_CLOSING = frozenset({"slow_request", "stopping"})
_WHAT_TO_DO = {
    "no_area": "give each volume an exact footprint, heights and times; words are no area",
    "area_in_words": "leave `area_in_words` out: say the area exactly, in `volumes`",
    "datum_not_convertible": "measure from wgs84, msl, pressure, flight-level or agl",
    "qnh_missing": "give it with its time: in `reference`, or --qnh 1013@now",
    "qnh_too_old": "take a QNH of the day; a flight level can go without one",
    "terrain_missing": "give the lowest and highest ground: `reference`, or --terrain 120m..340m",
    "forbidden_field": "leave it out: Comity has no field for it, ever",
    "no_key": "send `Authorization: Bearer <key>`; `comity key add` makes a key",
    "unknown_key": "ask whoever runs this node for a key that is in force",
    "scope_missing": "use a key that has this scope",
    "disk_full": "make room on the node's disk; hazards, ends and their answers pass meanwhile",
    "not_recorded": "say it by voice too; make room, then send the same request again",
    "too_large": "send less: the limits stand in the API reference",
    "head_too_large": "send fewer or shorter headers",
    "slow_request": "send the whole request without pauses",
    "bad_content_type": "send `Content-Type: application/json`",
    "bad_content_encoding": "send the body as it is, without compression",
}
_OF_CLASS: tuple[tuple[type[Fault], HTTPStatus], ...] = (
    (Malformed, HTTPStatus.BAD_REQUEST),
    (Untrusted, HTTPStatus.FORBIDDEN),
    (Fault, HTTPStatus.UNPROCESSABLE_ENTITY),
)
_ADVICE: tuple[tuple[type[Fault], str], ...] = (
    (Malformed, "correct the request and send it again; nothing was changed"),
    (Untrusted, "nothing was changed; see whose key this should be"),
    (Unavailable, "send the same request again, with the same Idempotency-Key"),
)
_INTERNAL = "the node's operator finds the cause under the error id in its diagnostics"


class BadField(Malformed):
    """A Malformed that knows which field of the request it is about: `volumes[0].lower_m`."""

    def __init__(self, reason: str, *, code: str, field: str) -> None:
        """Say what is wrong, and where."""
        super().__init__(reason, code=code)
        self.field = field


def status_of(error: BaseException) -> int:
    """The HTTP status of a fault; 500 if it is our own, or was not raised on purpose."""
    if isinstance(error, Corrupt | Unreadable) or not isinstance(error, Fault):
        return int(HTTPStatus.INTERNAL_SERVER_ERROR)
    if isinstance(error, Unavailable):
        return int(HTTPStatus.SERVICE_UNAVAILABLE)
    if error.code in STATUS_OF_CODE:
        return STATUS_OF_CODE[error.code]
    return next(int(status) for kind, status in _OF_CLASS if isinstance(error, kind))


def problem_response(error: BaseException) -> Response:
    """The answer to a fault, written to the diagnostics under the same error id."""
    problem = _problem(error)
    return Response(
        msgspec.json.encode(problem),
        status_code=problem.status,
        headers=_headers(problem),
        media_type=MEDIA_TYPE,
    )


def raw_problem(error: Fault) -> bytes:
    """The same answer as HTTP/1.1 bytes, for a request that never became one; it hangs up."""
    problem = _problem(error)
    body = msgspec.json.encode(problem)
    headers = {
        **_headers(problem),
        "content-type": MEDIA_TYPE,
        "content-length": str(len(body)),
        "connection": "close",
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    status = HTTPStatus(problem.status)
    return f"HTTP/1.1 {int(status)} {status.phrase}\r\n{lines}\r\n".encode("ascii") + body


def witness_response(fault: Fault) -> Response:
    """A fault as C2SP tlog-witness wants it answered: 409 with the size, 404, 403, 422."""
    if isinstance(fault, OtherSize):
        size = f"{fault.size}\n"
        return Response(size, status_code=HTTPStatus.CONFLICT, media_type="text/x.tlog.size")
    if fault.code == "inconsistent":
        return PlainTextResponse("inconsistent\n", status_code=HTTPStatus.UNPROCESSABLE_ENTITY)
    if isinstance(fault, Untrusted) and fault.code != "unknown_log":
        return PlainTextResponse(f"{fault.code}\n", status_code=HTTPStatus.FORBIDDEN)
    return problem_response(fault)


async def http_problem(request: Request, error: Exception) -> Response:
    """Starlette's own refusals (no such route, no such method) in the same shape."""
    if not isinstance(error, HTTPException):
        return problem_response(error)
    code = _HTTP.get(HTTPStatus(error.status_code), "bad_request")
    allowed = (error.headers or {}).get("Allow")
    reason = f"nothing is at {request.url.path[:120]}"
    what_to_do = "see /api/v1/openapi.json for what there is"
    if allowed:
        reason, what_to_do = f"{request.method} does not apply here", f"use {allowed}"
    refusal = Refusal(code=code, reason=reason, what_to_do=what_to_do)
    response = problem_response(Refused(refusal))
    if allowed:
        response.headers["allow"] = allowed
    return response


def _problem(error: BaseException) -> Problem:
    status = status_of(error)
    error_id = secrets.token_hex(8)
    ours = status == HTTPStatus.INTERNAL_SERVER_ERROR
    code = "internal" if ours else getattr(error, "code", "internal")
    _log(error, code, error_id, ours=ours)
    refusal = error.refusal if isinstance(error, Refused) else None
    reason = error.reason if isinstance(error, Fault) and not ours else "something is wrong here"
    return Problem(
        type=_URN + code,
        title=code.replace("_", " "),
        status=status,
        detail=_printable(reason),
        code=code,
        what_to_do=_printable(refusal.what_to_do if refusal else _what_to_do(error, code)),
        error_id=error_id,
        field=refusal.field if refusal else getattr(error, "field", None),
        basis=refusal.basis if refusal else None,
        size=error.size if isinstance(error, OtherSize) else None,
        statement=getattr(error, "statement", None),
    )


def _log(error: BaseException, code: str, error_id: str, *, ours: bool) -> None:
    extra = {"error_id": error_id, "code": code}
    if ours:
        _LOG.error("a request failed through a fault of our own", extra=extra, exc_info=error)
    else:
        _LOG.info("a request was refused", extra=extra)


def _what_to_do(error: BaseException, code: str) -> str:
    known = _WHAT_TO_DO.get(code)
    return known or next((text for kind, text in _ADVICE if isinstance(error, kind)), _INTERNAL)


def _printable(text: str) -> str:
    """A reason may quote what was sent: one line of bounded length, and no control characters."""
    short = text if len(text) <= _DETAIL_CHARS_MAX else f"{text[:_DETAIL_CHARS_MAX]}..."
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in short)


def _headers(problem: Problem) -> dict[str, str]:
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = _CHALLENGES.get(problem.code, 'Bearer realm="comity"')
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["retry-after"] = str(_RETRY_AFTER_S)
    if problem.code in _CLOSING:
        headers["connection"] = "close"
    return headers
