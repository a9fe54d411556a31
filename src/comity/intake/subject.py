"""Reads a subject's row back into nouns: what was declared, its volumes now; a box around them."""

from collections.abc import Sequence
from dataclasses import astuple
from functools import lru_cache

import numpy as np

from comity.airspace.broad import TURN_E7
from comity.airspace.clearance import NO_CLEARANCE, Clearance
from comity.airspace.sides import (
    END,
    LOWER,
    NORTH,
    SOUTH,
    START,
    UPPER,
    WEST,
    WIDTH,
    Sides,
    sides_of,
    widened,
)
from comity.model.fault import Malformed
from comity.model.notice import Declaration, SubjectKind, Transition
from comity.model.quantity import LON_E7_MAX
from comity.model.volume import Volume4D
from comity.storage.rows import SubjectRow, VolumeBox
from comity.wire.fields import parse_fields
from comity.wire.notice_v1 import notice_from

__all__ = ["around", "declaration_of", "has_lapsed", "volumes_of", "wider"]

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


def around(volumes: tuple[Volume4D, ...], clearance: Clearance = NO_CLEARANCE) -> VolumeBox:
    """One box around all volumes and a clearance."""
    boxes = [sides_of(volume, clearance) for volume in volumes]
    west_e7, width_e7 = _longitudes(boxes)
    return VolumeBox(
        south_e7=min(b[SOUTH] for b in boxes),
        north_e7=max(b[NORTH] for b in boxes),
        west_e7=west_e7,
        width_e7=width_e7,
        lower_mm=min(b[LOWER] for b in boxes),
        upper_mm=max(b[UPPER] for b in boxes),
        start_us=min(b[START] for b in boxes),
        end_us=max(b[END] for b in boxes),
    )


def wider(box: VolumeBox, clearance: Clearance) -> VolumeBox:
    """A box with a clearance around it: whatever comes that close to what is in it touches it."""
    sides = widened(np.array([astuple(box)]), clearance)[0].tolist()
    return VolumeBox(**dict(zip(VolumeBox.__slots__, sides, strict=True)))


def _longitudes(boxes: Sequence[Sides]) -> tuple[int, int]:
    """West and width of what leaves out the widest gap between the boxes; all around if none."""
    spans = sorted((b[WEST], b[WEST] + b[WIDTH]) for b in boxes)
    first = spans[0][0]
    reached = max(spans[0][1], max(east for _, east in spans) - TURN_E7)  # from around the globe
    widest, after = 0, first  # a gap, and where what comes after it begins
    for west, east in spans[1:]:
        if west - reached > widest:
            widest, after = west - reached, west
        reached = max(reached, east)
    if first + TURN_E7 - reached >= widest:
        widest, after = first + TURN_E7 - reached, first
    return (after, TURN_E7 - widest) if widest > 0 else (-LON_E7_MAX, TURN_E7)
