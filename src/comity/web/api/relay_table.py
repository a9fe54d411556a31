"""The routes about units that we can reach and what became of them. Part of `web.api.table`."""

from comity.web.api import relay, shapes, shapes_relay
from comity.web.route import Route, reading, writing
from comity.web.scope import Scope

__all__ = ["RELAY_TABLE"]

_API = "/api/v1"
_RELAY = f"{_API}/notices/{{id}}/relay"

RELAY_TABLE: tuple[Route, ...] = (
    reading(
        f"{_API}/relay/units",
        Scope.READ,
        shapes.Page[shapes_relay.RelayUnitView],
        relay.listed,
        summary="The units and neighbours that we can reach; it stays at home",
    ),
    writing(
        f"{_API}/relay/units",
        Scope.ANSWER,
        shapes_relay.RelayUnitRequest,
        shapes_relay.RelayUnitView,
        relay.put,
        summary="Put a unit onto the list, or change it there",
    ),
    writing(
        f"{_API}/relay/removals",
        Scope.ANSWER,
        shapes_relay.RelayUnitRemoval,
        shapes.Page[shapes_relay.RelayUnitView],
        relay.removed,
        summary="Take a unit off the list; what is open about it stays open",
    ),
    reading(
        f"{_API}/relay/open",
        Scope.READ,
        shapes_relay.OpenRelayView,
        relay.opened,
        summary="Units not reached, ours by name, others' by handle; and who is to be told",
    ),
    reading(
        _RELAY,
        Scope.READ,
        shapes_relay.RelayView,
        relay.shown,
        summary="Who is to be told of a notice, and what became of each",
    ),
    writing(
        f"{_RELAY}/words",
        Scope.ANSWER,
        shapes_relay.RelayWordRequest,
        shapes_relay.RelayView,
        relay.said,
        summary="Say that a unit was told, answered or was not reached",
    ),
    writing(
        f"{_RELAY}/picks",
        Scope.ANSWER,
        shapes_relay.RelayPickRequest,
        shapes_relay.RelayView,
        relay.picked,
        summary="Say which units a notice concerns; the others need not be told",
    ),
    writing(
        f"{_RELAY}/pages",
        Scope.ANSWER,
        shapes_relay.RelayPageRequest,
        shapes_relay.RelayPageView,
        relay.paged,
        summary="Make a page for a unit without a node, of what may be passed on",
    ),
    writing(
        f"{_RELAY}/codes",
        Scope.ANSWER,
        shapes_relay.RelayCodeRequest,
        shapes_relay.RelayCodeView,
        relay.heard,
        summary="Take the code that a unit read back from its page",
    ),
)
