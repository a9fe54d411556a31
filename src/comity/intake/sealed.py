"""Opens entries of the protected register in memory, for as long as they are needed there.

Rows hold sealed text alone; what is opened is remembered by the process and never stored, and what
others may be shown of it is blurred here. What is over is forgotten with all the rest. Called by
near (conflicts), protect, guard, foresee, near_miss and the doors.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from comity.agreement.resolve import case_of
from comity.airspace.broad import box
from comity.airspace.clearance import Approach
from comity.intake.subject import around
from comity.intake.terms import Agreed
from comity.model.fault import Malformed, Refusal, Refused, Untrusted
from comity.model.lifecycle import LifeState
from comity.model.notice import Declaration, SubjectKind
from comity.model.protected import Protected, Sealed
from comity.model.quantity import LAT_E7_MAX, LON_E7_MAX, Position
from comity.storage.register import ProtectedRow
from comity.storage.rows import SubjectRow, VolumeBox
from comity.storage.store import Reading
from comity.trust.keys import SigningKey
from comity.trust.sealed_box import box_name, unsealed
from comity.wire.fields import parse_fields, serialise_fields
from comity.wire.notice_v1 import fields_of
from comity.wire.register_v1 import clear_from, commitment_of, sealed_from

__all__ = [
    "Cell",
    "Keys",
    "Presence",
    "blurred",
    "cell_of",
    "forget_opened",
    "opened",
    "over_subject",
    "presence_of",
    "presences_near",
    "standing",
]

_REMEMBERED = 4_096  # entries: 1 kB each as a rule
_LATERAL_STEP_MM = 1_000_000  # how close an entry is, is told in whole kilometres, downward
_VERTICAL_STEP_MM = 100_000
_TURN_E7 = 2 * LON_E7_MAX
_NOWHERE = VolumeBox(
    south_e7=0,
    north_e7=0,
    west_e7=0,
    width_e7=0,
    lower_mm=0,
    upper_mm=0,
    start_us=0,
    end_us=0,
)
Keys = Sequence[SigningKey]


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """An entry of the register with what it protects, in memory."""

    row: ProtectedRow
    declaration: Declaration
    box: VolumeBox

    def subject(self) -> SubjectRow:
        """As the search for conflicts takes it; never stored."""
        fields = serialise_fields(fields_of(self.declaration))
        return _subject(self.row, LifeState.DECLARED, fields, self.box)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """All that lists show of where an entry is: the corner and the size of one grid cell."""

    south_e7: int
    west_e7: int
    size_e7: int

    @property
    def middle(self) -> Position:
        """The middle of the cell; at the end of the globe, its end."""
        lon_e7 = self.west_e7 + self.size_e7 // 2
        return Position(
            lat_e7=min(LAT_E7_MAX, self.south_e7 + self.size_e7 // 2),
            lon_e7=(lon_e7 + LON_E7_MAX) % _TURN_E7 - LON_E7_MAX,
        )


def over_subject(row: ProtectedRow) -> SubjectRow:
    """An entry that is over, as the search for conflicts takes it: it meets nothing."""
    return _subject(row, LifeState.ENDED, b"", _NOWHERE)


def _subject(row: ProtectedRow, state: LifeState, fields: bytes, room: VolumeBox) -> SubjectRow:
    return SubjectRow(
        id=row.id,
        kind=SubjectKind.PRESENCE,
        owner=row.owner,
        ours=row.ours,
        state=state,
        content=fields,
        volumes=fields,
        notice=row.notice,
        issued_us=row.issued_us,
        delivered_us=row.delivered_us,
        flags="",
        recipients=row.recipients,
        prompted_by=None,
        box=room,
    )


def opened(sealed: Sealed, keys: Keys) -> Protected:
    """What a sealed entry says, if it is what it commits to.

    Raises:
        Refused: `sealed_to_other_key`, none of our keys is the one that it names.
        Untrusted: `not_for_us`, that key does not open it; `content_mismatch`, it is another text.
        Malformed: the text in it is none.
    """
    key = next((each for each in keys if box_name(each.verifier()) == sealed.key), None)
    if key is None:
        raise Refused(
            Refusal(
                code="sealed_to_other_key",
                reason="it is sealed to a key that this node does not have",
                what_to_do="its owner renews the entry: that seals it to the present key",
            )
        )
    clear = unsealed(key, sealed.data)
    if commitment_of(clear) != sealed.commitment:
        raise Untrusted("the clear text is not the one committed to", code="content_mismatch")
    return clear_from(clear)


@lru_cache(maxsize=_REMEMBERED)
def _known(content: bytes, keys: tuple[SigningKey, ...]) -> tuple[Declaration, VolumeBox]:
    declaration = opened(sealed_from(parse_fields(content)), keys).declaration
    return declaration, around(declaration.volumes)


def presence_of(row: ProtectedRow, keys: Keys) -> Presence | None:
    """An entry opened; None if it cannot be: it is over, or its key is gone."""
    try:
        declaration, room = _known(row.sealed, tuple(keys))
    except (Refused, Untrusted, Malformed):
        return None
    return Presence(row=row, declaration=declaration, box=room)


def forget_opened() -> None:
    """Something is over: nothing that was opened stays in memory; what stands is opened again."""
    _known.cache_clear()


def standing(reading: Reading, keys: Keys, now_us: int) -> tuple[Presence, ...]:
    """All entries that stand now and can be opened, ours and others'."""
    found = (presence_of(row, keys) for row in reading.register.live_protected(now_us))
    return tuple(each for each in found if each is not None)


def presences_near(
    reading: Reading, keys: Keys, now_us: int, room: VolumeBox
) -> tuple[Presence, ...]:
    """Those of them whose boxes meet `room`, longitude aside. Never truncated."""
    return tuple(each for each in standing(reading, keys, now_us) if _meet(each.box, room))


def _meet(a: VolumeBox, b: VolumeBox) -> bool:
    return (
        a.start_us <= b.end_us
        and b.start_us <= a.end_us
        and a.south_e7 <= b.north_e7
        and b.south_e7 <= a.north_e7
        and a.lower_mm <= b.upper_mm
        and b.lower_mm <= a.upper_mm
    )


def cell_of(found: Agreed, presence: Presence) -> Cell:
    """The cell, of the size agreed for a caution, in which the middle of its first volume lies.

    One cell, however near to its side: more cells would say where in them it is.
    """
    owner = presence.row.owner
    case = case_of(presence.declaration, owner, found.own)
    size_e7 = found.with_party(owner).value("caution_cell_e7", case)
    first = box(presence.declaration.volumes[0])
    middle_lon = (first.west_e7 + first.width_e7 // 2 + LON_E7_MAX) % _TURN_E7 - LON_E7_MAX
    return Cell(
        south_e7=max(-LAT_E7_MAX, _down((first.south_e7 + first.north_e7) // 2, size_e7)),
        west_e7=max(-LON_E7_MAX, _down(middle_lon, size_e7)),
        size_e7=size_e7,
    )


def blurred(found: Agreed, presence: Presence, approach: Approach) -> Approach:
    """What may be kept and shown of how something approaches an entry; never farther than it is.

    The exact place and distance would, asked for often enough, give the entry away.
    """
    return replace(
        approach,
        closest_mm=_down(approach.closest_mm, _LATERAL_STEP_MM),
        vertical_gap_mm=_down(approach.vertical_gap_mm, _VERTICAL_STEP_MM),
        point=cell_of(found, presence).middle,
        overlap_window=None,
    )


def _down(value: int, step: int) -> int:
    return value // step * step
