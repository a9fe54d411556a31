"""Schema v1 of requests and replies: paths, types, order. Reference: docs/reference/notice-v1.md.

Never edited after release. Called by hotline and the doors.
"""

from comity.model.fault import Malformed
from comity.model.notice import FORBIDDEN_FIELDS
from comity.model.request import (
    REQUEST_CODE,
    Decision,
    DeclineReason,
    Reply,
    Request,
    Wanted,
)
from comity.wire.fields import Field, Reader, id_field, int_field, text_field

__all__ = ["fields_of_reply", "fields_of_request", "reply_from", "request_from"]


def fields_of_request(request: Request) -> tuple[Field, ...]:
    """The content of a request, in canonical order."""
    return (
        text_field("code", REQUEST_CODE),
        text_field("wanted", request.wanted),
        id_field("of", request.of),
        int_field("by", request.by_us),
        text_field("words", request.words),
    )


def request_from(fields: tuple[Field, ...]) -> Request:
    """Read a request; Malformed for anything that `fields_of_request` would not write."""
    reader = Reader(fields, FORBIDDEN_FIELDS)
    if reader.text("code") != REQUEST_CODE:
        raise Malformed(f"a request has code {REQUEST_CODE}", code="bad_code")
    request = Request(
        wanted=reader.choice("wanted", Wanted),
        of=reader.identity("of"),
        by_us=reader.integer("by"),
        words=reader.text("words"),
    )
    reader.finish()
    _check_order(fields_of_request(request), fields)
    return request


def fields_of_reply(reply: Reply) -> tuple[Field, ...]:
    """The content of a reply, in canonical order."""
    found = [
        text_field("decision", reply.decision),
        id_field("of", reply.of),
        text_field("role", reply.role),
    ]
    if reply.reason is not None:
        found.append(text_field("reason", reply.reason))
    if reply.standby_us is not None:
        found.append(int_field("standby", reply.standby_us))
    return (*found, text_field("words", reply.words))


def reply_from(fields: tuple[Field, ...]) -> Reply:
    """Read a reply; Malformed for anything that `fields_of_reply` would not write."""
    reader = Reader(fields, FORBIDDEN_FIELDS)
    reply = Reply(
        decision=reader.choice("decision", Decision),
        of=reader.identity("of"),
        role=reader.text("role"),
        reason=reader.choice("reason", DeclineReason) if reader.has("reason") else None,
        standby_us=reader.integer("standby") if reader.has("standby") else None,
        words=reader.text("words"),
    )
    reader.finish()
    _check_order(fields_of_reply(reply), fields)
    return reply


def _check_order(written: tuple[Field, ...], given: tuple[Field, ...]) -> None:
    if written != given:  # one content, one form
        raise Malformed("the fields are not in canonical order", code="bad_field")
