"""Requests: ask a party, reply to one that asks us, list what was asked and said.

Called by way of the table.
"""

from comity.hotline.request import ask, decision_on, reply_to
from comity.intake.terms import agreed
from comity.journal.pen import Pen
from comity.model.fault import Refusal, Refused
from comity.model.quantity import SECOND_US, instant_text
from comity.storage.requests import ReplyRow, RequestRow
from comity.storage.store import Reading, Transaction
from comity.web.api.shapes import Page
from comity.web.api.shapes_requests import AskRequest, ReplyRequest, ReplyView, RequestView
from comity.web.api.translate import identity_from, parties_from, reply_from, request_from
from comity.web.api.views import when
from comity.web.gate import Admitted
from comity.web.once import commit
from comity.wire import request_v1
from comity.wire.fields import parse_fields

__all__ = ["asked", "listed", "replied", "shown"]

_MINUTE_US = 60 * SECOND_US


def listed(call: Admitted) -> Page[RequestView]:
    """All requests, ours and those put to us, oldest first."""
    now_us = call.now_us
    return call.read(lambda r: Page(items=[_view(r, row, now_us) for row in r.requests.requests()]))


def shown(call: Admitted) -> RequestView:
    """One request."""
    id_ = identity_from(call.path["id"], "id")

    def query(reading: Reading) -> RequestView:
        row = reading.requests.request(id_)
        if row is None:
            raise Refused(
                Refusal(
                    code="not_found",
                    reason="no request has that id",
                    what_to_do="list them: GET /api/v1/requests",
                    field="id",
                )
            )
        return _view(reading, row, call.now_us)

    return call.read(query)


async def asked(call: Admitted, request: AskRequest) -> bytes:
    """Ask a party."""
    said = request_from(request)
    (to,) = parties_from((request.to,), call.node.roster.now)

    def change(tx: Transaction, pen: Pen) -> RequestView:
        between = agreed(tx, pen.origin, pen.now_us).toward(to)
        return _view(tx, ask(tx, pen, said, between), pen.now_us)

    return await commit(call, change)


async def replied(call: Admitted, request: ReplyRequest) -> bytes:
    """Reply to a request that was put to us."""
    said = reply_from(request, identity_from(call.path["id"], "id"))

    def change(tx: Transaction, pen: Pen) -> RequestView:
        return _view(tx, reply_to(tx, pen, said, request.person), pen.now_us)

    return await commit(call, change)


def _view(reading: Reading, row: RequestRow, now_us: int) -> RequestView:
    said = request_v1.request_from(parse_fields(row.content))
    index = reading.journal.index_of_content(row.id, row.asked)
    taken = None if index is None else reading.post.taken(index)
    return RequestView(
        id=row.id.hex(),
        of=row.subject.hex(),
        asker=row.asker,
        asked=row.asked,
        wanted=said.wanted,
        by=instant_text(said.by_us),
        words=said.words,
        at=instant_text(row.at_us),
        due=when(row.due_us),
        ground=row.ground,
        unanswered=row.due_us is not None and row.due_us <= now_us,
        decision=decision_on(reading, row),
        replies=[_reply(each) for each in reading.requests.replies(row.id)],
        delivered=None if taken is None else instant_text(taken.taken_us),
        verdict=None if taken is None else taken.verdict,
    )


def _reply(row: ReplyRow) -> ReplyView:
    said = request_v1.reply_from(parse_fields(row.content))
    return ReplyView(
        id=row.id.hex(),
        decision=said.decision,
        role=said.role,
        reason=said.reason,
        standby_minutes=None if said.standby_us is None else said.standby_us // _MINUTE_US,
        words=said.words,
        at=instant_text(row.at_us),
    )
