"""Figures of one direction of a line: leads, times of answers, overdue ends, units not reached.

Pure, over what `exchanged` reads: times stand in signed entries that both sides hold, and no clock
is read. So both sides compute the same integers of the same receipts under the same agreements.
Every definition stands in docs/reference/hotline-metrics.md. Called by the doors.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from comity.agreement.resolve import Case, Rules, case_of
from comity.hotline.exchanged import Exchanged, Way
from comity.hotline.metrics_items import Item, Items, items_of
from comity.hotline.phrases import phrasebook
from comity.model.answer import Answer, Attestation, Step, UnitState
from comity.model.message import Message, MessageAnswer, is_final
from comity.model.notice import SubjectKind
from comity.wire.canonical import sha256

__all__ = ["Figures", "Mark", "Spread", "figures_of", "marks_of", "terms_id"]

MARKS_MAX = 64
_HASH_BYTES = 8  # to find where two records part, not to prove anything
_CaseOf = Callable[[bytes | None], Case]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Spans of time in microseconds: `count` of the `of` that were due one.

    The median is the lower of the two in the middle. `in_time` are those within what is agreed.
    """

    of: int
    count: int
    p50_us: int | None
    least_us: int | None
    most_us: int | None
    in_time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was given in one direction, and what became of it: counts, and spans of time."""

    entries: int
    refused: Mapping[str, int]
    missing: int
    declared: Mapping[str, int]
    moved: Mapping[str, int]
    delivered: Spread
    lead: Spread
    short_notice: int
    seen: Spread
    read_back: Spread
    relayed: Spread
    units: int
    units_not_reached: int
    started: int
    overdue: int
    unclosed: int
    messages: int
    messages_of_floor: int
    answered: Spread
    settled: int
    requests: int
    decided: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A hash over all receipts that are considered, up to the one of number `upto`."""

    upto: int
    hash: str


