"""A step of the scenario as a request to a node, and what became of it.

Ids that nodes give are kept under the local names. A refusal is an outcome, not an error: the
variant goes on, and what leaned on it is skipped. Called by run.
"""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from comity.exercise.accord import accord_text
from comity.exercise.answers import Accord, PersonStep, Receipt, Request, Risk
from comity.exercise.answers import Call as CallAnswer
from comity.exercise.answers import Report as ReportAnswer
from comity.exercise.bodies import Bodies
from comity.exercise.mishaps import Lines, Mishaps, NoLines, SetsClock, befallen
from comity.exercise.node import Node
from comity.exercise.plan import PlannedStep, Play
from comity.exercise.record import Happened, Outcome
from comity.exercise.scenario import Scenario
from comity.exercise.speak import Speaker, spoken
from comity.exercise.verbs import (
    Answer,
    Ask,
    Attest,
    Call,
    Clock,
    Declare,
    Details,
    Draft,
    Duty,
    Heard,
    Hotline,
    Line,
    Mishap,
    Move,
    Remark,
    Reply,
    Report,
    Said,
    Say,
    Sign,
    Standing,
)
from comity.model.fault import Refused

__all__ = ["Performer"]

_ANSWERED = {
    "seen": "has seen",
    "read_back": "reads back",
    "wilco": "WILCO to",
    "unable": "UNABLE to",
}


