"""Whom can we reach, and who has to be told of what a peer gave? The list, and a task for each.

Every unit on the list is to be told of every notice and every new area of a peer's, unless somebody
here says that it is not concerned. Names and channels stay at home: what is written about them is
written to ourselves. Called by the doors, and by the exchange when a notice has come.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from comity.agreement.between import Between
from comity.agreement.resolve import Rules, case_of
from comity.hotline.attest import handle_of
from comity.hotline.standing import stands
from comity.journal.pen import Pen
from comity.model.fault import Corrupt, Refusal, Refused
from comity.model.lifecycle import LifeState, is_live
from comity.model.notice import Declaration
from comity.model.quantity import seconds
from comity.model.relay import ReachableUnit, RelayState, UnitKind
from comity.storage.relay import RelayTaskRow, RelayUnitRow
from comity.storage.rows import SubjectRow
from comity.storage.store import Reading, Transaction
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import parse_fields
from comity.wire.limits import PAGE_ROWS_MAX, UNITS_MAX
from comity.wire.notice_v1 import notice_from
from comity.wire.relay_v1 import fields_of_unit, fields_of_unit_removed

__all__ = [
    "RelayTerms",
    "Within",
    "expect",
    "list_unit",
    "remove_unit",
    "task_for",
    "unknown_unit",
    "within",
]

_NOTHING_AGREED = Rules(books=())


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayTerms:
    """The secret under which handles and codes are made, and what holds between us and a party."""

    secret: bytes
    toward: Callable[[str], Between]


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """Until when, counted from now, the units are told, and what that rests on."""

    agreed_us: int
    sentence: str

    def due_us(self, unit: RelayUnitRow, now_us: int) -> tuple[int, str]:
        """The earlier of what is agreed and what we expect of the unit; with the reason."""
        if unit.expected_us < self.agreed_us:
            ground = f"it is expected to be reached within {seconds(unit.expected_us):g} s"
            return now_us + unit.expected_us, ground
        return now_us + self.agreed_us, self.sentence


def within(subject: SubjectRow, own: str, terms: RelayTerms) -> Within:
    """What is agreed of the time in which our units are told of a subject."""
    rules = _NOTHING_AGREED if subject.ours else terms.toward(subject.owner).rules
    declared = notice_from(parse_fields(subject.content))
    if not isinstance(declared, Declaration):
        raise Corrupt("a subject opens with a declaration", code="invariant_broken")
    by, to = (own, None) if subject.ours else (subject.owner, own)
    ruling = rules.ruling("receipt_relayed_us", case_of(declared, by, to))
    return Within(agreed_us=ruling.value, sentence=ruling.sentence)


def expect(tx: Transaction, pen: Pen, terms: RelayTerms, of: bytes) -> None:
    """A peer has given a notice or a new area: every unit on the list is to be told.

    Who was said not to be concerned by the subject before is not by what is new of it either.
    """
    units = tx.relay.units()
    subject = tx.sky.subject_of_notice(of) if units else None
    if subject is None or subject.ours or not is_live(LifeState(subject.state)):
        return
    before = {task.unit: task.state for task in tx.relay.tasks_of(subject.id)}  # the newest counts
    time = within(subject, pen.origin, terms)
    for unit in units:
        task = _task(pen, terms, subject, unit, time)
        if before.get(unit.name) == RelayState.NOT_CONCERNED:
            task = replace(task, state=RelayState.NOT_CONCERNED, due_us=None)
        tx.relay.save_task(task)


def list_unit(tx: Transaction, pen: Pen, terms: RelayTerms, unit: ReachableUnit) -> RelayUnitRow:
    """Put a unit on the list, or change it there; a new one is to be told of all that is live.

    Raises:
        Refused: `too_many_units`.
    """
    known = tx.relay.unit(unit.name)
    if known is None and len(tx.relay.units()) >= UNITS_MAX:
        raise _too_many()
    pen.write_content(EntryType.ATTESTATION, pen.origin, pen.seal(fields_of_unit(unit)))
    row = RelayUnitRow(
        name=unit.name,
        kind=unit.kind,
        means=unit.means,
        channel=unit.channel,
        expected_us=unit.expected_us,
        added_us=pen.now_us if known is None else known.added_us,
    )
    tx.relay.save_unit(row)
    if known is None:
        for subject in _live_of_others(tx):
            task_for(tx, pen, terms, subject, unit.name)
    return row


def remove_unit(tx: Transaction, pen: Pen, name: str) -> None:
    """Take a unit off the list; whatever it is to be told, or was not reached for, stays open."""
    if tx.relay.unit(name) is None:
        raise unknown_unit(name)
    content = pen.seal(fields_of_unit_removed(name))
    pen.write_content(EntryType.ATTESTATION, pen.origin, content)
    tx.relay.drop_unit(name)


def task_for(
    tx: Transaction, pen: Pen, terms: RelayTerms, subject: SubjectRow, name: str
) -> RelayTaskRow:
    """The task of a unit for a subject as it stands; made now if there is none.

    One that was made before an amendment is of what was: who left the list meanwhile, and is spoken
    of again, is told of what is.

    Raises:
        Refused: `unknown_unit`.
    """
    own = [task for task in tx.relay.tasks_of(subject.id) if task.unit == name]
    standing = [task for task in own if stands(tx, task.of)]
    if standing:
        return standing[-1]
    unit = tx.relay.unit(name)
    if unit is None and not own:
        raise unknown_unit(name)
    time = within(subject, pen.origin, terms)
    if unit is None:
        task = _again(pen, terms, subject, own[-1], time)
    else:
        task = _task(pen, terms, subject, unit, time)
    tx.relay.save_task(task)
    return task


def _again(
    pen: Pen, terms: RelayTerms, subject: SubjectRow, before: RelayTaskRow, time: Within
) -> RelayTaskRow:
    """A task like one before an amendment; off the list, so nothing is expected of the unit."""
    unit = RelayUnitRow(
        name=before.unit,
        kind=UnitKind.OTHER,
        means=before.means,
        channel=before.channel,
        expected_us=time.agreed_us,
        added_us=pen.now_us,
    )
    return _task(pen, terms, subject, unit, time)


def _task(
    pen: Pen, terms: RelayTerms, subject: SubjectRow, unit: RelayUnitRow, time: Within
) -> RelayTaskRow:
    due_us, ground = time.due_us(unit, pen.now_us)
    return RelayTaskRow(
        of=subject.notice,
        unit=unit.name,
        subject=subject.id,
        handle=handle_of(terms.secret, subject.notice, subject.owner, unit.name.encode()),
        state=RelayState.TO_TELL,
        means=unit.means,
        channel=unit.channel,
        since_us=pen.now_us,
        at_us=pen.now_us,
        due_us=due_us,
        ground=ground,
    )


def _live_of_others(reading: Reading) -> Iterator[SubjectRow]:
    after = b""
    while True:  # bounded by the number of subjects: each page starts after the last
        rows = reading.sky.subjects(None, False, after, PAGE_ROWS_MAX)
        yield from (row for row in rows if is_live(LifeState(row.state)))
        if len(rows) < PAGE_ROWS_MAX:
            return
        after = rows[-1].id


def unknown_unit(name: str) -> Refused:
    """The no to a name that is not on the list."""
    return Refused(
        Refusal(
            code="unknown_unit",
            reason=f"no unit on the list is called {name[:40]!r}",
            what_to_do="see comity hotline relay units; add it with comity hotline relay add",
            field="unit",
        )
    )


def _too_many() -> Refused:
    return Refused(
        Refusal(
            code="too_many_units",
            reason=f"the list has {UNITS_MAX} units, and has no room for more",
            what_to_do="put units that are told together onto the list under one name",
            field="unit",
        )
    )
