"""What became of the units of a notice, in words: `1 told, 1 NOT REACHED`.

Asks the node. Called by `hotline chain`, `notice show` and `hotline relay`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from comity.cli.node import Node, shaped
from comity.model.duty import WatchKind
from comity.model.relay import RelayState
from comity.web.api.shapes import NoticeView, RiskView
from comity.web.api.shapes_duty import ChainView
from comity.web.api.shapes_relay import RelayView

__all__ = ["named_units", "units_said"]

_OF_NOTICES = frozenset({WatchKind.GIVEN, WatchKind.NOTICE})
# What is wrong stands where the eye stops: last, in capitals.
_WORDS = {
    RelayState.TOLD: "told",
    RelayState.ANSWERED: "answered",
    RelayState.TO_TELL: "to tell",
    RelayState.NOT_REACHED: "NOT REACHED",
}


def units_said(node: Node, chains: Iterable[ChainView]) -> dict[str, str]:
    """For each party of the chains of one notice, what became of its units; "" if nobody said.

    Of a notice of ours these are the recipient's units, of another's they are our own.
    """
    found = [view for view in chains if view.kind in _OF_NOTICES]
    if not found:
        return {}
    relay = shaped(node.get(f"notices/{found[0].about}/relay"), RelayView)
    return {
        view.party: _counted(
            _newest([risk for risk in relay.others if risk.party == view.party])
            if view.kind is WatchKind.GIVEN
            else named_units(node, relay).values()
        )
        for view in found
    }


def named_units(node: Node, relay: RelayView) -> dict[str, RelayState]:
    """Our own units by name: those of the list, and those that were only ever spoken of."""
    newest = shaped(node.get(f"notices/{relay.id}"), NoticeView).notice
    ids = {relay.id, newest, *(task.notice for task in relay.units)}
    risks = shaped(node.items("risks"), list[RiskView])
    spoken = {
        risk.unit: RelayState(risk.state)
        for risk in sorted(risks, key=lambda risk: risk.known)
        if risk.unit is not None and risk.notice in ids
    }
    return spoken | {task.unit: task.state for task in relay.units}


def _newest(risks: Sequence[RiskView]) -> list[RelayState]:
    """The states of another's units: a handle is another for each area that was given.

    Counted are the area that was spoken of last, and whatever is still open of another one.
    """
    last = max(risks, key=lambda risk: risk.known, default=None)
    return [
        RelayState(risk.state)
        for risk in risks
        if risk.open or (last is not None and risk.notice == last.notice)
    ]


def _counted(states: Iterable[RelayState]) -> str:
    counts = Counter(states)
    return ", ".join(f"{counts[state]} {word}" for state, word in _WORDS.items() if counts[state])
