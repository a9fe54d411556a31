"""The end of a try, in one work: the row, the entry that says so, and the warning about the outlet.

Each end (accepted, refused, given up) is an entry of our own journal; tries in between are not. It
is written by any clock, since it has happened, and on a full disk if the thing is of the safety
floor. Called by the teller and the sender.
"""

from dataclasses import dataclass, replace

from comity.journal.pen import Pen
from comity.journal.warn import clear_warnings, raise_warning
from comity.model.outlet import DispatchState, Outlet
from comity.model.quantity import SECOND_US, instant_text
from comity.storage.dispatches import DispatchRow
from comity.storage.store import Transaction
from comity.wire.canonical import sha256
from comity.wire.dispatch_v1 import DispatchRecord, fields_of_dispatch
from comity.wire.entry_v1 import EntryType

__all__ = ["LATE_US", "NOT_DISPATCHED", "Try", "finish", "warning_about"]

NOT_DISPATCHED = "not_dispatched"
LATE_US = 300 * SECOND_US  # a person hears of an outlet that takes nothing while there is time
_LEFT = frozenset({DispatchState.REFUSED, DispatchState.GIVEN_UP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """What a try made of a dispatch: its new state, when it is tried again, what was sent and said.

    `sent` is None if nothing was sent this time: it is over all the same. `quiet` raises no
    warning: it is over for a reason that lies with us.
    """

    id: bytes
    state: DispatchState
    due_us: int | None
    answer: str
    sent: bytes | None
    quiet: bool = False


def warning_about(outlet: str) -> bytes:
    """What a warning about an outlet is about."""
    return sha256(b"comity/outlet/v1\0" + outlet.encode())


def finish(
    tx: Transaction, pen: Pen, done: Try, outlet: Outlet | None, *, attempted: bool = True
) -> None:
    """Bring a dispatch that waits up to date; nothing happens if it is over, or purged."""
    row = tx.dispatches.dispatch(done.id)
    if row is None or row.due_us is None:
        return
    if row.floor:
        pen.claim_floor()
    over = done.state is not DispatchState.WAITING
    after = replace(
        row,
        state=done.state,
        attempts=row.attempts + int(attempted),
        due_us=None if over else done.due_us,
        answer=done.answer,
        done_us=pen.now_us if over else None,
    )
    tx.dispatches.save_dispatch(after)
    if over:
        _record(pen, after, done, outlet)
    if not done.quiet:
        _warn(tx, pen, after)


def _record(pen: Pen, row: DispatchRow, done: Try, outlet: Outlet | None) -> None:
    record = DispatchRecord(
        state=row.state,
        id=row.id,
        of=row.of,
        about=row.about,
        kind=row.kind,
        outlet=row.outlet,
        channel="" if outlet is None else outlet.target.channel,
        to="" if outlet is None else outlet.target.place,
        attempts=row.attempts,
        sent=done.sent,
        answer=row.answer,
    )
    content = pen.seal(fields_of_dispatch(record))
    pen.write_content(EntryType.CALL, pen.origin, content, floor=True)


def _warn(tx: Transaction, pen: Pen, row: DispatchRow) -> None:
    """One open warning an outlet: its words are those of the first thing that it did not take."""
    about = warning_about(row.outlet)
    if row.state == DispatchState.ACCEPTED:
        clear_warnings(tx, pen, NOT_DISPATCHED, about)
        return
    if row.state in _LEFT:
        text = f"outlet {row.outlet}: {row.kind} was {row.state}: {row.answer}"
    elif pen.now_us - row.made_us >= LATE_US:
        since = instant_text(row.made_us)
        text = f"outlet {row.outlet} has not taken {row.kind} since {since}: {row.answer}"
    else:
        return
    raise_warning(tx, pen, NOT_DISPATCHED, about, text=text)
