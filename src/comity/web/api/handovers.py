"""Open items and handovers at our own door. Called by way of the table."""

from comity.hotline.handover import (
    accept_handover,
    begin_handover,
    changes_between,
    signed_items,
)
from comity.hotline.open_items import line_item, open_items, unrecorded_item
from comity.journal.pen import Pen
from comity.model.fault import Refusal, Refused
from comity.model.handover import Acceptance, Handover, OpenItem
from comity.model.quantity import instant_text
from comity.storage.handovers import HandoverRow
from comity.storage.store import Reading, Transaction
from comity.web.api.notices import limit_in
from comity.web.api.parties import line_states
from comity.web.api.shapes import Page
from comity.web.api.shapes_handovers import (
    AcceptanceRequest,
    HandoverRequest,
    HandoverView,
    OpenItemsView,
    OpenItemView,
)
from comity.web.api.translate import identity_from
from comity.web.api.views import when
from comity.web.board import is_recorded
from comity.web.gate import Admitted
from comity.web.once import commit
from comity.wire.handover_v1 import item_hash, list_hash

__all__ = ["accepted", "begun", "listed", "opened", "shown"]

_QUIET = frozenset({"up", "new"})


def opened(call: Admitted) -> OpenItemsView:
    """What is open now."""
    items = call.read(lambda reading: _open(reading, call))
    return OpenItemsView(list_hash=list_hash(items).hex(), items=_views(items))


def listed(call: Admitted) -> Page[HandoverView]:
    """The newest handovers, newest first."""
    limit = limit_in(call)

    def query(reading: Reading) -> Page[HandoverView]:
        now = _open(reading, call)
        rows = reading.handovers.handovers(limit)
        return Page(items=[_view(reading, row, now) for row in rows])

    return call.read(query)


def shown(call: Admitted) -> HandoverView:
    """One handover, with what is open now if it waits."""
    id_ = identity_from(call.path["id"], "id")

    def query(reading: Reading) -> HandoverView:
        row = reading.handovers.handover(id_)
        if row is None:
            raise _not_found()
        return _view(reading, row, _open(reading, call))

    return call.read(query)


async def begun(call: Admitted, request: HandoverRequest) -> bytes:
    """Sign what is open over to the next officer."""

    def change(tx: Transaction, pen: Pen) -> HandoverView:
        items = _open(tx, call)
        handover = Handover(
            giver=request.giver, taker=request.taker, note=request.note, items=items
        )
        return _view(tx, begin_handover(tx, pen, handover), items)

    return await commit(call, change)


async def accepted(call: Admitted, request: AcceptanceRequest) -> bytes:
    """Take over what is open now, if that is what was shown."""
    of, seen = identity_from(call.path["id"], "id"), identity_from(request.list_hash, "list_hash")

    def change(tx: Transaction, pen: Pen) -> HandoverView:
        items = _open(tx, call)
        row = accept_handover(tx, pen, Acceptance(of=of, by=request.by, items=items), seen)
        return _view(tx, row, items)

    return await commit(call, change)


def _open(reading: Reading, call: Admitted) -> tuple[OpenItem, ...]:
    """What the rows hold, lines that are not up, and what had no room."""
    states = line_states(reading, call.node.origin, call.now_us)
    also = [line_item(origin, state) for origin, state in states.items() if state not in _QUIET]
    lines = (line for line in call.node.board.lines() if not is_recorded(reading, line))
    also += [unrecorded_item(line.id, line.party) for line in lines]
    return open_items(reading, call.node.origin, also)


def _view(reading: Reading, row: HandoverRow, now: tuple[OpenItem, ...]) -> HandoverView:
    items = signed_items(reading, row.id)
    after = items if row.over_us is not None else now
    if row.acceptance is not None:
        after = signed_items(reading, row.acceptance)
    changes = changes_between(items, after)
    return HandoverView(
        id=row.id.hex(),
        giver=row.giver,
        taker=row.taker,
        note=row.note,
        standing=_standing(row),
        begun=instant_text(row.begun_us),
        accepted=when(row.accepted_us),
        acceptance=None if row.acceptance is None else row.acceptance.hex(),
        list_hash=list_hash(after).hex(),
        items=_views(items),
        added=_views(changes.added),
        gone=_views(changes.gone),
    )


def _standing(row: HandoverRow) -> str:
    if row.accepted_us is not None:
        return "accepted"
    return "waiting" if row.over_us is None else "replaced"


def _views(items: tuple[OpenItem, ...]) -> list[OpenItemView]:
    return [
        OpenItemView(
            kind=item.kind,
            id=item.id.hex(),
            hash=item_hash(item).hex(),
            due=when(item.due_us),
            state=item.state,
        )
        for item in items
    ]


def _not_found() -> Refused:
    return Refused(
        Refusal(
            code="not_found",
            reason="no handover has that id",
            what_to_do="list them: GET /api/v1/handovers",
            field="id",
        )
    )
