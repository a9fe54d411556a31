"""Reads a subject's row back into nouns: what was declared, its volumes now; a box around them."""

from collections.abc import Iterable
from functools import lru_cache

from comity.airspace.broad import box
from comity.airspace.clearance import NO_CLEARANCE, Clearance
from comity.model.fault import Malformed
from comity.model.notice import Declaration, SubjectKind, Transition
from comity.model.volume import Volume4D
from comity.storage.rows import SubjectRow, VolumeBox
from comity.wire.fields import parse_fields
from comity.wire.notice_v1 import notice_from

__all__ = ["around", "declaration_of", "has_lapsed", "volumes_of"]

_KEPT = 64  # subjects: 25 MB if all were of 2,000 vertices


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
    return _volumes(row.volumes)


# A notice's own are asked for three times while it is taken, its neighbours' with every notice.
@lru_cache(maxsize=_KEPT)
def _volumes(data: bytes) -> tuple[Volume4D, ...]:
    notice = notice_from(parse_fields(data))
    if isinstance(notice, Transition):
        raise Malformed("a subject's volumes stand in no transition", code="bad_subject")
    return notice.volumes


def around(volumes: Iterable[Volume4D], clearance: Clearance = NO_CLEARANCE) -> VolumeBox:
    """One box around all volumes and a clearance; longitude is left out."""
    boxes = [box(volume, clearance) for volume in volumes]
    return VolumeBox(
        south_e7=min(b.south_e7 for b in boxes),
        north_e7=max(b.north_e7 for b in boxes),
        lower_mm=min(b.lower_mm for b in boxes),
        upper_mm=max(b.upper_mm for b in boxes),
        start_us=min(b.start_us for b in boxes),
        end_us=max(b.end_us for b in boxes),
    )
