"""What do we say of a conflict: who, what was asked for, and where and when the two are too close?

Makes an `Encounter` of what is stored, for `airspace.explain`; finds the two volumes for whoever
draws them. For our own people, about notices that we hold: an entry of the register stays coarse,
and is not drawn. Reads one state and writes nothing. Called by the doors and `foresee`.
"""

from dataclasses import dataclass
from itertools import product

from comity.airspace.clearance import Approach, Clearance, assess
from comity.airspace.explain import Encounter
from comity.airspace.narrow import time_gap_us, vertical_gap_mm
from comity.airspace.shared import heights_between, window_between
from comity.intake.near import clause_words, clearance_of_pair, conflict_id
from comity.intake.subject import volumes_of
from comity.intake.terms import Agreed, agreed
from comity.model.party import party_name
from comity.model.quantity import Position
from comity.model.volume import Volume4D
from comity.storage.rows import ConflictRow, SubjectRow
from comity.storage.store import Reading

__all__ = ["Pair", "approach_of", "encounter", "pair_of", "recounted", "who"]

Pair = tuple[Volume4D, Volume4D]

_SHOWN_DIGITS = 8  # of an id, as in warnings
_MEASURED_MAX = 16  # pairs of volumes to measure again; of more, heights and times are not said


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One of the two: words for it, and its row unless it is sealed or kept no more."""

    words: str
    ours: bool
    row: SubjectRow | None


def recounted(reading: Reading, found: Agreed, conflict: ConflictRow) -> Encounter:
    """A recorded conflict; `found` is all that is agreed now.

    The numbers that were asked for are told apart only if the words that were recorded say exactly
    them; else the recorded words stand for all three.
    """
    one, other = (_side(reading, found.own, id_) for id_ in (conflict.a, conflict.b))
    if other.ours:
        one, other = other, one
    asked, grounds = _asked(reading, found, conflict, one, other)
    return encounter(
        (one.words, other.words),
        approach_of(conflict),
        asked=asked,
        grounds=grounds,
        pair=pair_of(reading, conflict),
        coarse=one.row is None or other.row is None,
    )


def encounter(
    words: tuple[str, str],
    approach: Approach,
    *,
    asked: Clearance | None,
    grounds: tuple[str, ...],
    pair: Pair | None,
    coarse: bool,
    where: bool = True,
) -> Encounter:
    """With the heights and times of two volumes, if they are known and may be told."""
    told = None if coarse else pair
    return Encounter(
        one=words[0],
        other=words[1],
        approach=approach,
        asked=asked,
        grounds=grounds,
        heights=None if told is None else heights_between(*told),
        window=None if told is None else window_between(*told),
        where=where,
        coarse=coarse,
    )


def pair_of(reading: Reading, conflict: ConflictRow) -> Pair | None:
    """The two volumes that come closest; None if they are sealed, changed or kept no more."""
    a, b = reading.sky.subject(conflict.a), reading.sky.subject(conflict.b)
    if a is None or b is None or conflict_id(a, b) != conflict.id:
        return None
    gaps = (conflict.vertical_mm, conflict.time_us)
    likely = [
        pair
        for pair in product(volumes_of(a), volumes_of(b))
        if (vertical_gap_mm(*pair), time_gap_us(*pair)) == gaps
    ]
    if len(likely) == 1:
        return likely[0]
    if len(likely) > _MEASURED_MAX:
        return None
    limit = Clearance(
        lateral_mm=conflict.closest_mm, vertical_mm=conflict.vertical_mm, time_us=conflict.time_us
    )
    point = approach_of(conflict).point
    for pair in likely:
        again = assess(*pair, limit)
        if again is not None and (again.closest_mm, again.point) == (conflict.closest_mm, point):
            return pair
    return None


def approach_of(conflict: ConflictRow) -> Approach:
    """As it was recorded; sealed ones were blurred before."""
    return Approach(
        meets=conflict.meets,
        closest_mm=conflict.closest_mm,
        vertical_gap_mm=conflict.vertical_mm,
        time_gap_us=conflict.time_us,
        point=Position(lat_e7=conflict.lat_e7, lon_e7=conflict.lon_e7),
        overlap_window=None,
    )


def who(own: str, owner: str, kind: str, id_: bytes) -> str:
    """`our operation 4f1d2c7a`, `bravo's hazard 9c0f11aa`."""
    whose = "our" if owner == own else f"{party_name(owner)}'s"
    return f"{whose} {kind} {id_.hex()[:_SHOWN_DIGITS]}"


def _side(reading: Reading, own: str, id_: bytes) -> _Side:
    row = reading.sky.subject(id_)
    if row is not None:
        return _Side(words=who(own, row.owner, row.kind, id_), ours=row.ours, row=row)
    entry = reading.register.protected(id_)
    if entry is not None:
        words = who(own, entry.owner, "register entry", id_)
        return _Side(words=words, ours=entry.ours, row=None)
    words = f"something kept no more ({id_.hex()[:_SHOWN_DIGITS]})"
    return _Side(words=words, ours=False, row=None)


def _asked(
    reading: Reading, found: Agreed, conflict: ConflictRow, one: _Side, other: _Side
) -> tuple[Clearance | None, tuple[str, ...]]:
    """What was asked for and where it stands, by what is agreed now or was when it was found."""
    if one.row is not None and other.row is not None:
        for terms in (found, agreed(reading, found.own, conflict.found_us)):
            asked, rulings = clearance_of_pair(terms, one.row, other.row)
            if clause_words(rulings) == conflict.clause:
                return asked, tuple(ruling.ground for ruling in rulings)
    return None, (conflict.clause,)
