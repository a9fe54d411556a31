"""What would a plan meet? Asked of everything known here, the protected register included.

Reads one state and writes nothing: the plan is not declared, given or recorded, and no other party
learns that it was asked. Of others' subjects everything live counts; of our own hazards, presences
and register entries do, operations do not. What is said of an entry of the register is blurred.
Called by the doors.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from comity.agreement.resolve import case_of
from comity.airspace.clearance import Approach
from comity.airspace.explain import Encounter
from comity.airspace.reach import TimeToClear, Unable, Verdict, verdict
from comity.intake.assess import needed_by
from comity.intake.decide import lead_us
from comity.intake.near import Closest, Neighbour, closest
from comity.intake.recount import Pair, encounter, who
from comity.intake.sealed import Keys, blurred, presences_near
from comity.intake.subject import around, declaration_of
from comity.intake.terms import Agreed, agreed, parameters_of, widest_clearance
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

    Of an entry of the register (`sealed`) id and owner are all that is told beside the approach:
    not where, and without the `pair` of volumes. `met` is what there is to say of it.

    `needed` is how long the plan's craft would need to be out of what another does there, from the
    moment that it is told. `published_us` is the clearing time that the owner of a presence has
    published, and `verdict` whether the plan, if it were told now, leaves it.
    """

    id: bytes
    owner: str
    kind: SubjectKind
    sealed: bool
    approach: Approach
    clause: str
    met: Encounter
    pair: Pair | None
    needed: TimeToClear | Unable | None
    published_us: int | None
    verdict: Verdict | None


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
    lead = lead_us(plan.volumes, now_us)
    made = (_foreseen(found, plan, lead, each) for each in closest(found, row, others))
    return tuple(sorted(made, key=_order))


def _foreseen(found: Agreed, plan: Declaration, lead: int, each: Closest) -> Foreseen:
    other, sealed = each.other.subject, each.other.presence is not None
    published_us = None if sealed else declaration_of(other).needs_us
    approach = _shown(found, each.other, each.approach)
    kind = "register entry" if sealed else other.kind
    return Foreseen(
        id=other.id,
        owner=other.owner,
        kind=SubjectKind(other.kind),
        sealed=sealed,
        approach=approach,
        clause=each.clause,
        met=encounter(
            ("the plan", who(found.own, other.owner, kind, other.id)),
            approach,
            asked=each.asked,
            grounds=each.grounds,
            pair=each.pair,
            coarse=sealed,
            where=not sealed,
        ),
        pair=None if sealed else each.pair,
        needed=None if sealed else _needed(found, plan, each),
        published_us=published_us,
        verdict=None if published_us is None else _verdict(lead, published_us),
    )


def _needed(found: Agreed, plan: Declaration, each: Closest) -> TimeToClear | Unable | None:
    """Of what another does that is dangerous; what asks to be spared is nothing to flee from."""
    other = each.other.subject
    if other.kind == SubjectKind.PRESENCE:
        return None
    case = case_of(declaration_of(other), other.owner, found.own)
    parameters = parameters_of(found.with_party(other.owner), case)
    return needed_by(plan.craft, (each.pair,), parameters)


def _verdict(lead: int, published_us: int) -> Verdict:
    """On a notice given now against the one number that the other has published."""
    return verdict(
        lead_us=lead, needed=None, has_area=True, cleartext_min_us=None, published_us=published_us
    )


def _neighbours(
    reading: Reading, keys: Keys, own: str, now_us: int, room: VolumeBox
) -> Iterator[Neighbour]:
    for row in reading.sky.subjects_near(room, own, ours=False):
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
