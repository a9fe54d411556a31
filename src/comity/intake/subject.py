"""Reads a subject's row back into nouns: what was declared, and the volumes as they stand now."""

from comity.model.fault import Malformed
from comity.model.notice import Declaration, SubjectKind, Transition
from comity.model.volume import Volume4D
from comity.storage.rows import SubjectRow
from comity.wire.fields import parse_fields
from comity.wire.notice_v1 import notice_from

__all__ = ["declaration_of", "has_lapsed", "volumes_of"]


def declaration_of(row: SubjectRow) -> Declaration:
    """The declaration that opened a subject."""
    notice = notice_from(parse_fields(row.content))
    if not isinstance(notice, Declaration):
        raise Malformed("a subject opens with a declaration", code="bad_subject")
    return notice


def has_lapsed(row: SubjectRow, now_us: int) -> bool:
    """Whether it is a hazard that nobody believes in any more, unless it is given anew."""
    if row.kind != SubjectKind.HAZARD:
        return False
    basis = declaration_of(row).basis
    return basis is not None and basis.expires_us <= now_us


def volumes_of(row: SubjectRow) -> tuple[Volume4D, ...]:
    """The present volumes of a subject."""
    notice = notice_from(parse_fields(row.volumes))
    if isinstance(notice, Transition):
        raise Malformed("a subject's volumes stand in no transition", code="bad_subject")
    return notice.volumes
