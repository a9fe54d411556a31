"""How the list of units, who was told, and what is open look. Called by `hotline_relay`."""

from collections.abc import Sequence

from comity.cli.show import facts, heading, line, short, table
from comity.exercise.amount import duration_text
from comity.model.answer import UnitState
from comity.model.party import party_name
from comity.model.relay import RelayState
from comity.web.api.shapes import RiskView
from comity.web.api.shapes_relay import OpenRelayView, RelayTaskView, RelayUnitView, RelayView

__all__ = ["show_open", "show_relay", "show_units"]

_NOT_REACHED = "NOT REACHED"


def show_units(units: Sequence[RelayUnitView]) -> None:
    """The list."""
    if not units:
        line("no unit is on the list: comity hotline relay add")
        return
    rows = [
        (each.name, each.kind, _channel(each.means, each.channel), duration_text(each.within_s))
        for each in units
    ]
    table(("unit", "kind", "by", "within"), rows)


def show_relay(view: RelayView) -> None:
    """Who is to be told of a subject, and what became of each."""
    heading(f"notice {view.id}")
    facts([("owner", view.owner), ("state", view.state)])
    if not view.units and not view.others:
        line("nobody is to be told of it: the list of units is empty")
    if view.units:
        line()
        columns = ("unit", "", "since", "by", "say so until", "owner sees", "notice")
        table(columns, [_task(each) for each in view.units])
    if view.others:
        line()
        table(("unit", "", "since", "notice"), [_risk(each) for each in view.others])


def show_open(view: OpenRelayView) -> None:
    """What was missed, then who is to be told."""
    if view.risks:
        heading(f"{_NOT_REACHED}: {len(view.risks)}")
        table(("unit", "", "since", "notice"), [_risk(each) for each in view.risks])
    else:
        line("no unit is known not to have been reached")
    if view.to_tell:
        line()
        heading(f"to be told: {len(view.to_tell)}")
        rows = [
            (each.unit, _channel(each.means, each.channel), each.due or "", short(each.notice))
            for each in view.to_tell
        ]
        table(("unit", "by", "say so until", "notice"), rows)


def _task(each: RelayTaskView) -> tuple[str, ...]:
    return (
        each.unit,
        _state(each.state),
        each.at,
        _channel(each.means, each.channel),
        each.due or "",
        short(each.handle),
        short(each.notice),
    )


def _risk(risk: RiskView) -> tuple[str, ...]:
    who = risk.unit or f"unit {short(risk.handle)}"
    name = f"{who} of {party_name(risk.party)}"
    state = _state(risk.state) if risk.open or risk.state is not UnitState.NOT_REACHED else "over"
    return (name, state, risk.at, short(risk.notice))


def _state(state: str) -> str:
    return _NOT_REACHED if state == RelayState.NOT_REACHED else state.replace("-", " ")


def _channel(means: str, channel: str) -> str:
    return f"{means}, {channel}" if channel else means
