"""The figures of our lines: `GET /api/v1/hotline-metrics`.

A long record is read in pieces, so that others are served between them. Called by way of the table.
"""

import asyncio
from dataclasses import asdict, dataclass
from functools import partial

import msgspec

from comity.agreement.resolve import Rules
from comity.hotline.exchanged import Exchanged, Walk, Way, newest_receipt, walk_back
from comity.hotline.metrics import figures_of, marks_of, terms_id
from comity.intake.terms import agreed
from comity.model.fault import Malformed, Refusal, Refused, Unreadable
from comity.model.quantity import instant_text, instant_us
from comity.storage.store import Reading
from comity.web.api.shapes import Page
from comity.web.api.shapes_hotline_metrics import HotlineMetricsView, WayView
from comity.web.api.translate import parties_from
from comity.web.api.views import when
from comity.web.gate import Admitted
from comity.web.problem import BadField
from comity.web.route import Answer
from comity.wire.canonical import decimal
from comity.wire.limits import METRICS_RECEIPTS_MAX

__all__ = ["Records", "Span", "listed", "measured"]

_PIECE = 200  # receipts in one reading: some 20 ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What is considered: entries taken from `since_us` on and before `until_us` (None: all)."""

    since_us: int | None = None
    until_us: int | None = None

    def begins_after(self, taken_us: int) -> bool:
        """Whether it begins after this."""
        return self.since_us is not None and taken_us < self.since_us

    def holds(self, taken_us: int) -> bool:
        """Whether it is in there."""
        return not self.begins_after(taken_us) and (
            self.until_us is None or taken_us < self.until_us
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """One direction as far as it is considered: its cut, and what was exchanged, oldest first."""

    way: Way
    receipts: int
    broken: bool
    found: tuple[Exchanged, ...]


async def listed(call: Admitted) -> Answer:
    """The figures of one line, or of all."""
    span = Span(since_us=_instant(call, "since"), until_us=_instant(call, "until"))
    if span.until_us is not None and span.until_us > call.now_us:
        raise BadField("what is to come cannot be measured", code="bad_query", field="until")
    own, roster = call.node.origin, call.node.roster.now
    wanted = call.query.get("party")
    parties = sorted(roster.peers) if wanted is None else parties_from((wanted,), roster)
    cuts = _cuts(call)
    if cuts and wanted is None:
        raise BadField("a cut is one line's: name the party", code="bad_query", field="party")
    found = call.read(lambda reading: agreed(reading, own, call.now_us))
    items = []
    for party in parties:
        there = Way(giver=own, taker=party)
        back = Way(giver=party, taker=own)
        records = (
            await _records(call, there, span, cuts.get("given")),
            await _records(call, back, span, cuts.get("taken")),
        )
        rules = found.toward(party).rules
        items.append(await asyncio.to_thread(measured, own, party, span, records, rules))
    return Answer(body=msgspec.json.encode(Page(items=items)))


def measured(
    own: str, party: str, span: Span, records: tuple[Records, Records], rules: Rules
) -> HotlineMetricsView:
    """The figures of one line, of both its directions by name."""
    newest = [each.taken_us for way in records for each in way.found]
    as_of_us = span.until_us if span.until_us is not None else max(newest, default=None)
    one, other = sorted(records, key=lambda each: each.way.giver)
    try:
        ways = [_way(one, other, rules, as_of_us or 0), _way(other, one, rules, as_of_us or 0)]
    except Malformed as error:
        raise Unreadable(f"what is kept cannot be counted: {error.reason}") from error
    return HotlineMetricsView(
        own=own,
        party=party,
        since=when(span.since_us),
        until=when(span.until_us),
        as_of=None if as_of_us is None else instant_text(as_of_us),
        terms=terms_id(rules),
        ways=ways,
    )


def _way(forth: Records, back: Records, rules: Rules, as_of_us: int) -> WayView:
    figures = figures_of(forth.way, forth.found, back.found, rules, as_of_us)
    shown = {
        "giver": forth.way.giver,
        "taker": forth.way.taker,
        "receipts": forth.receipts,
        "first": forth.found[0].number if forth.found else None,
        "broken": forth.broken,
        "marks": [asdict(mark) for mark in marks_of(forth.found)],
        **asdict(figures),
    }
    return msgspec.convert(shown, WayView)


async def _records(call: Admitted, way: Way, span: Span, cut: int | None) -> Records:
    """Walk the chain back from the cut, or its end, to where the span begins."""
    count, receipt = call.read(lambda reading: newest_receipt(reading, way))
    if cut is not None and cut > count:
        raise _beyond(way, count)
    found: list[Exchanged] = []
    broken = False
    while receipt is not None:  # each piece goes further back; METRICS_RECEIPTS_MAX ends it
        walk = await asyncio.to_thread(call.read, partial(_piece, receipt))
        receipt, broken = walk.before, walk.broken
        for each in walk.found:
            if cut is not None and each.number >= cut:
                continue
            if span.begins_after(each.taken_us):
                receipt = None
                break
            if span.holds(each.taken_us):
                found.append(each)
            if len(found) > METRICS_RECEIPTS_MAX:
                raise _too_long()
    return Records(
        way=way,
        receipts=count if cut is None else cut,
        broken=broken,
        found=tuple(reversed(found)),
    )


def _piece(receipt: bytes, reading: Reading) -> Walk:
    return walk_back(reading, receipt, _PIECE)


def _instant(call: Admitted, name: str) -> int | None:
    text = call.query.get(name)
    if text is None:
        return None
    try:
        return instant_us(text)
    except Malformed as error:
        raise BadField(error.reason, code=error.code, field=name) from error


def _cuts(call: Admitted) -> dict[str, int]:
    """How many receipts of each direction are considered, where that is said."""
    return {name: decimal(call.query[name]) for name in ("given", "taken") if name in call.query}


def _beyond(way: Way, count: int) -> Refused:
    return Refused(
        Refusal(
            code="cut_not_reached",
            reason=f"{count} receipts of {way.taker} for {way.giver} are here, and no more",
            what_to_do="wait for the line, or let the other side compute up to there",
        )
    )


def _too_long() -> Refused:
    return Refused(
        Refusal(
            code="too_much_to_measure",
            reason=f"more than {METRICS_RECEIPTS_MAX} entries of one direction are in that time",
            what_to_do="measure a shorter time: name since and until",
        )
    )
