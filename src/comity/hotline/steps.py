"""Which step of a receipt chain is not met yet, and until when it should be: read from the store.

Nothing here is remembered: the steps are those of the answers, receipts and units that the store
has, so that an answer counts in whatever order it came. A step that was done shows that those
before it were. Called by `watch` and `chain`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from comity.agreement.resolve import Case, Rules
from comity.hotline.compare import compared
from comity.hotline.standing import stands
from comity.model.answer import Step, UnitState
from comity.model.duty import ChainStep, Level, Spans, WatchKind
from comity.model.lifecycle import LifeState, is_live
from comity.storage.duty import WatchRow
from comity.storage.messages import MessageRow
from comity.storage.requests import RequestRow
from comity.storage.rows import AnswerRow, SubjectRow, TakenRow, UnitRow
from comity.storage.store import Reading
from comity.wire.answer_v1 import answer_from
from comity.wire.fields import parse_fields

__all__ = [
    "ACTED",
    "SPANS",
    "Heard",
    "OpenStep",
    "due_of",
    "heard",
    "level_times",
    "open_step",
    "sentence_of",
    "spans_of",
    "watch_row",
]

SPANS = (  # by the names of the agreement, in the order of `Spans`
    "receipt_delivered_us",
    "receipt_seen_us",
    "receipt_readback_us",
    "receipt_relayed_us",
    "escalate_alternates_us",
    "escalate_next_echelon_us",
    "escalate_witness_us",
)
ACTED = frozenset({Step.WILCO, Step.UNABLE})  # whoever has no unit to tell answers by acting
_TAKEN = frozenset({"accepted", "unbound"})
_PLACES = (ChainStep.DELIVERED, ChainStep.SEEN, ChainStep.READ_BACK, ChainStep.RELAYED)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStep:
    """The first step that is not met, its deadline, and what the deadline rests on."""

    step: ChainStep
    due_us: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was said to a notice as it stands, by one side, each oldest first.

    `units` are those that were told. One that was not reached shows nothing: nobody need have seen
    the notice for it to become an open risk.
    """

    taken: TakenRow | None
    answers: tuple[AnswerRow, ...]
    agreeing: tuple[AnswerRow, ...]
    units: tuple[UnitRow, ...]

    @property
    def acting(self) -> tuple[AnswerRow, ...]:
        """The answers by which somebody acts."""
        return tuple(row for row in self.answers if _step(row) in ACTED)


def spans_of(asked: Iterable[tuple[Rules, Case]]) -> Spans:
    """What is agreed; of several agreements each time is the shortest."""
    pairs = tuple(asked)
    rulings = [
        min((rules.ruling(name, case) for rules, case in pairs), key=lambda each: each.value)
        for name in SPANS
    ]
    values = [ruling.value for ruling in rulings]
    return Spans(
        delivered_us=values[0],
        seen_us=values[1],
        read_back_us=values[2],
        relayed_us=values[3],
        alternates_us=values[4],
        next_echelon_us=values[5],
        witness_us=values[6],
        sentences=tuple(ruling.sentence for ruling in rulings),
    )


def watch_row(
    about: bytes,
    *,
    party: str,
    kind: WatchKind,
    notice: bytes,
    from_us: int,
    floor: bool,
    spans: Spans,
) -> WatchRow:
    """A watch that has not begun."""
    return WatchRow(
        about=about,
        party=party,
        kind=kind,
        notice=notice,
        leaf=None,
        from_us=from_us,
        floor=floor,
        step="",
        due_us=from_us,
        level=Level.FIRST,
        next_us=None,
        delivered_us=spans.delivered_us,
        seen_us=spans.seen_us,
        read_back_us=spans.read_back_us,
        relayed_us=spans.relayed_us,
        alternates_us=spans.alternates_us,
        next_echelon_us=spans.next_echelon_us,
        witness_us=spans.witness_us,
        sentences="\n".join(spans.sentences),
    )


def open_step(reading: Reading, row: WatchRow) -> OpenStep | None:
    """The first step that is not met; None if all are, or it is over."""
    match WatchKind(row.kind):
        case WatchKind.NOTICE | WatchKind.GIVEN:
            return _of_notice(reading, row)
        case WatchKind.MESSAGE | WatchKind.SAID:
            answered = bool(reading.messages.answers(row.about))
            return _of_word(reading, row, reading.messages.message(row.about), answered=answered)
        case WatchKind.REQUEST | WatchKind.ASKED:
            answered = bool(reading.requests.replies(row.about))
            return _of_word(reading, row, reading.requests.request(row.about), answered=answered)
        case WatchKind.END:
            return _of_end(reading, row)


