"""The receipt chain of a notice, message or request: each step by both clocks, with its deadline.

Read from what is kept: the entries, receipts, answers and units are the chain. The deadlines are
those of the watch, and where none was kept those that are agreed now. Called by the doors.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from comity.agreement.resolve import Case, Rules, case_of
from comity.hotline.about import about_between
from comity.hotline.message_warnings import settled_by
from comity.hotline.steps import (
    Heard,
    due_of,
    heard,
    sentence_of,
    spans_of,
    watch_row,
)
from comity.hotline.watch import RulesOf, declared_in
from comity.model.duty import ChainStep, WatchKind
from comity.model.fault import Refusal, Refused
from comity.storage.duty import WatchRow
from comity.storage.messages import MessageAnswerRow, MessageRow
from comity.storage.requests import ReplyRow
from comity.storage.rows import AnswerRow, SubjectRow, TakenRow
from comity.storage.store import Reading
from comity.trust.note import parse_note
from comity.wire.entry_v1 import Entry, parse_entry
from comity.wire.fields import parse_fields
from comity.wire.message_v1 import message_answer_from

__all__ = ["Chain", "Link", "chains_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One step: `at_us` by the clock of `by`, who does it; `other_us` by the other side's.

    None: it is not done, or that side's time is not known here. `leaf` is the entry that says so.
    """

    step: ChainStep
    by: str
    at_us: int | None = None
    other_us: int | None = None
    leaf: bytes | None = None
    due_us: int | None = None
    ground: str = ""

    @property
    def done(self) -> bool:
        """Whether it is done, by either clock."""
        return self.at_us is not None or self.other_us is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The steps of one thing toward one party; `watched`: whether anybody is alerted of it."""

    about: bytes
    party: str
    kind: WatchKind
    watched: bool
    links: tuple[Link, ...]


_Answers = tuple[MessageAnswerRow, ...] | tuple[ReplyRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    """A message or request; `kinds` is how one of ours is watched, and one of theirs."""

    id: bytes
    sender: str
    receiver: str
    kinds: tuple[WatchKind, WatchKind]
    case: Case
    at_us: int
    due_us: int | None
    ground: str
    floor: bool
    answers: _Answers
    agreeing: _Answers = ()


def chains_of(reading: Reading, id_: bytes, own: str, rules_of: RulesOf) -> tuple[Chain, ...]:
    """The chains of a notice (one for each recipient, if it is ours), message or request.

    Raises:
        Refused: `not_found`.
    """
    subject = reading.sky.subject_of_notice(id_)
    if subject is not None:
        parties = subject.recipients.split() if subject.ours else [subject.owner]
        return tuple(_of_notice(reading, subject, party, own, rules_of) for party in parties)
    word = _word(reading, id_, own)
    if word is None:
        raise Refused(
            Refusal(
                code="not_found",
                reason="no notice, message or request has that id",
                what_to_do="list the notices, the messages or the requests",
                field="id",
            )
        )
    return (_of_word(reading, word, own, rules_of),)


def _word(reading: Reading, id_: bytes, own: str) -> _Word | None:
    """A message or a request, as far as their chains are alike."""
    message = reading.messages.message(id_)
    if message is not None:
        answers = reading.messages.answers(id_)
        return _Word(
            id=id_,
            sender=message.sender,
            receiver=message.receiver,
            kinds=(WatchKind.SAID, WatchKind.MESSAGE),
            case=Case(by=message.sender, to=message.receiver),
            at_us=message.at_us,
            due_us=message.due_us,
            ground=message.ground,
            floor=message.floor,
            answers=answers,
            agreeing=tuple(each for each in answers if _reads_back(message, each)),
        )
    request = reading.requests.request(id_)
    if request is None:
        return None
    parties = (request.asker, request.asked)
    about = about_between(reading, request.subject, parties[parties[0] == own])
    return _Word(
        id=id_,
        sender=request.asker,
        receiver=request.asked,
        kinds=(WatchKind.ASKED, WatchKind.REQUEST),
        case=Case() if about is None else case_of(about.declared, *parties),
        at_us=request.at_us,
        due_us=request.due_us,
        ground=request.ground,
        floor=about is not None and about.of_floor,
        answers=reading.requests.replies(id_),
    )


def _kept(reading: Reading, about: bytes, party: str, kind: WatchKind) -> WatchRow | None:
    rows = reading.duty.watches(about)
    return next((row for row in rows if (row.party, row.kind) == (party, kind)), None)


def _of_notice(
    reading: Reading, subject: SubjectRow, party: str, own: str, rules_of: RulesOf
) -> Chain:
    kind = WatchKind.GIVEN if subject.ours else WatchKind.NOTICE
    kept = _kept(reading, subject.id, party, kind)
    row = kept or _unwatched_notice(reading, subject, party, kind, own, rules_of(party))
    found = heard(reading, row, subject)
    giver, taker = (own, party) if subject.ours else (party, own)
    links = [*_given(reading, row, subject, found.taken, giver, taker)]
    first = found.answers[:1] or found.agreeing[:1]
    links += [
        _answered(reading, row, ChainStep.SEEN, first, taker),
        _answered(reading, row, ChainStep.READ_BACK, found.agreeing[:1], taker),
        _relayed(reading, row, found, taker),
    ]
    return Chain(
        about=subject.id, party=party, kind=kind, watched=kept is not None, links=tuple(links)
    )


def _unwatched_notice(  # noqa: PLR0917 - what a chain is made of
    reading: Reading, subject: SubjectRow, party: str, kind: WatchKind, own: str, rules: Rules
) -> WatchRow:
    declared = declared_in(subject)
    told = reading.accords.told(subject.id, party) if subject.ours else None
    case = case_of(declared, subject.owner, party if subject.ours else own)
    return watch_row(
        subject.id,
        party=party,
        kind=kind,
        notice=subject.id if told is None else told.declared,
        from_us=subject.issued_us if subject.delivered_us is None else subject.delivered_us,
        floor=False,
        spans=spans_of([(rules, case)]),
    )


def _given(  # noqa: PLR0917 - the two ends of a chain
    reading: Reading,
    row: WatchRow,
    subject: SubjectRow,
    taken: TakenRow | None,
    giver: str,
    taker: str,
) -> Iterator[Link]:
    """Sent and delivered, by both clocks as far as they are known here."""
    if subject.ours:
        yield from _went(reading, row, taken, giver, taker)
        return
    sent = None if row.leaf is None else _received(reading, row.leaf)
    sent_us = subject.issued_us if sent is None else sent.issued_us
    yield Link(step=ChainStep.SENT, by=giver, at_us=sent_us, other_us=row.from_us, leaf=row.leaf)
    yield Link(step=ChainStep.DELIVERED, by=taker, at_us=row.from_us)


def _went(
    reading: Reading, row: WatchRow, taken: TakenRow | None, giver: str, taker: str
) -> Iterator[Link]:
    index = reading.journal.index_of_content(row.notice, row.party)
    entry = None if index is None else reading.journal.entry(index)
    taken_us = None if taken is None else taken.taken_us
    sent = None if entry is None else parse_entry(parse_note(entry.body).text)
    yield Link(
        step=ChainStep.SENT,
        by=giver,
        at_us=None if sent is None else sent.issued_us,
        other_us=taken_us,
        leaf=None if entry is None else entry.leaf,
    )
    bound = None if taken is None else reading.journal.entry(taken.bind_index)
    bound_entry = None if bound is None else parse_entry(parse_note(bound.body).text)
    yield Link(
        step=ChainStep.DELIVERED,
        by=taker,
        at_us=taken_us,
        other_us=None if bound_entry is None else bound_entry.issued_us,
        due_us=due_of(row, ChainStep.DELIVERED),
        ground=sentence_of(row, ChainStep.DELIVERED),
    )


def _answered(
    reading: Reading, row: WatchRow, step: ChainStep, by_which: tuple[AnswerRow, ...], taker: str
) -> Link:
    due_us, ground = due_of(row, step), sentence_of(row, step)
    if not by_which:
        return Link(step=step, by=taker, due_us=due_us, ground=ground)
    answer = by_which[0]
    at_us, other_us = _both_clocks(reading, answer.leaf, answer.at_us)
    return Link(
        step=step,
        by=taker,
        at_us=at_us,
        other_us=other_us,
        leaf=answer.leaf,
        due_us=due_us,
        ground=ground,
    )


def _relayed(reading: Reading, row: WatchRow, found: Heard, taker: str) -> Link:
    """By word that units were told; where there is none, by an answer that says what we do."""
    if not found.units:
        return _answered(reading, row, ChainStep.RELAYED, found.acting[:1], taker)
    first = min(found.units, key=lambda unit: unit.known_us)
    return Link(
        step=ChainStep.RELAYED,
        by=taker,
        at_us=first.at_us,
        other_us=first.known_us if row.kind == WatchKind.GIVEN else None,
        due_us=due_of(row, ChainStep.RELAYED),
        ground=sentence_of(row, ChainStep.RELAYED),
    )


def _both_clocks(reading: Reading, leaf: bytes, kept_us: int) -> tuple[int | None, int | None]:
    """When an answer was given, and when the other side had it: each by its own clock."""
    index = reading.journal.index_of(leaf)
    if index is None:
        entry = _received(reading, leaf)
        return (None if entry is None else entry.issued_us), kept_us
    taken = reading.post.taken(index)
    return kept_us, None if taken is None else taken.taken_us


def _received(reading: Reading, leaf: bytes) -> Entry | None:
    row = reading.post.received(leaf)
    return None if row is None else parse_entry(parse_note(row.body).text)


def _of_word(reading: Reading, word: _Word, own: str, rules_of: RulesOf) -> Chain:
    ours = word.sender == own
    party = word.receiver if ours else word.sender
    kind = word.kinds[0] if ours else word.kinds[1]
    kept = _kept(reading, word.id, party, kind)
    row = kept or watch_row(
        word.id,
        party=party,
        kind=kind,
        notice=word.id,
        from_us=word.at_us,
        floor=word.floor,
        spans=spans_of([(rules_of(party), word.case)]),
    )
    links = [*_said(reading, row, word, ours=ours), *_replied(reading, row, word, ours=ours)]
    return Chain(
        about=word.id, party=party, kind=kind, watched=kept is not None, links=tuple(links)
    )


def _said(reading: Reading, row: WatchRow, word: _Word, *, ours: bool) -> Iterator[Link]:
    if ours:
        index = reading.journal.index_of_content(word.id, row.party)
        taken = None if index is None else reading.post.taken(index)
        yield from _went(reading, row, taken, word.sender, word.receiver)
        return
    leaf = reading.duty.arrival(word.id)
    sent = None if leaf is None else _received(reading, leaf)
    yield Link(
        step=ChainStep.SENT,
        by=word.sender,
        at_us=None if sent is None else sent.issued_us,
        other_us=word.at_us,
        leaf=leaf,
    )
    yield Link(step=ChainStep.DELIVERED, by=word.receiver, at_us=word.at_us)


def _replied(reading: Reading, row: WatchRow, word: _Word, *, ours: bool) -> Iterator[Link]:
    """Seen by any answer; read back where one does; answered by the one that settles it."""
    due = (due_of(row, ChainStep.SEEN), sentence_of(row, ChainStep.SEEN))
    yield _reply(reading, word, ChainStep.SEEN, word.answers[:1], ours=ours, due=due)
    if word.agreeing:
        due = (due_of(row, ChainStep.READ_BACK), sentence_of(row, ChainStep.READ_BACK))
        yield _reply(reading, word, ChainStep.READ_BACK, word.agreeing[:1], ours=ours, due=due)
    settled = word.answers[-1:] if word.due_us is None else ()
    by = (word.due_us, word.ground)
    yield _reply(reading, word, ChainStep.ANSWERED, settled, ours=ours, due=by)


def _reads_back(message: MessageRow, answer: MessageAnswerRow) -> bool:
    said = message_answer_from(parse_fields(answer.content))
    return said.read_back is not None and settled_by(message, said)


def _reply(
    reading: Reading,
    word: _Word,
    step: ChainStep,
    by_which: _Answers,
    *,
    ours: bool,
    due: tuple[int | None, str],
) -> Link:
    link = Link(step=step, by=word.receiver, due_us=due[0], ground=due[1])
    if not by_which:
        return link
    answer = by_which[0]
    if ours:
        leaf = reading.duty.arrival(answer.id)
        said = None if leaf is None else _received(reading, leaf)
        return replace(
            link,
            at_us=None if said is None else said.issued_us,
            other_us=answer.at_us,
            leaf=leaf,
        )
    index = reading.journal.index_of_content(answer.id, word.sender)
    taken = None if index is None else reading.post.taken(index)
    entry = None if index is None else reading.journal.entry(index)
    return replace(
        link,
        at_us=answer.at_us,
        other_us=None if taken is None else taken.taken_us,
        leaf=None if entry is None else entry.leaf,
    )
