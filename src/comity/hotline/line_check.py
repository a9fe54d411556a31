"""Twice a day a person at each side shows that a person is at the other: is it due, was it done?

The hours are agreed (`line_check_first_us`, `line_check_second_us`, UTC). A check is L1 LINE CHECK
of either side, answered by a person of the other. When one is due both sides are prompted by a
warning; when nobody has made it half an hour later there is another, until one is answered. Called
by the exchange's watcher, by `message`, and by the doors.
"""

from dataclasses import replace

from comity.agreement.between import Between
from comity.journal.pen import Pen
from comity.journal.warn import clear_warnings, raise_warning
from comity.model.party import party_name
from comity.model.quantity import SECOND_US, instant_text
from comity.storage.lines import CheckRow, LineRow
from comity.storage.rows import PeerRow
from comity.storage.store import Reading, Transaction
from comity.wire.canonical import sha256

__all__ = [
    "LINE_CHECK",
    "checked",
    "next_after_us",
    "next_check_us",
    "settle_check",
]

LINE_CHECK = "L1"
_HOURS = ("line_check_first_us", "line_check_second_us")
_DUE, _OVERDUE = "line_check_due", "line_check_overdue"
_DAY_US = 86_400 * SECOND_US
_EARLY_US = 3_600 * SECOND_US  # a check that was made so shortly before the hour stands for it
_LATE_US = 1_800 * SECOND_US


def next_after_us(between: Between, now_us: int) -> int:
    """The first hour of a check after `now_us`, microseconds UTC."""
    hours = {between.rules.value(name) % _DAY_US for name in _HOURS}
    midnight_us = now_us - now_us % _DAY_US
    moments = (midnight_us + day * _DAY_US + hour for day in (0, 1) for hour in hours)
    return min(moment for moment in moments if moment > now_us)


def next_check_us(reading: Reading, peer: PeerRow) -> int | None:
    """When `settle_check` has something to do about a line: None before it was heard."""
    row = reading.lines.line(peer.origin)
    if row is None:
        return None
    dues = (row.check_next_us, row.check_late_us)
    return min((due for due in dues if due is not None), default=0)


def settle_check(tx: Transaction, pen: Pen, peer: PeerRow, between: Between) -> None:
    """Prompt for a check whose hour has come, warn of one that is overdue, and set the next hour.

    Of hours that passed while this node did not run the last counts.
    """
    row = tx.lines.line(peer.origin)
    if row is None:
        return
    due_us = row.check_next_us
    if due_us is not None and due_us <= pen.now_us:
        row = _prompted(tx, pen, row, _last_hour(between, due_us, pen.now_us))
    if row.check_next_us is None or row.check_next_us <= pen.now_us:
        row = replace(row, check_next_us=next_after_us(between, pen.now_us))
    if row.check_late_us is not None and row.check_late_us <= pen.now_us:
        text = (
            f"no line check with {party_name(row.peer)} was answered by a person since it was due "
            f"at {instant_text(row.check_open_us or pen.now_us)}"
        )
        raise_warning(tx, pen, _OVERDUE, _about(row.peer), text=text, party=row.peer)
        row = replace(row, check_late_us=None)
    tx.lines.save_line(row)


def checked(tx: Transaction, pen: Pen, row: CheckRow) -> None:
    """A person has answered a line check: it is on record, and nothing is due until the next."""
    tx.lines.save_check(row)
    for kind in (_DUE, _OVERDUE):
        clear_warnings(tx, pen, kind, _about(row.peer), party=row.peer)
    line = tx.lines.line(row.peer)
    if line is not None:
        tx.lines.save_line(replace(line, check_open_us=None, check_late_us=None))


def _prompted(tx: Transaction, pen: Pen, row: LineRow, due_us: int) -> LineRow:
    last = tx.lines.newest_check(row.peer)
    if last is not None and last.answered_us >= due_us - _EARLY_US:
        return row
    text = (
        f"the line check with {party_name(row.peer)} is due since {instant_text(due_us)}: a person "
        "says L1, a person there answers"
    )
    raise_warning(tx, pen, _DUE, _about(row.peer), text=text, party=row.peer)
    return replace(row, check_open_us=due_us, check_late_us=due_us + _LATE_US)


def _last_hour(between: Between, due_us: int, now_us: int) -> int:
    """The last hour of a check that has come, from the one that was due on."""
    latest = due_us
    day_before = next_after_us(between, now_us - _DAY_US)
    while day_before <= now_us:  # at most two
        latest = max(latest, day_before)
        day_before = next_after_us(between, day_before)
    return latest


def _about(peer: str) -> bytes:
    return sha256(peer.encode())
