"""How near did declared operations come to what we protect? For the owner alone.

Each entry of ours that stands is compared with every operation known here that was not cancelled,
ours too, whose window was within the last 30 days or is still to come: within the agreed clearance,
within twice and within five times of it. Blurred like all that is said of an entry. Reads one state
and writes nothing. Called by the doors.
"""

from dataclasses import dataclass, replace

from comity.airspace.clearance import CLEARANCE_LATERAL_MM_MAX, Approach, Clearance, assess
from comity.intake.near import clearance_of_pair, rank
from comity.intake.sealed import Keys, Presence, blurred, standing
from comity.intake.subject import around, volumes_of
from comity.intake.terms import Agreed, agreed, widest_clearance
from comity.model.volume import HEIGHT_MM_MAX, HEIGHT_MM_MIN, WINDOW_US_MAX
from comity.storage.register import ProtectedRow
from comity.storage.rows import SubjectRow
from comity.storage.store import Reading

__all__ = ["LOOK_BACK_US", "TIMES", "Miss", "Tested", "tested"]

LOOK_BACK_US = 30 * 86_400_000_000
TIMES = (1, 2, 5)  # how many clearances


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """An operation within the agreed clearance of an entry."""

    operation: bytes
    owner: str
    approach: Approach


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """One entry: the operations within the clearance, and how many within each of TIMES of it."""

    row: ProtectedRow
    misses: tuple[Miss, ...]
    counts: tuple[int, ...]


def tested(reading: Reading, keys: Keys, own: str, now_us: int) -> tuple[Tested, ...]:
    """Every entry of ours that stands, by id."""
    found = agreed(reading, own, now_us)
    entries = (each for each in standing(reading, keys, now_us) if each.row.ours)
    return tuple(_tested(reading, found, each, now_us - LOOK_BACK_US) for each in entries)


def _tested(reading: Reading, found: Agreed, presence: Presence, since_us: int) -> Tested:
    subject = presence.subject()
    wide = _times(widest_clearance(found), TIMES[-1])
    room = around(presence.declaration.volumes, wide)
    misses: list[Miss] = []
    counts = [0] * len(TIMES)
    lately = replace(room, start_us=max(room.start_us, since_us))
    for row in reading.register.operations_near(lately):
        clearance, _ = clearance_of_pair(found, subject, row)
        for at, times in enumerate(TIMES):
            approach = _closest(presence, row, _times(clearance, times))
            counts[at] += approach is not None
            if approach is not None and times == 1:
                shown = blurred(found, presence, approach)
                misses.append(Miss(operation=row.id, owner=row.owner, approach=shown))
    return Tested(row=presence.row, misses=tuple(misses), counts=tuple(counts))


def _closest(presence: Presence, row: SubjectRow, clearance: Clearance) -> Approach | None:
    pairs = (
        assess(ours, theirs, clearance)
        for ours in presence.declaration.volumes
        for theirs in volumes_of(row)
    )
    return min((each for each in pairs if each is not None), key=rank, default=None)


def _times(clearance: Clearance, factor: int) -> Clearance:
    """So many times as much, up to the most that a clearance can be."""
    return Clearance(
        lateral_mm=min(CLEARANCE_LATERAL_MM_MAX, factor * clearance.lateral_mm),
        vertical_mm=min(HEIGHT_MM_MAX - HEIGHT_MM_MIN, factor * clearance.vertical_mm),
        time_us=min(WINDOW_US_MAX, factor * clearance.time_us),
    )
