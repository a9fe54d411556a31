"""Find and record what a subject meets: boxes from the store, exact answers from `airspace`.

Runs inside the transaction that changes the subject, so that no pair is accepted without its
conflict. A conflict that no longer holds is over, not gone. Called by receive and move.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from comity.agreement.resolve import Ruling, case_of
from comity.airspace.broad import TURN_E7, Box4D, box
from comity.airspace.clearance import NO_CLEARANCE, Approach, Clearance
from comity.airspace.find import find
from comity.intake.subject import declaration_of, volumes_of
from comity.intake.terms import Agreed, clearance_between, widest_clearance
from comity.journal.pen import Pen
from comity.journal.warn import clear_warnings, raise_warning
from comity.model.lifecycle import LifeState, is_live
from comity.model.parameter import parameter
from comity.model.party import party_name
from comity.model.quantity import LON_E7_MAX
from comity.model.volume import Volume4D
from comity.storage.rows import ConflictRow, SubjectRow, VolumeBox
from comity.storage.store import Transaction
from comity.wire.canonical import sha256
from comity.wire.conflict_v1 import fields_of_conflict
from comity.wire.entry_v1 import EntryType

__all__ = ["around", "clearance_of_pair", "settle_conflicts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Closest:
    other: SubjectRow
    approach: Approach
    clause: str


def around(volumes: tuple[Volume4D, ...], clearance: Clearance = NO_CLEARANCE) -> VolumeBox:
    """One box around all volumes and a clearance."""
    boxes = [box(volume, clearance) for volume in volumes]
    west_e7, width_e7 = _longitudes(boxes)
    return VolumeBox(
        south_e7=min(b.south_e7 for b in boxes),
        north_e7=max(b.north_e7 for b in boxes),
        west_e7=west_e7,
        width_e7=width_e7,
        lower_mm=min(b.lower_mm for b in boxes),
        upper_mm=max(b.upper_mm for b in boxes),
        start_us=min(b.start_us for b in boxes),
        end_us=max(b.end_us for b in boxes),
    )


def _longitudes(boxes: Sequence[Box4D]) -> tuple[int, int]:
    """West and width of what leaves out the widest gap between the boxes; all around if none."""
    spans = sorted((b.west_e7, b.west_e7 + b.width_e7) for b in boxes)
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


def settle_conflicts(
    tx: Transaction, pen: Pen, row: SubjectRow, agreements: Agreed
) -> tuple[bytes, ...]:
    """Bring the conflicts of a saved subject up to date; the ids of those that hold."""
    found = _found(tx, row, agreements) if _counts(row) else ()
    held = {each.other.id: each for each in found}
    standing = {_other(conflict, row): conflict for conflict in tx.sky.conflicts_of(row.id)}
    for other, conflict in standing.items():
        if other not in held:
            _close(tx, pen, conflict)
    return tuple(
        _record(tx, pen, row, each, standing.get(other)) for other, each in sorted(held.items())
    )


def _other(conflict: ConflictRow, row: SubjectRow) -> bytes:
    return conflict.b if conflict.a == row.id else conflict.a


def _close(tx: Transaction, pen: Pen, conflict: ConflictRow) -> None:
    tx.sky.save_conflict(replace(conflict, over_us=pen.now_us))
    clear_warnings(tx, pen, "conflict", conflict.id)


def _counts(row: SubjectRow) -> bool:
    return is_live(LifeState(row.state))


def _found(tx: Transaction, row: SubjectRow, agreements: Agreed) -> tuple[_Closest, ...]:
    """For each live subject of another owner that is too close, its closest approach."""
    volumes = volumes_of(row)
    others = tx.sky.subjects_near(around(volumes, widest_clearance(agreements)), row.owner)
    pairs = {s.id: clearance_of_pair(agreements, row, s) for s in others}
    neighbours = [((s.id, i), v) for s in others for i, v in enumerate(volumes_of(s))]
    best: dict[bytes, Approach] = {}
    for volume in volumes:
        for found in find(volume, neighbours, lambda key: pairs[key[0]][0]):
            known = best.get(found.key[0])
            if known is None or _rank(found.approach) < _rank(known):
                best[found.key[0]] = found.approach
    return tuple(
        _Closest(other=s, approach=best[s.id], clause=_sentence(pairs[s.id][1]))
        for s in others
        if s.id in best
    )


def clearance_of_pair(
    agreements: Agreed, one: SubjectRow, other: SubjectRow
) -> tuple[Clearance, tuple[Ruling, ...]]:
    """The clearance agreed for two subjects, by what either of them is, and what it rests on."""
    owners = (one.owner, other.owner)
    cases = (
        case_of(declaration_of(one), one.owner, other.owner),
        case_of(declaration_of(other), other.owner, one.owner),
    )
    return clearance_between(agreements, owners, cases)


def _sentence(rulings: tuple[Ruling, ...]) -> str:
    """One sentence for the three numbers of a clearance."""
    bases = {(r.agreement, r.version, r.clause) for r in rulings}
    if len(bases) > 1:
        return "; ".join(ruling.sentence for ruling in rulings)
    shown = ", ".join(f"{r.parameter} is {parameter(r.parameter).shown(r.value)}" for r in rulings)
    return f"{rulings[0].ground}, {shown}"


def _rank(approach: Approach) -> tuple[bool, int, int, int]:
    gaps = (approach.closest_mm, approach.vertical_gap_mm, approach.time_gap_us)
    return (not approach.meets, *gaps)


def _record(
    tx: Transaction, pen: Pen, row: SubjectRow, found: _Closest, standing: ConflictRow | None
) -> bytes:
    """Write the conflict into our journal and rows, once for each state of the two notices.

    The one that stood between the same two in an earlier form is over.
    """
    a, b = sorted((row, found.other), key=lambda subject: subject.id)
    id_ = sha256(b"comity/conflict/v1\0" + a.notice + b.notice)
    if standing is not None and standing.id == id_:
        return id_
    if standing is not None:
        _close(tx, pen, standing)
    approach = found.approach
    content = pen.seal(
        fields_of_conflict(
            pair=(a.id, b.id),
            clause=found.clause,
            closest_mm=approach.closest_mm,
            vertical_mm=approach.vertical_gap_mm,
            time_us=approach.time_gap_us,
            point=approach.point,
        )
    )
    pen.write_content(EntryType.CONFLICT, pen.origin, content)
    tx.sky.save_conflict(
        ConflictRow(
            id=id_,
            a=a.id,
            b=b.id,
            clause=found.clause,
            closest_mm=approach.closest_mm,
            vertical_mm=approach.vertical_gap_mm,
            time_us=approach.time_gap_us,
            lat_e7=approach.point.lat_e7,
            lon_e7=approach.point.lon_e7,
            meets=approach.meets,
            found_us=pen.now_us,
            over_us=None,
        )
    )
    words = "meets" if approach.meets else "comes too close to"
    text = f"{_name(row)} {words} {_name(found.other)}: {found.clause}"
    raise_warning(tx, pen, "conflict", id_, text=text)
    return id_


def _name(row: SubjectRow) -> str:
    return f"{row.kind} {row.id.hex()[:8]} of {party_name(row.owner)}"
