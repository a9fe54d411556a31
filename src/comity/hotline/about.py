"""The subject that a request or message is about, as both sides know it. Called by those two."""

from dataclasses import dataclass

from comity.model.fault import Malformed
from comity.model.notice import Declaration, Purpose, SubjectKind
from comity.storage.rows import SubjectRow
from comity.storage.store import Reading
from comity.wire.fields import parse_fields
from comity.wire.notice_v1 import notice_from

__all__ = ["About", "about_between"]

# Others are asked to keep out of these, whatever the agreement says of ordinary operations.
_KEPT_CLEAR = frozenset({Purpose.DANGER_AREA, Purpose.AIR_DEFENCE_ACTIVE})


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """A subject, the id by which the other party knows it, and what was declared to it."""

    subject: SubjectRow
    known_as: bytes
    declared: Declaration

    @property
    def of_floor(self) -> bool:
        """Whether it is civil safety: a hazard, or a volume that others are to keep clear of."""
        operation = self.declared.kind is SubjectKind.OPERATION
        return not operation or self.declared.purpose in _KEPT_CLEAR


def about_between(reading: Reading, of: bytes, other: str) -> About | None:
    """The subject, if the other party holds it: as its owner, or because we gave it."""
    subject = reading.sky.subject_of_notice(of)
    if subject is None:
        return None
    if not subject.ours:
        content, known_as = subject.content, subject.id
        held = subject.owner == other
    else:
        told = reading.accords.told(subject.id, other)
        content, known_as = subject.content, subject.id
        if told is not None and told.content:
            content, known_as = told.content, told.declared
        held = other in subject.recipients.split()
    notice = notice_from(parse_fields(content))
    if not isinstance(notice, Declaration):
        raise Malformed("a subject opens with a declaration", code="bad_subject")
    return About(subject=subject, known_as=known_as, declared=notice) if held else None
