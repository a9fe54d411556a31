"""How each line stands, its gaps, and the checks by people. Called by way of the table."""

from comity.hotline.line import line_now, silent_after_us
from comity.hotline.line_check import next_after_us
from comity.intake.terms import Agreed, agreed
from comity.model.fault import Malformed
from comity.model.party import party_name
from comity.model.quantity import SECOND_US, instant_text
from comity.storage.lines import CheckRow, GapRow, LineRow
from comity.storage.rows import PeerRow
from comity.storage.store import Reading
from comity.web.api.notices import limit_in
from comity.web.api.shapes import Page
from comity.web.api.shapes_lines import CheckView, DownView, GapView, LineCheckView, LineView
from comity.web.api.translate import parties_from
from comity.web.api.views import when
from comity.web.gate import Admitted
from comity.web.problem import BadField
from comity.wire.canonical import decimal

__all__ = ["gaps_listed", "listed"]

_GAPS_COUNTED_MAX = 1_000


def listed(call: Admitted) -> Page[LineView]:
    """All lines."""

    def query(reading: Reading) -> Page[LineView]:
        found = agreed(reading, call.node.origin, call.now_us)
        peers = reading.post.peers()
        return Page(items=[_view(reading, peer, found, call.now_us) for peer in peers])

    return call.read(query)


def gaps_listed(call: Admitted) -> Page[GapView]:
    """A page of gaps, of one line or of all, newest first."""
    limit, after, name = limit_in(call), _after_in(call), call.query.get("party")
    party = None
    if name is not None:
        (party,) = parties_from((name,), call.node.roster.now)

    def query(reading: Reading) -> Page[GapView]:
        rows = reading.lines.gaps(party, after, limit + 1)
        items = [_gap(reading, row, call.now_us) for row in rows[:limit]]
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(items=items, next=None if last is None else f"{last.from_us},{last.peer}")

    return call.read(query)


def _after_in(call: Admitted) -> tuple[int, str] | None:
    text = call.query.get("after")
    if text is None:
        return None
    from_us, _, peer = text.partition(",")
    try:
        return decimal(from_us), peer
    except Malformed as error:
        raise BadField("after is the `next` of a page", code="bad_query", field="after") from error


def _view(reading: Reading, peer: PeerRow, found: Agreed, now_us: int) -> LineView:
    between = found.toward(peer.origin)
    now = line_now(reading, peer, between, now_us)
    row = reading.lines.line(peer.origin)
    gap = reading.lines.open_gap(peer.origin)
    check = None
    if row is not None:
        last = reading.lines.newest_check(peer.origin)
        check = _line_check(row, last, next_after_us(between, now_us), now_us)
    return LineView(
        party=party_name(peer.origin),
        origin=peer.origin,
        state=now.state.value,
        since=when(now.since_us),
        reason=now.reason,
        heard=when(peer.contact_us),
        contact=None if row is None else when(row.contact_us),
        contact_entry=None if row is None else row.contact_index,
        silent_after_s=silent_after_us(between) / SECOND_US,
        gap=None if gap is None else _gap(reading, gap, now_us),
        gaps=len(reading.lines.gaps(peer.origin, None, _GAPS_COUNTED_MAX)),
        check=check,
    )


def _gap(reading: Reading, row: GapRow, now_us: int) -> GapView:
    entries = reading.lines.gap_entries(row.peer, row.from_us)
    until_us = now_us if row.until_us is None else row.until_us
    return GapView(
        party=row.peer,
        start=instant_text(row.from_us),
        end=when(row.until_us),
        seconds=(until_us - row.from_us) / SECOND_US,
        entries=[entry.index for entry in entries],
        head_before=row.from_index,
        head_after=row.until_index,
        down=[
            DownView(start=instant_text(each.down_from_us), end=instant_text(each.down_until_us))
            for each in entries
            if each.down_from_us is not None and each.down_until_us is not None
        ],
    )


def _line_check(row: LineRow, last: CheckRow | None, next_us: int, now_us: int) -> LineCheckView:
    open_us, late_us = row.check_open_us, row.check_late_us
    return LineCheckView(
        next=instant_text(next_us),
        open_since=when(open_us),
        overdue=open_us is not None and (late_us is None or late_us <= now_us),
        last=None if last is None else _check(last),
    )


def _check(row: CheckRow) -> CheckView:
    trip_us = row.answered_us - row.asked_us
    asked_here = row.asker != row.peer
    there_us: int | None = trip_us
    if asked_here:
        known = row.there_from_us is not None and row.there_until_us is not None
        there_us = (row.there_until_us or 0) - (row.there_from_us or 0) if known else None
    return CheckView(
        message=row.of.hex(),
        asker=row.asker,
        asker_role=row.asker_role,
        answerer_role=row.answerer_role,
        asked=instant_text(row.asked_us),
        answered=instant_text(row.answered_us),
        round_trip_s=trip_us / SECOND_US if asked_here else None,
        there_s=None if there_us is None else there_us / SECOND_US,
    )
