"""Answers of people to notices: seen, read back, WILCO, UNABLE. "Understood", never "approved".

An answer is an entry to the notice's owner. A read-back repeats key fields; where they differ from
the notice it is pointed at, on both sides alike, since both compute `compare` from the same bytes.
Called by the doors through assembly.
"""

from comity.hotline.compare import Comparison, compare, compared, key_fields
from comity.hotline.duty import check_on_duty, clear_refused_answer
from comity.hotline.floor import claim_floor_for
from comity.hotline.standing import check_stands
from comity.hotline.watch import heard_from, settle
from comity.journal.pen import Pen
from comity.journal.warn import clear_warnings, raise_warning
from comity.model.answer import Answer, Step
from comity.model.fault import Refusal, Refused
from comity.model.lifecycle import LifeState, is_live
from comity.model.notice import SubjectKind
from comity.storage.rows import AnswerRow, SubjectRow
from comity.storage.store import Transaction
from comity.wire.answer_v1 import answer_from, fields_of_answer
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import Field, serialise_fields
from comity.wire.limits import LAST_ANSWERS_MAX, NOTICE_ANSWERS_MAX, READBACK_MOVED_MM_MAX

__all__ = ["Comparison", "compare", "compared", "give_answer", "key_fields", "take_answer"]


def give_answer(tx: Transaction, pen: Pen, answer: Answer, person: str = "") -> AnswerRow:
    """Answer a peer's notice, as who holds the role; `person` may say who that is.

    Raises:
        Refused: `not_found` for any other; `not_on_duty` where the roster says otherwise;
            `superseded`, it would assure the owner of what was amended meanwhile.
    """
    subject = _subject(tx, answer.of, ours=False)
    claim_floor_for(pen, subject)
    check_on_duty(tx, pen.now_us, answer.role, person)
    check_stands(tx, subject, answer.of, answer.step)
    content = pen.seal(fields_of_answer(answer))
    floor = _on_the_floor(answer, subject)
    kind = EntryType.SAFETY if _is_safety(subject) else EntryType.ANSWER
    written = pen.write_content(kind, subject.owner, content, floor=floor)
    row = _kept(tx, pen, subject.id, answer, pen.origin, written.leaf)
    clear_refused_answer(tx, pen, subject.id)
    settle(tx, pen, subject.id)
    return row


def _on_the_floor(answer: Answer, subject: SubjectRow) -> bool:
    """What must get through by any clock: UNABLE, and answers to hazards and to ends."""
    return _is_safety(subject) or answer.step is Step.UNABLE


def _is_safety(subject: SubjectRow) -> bool:
    """Answers to hazards and to ends go as what they answer: before all else, on any line."""
    return subject.kind == SubjectKind.HAZARD or not is_live(LifeState(subject.state))


def take_answer(  # noqa: PLR0917 - what a desk is given
    tx: Transaction,
    pen: Pen,
    by: str,
    kind: EntryType,
    leaf: bytes,
    fields: tuple[Field, ...],
) -> AnswerRow:
    """Keep a peer's answer to a notice that we gave it; `kind` is what it came as."""
    answer = answer_from(fields)
    subject = _subject(tx, answer.of, ours=True)
    if by not in subject.recipients.split():
        raise _not_found()  # the same answer as for an id that does not exist
    if kind is EntryType.SAFETY and not _is_safety(subject):
        raise Refused(
            Refusal(
                code="not_safety",
                reason="what it answers is not of the safety floor",
                what_to_do="give it as an answer",
            )
        )
    claim_floor_for(pen, subject)
    check_stands(tx, subject, answer.of, answer.step)
    row = _kept(tx, pen, subject.id, answer, by, leaf)
    heard_from(tx, pen, subject.id, by)
    return row


def _kept(  # noqa: PLR0917 - whose answer, to what, and the entry that says it
    tx: Transaction, pen: Pen, subject: bytes, answer: Answer, by: str, leaf: bytes
) -> AnswerRow:
    _check_count(tx, answer, by)
    row = AnswerRow(
        of=answer.of,
        by=by,
        leaf=leaf,
        content=serialise_fields(fields_of_answer(answer)),
        at_us=pen.now_us,
    )
    tx.people.save_answer(row)
    _warn(tx, pen, subject, answer, by, compared(tx, row))
    return row


def _check_count(tx: Transaction, answer: Answer, by: str) -> None:
    """Each answer is compared again whenever something is said, so there are only so many.

    That a notice cannot be kept, or was not understood, has room of its own beyond.
    """
    warns = answer.step in {Step.UNABLE, Step.NOT_UNDERSTOOD}
    most = NOTICE_ANSWERS_MAX + (LAST_ANSWERS_MAX if warns else 0)
    if sum(each.by == by for each in tx.people.answers(answer.of)) >= most:
        raise Refused(
            Refusal(
                code="too_many_answers",
                reason=f"it has {most} answers of one party",
                what_to_do="call by voice",
            )
        )


def _warn(  # noqa: PLR0917 - whose answer, to what, and how it compares
    tx: Transaction,
    pen: Pen,
    subject: bytes,
    answer: Answer,
    by: str,
    comparison: Comparison | None,
) -> None:
    """Raise what a person must know; the party's newest word ends what it said before."""
    if answer.step is Step.UNABLE:
        raise_warning(tx, pen, "unable", subject, text=f"UNABLE: {answer.reason}", party=by)
    elif answer.step is Step.WILCO:
        clear_warnings(tx, pen, "unable", subject, by)
    if comparison is None:
        return
    if comparison.agrees:
        clear_warnings(tx, pen, "read_back_differs", subject, by)
        return
    farthest = max(comparison.moved_mm, default=0) / 1_000_000
    parts = (
        [f"a point moved {farthest:.1f} km"] if farthest * 1_000_000 > READBACK_MOVED_MM_MAX else []
    )
    text = ", ".join([*parts, *(f"{name} differs" for name in comparison.differs)])
    raise_warning(tx, pen, "read_back_differs", subject, text=text, party=by)


def _subject(tx: Transaction, notice: bytes, *, ours: bool) -> SubjectRow:
    subject = tx.sky.subject_of_notice(notice)
    if subject is None or subject.ours is not ours:
        raise _not_found()
    return subject


def _not_found() -> Refused:
    return Refused(
        Refusal(
            code="not_found",
            reason="no notice with that id is there to be answered",
            what_to_do="list the notices that the other party gave",
            field="id",
        )
    )
