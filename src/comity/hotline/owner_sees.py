"""Under which handles is the owner of a notice told of units, and of how many at most?

Our own units and those of parties that we told have a lot each, so that neither takes the other's
room: 64 handles, and one more that stands for all further units together. It says that somebody was
not reached while one of them was not, so no word is refused there because units are many. Called by
`attest`.
"""

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

from comity.journal.pen import Pen
from comity.model.answer import UnitReport, UnitState
from comity.model.relay import Means
from comity.storage.relay import RelayTaskRow
from comity.storage.rows import UnitRow
from comity.storage.store import Transaction
from comity.wire.canonical import sha256
from comity.wire.limits import UNITS_MAX

__all__ = ["Lot", "reports_of"]

_DOMAIN = b"comity/handles-given/v1\0"
_SHARED = "shared"  # on what the handle rests


class Lot(StrEnum):
    """Whose units they are."""

    OWN = "own"
    PASSED_ON = "passed-on"


def reports_of(
    tx: Transaction, pen: Pen, of: bytes, lot: Lot, rows: Iterable[UnitRow]
) -> tuple[UnitReport, ...]:
    """What the owner of the notice `of` is told of units; what it was told under is remembered."""
    about = sha256(_DOMAIN + lot.encode() + b"\0" + of)
    given = {row.unit: row for row in tx.relay.tasks_of(about)}
    changed: dict[bytes, None] = {}
    for row in rows:
        before = given.get(row.handle.hex()) or _first_given(pen, about, given, row)
        after = replace(before, state=row.state, at_us=row.at_us)
        tx.relay.save_task(after)
        given[after.unit] = after
        changed[after.handle] = None
    return tuple(
        _report(handle, [row for row in given.values() if row.handle == handle])
        for handle in changed
    )


def _first_given(
    pen: Pen, about: bytes, given: dict[str, RelayTaskRow], row: UnitRow
) -> RelayTaskRow:
    """A unit under its own handle, as long as there is room; kept as no task that anybody has.

    Its name is its handle here: 64 digits, and no unit on a list is called so.
    """
    shared = [each for each in given.values() if each.ground == _SHARED]
    alone = len(given) - len(shared) < UNITS_MAX
    return RelayTaskRow(
        of=row.of,
        unit=row.handle.hex(),
        subject=about,
        handle=row.handle if alone or not shared else shared[0].handle,
        state=row.state,
        means=Means.OTHER,
        channel="",
        since_us=pen.now_us,
        at_us=row.at_us,
        due_us=None,
        ground="" if alone else _SHARED,
    )


def _report(handle: bytes, rows: list[RelayTaskRow]) -> UnitReport:
    """The worst that is known of those who share a handle; mostly that is one."""
    states = {UnitState(row.state) for row in rows}
    worst = next(
        state
        for state in (UnitState.NOT_REACHED, UnitState.TOLD, UnitState.ANSWERED)
        if state in states
    )
    at_us = max(row.at_us for row in rows if row.state == worst)
    return UnitReport(handle=handle, state=worst, at_us=at_us)
