"""Steps of the hotline as requests to a node: messages, their answers, suspensions, NOTAM drafts.

Ids of messages are kept under their local names. Called by perform.
"""

from collections.abc import Mapping

import msgspec

from comity.exercise.answers import DraftText, Message
from comity.exercise.bodies import Bodies
from comity.exercise.node import Node
from comity.exercise.plan import PlannedStep
from comity.exercise.record import Drafted
from comity.exercise.verbs import Draft, Duty, Heard, Hotline, Say, Standing
from comity.model.fault import Malformed

__all__ = ["Speaker", "spoken"]

_ASKS_AGAIN = ("S", "RX")  # the answers that settle nothing repeat nothing


class _Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a suspension."""


class _Roster(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a change of the roster."""


class _Drafts(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a request for a draft."""

    items: tuple[DraftText, ...]


class Speaker:
    """Says what one variant has to say on the hotline."""

    def __init__(self, nodes: Mapping[str, Node], bodies: Bodies) -> None:
        """Take the nodes; nothing is sent yet."""
        self._nodes = nodes
        self._bodies = bodies
        self.messages: dict[str, str] = {}
        self.owners: dict[str, str] = {}
        self.drafts: list[Drafted] = []

    def perform(self, step: PlannedStep, details: Hotline, key: str, notice: str | None) -> None:
        """Do it; `notice` is the id of what the step is about, where it is about a notice."""
        by, node = step.by, self._nodes[step.by]
        match details:
            case Say():
                self._say(by, node, details, key, notice)
            case Heard():
                self._answer(node, details, key)
            case Standing():
                path = f"agreements/{_terms(node, details.other)}/standing"
                node.post(path, {"change": step.do, "reason": details.reason}, _Standing, key)
            case Draft():
                path = f"notices/{notice}/notam?fir={details.fir}"
                for draft in node.get(path, _Drafts).items:
                    self.drafts.append(Drafted(by=by, of=details.of, text=draft.text))
            case Duty():
                self._on_duty(node, details, key)

    def _say(self, by: str, node: Node, details: Say, key: str, about: str | None) -> None:
        body = self._bodies.message(details, self.messages.get(details.about or "") or about)
        for number in range(details.count):
            said = node.post("messages", body, Message, f"{key}-{number}")
            self.messages.setdefault(details.id, said.id)
        self.owners[details.id] = by

    def _answer(self, node: Node, details: Heard, key: str) -> None:
        of = self.messages[details.of]
        message = node.get(f"messages/{of}", Message)
        repeats = message.read_back_needed and details.code not in _ASKS_AGAIN
        body = self._bodies.message_answer(details, message.values if repeats else None)
        node.post(f"messages/{of}/answers", body, Message, key)

    def _on_duty(self, node: Node, details: Duty, key: str) -> None:
        node.post("roster/chain", {"roles": list(details.chain)}, _Roster, f"{key}-chain")
        for number, (role, person) in enumerate(details.holds.items()):
            shift = f"{key}-{number}"
            node.post("roster/shifts", {"role": role, "person": person}, _Roster, shift)


def _terms(node: Node, other: str) -> str:
    """The hash of what was agreed with a party at its enrolment."""
    for line in node.status().parties:
        if line.name == other and line.agreement is not None:
            return line.agreement.terms_hash
    raise Malformed(f"{node.name} has agreed nothing with {other}", code="bad_scenario")


def spoken(step: str, details: Hotline) -> str:
    """What was done, in a few words."""
    match details:
        case Say() as say:
            times = f", {say.count} times" if say.count > 1 else ""
            return f"{say.role}: says {say.code} to {say.to or 'nobody'}{times}"
        case Heard() as heard:
            return f"{heard.role}: answers {heard.of} by {heard.code}"
        case Standing() as standing:
            return f"{step}s what is agreed with {standing.other}: {standing.reason}"
        case Draft() as draft:
            return f"drafts a NOTAM about {draft.of}"
        case Duty() as duty:
            who = ", then ".join(
                f"{role} ({duty.holds.get(role, 'nobody')})" for role in duty.chain
            )
            return f"has on duty: {who}" if who else "takes its roster away"
