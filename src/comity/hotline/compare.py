"""How a read-back compares with its notice: computed by both sides alike, from the same bytes.

Called by `answer`, `steps`, `voice` and the doors.
"""

from dataclasses import dataclass

from comity.airspace.geodesic import distance_m
from comity.model.answer import KeyFields
from comity.model.fault import Malformed
from comity.model.notice import Transition
from comity.model.quantity import Position, degrees
from comity.model.volume import Volume4D, places_of
from comity.storage.rows import AnswerRow, SubjectRow
from comity.storage.store import Reading
from comity.wire.answer_v1 import answer_from
from comity.wire.fields import parse_fields
from comity.wire.limits import READBACK_MOVED_MM_MAX
from comity.wire.notice_v1 import notice_from

__all__ = ["Comparison", "compare", "compared", "key_fields"]

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
    """How an answer's read-back compares with its notice.

    None if it is no read-back, or one of an amendment that another has replaced.
    """
    heard = answer_from(parse_fields(row.content)).read_back
    subject = reading.sky.subject_of_notice(row.of)
    if heard is None or subject is None:
        return None
    first = _declared_id(reading, subject, row)
    if row.of != first and reading.sky.replaced_us(row.of) is not None:
        return None  # what an amendment said is not kept once another stands in its place
    return compare(key_fields(_volumes(reading, subject, row)), heard)


def _declared_id(reading: Reading, subject: SubjectRow, row: AnswerRow) -> bytes:
    told = reading.accords.told(subject.id, row.by) if subject.ours else None
    return subject.id if told is None or not told.content else told.declared


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
