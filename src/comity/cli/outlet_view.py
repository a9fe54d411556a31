"""How an outlet and a dispatch look. Called by `outlet` and `outlet_add`."""

from collections.abc import Iterable

from comity.cli.show import facts, json_line, line, short, table
from comity.model.outlet import WHAT_ACCEPTED_MEANS, Mail, Outlet
from comity.model.party import party_name
from comity.web.api.shapes_dispatches import DispatchView
from comity.wire.canonical import Json

__all__ = ["outlet_json", "show_dispatches", "show_outlet"]


def outlet_json(outlet: Outlet) -> dict[str, Json]:
    """An outlet without anything that is secret."""
    target = outlet.target
    found: dict[str, Json] = {
        "name": outlet.name,
        "channel": target.channel,
        "to": target.place,
        "on": [*outlet.on],
        "details": outlet.details,
        "role": outlet.role,
    }
    if isinstance(target, Mail):
        found |= {"from": target.sender, "server": f"{target.host}:{target.port}"}
        found |= {"tls": target.tls, "user": target.user}
    return found


def show_outlet(outlet: Outlet, *, as_json: bool) -> None:
    """One outlet, and from when on it counts."""
    if as_json:
        json_line(outlet_json(outlet))
        return
    said = outlet_json(outlet) | {"on": " ".join(outlet.on)}
    facts([(name, "" if value is None else str(value)) for name, value in said.items()])
    line()
    line("A node sends to it from its next start on. comity outlet test tries it now.")


def show_dispatches(views: Iterable[DispatchView]) -> None:
    """What went out, and what that means."""
    rows = [
        (
            view.done or view.next or "",
            view.outlet,
            view.kind,
            "" if view.party is None else party_name(view.party),
            short(view.about or view.of),
            view.state,
            str(view.attempts),
            view.answer,
        )
        for view in views
    ]
    table(("time", "outlet", "kind", "party", "about", "state", "tries", "answer"), rows)
    line()
    line(WHAT_ACCEPTED_MEANS)
