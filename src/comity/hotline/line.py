"""How does the line to a party stand, since when, and by what was the party heard last?

Each change of state is an entry of our own journal, once, with its true bounds. A gap is ended in
the same transaction as the contact that ends it, so neither a restart nor a crash hides one: what
was the last contact before stays known until the next. Lines themselves are the exchange's; it
calls this at each proven contact, and when time may have changed a state. Read by the doors.
"""

from dataclasses import dataclass, replace

from comity.agreement.between import Between
from comity.journal.pen import Pen
from comity.model.fault import must
from comity.model.line import BEATS_MISSED_MAX, Contact, LineFact, LineState, Span
from comity.storage.lines import GapRow, LineEntryRow, LineRow
from comity.storage.rows import PeerRow
from comity.storage.store import Reading, Transaction
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import EntryType
from comity.wire.line_v1 import fields_of_line

__all__ = [
    "OFFENCES",
    "LineNow",
    "heard",
    "is_stale",
    "line_now",
    "settle_line",
    "silent_after_us",
]

OFFENCES = frozenset({"false_statement", "flooded", "overgrown", "shrunk", "stalled"})
_REASON_CHARS_MAX = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class LineNow:
    """A state, since when it holds (None: nothing was heard yet), and why."""

    state: LineState
    since_us: int | None
    reason: str = ""


def silent_after_us(between: Between) -> int:
    """So long after a contact the line is silent: the heartbeats that may be missed."""
    return BEATS_MISSED_MAX * between.rules.value("heartbeat_us")


def line_now(reading: Reading, peer: PeerRow, between: Between, now_us: int) -> LineNow:
    """How the line stands at `now_us`, whatever is on record."""
    forks = reading.post.forks(peer.origin)
    if forks:
        reason = "it signed a head that was not shown to extend the one known"
        return LineNow(state=LineState.FORKED, since_us=forks[0].at_us, reason=reason)
    if peer.contact_us is None:
        return LineNow(state=LineState.NEW, since_us=None)
    silent = now_us - peer.contact_us > silent_after_us(between)
    if silent or _stays_silent(reading, peer, now_us):
        return LineNow(state=LineState.SILENT, since_us=peer.contact_us)
    consent = between.consent
    if consent is not None and consent.suspended_us is not None:
        reason = consent.reason[:_REASON_CHARS_MAX]
        return LineNow(state=LineState.SUSPENDED, since_us=consent.suspended_us, reason=reason)
    found = reading.sky.open_warnings(sha256(peer.origin.encode()))
    open_ = [warning for warning in found if warning.kind in OFFENCES]
    if open_:
        kinds = ", ".join(sorted({warning.kind for warning in open_}))
        since_us = min(warning.raised_us for warning in open_)
        return LineNow(state=LineState.DEGRADED, since_us=since_us, reason=kinds)
    row = reading.lines.line(peer.origin)
    held = row is not None and row.state == LineState.UP
    since_us = row.since_us if row is not None and held else peer.contact_us
    return LineNow(state=LineState.UP, since_us=since_us)


def _stays_silent(reading: Reading, peer: PeerRow, now_us: int) -> bool:
    """Whether it was silent by a clock that was set back behind the last contact."""
    row = reading.lines.line(peer.origin)
    if row is None or peer.contact_us is None or peer.contact_us <= now_us:
        return False
    return (row.state, row.since_us) == (LineState.SILENT, peer.contact_us)


def heard(tx: Transaction, pen: Pen, peer: PeerRow, between: Between, index: int) -> None:
    """The party proved that it is there: our entry `index` holds the head that it signed.

    `peer` is the row from before this contact. A gap that it ends is on record with it.
    """
    row = tx.lines.line(peer.origin)
    before = peer.contact_us
    long_ago = before is not None and pen.now_us - before > silent_after_us(between)
    gap = tx.lines.open_gap(peer.origin)
    if gap is None and before is not None and long_ago:
        gap = _gap_from(tx, peer.origin, before, row)
    if gap is not None:
        until_us = max(pen.now_us, gap.from_us)
        gap = replace(gap, until_us=until_us, until_index=index)
        tx.lines.save_gap(gap)
    contact = replace(
        _LINE if row is None else row, peer=peer.origin, contact_us=pen.now_us, contact_index=index
    )
    if gap is None and row is not None:
        tx.lines.save_line(contact)
        return
    now = line_now(tx, replace(peer, contact_us=pen.now_us), between, pen.now_us)
    if row is None and gap is None:
        now = replace(now, since_us=now.since_us if now.since_us is not None else pen.now_us)
    _write(tx, pen, contact, now, gap=gap)


