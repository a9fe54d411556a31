"""What would a plan meet? Asked of everything known here, the protected register included.

Reads one state and writes nothing: the plan is not declared, given or recorded, and no other party
learns that it was asked. Of others' subjects everything live counts; of our own hazards, presences
and register entries do, operations do not. What is said of an entry of the register is blurred.
Called by the doors.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from comity.airspace.clearance import Approach
from comity.intake.near import Neighbour, closest
from comity.intake.sealed import Keys, blurred, presences_near
from comity.intake.subject import around
from comity.intake.terms import Agreed, agreed, widest_clearance
from comity.model.lifecycle import LifeState
from comity.model.notice import Declaration, SubjectKind
from comity.storage.rows import SubjectRow, VolumeBox
from comity.storage.store import Reading
from comity.wire.fields import serialise_fields
from comity.wire.notice_v1 import fields_of

__all__ = ["Foreseen", "foreseen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """One thing that a plan would meet or come too close to, and the clause that says so.

    Of an entry of the register (`sealed`) id and owner are all that is told beside the approach.
    """

    id: bytes
    owner: str
    kind: SubjectKind
    sealed: bool
    approach: Approach
    clause: str


def foreseen(
    reading: Reading, keys: Keys, own: str, now_us: int, plan: Declaration
) -> tuple[Foreseen, ...]:
    """All findings, what is met first, then by distance; none is left out.

    The plan has passed `receive.check_areas`: what is wrong with it is no fault of what is read.
    """
    found = agreed(reading, own, now_us)
    row = _row(plan, own, now_us)
    room = around(plan.volumes, widest_clearance(found))
    others = tuple(_neighbours(reading, keys, own, now_us, room))
    made = (
        Foreseen(
            id=each.other.subject.id,
            owner=each.other.subject.owner,
            kind=SubjectKind(each.other.subject.kind),
            sealed=each.other.presence is not None,
            approach=_shown(found, each.other, each.approach),
            clause=each.clause,
        )
        for each in closest(found, row, others)
    )
    return tuple(sorted(made, key=_order))


def _neighbours(
    reading: Reading, keys: Keys, own: str, now_us: int, room: VolumeBox
) -> Iterator[Neighbour]:
    for row in reading.sky.subjects_near(room, own):
        yield Neighbour(subject=row)
    for row in reading.sky.own_subjects_near(room):
        if row.kind != SubjectKind.OPERATION:
            yield Neighbour(subject=row)
    for presence in presences_near(reading, keys, now_us, room):
        yield Neighbour(subject=presence.subject(), presence=presence)


def _shown(found: Agreed, other: Neighbour, approach: Approach) -> Approach:
    if other.presence is None:
        return replace(approach, overlap_window=None)
    return blurred(found, other.presence, approach)


def _order(found: Foreseen) -> tuple[bool, int, bytes]:
    return (not found.approach.meets, found.approach.closest_mm, found.id)


def _row(plan: Declaration, own: str, now_us: int) -> SubjectRow:
    """The plan as the search takes it; it is in no store, and has no id."""
    content = serialise_fields(fields_of(plan))
    return SubjectRow(
        id=b"",
        kind=plan.kind,
        owner=own,
        ours=True,
        state=LifeState.DECLARED,
        content=content,
        volumes=content,
        notice=b"",
        issued_us=now_us,
        delivered_us=None,
        flags="",
        recipients="",
        prompted_by=None,
        box=around(plan.volumes),
    )
