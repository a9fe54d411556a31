"""Outlets and what went out by them. Changes nothing: outlets are the home's own files.

Called by way of the table.
"""

from comity.model.outlet import DispatchState, Outlet
from comity.model.quantity import instant_text
from comity.storage.dispatches import DispatchRow
from comity.storage.store import Reading
from comity.web.api.notices import after_in, limit_in
from comity.web.api.shapes import Page
from comity.web.api.shapes_dispatches import DispatchView, OutletView
from comity.web.api.translate import identity_from
from comity.web.api.views import when
from comity.web.gate import Admitted

__all__ = ["dispatches", "outlets"]


def outlets(call: Admitted) -> Page[OutletView]:
    """All outlets that this node sends to, as it read them at its start."""
    counts = call.read(lambda r: r.dispatches.dispatch_counts())
    return Page(items=[_outlet(each, counts) for each in call.node.outlets])


def dispatches(call: Admitted) -> Page[DispatchView]:
    """A page of dispatches, newest first; or all that tell of one thing, oldest first."""
    about, after, limit = call.query.get("about"), after_in(call), limit_in(call)
    if about is not None:
        id_ = identity_from(about, "about")
        found = call.read(lambda r: r.dispatches.dispatches_about(id_))
        return Page(items=[_dispatch(row) for row in found])

    def query(reading: Reading) -> Page[DispatchView]:
        last = reading.dispatches.dispatch(after) if after else None
        before = None if last is None else (last.made_us, last.id)
        rows = reading.dispatches.dispatches(before, limit + 1)
        items = [_dispatch(row) for row in rows[:limit]]
        return Page(items=items, next=items[-1].id if len(rows) > limit else None)

    return call.read(query)


def _outlet(outlet: Outlet, counts: dict[tuple[str, str], int]) -> OutletView:
    return OutletView(
        name=outlet.name,
        channel=outlet.target.channel,
        to=outlet.target.place,
        on=[*outlet.on],
        details=outlet.details,
        role=outlet.role,
        waiting=counts.get((outlet.name, DispatchState.WAITING), 0),
        accepted=counts.get((outlet.name, DispatchState.ACCEPTED), 0),
        refused=counts.get((outlet.name, DispatchState.REFUSED), 0),
        given_up=counts.get((outlet.name, DispatchState.GIVEN_UP), 0),
    )


def _dispatch(row: DispatchRow) -> DispatchView:
    return DispatchView(
        id=row.id.hex(),
        outlet=row.outlet,
        kind=row.kind,
        of=row.of.hex(),
        about=None if row.about is None else row.about.hex(),
        party=row.party,
        floor=row.floor,
        at=instant_text(row.at_us),
        state=row.state,
        attempts=row.attempts,
        next=when(row.due_us),
        answer=row.answer,
        done=when(row.done_us),
    )