def settle_line(tx: Transaction, pen: Pen, peer: PeerRow, between: Between, at_us: int) -> bool:
    """Put the state on record if it is another than the one that is; whether it was.

    `at_us` is the time to hold against the last contact: our clock's, unless it was set back since.
    """
    now = line_now(tx, peer, between, at_us)
    row = tx.lines.line(peer.origin)
    unheard = _hides_gap(tx, peer, between, now, at_us)
    if now.since_us is None or not (unheard or _is_news(row, now, _down(pen, now.since_us))):
        return False
    gap = None
    if unheard:
        gap = _gap_from(tx, peer.origin, peer.contact_us or 0, row)
    elif now.state is LineState.SILENT:
        gap = tx.lines.open_gap(peer.origin) or _gap_from(tx, peer.origin, now.since_us, row)
    elif row is not None and now.state is LineState.UP:
        now = replace(now, since_us=pen.now_us)  # what made it another is over as of now
    _write(tx, pen, row or replace(_LINE, peer=peer.origin), now, gap=gap)
    return True


def is_stale(
    reading: Reading, peer: PeerRow, between: Between, now_us: int, asleep: Span | None
) -> bool:
    """Whether `settle_line` would write."""
    now = line_now(reading, peer, between, now_us)
    if now.since_us is None:
        return False
    if _hides_gap(reading, peer, between, now, now_us):
        return True
    return _is_news(reading.lines.line(peer.origin), now, _overlap(asleep, now.since_us))


_LINE = LineRow(peer="", state=LineState.NEW, since_us=0)


def _hides_gap(
    reading: Reading, peer: PeerRow, between: Between, now: LineNow, now_us: int
) -> bool:
    """Whether a line that is forked is silent too, and nothing on record says so."""
    if now.state is not LineState.FORKED or peer.contact_us is None:
        return False
    silent = now_us - peer.contact_us > silent_after_us(between)
    return silent and reading.lines.open_gap(peer.origin) is None


def _is_news(row: LineRow | None, now: LineNow, down: Span | None) -> bool:
    if row is None or row.state != now.state:
        return True
    if now.state is LineState.SILENT:
        return down is not None and down.until_us > row.down_until_us
    return now.state is not LineState.UP and row.reason != now.reason


def _gap_from(tx: Transaction, peer: str, from_us: int, row: LineRow | None) -> GapRow:
    gap = GapRow(
        peer=peer,
        from_us=from_us,
        from_index=None if row is None else row.contact_index,
        until_us=None,
        until_index=None,
    )
    tx.lines.save_gap(gap)
    return gap


def _down(pen: Pen, since_us: int) -> Span | None:
    return _overlap(pen.asleep, since_us)


def _overlap(asleep: Span | None, since_us: int) -> Span | None:
    """The time in which this node may not have run, from `since_us` on."""
    if asleep is None or asleep.until_us <= since_us:
        return None
    return Span(from_us=max(asleep.from_us, since_us), until_us=asleep.until_us)


def _write(tx: Transaction, pen: Pen, row: LineRow, now: LineNow, *, gap: GapRow | None) -> None:
    """One entry, and the rows that follow from it."""
    must(now.since_us is not None, "what is on record of a line has a beginning")
    since_us = now.since_us or 0
    pen.claim_floor()  # it passes on a full disk and by any clock: a gap is never hidden
    down = None if gap is None else _down(pen, gap.from_us)
    if down is not None and down.until_us <= row.down_until_us:
        down = None  # it is on record
    fact = LineFact(
        party=row.peer,
        state=now.state,
        since_us=since_us,
        reason=now.reason,
        contact=_contact(row),
        gap=_ended(gap),
        down=down,
    )
    content = pen.seal(fields_of_line(fact))
    refs = tuple(dict.fromkeys(_leaves(tx, row.contact_index, gap)))
    written = pen.write_content(EntryType.PARTY, pen.origin, content, refs, floor=True)
    tx.lines.save_line_entry(
        LineEntryRow(
            index=written.index,
            peer=row.peer,
            at_us=pen.now_us,
            state=now.state,
            since_us=since_us,
            reason=now.reason,
            gap_from_us=None if gap is None else gap.from_us,
            down_from_us=None if down is None else down.from_us,
            down_until_us=None if down is None else down.until_us,
        )
    )
    until_us = row.down_until_us if down is None else down.until_us
    tx.lines.save_line(
        replace(row, state=now.state, since_us=since_us, reason=now.reason, down_until_us=until_us)
    )


def _contact(row: LineRow) -> Contact | None:
    if row.contact_us is None or row.contact_index is None:
        return None
    return Contact(at_us=row.contact_us, index=row.contact_index)


def _ended(gap: GapRow | None) -> Span | None:
    if gap is None or gap.until_us is None:
        return None
    return Span(from_us=gap.from_us, until_us=gap.until_us)


def _leaves(tx: Transaction, contact: int | None, gap: GapRow | None) -> list[bytes]:
    """The leaves of our entries that hold the heads: before a gap, and of the last contact."""
    indices = (None if gap is None else gap.from_index, contact)
    found = (None if index is None else tx.journal.entry(index) for index in indices)
    return [entry.leaf for entry in found if entry is not None]
