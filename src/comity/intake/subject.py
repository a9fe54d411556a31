"""Reads a subject's row back into nouns: what was declared, and the volumes as they stand now."""

from functools import lru_cache

from comity.model.fault import Malformed
from comity.model.notice import Declaration, Transition
from comity.model.volume import Volume4D
from comity.storage.rows import SubjectRow
from comity.wire.fields import parse_fields
from comity.wire.notice_v1 import notice_from

__all__ = ["declaration_of", "volumes_of"]

_KEPT = 64  # subjects: 25 MB if all were of 2,000 vertices


def declaration_of(row: SubjectRow) -> Declaration:
    """The declaration that opened a subject."""
    notice = notice_from(parse_fields(row.content))
    if not isinstance(notice, Declaration):
        raise Malformed("a subject opens with a declaration", code="bad_subject")
    return notice


def volumes_of(row: SubjectRow) -> tuple[Volume4D, ...]:
    """The present volumes of a subject."""
    return _volumes(row.volumes)


# A notice's own are asked for three times while it is taken, its neighbours' with every notice.
@lru_cache(maxsize=_KEPT)
def _volumes(data: bytes) -> tuple[Volume4D, ...]:
    notice = notice_from(parse_fields(data))
    if isinstance(notice, Transition):
        raise Malformed("a subject's volumes stand in no transition", code="bad_subject")
    return notice.volumes
