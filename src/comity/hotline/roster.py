"""Changes of the duty roster: who is alerted in which order, who takes a role, who is away.

Every change is an entry of our own journal that no other party gets, so that who was on duty can be
shown later. Called by the doors.
"""

from dataclasses import replace

from comity.hotline.duty import has_begun
from comity.hotline.watch import close_all
from comity.journal.pen import Pen
from comity.model.duty import RosterAct, RosterChange, same_name
from comity.model.fault import Refusal, Refused
from comity.storage.duty import ShiftRow
from comity.storage.store import Reading, Transaction
from comity.wire.canonical import sha256
from comity.wire.duty_v1 import fields_of_roster_change
from comity.wire.entry_v1 import EntryType
from comity.wire.limits import SHIFTS_MAX

__all__ = ["change_roster"]


def change_roster(tx: Transaction, pen: Pen, change: RosterChange) -> None:
    """Make a change and record it.

    It is of the floor: who cannot take a role cannot answer a STOP.

    Raises:
        Refused: `no_roster` before a chain is set; `not_on_duty` for who leaves, or is away from,
            what he does not hold.
    """
    pen.claim_floor()
    if change.act not in {RosterAct.CHAIN, RosterAct.CLEAR} and not tx.duty.chain():
        raise _no("no_roster", "no duty roster is set", "say who is alerted, in which order, first")
    match change.act:
        case RosterAct.CHAIN:
            tx.duty.save_chain(change.roles)
        case RosterAct.TAKE:
            change = _taken(tx, pen, change)
        case RosterAct.LEAVE:
            _left(tx, pen, change)
        case RosterAct.AWAY:
            _check_known(tx, pen.now_us, change.person)
            tx.duty.set_away(same_name(change.person), pen.now_us)
        case RosterAct.BACK:
            tx.duty.set_away(same_name(change.person), None)
        case RosterAct.CLEAR:
            tx.duty.forget_roster()
            close_all(tx, pen)
    content = pen.seal(fields_of_roster_change(change))
    pen.write_content(EntryType.PARTY, pen.origin, content, floor=True)


def _taken(tx: Transaction, pen: Pen, change: RosterChange) -> RosterChange:
    """A shift from now on, or from later; what the same person held of it before ends there."""
    if change.until_us is not None and change.until_us <= pen.now_us:
        raise _no("shift_over", "that shift is over already", "give times to come")
    planned = change.from_us is not None and change.from_us > pen.now_us
    from_us = pen.now_us if change.from_us is None else change.from_us
    change = replace(change, from_us=from_us)
    if len(tx.duty.shifts(pen.now_us)) >= SHIFTS_MAX:
        raise _no("too_many_shifts", f"the roster has {SHIFTS_MAX} shifts to come", "leave some")
    for shift in _held(tx, pen.now_us, change):
        if change.until_us is not None and shift.from_us >= change.until_us:
            continue
        if shift.from_us >= from_us:
            tx.duty.drop_shift(shift.id)
        elif shift.until_us is None or shift.until_us > from_us:
            tx.duty.save_shift(replace(shift, until_us=from_us))
    key = f"comity/shift/v1\0{change.roles[0]}\0{change.person}\0{from_us}\0{pen.now_us}"
    tx.duty.save_shift(
        ShiftRow(
            id=sha256(key.encode()),
            role=change.roles[0],
            person=change.person,
            from_us=from_us,
            until_us=change.until_us,
            planned=planned,
        )
    )
    if not planned:
        tx.duty.set_away(same_name(change.person), None)
    return change


def _left(tx: Transaction, pen: Pen, change: RosterChange) -> None:
    """What is held ends now; what was only planned is dropped."""
    held = _held(tx, pen.now_us, change)
    if not held:
        raise _no(
            "not_on_duty", f"{change.person} does not hold {change.roles[0]!r}", "see the roster"
        )
    for shift in held:
        if not has_begun(shift, pen.now_us) or shift.from_us >= pen.now_us:
            tx.duty.drop_shift(shift.id)
        else:
            tx.duty.save_shift(replace(shift, until_us=pen.now_us))


def _held(reading: Reading, now_us: int, change: RosterChange) -> tuple[ShiftRow, ...]:
    wanted = (same_name(change.roles[0]), same_name(change.person))
    return tuple(
        shift
        for shift in reading.duty.shifts(now_us)
        if (same_name(shift.role), same_name(shift.person)) == wanted
    )


def _check_known(reading: Reading, now_us: int, person: str) -> None:
    names = {same_name(shift.person) for shift in reading.duty.shifts(now_us)}
    if same_name(person) not in names:
        raise _no("not_on_duty", f"{person} has no shift in the roster", "see the roster")


def _no(code: str, reason: str, what_to_do: str) -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do=what_to_do))
