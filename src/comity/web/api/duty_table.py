"""The routes of the duty roster, of alerts and of receipt chains. Part of `web.api.table`."""

from comity.web.api import duty, shapes, shapes_duty
from comity.web.route import Route, reading, writing
from comity.web.scope import Scope

__all__ = ["DUTY_TABLE"]

_API = "/api/v1"

DUTY_TABLE: tuple[Route, ...] = (
    reading(
        f"{_API}/roster",
        Scope.READ,
        shapes_duty.RosterView,
        duty.shown,
        summary="The duty roster: who is alerted, who holds which role, who is away",
    ),
    writing(
        f"{_API}/roster/chain",
        Scope.ADMIN,
        shapes_duty.RosterChainRequest,
        shapes_duty.RosterView,
        duty.set_chain,
        summary="Say which roles are alerted, in which order; none takes the roster away",
    ),
    writing(
        f"{_API}/roster/shifts",
        Scope.ANSWER,
        shapes_duty.ShiftRequest,
        shapes_duty.RosterView,
        duty.taken,
        summary="A person takes a role, now or for a time to come",
    ),
    writing(
        f"{_API}/roster/leaves",
        Scope.ANSWER,
        shapes_duty.RoleRequest,
        shapes_duty.RosterView,
        duty.left,
        summary="A person leaves a role",
    ),
    writing(
        f"{_API}/roster/presence",
        Scope.ANSWER,
        shapes_duty.PresenceRequest,
        shapes_duty.RosterView,
        duty.present,
        summary="A person of the roster is there, or away",
    ),
    reading(
        f"{_API}/alerts",
        Scope.READ,
        shapes.Page[shapes_duty.AlertView],
        duty.alerted,
        summary="Whom to alert now, of what, most urgent first",
    ),
    reading(
        f"{_API}/chains/{{id}}",
        Scope.READ,
        shapes.Page[shapes_duty.ChainView],
        duty.chained,
        summary="The receipt chain of a notice or message: each step, both clocks, deadlines",
    ),
)
