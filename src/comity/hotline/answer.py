"""Answers of people to notices: seen, read back, WILCO, UNABLE. "Understood", never "approved".

An answer is an entry to the notice's owner. A read-back repeats key fields; where they differ from
the notice it is pointed at, on both sides alike, since both compute `compare` from the same bytes.
Called by the doors through assembly.
"""

from dataclasses import dataclass

from comity.airspace.geodesic import distance_m
from comity.hotline.floor import claim_floor_for
from comity.journal.pen import Pen
from comity.journal.warn import clear_warnings, raise_warning
from comity.model.answer import Answer, KeyFields, Step
from comity.model.fault import Malformed, Refusal, Refused
from comity.model.lifecycle import LifeState, is_live
from comity.model.notice import SubjectKind, Transition
from comity.model.quantity import Position, degrees
from comity.model.volume import Volume4D, places_of
from comity.storage.rows import AnswerRow, SubjectRow
from comity.storage.store import Reading, Transaction
from comity.wire.answer_v1 import answer_from, fields_of_answer
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import Field, parse_fields, serialise_fields
from comity.wire.limits import READBACK_MOVED_MM_MAX
from comity.wire.notice_v1 import notice_from

__all__ = ["Comparison", "compare", "compared", "give_answer", "key_fields", "take_answer"]

_MM = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Where a read-back differs: how far each point moved (mm), and the names of other fields."""

    moved_mm: tuple[int, ...]
    differs: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether nothing differs and no point moved beyond the limit."""
        return not self.differs and all(m <= READBACK_MOVED_MM_MAX for m in self.moved_mm)


def key_fields(volumes: tuple[Volume4D, ...]) -> KeyFields:
    """What a read-back of these volumes repeats."""
    return KeyFields(
        start_us=min(v.window.start_us for v in volumes),
        end_us=max(v.window.end_us for v in volumes),
        points=tuple(places_of(v.footprint)[0] for v in volumes),
        lower_mm=min(v.heights.lower_mm for v in volumes),
        upper_mm=max(v.heights.upper_mm for v in volumes),
    )


def compare(said: KeyFields, heard: KeyFields) -> Comparison:
    """Compare a notice's key fields with what was read back."""
    pairs = (
        ("start", said.start_us, heard.start_us),
        ("end", said.end_us, heard.end_us),
        ("lower", said.lower_mm, heard.lower_mm),
        ("upper", said.upper_mm, heard.upper_mm),
        ("points", len(said.points), len(heard.points)),
    )
    return Comparison(
        moved_mm=tuple(_apart_mm(a, b) for a, b in zip(said.points, heard.points, strict=False)),
        differs=tuple(name for name, one, other in pairs if one != other),
    )


def _apart_mm(one: Position, other: Position) -> int:
    start = (degrees(one.lat_e7), degrees(one.lon_e7))
    return round(distance_m(start, (degrees(other.lat_e7), degrees(other.lon_e7))) * _MM)


def compared(reading: Reading, row: AnswerRow) -> Comparison | None:
    """How an answer's read-back compares with its notice; None if it is no read-back."""
    heard = answer_from(parse_fields(row.content)).read_back
    subject = reading.sky.subject_of_notice(row.of)
    if heard is None or subject is None:
        return None
    return compare(key_fields(_volumes(reading, subject, row)), heard)


def _volumes(reading: Reading, subject: SubjectRow, row: AnswerRow) -> tuple[Volume4D, ...]:
    """What the answered notice said to who answers: the declaration, or the newest amendment."""
    told = reading.accords.told(subject.id, row.by) if subject.ours else None
    declared, volumes, first = subject.content, subject.volumes, subject.id
    if told is not None and told.content:
        declared, volumes, first = told.content, told.volumes, told.declared
    notice = notice_from(parse_fields(declared if row.of == first else volumes))
    if isinstance(notice, Transition):
        raise Malformed("a subject's volumes stand in no transition", code="bad_subject")
    return notice.volumes


def give_answer(tx: Transaction, pen: Pen, answer: Answer) -> AnswerRow:
    """Answer a peer's notice; Refused (`not_found`) for any other."""
    subject = _subject(tx, answer.of, ours=False)
    claim_floor_for(pen, subject)
    content = pen.seal(fields_of_answer(answer))
    floor = _on_the_floor(answer, subject)
    written = pen.write_content(EntryType.ANSWER, subject.owner, content, floor=floor)
    return _kept(tx, pen, answer, pen.origin, written.leaf)


def _on_the_floor(answer: Answer, subject: SubjectRow) -> bool:
    """What must get through by any clock: UNABLE, and answers to hazards and to ends."""
    over = not is_live(LifeState(subject.state))
    return over or subject.kind == SubjectKind.HAZARD or answer.step is Step.UNABLE


def take_answer(
    tx: Transaction, pen: Pen, by: str, leaf: bytes, fields: tuple[Field, ...]
) -> AnswerRow:
    """Keep a peer's answer to a notice that we gave it."""
    answer = answer_from(fields)
    subject = _subject(tx, answer.of, ours=True)
    if by not in subject.recipients.split():
        raise _not_found()  # the same answer as for an id that does not exist
    claim_floor_for(pen, subject)
    return _kept(tx, pen, answer, by, leaf)


def _kept(tx: Transaction, pen: Pen, answer: Answer, by: str, leaf: bytes) -> AnswerRow:
    row = AnswerRow(
        of=answer.of,
        by=by,
        leaf=leaf,
        content=serialise_fields(fields_of_answer(answer)),
        at_us=pen.now_us,
    )
    tx.people.save_answer(row)
    _warn(tx, pen, answer, by, compared(tx, row))
    return row


def _warn(
    tx: Transaction, pen: Pen, answer: Answer, by: str, comparison: Comparison | None
) -> None:
    if answer.step is Step.UNABLE:
        raise_warning(tx, pen, "unable", answer.of, text=f"UNABLE: {answer.reason}", party=by)
    if comparison is None:
        return
    if comparison.agrees:
        clear_warnings(tx, pen, "read_back_differs", answer.of, by)
        return
    farthest = max(comparison.moved_mm, default=0) / 1_000_000
    parts = (
        [f"a point moved {farthest:.1f} km"] if farthest * 1_000_000 > READBACK_MOVED_MM_MAX else []
    )
    text = ", ".join([*parts, *(f"{name} differs" for name in comparison.differs)])
    raise_warning(tx, pen, "read_back_differs", answer.of, text=text, party=by)


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
