"""What became of each unit that was to be told: told, answered, not reached, or not concerned.

What nobody has said in time becomes an open risk by itself: by name at home, by handle at the
notice's owner, until the unit was told or the notice is over. Each word is written to ourselves
with the name; the owner gets an attestation. Called by the doors, and by the exchange when time has
passed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from comity.hotline.attest import keep_state, tell_states
from comity.hotline.floor import claim_floor_for
from comity.hotline.relay_list import RelayTerms, task_for, within
from comity.hotline.standing import stands
from comity.journal.pen import Pen
from comity.model.answer import UnitState
from comity.model.fault import Malformed, Refusal, Refused
from comity.model.lifecycle import LifeState, is_live
from comity.model.notice import checked_text
from comity.model.quantity import checked_instant_us, instant_text
from comity.model.relay import Because, Means, RelayState, RelayWord
from comity.storage.relay import RelayTaskRow
from comity.storage.rows import SubjectRow, UnitRow
from comity.storage.store import Reading, Transaction
from comity.wire.entry_v1 import EntryType
from comity.wire.limits import NAME_CHARS_MAX, UNITS_MAX
from comity.wire.relay_v1 import fields_of_words

__all__ = [
    "Picked",
    "Word",
    "miss_overdue",
    "next_over_us",
    "next_relay_due_us",
    "pick",
    "record",
    "relayed_subject",
    "say",
]

_OPEN = frozenset({RelayState.TO_TELL, RelayState.NOT_REACHED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What somebody says of one unit; without `means` and `channel` it is as the list has it."""

    unit: str
    state: UnitState
    at_us: int
    role: str
    means: Means | None = None
    channel: str | None = None
    because: Because = Because.SAID

    def __post_init__(self) -> None:
        """Hold the rules."""
        checked_instant_us(self.at_us)
        checked_text(self.channel or "", NAME_CHARS_MAX, "channel")
        if not checked_text(self.role, NAME_CHARS_MAX, "role"):
            raise Malformed("a word on a unit comes from a role", code="no_role")


def relayed_subject(reading: Reading, of: bytes) -> SubjectRow:
    """What a unit is told about: where another's notice prompted ours, that notice.

    Raises:
        Refused: `not_found`.
    """
    subject = reading.sky.subject_of_notice(of)
    if subject is None:
        raise Refused(
            Refusal(
                code="not_found",
                reason="no notice with that id is there to be relayed",
                what_to_do="list the notices: comity notice list",
                field="id",
            )
        )
    if subject.ours and subject.prompted_by is not None:
        cause = reading.sky.subject_of_notice(subject.prompted_by)
        if cause is not None and not cause.ours:
            return cause
    return subject


def say(tx: Transaction, pen: Pen, terms: RelayTerms, subject: SubjectRow, word: Word) -> None:
    """Record a word on a unit, and tell the subject's owner, if that is another, by handle.

    It is written down once, for the newest area, and holds for all that was open about that unit
    and subject: who is told of the newest area is told enough.

    Raises:
        Refused: `unknown_unit`.
    """
    claim_floor_for(pen, subject)
    newest = task_for(tx, pen, terms, subject, word.unit)
    _said(tx, pen, subject, newest, word)
    for task in tx.relay.tasks_of(subject.id):
        if task.unit == word.unit and task.of != newest.of and task.state in _OPEN:
            _settled(tx, pen, subject, task, word)


def _said(tx: Transaction, pen: Pen, subject: SubjectRow, task: RelayTaskRow, word: Word) -> None:
    task = _as_said(task, word)
    record(pen, word.because, word.role, (task,))
    tx.relay.save_task(task)
    row = _unit_row(pen, task, UnitState(word.state))
    if not subject.ours:
        tell_states(tx, pen, subject.owner, task.of, (row,))
    keep_state(tx, pen, row)


def _settled(
    tx: Transaction, pen: Pen, subject: SubjectRow, task: RelayTaskRow, word: Word
) -> None:
    """What the word means for an older area: its owner hears of it only if it holds an open risk.

    A peer that amends fast would make each word as long as its amendments are many.
    """
    if word.state is UnitState.NOT_REACHED:  # one open risk for it is enough
        tx.relay.save_task(replace(task, due_us=None))
        return
    missed = task.state == RelayState.NOT_REACHED
    task = _as_said(task, word)
    tx.relay.save_task(task)
    row = _unit_row(pen, task, UnitState(word.state))
    if missed and not subject.ours:
        tell_states(tx, pen, subject.owner, task.of, (row,))
    keep_state(tx, pen, row)


def _as_said(task: RelayTaskRow, word: Word) -> RelayTaskRow:
    means = Means(task.means) if word.means is None else word.means
    channel = task.channel if word.channel is None else word.channel
    return replace(task, means=means, channel=channel, state=word.state, at_us=word.at_us)


