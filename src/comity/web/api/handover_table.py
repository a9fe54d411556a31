"""The routes of handovers and open items. Part of `web.api.table`."""

from comity.web.api import handovers, shapes, shapes_handovers
from comity.web.route import Query, Route, reading, writing
from comity.web.scope import Scope
from comity.wire.limits import PAGE_ROWS_MAX

__all__ = ["HANDOVER_TABLE"]

_API = "/api/v1"

HANDOVER_TABLE: tuple[Route, ...] = (
    reading(
        f"{_API}/open-items",
        Scope.READ,
        shapes_handovers.OpenItemsView,
        handovers.opened,
        summary="Everything that is open here, most urgent kind first, each with its hash",
    ),
    reading(
        f"{_API}/handovers",
        Scope.READ,
        shapes.Page[shapes_handovers.HandoverView],
        handovers.listed,
        summary="Handovers between officers, newest first",
        query=(Query(name="limit", about=f"at most so many, 1 to {PAGE_ROWS_MAX}"),),
    ),
    writing(
        f"{_API}/handovers",
        Scope.ANSWER,
        shapes_handovers.HandoverRequest,
        shapes_handovers.HandoverView,
        handovers.begun,
        summary="Sign what is open over to the next officer",
    ),
    reading(
        f"{_API}/handovers/{{id}}",
        Scope.READ,
        shapes_handovers.HandoverView,
        handovers.shown,
        summary="One handover, with how the list has changed since",
    ),
    writing(
        f"{_API}/handovers/{{id}}/acceptances",
        Scope.ANSWER,
        shapes_handovers.AcceptanceRequest,
        shapes_handovers.HandoverView,
        handovers.accepted,
        summary="Take over what is open, if it is what was shown",
    ),
)
