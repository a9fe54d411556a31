"""The referee's eyes: when did which node first show what?

Looks at every node after each instant. Units are looked at each time, since a node shows only the
newest word on each, and so are open messages and lines where an exercise has to do with them;
conflicts, warnings and calls carry their own times and are read at the end. What is remembered is
what nodes answer, never what the scenario says. Called by play.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

import msgspec

from comity.exercise.answers import Assessment, EntryRow
from comity.exercise.node import Node
from comity.exercise.record import Cut, LineSeen, Overtaken, PartyRecord, Placed, Sighting
from comity.model.fault import Refused
from comity.model.quantity import instant_us

__all__ = ["Watch"]

_Row = TypeVar("_Row")


class Watch:
    """First sightings of units and handles, and the first word on what is judged."""

    def __init__(
        self,
        nodes: Mapping[str, Node],
        *,
        since_us: int = 0,
        units: bool = True,
        hearers: Collection[str] = (),
        cut_off: Collection[str] = (),
    ) -> None:
        """Begin with empty hands; `nodes` may still fill.

        What was before `since_us` is of another exercise. Looked at each time are units, if
        anybody attests of any, the open messages of `hearers`, and the lines of whom is `cut_off`.
        """
        self._nodes = nodes
        self._since_us = since_us
        self._units = units
        self._hearers = frozenset(hearers)
        self._cut_off = frozenset(cut_off)
        self._placed: dict[tuple[str, str], Placed] = {}
        self._states: dict[tuple[str, str], str] = {}
        self.lines: list[LineSeen] = []
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
            if self._units:
                self._look_at_units(party, node, at_us)
            if party in self._hearers:
                self._look_at_messages(party, node, at_us)
            if party in self._cut_off:
                self._look_at_lines(party, node, at_us)
        if self._judged and self.assessment is None:
            notice, party = self._judged
            self.assessment = _assessment(self._nodes[party], notice)

    def _look_at_units(self, party: str, node: Node, at_us: int) -> None:
        for risk in node.risks():
            if instant_us(risk.known) >= self._since_us:
                key = (party, risk.notice, risk.handle, risk.state)
                self._sightings.setdefault(key, Sighting(party=party, at_us=at_us, risk=risk))

    def _look_at_messages(self, party: str, node: Node, at_us: int) -> None:
        for place, message in enumerate(node.open_messages(), start=1):
            placed = Placed(party=party, message=message.id, place=place, at_us=at_us)
            self._placed.setdefault((party, message.id), placed)

    def _look_at_lines(self, party: str, node: Node, at_us: int) -> None:
        for line in node.status().parties:
            if self._states.get((party, line.name)) != line.line:
                self._states[party, line.name] = line.line
                seen = LineSeen(party=party, other=line.name, state=line.line, at_us=at_us)
                self.lines.append(seen)

    def placed(self) -> tuple[Placed, ...]:
        """Where each message first stood among the open ones of each node."""
        return tuple(self._placed.values())

    def sightings(self) -> tuple[Sighting, ...]:
        """All first sightings, in order of time."""
        return tuple(sorted(self._sightings.values(), key=lambda seen: seen.at_us))

    def last_look(self, languages: Mapping[str, str] | None = None) -> tuple[PartyRecord, ...]:
        """Where all nodes ended; messages as the people of each read them."""
        return tuple(
            self._last(party, node, (languages or {}).get(party, "en"))
            for party, node in self._nodes.items()
        )

    def _last(self, party: str, node: Node, language: str) -> PartyRecord:
        status = node.status()
        return PartyRecord(
            party=party,
            status=status,
            notices=self._new(node.notices(), "issued"),
            conflicts=self._new(node.conflicts(), "found"),
            alarms=self._new(node.alarms(), "raised"),
            calls=self._new(node.calls(), "filed"),
            requests=self._new(node.requests(), "at"),
            accords=node.accords(),
            messages=self._new(node.messages(language), "at") if self._hearers else (),
            rulings=tuple(
                (line.name, ruling)
                for line in (status.parties if self._hearers else ())
                for ruling in node.rulings(line.origin)
            ),
        )

    def _new(self, rows: tuple[_Row, ...], key: str) -> tuple[_Row, ...]:
        """Those that are not of an exercise before this one."""
        return tuple(row for row in rows if instant_us(getattr(row, key)) >= self._since_us)

    def overtaken(self, cuts: Sequence[Cut]) -> tuple[Overtaken, ...]:
        """What each side took first when a line was mended, from the journals of both."""
        found: list[Overtaken] = []
        origins = {name: node.status().origin for name, node in self._nodes.items() if cuts}
        for cut, mended in pairwise(cuts):
            for party in mended.sizes if mended.mended else ():
                (giver,) = set(mended.sizes) - {party}
                first = self._first_taken(party, giver, mended.sizes[party], origins)
                if first is not None:
                    waited = self._nodes[giver].entries(cut.sizes[giver])
                    found.append(_overtaken(party, giver, first, waited, origins[party]))
        return tuple(found)

    def _first_taken(
        self, party: str, giver: str, start: int, origins: Mapping[str, str]
    ) -> int | None:
        """The index in the giver's journal of what was received first from `start` on."""
        for row in self._nodes[party].entries(start):
            if row.type == "receipt" and row.to == origins[giver]:
                note = self._nodes[party].get(f"entries/{row.index}", _Entry).note
                given = next(line for line in note.split("\n") if line.startswith("given "))
                return int(given.split(" ")[2])
        return None


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a request for an entry."""

    note: str


def _overtaken(
    party: str, giver: str, first: int, waited: Iterable[EntryRow], origin: str
) -> Overtaken:
    """`waited` is what the giver wrote since the cut."""
    rows = [row for row in waited if row.to == origin and row.type != "receipt"]
    kind = next((row.type for row in rows if row.index == first), "unknown")
    passed = sum(row.index < first for row in rows)
    return Overtaken(party=party, giver=giver, first=kind, passed=passed)


def _assessment(node: Node, id_: str) -> Assessment | None:
    """What the node says of a call or a notice; None while it has neither."""
    for call in node.calls():
        if call.id == id_:
            return call.assessment
    try:
        return node.notice(id_).assessment
    except Refused:
        return None