@dataclass(slots=True)
class _Spans:
    """Spans as they are found."""

    of: int = 0
    found: list[int] = field(default_factory=list)
    in_time: int = 0

    def add(self, span_us: int | None, *, in_time: bool) -> None:
        """One that was due; None if it did not come."""
        self.of += 1
        if span_us is not None:
            self.found.append(span_us)
            self.in_time += in_time

    def within(self, span_us: int | None, agreed_us: int) -> None:
        """One that was due within a time."""
        self.add(span_us, in_time=span_us is not None and span_us <= agreed_us)

    def spread(self) -> Spread:
        """What is said of them."""
        found = sorted(self.found)
        return Spread(
            of=self.of,
            count=len(found),
            p50_us=found[(len(found) - 1) // 2] if found else None,
            least_us=found[0] if found else None,
            most_us=found[-1] if found else None,
            in_time=self.in_time,
        )


def figures_of(
    way: Way,
    forth: Sequence[Exchanged],
    back: Sequence[Exchanged],
    rules: Rules,
    as_of_us: int,
) -> Figures:
    """The figures of what went `forth`, answered by what came `back`, as of a moment.

    Both are in the order of their receipts.

    Raises:
        Malformed: a content that was accepted cannot be read.
    """
    said, answers = items_of(forth), items_of(back)
    case = _cases(way, said)
    lead, short_notice = _leads(said, rules, case)
    units, not_reached = _units(said, answers)
    answered, settled = _messages(said, answers, rules, case)
    lives = said.lives.values()
    return Figures(
        entries=len(forth),
        refused=_counted(each.verdict for each in forth if not each.was_taken),
        missing=sum(each.is_missing for each in forth),
        declared=_counted(item.value.kind.value for item in said.declarations),
        moved=_counted(code.name.lower() for code in said.moves.elements()),
        delivered=_delivered(forth, rules.value("receipt_delivered_us", case(None))),
        lead=lead,
        short_notice=short_notice,
        seen=_by_people(said, _first(answers.answers), rules, case, "receipt_seen_us"),
        read_back=_by_people(
            said,
            _first(each for each in answers.answers if each.value.step is Step.READ_BACK),
            rules,
            case,
            "receipt_readback_us",
        ),
        relayed=_by_people(
            said,
            _first(each for each in answers.attestations if _told(each)),
            rules,
            case,
            "receipt_relayed_us",
        ),
        units=units,
        units_not_reached=not_reached,
        started=sum(life.was_started for life in lives),
        overdue=sum(life.ran_over(as_of_us) for life in lives),
        unclosed=sum(life.is_unclosed(as_of_us) for life in lives),
        messages=len(said.messages),
        messages_of_floor=sum(phrasebook().phrase(m.value.code).floor for m in said.messages),
        answered=answered,
        settled=settled,
        requests=len(said.requests),
        decided=_decided(said, answers, rules, case),
    )


def marks_of(way: Sequence[Exchanged]) -> tuple[Mark, ...]:
    """At most 64 hashes, each over all that came before it too: the first that differs says where.

    What is missing here is in the hash, so a side that lost something has another one from there.
    """
    every = -(-len(way) // MARKS_MAX)
    found: list[Mark] = []
    running = b""
    for at, each in enumerate(way, start=1):
        state = b"missing" if each.is_missing else b"here"
        running = sha256(running + each.receipt + each.leaf + state)
        if at % every == 0 or at == len(way):
            found.append(Mark(upto=each.number, hash=running[:_HASH_BYTES].hex()))
    return tuple(found)


def terms_id(rules: Rules) -> str:
    """A short hash of what is agreed: figures under other terms are not compared."""
    books = sorted(f"{each.agreement.name}/{each.agreement.version}" for each in rules.books)
    block = sorted(f"{name}={value}" for name, value in (rules.block or {}).items())
    return sha256("\n".join((*books, "", *block)).encode())[:_HASH_BYTES].hex()


def _counted(names: Iterable[str]) -> Mapping[str, int]:
    return dict(sorted(Counter(names).items()))


def _cases(way: Way, said: Items) -> _CaseOf:
    """The case that agreements are asked for, by the id of a notice; None: of no notice."""
    plain = Case(by=way.giver, to=way.taker)
    known = {life.id: case_of(life.declared, way.giver, way.taker) for life in said.lives.values()}

    def case(of: bytes | None) -> Case:
        return plain if of is None else known.get(said.subject_of.get(of, b""), plain)

    return case


def _delivered(forth: Sequence[Exchanged], agreed_us: int) -> Spread:
    spans = _Spans()
    for each in forth:
        if each.told is not None and each.was_taken:
            spans.within(each.taken_us - each.told.issued_us, agreed_us)
    return spans.spread()


def _leads(said: Items, rules: Rules, case: _CaseOf) -> tuple[Spread, int]:
    """Start minus delivery of declared operations; in time: not below the agreed least lead."""
    spans, short = _Spans(), 0
    for item in said.declarations:
        if item.value.kind is SubjectKind.OPERATION:
            start_us = min(volume.window.start_us for volume in item.value.volumes)
            lead_us = start_us - item.taken_us
            least_us = rules.value("lead_cleartext_min_us", case(item.id))
            spans.add(lead_us, in_time=lead_us >= least_us)
            short += lead_us < rules.value("lead_short_notice_us", case(item.id))
    return spans.spread(), short


def _first(items: Iterable[Item[Answer] | Item[Attestation]]) -> Mapping[bytes, int]:
    """When each notice had the first of these about it."""
    found: dict[bytes, int] = {}
    for item in items:
        of = item.value.of
        found[of] = min(item.issued_us, found.get(of, item.issued_us))
    return found


def _told(item: Item[Attestation]) -> bool:
    """Whether any unit was: one that was not reached is no word that people gave."""
    return any(unit.state is not UnitState.NOT_REACHED for unit in item.value.units)


def _by_people(
    said: Items, first: Mapping[bytes, int], rules: Rules, case: _CaseOf, parameter: str
) -> Spread:
    """From the taking of each declaration and amendment to the first answer of a kind."""
    spans = _Spans()
    taken = [(item.id, item.taken_us) for item in said.declarations]
    taken += [(item.id, item.taken_us) for item in said.amendments]
    for id_, taken_us in taken:
        answered_us = first.get(id_)
        span_us = None if answered_us is None else answered_us - taken_us
        spans.within(span_us, rules.value(parameter, case(id_)))
    return spans.spread()


def _units(said: Items, answers: Items) -> tuple[int, int]:
    """Units that were attested of notices in this direction, by the newest word on each."""
    newest: dict[tuple[bytes, bytes], UnitState] = {}
    for item in answers.attestations:
        if item.value.of in said.subject_of:
            newest |= {(item.value.of, unit.handle): unit.state for unit in item.value.units}
    return len(newest), sum(state is UnitState.NOT_REACHED for state in newest.values())


def _messages(said: Items, answers: Items, rules: Rules, case: _CaseOf) -> tuple[Spread, int]:
    """From the taking of a message to its first answer, and how many an answer settled."""
    by_message: dict[bytes, list[Item[MessageAnswer]]] = {}
    for answer in answers.message_answers:
        by_message.setdefault(answer.value.of, []).append(answer)
    spans, settled = _Spans(), 0
    for item in said.messages:
        found = by_message.get(item.id, [])
        first_us = min((answer.issued_us for answer in found), default=None)
        parameter = phrasebook().phrase(item.value.code).parameter
        agreed_us = rules.value(parameter or "message_answer_us", case(item.value.about))
        spans.within(None if first_us is None else first_us - item.taken_us, agreed_us)
        settled += any(_settles(item.value, answer.value) for answer in found)
    return spans.spread(), settled


def _settles(message: Message, answer: MessageAnswer) -> bool:
    """As the desk has it: final, and what it reads back, if anything, is what was said."""
    heard = answer.read_back
    return is_final(answer.code) and (heard is None or heard.values == message.values)


def _decided(said: Items, answers: Items, rules: Rules, case: _CaseOf) -> Spread:
    """From the taking of a request to the reply that decided it."""
    final: dict[bytes, int] = {}
    for reply in answers.replies:
        if reply.value.is_final:
            final.setdefault(reply.value.of, reply.issued_us)
    spans = _Spans()
    for item in said.requests:
        decided_us = final.get(item.id)
        agreed_us = rules.value("request_answer_us", case(item.value.of))
        spans.within(None if decided_us is None else decided_us - item.taken_us, agreed_us)
    return spans.spread()
