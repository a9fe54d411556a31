"""Who holds which role now, and is present: read from the roster, asked before each answer.

Where no roster is set, everybody who has a key may answer as whom he says he is. Called by the
desks of this room and the doors.
"""

from comity.journal.pen import Pen
from comity.journal.warn import clear_warnings, raise_warning
from comity.model.duty import checked_person, same_name
from comity.model.fault import Refusal, Refused
from comity.storage.duty import ShiftRow
from comity.storage.store import Reading, Transaction
from comity.wire.entry_v1 import EntryType
from comity.wire.warning_v1 import fields_of_warning

__all__ = [
    "NOT_ON_DUTY",
    "check_on_duty",
    "clear_refused_answer",
    "has_begun",
    "holders",
    "note_refused_answer",
]

NOT_ON_DUTY = "not_on_duty"
_REFUSED = "answer_refused"


def holders(reading: Reading, role: str, now_us: int) -> tuple[str, ...]:
    """Who holds a role at `now_us` and is not away, by the start of their shifts, each once."""
    away = set(reading.duty.away())
    found = [
        shift.person
        for shift in reading.duty.shifts(now_us)
        if has_begun(shift, now_us)
        and same_name(shift.role) == same_name(role)
        and same_name(shift.person) not in away
    ]
    return tuple(dict.fromkeys(found))


def has_begun(shift: ShiftRow, now_us: int) -> bool:
    """Whether a shift that is not over counts yet."""
    return not shift.planned or shift.from_us <= now_us


def check_on_duty(reading: Reading, now_us: int, role: str, person: str = "") -> None:
    """Refused (`not_on_duty`) if a roster is set and nobody, or not `person`, holds the role."""
    if not reading.duty.chain():
        return
    if person:
        checked_person(person)
    present = holders(reading, role, now_us)
    if person and same_name(person) not in map(same_name, present):
        raise _not_on_duty(f"{person} does not hold the role {role!r} now", role)
    if not present:
        raise _not_on_duty(f"nobody who is present holds the role {role!r} now", role)


def note_refused_answer(
    tx: Transaction, pen: Pen, about: bytes, *, refusal: Refusal, by: str
) -> None:
    """Somebody answered here without the role, and was refused: it is recorded, and shown.

    Once, until somebody who may has answered: who tries a hundred times fills no disk.

    `by` is the name of the bearer key. It is of the floor: the thing it is about may be.
    """
    pen.claim_floor()
    text = f"an answer by the key {by!r} was refused: {refusal.reason}"
    if raise_warning(tx, pen, "answer_refused", about, text=text, party=pen.origin):
        fields = fields_of_warning(kind=_REFUSED, party=pen.origin, text=text)
        pen.write_content(EntryType.WARNING, pen.origin, pen.seal(fields))


def clear_refused_answer(tx: Transaction, pen: Pen, about: bytes) -> None:
    """Who may has answered it now: nobody need look at the refusal, which stays on record."""
    clear_warnings(tx, pen, _REFUSED, about, pen.origin)


def _not_on_duty(reason: str, role: str) -> Refused:
    return Refused(
        Refusal(
            code="not_on_duty",
            reason=reason,
            what_to_do=f"take it first: comity hotline roster take {role!r} --person NAME",
            field="role",
        )
    )
