"""The referee's eyes: when did which node first show what?

Looks at every node after each instant. Units are looked at each time, since a node shows only the
newest word on each; conflicts, warnings and calls carry their own times and are read at the end.
What is remembered is what nodes answer, never what the scenario says. Called by play.
"""

from collections.abc import Mapping

from comity.exercise.answers import Assessment
from comity.exercise.node import Node
from comity.exercise.record import PartyRecord, Sighting
from comity.model.fault import Refused

__all__ = ["Watch"]


class Watch:
    """First sightings of units and handles, and the first word on what is judged."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        """Begin with empty hands; `nodes` may still fill."""
        self._nodes = nodes
        self._sightings: dict[tuple[str, str, str, str], Sighting] = {}
        self._judged: tuple[str, str] | None = None
        self.assessment: Assessment | None = None

    def judge(self, notice: str, party: str) -> None:
        """From now on look for what the node of `party` says of `notice`; its first word counts.

        Later the party acts on the notice, and what it then has in the air is another question.
        """
        self._judged = (notice, party)

    def look(self, at_us: int) -> None:
        """Look at all nodes at the virtual instant `at_us`."""
        for party, node in self._nodes.items():
            for risk in node.risks():
                key = (party, risk.notice, risk.handle, risk.state)
                self._sightings.setdefault(key, Sighting(party=party, at_us=at_us, risk=risk))
        if self._judged and self.assessment is None:
            notice, party = self._judged
            self.assessment = _assessment(self._nodes[party], notice)

    def sightings(self) -> tuple[Sighting, ...]:
        """All first sightings, in order of time."""
        return tuple(sorted(self._sightings.values(), key=lambda seen: seen.at_us))

    def last_look(self) -> tuple[PartyRecord, ...]:
        """Where all nodes ended."""
        return tuple(
            PartyRecord(
                party=party,
                status=node.status(),
                notices=node.notices(),
                conflicts=node.conflicts(),
                alarms=node.alarms(),
                calls=node.calls(),
                requests=node.requests(),
                accords=node.accords(),
            )
            for party, node in self._nodes.items()
        )


def _assessment(node: Node, id_: str) -> Assessment | None:
    """What the node says of a call or a notice; None while it has neither."""
    for call in node.calls():
        if call.id == id_:
            return call.assessment
    try:
        return node.notice(id_).assessment
    except Refused:
        return None
