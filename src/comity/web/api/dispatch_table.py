"""The routes of outlets and dispatches. Part of `web.api.table`."""

from comity.web.api import dispatches, shapes, shapes_dispatches
from comity.web.route import Query, Route, reading
from comity.web.scope import Scope
from comity.wire.limits import PAGE_ROWS_MAX

__all__ = ["DISPATCH_TABLE"]

_API = "/api/v1"

DISPATCH_TABLE: tuple[Route, ...] = (
    reading(
        f"{_API}/outlets",
        Scope.READ,
        shapes.Page[shapes_dispatches.OutletView],
        dispatches.outlets,
        summary="Mailboxes and webhooks that our own people are told by",
    ),
    reading(
        f"{_API}/dispatches",
        Scope.READ,
        shapes.Page[shapes_dispatches.DispatchView],
        dispatches.dispatches,
        summary="What went out by them, newest first; accepted is not delivered, nor seen",
        query=(
            Query(name="about", about="only of this warning, message or notice: its id"),
            Query(name="after", about="the `next` of the page before"),
            Query(name="limit", about=f"at most so many, 1 to {PAGE_ROWS_MAX}"),
        ),
    ),
)