class _Risks(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to an attestation."""

    items: tuple[Risk, ...]


class Performer:
    """Performs the steps of one variant on its nodes."""

    def __init__(
        self,
        scenario: Scenario,
        play: Play,
        nodes: Mapping[str, Node],
        lines: Lines | None = None,
        clocks: Mapping[str, SetsClock] = MappingProxyType({}),
    ) -> None:
        """Take the nodes, their clocks, and the wires between them if they can be cut."""
        self._scenario = scenario
        self._play = play
        self._nodes = nodes
        self._bodies = Bodies(play.moments, scenario.places)
        self.speaker = Speaker(nodes, self._bodies)
        self.mishaps = Mishaps(nodes, lines or NoLines(), clocks)
        self._declared: dict[str, Declare] = {}
        self._receipts: dict[str, Receipt] = {}
        self._calls: dict[str, str] = {}
        self._requests: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        self._owners: dict[str, str] = {}

    def perform(self, number: int, step: PlannedStep) -> Happened:
        """Do one step now; `number` makes its request unique. Unavailable if a node fails."""
        if isinstance(step.details, Remark):
            return self._happened(step, Outcome.NOTE, step.details.text)
        there = self._receipts.keys() | self._requests.keys() | self.speaker.messages.keys()
        missing = [name for name in _leans_on(step.details) if name not in there]
        if missing:
            return self._happened(step, Outcome.SKIPPED, f"{missing[0]} was never said")
        before = self._head(step.by) if step.expect_refusal else None
        try:
            notice = self._send(step, f"{self._scenario.name}-{self._play.name}-{number}")
        except Refused as error:
            return self._refused(step, error, before)
        outcome = Outcome.NOT_REFUSED if step.expect_refusal else Outcome.DONE
        return self._happened(step, outcome, _account(step), notice)

    def labels(self) -> dict[str, str]:
        """Ids of notices, subjects, calls, requests -> `party/local-id`; the first name stays."""
        found: dict[str, str] = {}
        for name, receipt in self._receipts.items():
            for id_ in (receipt.subject, receipt.id):
                found.setdefault(id_, f"{self._owners[name]}/{name}")
        others = self._calls | self._requests | self.speaker.messages
        owners = self._owners | self.speaker.owners
        return found | {id_: f"{owners[name]}/{name}" for name, id_ in others.items()}

    def judged(self) -> tuple[str, str]:
        """The id of what is judged and the party at whose node it is read; blank if never said."""
        name = self._play.judged
        if name in self._calls:
            return self._calls[name], self._owners[name]
        if name not in self._receipts:
            return "", ""
        to = self._declared[name].to if name in self._declared else ()
        return self._receipts[name].id, (to[0] if to else self._owners[name])

    def _send(self, step: PlannedStep, key: str) -> str | None:  # noqa: C901 - one match
        node, details = self._nodes[step.by], step.details
        match details:
            case Declare():
                return self._declare(step.by, node, details, key)
            case Move():
                body = self._bodies.move(step.do, details)
                subject = self._receipts[details.of].subject
                path = f"notices/{subject}/moves"
                receipt = node.post(path, body, Receipt, key)
                for number in range(1, details.count):
                    receipt = node.post(path, body, Receipt, f"{key}-{number}")
                self._keep(details.id, step.by, receipt)
                return receipt.id
            case Answer():
                self._answer(step.do, node, details, key)
            case Attest():
                of = self._receipts[details.of].id
                attestation = self._bodies.attestation(details)
                node.post(f"notices/{of}/attestations", attestation, _Risks, key)
            case Call():
                answer = node.post("calls", self._bodies.call(details), CallAnswer, key)
                self._calls[details.id] = answer.id
                self._owners[details.id] = step.by
                return answer.id
            case Sign() | Ask() | Reply() | Report():
                return self._say(step.by, node, details, key)
            case Line() | Clock():
                self.mishaps.befall(step, details)
            case Say() | Heard() | Standing() | Draft() | Duty():
                of = getattr(details, "of", None) or getattr(details, "about", None) or ""
                about = self._receipts[of].id if of in self._receipts else None
                self.speaker.perform(step, details, key, about)
            case Remark():
                pass
        return None

    def _say(self, by: str, node: Node, details: Said, key: str) -> str | None:
        match details:
            case Sign():
                node.post("agreements", {"text": self._text(details.agreement)}, Accord, key)
            case Ask():
                body = self._bodies.request(details, self._receipts[details.of].subject)
                asked = node.post("requests", body, Request, key)
                self._requests[details.id] = asked.id
                self._owners[details.id] = by
            case Reply():
                of = self._requests[details.of]
                node.post(f"requests/{of}/replies", self._bodies.reply(details), Request, key)
            case Report():
                hazard = self._receipts[details.of].subject
                body = self._bodies.report(details)
                node.post(f"notices/{hazard}/reports", body, ReportAnswer, key)
        return None

    def _text(self, name: str) -> str:
        """An agreement's text; its parties have the origins that their nodes have."""
        if name not in self._texts:
            origins = {party: node.status().origin for party, node in self._nodes.items()}
            accord = self._scenario.accord(name)
            self._texts[name] = accord_text(accord, origins, self._play.moments)
        return self._texts[name]

    def _declare(self, by: str, node: Node, details: Declare, key: str) -> str:
        prompting = self._receipts[details.prompted_by].id if details.prompted_by else None
        body = self._bodies.declaration(details, prompting)
        receipt = node.post("notices", body, Receipt, key)
        for number in range(1, details.count):
            node.post("notices", body, Receipt, f"{key}-{number}")
        self._keep(details.id, by, receipt)
        self._declared[details.id] = details
        return receipt.id

    def _answer(self, verb: str, node: Node, details: Answer, key: str) -> None:
        of = self._receipts[details.of].id
        repeat = node.notice(of).read_back_to_give if verb == "read_back" else None
        body = self._bodies.answer(verb, details, repeat)
        node.post(f"notices/{of}/answers", body, PersonStep, key)

    def _keep(self, name: str | None, by: str, receipt: Receipt) -> None:
        if name:
            self._receipts[name] = receipt
            self._owners[name] = by

    def _head(self, party: str) -> tuple[int, str]:
        status = self._nodes[party].status()
        return status.journal_size, status.root

    def _refused(
        self, step: PlannedStep, error: Refused, before: tuple[int, str] | None
    ) -> Happened:
        refusal = error.refusal
        text = f"{refusal.code}: {refusal.reason} ({refusal.what_to_do})"
        if refusal.code != step.expect_refusal:
            return self._happened(step, Outcome.REFUSED, text)
        unchanged = self._head(step.by) == before
        outcome = Outcome.REFUSED_AS_EXPECTED if unchanged else Outcome.CHANGED
        return self._happened(step, outcome, text)

    def _happened(
        self, step: PlannedStep, outcome: Outcome, text: str, notice: str | None = None
    ) -> Happened:
        return Happened(
            at_us=step.at_us,
            by=step.by,
            do=step.do,
            name=step.details.id,
            of=getattr(step.details, "of", None),
            outcome=outcome,
            text=text,
            where=step.where,
            claims=step.details.claims,
            notice=notice,
        )


def _leans_on(details: Details) -> tuple[str, ...]:
    match details:
        case Move() | Answer() | Attest() | Ask() | Reply() | Report() | Heard() | Draft():
            return (details.of,)
        case Say() if details.about:
            return (details.about,)
        case Declare() if details.prompted_by:
            return (details.prompted_by,)
        case _:
            return ()


def _account(step: PlannedStep) -> str:
    """What was done, in a few words."""
    match step.details:
        case Declare() as declared:
            to = " and ".join(declared.to)
            times = f" {declared.count} times" if declared.count > 1 else ""
            return f"declares {declared.kind} {declared.id}{times}" + (
                f" to {to}" if to else ", kept at home"
            )
        case Move() as move:
            return f"{step.do}s {move.of}" + (f" {move.count} times" if move.count > 1 else "")
        case Answer() as answer:
            reason = f" ({answer.reason})" if answer.reason else ""
            return f"{answer.role}: {_ANSWERED[step.do]} {answer.of}{reason}"
        case Attest() as attest:
            units = ", ".join(f"{unit.unit} {unit.state}" for unit in attest.units)
            return f"attests about {attest.of}: {units}"
        case Say() | Heard() | Standing() | Draft() | Duty() | Line() | Clock() as said:
            return _told(step.do, said)
        case _ as other:
            return _account_of(other)


def _told(do: str, details: Hotline | Mishap) -> str:
    return befallen(do, details) if isinstance(details, Mishap) else spoken(do, details)


def _account_of(details: Call | Said | Remark) -> str:
    match details:
        case Call() as call:
            return f"files the account of {call.account_of}: {call.words}"
        case Remark() as remark:
            return remark.text
        case Sign() as sign:
            return f"signs {sign.agreement}"
        case Ask() as ask:
            words = f", in free text: {ask.words}" if ask.words else ""
            return f"asks {ask.to}: {ask.wanted}, about {ask.of}{words}"
        case Reply() as reply:
            more = f" ({reply.reason})" if reply.reason else ""
            more += f" {reply.standby_minutes} min" if reply.standby_minutes else ""
            return f"{reply.role}: {reply.decision}{more}, its own act, to {reply.of}"
        case Report() as report:
            to = " and ".join(report.to) or "nobody"
            return f"{report.stance} {report.of} ({report.confidence}: {report.source}), to {to}"
