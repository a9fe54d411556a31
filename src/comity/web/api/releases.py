"""Messages that wait for a second person, at our own door. Part of `web.api.table`."""

from comity.hotline.phrases import phrasebook
from comity.hotline.release import hold_message, release_message, withdraw_held
from comity.intake.terms import agreed
from comity.journal.pen import Pen
from comity.model.fault import Refusal, Refused
from comity.model.message import Message
from comity.model.phrasebook import ENGLISH
from comity.model.quantity import instant_text
from comity.model.wording import wording
from comity.storage.releases import HeldRow
from comity.storage.store import Reading, Transaction
from comity.web.api import shapes, shapes_messages, shapes_releases
from comity.web.api.messages import message_of, message_view
from comity.web.api.notices import limit_in
from comity.web.api.shapes_releases import HeldRequest, HeldView, ReleaseRequest
from comity.web.api.translate import identity_from, parties_from
from comity.web.gate import Admitted
from comity.web.once import commit
from comity.web.route import Query, Route, reading, writing
from comity.web.scope import Scope
from comity.wire.fields import parse_fields
from comity.wire.limits import PAGE_ROWS_MAX
from comity.wire.message_v1 import message_from

__all__ = ["RELEASE_TABLE"]

_HELD = "/api/v1/held-messages"


def _listed(call: Admitted) -> shapes.Page[HeldView]:
    limit = limit_in(call)
    rows = call.read(lambda reading: reading.releases.newest(limit))
    return shapes.Page(items=[_view(row) for row in rows])


async def _held(call: Admitted, request: HeldRequest) -> bytes:
    """Keep it until another person releases it."""
    message = message_of(request.message)
    (to,) = parties_from((request.message.to,), call.node.roster.now)

    def change(tx: Transaction, pen: Pen) -> HeldView:
        between = agreed(tx, pen.origin, pen.now_us).toward(to)
        return _view(hold_message(tx, pen, message, between, request.by))

    return await commit(call, change)


async def _released(call: Admitted, request: ReleaseRequest) -> bytes:
    """Say it now."""
    id_ = identity_from(call.path["id"], "id")

    def change(tx: Transaction, pen: Pen) -> shapes_messages.MessageView:
        row = _row(tx, id_)
        between = agreed(tx, pen.origin, pen.now_us).toward(row.receiver)
        return message_view(tx, release_message(tx, pen, id_, between, request.by), pen.now_us)

    return await commit(call, change)


async def _withdrawn(call: Admitted, request: ReleaseRequest) -> bytes:
    """It is not to be said."""
    id_ = identity_from(call.path["id"], "id")

    def change(tx: Transaction, pen: Pen) -> HeldView:
        return _view(withdraw_held(tx, pen, id_, request.by))

    return await commit(call, change)


def _row(reading: Reading, id_: bytes) -> HeldRow:
    row = reading.releases.held(id_)
    if row is None:
        raise Refused(
            Refusal(
                code="not_found",
                reason="nothing with that id waits for a release",
                what_to_do=f"list what waits: GET {_HELD}",
                field="id",
            )
        )
    return row


def _view(row: HeldRow) -> HeldView:
    message = message_from(parse_fields(row.content)) if row.content else None
    return HeldView(
        id=row.id.hex(),
        code=row.code,
        wording="" if message is None else _wording(message),
        about=None if message is None or message.about is None else message.about.hex(),
        to=row.receiver,
        by=row.by,
        at=instant_text(row.at_us),
        expires=instant_text(row.expires_us),
        standing=_standing(row),
        by_second=row.by_second,
        message=None if row.message is None else row.message.hex(),
    )


def _wording(message: Message) -> str:
    """Who releases it must see what it says."""
    book = phrasebook()
    return wording(book, message.code, message.values, language=ENGLISH, words=message.words)


def _standing(row: HeldRow) -> str:
    if row.message is not None:
        return "released"
    if row.by_second is not None:
        return "withdrawn"
    return "waiting_for_release" if row.over_us is None else "expired"


RELEASE_TABLE: tuple[Route, ...] = (
    reading(
        _HELD,
        Scope.READ,
        shapes.Page[HeldView],
        _listed,
        summary="Messages that wait for a second person, or did, newest first",
        query=(Query(name="limit", about=f"at most so many, 1 to {PAGE_ROWS_MAX}"),),
    ),
    writing(
        _HELD,
        Scope.DECLARE,
        shapes_releases.HeldRequest,
        HeldView,
        _held,
        summary="Where two persons are agreed: keep a STOP until the second releases it",
    ),
    writing(
        f"{_HELD}/{{id}}/releases",
        Scope.DECLARE,
        shapes_releases.ReleaseRequest,
        shapes_messages.MessageView,
        _released,
        summary="Say what waits, as another person than the first",
    ),
    writing(
        f"{_HELD}/{{id}}/withdrawals",
        Scope.DECLARE,
        shapes_releases.ReleaseRequest,
        HeldView,
        _withdrawn,
        summary="Do not say what waits",
    ),
)
