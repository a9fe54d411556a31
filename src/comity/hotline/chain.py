"""The receipt chain of a notice or message: each step with its doer, both clocks, its deadline.

Read from what is kept: the entries, receipts, answers and units are the chain. The deadlines are
those of the watch, and where none was kept those that are agreed now. Called by the doors.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from comity.agreement.resolve import Case, Rules, case_of
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


def chains_of(reading: Reading, id_: bytes, own: str, rules_of: RulesOf) -> tuple[Chain, ...]:
    """The chains of a notice (one for each recipient, if it is ours) or message.

    Raises:
        Refused: `not_found`.
    """
    subject = reading.sky.subject_of_notice(id_)
    if subject is not None:
        parties = subject.recipients.split() if subject.ours else [subject.owner]
        return tuple(_of_notice(reading, subject, party, own, rules_of) for party in parties)
    message = reading.messages.message(id_)
    if message is None:
        raise Refused(
            Refusal(
                code="not_found",
                reason="no notice and no message has that id",
                what_to_do="list the notices, or the messages",
                field="id",
            )
        )
    return (_of_message(reading, message, own, rules_of),)


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


def _of_message(reading: Reading, message: MessageRow, own: str, rules_of: RulesOf) -> Chain:
    ours = message.sender == own
    party = message.receiver if ours else message.sender
    kind = WatchKind.SAID if ours else WatchKind.MESSAGE
    kept = _kept(reading, message.id, party, kind)
    case = Case(by=message.sender, to=message.receiver)
    row = kept or watch_row(
        message.id,
        party=party,
        kind=kind,
        notice=message.id,
        from_us=message.at_us,
        floor=message.floor,
        spans=spans_of([(rules_of(party), case)]),
    )
    links = [*_said(reading, row, message, ours=ours), *_replied(reading, row, message, ours=ours)]
    return Chain(
        about=message.id, party=party, kind=kind, watched=kept is not None, links=tuple(links)
    )


def _said(reading: Reading, row: WatchRow, message: MessageRow, *, ours: bool) -> Iterator[Link]:
    if ours:
        index = reading.journal.index_of_content(message.id, row.party)
        taken = None if index is None else reading.post.taken(index)
        yield from _went(reading, row, taken, message.sender, message.receiver)
        return
    leaf = reading.duty.arrival(message.id)
    sent = None if leaf is None else _received(reading, leaf)
    yield Link(
        step=ChainStep.SENT,
        by=message.sender,
        at_us=None if sent is None else sent.issued_us,
        other_us=message.at_us,
        leaf=leaf,
    )
    yield Link(step=ChainStep.DELIVERED, by=message.receiver, at_us=message.at_us)


def _replied(reading: Reading, row: WatchRow, message: MessageRow, *, ours: bool) -> Iterator[Link]:
    """Seen by any answer; read back where one does; answered by the one that settles it."""
    answers = reading.messages.answers(message.id)
    yield _reply(
        reading,
        message,
        ChainStep.SEEN,
        answers[:1],
        ours=ours,
        due=(due_of(row, ChainStep.SEEN), sentence_of(row, ChainStep.SEEN)),
    )
    agreeing = tuple(each for each in answers if _reads_back(message, each))
    if agreeing:
        due = (due_of(row, ChainStep.READ_BACK), sentence_of(row, ChainStep.READ_BACK))
        yield _reply(reading, message, ChainStep.READ_BACK, agreeing[:1], ours=ours, due=due)
    settled = answers[-1:] if message.due_us is None else ()
    due_us = message.due_us
    yield _reply(
        reading,
        message,
        ChainStep.ANSWERED,
        settled,
        ours=ours,
        due=(due_us, message.ground),
    )


def _reads_back(message: MessageRow, answer: MessageAnswerRow) -> bool:
    said = message_answer_from(parse_fields(answer.content))
    return said.read_back is not None and settled_by(message, said)


def _reply(
    reading: Reading,
    message: MessageRow,
    step: ChainStep,
    by_which: tuple[MessageAnswerRow, ...],
    *,
    ours: bool,
    due: tuple[int | None, str],
) -> Link:
    link = Link(step=step, by=message.receiver, due_us=due[0], ground=due[1])
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
    index = reading.journal.index_of_content(answer.id, message.sender)
    taken = None if index is None else reading.post.taken(index)
    entry = None if index is None else reading.journal.entry(index)
    return replace(
        link,
        at_us=answer.at_us,
        other_us=None if taken is None else taken.taken_us,
        leaf=None if entry is None else entry.leaf,
    )