def level_times(row: WatchRow, due_us: int) -> tuple[int, ...]:
    """When each level is due, from the alternates on: never one before the one below it.

    The first step goes on at the agreement's own times; a later one by as much later as its
    deadline is.
    """
    base_us = due_us if row.kind == WatchKind.END else due_us - row.seen_us
    spans = (row.alternates_us, row.next_echelon_us, row.witness_us)
    return tuple(accumulate((base_us + span for span in spans), max))


def due_of(row: WatchRow, step: ChainStep) -> int:
    """The deadline of a step of a notice's chain."""
    spans = (row.delivered_us, row.seen_us, row.read_back_us, row.relayed_us)
    return row.from_us + spans[_PLACES.index(step)]


def sentence_of(row: WatchRow, of: ChainStep | Level) -> str:
    """What the time of a step, or of a level, rests on."""
    place = len(_PLACES) - 1 + of if isinstance(of, Level) else _PLACES.index(of)
    return row.sentences.split("\n")[place]


def heard(reading: Reading, row: WatchRow, subject: SubjectRow) -> Heard:
    """What came back to a notice of ours, or what our people said to one of theirs."""
    ours = row.kind == WatchKind.GIVEN
    answers = tuple(
        answer
        for answer in reading.people.answers_about(row.about)
        if stands(reading, answer.of) and (not ours or answer.by == row.party)
    )
    return Heard(
        taken=_taken(reading, row) if ours else None,
        answers=answers,
        agreeing=tuple(answer for answer in answers if _agrees(reading, answer)),
        units=tuple(
            unit
            for of in reading.sky.notices_of(subject.id)
            if stands(reading, of)
            for unit in reading.people.units_of(of)
            if unit.state != UnitState.NOT_REACHED and (not ours or unit.party == row.party)
        ),
    )


def _of_notice(reading: Reading, row: WatchRow) -> OpenStep | None:
    subject = reading.sky.subject(row.about)
    if subject is None or not is_live(LifeState(subject.state)):
        return None
    found = heard(reading, row, subject)
    if found.taken is not None and found.taken.verdict not in _TAKEN:
        return None  # refused: a warning of its own says so
    seen = bool(found.answers or found.units)
    met = {
        ChainStep.DELIVERED: row.kind == WatchKind.NOTICE or seen or found.taken is not None,
        ChainStep.SEEN: seen,
        ChainStep.READ_BACK: bool(found.agreeing),
        ChainStep.RELAYED: bool(found.units or found.acting),
    }
    return next((_open(row, step) for step in _PLACES if not met[step]), None)


def _of_word(
    reading: Reading, row: WatchRow, word: MessageRow | RequestRow | None, *, answered: bool
) -> OpenStep | None:
    """Of a message or request: any answer shows that it was seen, one that settles it ends it."""
    if word is None or word.due_us is None:
        return None
    if not WatchKind(row.kind).for_us:
        taken = _taken(reading, row)
        if answered or (taken is not None and taken.verdict not in _TAKEN):
            return None  # that it is not settled in time is a warning at both sides already
        return _open(row, ChainStep.DELIVERED if taken is None else ChainStep.SEEN)
    if answered:
        return OpenStep(step=ChainStep.ANSWERED, due_us=word.due_us, sentence=word.ground)
    seen = _open(row, ChainStep.SEEN)
    due_us = word.due_us - (word.at_us - row.from_us)  # as much earlier as the arrival is
    if due_us < seen.due_us:
        return OpenStep(step=ChainStep.SEEN, due_us=due_us, sentence=word.ground)
    return seen


def _of_end(reading: Reading, row: WatchRow) -> OpenStep | None:
    overdue = any(each.kind == "overdue_end" for each in reading.sky.open_warnings(row.about))
    if not overdue:
        return None
    return OpenStep(step=ChainStep.ENDED, due_us=row.from_us, sentence="its own end has passed")


def _open(row: WatchRow, step: ChainStep) -> OpenStep:
    return OpenStep(step=step, due_us=due_of(row, step), sentence=sentence_of(row, step))


def _taken(reading: Reading, row: WatchRow) -> TakenRow | None:
    index = reading.journal.index_of_content(row.notice, row.party)
    return None if index is None else reading.post.taken(index)


def _agrees(reading: Reading, answer: AnswerRow) -> bool:
    found = compared(reading, answer)
    return found is not None and found.agrees


def _step(answer: AnswerRow) -> Step:
    return answer_from(parse_fields(answer.content)).step
