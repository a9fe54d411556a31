"""Find and record what a subject meets: boxes from the store, exact answers from `airspace`.

Runs inside the transaction that changes the subject, so that no pair is accepted without its
conflict. A conflict that no longer holds is over, not gone. Entries of the protected register are
opened in memory for it; what is recorded of them is blurred. Called by receive, move, protect,
guard and foresee.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from comity.agreement.resolve import Ruling, case_of
from comity.airspace.clearance import Approach, Clearance
from comity.airspace.find import find
from comity.intake.sealed import Presence, blurred, presences_near
from comity.intake.subject import declaration_of, has_lapsed, volumes_of, wider
from comity.intake.terms import Agreed, clearance_between, widest_clearance
from comity.journal.pen import Pen
from comity.journal.warn import clear_warnings, raise_warning
from comity.model.lifecycle import LifeState, is_live
from comity.model.parameter import parameter
from comity.model.party import party_name
from comity.model.volume import Volume4D
from comity.storage.rows import ConflictRow, SubjectRow
from comity.storage.store import Transaction
from comity.wire.canonical import sha256
from comity.wire.conflict_v1 import fields_of_conflict
from comity.wire.entry_v1 import EntryType

__all__ = [
    "Closest",
    "Neighbour",
    "clause_words",
    "clearance_of_pair",
    "closest",
    "conflict_id",
    "rank",
    "settle_conflicts",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A subject that may be too close; `presence` if it is an entry of the register."""

    subject: SubjectRow
    presence: Presence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closest:
    """A neighbour within the clearance: how it comes closest, and the clause that says so.

    `pair` are the two volumes that do, ours first; `grounds` says where each of the three numbers
    that are `asked` stands.
    """

    other: Neighbour
    approach: Approach
    pair: tuple[Volume4D, Volume4D]
    asked: Clearance
    grounds: tuple[str, ...]
    clause: str


def settle_conflicts(
    tx: Transaction,
    pen: Pen,
    row: SubjectRow,
    agreements: Agreed,
    presence: Presence | None = None,
) -> tuple[bytes, ...]:
    """Bring the conflicts of a saved subject up to date; the ids of those that hold.

    `presence` says that the subject is an entry of the register.
    """
    counts = _counts(row, pen.now_us)
    found = _found(tx, pen, agreements, row, presence) if counts else ()
    held = {each.other.subject.id: each for each in found}
    standing = {_other(conflict, row): conflict for conflict in tx.sky.conflicts_of(row.id)}
    for other, conflict in standing.items():
        if other not in held:
            _close(tx, pen, conflict)
    return tuple(
        _record(tx, pen, row, _shown(agreements, each, presence), standing.get(other))
        for other, each in sorted(held.items())
    )


def _other(conflict: ConflictRow, row: SubjectRow) -> bytes:
    return conflict.b if conflict.a == row.id else conflict.a


def _close(tx: Transaction, pen: Pen, conflict: ConflictRow) -> None:
    tx.sky.save_conflict(replace(conflict, over_us=pen.now_us))
    clear_warnings(tx, pen, "conflict", conflict.id)


def _counts(row: SubjectRow, now_us: int) -> bool:
    """Whether others have to reckon with it: it is live, and a hazard is still believed in."""
    return is_live(LifeState(row.state)) and not has_lapsed(row, now_us)


def _found(
    tx: Transaction, pen: Pen, agreements: Agreed, row: SubjectRow, presence: Presence | None
) -> tuple[Closest, ...]:
    """For each live subject of another owner that is too close, its closest approach.

    Two entries of the register do not endanger each other.
    """
    room = wider(row.box, widest_clearance(agreements))
    there = tx.sky.subjects_near(room, row.owner, ours=not row.ours)
    others = [Neighbour(subject=each) for each in there if _counts(each, pen.now_us)]
    if presence is None:
        near = presences_near(tx, pen.entry_keys, pen.now_us, room)
        others += [
            Neighbour(subject=each.subject(), presence=each)
            for each in near
            if each.row.owner != row.owner
        ]
    return closest(agreements, row, others)


def closest(
    agreements: Agreed, row: SubjectRow, others: Iterable[Neighbour]
) -> tuple[Closest, ...]:
    """Of `others` those within the clearance agreed for the pair, each at its closest."""
    known = {each.subject.id: each for each in others}
    if not known:
        return ()
    pairs = {id_: clearance_of_pair(agreements, row, each.subject) for id_, each in known.items()}
    theirs = {
        (id_, at): volume
        for id_, each in known.items()
        for at, volume in enumerate(volumes_of(each.subject))
    }
    best: dict[bytes, tuple[Approach, tuple[Volume4D, Volume4D]]] = {}
    for volume in volumes_of(row):
        for found in find(volume, theirs.items(), lambda key: pairs[key[0]][0]):
            before = best.get(found.key[0])
            if before is None or rank(found.approach) < rank(before[0]):
                best[found.key[0]] = found.approach, (volume, theirs[found.key])
    return tuple(
        Closest(
            other=each,
            approach=best[id_][0],
            pair=best[id_][1],
            asked=pairs[id_][0],
            grounds=tuple(ruling.ground for ruling in pairs[id_][1]),
            clause=clause_words(pairs[id_][1]),
        )
        for id_, each in known.items()
        if id_ in best
    )


def _shown(agreements: Agreed, found: Closest, presence: Presence | None) -> Closest:
    """Blurred where an entry of the register is one of the two."""
    secret = presence or found.other.presence
    if secret is None:
        return found
    return replace(found, approach=blurred(agreements, secret, found.approach))


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


def clause_words(rulings: tuple[Ruling, ...]) -> str:
    """One sentence for the three numbers of a clearance."""
    bases = {(r.agreement, r.version, r.clause) for r in rulings}
    if len(bases) > 1:
        return "; ".join(ruling.sentence for ruling in rulings)
    shown = ", ".join(f"{r.parameter} is {parameter(r.parameter).shown(r.value)}" for r in rulings)
    return f"{rulings[0].ground}, {shown}"


def rank(approach: Approach) -> tuple[bool, int, int, int]:
    """What comes closer has the lower one."""
    gaps = (approach.closest_mm, approach.vertical_gap_mm, approach.time_gap_us)
    return (not approach.meets, *gaps)


def _record(
    tx: Transaction, pen: Pen, row: SubjectRow, found: Closest, standing: ConflictRow | None
) -> bytes:
    """Write the conflict into our journal and rows, once for each state of the two notices.

    The one that stood between the same two in an earlier form is over.
    """
    a, b = sorted((row, found.other.subject), key=lambda subject: subject.id)
    id_ = conflict_id(a, b)
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
    text = f"{_name(row)} {words} {_name(found.other.subject)}: {found.clause}"
    raise_warning(tx, pen, "conflict", id_, text=text)
    return id_


def conflict_id(a: SubjectRow, b: SubjectRow) -> bytes:
    """Of the conflict between two subjects as they stand now, the lower id first."""
    return sha256(b"comity/conflict/v1\0" + a.notice + b.notice)


def _name(row: SubjectRow) -> str:
    return f"{row.kind} {row.id.hex()[:8]} of {party_name(row.owner)}"
