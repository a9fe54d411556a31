"""Notices: declare, move, list, show, and the evidence bundle of one that was delivered.

Called by way of the table.
"""

from comity.hotline.watch import watch_gifts
from comity.intake.move import move
from comity.intake.order import MoveOrder, Outcome
from comity.intake.receive import declare
from comity.intake.tell import told_to
from comity.intake.terms import agreed_with
from comity.journal.pen import Pen
from comity.model.fault import Malformed, Refusal, Refused
from comity.model.notice import Code, SubjectKind
from comity.storage.rows import SubjectRow
from comity.storage.store import Reading, Transaction
from comity.web.api.record import bundle_view
from comity.web.api.record_shapes import BundleView
from comity.web.api.shapes import (
    NoticeReceipt,
    NoticeRequest,
    NoticeView,
    Page,
    TransitionRequest,
)
from comity.web.api.translate import declaration_from, identity_from, move_from, parties_from
from comity.web.api.views import notice_view, receipt_view
from comity.web.gate import Admitted
from comity.web.once import commit
from comity.web.problem import BadField
from comity.wire.canonical import decimal
from comity.wire.entry_v1 import ContentBody
from comity.wire.limits import PAGE_ROWS_MAX

__all__ = [
    "OWNERS",
    "ROWS_DEFAULT",
    "after_in",
    "bundle",
    "declared",
    "limit_in",
    "listed",
    "moved",
    "shown",
]

ROWS_DEFAULT = 100
OWNERS = {"own": True, "peer": False}
_PAGE_CONTENT_BYTES_MAX = 1_048_576  # of stored content: some 4 MB as JSON


async def declared(call: Admitted, request: NoticeRequest) -> bytes:
    """Declare something of our own."""
    order = declaration_from(request, call.node.roster.now)

    def change(tx: Transaction, pen: Pen) -> NoticeReceipt:
        outcome = declare(tx, pen, order)
        _watch(tx, pen, outcome, opens=True)
        return receipt_view(outcome)

    return await commit(call, change)


async def moved(call: Admitted, request: TransitionRequest) -> bytes:
    """Amend, start, end or cancel; the address may be any notice about the subject."""
    notice = identity_from(call.path["id"], "id")
    order = move_from(request, notice, call.now_us)

    def change(tx: Transaction, pen: Pen) -> NoticeReceipt:
        row = tx.sky.subject_of_notice(notice)
        subject = notice if row is None else row.id
        outcome = move(tx, pen, _about(order, subject))
        _watch(tx, pen, outcome, opens=order.code is Code.AMEND)
        return receipt_view(outcome)

    return await commit(call, change)


def _watch(tx: Transaction, pen: Pen, outcome: Outcome, *, opens: bool) -> None:
    """Whether it is delivered, seen, read back and relayed in time, wherever it goes."""
    given = [
        (each.entry.audience, each.entry.body.root)
        for each in outcome.written
        if isinstance(each.entry.body, ContentBody)
    ]
    watch_gifts(tx, pen, outcome.subject, given, agreed_with(tx, pen), opens=opens)


def shown(call: Admitted) -> NoticeView:
    """One subject, by its id or that of any notice about it."""
    notice = identity_from(call.path["id"], "id")
    return call.read(lambda r: notice_view(r, _subject(r, notice)))


def listed(call: Admitted) -> Page[NoticeView]:
    """A page of subjects by id; `next` is null only when nothing is left."""
    kind, ours, after = _kind(call), _ours(call), after_in(call)
    limit = limit_in(call)

    def query(reading: Reading) -> Page[NoticeView]:
        rows = reading.sky.subjects(kind, ours, after, limit + 1)
        fitting = _fitting(rows[:limit])
        more = len(rows) > len(fitting)
        return Page(
            items=[notice_view(reading, row) for row in fitting],
            next=fitting[-1].id.hex() if more else None,
        )

    return call.read(query)


def bundle(call: Admitted) -> BundleView:
    """The evidence of one notice of ours that one party has taken."""
    notice = identity_from(call.path["id"], "id")
    if "to" not in call.query:
        raise BadField("say whose receipt: `to`", code="missing_parameter", field="to")
    try:
        (to,) = parties_from((call.query["to"],), call.node.roster.now)
    except Refused as error:
        raise _not_found() from error  # as for a party that has not got it

    def index_in(reading: Reading) -> int:
        index = reading.journal.index_of_content(_as_known(reading, notice, to), to)
        if index is None:
            raise _not_found()
        return index

    return bundle_view(call, index_in)


def _as_known(reading: Reading, notice: bytes, to: str) -> bytes:
    """The id under which a party got what we know as `notice`."""
    row = reading.sky.subject_of_notice(notice)
    if row is None or not row.ours:
        return notice
    kept = told_to(reading, row, to)
    return {row.id: kept.declared, row.notice: kept.notice}.get(notice, notice)


def _about(order: MoveOrder, subject: bytes) -> MoveOrder:
    return MoveOrder(subject=subject, code=order.code, at_us=order.at_us, volumes=order.volumes)


def _subject(reading: Reading, notice: bytes) -> SubjectRow:
    row = reading.sky.subject_of_notice(notice)
    if row is None:
        raise _not_found()
    return row


def _fitting(rows: tuple[SubjectRow, ...]) -> tuple[SubjectRow, ...]:
    """As many rows as make a page of sane size, at least one; the rest is on the next page."""
    room = _PAGE_CONTENT_BYTES_MAX
    for count, row in enumerate(rows):
        room -= len(row.content) + len(row.volumes)
        if room < 0 and count:
            return rows[:count]
    return rows


def _kind(call: Admitted) -> SubjectKind | None:
    text = call.query.get("kind")
    if text is None:
        return None
    if text not in set(SubjectKind):
        raise _bad_parameter("kind", "operation, hazard or presence")
    return SubjectKind(text)


def _ours(call: Admitted) -> bool | None:
    text = call.query.get("owner")
    if text is None:
        return None
    if text not in OWNERS:
        raise _bad_parameter("owner", "own or peer")
    return OWNERS[text]


def after_in(call: Admitted) -> bytes:
    """The id after which a page begins."""
    text = call.query.get("after")
    return b"" if text is None else identity_from(text, "after")


def limit_in(call: Admitted) -> int:
    """How many rows a page may have."""
    text = call.query.get("limit")
    try:
        limit = ROWS_DEFAULT if text is None else decimal(text)
    except Malformed as error:
        raise _bad_parameter("limit", f"1 to {PAGE_ROWS_MAX}") from error
    if not 1 <= limit <= PAGE_ROWS_MAX:
        raise _bad_parameter("limit", f"1 to {PAGE_ROWS_MAX}")
    return limit


def _bad_parameter(name: str, allowed: str) -> BadField:
    return BadField(f"`{name}` is {allowed}", code="bad_query", field=name)


def _not_found() -> Refused:
    return Refused(
        Refusal(
            code="not_found",
            reason="nothing with that id is here",
            what_to_do="list the notices: GET /api/v1/notices",
            field="id",
        )
    )