def record(pen: Pen, because: Because, role: str, tasks: tuple[RelayTaskRow, ...]) -> None:
    """Write to ourselves where units stand with one notice, with their names."""
    words = [
        RelayWord(
            name=task.unit,
            handle=task.handle,
            state=RelayState(task.state),
            at_us=task.at_us,
            means=Means(task.means),
            channel=task.channel,
        )
        for task in tasks
    ]
    for first in range(0, len(words), UNITS_MAX):
        some = words[first : first + UNITS_MAX]
        content = pen.seal(fields_of_words(because, tasks[0].of, role, some))
        pen.write_content(EntryType.ATTESTATION, pen.origin, content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """The units that a subject concerns, as a role here says."""

    units: frozenset[str]
    role: str

    def __post_init__(self) -> None:
        """Hold the rules."""
        if not checked_text(self.role, NAME_CHARS_MAX, "role"):
            raise Malformed("a choice of units is a role's", code="no_role")


def pick(tx: Transaction, pen: Pen, terms: RelayTerms, subject: SubjectRow, picked: Picked) -> None:
    """Say which units a subject concerns: the others need not be told, unless they were missed.

    Who was not reached stays an open risk until told: that a unit is not concerned closes nothing.

    Raises:
        Refused: `unknown_unit`.
    """
    claim_floor_for(pen, subject)
    for name in sorted(picked.units):
        task_for(tx, pen, terms, subject, name)
    due_us = pen.now_us + within(subject, pen.origin, terms).agreed_us
    tasks = tx.relay.tasks_of(subject.id)
    changed = [
        *(_unconcerned(pen, task) for task in tasks if _is_left_out(task, picked)),
        *(
            replace(task, state=RelayState.TO_TELL, at_us=pen.now_us, due_us=due_us)
            for task in tasks
            if task.unit in picked.units and task.state == RelayState.NOT_CONCERNED
        ),
    ]
    for task in changed:
        tx.relay.save_task(task)
    for _, group in groupby(sorted(changed, key=_notice_of), key=_notice_of):
        record(pen, Because.PICKED, picked.role, tuple(group))


def _is_left_out(task: RelayTaskRow, picked: Picked) -> bool:
    return task.unit not in picked.units and task.state == RelayState.TO_TELL


def _unconcerned(pen: Pen, task: RelayTaskRow) -> RelayTaskRow:
    return replace(task, state=RelayState.NOT_CONCERNED, at_us=pen.now_us, due_us=None)


def _notice_of(task: RelayTaskRow) -> bytes:
    return task.of


def _subject_of(task: RelayTaskRow) -> bytes:
    return task.subject


def next_relay_due_us(reading: Reading) -> int | None:
    """When the next unit is to have been told."""
    return reading.relay.next_due()


def miss_overdue(tx: Transaction, pen: Pen) -> None:
    """Make an open risk of each unit of which nobody has said in time that it was told.

    Where an area was replaced meanwhile, the unit is missed of what stands, at the older deadline:
    a new area puts none off, and of many areas one is missed.
    """
    rows = sorted(tx.relay.overdue(pen.now_us), key=_subject_of)
    overdue = groupby(rows, key=_subject_of)
    for id_, group in [(id_, tuple(group)) for id_, group in overdue]:
        subject = tx.sky.subject(id_)
        for task in group:
            tx.relay.save_task(replace(task, due_us=None))
        if subject is not None and not _is_over(subject, pen.now_us):
            missed = sorted(_standing(tx, subject, group), key=_notice_of)
            for _, of_one in groupby(missed, key=_notice_of):
                _missed(tx, pen, subject, tuple(of_one))


def _standing(
    tx: Transaction, subject: SubjectRow, overdue: tuple[RelayTaskRow, ...]
) -> Iterator[RelayTaskRow]:
    """What stands of that which is overdue, a unit once, since the earliest deadline."""
    now = {task.unit: task for task in tx.relay.tasks_of(subject.id) if stands(tx, task.of)}
    by_unit = sorted(overdue, key=lambda task: task.unit)
    for unit, group in groupby(by_unit, key=lambda task: task.unit):
        tasks = tuple(group)
        task = now.get(unit, max(tasks, key=lambda task: task.since_us))
        if task.state == RelayState.TO_TELL:
            due_us = min(each.due_us for each in tasks if each.due_us is not None)
            yield replace(task, due_us=due_us)


def _missed(
    tx: Transaction, pen: Pen, subject: SubjectRow, overdue: tuple[RelayTaskRow, ...]
) -> None:
    claim_floor_for(pen, subject)
    tasks = tuple(
        replace(task, state=RelayState.NOT_REACHED, at_us=task.due_us or pen.now_us)
        for task in overdue
    )
    record(pen, Because.DEADLINE, "", tasks)
    rows = tuple(_unit_row(pen, task, UnitState.NOT_REACHED) for task in tasks)
    if not subject.ours:
        tell_states(tx, pen, subject.owner, tasks[0].of, rows)
    for task, row in zip(tasks, rows, strict=True):
        ground = f": nobody said by {instant_text(task.at_us)} that it was told; {task.ground}"
        keep_state(tx, pen, row, ground=ground)


def next_over_us(reading: Reading) -> int | None:
    """When the next open risk is one no more, because its notice is over."""
    return reading.people.next_risk_over()


def _is_over(subject: SubjectRow, now_us: int) -> bool:
    """As `next_risk_over` counts: what was started may go on past its end."""
    state = LifeState(subject.state)
    return not is_live(state) or (state is LifeState.DECLARED and subject.box.end_us < now_us)


def _unit_row(pen: Pen, task: RelayTaskRow, state: UnitState) -> UnitRow:
    return UnitRow(
        of=task.of,
        party=pen.origin,
        handle=task.handle,
        name=task.unit,
        state=state,
        at_us=task.at_us,
        known_us=pen.now_us,
    )
